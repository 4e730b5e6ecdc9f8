import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, it } from 'vitest';
import { elementBytes, readElement, readU64, writeU64 } from '../../src/formats/bytes.js';
import {
  decodeG1,
  decodeG2,
  encodeG1,
  encodeG2,
  storedG1Fault,
  storedG2Fault,
  toUncompressed,
} from '../../src/formats/points.js';
import { BN254_Q, Fq } from '../../src/math/field.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

const bigEndian = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

describe('toUncompressed', () => {
  it('default: plain big-endian coordinates, c1 before c0 in G2', () => {
    const g1 = bn254.G1.Point.BASE.multiply(7n).toAffine();
    expect(Buffer.from(toUncompressed('g1', encodeG1(g1)))).toEqual(
      Buffer.concat([bigEndian(g1.x), bigEndian(g1.y)]),
    );
    const { x, y } = bn254.G2.Point.BASE.multiply(7n).toAffine();
    const stored = encodeG2({ x: [x.c0, x.c1], y: [y.c0, y.c1] });
    const expected = Buffer.concat([x.c1, x.c0, y.c1, y.c0].map(bigEndian));
    expect(Buffer.from(toUncompressed('g2', stored))).toEqual(expected);
    expect(decodeG2(stored)).toEqual({ x: [x.c0, x.c1], y: [y.c0, y.c1] });
  });

  it('behavior: agrees with bigint arithmetic on any raw value', () => {
    const inverse = Fq.inv(Fq.mod(1n << 256n));
    const random = seededBytes(7);
    const values = [
      0n,
      1n,
      BN254_Q - 1n,
      BN254_Q,
      BN254_Q + 1n,
      2n ** 256n - 1n,
      2n ** 255n,
      0xffffn,
      2n ** 240n - 1n,
    ];
    for (let i = 0; i < runs(500, 5000); i++) values.push(seededInteger(random, 2n ** 256n));
    for (const value of values) {
      const out = toUncompressed('g1', Buffer.concat([elementBytes(value), new Uint8Array(32)]));
      expect(Buffer.from(out.subarray(0, 32))).toEqual(bigEndian(Fq.mul(value % BN254_Q, inverse)));
    }
  });
});

describe('storedG1Fault, storedG2Fault', () => {
  const base = bn254.G1.Point.BASE.toAffine();
  it('default: points of the groups have none', () => {
    expect(storedG1Fault(encodeG1(base))).toBeUndefined();
    expect(decodeG1(encodeG1(base))).toEqual(base);
  });
  it('error: infinity, off the curve, raw coordinates of q or more, outside the subgroup', () => {
    expect(storedG1Fault(new Uint8Array(64))).toBe('POINT_AT_INFINITY');
    expect(storedG1Fault(encodeG1({ x: 1n, y: 3n }))).toBe('POINT_OFF_CURVE');
    const wide = encodeG1(base);
    wide.set(elementBytes(readElement(wide) + BN254_Q));
    expect(storedG1Fault(wide)).toBe('COORDINATE_RANGE');
    expect(storedG2Fault(new Uint8Array(128))).toBe('POINT_AT_INFINITY');
    expect(storedG2Fault(outsideSubgroup())).toBe('POINT_OUTSIDE_SUBGROUP');
  });
});

/** A point of the twist that is not of order r: nearly every point with a small x is one. */
function outsideSubgroup(): Uint8Array {
  const { Fp2 } = bn254.fields;
  for (let c0 = 1n; ; c0++) {
    const x = { c0, c1: 1n };
    const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b);
    try {
      const y = Fp2.sqrt(right);
      return encodeG2({ x: [x.c0, x.c1], y: [y.c0, y.c1] });
    } catch {}
  }
}

describe('writeU64', () => {
  it('behavior: boundaries', () => {
    for (const value of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      const bytes = new Uint8Array(8);
      writeU64(bytes, 0, value);
      expect(readU64(bytes, 0)).toBe(value);
      expect(Buffer.from(bytes).readBigUInt64LE()).toBe(BigInt(value));
    }
  });
});
