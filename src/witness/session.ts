/**
 * A witness program in a thread of its own, so that the caller can show progress and cancel while it computes.
 */
import type { CircuitInput } from './program.js';
import { scriptBeside, startThread } from './thread.js';

export type WitnessSession = {
  /**
   * Computes all wires, one call at a time.
   *
   * @returns Canonical 32-byte little-endian elements, wire 0 first.
   * @throws {ZkFinalityError} As {@link WitnessProgram.compute}; `WORKER_DIED` if the thread ends; `WORKER_HUNG` if it does not answer
   *   in time, which ends it; `CANCELLED` on abort.
   */
  readonly compute: (input: CircuitInput) => Promise<Uint8Array>;
  /** Ends the thread. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** A program of millions of wires runs for a minute; one that loops for ever gives no other sign. */
export const PATIENCE_MS = 30 * 60_000;

/**
 * Starts a thread for one witness program, which compiles it at once.
 *
 * @param options.wasmPath - Path of the program.
 * @param options.signal - Aborting it ends the thread at once.
 * @param options.patienceMs - How long a computation may take; default 30 minutes.
 */
export async function createWitnessSession(options: {
  readonly wasmPath: string;
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
}): Promise<WitnessSession> {
  const { wasmPath, signal, patienceMs = PATIENCE_MS } = options;
  const { ask, close } = await startThread<CircuitInput, Uint8Array>({
    script: scriptBeside(import.meta.url, 'witness', 'worker.js'),
    data: { wasmPath },
    subject: wasmPath,
    doing: 'computing the witness',
    patienceMs,
    ...(signal === undefined ? {} : { signal }),
  });
  return { compute: ask, close };
}
