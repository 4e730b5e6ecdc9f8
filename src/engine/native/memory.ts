/**
 * The native engine's memory: every buffer is a mapping of its own, straight from the system and on large pages.
 *
 * Freeing a buffer detaches its ArrayBuffer, so that views that are still held become empty and cannot touch memory that is gone. The
 * mapping itself goes when no operation runs.
 */
import { totalmem } from 'node:os';
import { EnvironmentError, UsageError } from '../../statement/errors.js';
import { checkPart, checkSize } from '../arguments.js';
import type { SharedMemory } from '../memory.js';
import type { EngineBuffer } from '../types.js';
import type { Addon } from './addon.js';

export type NativeMemory = Omit<SharedMemory, 'memory'> & {
  /** Mappings of freed buffers stay until {@link NativeMemory.release} while this is true. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Detaches and unmaps everything; from now on `free` has nothing to do. */
  readonly close: () => void;
  /** Detaches everything and leaves it mapped, for threads that hang: from now on `free` has nothing to do. */
  readonly abandon: () => void;
};

type LiveBuffer = { readonly buffer: ArrayBuffer; readonly sizeBytes: number };

const mebibytes = (sizeBytes: number): string => `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`;

/** What this process may use at all: the machine's memory or its container's limit. */
function limitBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

export function createNativeMemory(addon: Addon): NativeMemory {
  const live = new Map<number, LiveBuffer>();
  const waiting: number[] = [];
  let isHeld = false;
  let isClosed = false;
  let used = 0;
  let peak = 0;

  const outOfMemory = (sizeBytes: number, limit: number): EnvironmentError =>
    new EnvironmentError(
      'OUT_OF_MEMORY',
      `engine memory: expected room for ${mebibytes(sizeBytes)}, got ${mebibytes(used)} in use and ${mebibytes(Math.max(0, limit - used))} free of ${mebibytes(limit)}. Free buffers, prove a smaller circuit, or use a machine with more memory.`,
    );

  const alloc = (sizeBytes: number): EngineBuffer => {
    checkSize(sizeBytes);
    const limit = limitBytes();
    const buffer = used + sizeBytes > limit ? null : addon.allocate(sizeBytes);
    if (buffer === null) throw outOfMemory(sizeBytes, limit);
    const ptr = addon.address(buffer);
    live.set(ptr, { buffer, sizeBytes });
    used += sizeBytes;
    peak = Math.max(peak, used);
    return { ptr, sizeBytes };
  };

  const drop = (ptr: number, buffer: ArrayBuffer): void => {
    // One that was transferred to another thread is unmapped when its new owner lets go.
    if (!addon.detach(buffer)) return;
    if (isHeld) waiting.push(ptr);
    else addon.unmap(ptr);
  };

  const free = ({ ptr, sizeBytes }: EngineBuffer): void => {
    if (isClosed) return;
    const found = live.get(ptr);
    if (found === undefined) {
      throw new UsageError(
        'BUFFER_UNKNOWN',
        `free: expected a live buffer of this engine, got one of ${sizeBytes} bytes at ${ptr}. Free each buffer once.`,
      );
    }
    live.delete(ptr);
    used -= found.sizeBytes;
    drop(ptr, found.buffer);
  };

  const bytes = (buffer: EngineBuffer, offsetBytes = 0, sizeBytes?: number): Uint8Array => {
    const found = live.get(buffer.ptr);
    const size = checkPart(buffer, found?.sizeBytes, offsetBytes, sizeBytes);
    return new Uint8Array((found as LiveBuffer).buffer, offsetBytes, size);
  };

  const release = (): void => {
    isHeld = false;
    for (const ptr of waiting.splice(0)) addon.unmap(ptr);
  };

  const dropAll = (): void => {
    isClosed = true;
    for (const [ptr, { buffer }] of live) drop(ptr, buffer);
    live.clear();
    used = 0;
  };

  return {
    alloc,
    free,
    bytes,
    usage: () => ({ usedBytes: used, peakBytes: peak }),
    hold: () => {
      isHeld = true;
    },
    release,
    close: () => {
      release();
      dropAll();
    },
    abandon: () => {
      isHeld = true;
      dropAll();
    },
  };
}
