/**
 * EdDSA over BabyJubjub with Poseidon in bigint arithmetic: the reference. Same keys, nonces and signatures as circomlib's.
 *
 *     private key: 32 bytes; H = BLAKE-512(private key); s = pruned first half of H, little endian; A = (s >> 3)·BASE8
 *     nonce = BLAKE-512(second half of H ‖ message, little endian) mod l;  R8 = nonce·BASE8
 *     h = Poseidon(R8.x, R8.y, A.x, A.y, message);  S = nonce + h·s mod l
 *     valid: S·BASE8 = R8 + h·8·A,  0 ≤ S < l,  R8 and A on the curve
 *
 * Not constant-time and slow (about 0.1 s an operation): for tests and development networks only.
 */
import { blake512 } from '@noble/hashes/blake1.js';
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

/** What a private key expands to. */
export type EddsaSecrets = {
  /** Discrete logarithm of the public key to BASE8, below 2^252. */
  readonly scalar: bigint;
  /** 32 bytes that nonces derive from. */
  readonly nonceSeed: Uint8Array;
};

/**
 * Expands a private key.
 *
 * @param privateKey - 32 bytes.
 */
export function eddsaSecrets(privateKey: Uint8Array): EddsaSecrets {
  const digest = blake512(privateKey);
  const half = digest.slice(0, 32);
  half[0] = (half[0] as number) & 0xf8;
  half[31] = ((half[31] as number) & 0x7f) | 0x40;
  return { scalar: littleEndian(half) >> 3n, nonceSeed: digest.slice(32) };
}

/**
 * The nonce of a message, in [0, l).
 *
 * @param message - A field element.
 */
export function eddsaNonce({ nonceSeed }: EddsaSecrets, message: bigint): bigint {
  const bytes = new Uint8Array(64);
  bytes.set(nonceSeed, 0);
  for (let i = 0; i < 32; i++) bytes[32 + i] = Number((message >> BigInt(8 * i)) & 255n);
  return littleEndian(blake512(bytes)) % BABYJUBJUB_ORDER;
}

/** The public key of a private key of 32 bytes. */
export function eddsaPublicKey(privateKey: Uint8Array): EdwardsPoint {
  return multiply(BASE8, eddsaSecrets(privateKey).scalar);
}

/**
 * Signs a field element; equal inputs give equal signatures.
 *
 * @param privateKey - 32 bytes.
 * @param message - A field element.
 */
export function eddsaSign(privateKey: Uint8Array, message: bigint): EddsaSignature {
  const secrets = eddsaSecrets(privateKey);
  const nonce = eddsaNonce(secrets, message);
  const r8 = multiply(BASE8, nonce);
  const h = eddsaChallenge(r8, multiply(BASE8, secrets.scalar), message);
  return { r8, s: eddsaResponse(secrets, nonce, h) };
}

/** h = Poseidon(R8.x, R8.y, A.x, A.y, message). */
export function eddsaChallenge(r8: EdwardsPoint, publicKey: EdwardsPoint, message: bigint): bigint {
  return poseidon([r8.x, r8.y, publicKey.x, publicKey.y, message]);
}

/** S = nonce + h·8·scalar mod l. */
export function eddsaResponse({ scalar }: EddsaSecrets, nonce: bigint, h: bigint): bigint {
  return (nonce + h * BABYJUBJUB_COFACTOR * scalar) % BABYJUBJUB_ORDER;
}

/** Whether a signature is valid; accepts exactly what circomlibjs's `verifyPoseidon` accepts. */
export function eddsaVerify(message: bigint, { r8, s }: EddsaSignature, publicKey: EdwardsPoint): boolean {
  if (!isOnCurve(r8) || !isOnCurve(publicKey)) return false;
  if (s < 0n || s >= BABYJUBJUB_ORDER) return false;
  const h = eddsaChallenge(r8, publicKey, message);
  const right = add(r8, multiply(publicKey, h * BABYJUBJUB_COFACTOR));
  return equals(multiply(BASE8, s), right);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
