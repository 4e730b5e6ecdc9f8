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
 */
export function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return createWasmEngine(options);
}
