/** Reports as tables for terminals, and the words that all renderings share. */
import Table from 'cli-table3';
import { formatBytes } from '../build/forecast.js';
import type { Comparison } from './compare.js';
import type { Machine } from './machine.js';
import {
  type Contender,
  type Entry,
  PARTS,
  type Part,
  type Report,
  type Series,
  seriesName,
} from './report.js';
import type { Summary } from './statistics.js';
import type { TargetResult } from './targets.js';

/** What each part measures, for headings. */
export const PART_TITLES: { readonly [Name in Part]: string } = {
  field: 'Field multiplication, one thread, time of one',
  msm: 'Sums of products of points and scalars',
  fft: 'Transforms of field elements',
  setup: 'Setup from powers of tau, whole process, same bytes',
  witness: 'Witness, whole process',
  prove: 'Proof: key and witness file to proof, whole process',
  threads: 'Prover alone by threads: key loaded, witness at hand',
  finality: 'Finality: block file to verified proof, whole command',
  verify: 'Verification of one proof',
  large: 'A circuit of 2^20 constraints with full-size scalars, whole processes',
};

/** Names of contenders for people. */
export const CONTENDER_TITLES: { readonly [Name in Contender]: string } = {
  wasm: 'zkfinality WASM',
  native: 'zkfinality native',
  'wasm-pairing': 'zkfinality/verify/wasm',
  snarkjs: 'snarkjs',
  rapidsnark: 'rapidsnark',
};

/** Name of a contender in a part; where no engine takes part, ours has no engine's name. */
export function contenderTitle(contender: Contender, part: Part): string {
  const isOursWithoutEngine = contender === 'wasm' && (part === 'witness' || part === 'verify');
  return isOursWithoutEngine ? 'zkfinality' : CONTENDER_TITLES[contender];
}

/** Parts with their entries, in the fixed order, without those that were not measured. */
export function entriesByPart({ entries }: Report): readonly (readonly [Part, readonly Entry[]])[] {
  return PARTS.map((part) => [part, entries.filter((entry) => entry.part === part)] as const).filter(
    ([, found]) => found.length > 0,
  );
}

/** Three significant digits and a fitting unit; `value` in ms or ns. */
export function formatTime(value: number, unit: 'ms' | 'ns' = 'ms'): string {
  if (unit === 'ns') return `${significant(value)} ns`;
  if (value < 1) return `${significant(value * 1000)} µs`;
  if (value < 1000) return `${significant(value)} ms`;
  return `${significant(value / 1000)} s`;
}

function significant(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : 2);
}

/** Peak memory of a series, nothing where it was not measured. */
export function formatMemory({ peakBytes }: Series): string {
  return peakBytes === undefined ? '' : formatBytes(peakBytes);
}

/** Such as `4.21× (4.05–4.30)`. */
export function formatRatio({ median, min, max }: Summary): string {
  return `${median.toFixed(2)}× (${min.toFixed(2)}–${max.toFixed(2)})`;
}

/** Ratios in which a series is ours, as `4.21× snarkjs (4.05–4.30)`: one thread against one, all against all. */
export function ratiosOfSeries(entry: Entry, series: Series): string[] {
  return entry.ratios
    .filter(({ ours }) => ours === seriesName(series))
    .map(({ other, median, min, max }) => {
      const name = entry.part === 'threads' ? 'one thread' : other.slice(0, other.indexOf('/'));
      return `${median.toFixed(2)}× ${name} (${min.toFixed(2)}–${max.toFixed(2)})`;
    });
}

const UNITS = { seconds: 's', gibibytes: 'GiB' } as const;

/** What a target asks for, such as `≥ 3×` or `≤ 60 s`. */
export function formatBound({ kind }: TargetResult, bound: number): string {
  return kind === 'ratio' ? `≥ ${bound}×` : `≤ ${bound} ${UNITS[kind]}`;
}

/** What was measured for a target, with its spread. */
export function formatMeasured({ kind, measured }: TargetResult): string {
  if (measured === undefined) return '–';
  if (kind === 'ratio') return formatRatio(measured);
  const { median, min, max } = measured;
  return `${median.toFixed(1)} ${UNITS[kind]} (${min.toFixed(1)}–${max.toFixed(1)})`;
}

/** Machine in one sentence without a full stop. */
export function formatMachine(machine: Machine): string {
  const { cpu, cores, features, memoryBytes, platform, kernel, node, v8, load } = machine;
  const instructions = features.length === 0 ? '' : ` (${features.join(', ')})`;
  return `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}${instructions}, ${formatBytes(memoryBytes)}, ${platform}, kernel ${kernel}, Node ${node}, V8 ${v8}, load ${load} at start`;
}

/** The whole report for a terminal. */
export function reportText(report: Report): string {
  const sections = entriesByPart(report).map(([part, entries]) => {
    const table = plainTable(
      ['', 'what', 'threads', 'median', 'min–max', 'memory', 'times as fast as (min–max)'],
      3,
    );
    for (const entry of entries)
      entry.series.forEach((series, i) => {
        table.push([
          i === 0 ? entry.subject : '',
          contenderTitle(series.contender, part),
          String(series.threads),
          formatTime(series.median, entry.unit),
          `${formatTime(series.min, entry.unit)}–${formatTime(series.max, entry.unit)}`,
          formatMemory(series),
          ratiosOfSeries(entry, series).join('\n'),
        ]);
      });
    return `${PART_TITLES[part]}\n${table.toString()}`;
  });
  const measured = report.targets.filter(({ verdict }) => verdict !== 'not measured');
  if (measured.length > 0) {
    const table = plainTable(['target', 'at least', 'aim', 'measured (min–max)', ''], 5);
    for (const target of measured)
      table.push([
        target.name,
        formatBound(target, target.atLeast),
        formatBound(target, target.aim),
        formatMeasured(target),
        target.verdict,
      ]);
    sections.push(`Targets\n${table.toString()}`);
  }
  const notes = [
    `Medians of alternating runs on ${formatMachine(report.machine)}.`,
    ...report.warnings.map((warning) => `Warning: ${warning}`),
  ];
  return [...sections, notes.join('\n')].join('\n\n');
}

/** A table without colours; the first `left` columns and the last are aligned to the left. */
function plainTable(head: string[], left: number): Table.Table {
  return new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, i) => (i < left - 1 || i === head.length - 1 ? 'left' : 'right')),
  });
}

/** What changed, for a terminal. */
export function comparisonText({ ok, threshold, changes, onlyBefore, onlyNow }: Comparison): string {
  const table = plainTable(['part', 'what', 'series', 'before', 'now', 'change', ''], 4);
  for (const { part, subject, series, unit, before, now, change, verdict } of changes)
    table.push([
      part,
      subject,
      series,
      formatTime(before, unit),
      formatTime(now, unit),
      `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`,
      verdict === 'same' ? '' : verdict,
    ]);
  const percent = `${(threshold * 100).toFixed(1).replace('.0', '')} %`;
  const lines = [
    'Changes',
    table.toString(),
    ...(onlyBefore.length === 0 ? [] : [`Not measured now: ${onlyBefore.join('; ')}.`]),
    ...(onlyNow.length === 0 ? [] : [`Not measured before: ${onlyNow.join('; ')}.`]),
    ok
      ? `Nothing of ours is more than ${percent} slower.`
      : `Something of ours is more than ${percent} slower.`,
  ];
  return lines.join('\n');
}
