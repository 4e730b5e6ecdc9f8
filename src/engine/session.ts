/** What the engine's operations share: the threads, the memory, and helpers to hold buffers for as long as a call. */
import type { SharedMemory } from './memory.js';
import type { Team } from './threads/team.js';
import type { OnProgress } from './types.js';

/** One engine's threads and memory. */
export type Session = {
  readonly team: Team;
  readonly memory: SharedMemory;
  /** Runs every chunk of a task on all threads. */
  readonly run: (
    task: string,
    args: readonly number[],
    chunks: number,
    onProgress?: OnProgress,
  ) => Promise<void>;
  /** All memory as 32-bit words, as large as it is now. */
  readonly words: () => Uint32Array;
};

/** Takes buffers from the engine's memory. */
export type Reserve = (sizeBytes: number) => number;

export function createSession(team: Team, memory: SharedMemory): Session {
  return {
    team,
    memory,
    run: (task, args, chunks, onProgress) => team.run({ task, args, chunks }, onProgress),
    words: () => new Uint32Array(memory.memory.buffer),
  };
}

/** Calls `use` with a way to reserve memory that is freed when it is done. */
export async function withScratch<T>(session: Session, use: (reserve: Reserve) => Promise<T>): Promise<T> {
  const held: { ptr: number; sizeBytes: number }[] = [];
  const reserve = (sizeBytes: number): number => {
    const buffer = session.memory.alloc(sizeBytes);
    held.push(buffer);
    return buffer.ptr;
  };
  try {
    return await use(reserve);
  } finally {
    for (const buffer of held) session.memory.free(buffer);
  }
}

/** Writes a scalar's 32 bytes, little endian. */
export function writeScalar(session: Session, address: number, value: bigint): void {
  const bytes = new Uint8Array(session.memory.memory.buffer, address, 32);
  for (let i = 0; i < 32; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 255n);
}
