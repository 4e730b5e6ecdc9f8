/** The engines of ours that a benchmark can measure. */
import { createEngine } from '../engine/index.js';
import type { Engine } from '../engine/types.js';
import { UsageError, ZkFinalityError } from '../statement/errors.js';

export type EngineKind = Engine['name'];

const KINDS: readonly EngineKind[] = ['wasm', 'native'];

/** Engines that run on this machine, the portable one first. Starts each of them once. */
export async function availableEngines(signal?: AbortSignal): Promise<readonly EngineKind[]> {
  const available: EngineKind[] = [];
  for (const kind of KINDS)
    try {
      await (await startEngine(kind, 1, signal)).close();
      available.push(kind);
    } catch (error) {
      // Without a compiler it is not built and takes no part; one that computes wrong must not go unnoticed.
      if (!(error instanceof ZkFinalityError) || error.code !== 'NATIVE_MISSING') throw error;
    }
  return available;
}

/**
 * Starts the engine of this name and no other.
 *
 * @throws {UsageError} `BENCH_NAME` where another one answers; what starting it throws.
 */
export async function startEngine(name: string, threads: number, signal?: AbortSignal): Promise<Engine> {
  const kind = name as EngineKind;
  const engine = await createEngine({ kind, threads, ...(signal && { signal }) });
  if (engine.name === name) return engine;
  await engine.close();
  throw new UsageError('BENCH_NAME', `engine "${name}": expected one of this build, got ${engine.name}.`);
}
