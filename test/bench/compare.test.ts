import { describe, expect, it } from 'vitest';
import { compareReports } from '../../src/bench/compare.js';
import type { Machine } from '../../src/bench/machine.js';
import { codeOf } from '../support/istanbul.js';
import { entry, report, series } from './support.js';

const proofs = (wasm: number, snarkjs: number) =>
  report([entry('prove', 'committee-4', [series('wasm', 2, [wasm]), series('snarkjs', 2, [snarkjs])])]);
const on = (change: Partial<Machine>) => {
  const base = proofs(100, 400);
  return { ...base, machine: { ...base.machine, ...change } };
};

describe('compareReports', () => {
  it('default: says how much every series changed', () => {
    const { ok, changes } = compareReports(proofs(100, 400), proofs(80, 404), 0.1);
    expect(ok).toBe(true);
    expect(changes).toEqual([
      {
        part: 'prove',
        subject: 'committee-4',
        series: 'wasm/2',
        unit: 'ms',
        before: 100,
        now: 80,
        change: -0.2,
        verdict: 'faster',
      },
      {
        part: 'prove',
        subject: 'committee-4',
        series: 'snarkjs/2',
        unit: 'ms',
        before: 400,
        now: 404,
        change: 0.01,
        verdict: 'same',
      },
    ]);
  });

  it.each([
    [110, true, 'same'],
    [110.2, false, 'slower'],
    [90, true, 'same'],
    [89, true, 'faster'],
  ])('behavior: 100 ms, now %s ms with a threshold of a tenth', (now, ok, verdict) => {
    const comparison = compareReports(proofs(100, 400), proofs(now, 400), 0.1);
    expect(comparison.ok).toBe(ok);
    expect(comparison.changes[0]?.verdict).toBe(verdict);
  });

  it('behavior: another program that became slower fails nothing', () => {
    const { ok, changes } = compareReports(proofs(100, 400), proofs(100, 900), 0.1);
    expect(ok).toBe(true);
    expect(changes[1]?.verdict).toBe('slower');
  });

  it('behavior: names what only one of them has', () => {
    const more = report([
      entry('prove', 'committee-4', [series('wasm', 2, [100]), series('native', 2, [50])]),
    ]);
    expect(compareReports(proofs(100, 400), more, 0.1)).toMatchObject({
      onlyBefore: ['prove: committee-4: snarkjs/2'],
      onlyNow: ['prove: committee-4: native/2'],
    });
  });

  it.each<[string, Partial<Machine>]>([
    ['processor', { cpu: 'Another' }],
    ['number of cores', { cores: 4 }],
    ['features', { features: ['adx'] }],
    ['platform', { platform: 'darwin arm64' }],
    ['memory', { memoryBytes: 8e9 }],
  ])('error: BENCH_OTHER_MACHINE for another %s, unless it is asked for', (_name, change) => {
    expect(codeOf(() => compareReports(on(change), proofs(100, 400), 0.1))).toBe('BENCH_OTHER_MACHINE');
    expect(compareReports(on(change), proofs(100, 400), 0.1, { otherMachine: true }).ok).toBe(true);
  });

  it('behavior: another Node, kernel or load is the same machine', () => {
    const now = on({ node: 'v22.0.0', v8: '12', kernel: '6.2.0', load: 3, memoryBytes: 15.9e9 });
    expect(compareReports(on({}), now, 0.1).ok).toBe(true);
  });

  it('error: BENCH_NOTHING where nothing can be compared', () => {
    const other = report([entry('fft', '2^10', [series('wasm', 1, [1])])]);
    expect(codeOf(() => compareReports(proofs(100, 400), other, 0.1))).toBe('BENCH_NOTHING');
  });
});
