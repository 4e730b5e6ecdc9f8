/**
 * A worker thread that answers one request at a time, so that the caller can show progress and cancel while it computes.
 */
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import WorkerPool from 'worker-threads-pool';
import { EnvironmentError, type ErrorKind, ZkFinalityError } from '../statement/errors.js';

/** What the thread answers. */
export type ThreadAnswer<Result> =
  | { readonly result: Result }
  | { readonly error: { readonly kind: ErrorKind; readonly code: string; readonly message: string } };

export type Thread<Request, Result> = {
  /**
   * Asks, one call at a time.
   *
   * @throws {ZkFinalityError} What the thread answers with; `WORKER_DIED` if it ends; `WORKER_HUNG` if it does not answer in time, which
   *   ends it; `WITNESS_BUSY`, `WITNESS_CLOSED`; `CANCELLED` on abort.
   */
  readonly ask: (request: Request) => Promise<Result>;
  /** Ends the thread. Safe to call twice. */
  readonly close: () => Promise<void>;
};

export type ThreadOptions = {
  /** Script of the thread, as {@link scriptBeside} gives it. */
  readonly script: string;
  /** Its `workerData`. */
  readonly data: unknown;
  /** What it works on, for messages: a path. */
  readonly subject: string;
  /** What it does, for messages: "computing the witness". */
  readonly doing: string;
  /** How long an answer may take. */
  readonly patienceMs: number;
  /** Aborting it ends the thread at once. */
  readonly signal?: AbortSignal;
};

/** Starts a thread. It holds the process open only while it is asked. */
export async function startThread<Request, Result>(options: ThreadOptions): Promise<Thread<Request, Result>> {
  const { script, data, subject, doing, signal, patienceMs } = options;
  const worker = await acquireWorker(script, data);
  let pending:
    | { readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void }
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
  worker.on('message', (answer: ThreadAnswer<Result>) => {
    settle((call) => {
      if ('result' in answer) call.resolve(answer.result);
      else call.reject(new ZkFinalityError(answer.error.kind, answer.error.code, answer.error.message));
    });
  });
  const end = (error: Error): void => {
    ended ??= error;
    settle((call) => call.reject(ended as Error));
  };
  worker.on('error', (cause) =>
    end(
      new EnvironmentError('WORKER_DIED', `the thread of ${subject} failed: ${cause.message}. Try again.`, {
        cause,
      }),
    ),
  );
  worker.on('exit', () =>
    end(
      new EnvironmentError(
        'WORKER_DIED',
        `the thread of ${subject} ended early. Try again with more free memory.`,
      ),
    ),
  );
  const cancel = (): void => {
    end(new EnvironmentError('CANCELLED', `${doing} was cancelled`));
    void worker.terminate();
  };
  const giveUp = (): void => {
    end(
      new EnvironmentError(
        'WORKER_HUNG',
        `the thread of ${subject} did not answer for ${patienceMs} ms and was ended. Try again; if it happens again, the witness program does not end for this input.`,
      ),
    );
    void worker.terminate();
  };
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  // After the listeners: a listener for messages holds the process open, and an idle thread must not.
  worker.unref();

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        if (pending)
          return reject(new EnvironmentError('WITNESS_BUSY', `${doing}: this session is busy already`));
        pending = { resolve, reject };
        alarm = setTimeout(giveUp, patienceMs);
        worker.ref();
        worker.postMessage(request);
      }),
    close: async () => {
      signal?.removeEventListener('abort', cancel);
      end(new EnvironmentError('WITNESS_CLOSED', 'this witness session was closed'));
      await worker.terminate();
    },
  };
}

/** In the thread: the parts of an error that cross the border. */
export function answerOf(error: unknown): ThreadAnswer<never> {
  const { kind, code } =
    error instanceof ZkFinalityError ? error : { kind: 'environment' as const, code: 'WITNESS_FAILED' };
  return { error: { kind, code, message: (error as Error).message } };
}

function acquireWorker(script: string, workerData: unknown): Promise<Worker> {
  const pool = new WorkerPool({ max: 1 });
  return new Promise((resolve, reject) => {
    pool.acquire(script, { workerData, execArgv: [] }, (error, worker) => {
      if (error)
        reject(new EnvironmentError('WORKER_START', 'no worker thread could be started', { cause: error }));
      else resolve(worker);
    });
  });
}

/**
 * The compiled script of a thread; when its module runs from its TypeScript source, the one in `dist/`.
 *
 * @param moduleUrl - `import.meta.url` of a module of a folder of `src/`.
 * @param folder - That folder.
 */
export function scriptBeside(moduleUrl: string, folder: string, name: string): string {
  const beside = moduleUrl.endsWith('.ts') ? `../../dist/${folder}/${name}` : `./${name}`;
  return fileURLToPath(new URL(beside, moduleUrl));
}
