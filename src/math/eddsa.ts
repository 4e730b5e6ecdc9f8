/**
 * EdDSA over BabyJubjub with Poseidon, circomlib's convention, in bigint arithmetic: the reference, and the devnet's signer.
 *
 *     h = Poseidon(R8.x, R8.y, A.x, A.y, message);   valid: S·BASE8 = R8 + h·8·A,  0 ≤ S < l,  R8 and A on the curve
 *
 * Keys are scalars here; circomlib derives them from 32 bytes with BLAKE-512, which this module leaves to its callers.
 * Not constant-time: for tests and development networks only.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import {
  add,
  BABYJUBJUB_COFACTOR,
  BABYJUBJUB_ORDER,
  BASE8,
  type EdwardsPoint,
  equals,
  isOnCurve,
  multiply,
} from './babyjubjub.js';
import { poseidon } from './poseidon.js';

/** A signature of circomlib's kind. */
export type EddsaSignature = {
  readonly r8: EdwardsPoint;
  /** Below the subgroup order. */
  readonly s: bigint;
};

/**
 * Public key of a scalar: scalar · BASE8.
 *
 * @param scalar - In [1, l).
 */
export function eddsaPublicKey(scalar: bigint): EdwardsPoint {
  return multiply(BASE8, scalar);
}

/**
 * Signs a field element. The nonce derives from key and message, so equal inputs give equal signatures.
 *
 * @param scalar - Private key in [1, l): the public key is scalar · BASE8.
 * @param message - A field element.
 */
export function eddsaSign(scalar: bigint, message: bigint): EddsaSignature {
  const nonce = deriveNonce(scalar, message);
  const r8 = multiply(BASE8, nonce);
  const a = eddsaPublicKey(scalar);
  const h = poseidon([r8.x, r8.y, a.x, a.y, message]);
  return { r8, s: (nonce + h * BABYJUBJUB_COFACTOR * scalar) % BABYJUBJUB_ORDER };
}

/** Whether a signature is valid; accepts exactly what circomlibjs's `verifyPoseidon` accepts. */
export function eddsaVerify(message: bigint, { r8, s }: EddsaSignature, publicKey: EdwardsPoint): boolean {
  if (!isOnCurve(r8) || !isOnCurve(publicKey)) return false;
  if (s < 0n || s >= BABYJUBJUB_ORDER) return false;
  const h = poseidon([r8.x, r8.y, publicKey.x, publicKey.y, message]);
  const right = add(r8, multiply(publicKey, h * BABYJUBJUB_COFACTOR));
  return equals(multiply(BASE8, s), right);
}

function deriveNonce(scalar: bigint, message: bigint): bigint {
  const bytes = new Uint8Array(65);
  const view = new DataView(bytes.buffer);
  for (let block = 0; ; block++) {
    bytes[64] = block;
    for (let word = 0; word < 4; word++) {
      view.setBigUint64(24 - word * 8, (scalar >> BigInt(64 * word)) & 0xffff_ffff_ffff_ffffn);
      view.setBigUint64(56 - word * 8, (message >> BigInt(64 * word)) & 0xffff_ffff_ffff_ffffn);
    }
    const nonce = keccak_256(bytes).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    if (nonce % BABYJUBJUB_ORDER !== 0n) return nonce % BABYJUBJUB_ORDER;
  }
}
