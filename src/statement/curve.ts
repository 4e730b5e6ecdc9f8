/**
 * BN254 as the verifier sees it: the two primes, and membership of points in G1 and G2 (EIP-196, EIP-197).
 */
import { isInG2 } from './arithmetic.js';
import { COORDINATE_MODULUS, FIELD_MODULUS } from './primes.js';
import type { G1, G2 } from './types.js';

export { COORDINATE_MODULUS, FIELD_MODULUS };

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
export function g1Fault({ x, y }: G1): PointFault | undefined {
  if (!isCoordinate(x) || !isCoordinate(y)) return 'COORDINATE_RANGE';
  if (x === 0n && y === 0n) return 'POINT_AT_INFINITY';
  return (y * y - x ** 3n - 3n) % COORDINATE_MODULUS === 0n ? undefined : 'POINT_OFF_CURVE';
}

/**
 * Checks an affine point of G2: coordinates below q, on the twist, in the subgroup of order r, not infinity.
 *
 * @returns The first fault, or undefined.
 */
export function g2Fault(point: G2): PointFault | undefined {
  const { x, y } = point;
  const coordinates = [...x, ...y];
  if (!coordinates.every(isCoordinate)) return 'COORDINATE_RANGE';
  if (coordinates.every((c) => c === 0n)) return 'POINT_AT_INFINITY';
  // y² = x³ + 3/(9 + u), times 9 + u: (9 + u)·(y² − x³) = 3
  const [s0, s1] = multiply(y, y);
  const [c0, c1] = multiply(multiply(x, x), x);
  const [left0, left1] = multiply([9n, 1n], [s0 - c0, s1 - c1]);
  if ((left0 - 3n) % COORDINATE_MODULUS !== 0n || left1 % COORDINATE_MODULUS !== 0n) return 'POINT_OFF_CURVE';
  return isInG2(point) ? undefined : 'POINT_OUTSIDE_SUBGROUP';
}

/** The product in Z[u]/(u² + 1), not reduced. */
function multiply([a0, a1]: G2['x'], [b0, b1]: G2['x']): G2['x'] {
  return [a0 * b0 - a1 * b1, a0 * b1 + a1 * b0];
}

/** Equality of two canonical affine points. */
export function equalG2(a: G2, b: G2): boolean {
  return a.x[0] === b.x[0] && a.x[1] === b.x[1] && a.y[0] === b.y[0] && a.y[1] === b.y[1];
}

/** The opposite point. */
export function negateG1({ x, y }: G1): G1 {
  return { x, y: negate(y) };
}

/** The opposite point. */
export function negateG2({ x, y }: G2): G2 {
  return { x, y: [negate(y[0]), negate(y[1])] };
}

const negate = (c: bigint): bigint => c && COORDINATE_MODULUS - c;
