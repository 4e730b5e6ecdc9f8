/**
 * Committed seals: ECDSA signatures over secp256k1 with a recovery bit, r ‖ s ‖ v.
 *
 * The signer is not named: a seal recovers to a public key, whose address must be a member's (SEC 1, 4.1.6). v is the parity of
 * the y coordinate of R, in {0, 1} or {27, 28}; the recovery ids 2 and 3 (R.x = r + n) are refused, as the chains do. A high s is
 * accepted, as the chains' recovery does; so seals are counted by member and never by their bytes.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToInteger } from '../../statement/hash.js';
import { addressOfKey } from '../../statement/set-commitment.js';
import type { Member } from '../../statement/types.js';
import { SEAL_BYTES } from './extra-data.js';

/** Order of secp256k1's group, SEC 2. */
export const SECP256K1_N: bigint = secp256k1.Point.Fn.ORDER;

/** An affine point of secp256k1. */
export type Point = { readonly x: bigint; readonly y: bigint };

/** A well-formed seal and what it recovers to under one digest. */
export type RecoveredSeal = {
  /** [1, n) */
  readonly r: bigint;
  /** [1, n), high values included. */
  readonly s: bigint;
  /** Parity of the y coordinate of the signature's point. */
  readonly parity: 0 | 1;
  readonly publicKey: Member['publicKey'];
  /** 160-bit address of the key. */
  readonly address: bigint;
};

/** Why a seal is no signature at all. */
export type SealFault = {
  readonly code: 'SEAL_LENGTH' | 'SEAL_RECOVERY_ID' | 'SEAL_SCALAR_RANGE' | 'SEAL_UNRECOVERABLE';
  /** What was expected and what was found. */
  readonly text: string;
};

/**
 * Recovers the signer of a seal.
 *
 * @param seal - r ‖ s ‖ v, 65 bytes.
 * @param digest - The signed 32 bytes.
 * @returns The signer, or the fault. Cost: about 1 ms.
 */
export function recoverSeal(seal: Uint8Array, digest: Uint8Array): RecoveredSeal | SealFault {
  if (seal.length !== SEAL_BYTES)
    return { code: 'SEAL_LENGTH', text: `expected ${SEAL_BYTES} bytes r ‖ s ‖ v, got ${seal.length}` };
  const r = bytesToInteger(seal.subarray(0, 32));
  const s = bytesToInteger(seal.subarray(32, 64));
  const v = seal[64]!;
  if (v !== 0 && v !== 1 && v !== 27 && v !== 28)
    return { code: 'SEAL_RECOVERY_ID', text: `expected v in {0, 1, 27, 28}, got ${v}` };
  for (const [name, value] of [
    ['r', r],
    ['s', s],
  ] as const)
    if (value === 0n || value >= SECP256K1_N)
      return { code: 'SEAL_SCALAR_RANGE', text: `expected ${name} in [1, n), got 0x${value.toString(16)}` };
  const parity = (v % 27) as 0 | 1;
  const publicKey = recoverKey(r, s, parity, digest);
  if (publicKey === undefined)
    return {
      code: 'SEAL_UNRECOVERABLE',
      text: `no point of secp256k1 has x = 0x${r.toString(16)}, or the key would be infinity`,
    };
  return { r, s, parity, publicKey, address: addressOfKey(publicKey) };
}

/** Whether {@link recoverSeal} found a signer. */
export function isRecovered(seal: RecoveredSeal | SealFault): seal is RecoveredSeal {
  return 'publicKey' in seal;
}

/**
 * The point R of a signature: x = r, y of the given parity.
 *
 * @returns Affine coordinates, or undefined where no point has x = r.
 */
export function signaturePoint(r: bigint, parity: 0 | 1): Point | undefined {
  const { Fp } = secp256k1.Point;
  try {
    const y = Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(r), r), 7n));
    return { x: r, y: Number(y & 1n) === parity ? y : Fp.neg(y) };
  } catch {
    return undefined;
  }
}

/** Q = r⁻¹·(s·R − z·G). */
function recoverKey(r: bigint, s: bigint, parity: 0 | 1, digest: Uint8Array): Point | undefined {
  try {
    const { x, y } = new secp256k1.Signature(r, s, parity).recoverPublicKey(digest).toAffine();
    return { x, y };
  } catch {
    // The library throws plain errors for an r that is no x coordinate and for a key at infinity; both mean the same here.
    return undefined;
  }
}
