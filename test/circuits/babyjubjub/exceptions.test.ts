/**
 * The arguments in the headers of BabyJubMultiply and BabyJubMultiplyBase that no chord is ever vertical or free, checked in integers over
 * all scalars at once.
 */
import { describe, expect, it } from 'vitest';
import { BABYJUBJUB_ORDER as L } from '../../../src/math/babyjubjub.js';
import { BN254_R as R } from '../../../src/math/field.js';

/** Whether an odd integer in [from, to] is congruent to `residue` modulo l. */
function hasOdd(residue: bigint, from: bigint, to: bigint): boolean {
  const first = from + ((((residue - from) % L) + L) % L);
  // l is odd: of two neighbouring members of the class one is odd.
  const odd = first % 2n === 1n ? first : first + L;
  return odd <= to;
}

describe('BabyJubMultiply', () => {
  const low = 1n << 128n;
  const least = ((3n * L + low - 1n) / low) * low;
  const most = ((R - 4n * L) / low) * low - 1n;

  it('behavior: the bounds keep scalar = g − 3·l + q·l inside [0, r)', () => {
    expect(least).toBeGreaterThanOrEqual(3n * L);
    expect(most - 3n * L + 7n * L).toBeLessThan(R);
    expect(least >> 252n).toBe(1n);
    expect(most >> 252n).toBe(1n);
  });

  it('behavior: T is never ±P, and 2·T ± P is never neutral', () => {
    for (let level = 251n; level >= 1n; level--) {
      // Before the step that takes digit `level` T = k·P with k = 2·floor(g/2^(level + 1)) + 1.
      const before = [least, most].map((g) => 2n * (g >> (level + 1n)) + 1n) as [bigint, bigint];
      for (const residue of [1n, L - 1n]) expect(hasOdd(residue, ...before), `level ${level}`).toBe(false);
      const after = [least, most].map((g) => 2n * (g >> level) + 1n) as [bigint, bigint];
      expect(hasOdd(0n, ...after), `level ${level}`).toBe(false);
    }
  });

  it('behavior: without the bounds there are exceptions', () => {
    expect(hasOdd(0n, 1n, most)).toBe(true);
    expect(hasOdd(L - 1n, 1n, 2n * L)).toBe(true);
  });
});

describe('BabyJubMultiplyBase', () => {
  it('behavior: the sum below a window and the window are never equal or opposite modulo l', () => {
    for (let window = 1n; window < 83n; window++) {
      const place = 8n ** window;
      expect(place - 1n + 7n * place).toBeLessThan(L);
    }
  });

  it('behavior: one window more would have exceptions, so its digits are added with the complete law', () => {
    expect(8n ** 83n - 1n + 3n * 8n ** 83n).toBeGreaterThan(L);
  });
});
