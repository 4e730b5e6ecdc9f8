import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import { BN254_Q, BN254_R, createField, Fq, Fr } from '../../src/math/field.js';

const samples = (p: bigint): bigint[] => [0n, 1n, 2n, p - 1n, p - 2n, (p + 1n) / 2n, (1n << 253n) - 1n];

describe('createField', () => {
  test('behavior: exhaustive over 13 and 17', () => {
    for (const p of [13n, 17n]) {
      const field = createField(p);
      for (let a = 0n; a < p; a++) {
        for (let b = 0n; b < p; b++) {
          expect(field.add(a, b)).toBe((a + b) % p);
          expect(field.sub(a, b)).toBe((a + p - b) % p);
          expect(field.mul(a, b)).toBe((a * b) % p);
          expect(field.pow(a, b)).toBe(a ** b % p);
        }
        expect(field.add(a, field.neg(a))).toBe(0n);
        if (a !== 0n) expect(field.mul(a, field.inv(a))).toBe(1n);
      }
    }
  });

  test('behavior: square roots exist for exactly half of the non-zero elements', () => {
    for (const p of [13n, 17n, 97n]) {
      const field = createField(p);
      let squares = 0;
      for (let a = 1n; a < p; a++) {
        const root = field.sqrt(a);
        if (root === undefined) continue;
        squares++;
        expect(field.mul(root, root)).toBe(a);
      }
      expect(squares).toBe(Number(p - 1n) / 2);
      expect(field.sqrt(0n)).toBe(0n);
    }
  });

  test('behavior: mod takes any integer to its canonical representative', () => {
    expect(Fr.mod(-1n)).toBe(BN254_R - 1n);
    expect(Fr.mod(BN254_R)).toBe(0n);
    expect(Fr.mod(-BN254_R)).toBe(0n);
    expect(Fr.mod(3n * BN254_R + 5n)).toBe(5n);
  });

  test('error: zero has no inverse, whatever its representative', () => {
    for (const zero of [0n, BN254_R, -BN254_R]) expect(() => Fr.inv(zero)).toThrow(RangeError);
  });
});

describe('BN254 fields', () => {
  test('default: the primes are those of @noble/curves', () => {
    expect(BN254_Q).toBe(bn254.fields.Fp.ORDER);
    expect(BN254_R).toBe(bn254.fields.Fr.ORDER);
  });

  test('behavior: agree with @noble/curves at the edges', () => {
    for (const [ours, theirs] of [
      [Fq, bn254.fields.Fp],
      [Fr, bn254.fields.Fr],
    ] as const) {
      for (const a of samples(ours.p)) {
        for (const b of samples(ours.p)) {
          expect(ours.mul(a, b)).toBe(theirs.mul(a, b));
          expect(ours.add(a, b)).toBe(theirs.add(a, b));
          expect(ours.sub(a, b)).toBe(theirs.sub(a, b));
        }
        if (a !== 0n) expect(ours.inv(a)).toBe(theirs.inv(a));
      }
    }
  });
});
