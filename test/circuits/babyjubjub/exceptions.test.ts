/**
 * The arguments in the header of BabyJubCombination that digits stand for one scalar and that no chord is ever vertical or free,
 * checked in integers over all scalars at once.
 */
import { describe, expect, it } from 'vitest';
import {
  add,
  BASE8,
  equals,
  IDENTITY,
  isInSubgroup,
  BABYJUBJUB_ORDER as L,
  multiply,
  negate,
} from '../../../src/math/babyjubjub.js';
import { BN254_R as R } from '../../../src/math/field.js';
import { smallOrderPoints } from '../../support/babyjubjub.js';

describe('digits', () => {
  const half = 1n << 250n;
  /** Ends of N + t·l for either uppermost digit. */
  const positive = [0n, half - 1n] as const;
  const negative = [L - half, L - 1n] as const;

  it('behavior: both uppermost digits together reach [0, l) without a gap and nothing else', () => {
    expect(positive[0]).toBe(0n);
    expect(negative[0]).toBeLessThanOrEqual(positive[1] + 1n);
    expect(positive[1]).toBeLessThan(L);
  });

  it('behavior: a scalar reaches r or more only with q = 7, a negative uppermost digit and N ≥ −2^126', () => {
    expect(6n * L + negative[1]).toBeLessThan(R);
    expect(7n * L + positive[1]).toBeLessThan(R);
    // With one negative digit from 125 to 248 N is at most this.
    const most = -(1n << 249n) + ((1n << 249n) - 1n) - 2n * (1n << 125n);
    expect(7n * L + L + most).toBeLessThan(R);
    expect(most).toBe(-(1n << 126n) - 1n);
  });

  it('behavior: the same digits over a smaller place show that 250 signs and a bit reach every N once', () => {
    const seen = new Map<number, number>();
    for (let bits = 0; bits < 1 << 6; bits++) {
      const e = [0, 1, 2, 3, 4].map((i) => 2 * ((bits >> (i + 1)) & 1) - 1);
      const n = e.reduce((sum, sign, i) => sum + sign * (1 << i), -1) + (bits & 1);
      seen.set(n, (seen.get(n) ?? 0) + 1);
    }
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i - 32));
    expect([...seen.values()].every((count) => count === 1)).toBe(true);
  });
});

describe('chords', () => {
  const small = smallOrderPoints();
  const order = (point: (typeof small)[number]): number => {
    let n = 1;
    for (let sum = point; !equals(sum, IDENTITY); sum = add(sum, point)) n++;
    return n;
  };
  const [order2] = small.filter((point) => order(point) === 2);
  const order4 = small.filter((point) => order(point) === 4);

  it('behavior: T and Q differ by O2 at every step, even where they are the same multiple', () => {
    const point = multiply(BASE8, 5n);
    const shifted = add(point, order2!);
    for (const q of [shifted, negate(shifted)]) {
      expect(equals(q, point)).toBe(false);
      expect(isInSubgroup(q)).toBe(false);
    }
    // From T with O2 and Q without, 2·T + Q is without; from T without and Q with, it is with.
    expect(isInSubgroup(add(add(shifted, shifted), point))).toBe(true);
    expect(isInSubgroup(add(add(point, point), shifted))).toBe(false);
  });

  it('behavior: the end of the chain lies beside the result by an element of order 4', () => {
    expect(order4).toHaveLength(2);
    for (const o4 of order4) {
      const beside = add(order2!, o4);
      expect(order(beside)).toBe(4);
      expect(equals(add(beside, o4), IDENTITY)).toBe(true);
    }
  });
});
