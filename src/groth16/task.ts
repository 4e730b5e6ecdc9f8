/** What every long task of this folder shares: progress, cancellation, and engine memory that is given back. */
import type { Engine, EngineBuffer } from '../engine/types.js';
import { UsageError } from '../statement/errors.js';

/** A stage of a task and the part of it that is done, in [0, 1]. Stages come in a fixed order and end with 1. */
export type Progress = { readonly stage: string; readonly done: number };
export type OnStage = (progress: Progress) => void;

/**
 * Ends a task between two steps.
 *
 * @throws {UsageError} `CANCELLED` if the signal is aborted.
 */
export function throwIfCancelled(signal: AbortSignal | undefined, task: string): void {
  if (signal?.aborted) throw cancelled(task, signal.reason);
}

/** Turns the rejection of an aborted step into `CANCELLED`; others pass as they are. */
export function orCancelled(error: unknown, signal: AbortSignal | undefined, task: string): unknown {
  return signal?.aborted && (error as { code?: unknown }).code !== 'CANCELLED'
    ? cancelled(task, error)
    : error;
}

function cancelled(task: string, cause: unknown): UsageError {
  return new UsageError('CANCELLED', `${task}: cancelled. Nothing was left behind; run it again to go on.`, {
    cause,
  });
}

/** Buffers that are freed together. */
export type BufferScope = {
  /** @throws {EnvironmentError} `OUT_OF_MEMORY` */
  alloc(sizeBytes: number): EngineBuffer;
  free(buffer: EngineBuffer): void;
};

/** Runs `body` and frees every buffer it left, whether it succeeds or not. */
export async function withBuffers<T>(engine: Engine, body: (scope: BufferScope) => Promise<T>): Promise<T> {
  const held = new Set<EngineBuffer>();
  try {
    return await body({
      alloc(sizeBytes) {
        // An engine need not serve empty requests; a byte stands for them.
        const buffer = engine.alloc(Math.max(sizeBytes, 1));
        held.add(buffer);
        return buffer;
      },
      free(buffer) {
        if (held.delete(buffer)) engine.free(buffer);
      },
    });
  } finally {
    for (const buffer of held) engine.free(buffer);
  }
}
