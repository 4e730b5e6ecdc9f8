/**
 * The worker threads of one engine: started once through `worker-threads-pool`, kept for the session, ended by `close`.
 *
 * A phase is posted to every worker; they claim its chunks from a counter in shared memory, so that a slow thread holds
 * nobody up. Workers keep the process alive only while a phase runs. A thread that dies, and one that claims nothing for
 * long, ends the whole team: what the others wrote meanwhile is of no use.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import Pool from 'worker-threads-pool';
import { EnvironmentError, UsageError, ZkFinalityError } from '../../statement/errors.js';
import { COUNTER_ADDRESS } from '../wasm/layout.js';
import { compileKernels } from './kernel-module.js';
import type { Phase, WorkerReport, WorkerStart } from './task.js';

/** The threads, as an engine uses them. */
export type Team = {
  readonly threads: number;
  /** Runs a phase on all threads; one at a time. */
  readonly run: (phase: Phase, onProgress?: (done: number) => void) => Promise<void>;
  /** Throws what every call must fail with, if there is something. */
  readonly assertUsable: () => void;
  readonly close: () => Promise<void>;
};

export type TeamOptions = {
  /** False: kernels without relaxed SIMD. Default: with it where it is there and right. */
  readonly relaxedSimd?: boolean;
  /** For tests: how long the threads may go without claiming or finishing a chunk; default {@link PATIENCE_MS}. */
  readonly patienceMs?: number;
  /** For tests: path of the worker's script. */
  readonly workerFile?: string;
};

const PROGRESS_INTERVAL_MS = 100;
/** The longest chunks take seconds where many processes share the machine. */
const PATIENCE_MS = 120_000;
/** Looks at the threads in one such time. Several, so that a suspended machine does not look like a hung one. */
const LOOKS = 8;

/** Sources run under a test runner take the worker from the build. */
function workerFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const relative = isSource ? '../../../dist/engine/threads/worker.js' : './worker.js';
  const file = fileURLToPath(new URL(relative, import.meta.url));
  if (!existsSync(file)) {
    throw new EnvironmentError('WORKER_FILE_MISSING', `${file}: not found. Run \`npm run build\` first.`);
  }
  return file;
}

function acquire(pool: Pool, file: string): Promise<Worker> {
  return new Promise((resolve, reject) => {
    pool.acquire(file, { execArgv: [] }, (error, worker) => {
      if (error) reject(error);
      else resolve(worker);
    });
  });
}

/**
 * Starts the threads.
 *
 * @param memory - Shared; the team uses its counter word.
 * @param reserveScratch - Gives the address of a thread's scratch region of so many bytes.
 * @param signal - Aborting it ends the threads; the running phase and all later ones fail with `CANCELLED`.
 * @throws EnvironmentError `WORKER_FILE_MISSING`, `WORKER_DIED`, `WORKER_HUNG`; UsageError `CANCELLED`.
 */
export async function startTeam(
  threads: number,
  memory: WebAssembly.Memory,
  reserveScratch: (sizeBytes: number) => number,
  signal: AbortSignal | undefined,
  options: TeamOptions = {},
): Promise<Team> {
  const { relaxedSimd = true, patienceMs = PATIENCE_MS, workerFile: file = workerFile() } = options;
  const pool = new Pool({ max: threads });
  const workers: Worker[] = [];
  const exits: Promise<unknown>[] = [];
  let failure: ZkFinalityError | undefined;
  let waiting: { remaining: number; resolve: () => void; reject: (error: Error) => void } | undefined;

  const end = async (error: ZkFinalityError): Promise<void> => {
    if (failure === undefined) {
      failure = error;
      signal?.removeEventListener('abort', onAbort);
      const pending = waiting;
      waiting = undefined;
      exits.push(...workers.map((worker) => worker.terminate()));
      pending?.reject(error);
    }
    await Promise.all(exits);
  };
  const onAbort = (): void => {
    void end(new UsageError('CANCELLED', 'engine: cancelled by its signal. Create a new engine to go on.'));
  };
  const onDeath = (detail: string): void => {
    const message = `engine: a worker thread died (${detail}). Create a new engine and try again; with less memory free, use fewer threads.`;
    void end(new EnvironmentError('WORKER_DIED', message));
  };
  const onReport = (report: WorkerReport): void => {
    if (report.kind === 'failed') {
      onDeath(report.message);
    } else if (waiting !== undefined && --waiting.remaining === 0) {
      const { resolve } = waiting;
      waiting = undefined;
      for (const worker of workers) worker.unref();
      resolve();
    }
  };
  const expectReports = (): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting = { remaining: threads, resolve, reject };
    });
  const assertUsable = (): void => {
    if (failure !== undefined) throw failure;
  };
  const counter = new Int32Array(memory.buffer, COUNTER_ADDRESS, 1);
  /** Waits for reports; gives up when neither they nor claimed chunks come any more. */
  const watch = async (reports: Promise<void>): Promise<void> => {
    let [claimed, remaining, looks] = [-1, -1, 0];
    const timer = setInterval(() => {
      const now = Atomics.load(counter, 0);
      const isMoving = now !== claimed || waiting?.remaining !== remaining;
      looks = isMoving ? 0 : looks + 1;
      claimed = now;
      remaining = waiting?.remaining ?? 0;
      if (looks < LOOKS) return;
      const message = `engine: ${remaining} of ${threads} worker threads did nothing for ${patienceMs} ms and were ended. Create a new engine and try again; stop other programs if the machine is overloaded.`;
      void end(new EnvironmentError('WORKER_HUNG', message));
    }, patienceMs / LOOKS);
    try {
      await reports;
    } finally {
      clearInterval(timer);
    }
  };

  const ready = expectReports();
  ready.catch(() => undefined);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const startWorkers = async (): Promise<void> => {
    for (let thread = 0; thread < threads && failure === undefined; thread++) {
      const worker = await acquire(pool, file);
      workers.push(worker);
      worker.on('message', onReport);
      worker.on('error', (error) => onDeath(error.message));
      worker.on('exit', (code) => onDeath(`exit code ${code}`));
      if (failure !== undefined) exits.push(worker.terminate());
    }
    // The threads come up while the kernels are made.
    const { module, scratchBytes } = await compileKernels(memory, reserveScratch, relaxedSimd);
    workers.forEach((worker, thread) => {
      const start: WorkerStart = { module, memory, scratch: reserveScratch(scratchBytes), thread, threads };
      worker.postMessage(start);
    });
    await watch(ready);
  };
  try {
    await startWorkers();
  } catch (cause) {
    const message = 'engine: its threads could not be started. See the cause, and create a new engine.';
    await end(new EnvironmentError('WORKER_DIED', message, { cause }));
    throw cause instanceof ZkFinalityError ? cause : failure;
  }

  const run: Team['run'] = async (phase, onProgress) => {
    assertUsable();
    if (phase.chunks === 0) return;
    Atomics.store(counter, 0, 0);
    const done = expectReports();
    for (const worker of workers) {
      worker.ref();
      worker.postMessage(phase);
    }
    const timer =
      onProgress === undefined
        ? undefined
        : setInterval(
            () => onProgress(Math.min(1, Atomics.load(counter, 0) / phase.chunks)),
            PROGRESS_INTERVAL_MS,
          );
    try {
      await watch(done);
    } finally {
      clearInterval(timer);
    }
  };
  const close = (): Promise<void> =>
    end(new UsageError('ENGINE_CLOSED', 'engine: it was closed. Create a new engine to go on.'));
  return { threads, run, assertUsable, close };
}
