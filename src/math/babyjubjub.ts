/**
 * BabyJubjub (EIP-2494) in affine bigint arithmetic: the reference that reads like the formulas.
 *
 * Twisted Edwards form a·x² + y² = 1 + d·x²·y² over BN254's scalar field; a is a square and d is not, so the addition law has no
 * exceptions. The group has order 8·l. Montgomery form v² = u³ + A·u² + u with A = 2(a + d)/(a − d) = 168698, by
 * u = (1 + y)/(1 − y), v = u/x.
 */
import { Fr } from './field.js';

/** Affine point, twisted Edwards form. */
export type EdwardsPoint = { readonly x: bigint; readonly y: bigint };
/** Affine point, Montgomery form, never infinity. */
export type MontgomeryPoint = { readonly u: bigint; readonly v: bigint };

export const BABYJUBJUB_A = 168700n;
export const BABYJUBJUB_D = 168696n;
/** Prime order l of the large subgroup. */
export const BABYJUBJUB_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;
export const BABYJUBJUB_COFACTOR = 8n;
/** The neutral element. */
export const IDENTITY: EdwardsPoint = { x: 0n, y: 1n };
/** Generator of the subgroup of order l: eight times EIP-2494's generator. */
export const BASE8: EdwardsPoint = {
  x: 5299619240641551281634865583518297030282874472190772894086521144482721001553n,
  y: 16950150798460657717958625567821834550301663161624707787222815936182638968203n,
};

/** Whether both coordinates are canonical and the point is on the curve. */
export function isOnCurve({ x, y }: EdwardsPoint): boolean {
  if (x < 0n || x >= Fr.p || y < 0n || y >= Fr.p) return false;
  const [xx, yy] = [Fr.mul(x, x), Fr.mul(y, y)];
  return Fr.add(Fr.mul(BABYJUBJUB_A, xx), yy) === Fr.add(1n, Fr.mul(BABYJUBJUB_D, Fr.mul(xx, yy)));
}

/** Whether a point is on the curve and in the subgroup of prime order, the neutral element included. */
export function isInSubgroup(point: EdwardsPoint): boolean {
  return isOnCurve(point) && equals(multiply(point, BABYJUBJUB_ORDER), IDENTITY);
}

/** Whether two points are the same. */
export function equals(p: EdwardsPoint, q: EdwardsPoint): boolean {
  return p.x === q.x && p.y === q.y;
}

/** p + q, for any two points of the curve. */
export function add(p: EdwardsPoint, q: EdwardsPoint): EdwardsPoint {
  const [xy, yx] = [Fr.mul(p.x, q.y), Fr.mul(p.y, q.x)];
  const [xx, yy] = [Fr.mul(p.x, q.x), Fr.mul(p.y, q.y)];
  const product = Fr.mul(BABYJUBJUB_D, Fr.mul(xx, yy));
  return {
    x: Fr.mul(Fr.add(xy, yx), Fr.inv(Fr.add(1n, product))),
    y: Fr.mul(Fr.sub(yy, Fr.mul(BABYJUBJUB_A, xx)), Fr.inv(Fr.sub(1n, product))),
  };
}

/** −p. */
export function negate({ x, y }: EdwardsPoint): EdwardsPoint {
  return { x: Fr.neg(x), y };
}

/** scalar · p for a scalar ≥ 0 that is not reduced first. */
export function multiply(p: EdwardsPoint, scalar: bigint): EdwardsPoint {
  let result = IDENTITY;
  for (let power = p, k = scalar; k > 0n; k >>= 1n) {
    if (k & 1n) result = add(result, power);
    power = add(power, power);
  }
  return result;
}

/** Montgomery form of a point other than (0, 1) and (0, −1). */
export function toMontgomery({ x, y }: EdwardsPoint): MontgomeryPoint {
  const u = Fr.mul(Fr.add(1n, y), Fr.inv(Fr.sub(1n, y)));
  return { u, v: Fr.mul(u, Fr.inv(x)) };
}
