/**
 * BN254 as the verifier sees it: the two primes, and membership of points in G1 and G2 (EIP-196, EIP-197).
 */
import { bn254 } from '@noble/curves/bn254.js';
import type { G1, G2 } from './types.js';

/** q, prime of the base field: coordinates. */
export const COORDINATE_MODULUS: bigint = bn254.fields.Fp.ORDER;
/** r, order of the groups: scalars, circuit wires, public inputs. */
export const FIELD_MODULUS: bigint = bn254.fields.Fr.ORDER;

const { Fp, Fp2 } = bn254.fields;

/** Why a point is not what it should be. */
export type PointFault =
  | 'COORDINATE_RANGE'
  | 'POINT_AT_INFINITY'
  | 'POINT_OFF_CURVE'
  | 'POINT_OUTSIDE_SUBGROUP';

const isCoordinate = (c: bigint): boolean => typeof c === 'bigint' && c >= 0n && c < COORDINATE_MODULUS;

/**
 * Checks an affine point of G1: coordinates below q, on the curve, not the (0, 0) that stands for infinity. The cofactor
 * is 1, so the curve is the group.
 *
 * @returns The first fault, or undefined.
 */
export function g1Fault(point: G1): PointFault | undefined {
  if (!isCoordinate(point.x) || !isCoordinate(point.y)) return 'COORDINATE_RANGE';
  if (point.x === 0n && point.y === 0n) return 'POINT_AT_INFINITY';
  const right = Fp.add(Fp.mul(Fp.sqr(point.x), point.x), 3n);
  return Fp.eql(Fp.sqr(point.y), right) ? undefined : 'POINT_OFF_CURVE';
}

/**
 * Checks an affine point of G2: coordinates below q, on the twist, in the subgroup of order r, not infinity.
 *
 * @returns The first fault, or undefined.
 */
export function g2Fault(point: G2): PointFault | undefined {
  const coordinates = [...point.x, ...point.y];
  if (!coordinates.every(isCoordinate)) return 'COORDINATE_RANGE';
  if (coordinates.every((c) => c === 0n)) return 'POINT_AT_INFINITY';
  const x = { c0: point.x[0], c1: point.x[1] };
  const y = { c0: point.y[0], c1: point.y[1] };
  const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b);
  if (!Fp2.eql(Fp2.sqr(y), right)) return 'POINT_OFF_CURVE';
  return toG2(point).isTorsionFree() ? undefined : 'POINT_OUTSIDE_SUBGROUP';
}

/** The library's point. Requires: {@link g1Fault} found nothing. */
export function toG1(point: G1): InstanceType<typeof bn254.G1.Point> {
  return bn254.G1.Point.fromAffine(point);
}

/** The library's point. Requires: coordinates below q. */
export function toG2(point: G2): InstanceType<typeof bn254.G2.Point> {
  return bn254.G2.Point.fromAffine({
    x: { c0: point.x[0], c1: point.x[1] },
    y: { c0: point.y[0], c1: point.y[1] },
  });
}

/** scalar·generator of G2. Cost: about 6 ms. */
export function g2Multiple(scalar: bigint): G2 {
  // A fresh point: the library's BASE would first build a table of multiples, 70 ms that one product never earns back.
  const generator = bn254.G2.Point.fromAffine(bn254.G2.Point.BASE.toAffine());
  const { x, y } = generator.multiplyUnsafe(scalar).toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
}

/** Equality of two canonical affine points. */
export function equalG1(a: G1, b: G1): boolean {
  return a.x === b.x && a.y === b.y;
}

/** Equality of two canonical affine points. */
export function equalG2(a: G2, b: G2): boolean {
  return a.x[0] === b.x[0] && a.x[1] === b.x[1] && a.y[0] === b.y[0] && a.y[1] === b.y[1];
}

/** The opposite point. */
export function negateG1(a: G1): G1 {
  return { x: a.x, y: Fp.neg(a.y) };
}

/** The opposite point. */
export function negateG2(a: G2): G2 {
  return { x: a.x, y: [Fp.neg(a.y[0]), Fp.neg(a.y[1])] };
}
