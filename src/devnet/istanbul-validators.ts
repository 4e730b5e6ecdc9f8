/** Validators of an embedded Istanbul network: secp256k1 keys from a seed, and seals by them (RFC 6979, so deterministic). */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { bytesToInteger, wordToBytes } from '../statement/hash.js';
import { addressOfKey } from '../statement/set-commitment.js';
import type { Member } from '../statement/types.js';

/** A key pair and its place in a set. */
export type IstanbulValidator = { readonly secret: bigint; readonly member: Member };

/**
 * The validator of a label: secret = 1 + keccak256("zkfinality/devnet/istanbul/v1" ‖ 0 ‖ seed ‖ 0 ‖ label) mod (n − 1).
 *
 * @param seed - Of the network; must not contain the character U+0000.
 * @param label - Tells keys of one network apart, such as `validator 3`.
 */
export function createValidator(seed: string, label: string): IstanbulValidator {
  const { Point } = secp256k1;
  const digest = keccak_256(utf8ToBytes(`zkfinality/devnet/istanbul/v1\0${seed}\0${label}`));
  const secret = 1n + (bytesToInteger(digest) % (Point.Fn.ORDER - 1n));
  const { x, y } = Point.BASE.multiply(secret).toAffine();
  return { secret, member: { identity: addressOfKey({ x, y }), publicKey: { x, y }, power: 1n } };
}

/**
 * Signs a digest as Istanbul seals do.
 *
 * @returns r ‖ s ‖ v, 65 bytes, low s, v in {0, 1}.
 */
export function signSeal(validator: IstanbulValidator, digest: Uint8Array): Uint8Array {
  const signature = secp256k1.sign(digest, wordToBytes(validator.secret), {
    prehash: false,
    format: 'recovered',
  });
  return concatBytes(signature.subarray(1), signature.subarray(0, 1));
}
