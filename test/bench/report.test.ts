import { describe, expect, it } from 'vitest';
import { parseReport, type Report } from '../../src/bench/report.js';
import { codeOf } from '../support/istanbul.js';
import { entry, FULL, report, series } from './support.js';

type Loose = Record<string, unknown>;
const copy = (value: Report): Loose => JSON.parse(JSON.stringify(value)) as Loose;

/** A whole report with one change. */
function changed(change: (document: Loose) => unknown): Loose {
  const document = copy(report(FULL));
  change(document);
  return document;
}
const entryOf = (document: Loose, index: number): Loose => (document.entries as Loose[])[index] as Loose;
const seriesOf = (document: Loose, index: number, at = 0): Loose =>
  (entryOf(document, index).series as Loose[])[at] as Loose;

describe('completeReport', () => {
  it('default: ratios against every other program, pair by pair', () => {
    const { entries } = report(FULL);
    expect(entries[1]?.ratios).toEqual([
      { ours: 'wasm/2', other: 'snarkjs/2', median: 4, min: 3.878, max: 4.118 },
      { ours: 'wasm/2', other: 'rapidsnark/2', median: 0.8, min: 0.776, max: 0.824 },
      { ours: 'native/2', other: 'snarkjs/2', median: 10, min: 10, max: 10 },
      { ours: 'native/2', other: 'rapidsnark/2', median: 2, min: 2, max: 2 },
    ]);
  });

  it('behavior: one thread is compared with one thread, all with all', () => {
    const both = (name: 'wasm' | 'snarkjs') => [series(name, 1, [2]), series(name, 2, [1])];
    const { entries } = report([entry('fft', '2^10', [...both('wasm'), ...both('snarkjs')])]);
    expect(entries[0]?.ratios.map(({ ours, other }) => [ours, other])).toEqual([
      ['wasm/1', 'snarkjs/1'],
      ['wasm/2', 'snarkjs/2'],
    ]);
  });

  it('behavior: in `threads` many threads are compared with one of the same engine', () => {
    const { entries } = report(FULL);
    expect(entries[3]?.ratios).toMatchObject([{ ours: 'wasm/2', other: 'wasm/1', median: 1.8 }]);
  });
});

describe('targets', () => {
  const verdicts = (entries: Parameters<typeof report>[0]) =>
    new Map(report(entries).targets.map(({ name, verdict }) => [name.split(',')[0], verdict]));

  it('default: judged by the median: aim met, met, not met, not measured', () => {
    const found = report(FULL).targets;
    const one = (start: string) => found.find(({ name }) => name.startsWith(start));
    expect(one('committee-32: wasm against snarkjs')).toMatchObject({
      verdict: 'met',
      measured: { median: 4 },
    });
    expect(one('committee-32: native against rapidsnark')).toMatchObject({ verdict: 'met' });
    expect(one('committee-32: wasm, two threads')).toMatchObject({
      verdict: 'met',
      measured: { median: 1.8 },
    });
    expect(one('istanbul-ibft2-8: wasm')).toMatchObject({
      verdict: 'met',
      measured: { median: 30, max: 31 },
    });
    expect(one('istanbul-ibft2-8: native')).toEqual(
      expect.not.objectContaining({ measured: expect.anything() }),
    );
    expect(one('keccak-5: wasm')).toMatchObject({ verdict: 'not measured' });
  });

  it.each([
    [5, 'aim met'],
    [4.99, 'met'],
    [3, 'met'],
    [2.99, 'not met'],
  ])('behavior: %s times as fast where 3 are promised and 5 aimed at', (times, verdict) => {
    const measured = entry('prove', 'committee-32', [
      series('wasm', 2, [100]),
      series('snarkjs', 2, [100 * times]),
    ]);
    expect(verdicts([measured]).get('committee-32: wasm against snarkjs')).toBe(verdict);
  });

  it.each([
    [20_000, 'aim met'],
    [20_001, 'met'],
    [60_000, 'met'],
    [60_001, 'not met'],
  ])('behavior: %s ms where 60 s are promised and 20 s aimed at', (ms, verdict) => {
    const measured = entry('finality', 'istanbul-ibft2-8', [series('wasm', 2, [ms])]);
    expect(verdicts([measured]).get('istanbul-ibft2-8: wasm')).toBe(verdict);
  });

  it('behavior: quick circuits meet nothing', () => {
    const quick = report([entry('prove', 'dense-1020', [series('wasm', 2, [1]), series('snarkjs', 2, [9])])]);
    expect(new Set(quick.targets.map(({ verdict }) => verdict))).toEqual(new Set(['not measured']));
  });
});

