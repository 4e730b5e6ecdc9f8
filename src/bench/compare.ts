/** What changed between two reports of one machine. */
import { UsageError } from '../statement/errors.js';
import { machineDifferences } from './machine.js';
import { type Report, seriesName } from './report.js';
import { rounded } from './statistics.js';

/** One series that both reports have. */
export type Change = {
  readonly part: string;
  readonly subject: string;
  readonly series: string;
  readonly unit: 'ms' | 'ns';
  readonly before: number;
  readonly now: number;
  /** Time now over time before, minus 1: above 0 where it became slower. */
  readonly change: number;
  readonly verdict: 'slower' | 'faster' | 'same';
};

export type Comparison = {
  /** False where a series of ours is slower than the threshold allows. */
  readonly ok: boolean;
  readonly threshold: number;
  readonly changes: readonly Change[];
  /** Series of either report that the other does not have. */
  readonly onlyBefore: readonly string[];
  readonly onlyNow: readonly string[];
};

type Timed = Pick<Change, 'part' | 'subject' | 'series' | 'unit'> & { readonly median: number };

/**
 * Compares medians, series by series.
 *
 * A series is slower where its median grew by more than the threshold. Other programs' times are shown and never fail: they tell
 * whether the machine changed.
 *
 * @param threshold - Such as 0.1 for a tenth.
 * @param options.otherMachine - Compare although the machines differ.
 * @throws {UsageError} `BENCH_OTHER_MACHINE`, `BENCH_NOTHING` where the reports have no series in common.
 */
export function compareReports(
  before: Report,
  now: Report,
  threshold: number,
  options: { readonly otherMachine?: boolean } = {},
): Comparison {
  const differences = machineDifferences(before.machine, now.machine);
  if (differences.length > 0 && options.otherMachine !== true)
    throw new UsageError(
      'BENCH_OTHER_MACHINE',
      `the older report is of another machine (${differences.join('; ')}). Measure both on one, or add --other-machine.`,
    );
  const [old, fresh] = [timesOf(before), timesOf(now)];
  const changes = [...fresh].flatMap(([key, { median, ...series }]): Change[] => {
    const earlier = old.get(key);
    if (earlier === undefined) return [];
    const change = rounded(median / earlier.median - 1);
    const verdict = change > threshold ? 'slower' : change < -threshold ? 'faster' : 'same';
    return [{ ...series, before: earlier.median, now: median, change, verdict }];
  });
  if (changes.length === 0)
    throw new UsageError(
      'BENCH_NOTHING',
      'the two reports have nothing in common. Measure the same parts and circuits.',
    );
  return {
    ok: !changes.some(({ verdict, series }) => verdict === 'slower' && isOurs(series)),
    threshold,
    changes,
    onlyBefore: [...old.keys()].filter((key) => !fresh.has(key)),
    onlyNow: [...fresh.keys()].filter((key) => !old.has(key)),
  };
}

function timesOf({ entries }: Report): Map<string, Timed> {
  return new Map(
    entries.flatMap(({ part, subject, unit, series }) =>
      series.map((one) => {
        const name = seriesName(one);
        return [`${part}: ${subject}: ${name}`, { part, subject, series: name, unit, median: one.median }];
      }),
    ),
  );
}

function isOurs(series: string): boolean {
  return series.startsWith('wasm/') || series.startsWith('native/');
}
