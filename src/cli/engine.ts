/** The engine of a command: started when it is first needed, closed when the command ends. */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
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

/** Options of commands that make keys: `--engine` and `--threads`. */
export type EngineChoice = { readonly engine?: EngineKind; readonly threads?: string };

/** Adds the options of {@link EngineChoice}. Every engine and number of threads gives the same bytes. */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--engine <name>', 'what computes').choices(['auto', 'wasm', 'native']).default('auto'),
    )
    .option('--threads <number>', 'threads to use (default: all)');
}

/** The engine that options name. */
export function engineOf(signal: AbortSignal, { engine, threads }: EngineChoice): LazyEngine {
  return lazyEngine({
    signal,
    threads: parseThreads(threads),
    ...(engine === undefined ? {} : { kind: engine }),
  });
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
