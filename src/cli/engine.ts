/** The engine of a command: started when it is first needed, closed when the command ends. */
import { availableParallelism } from 'node:os';
import { createEngine } from '../engine/index.js';
import type { Engine } from '../engine/types.js';
import { UsageError } from '../statement/errors.js';

export type LazyEngine = { readonly get: () => Promise<Engine>; readonly close: () => Promise<void> };

export function lazyEngine(options: { readonly signal: AbortSignal; readonly threads: number }): LazyEngine {
  let started: Promise<Engine> | undefined;
  return {
    get: () => (started ??= createEngine(options)),
    close: async () => {
      const engine = await started?.catch(() => undefined);
      await engine?.close();
    },
  };
}

/**
 * Reads `--threads`.
 *
 * @throws {UsageError} `OPTION_RANGE`.
 */
export function parseThreads(text: string | undefined): number {
  if (text === undefined) return Math.min(availableParallelism(), 64);
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= 64) return threads;
  throw new UsageError('OPTION_RANGE', `--threads: expected a whole number from 1 to 64, got "${text}".`);
}