describe('parseReport', () => {
  it('default: reads what was written', () => {
    const written = report(FULL, { warnings: ['busy'] });
    expect(parseReport(copy(written))).toEqual(written);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', []],
    ['another document', { kind: 'zkfinality-proof' }],
    ['a report of an older version', { ...copy(report(FULL)), kind: 'zkfinality-bench/1' }],
  ])('error: FORMAT_UNKNOWN for %s', (_name, document) => {
    expect(codeOf(() => parseReport(document))).toBe('FORMAT_UNKNOWN');
  });

  it.each<[string, string, (document: Loose) => unknown]>([
    ['a missing field', 'FIELD_MISSING', (d) => delete d.machine],
    ['a missing field of the machine', 'FIELD_MISSING', (d) => delete (d.machine as Loose).kernel],
    ['an unknown field', 'FIELD_UNKNOWN', (d) => Object.assign(d, { more: 1 })],
    ['an unknown field of a series', 'FIELD_UNKNOWN', (d) => Object.assign(seriesOf(d, 0), { more: 1 })],
    ['text for a number', 'FIELD_TYPE', (d) => Object.assign(d.machine as Loose, { load: '0.1' })],
    ['text for a flag', 'FIELD_TYPE', (d) => Object.assign(d, { quick: 'no' })],
    ['a machine that is none', 'FIELD_TYPE', (d) => Object.assign(d, { machine: 7 })],
    ['stages that are none', 'FIELD_TYPE', (d) => Object.assign(seriesOf(d, 1), { stagesMs: null })],
    [
      'a stage that is no number',
      'FIELD_TYPE',
      (d) => Object.assign(seriesOf(d, 1).stagesMs as Loose, { rows: 'a' }),
    ],
    ['entries that are none', 'FIELD_TYPE', (d) => Object.assign(d, { entries: {} })],
    [
      'a sample of null, as JSON writes infinity',
      'FIELD_TYPE',
      (d) => Object.assign(seriesOf(d, 0), { samples: [null] }),
    ],
    ['a negative sample', 'NUMBER_RANGE', (d) => Object.assign(seriesOf(d, 0), { samples: [-1, 1, 1] })],
    ['a sample of zero', 'NUMBER_RANGE', (d) => Object.assign(seriesOf(d, 0), { samples: [0, 1, 1] })],
    ['no samples', 'NUMBER_RANGE', (d) => Object.assign(seriesOf(d, 0), { samples: [] })],
    ['half a thread', 'NUMBER_RANGE', (d) => Object.assign(seriesOf(d, 0), { threads: 0.5 })],
    ['memory of half a byte', 'NUMBER_RANGE', (d) => Object.assign(seriesOf(d, 4), { peakBytes: 0.5 })],
    ['no cores', 'NUMBER_RANGE', (d) => Object.assign(d.machine as Loose, { cores: 0 })],
    [
      'samples that cannot be paired',
      'ARRAY_LENGTH',
      (d) => Object.assign(seriesOf(d, 0, 1), { samples: [1] }),
    ],
    ['an unknown part', 'BENCH_NAME', (d) => Object.assign(entryOf(d, 0), { part: 'coffee' })],
    ['an unknown contender', 'BENCH_NAME', (d) => Object.assign(seriesOf(d, 0), { contender: 'other' })],
    ['an unknown unit', 'BENCH_NAME', (d) => Object.assign(entryOf(d, 0), { unit: 's' })],
    ['a series twice', 'BENCH_NAME', (d) => Object.assign(seriesOf(d, 0, 1), { contender: 'wasm' })],
    [
      'a median that does not follow',
      'BENCH_INCONSISTENT',
      (d) => Object.assign(seriesOf(d, 0), { median: 1 }),
    ],
    [
      'a sample changed alone',
      'BENCH_INCONSISTENT',
      (d) => Object.assign(seriesOf(d, 1), { samples: [1, 1, 1] }),
    ],
    ['ratios taken out', 'BENCH_INCONSISTENT', (d) => Object.assign(entryOf(d, 1), { ratios: [] })],
    [
      'a target judged by hand',
      'BENCH_INCONSISTENT',
      (d) => Object.assign((d.targets as Loose[])[0]!, { verdict: 'aim met' }),
    ],
    ['targets taken out', 'BENCH_INCONSISTENT', (d) => Object.assign(d, { targets: [] })],
  ])('error: %s is %s', (_name, code, change) => {
    expect(codeOf(() => parseReport(changed(change)))).toBe(code);
  });
});
