/**
 * Reference arithmetic of secp256k1 (SEC 2, section 2.4.1) and ECDSA verification in bigints: short, slow, the oracle for
 * the circuits. Affine points; `undefined` is the point at infinity. Not constant-time; never use it with secrets.
 */

import { createField } from './field.js';

/** A finite affine point. */
export type Secp256k1Point = { readonly x: bigint; readonly y: bigint };

/** ECDSA signature as integers, any value. */
export type EcdsaSignature = { readonly r: bigint; readonly s: bigint };

/** The field prime p = 2^256 − 2^32 − 977. */
export const SECP256K1_P = 2n ** 256n - 2n ** 32n - 977n;
/** The prime group order n. */
export const SECP256K1_N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The generator. */
export const SECP256K1_G: Secp256k1Point = {
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
};

const P = SECP256K1_P;
const N = SECP256K1_N;
const base = createField(P);
const scalars = createField(N);

/** Whether the coordinates are below p and satisfy y² = x³ + 7. */
export function isOnSecp256k1({ x, y }: Secp256k1Point): boolean {
  return x >= 0n && x < P && y >= 0n && y < P && base.mod(y * y - x * x * x - 7n) === 0n;
}

/** Complete addition on secp256k1. */
export function addSecp256k1(
  a: Secp256k1Point | undefined,
  b: Secp256k1Point | undefined,
): Secp256k1Point | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.x === b.x && a.y !== b.y) return undefined;
  const slope = a.x === b.x ? 3n * a.x * a.x * base.inv(2n * a.y) : (b.y - a.y) * base.inv(b.x - a.x);
  const x = base.mod(slope * slope - a.x - b.x);
  return { x, y: base.mod(slope * (a.x - x) - a.y) };
}

/** scalar·point for a non-negative scalar. */
export function multiplySecp256k1(
  point: Secp256k1Point | undefined,
  scalar: bigint,
): Secp256k1Point | undefined {
  let result: Secp256k1Point | undefined;
  for (let s = scalar, q = point; s > 0n; s >>= 1n, q = addSecp256k1(q, q))
    if (s & 1n) result = addSecp256k1(result, q);
  return result;
}

/** The curve point with this x and a y of this parity, or undefined if there is none. */
export function liftSecp256k1(x: bigint, odd: boolean): Secp256k1Point | undefined {
  if (x < 0n || x >= P) return undefined;
  const y = base.sqrt(base.mod(x * x * x + 7n));
  if (y === undefined) return undefined;
  return { x, y: ((y & 1n) === 1n) === odd ? y : base.neg(y) };
}

/**
 * The point R = (h/s)·G + (r/s)·Q of an ECDSA verification; the signature is valid exactly if R is finite and R.x ≡ r mod n.
 *
 * @returns undefined if r or s is not in [1, n − 1], Q is not on the curve, or R is infinite.
 */
export function ecdsaPoint(
  messageHash: bigint,
  { r, s }: EcdsaSignature,
  publicKey: Secp256k1Point,
): Secp256k1Point | undefined {
  if (r < 1n || r >= N || s < 1n || s >= N || !isOnSecp256k1(publicKey)) return undefined;
  const w = scalars.inv(s);
  const u1 = scalars.mod(messageHash * w);
  const u2 = scalars.mod(r * w);
  return addSecp256k1(multiplySecp256k1(SECP256K1_G, u1), multiplySecp256k1(publicKey, u2));
}

/**
 * ECDSA verification (SEC 1, section 4.1.4). High s is accepted, as by Ethereum's key recovery precompile.
 *
 * @param messageHash - 256-bit hash as a big-endian integer.
 * @returns whether r, s are in [1, n − 1], Q is on the curve and R.x ≡ r mod n.
 */
export function verifyEcdsa(
  messageHash: bigint,
  signature: EcdsaSignature,
  publicKey: Secp256k1Point,
): boolean {
  const point = ecdsaPoint(messageHash, signature, publicKey);
  return point !== undefined && point.x % N === signature.r;
}

/**
 * {@link verifyEcdsa} as the circuit decides it: R.x = r as integers. R.x = r + n, which happens for one random signature in
 * 2^127.7, is refused; Istanbul seals with v in {0, 1} cannot express it either.
 */
export function verifyEcdsaStrict(
  messageHash: bigint,
  signature: EcdsaSignature,
  publicKey: Secp256k1Point,
): boolean {
  return ecdsaPoint(messageHash, signature, publicKey)?.x === signature.r;
}
