/**
 * EdDSA over BabyJubjub with Poseidon on the points of @noble/curves: about a millisecond an operation. `src/math/eddsa.ts` is
 * the reference with the formulas; tests compare the two with circomlibjs.
 */
import { babyjubjub } from '@noble/curves/misc.js';
import {
  BABYJUBJUB_COFACTOR,
  BABYJUBJUB_ORDER,
  type EdwardsPoint,
  isOnCurve,
} from '../../math/babyjubjub.js';
import {
  type EddsaSignature,
  eddsaChallenge,
  eddsaNonce,
  eddsaResponse,
  eddsaSecrets,
} from '../../math/eddsa.js';

const { Point } = babyjubjub;

/** A private key with its public key, for repeated signing. Not constant-time: development networks only. */
export type SigningKey = { readonly privateKey: Uint8Array; readonly publicKey: EdwardsPoint };

/**
 * Derives the public key.
 *
 * @param privateKey - 32 bytes.
 */
export function signingKey(privateKey: Uint8Array): SigningKey {
  return { privateKey, publicKey: multiplyBase(eddsaSecrets(privateKey).scalar) };
}

/** The signature that `eddsaSign` makes. */
export function sign({ privateKey, publicKey }: SigningKey, message: bigint): EddsaSignature {
  const secrets = eddsaSecrets(privateKey);
  const nonce = eddsaNonce(secrets, message);
  const r8 = multiplyBase(nonce);
  return { r8, s: eddsaResponse(secrets, nonce, eddsaChallenge(r8, publicKey, message)) };
}

/**
 * Whether a signature is valid.
 *
 * @param publicKey - A point of the subgroup of prime order, see {@link isKeyOfSubgroup}.
 */
export function verify(message: bigint, { r8, s }: EddsaSignature, publicKey: EdwardsPoint): boolean {
  if (!isOnCurve(r8) || s < 0n || s >= BABYJUBJUB_ORDER) return false;
  const h = eddsaChallenge(r8, publicKey, message);
  const right = Point.fromAffine(publicKey)
    .multiplyUnsafe((h * BABYJUBJUB_COFACTOR) % BABYJUBJUB_ORDER)
    .add(Point.fromAffine(r8));
  return Point.BASE.multiplyUnsafe(s).equals(right);
}

/** Whether a key is a point of the subgroup of prime order other than the neutral one. */
export function isKeyOfSubgroup(publicKey: EdwardsPoint): boolean {
  return isOnCurve(publicKey) && publicKey.x !== 0n && Point.fromAffine(publicKey).isTorsionFree();
}

/** Whether the private key of a key of the subgroup is ±1/8, which everybody knows: 8·A = ±BASE8. The circuit has no witness for it. */
export function isKeyOfOneEighth(publicKey: EdwardsPoint): boolean {
  const { y } = Point.fromAffine(publicKey).multiplyUnsafe(BABYJUBJUB_COFACTOR).toAffine();
  return y === Point.BASE.toAffine().y;
}

function multiplyBase(scalar: bigint): EdwardsPoint {
  const { x, y } = Point.BASE.multiplyUnsafe(scalar % BABYJUBJUB_ORDER).toAffine();
  return { x, y };
}
