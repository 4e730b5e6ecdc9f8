import { describe, expect, it } from 'vitest';
import {
  assertMachineFits,
  domainLogOf,
  forecast,
  formatBytes,
  formatSeconds,
} from '../../src/build/forecast.js';

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
