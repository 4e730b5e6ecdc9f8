/** The calls of one engine: one after the other, in the order in which they were made. */

export type CallQueue = {
  /** Runs `call` after all earlier ones, unless the engine cannot be used by then. */
  readonly enqueue: <T>(call: () => Promise<T>) => Promise<T>;
  /** Rejects all calls that have not ended, at once; the running one goes on unheard. */
  readonly rejectAll: (error: Error) => void;
};

/** @param assertUsable - Throws what every call must fail with, if there is something. Asked when a call is made, and again when its turn comes. */
export function createQueue(assertUsable: () => void): CallQueue {
  const pending = new Set<(error: Error) => void>();
  let last: Promise<unknown> = Promise.resolve();

  const enqueue = <T>(call: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      assertUsable();
      pending.add(reject);
      const guarded = async (): Promise<T> => {
        assertUsable();
        return call();
      };
      const result = last.then(guarded);
      const end = (): void => {
        pending.delete(reject);
      };
      last = result.then(end, end);
      result.then(resolve, reject);
    });

  return {
    enqueue,
    rejectAll: (error) => {
      for (const reject of pending) reject(error);
    },
  };
}
