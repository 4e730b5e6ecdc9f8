import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  assertMachineFits,
  type CircuitFigures,
  domainLogOf,
  forecast,
  formatBytes,
  formatSeconds,
} from '../../src/build/forecast.js';
import { CIRCUITS } from '../../src/build/registry.js';

const figures = {
  constraints: 1_000_000,
  wires: 900_000,
  publicInputs: 7,
  firstRoundWires: 500_000,
  coefficients: 6_000_000,
};
const folder = process.cwd();

describe('domainLogOf', () => {
  it('default: rows, one for each public input and the constant, padded', () => {
    expect(domainLogOf({ constraints: 1016, publicInputs: 7 })).toBe(10);
    expect(domainLogOf({ constraints: 1017, publicInputs: 7 })).toBe(11);
  });
});

describe('forecast', () => {
  it('behavior: more threads never cost more time, more rows never less of anything', () => {
    const small = forecast({ ...figures, constraints: 500_000, wires: 450_000 }, 2);
    const large = forecast(figures, 2);
    expect(forecast(figures, 4).prove.seconds).toBeLessThan(large.prove.seconds);
    for (const stage of ['compile', 'setup', 'prove'] as const) {
      expect(large[stage].seconds).toBeGreaterThan(small[stage].seconds);
      expect(large[stage].memoryBytes).toBeGreaterThan(small[stage].memoryBytes);
    }
    expect(large.keyBytes).toBeGreaterThan(figures.wires * 256);
  });
});

/**
 * What was measured with `/usr/bin/time -v` (two threads, Node 20): half of the processor time, start-up included, and the peak of the process. On a
 * crowded machine processor time is above that of a quiet one.
 */
const MEASURED = [
  ['committee-32', 'setup', 2.8, 255e6],
  ['committee-32', 'prove', 3.2, 266e6],
  ['istanbul-qbft-4', 'setup', 13.2, 610e6],
  ['istanbul-qbft-4', 'prove', 9.9, 1044e6],
  ['istanbul-qbft-16', 'prove', 15.9, 1734e6],
] as const;

describe('forecast beside measurements', () => {
  const figures = JSON.parse(readFileSync('keys/figures.json', 'utf8')) as Record<string, CircuitFigures>;

  it.each(MEASURED)('behavior: covers %s, %s, by at most twice', (id, stage, seconds, memoryBytes) => {
    const foretold = forecast(figures[id] as CircuitFigures, 2)[stage];
    expect(foretold.seconds / seconds).toBeGreaterThan(1);
    expect(foretold.seconds / seconds).toBeLessThan(2);
    expect(foretold.memoryBytes / memoryBytes).toBeGreaterThan(1);
    expect(foretold.memoryBytes / memoryBytes).toBeLessThan(2);
  });

  it('behavior: a larger tier never costs less', () => {
    const families = new Set(CIRCUITS.map(({ id }) => id.replace(/\d+$/, '')));
    for (const family of families) {
      const specs = CIRCUITS.filter(({ id }) => id.replace(/\d+$/, '') === family);
      const costs = specs.flatMap(({ id }) => (figures[id] ? [forecast(figures[id], 2)] : []));
      for (const [i, larger] of costs.slice(1).entries())
        for (const stage of ['compile', 'setup', 'prove'] as const) {
          expect(larger[stage].seconds).toBeGreaterThan(costs[i]![stage].seconds);
          expect(larger[stage].memoryBytes).toBeGreaterThan(costs[i]![stage].memoryBytes);
        }
    }
  });
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
