import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, it } from 'vitest';
import { g2Multiple } from '../../src/statement/arithmetic.js';
import {
  equalG2,
  g1Fault,
  g2Fault,
  negateG1,
  negateG2,
  COORDINATE_MODULUS as Q,
  FIELD_MODULUS as R,
} from '../../src/statement/curve.js';
import { toG2 } from '../../src/statement/noble-points.js';
import type { G2 } from '../../src/statement/types.js';
import { runs } from '../support/runs.js';
import { g2OutsideSubgroup } from '../verify/support.js';

type Point = ReturnType<typeof toG2>;

const plain = (point: Point): G2 => {
  const { x, y } = point.toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
};
/** scalar·point by doubling and adding, for scalars beyond r, which the library refuses. */
function multiple(point: Point, scalar: bigint): Point {
  let [sum, base] = [bn254.G2.Point.ZERO, point];
  for (let rest = scalar; rest > 0n; rest >>= 1n, base = base.double()) if (rest & 1n) sum = sum.add(base);
  return sum;
}

/** Order of the twist divided by r: 2q − r; its smallest prime factor is 10069. */
const COFACTOR = 2n * Q - R;
const SMALL_ORDER = 10069n;

describe('the primes', () => {
  it('default: those of EIP-196', () => {
    expect(Q).toBe(21888242871839275222246405745257275088696311157297823662689037894645226208583n);
    expect(R).toBe(21888242871839275222246405745257275088548364400416034343698204186575808495617n);
  });
});

describe('g1Fault', () => {
  it('default: points of the curve', () => {
    expect(g1Fault({ x: 1n, y: 2n })).toBeUndefined();
    expect(g1Fault({ x: 1n, y: Q - 2n })).toBeUndefined();
  });

  it('error: ranges, infinity, other curves', () => {
    for (const x of [-1n, Q, Q + 1n, 2n ** 256n]) {
      expect(g1Fault({ x, y: 2n })).toBe('COORDINATE_RANGE');
      expect(g1Fault({ x: 1n, y: x })).toBe('COORDINATE_RANGE');
    }
    expect(g1Fault({ x: 1 as unknown as bigint, y: 2n })).toBe('COORDINATE_RANGE');
    expect(g1Fault({ x: 0n, y: 0n })).toBe('POINT_AT_INFINITY');
    for (const [x, y] of [
      [1n, 1n],
      [0n, 1n],
      [1n, 0n],
      [Q - 1n, Q - 1n],
      [2n, 1n],
    ] as const)
      expect(g1Fault({ x, y })).toBe('POINT_OFF_CURVE');
  });
});

describe('g2Fault', () => {
  it('default: multiples of the generator', () => {
    for (const scalar of [1n, 2n, 3n, R - 1n, 2n ** 200n])
      expect(g2Fault(g2Multiple(scalar))).toBeUndefined();
  });

  it('error: ranges, infinity, off the twist', () => {
    const { x, y } = g2Multiple(5n);
    expect(g2Fault({ x: [x[0] + Q, x[1]], y })).toBe('COORDINATE_RANGE');
    expect(g2Fault({ x, y: [y[0], -1n] })).toBe('COORDINATE_RANGE');
    expect(g2Fault({ x: [0n, 0n], y: [0n, 0n] })).toBe('POINT_AT_INFINITY');
    expect(g2Fault({ x: [x[1], x[0]], y })).toBe('POINT_OFF_CURVE');
    expect(g2Fault({ x, y: [y[0], (y[1] + 1n) % Q] })).toBe('POINT_OFF_CURVE');
  });

  it('error: twist points outside the subgroup; multiplication by r agrees', () => {
    for (let i = 1n; i <= BigInt(runs(5, 200)); i++) {
      const outside = g2OutsideSubgroup(1000n * i);
      expect(g2Fault(outside)).toBe('POINT_OUTSIDE_SUBGROUP');
      expect(multiple(toG2(outside), R).is0()).toBe(false);
      const inside = multiple(toG2(outside), COFACTOR);
      expect(g2Fault(plain(inside))).toBeUndefined();
      expect(multiple(inside, R).is0()).toBe(true);
    }
  });

  it('error: a point of order 10069, alone or added to a good one', () => {
    expect(COFACTOR % SMALL_ORDER).toBe(0n);
    const small = multiple(toG2(g2OutsideSubgroup()), (COFACTOR / SMALL_ORDER) * R);
    expect(small.is0()).toBe(false);
    expect(multiple(small, SMALL_ORDER).is0()).toBe(true);
    expect(g2Fault(plain(small))).toBe('POINT_OUTSIDE_SUBGROUP');
    expect(g2Fault(plain(toG2(g2Multiple(77n)).add(small)))).toBe('POINT_OUTSIDE_SUBGROUP');
  });
});

describe('opposites and equality', () => {
  it('default: a point and its opposite differ and sum to nothing', () => {
    const [a, b] = [{ x: 1n, y: 2n }, g2Multiple(9n)];
    expect(negateG1(a)).not.toEqual(a);
    expect(g1Fault(negateG1(a))).toBeUndefined();
    expect(negateG1(negateG1(a))).toEqual(a);
    expect(equalG2(b, g2Multiple(9n))).toBe(true);
    expect(equalG2(negateG2(b), g2Multiple(R - 9n))).toBe(true);
    expect(equalG2(b, negateG2(b))).toBe(false);
  });
});
