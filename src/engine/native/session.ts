/** One native engine's calls: one after the other, with progress, cancellation and an end. */
import { EnvironmentError, UsageError, type ZkFinalityError } from '../../statement/errors.js';
import { type CallQueue, createQueue } from '../queue.js';
import type { OnProgress } from '../types.js';
import { type Addon, type Handle, type Response, STATUS } from './addon.js';
import type { NativeMemory } from './memory.js';

export type NativeSession = {
  /** Rejects at once when the engine is cancelled or closed. */
  readonly enqueue: CallQueue['enqueue'];
  /** Runs one operation of the addon, inside a call. */
  readonly run: (
    operation: number,
    numbers: readonly number[],
    options?: { readonly bytes?: Uint8Array; readonly onProgress?: OnProgress | undefined },
  ) => Promise<Response>;
  /** Throws what every call must fail with, if there is something. */
  readonly assertUsable: () => void;
  readonly close: () => Promise<void>;
};

const PROGRESS_INTERVAL_MS = 100;
/** Chunks take milliseconds; the longest steps between them, at the end of large sums, less than a second. */
export const PATIENCE_MS = 120_000;
/** Looks at the threads in one such time. Several, so that a suspended machine does not look like a hung one. */
const LOOKS = 8;
const NO_BYTES = new Uint8Array(0);

export type NativeSessionOptions = {
  /** Aborting it ends the engine. */
  readonly signal?: AbortSignal | undefined;
  /** How long the threads may go without claiming a chunk while an operation runs; default {@link PATIENCE_MS}. */
  readonly patienceMs?: number | undefined;
};

export function createNativeSession(
  addon: Addon,
  handle: Handle,
  memory: NativeMemory,
  { signal, patienceMs = PATIENCE_MS }: NativeSessionOptions,
): NativeSession {
  let failure: ZkFinalityError | undefined;
  let closing: Promise<void> | undefined;

  const fail = (error: ZkFinalityError): void => {
    if (failure !== undefined) return;
    failure = error;
    signal?.removeEventListener('abort', onAbort);
    addon.cancel(handle);
    rejectAll(error);
  };
  const onAbort = (): void => {
    fail(new UsageError('CANCELLED', 'engine: cancelled by its signal. Create a new engine to go on.'));
  };
  const assertUsable = (): void => {
    if (failure !== undefined) throw failure;
  };
  const { enqueue, rejectAll } = createQueue(assertUsable);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();

  /** Threads cannot be ended from outside: those that hang are left alone, and with them all memory that they may use. */
  const giveUp = (): void => {
    fail(
      new EnvironmentError(
        'WORKER_HUNG',
        `native engine: its threads did nothing for ${patienceMs} ms and were left behind. Create a new engine and try again; stop other programs if the machine is overloaded.`,
      ),
    );
    addon.abandon(handle);
    memory.abandon();
    closing = Promise.resolve();
  };
  /** Looks at the threads until it is told to stop; `onHung` when they do nothing for long. */
  const watch = (onHung: () => void): (() => void) => {
    let [seen, looks] = [-1, 0];
    const timer = setInterval(() => {
      const now = addon.activity(handle);
      looks = now === seen ? looks + 1 : 0;
      seen = now;
      if (looks >= LOOKS) onHung();
    }, patienceMs / LOOKS);
    return () => clearInterval(timer);
  };

  const run: NativeSession['run'] = async (operation, numbers, { bytes = NO_BYTES, onProgress } = {}) => {
    const timer =
      onProgress === undefined
        ? undefined
        : setInterval(() => onProgress(addon.progress(handle)), PROGRESS_INTERVAL_MS);
    const stopWatching = watch(() => {
      // The call below does not come back.
      stopWatching();
      clearInterval(timer);
      if (failure === undefined) giveUp();
    });
    memory.hold();
    try {
      const response = await addon.run(handle, operation, Float64Array.from(numbers), bytes);
      assertUsable();
      if (response.status === STATUS.outOfMemory) {
        throw new EnvironmentError(
          'OUT_OF_MEMORY',
          `engine memory: expected room for ${(response.detail / 2 ** 20).toFixed(1)} MiB of scratch, the system has none. Free buffers, prove a smaller circuit, or use a machine with more memory.`,
        );
      }
      if (response.status === STATUS.workerDied) {
        throw new EnvironmentError(
          'WORKER_DIED',
          'engine: an operation failed. Create a new engine and try again.',
        );
      }
      onProgress?.(1);
      return response;
    } finally {
      memory.release();
      stopWatching();
      clearInterval(timer);
    }
  };

  const close = (): Promise<void> => {
    fail(new UsageError('ENGINE_CLOSED', 'engine: it was closed. Create a new engine to go on.'));
    closing ??= addon.close(handle).then(memory.close);
    return closing;
  };

  return { enqueue, run, assertUsable, close };
}
