import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import {
  decodeCanonical,
  decodeG1,
  decodeG2,
  decodeMontgomery,
  encodeCanonical,
  encodeG1,
  encodeG2,
  encodeMontgomery,
  FR_TWO_ADICITY,
  G1,
  G1_GENERATOR,
  type G1Point,
  G2,
  G2_GENERATOR,
  type G2Point,
  intt,
  ntt,
  rootOfUnity,
} from '../../src/math/bn254.js';
import { BN254_Q, BN254_R, Fq, Fr } from '../../src/math/field.js';

const scalars = [1n, 2n, 3n, 5n, (1n << 128n) - 1n, BN254_R - 1n, BN254_R - 2n, (BN254_R + 1n) / 2n];

const nobleG1 = (scalar: bigint): G1Point => {
  const { x, y } = bn254.G1.Point.BASE.multiply(scalar).toAffine();
  return { x, y };
};
const nobleG2 = (scalar: bigint): G2Point => {
  const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
};

/** A point of the twist that is not in G2: the first x = k with a y on the curve. */
function pointOutsideSubgroup(): G2Point {
  const { Fp2 } = bn254.fields;
  for (let k = 1n; ; k++) {
    const x = Fp2.create({ c0: k, c1: 0n });
    const b = Fp2.div(Fp2.create({ c0: 3n, c1: 0n }), Fp2.create({ c0: 9n, c1: 1n }));
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    try {
      const y = Fp2.sqrt(square);
      return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
    } catch {
      // Not a square: no point with this x.
    }
  }
}

describe('G1', () => {
  test('default: multiples of the generator are those of @noble/curves', () => {
    for (const scalar of scalars) expect(G1.mul(G1_GENERATOR, scalar)).toEqual(nobleG1(scalar));
  });

  test('behavior: infinity, opposite and equal points add up', () => {
    const three = G1.mul(G1_GENERATOR, 3n);
    expect(G1.add(three, undefined)).toEqual(three);
    expect(G1.add(undefined, three)).toEqual(three);
    expect(G1.add(three, G1.neg(three))).toBeUndefined();
    expect(G1.add(three, three)).toEqual(nobleG1(6n));
    expect(G1.mul(three, 0n)).toBeUndefined();
    expect(G1.mul(three, BN254_R)).toBeUndefined();
  });

  test('behavior: msm is the sum of multiples', () => {
    const points = [1n, 2n, 3n].map((k) => G1.mul(G1_GENERATOR, k));
    expect(G1.msm(points, [5n, 7n, 11n])).toEqual(nobleG1(5n + 14n + 33n));
    expect(G1.msm([], [])).toBeUndefined();
  });

  test('behavior: refuses points off the curve', () => {
    expect(G1.isOnCurve(G1_GENERATOR)).toBe(true);
    expect(G1.isOnCurve(undefined)).toBe(true);
    expect(G1.isOnCurve({ x: 1n, y: 3n })).toBe(false);
    expect(G1.isOnCurve({ x: 0n, y: 0n })).toBe(false);
    expect(G1.isInSubgroup({ x: 2n, y: 2n })).toBe(false);
    expect(G1.isInSubgroup(G1_GENERATOR)).toBe(true);
  });
});

describe('G2', () => {
  test('default: multiples of the generator are those of @noble/curves', () => {
    for (const scalar of scalars) expect(G2.mul(G2_GENERATOR, scalar)).toEqual(nobleG2(scalar));
  });

  test('behavior: infinity, opposite and equal points add up', () => {
    const three = G2.mul(G2_GENERATOR, 3n);
    expect(G2.add(three, undefined)).toEqual(three);
    expect(G2.add(three, G2.neg(three))).toBeUndefined();
    expect(G2.add(three, three)).toEqual(nobleG2(6n));
    expect(G2.equals(three, nobleG2(3n))).toBe(true);
    expect(G2.equals(three, undefined)).toBe(false);
  });

  test('behavior: refuses points of the twist outside the subgroup, and points off the curve', () => {
    const outside = pointOutsideSubgroup();
    expect(G2.isOnCurve(outside)).toBe(true);
    expect(G2.isInSubgroup(outside)).toBe(false);
    expect(G2.isOnCurve({ x: [1n, 0n], y: [1n, 0n] })).toBe(false);
    expect(G2.isInSubgroup(G2_GENERATOR)).toBe(true);
  });
});

describe('rootOfUnity', () => {
  test('default: has exactly the order 2^log', () => {
    for (const log of [0, 1, 5, FR_TWO_ADICITY]) {
      expect(Fr.pow(rootOfUnity(log), 1n << BigInt(log))).toBe(1n);
      if (log > 0) expect(Fr.pow(rootOfUnity(log), 1n << BigInt(log - 1))).toBe(BN254_R - 1n);
    }
  });
});

describe('ntt', () => {
  test('default: evaluates at the powers of the root', () => {
    const coefficients = [3n, 1n, 4n, 1n, 5n, 9n, 2n, BN254_R - 6n];
    const root = rootOfUnity(3);
    const values = coefficients.map((_, i) => {
      const x = Fr.pow(root, BigInt(i));
      return coefficients.reduceRight((sum, c) => Fr.add(Fr.mul(sum, x), c), 0n);
    });
    expect(ntt(coefficients)).toEqual(values);
    expect(intt(values)).toEqual(coefficients);
  });

  test('behavior: a single element is its own transform', () => {
    expect(ntt([7n])).toEqual([7n]);
    expect(intt([7n])).toEqual([7n]);
  });
});

describe('byte layout', () => {
  test('default: 1 in Montgomery form is 2^256 modulo the prime', () => {
    expect(decodeCanonical(encodeMontgomery(Fq, 1n))).toBe((1n << 256n) % BN254_Q);
    expect(decodeCanonical(encodeMontgomery(Fr, 1n))).toBe((1n << 256n) % BN254_R);
  });

  test('behavior: what was encoded decodes', () => {
    for (const value of [0n, 1n, BN254_Q - 1n, (1n << 64n) - 1n]) {
      expect(decodeCanonical(encodeCanonical(value))).toBe(value);
      expect(decodeMontgomery(Fq, encodeMontgomery(Fq, value))).toBe(value);
    }
    const [first, second] = [nobleG1(5n), nobleG2(5n)];
    expect(decodeG1(encodeG1(first))).toEqual(first);
    expect(decodeG2(encodeG2(second))).toEqual(second);
  });

  test('behavior: infinity is zeros', () => {
    expect(encodeG1(undefined)).toEqual(new Uint8Array(64));
    expect(encodeG2(undefined)).toEqual(new Uint8Array(128));
    expect(decodeG1(new Uint8Array(64))).toBeUndefined();
    expect(decodeG2(new Uint8Array(128))).toBeUndefined();
  });
});
