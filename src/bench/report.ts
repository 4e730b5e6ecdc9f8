/**
 * The report of a benchmark: samples as measured, and everything that follows from them.
 *
 * Medians, ratios and the table of targets derive from the samples by {@link completeReport} alone. They stand in the file for
 * whoever reads it without this code, and {@link parseReport} refuses a file in which they do not follow from the samples.
 */
import { FileError } from '../statement/errors.js';
import { readArray, readBoolean, readChoice, readRecord, readString } from '../statement/json.js';
import type { Machine } from './machine.js';
import { type Ratio, ratioOf, type Summary, summarise } from './statistics.js';
import { judgeTargets, type TargetResult } from './targets.js';

export const REPORT_KIND = 'zkfinality-bench/2';

/** What is measured. `prove`: proving key and witness file to proof. `finality`: block file to verified proof. */
export const PARTS = [
  'field',
  'msm',
  'fft',
  'setup',
  'witness',
  'prove',
  'threads',
  'finality',
  'verify',
  'large',
] as const;
export type Part = (typeof PARTS)[number];

/** Who is measured: the first two are ours. */
export const CONTENDERS = ['wasm', 'native', 'wasm-pairing', 'snarkjs', 'rapidsnark'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** One contender's samples, one a round. */
export type RawSeries = {
  readonly contender: Contender;
  readonly threads: number;
  readonly samples: readonly number[];
  /** Median milliseconds of each stage, where the contender tells them. */
  readonly stagesMs?: { readonly [stage: string]: number };
  /** Most resident memory of a whole process in any run, where the system tells. */
  readonly peakBytes?: number;
};

/** Contenders side by side at one task, in alternating runs. */
export type RawEntry = {
  readonly part: Part;
  /** Circuit or size. */
  readonly subject: string;
  readonly unit: 'ms' | 'ns';
  /** Rows of the circuit, or elements. */
  readonly size: number;
  readonly series: readonly RawSeries[];
};

export type RawReport = {
  readonly kind: typeof REPORT_KIND;
  /** Version of this package. */
  readonly version: string;
  /** Version of snarkjs that was measured. */
  readonly snarkjs: string;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  /** How to run it again. */
  readonly command: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly warnings: readonly string[];
  readonly entries: readonly RawEntry[];
};

export type Series = RawSeries & Summary;
/** How many times faster `ours` is than `other`, both as `contender/threads`. */
export type NamedRatio = Ratio & { readonly ours: string; readonly other: string };
export type Entry = Omit<RawEntry, 'series'> & {
  readonly series: readonly Series[];
  readonly ratios: readonly NamedRatio[];
};
export type Report = Omit<RawReport, 'entries'> & {
  readonly entries: readonly Entry[];
  readonly targets: readonly TargetResult[];
};

const OURS: readonly Contender[] = ['wasm', 'native', 'wasm-pairing'];

/** Name of a series within its entry. */
export function seriesName({ contender, threads }: Pick<RawSeries, 'contender' | 'threads'>): string {
  return `${contender}/${threads}`;
}

/** Adds what follows from the samples. */
export function completeReport(raw: RawReport): Report {
  const entries = raw.entries.map(completeEntry);
  return { ...raw, entries, targets: judgeTargets(entries) };
}

function completeEntry(entry: RawEntry): Entry {
  const series = entry.series.map((one) => ({ ...one, ...summarise(one.samples) }));
  return { ...entry, series, ratios: ratiosOf(entry) };
}

/** Ours against every other program, best threads against theirs; in `threads` more threads of ours against one. */
function ratiosOf({ part, series }: RawEntry): NamedRatio[] {
  const name = (ours: RawSeries, other: RawSeries): NamedRatio => ({
    ours: seriesName(ours),
    other: seriesName(other),
    ...ratioOf(ours.samples, other.samples),
  });
  const ours = series.filter(({ contender }) => OURS.includes(contender));
  if (part === 'threads')
    return ours.flatMap((many) => {
      const single = series.find((one) => one.contender === many.contender && one.threads === 1);
      return single === undefined || many.threads === 1 ? [] : [name(many, single)];
    });
  const others = series.filter(({ contender }) => !OURS.includes(contender));
  return ours.flatMap((mine) =>
    others
      .filter((other) => (mine.threads === 1) === (other.threads === 1) || isOnly(series, other.contender))
      .map((other) => name(mine, other)),
  );
}

function isOnly(series: readonly RawSeries[], contender: Contender): boolean {
  return series.filter((one) => one.contender === contender).length === 1;
}

const REPORT_FIELDS = [
  'kind',
  'version',
  'snarkjs',
  'measuredAt',
  'command',
  'quick',
  'machine',
  'warnings',
  'entries',
  'targets',
];
const MACHINE_FIELDS = [
  'cpu',
  'cores',
  'features',
  'memoryBytes',
  'platform',
  'kernel',
  'node',
  'v8',
  'load',
];

/**
 * Reads a report strictly.
 *
 * @throws {FileError} `FORMAT_UNKNOWN` for another kind of document; `FIELD_MISSING`, `FIELD_UNKNOWN`, `FIELD_TYPE`, `NUMBER_RANGE`,
 *   `ARRAY_LENGTH`, `BENCH_NAME`; `BENCH_INCONSISTENT` where a derived figure does not follow from the samples.
 */
export function parseReport(json: unknown): Report {
  const kind = typeof json === 'object' && json !== null ? (json as { kind?: unknown }).kind : undefined;
  if (kind !== REPORT_KIND)
    throw new FileError(
      'FORMAT_UNKNOWN',
      `report: expected kind "${REPORT_KIND}", got ${JSON.stringify(kind)?.slice(0, 40)}. Measure again with this version.`,
    );
  const record = readRecord(json, 'report', REPORT_FIELDS);
  const raw: RawReport = {
    kind: REPORT_KIND,
    version: readString(record.version, 'version'),
    snarkjs: readString(record.snarkjs, 'snarkjs'),
    measuredAt: readString(record.measuredAt, 'measuredAt'),
    command: readString(record.command, 'command'),
    quick: readBoolean(record.quick, 'quick'),
    machine: parseMachine(record.machine),
    warnings: readArray(record.warnings, 'warnings').map((text, i) => readString(text, `warnings[${i}]`)),
    entries: readArray(record.entries, 'entries').map((entry, i) => parseEntry(entry, `entries[${i}]`)),
  };
  const report = completeReport(raw);
  report.entries.forEach((entry, i) => {
    expectDerived((record.entries as unknown[])[i], entry, `entries[${i}]`);
  });
  expectDerived(record.targets, report.targets, 'targets');
  return report;
}

function parseMachine(json: unknown): Machine {
  const record = readRecord(json, 'machine', MACHINE_FIELDS);
  const text = (field: string): string => readString(record[field], `machine.${field}`);
  const number = (field: string): number => readNumber(record[field], `machine.${field}`);
  return {
    cpu: text('cpu'),
    cores: readCount(record.cores, 'machine.cores'),
    features: readArray(record.features, 'machine.features').map((name, i) =>
      readString(name, `machine.features[${i}]`),
    ),
    memoryBytes: number('memoryBytes'),
    platform: text('platform'),
    kernel: text('kernel'),
    node: text('node'),
    v8: text('v8'),
    load: number('load'),
  };
}

function parseEntry(json: unknown, path: string): RawEntry {
  const record = readRecord(json, path, ['part', 'subject', 'unit', 'size', 'series', 'ratios']);
  const series = readArray(record.series, `${path}.series`).map((one, i) =>
    parseSeries(one, `${path}.series[${i}]`),
  );
  const rounds = series[0]?.samples.length;
  const names = series.map(seriesName);
  series.forEach((one, i) => {
    if (one.samples.length !== rounds)
      throw new FileError(
        'ARRAY_LENGTH',
        `${path}.series[${i}].samples: expected ${rounds} samples as in the first series, got ${one.samples.length}.`,
      );
    if (names.indexOf(seriesName(one)) !== i)
      throw new FileError('BENCH_NAME', `${path}.series[${i}]: ${seriesName(one)} stands twice.`);
  });
  return {
    part: readChoice(record.part, `${path}.part`, PARTS, 'BENCH_NAME'),
    subject: readString(record.subject, `${path}.subject`),
    unit: readChoice(record.unit, `${path}.unit`, ['ms', 'ns'], 'BENCH_NAME'),
    size: readCount(record.size, `${path}.size`),
    series,
  };
}

function parseSeries(json: unknown, path: string): RawSeries {
  const fields = ['contender', 'threads', 'samples', 'median', 'min', 'max'];
  const record = readRecord(json, path, fields, ['stagesMs', 'peakBytes']);
  const samples = readArray(record.samples, `${path}.samples`).map((value, i) =>
    readNumber(value, `${path}.samples[${i}]`),
  );
  if (samples.length === 0 || samples.some((value) => value === 0))
    throw new FileError('NUMBER_RANGE', `${path}.samples: expected at least one, all above 0.`);
  const series = {
    contender: readChoice(record.contender, `${path}.contender`, CONTENDERS, 'BENCH_NAME'),
    threads: readCount(record.threads, `${path}.threads`),
    samples,
    ...(record.peakBytes === undefined
      ? {}
      : { peakBytes: readCount(record.peakBytes, `${path}.peakBytes`) }),
  };
  if (record.stagesMs === undefined) return series;
  const { stagesMs: given } = record;
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  const stages = readRecord(given, `${path}.stagesMs`, names);
  const stagesMs = Object.fromEntries(
    Object.entries(stages).map(([stage, value]) => [stage, readNumber(value, `${path}.stagesMs.${stage}`)]),
  );
  return { ...series, stagesMs };
}

/** A finite number from 0 up. */
function readNumber(value: unknown, path: string): number {
  if (typeof value !== 'number')
    throw new FileError(
      'FIELD_TYPE',
      `${path}: expected a number, got ${JSON.stringify(value)?.slice(0, 40)}.`,
    );
  if (!Number.isFinite(value) || value < 0)
    throw new FileError('NUMBER_RANGE', `${path}: expected a number from 0 up, got ${value}.`);
  return value;
}

/** A whole number from 1 up. */
function readCount(value: unknown, path: string): number {
  const count = readNumber(value, path);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new FileError('NUMBER_RANGE', `${path}: expected a whole number from 1 up, got ${count}.`);
  return count;
}

function expectDerived(found: unknown, expected: unknown, path: string): void {
  if (canonical(found) === canonical(expected)) return;
  throw new FileError(
    'BENCH_INCONSISTENT',
    `${path}: medians, ratios or targets do not follow from the samples. The file was changed, or another version wrote it: measure again.`,
  );
}

/** JSON with the fields of every object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
