/** Worker threads as tests see them. */
import { Worker } from 'node:worker_threads';
import { vi } from 'vitest';

/** The worker threads that are started, or sent something, from here on, until `vi.restoreAllMocks()`. */
export function watchWorkers(): Worker[] {
  const started: Worker[] = [];
  const original = Worker.prototype.postMessage;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
    if (!started.includes(this)) started.push(this);
    return original.apply(this, args as Parameters<typeof original>);
  });
  return started;
}
