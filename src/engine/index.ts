/** Chooses and starts an engine. */
import type { Engine, EngineOptions } from './types.js';
import { createWasmEngine } from './wasm-engine.js';

export type { Engine, EngineBuffer, EngineOptions, MsmOptions, OnProgress } from './types.js';

/**
 * Starts an engine: its threads and its memory.
 *
 * @param options - Threads and a signal that ends everything.
 * @returns The engine; its owner calls `close()`.
 * @throws UsageError `THREAD_COUNT`, `CANCELLED`; EnvironmentError `WORKER_FILE_MISSING`, `WORKER_DIED`, `OUT_OF_MEMORY`.
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
export function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return createWasmEngine(options);
}
