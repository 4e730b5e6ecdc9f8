/** The engine of a command: started when it is first needed, closed when the command ends. */
import { availableParallelism } from 'node:os';
import { createEngine } from '../engine/index.js';
import type { Engine, EngineKind } from '../engine/types.js';
import { parseWhole } from './whole-number.js';

export type LazyEngine = { readonly get: () => Promise<Engine>; readonly close: () => Promise<void> };

export function lazyEngine(options: {
  readonly signal: AbortSignal;
  readonly threads: number;
  readonly kind?: EngineKind;
}): LazyEngine {
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
  return parseWhole('--threads', text, 1, 64);
}
