/**
 * Constants for multiplying BabyJubjub's base point by the digits of a scalar, three at a time.
 *
 * With B = BASE8/2 (in the subgroup) and signs e_i = 2·s_i − 1, s·BASE8 = Σ e_i·2^i·B + (2^251 − 1)·B. Window i holds the odd digit
 * D = 4·e2 + 2·e1 + e0 of 8^i·B. In Montgomery form u is even and v is odd in D, hence
 *
 *     u = a + β·e0·e1 + γ·e0·e2 + δ·e1·e2,        v = κ0·e0 + κ1·e1 + κ2·e2 + κ3·e0·e1·e2
 *
 * and with X = (e0 + (δ/β)·e2)·(e1 + (γ/β)·e2) and Z = X·e2 both are linear in e0, e1, e2, X, Z, since e2² = 1: two products a window.
 */
import { BABYJUBJUB_ORDER, BASE8, type EdwardsPoint, multiply, toMontgomery } from './babyjubjub.js';
import { Fr } from './field.js';

/** Windows of three digits; the two digits above them are added with the complete law. */
export const FIXED_WINDOWS = 83;
/** Digits of a scalar below the subgroup order. */
export const SCALAR_BITS = 251;

/** One window: X = (e0 + x0·e2)·(e1 + x1·e2), u = u0 + u1·X, v = v0·e0 + v1·e1 + v2·e2 + v3·X·e2. */
export type FixedWindow = {
  readonly x0: bigint;
  readonly x1: bigint;
  readonly u0: bigint;
  readonly u1: bigint;
  readonly v0: bigint;
  readonly v1: bigint;
  readonly v2: bigint;
  readonly v3: bigint;
};

const half = multiply(BASE8, (BABYJUBJUB_ORDER + 1n) / 2n);

/** The windows for digits 0 to 248. */
export function fixedWindows(): FixedWindow[] {
  const quarter = Fr.inv(4n);
  return Array.from({ length: FIXED_WINDOWS }, (_, i) => {
    const base = multiply(half, 1n << BigInt(3 * i));
    const points = [1n, 3n, 5n, 7n].map((digit) => toMontgomery(multiply(base, digit)));
    const combine = (coordinate: 'u' | 'v', ...signs: number[]): bigint =>
      Fr.mul(
        quarter,
        Fr.mod(points.reduce((sum, point, j) => sum + BigInt(signs[j] as number) * point[coordinate], 0n)),
      );
    const beta = combine('u', 1, -1, -1, 1);
    const x0 = Fr.mul(combine('u', -1, -1, 1, 1), Fr.inv(beta));
    const x1 = Fr.mul(combine('u', -1, 1, -1, 1), Fr.inv(beta));
    const product = Fr.mul(x0, x1);
    const v3 = combine('v', 1, -1, -1, 1);
    return {
      x0,
      x1,
      u0: Fr.sub(combine('u', 1, 1, 1, 1), Fr.mul(beta, product)),
      u1: beta,
      v0: Fr.sub(combine('v', -1, 1, -1, 1), Fr.mul(v3, x1)),
      v1: Fr.sub(combine('v', -1, -1, 1, 1), Fr.mul(v3, x0)),
      v2: Fr.sub(combine('v', 1, 1, 1, 1), Fr.mul(v3, product)),
      v3,
    };
  });
}

/**
 * The four points of the two highest digits, the constant (2^251 − 1)·B included, in Edwards form.
 *
 * Entry b0 + 2·b1 is (2^251 − 1)·B + (2·(2·b1 − 1) + (2·b0 − 1))·2^249·B.
 */
export function fixedTopPoints(): EdwardsPoint[] {
  return [-3n, -1n, 1n, 3n].map((digit) => {
    const scalar = (1n << BigInt(SCALAR_BITS)) - 1n + digit * (1n << BigInt(3 * FIXED_WINDOWS));
    return multiply(half, scalar);
  });
}
