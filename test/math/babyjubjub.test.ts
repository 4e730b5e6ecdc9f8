import { babyjubjub } from '@noble/curves/misc.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  BABYJUBJUB_A,
  BABYJUBJUB_D,
  BABYJUBJUB_ORDER,
  BASE8,
  type EdwardsPoint,
  IDENTITY,
  isInSubgroup,
  isOnCurve,
  multiply,
  negate,
  toMontgomery,
} from '../../src/math/babyjubjub.js';
import { BN254_R, Fr } from '../../src/math/field.js';
import { smallOrderPoints } from '../support/babyjubjub.js';
import { loadOracle, type Oracle } from '../support/circomlibjs.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await loadOracle();
});
const random = seededBytes(12);
const scalar = (): bigint => seededInteger(random, 1n << 254n);
const noble = (p: EdwardsPoint, k: bigint): EdwardsPoint => {
  const { x, y } = babyjubjub.Point.fromAffine(p).multiplyUnsafe(k).toAffine();
  return { x, y };
};

describe('add', () => {
  const specials = smallOrderPoints();

  it('default: agrees with circomlibjs, exceptional pairs included', () => {
    const points = [BASE8, negate(BASE8), multiply(BASE8, 5n), add(BASE8, specials[5]!), ...specials];
    for (const p of points)
      for (const q of points) {
        expect(add(p, q)).toEqual(oracle.add(p, q));
        expect(isOnCurve(add(p, q))).toBe(true);
      }
  });

  it('behavior: neutral element, opposite points, doubling', () => {
    expect(add(BASE8, IDENTITY)).toEqual(BASE8);
    expect(add(BASE8, negate(BASE8))).toEqual(IDENTITY);
    expect(add(BASE8, BASE8)).toEqual(multiply(BASE8, 2n));
  });
});

describe('multiply', () => {
  it('default: agrees with circomlibjs and @noble/curves', () => {
    for (const k of [0n, 1n, 2n, BABYJUBJUB_ORDER - 1n]) expect(multiply(BASE8, k)).toEqual(noble(BASE8, k));
    for (let i = 0; i < runs(5, 200); i++) {
      const k = scalar();
      expect(multiply(BASE8, k)).toEqual(oracle.multiply(BASE8, k));
      expect(multiply(BASE8, k)).toEqual(noble(BASE8, k % BABYJUBJUB_ORDER));
    }
  });

  it('behavior: the base has order l', () => {
    expect(multiply(BASE8, BABYJUBJUB_ORDER)).toEqual(IDENTITY);
    expect(8n * BABYJUBJUB_ORDER - BN254_R).toBe(66147376852503729903521101011770488711n);
  });
});

describe('isOnCurve, isInSubgroup', () => {
  it('default: the base, the eight points of small order, a point with both parts', () => {
    const [neutral, ...others] = smallOrderPoints();
    expect([BASE8, neutral!].map(isInSubgroup)).toEqual([true, true]);
    for (const point of [...others, add(BASE8, others[3]!)]) {
      expect(isOnCurve(point)).toBe(true);
      expect(isInSubgroup(point)).toBe(false);
    }
  });

  it('error: off the curve, x + r, negative', () => {
    const { x, y } = BASE8;
    for (const point of [
      { x, y: y + 1n },
      { x: x + BN254_R, y },
      { x: x - BN254_R, y },
      { x: 0n, y: 0n },
    ]) {
      expect(isOnCurve(point)).toBe(false);
      expect(isInSubgroup(point)).toBe(false);
    }
  });

  it('behavior: a is a square, d and 168698² − 4 are not: the addition law is complete', () => {
    expect(Fr.sqrt(BABYJUBJUB_A)).toBeDefined();
    expect(Fr.sqrt(BABYJUBJUB_D)).toBeUndefined();
    expect(Fr.sqrt(168698n ** 2n - 4n)).toBeUndefined();
  });
});

describe('toMontgomery', () => {
  it('default: satisfies v² = u³ + 168698·u² + u', () => {
    for (const k of [1n, 2n, 77n, BABYJUBJUB_ORDER - 1n]) {
      const { u, v } = toMontgomery(multiply(BASE8, k));
      expect(Fr.mul(v, v)).toBe(Fr.mod(u * u * u + 168698n * u * u + u));
    }
  });

  it('error: the points without a Montgomery form', () => {
    expect(() => toMontgomery(IDENTITY)).toThrow(RangeError);
    expect(() => toMontgomery({ x: 0n, y: BN254_R - 1n })).toThrow(RangeError);
  });
});
