/** Medians, and ratios with their spread. */

/** Several runs, summarised; in the unit of the samples. */
export type Summary = { readonly median: number; readonly min: number; readonly max: number };

/** How many times faster, run by run: the runs of one round see the same state of the machine. */
export type Ratio = { readonly median: number; readonly min: number; readonly max: number };

/** Digits behind the point that reports keep: a microsecond, where samples are milliseconds. */
const DECIMALS = 3;

/** Rounded as reports keep figures, so that what is read back is what was written. */
export function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

/** Median of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Median, least and greatest of a non-empty list. */
export function summarise(samples: readonly number[]): Summary {
  return {
    median: rounded(median(samples)),
    min: rounded(Math.min(...samples)),
    max: rounded(Math.max(...samples)),
  };
}

/** Ratios `other / ours` of runs paired by round: above 1 where ours is faster. */
export function ratioOf(ours: readonly number[], other: readonly number[]): Ratio {
  return summarise(ours.map((value, round) => (other[round] as number) / value));
}

/**
 * Runs tasks in turn, A B C A B C …, so that all see the same state of the machine.
 *
 * @param tasks - Each does one run and tells what it measured.
 * @param rounds - How often each runs.
 * @returns The samples of each task, in the order of the rounds.
 */
export async function alternate(
  tasks: readonly (() => Promise<number>)[],
  rounds: number,
  onRound: (done: number) => void = () => {},
): Promise<number[][]> {
  const samples = tasks.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, task] of tasks.entries()) {
      onRound((round + index / tasks.length) / rounds);
      samples[index]?.push(rounded(await task()));
    }
  return samples;
}
