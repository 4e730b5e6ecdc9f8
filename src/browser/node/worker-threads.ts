/** `node:worker_threads` inside a web worker: the way to whoever started it. */
import type { WorkerScope } from '../messages.js';

const scope = globalThis as unknown as WorkerScope;
type Listener = (message: unknown) => void;

const listen = (listener: Listener, once: boolean): void =>
  scope.addEventListener('message', ({ data }) => listener(data), { once });

export const parentPort = {
  on: (_event: 'message', listener: Listener): void => listen(listener, false),
  once: (_event: 'message', listener: Listener): void => listen(listener, true),
  postMessage: (message: unknown): void => scope.postMessage(message),
};
