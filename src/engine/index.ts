/** Chooses and starts an engine. */
import { EnvironmentError } from '../statement/errors.js';
import { threadCount } from './arguments.js';
import { loadAddon } from './native/addon.js';
import { createNativeEngine } from './native/native-engine.js';
import { passesSelfCheck } from './native/self-check.js';
import type { Engine, EngineArithmetic, EngineKind, EngineOptions } from './types.js';
import { createWasmEngine } from './wasm-engine.js';

export type {
  Engine,
  EngineArithmetic,
  EngineBuffer,
  EngineKind,
  EngineOptions,
  MsmOptions,
  NativeArithmetic,
  OnProgress,
} from './types.js';

/**
 * Starts an engine: its threads and its memory.
 *
 * `auto` takes the native engine if it was built, loads and computes a few known values right, and the WASM engine
 * otherwise; `name` of the result says which. Both give the same bytes.
 *
 * @param options - Kind, threads, and a signal that ends everything.
 * @returns The engine; its owner calls `close()`.
 * @throws UsageError `THREAD_COUNT`, `CANCELLED`; EnvironmentError `WORKER_FILE_MISSING`, `WORKER_DIED`, `WORKER_HUNG`, `OUT_OF_MEMORY`; with `native` also
 *   `NATIVE_MISSING` and `NATIVE_SELF_CHECK`.
 * @example
 * ```ts
 * import { createEngine } from 'zkfinality';
 *
 * const engine = await createEngine({ threads: 1 });
 * const powers = engine.alloc(4 * 32);
 * await engine.frPowers(powers, 4, 1n, 2n);
 * await engine.frFromMontgomery(powers, 4);
 * console.log([0, 32, 64, 96].map((offset) => engine.bytes(powers)[offset]).join(' ')); // 1 2 4 8
 * await engine.close();
 * ```
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { kind = 'auto', signal } = options;
  threadCount(options);
  if (kind !== 'wasm') {
    try {
      return await createCheckedNativeEngine(options);
    } catch (error) {
      if (kind === 'native' || signal?.aborted) throw error;
    }
  }
  return createWasmEngine(options);
}

/** What an engine of this kind will compute with, told without starting one; `auto` still takes WASM where the native engine fails its self-check. */
export function expectedArithmetic(kind: EngineKind = 'auto'): EngineArithmetic {
  if (kind === 'wasm') return 'wasm';
  try {
    return loadAddon().fastest();
  } catch {
    return 'wasm';
  }
}

async function createCheckedNativeEngine(options: EngineOptions): Promise<Engine> {
  const engine = await createNativeEngine(options);
  try {
    if (await passesSelfCheck(engine)) return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
  await engine.close();
  throw new EnvironmentError(
    'NATIVE_SELF_CHECK',
    'native engine: it computed a known value wrong. Run `npm run build:native` again, or use the WASM engine.',
  );
}
