/** Types of worker-threads-pool 2.0.0, which ships none. */
declare module 'worker-threads-pool' {
  import type { Worker, WorkerOptions } from 'node:worker_threads';

  export default class Pool {
    constructor(options?: { readonly max?: number; readonly maxWaiting?: number });
    readonly size: number;
    /** Starts a thread, or queues the request while `max` threads run. */
    acquire(
      filename: string,
      options: WorkerOptions,
      callback: (error: Error | null, worker: Worker) => void,
    ): void;
  }
}
