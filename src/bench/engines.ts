/** The engines that this build has. */
import { createEngine } from '../engine/index.js';
import type { Engine } from '../engine/types.js';
import { UsageError } from '../statement/errors.js';

export type EngineKind = Engine['name'];

/** Engines that can run on this machine, slowest first. */
export async function availableEngines(): Promise<readonly EngineKind[]> {
  return ['wasm'];
}

/** @throws {UsageError} `BENCH_NAME` for an engine that is not there; what starting it throws. */
export async function startEngine(kind: string, threads: number, signal?: AbortSignal): Promise<Engine> {
  if (kind !== 'wasm')
    throw new UsageError(
      'BENCH_NAME',
      `engine "${kind}": expected one of ${(await availableEngines()).join(', ')}.`,
    );
  return createEngine({ threads, ...(signal === undefined ? {} : { signal }) });
}
