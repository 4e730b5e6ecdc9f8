/**
 * What benchmark workers are asked: one line of JSON in, one line out.
 *
 * `prepare` loads the inputs of a task, does it once without counting and answers with the hash of the result; `run` does it again
 * and answers with its time. The worker ends when its input does.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { WorkerAnswer } from './children.js';

export type Task =
  /** Canonical elements to Montgomery form: one multiplication each. */
  | { readonly task: 'field'; readonly scalars: string; readonly count: number; readonly repeat: number }
  /** Sum of products of the points and canonical scalars in two files. */
  | {
      readonly task: 'msm';
      readonly group: 'G1' | 'G2';
      readonly points: string;
      readonly scalars: string;
      readonly count: number;
    }
  /** Forward transform of the Montgomery elements in a file. */
  | { readonly task: 'fft'; readonly values: string; readonly log: number }
  | { readonly task: 'prove'; readonly key: string; readonly witness: string }
  /** Mean of several verifications of one proof. */
  | {
      readonly task: 'verify';
      readonly key: string;
      readonly proof: string;
      readonly publicInputs: string;
      readonly repeat: number;
    };

/** A task that is ready: `run` does it once more. */
export type Prepared = {
  readonly run: () => Promise<WorkerAnswer>;
  /** Bytes of the result, where contenders can be compared by them. */
  readonly result?: Uint8Array;
  readonly close?: () => void;
};

/** The first `sizeBytes` of a file: all contenders read the same ones, and some need fewer. */
export function readStart(path: string, sizeBytes: number): Uint8Array {
  const bytes = readFileSync(path);
  if (bytes.length < sizeBytes) throw new Error(`${path}: expected ${sizeBytes} bytes, got ${bytes.length}`);
  return new Uint8Array(bytes.subarray(0, sizeBytes));
}

/** Milliseconds of one call. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Serves standard input until it ends.
 *
 * @param prepare - Gets a task ready.
 * @param close - Called at the end.
 */
export async function serve(
  prepare: (task: Task) => Promise<Prepared>,
  close: () => Promise<void>,
): Promise<void> {
  let prepared: Prepared | undefined;
  const answer = async (request: Task | { readonly task: 'run' }): Promise<WorkerAnswer> => {
    if (request.task === 'run') {
      if (prepared === undefined) throw new Error('nothing is prepared');
      return prepared.run();
    }
    prepared?.close?.();
    prepared = undefined;
    prepared = await prepare(request);
    const { result } = prepared;
    return result === undefined ? {} : { digest: createHash('sha256').update(result).digest('hex') };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    let text: string;
    try {
      text = JSON.stringify(await answer(JSON.parse(line) as Task));
    } catch (error) {
      text = JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
    }
    process.stdout.write(`${text}\n`);
  }
  prepared?.close?.();
  await close();
}
