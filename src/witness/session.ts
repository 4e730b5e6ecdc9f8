/**
 * A witness program in a thread of its own, so that the caller can show progress and cancel while it computes.
 */
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import WorkerPool from 'worker-threads-pool';
import { EnvironmentError, ZkFinalityError } from '../statement/errors.js';
import type { CircuitInput } from './program.js';
import type { WitnessAnswer } from './worker.js';

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
const PATIENCE_MS = 30 * 60_000;

/**
 * Starts a thread for one witness program.
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
  const worker = await acquireWorker(wasmPath);
  let pending:
    | { readonly resolve: (wires: Uint8Array) => void; readonly reject: (error: Error) => void }
    | undefined;
  let ended: Error | undefined;
  let alarm: NodeJS.Timeout | undefined;

  const settle = (finish: (call: NonNullable<typeof pending>) => void): void => {
    const call = pending;
    pending = undefined;
    clearTimeout(alarm);
    worker.unref();
    if (call) finish(call);
  };
  worker.on('message', (answer: WitnessAnswer) => {
    settle((call) => {
      if ('wires' in answer) call.resolve(answer.wires);
      else call.reject(new ZkFinalityError(answer.error.kind, answer.error.code, answer.error.message));
    });
  });
  const end = (error: Error): void => {
    ended ??= error;
    settle((call) => call.reject(ended as Error));
  };
  worker.on('error', (cause) =>
    end(
      new EnvironmentError('WORKER_DIED', `the thread of ${wasmPath} failed: ${cause.message}. Try again.`, {
        cause,
      }),
    ),
  );
  worker.on('exit', () =>
    end(
      new EnvironmentError(
        'WORKER_DIED',
        `the thread of ${wasmPath} ended early. Try again with more free memory.`,
      ),
    ),
  );
  const cancel = (): void => {
    end(new EnvironmentError('CANCELLED', 'computing the witness was cancelled'));
    void worker.terminate();
  };
  const giveUp = (): void => {
    end(
      new EnvironmentError(
        'WORKER_HUNG',
        `the thread of ${wasmPath} did not answer for ${patienceMs} ms and was ended. Try again; if it happens again, the witness program does not end for this input.`,
      ),
    );
    void worker.terminate();
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  // After the listeners: a listener for messages holds the process open, and an idle thread must not.
  worker.unref();

  return {
    compute: (input) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        if (pending)
          return reject(new EnvironmentError('WITNESS_BUSY', 'this session is computing a witness already'));
        pending = { resolve, reject };
        alarm = setTimeout(giveUp, patienceMs);
        worker.ref();
        worker.postMessage(input);
      }),
    close: async () => {
      signal?.removeEventListener('abort', cancel);
      end(new EnvironmentError('WITNESS_CLOSED', 'this witness session was closed'));
      await worker.terminate();
    },
  };
}

function acquireWorker(wasmPath: string): Promise<Worker> {
  const pool = new WorkerPool({ max: 1 });
  return new Promise((resolve, reject) => {
    pool.acquire(workerFile(), { workerData: { wasmPath }, execArgv: [] }, (error, worker) => {
      if (error)
        reject(new EnvironmentError('WORKER_START', 'no worker thread could be started', { cause: error }));
      else resolve(worker);
    });
  });
}

/** The compiled worker beside this module; when this module runs from its TypeScript source, the one in `dist/`. */
function workerFile(): string {
  const beside = import.meta.url.endsWith('.ts') ? '../../dist/witness/worker.js' : './worker.js';
  return fileURLToPath(new URL(beside, import.meta.url));
}
