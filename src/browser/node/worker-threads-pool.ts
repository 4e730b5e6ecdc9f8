/** `worker-threads-pool` on web workers: as much of both as the engine's team of threads uses. */

type Listener = (value: never) => void;

/** A web worker that looks like a thread of Node. Browsers end their workers with the page: nothing to hold or to let go. */
function thread(address: string): object {
  const worker = new Worker(address, { type: 'module' });
  return {
    on: (event: 'message' | 'error' | 'exit', listener: Listener): void => {
      const call = listener as (value: unknown) => void;
      if (event === 'message') worker.addEventListener('message', ({ data }) => call(data));
      if (event === 'error')
        worker.addEventListener('error', ({ message }) =>
          call(new Error(message || `${address} did not start`)),
        );
    },
    postMessage: (message: unknown): void => worker.postMessage(message),
    terminate: async (): Promise<void> => worker.terminate(),
    ref: (): void => {},
    unref: (): void => {},
  };
}

export default class Pool {
  acquire(address: string, _options: object, callback: (error: Error | null, worker?: object) => void): void {
    try {
      callback(null, thread(address));
    } catch (error) {
      callback(error as Error);
    }
  }
}
