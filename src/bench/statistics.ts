/** Medians, ratios with their spread, and what machine measured them. */
import { availableParallelism, cpus, totalmem } from 'node:os';

/** Milliseconds of several runs, summarised. */
export type Summary = {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly runs: number;
};

/** How many times faster, run by run: pairs of alternating runs see the same state of the machine. */
export type Ratio = { readonly median: number; readonly min: number; readonly max: number };

/** Median of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function summarise(milliseconds: readonly number[]): Summary {
  return {
    medianMs: median(milliseconds),
    minMs: Math.min(...milliseconds),
    maxMs: Math.max(...milliseconds),
    runs: milliseconds.length,
  };
}

/** Ratios `other / ours` of paired runs. */
export function ratioOf(ours: readonly number[], other: readonly number[]): Ratio {
  const ratios = ours.map((value, i) => (other[i] as number) / value);
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

export type Machine = {
  readonly cpu: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
};

/** What a figure was measured on. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Runs two tasks in turn, A B A B …, after one uncounted run of each. */
export async function alternate(
  first: () => Promise<void>,
  second: () => Promise<void>,
  runs: number,
): Promise<{ readonly first: number[]; readonly second: number[] }> {
  const time = async (task: () => Promise<void>): Promise<number> => {
    const started = performance.now();
    await task();
    return performance.now() - started;
  };
  await first();
  await second();
  const times = { first: [] as number[], second: [] as number[] };
  for (let i = 0; i < runs; i++) {
    times.first.push(await time(first));
    times.second.push(await time(second));
  }
  return times;
}
