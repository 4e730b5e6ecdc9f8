declare module 'worker-threads-pool' {
  import type { Worker, WorkerOptions } from 'node:worker_threads';

  /** Starts a thread for every `acquire`, at most `max` at a time; its `destroy` is not used here. */
  export default class Pool {
    constructor(options: { readonly max: number });
    acquire(
      file: string,
      options: WorkerOptions,
      callback: (error: Error | null, worker: Worker) => void,
    ): void;
  }
}
