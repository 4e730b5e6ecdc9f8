import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/bench/report.js';
import {
  assertMachineFits,
  type CircuitFigures,
  domainLogOf,
  forecast,
  formatBytes,
  formatSeconds,
  measureSlowness,
} from '../../src/build/forecast.js';
import { CIRCUITS } from '../../src/build/registry.js';
import { expectedArithmetic } from '../../src/engine/index.js';
import { cli } from '../support/cli.js';
import { expectForetold, measuredCli } from '../support/measured-cli.js';

const figures = {
  constraints: 1_000_000,
  wires: 900_000,
  publicInputs: 7,
  firstRoundWires: 500_000,
  coefficients: 6_000_000,
};
const folder = process.cwd();
const known = JSON.parse(readFileSync('keys/figures.json', 'utf8')) as Record<string, CircuitFigures>;

describe('domainLogOf', () => {
  it('default: rows, one for each public input and the constant, padded', () => {
    expect(domainLogOf({ constraints: 1016, publicInputs: 7 })).toBe(10);
    expect(domainLogOf({ constraints: 1017, publicInputs: 7 })).toBe(11);
  });
});

describe('forecast', () => {
  it('behavior: more threads never cost more time, more rows never less of anything', () => {
    const small = forecast({ ...figures, constraints: 500_000, wires: 450_000 }, { threads: 2 });
    const large = forecast(figures, { threads: 2 });
    expect(forecast(figures, { threads: 4 }).prove.seconds).toBeLessThan(large.prove.seconds);
    for (const stage of ['compile', 'setup', 'prove'] as const) {
      expect(large[stage].seconds).toBeGreaterThan(small[stage].seconds);
      expect(large[stage].memoryBytes).toBeGreaterThan(small[stage].memoryBytes);
    }
    expect(large.keyBytes).toBeGreaterThan(figures.wires * 256);
  });

  it('behavior: times follow the machine and the arithmetic, memory does not shrink with the machine', () => {
    const { prove } = forecast(figures, { threads: 2 });
    const slow = forecast(figures, { threads: 2, slowness: 3 }).prove;
    expect(slow.seconds / prove.seconds).toBeCloseTo(3);
    expect(slow.memoryBytes).toBe(prove.memoryBytes);
    expect(forecast(figures, { threads: 2, arithmetic: 'ifma' }).prove.seconds).toBeLessThan(prove.seconds);
  });

  it('behavior: a larger tier never costs less', () => {
    const families = new Set(CIRCUITS.map(({ id }) => id.replace(/\d+$/, '')));
    for (const family of families) {
      const specs = CIRCUITS.filter(({ id }) => id.replace(/\d+$/, '') === family);
      const costs = specs.flatMap(({ id }) => (known[id] ? [forecast(known[id], { threads: 2 })] : []));
      for (const [i, larger] of costs.slice(1).entries())
        for (const stage of ['compile', 'setup', 'prove'] as const) {
          expect(larger[stage].seconds).toBeGreaterThan(costs[i]![stage].seconds);
          expect(larger[stage].memoryBytes).toBeGreaterThan(costs[i]![stage].memoryBytes);
        }
    }
  });
});

/** Whole commands of docs/BENCHMARKS.md: medians on the machine that the factors were measured on. */
describe('forecast beside the benchmarks', () => {
  const { entries } = JSON.parse(readFileSync('docs/benchmarks.json', 'utf8')) as Pick<Report, 'entries'>;
  const whole = entries.filter(({ part }) => part === 'finality');
  const cases = whole.flatMap(({ subject, series }) =>
    series.map(({ contender, threads, median, peakBytes = 0 }) => ({
      subject,
      arithmetic: contender === 'wasm' ? ('wasm' as const) : ('ifma' as const),
      threads,
      seconds: median / 1000,
      peakBytes,
    })),
  );

  it('default: there are some, of both engines', () => {
    expect(new Set(cases.map(({ arithmetic }) => arithmetic)).size).toBe(2);
  });

  it.each(cases)('behavior: $subject, $arithmetic: neither too low nor twice too high', (one) => {
    const { prove } = forecast(known[one.subject] as CircuitFigures, one);
    expect(prove.seconds / one.seconds).toBeGreaterThan(0.75);
    expect(prove.seconds / one.seconds).toBeLessThan(2);
    expect(prove.memoryBytes / one.peakBytes).toBeGreaterThan(1);
    expect(prove.memoryBytes / one.peakBytes).toBeLessThan(2);
  });
});

describe('forecast beside a proof on this machine', () => {
  it.each(['wasm', 'native'] as const)(
    'behavior: committee-4, %s: between a third and thrice',
    async (engine) => {
      if (engine === 'native' && expectedArithmetic() === 'wasm')
        return expect(process.env.CI).not.toBe('true');
      const folder = mkdtempSync(join(tmpdir(), 'zkfinality-forecast-'));
      try {
        expect((await cli(['devnet', '--variant', 'committee', '--out', folder])).code).toBe(0);
        expect((await cli(['setup', 'committee-4'])).code).toBe(0);
        const [block, trust] = [join(folder, 'block-2.json'), join(folder, 'trust.json')];
        const out = join(folder, 'proof.json');
        const proved = await measuredCli([
          'prove',
          block,
          '--trust',
          trust,
          '--out',
          out,
          '--engine',
          engine,
        ]);
        expect(proved.code, proved.stderr).toBe(0);
        expectForetold('committee-4', engine, proved);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe('assertMachineFits', () => {
  const stage = { seconds: 1, memoryBytes: 1000, diskBytes: 1000 };

  it('default: passes at the very limit', () => {
    assertMachineFits('setup', stage, folder, { memoryBytes: 1000, diskBytes: 1000 });
    assertMachineFits('setup', stage, folder);
  });

  it('error: NOT_ENOUGH_MEMORY and NOT_ENOUGH_DISK, with both numbers', () => {
    expect(() => assertMachineFits('setup', stage, folder, { memoryBytes: 999, diskBytes: 1000 })).toThrow(
      expect.objectContaining({
        code: 'NOT_ENOUGH_MEMORY',
        message: expect.stringMatching(/1\.0 kB.*999 B/),
      }),
    );
    expect(() => assertMachineFits('setup', stage, folder, { memoryBytes: 1000, diskBytes: 999 })).toThrow(
      expect.objectContaining({ code: 'NOT_ENOUGH_DISK' }),
    );
  });
});

describe('measureSlowness', () => {
  it('default: a few milliseconds, within its limits, much the same twice', () => {
    const [first, second] = [measureSlowness(), measureSlowness()];
    expect(first).toBeGreaterThanOrEqual(1 / 4);
    expect(first).toBeLessThanOrEqual(16);
    expect(first / second).toBeGreaterThan(1 / 3);
    expect(first / second).toBeLessThan(3);
  });
});

describe('formatting', () => {
  it('default: decimal units', () => {
    expect([0, 999, 1000, 12_345, 3.2e9].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '12 kB',
      '3.2 GB',
    ]);
    expect([0.0123, 12.34, 125].map(formatSeconds)).toEqual(['12 ms', '12.3 s', '2 min 5 s']);
  });
});
