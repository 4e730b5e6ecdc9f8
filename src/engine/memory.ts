/** The engine's memory: one shared WebAssembly memory, and the list of what is free in it. */
import { EnvironmentError, UsageError } from '../statement/errors.js';
import { checkPart, checkSize } from './arguments.js';
import type { EngineBuffer } from './types.js';
import { CONSTANTS_END, MAXIMUM_PAGES } from './wasm/layout.js';

const PAGE_BYTES = 65536;
const ALIGNMENT = 64;
/** The last page is never given out, so that the end of a buffer is always a 32-bit address. */
const LIMIT_BYTES = (MAXIMUM_PAGES - 1) * PAGE_BYTES;
/** Memory grows at least by this much at a time. */
const GROWTH_BYTES = 16 * 1024 * 1024;

/** Memory with an allocator (first fit, neighbours joined when freed). */
export type SharedMemory = {
  readonly memory: WebAssembly.Memory;
  readonly alloc: (sizeBytes: number) => EngineBuffer;
  readonly free: (buffer: EngineBuffer) => void;
  readonly bytes: (buffer: EngineBuffer, offsetBytes?: number, sizeBytes?: number) => Uint8Array;
  readonly usage: () => { readonly usedBytes: number; readonly peakBytes: number };
};

const mebibytes = (sizeBytes: number): string => `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * Reserves up to 4 GiB of addresses; pages are committed as they are needed.
 *
 * @throws EnvironmentError `OUT_OF_MEMORY` when even the first pages cannot be had.
 */
export function createSharedMemory(): SharedMemory {
  const memory = createMemory();
  let top = CONSTANTS_END;
  let used = 0;
  let peak = 0;
  let holes: { ptr: number; size: number }[] = [];
  const sizes = new Map<number, number>();

  const outOfMemory = (size: number, cause?: unknown): EnvironmentError => {
    const free = LIMIT_BYTES - used - CONSTANTS_END;
    return new EnvironmentError(
      'OUT_OF_MEMORY',
      `engine memory: expected room for ${mebibytes(size)}, got ${mebibytes(used)} in use and ${mebibytes(free)} free of ${mebibytes(LIMIT_BYTES)}. Free buffers, prove a smaller circuit, or use a machine with more memory.`,
      { cause },
    );
  };
  const growTo = (end: number, size: number): void => {
    const missing = end - memory.buffer.byteLength;
    if (missing <= 0) return;
    if (end > LIMIT_BYTES) throw outOfMemory(size);
    const wanted = Math.min(
      Math.max(missing, GROWTH_BYTES),
      MAXIMUM_PAGES * PAGE_BYTES - memory.buffer.byteLength,
    );
    try {
      memory.grow(Math.ceil(wanted / PAGE_BYTES));
    } catch (cause) {
      throw outOfMemory(size, cause);
    }
  };

  const alloc = (sizeBytes: number): EngineBuffer => {
    checkSize(sizeBytes);
    const size = Math.max(ALIGNMENT, Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT);
    const hole = holes.find((candidate) => candidate.size >= size);
    let ptr = top;
    if (hole !== undefined) {
      ptr = hole.ptr;
      hole.ptr += size;
      hole.size -= size;
      if (hole.size === 0) holes = holes.filter((other) => other !== hole);
    } else {
      growTo(top + size, size);
      top += size;
    }
    sizes.set(ptr, size);
    used += size;
    peak = Math.max(peak, used);
    return { ptr, sizeBytes };
  };

  const free = (buffer: EngineBuffer): void => {
    const size = sizes.get(buffer.ptr);
    if (size === undefined) {
      throw new UsageError(
        'BUFFER_UNKNOWN',
        `free: no buffer of this engine begins at ${buffer.ptr}. Free each buffer once.`,
      );
    }
    sizes.delete(buffer.ptr);
    used -= size;
    holes.push({ ptr: buffer.ptr, size });
    holes.sort((a, b) => a.ptr - b.ptr);
    const joined: typeof holes = [];
    for (const hole of holes) {
      const last = joined.at(-1);
      if (last !== undefined && last.ptr + last.size === hole.ptr) last.size += hole.size;
      else joined.push(hole);
    }
    const last = joined.at(-1);
    if (last !== undefined && last.ptr + last.size === top) {
      top = last.ptr;
      joined.pop();
    }
    holes = joined;
  };

  const bytes = (buffer: EngineBuffer, offsetBytes = 0, sizeBytes?: number): Uint8Array => {
    const size = checkPart(buffer, sizes.get(buffer.ptr), offsetBytes, sizeBytes);
    return new Uint8Array(memory.buffer, buffer.ptr + offsetBytes, size);
  };

  return { memory, alloc, free, bytes, usage: () => ({ usedBytes: used, peakBytes: peak }) };
}

function createMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES, shared: true });
  } catch (cause) {
    const message =
      'engine memory: cannot reserve 4 GiB of addresses. Close other engines or raise the address space limit (ulimit -v).';
    throw new EnvironmentError('OUT_OF_MEMORY', message, { cause });
  }
}
