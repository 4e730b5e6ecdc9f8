/**
 * Secrets of development keys: derived from the circuit, so that everyone builds the same key and nobody mistakes it for
 * a safe one. Anyone can forge proofs for such a key. Its γ₂ is one published point that all our tools recognise.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { equalBytes } from '../formats/bytes.js';
import { Fr } from '../math/field.js';
import { FIELD_MODULUS } from '../statement/curve.js';
import { bytesToInteger, domainTag, keccakWords } from '../statement/hash.js';
import { DEVELOPMENT_GAMMA } from '../statement/keys.js';

/** The secrets of a setup, non-zero scalars. `delta1` is read only for two-round circuits. */
export type SetupSecrets = {
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta1: bigint;
  readonly delta2: bigint;
  readonly tau: bigint;
};

/**
 * secret = keccak256(tag of its label ‖ circuit hash) mod r; γ is the published one.
 *
 * @param circuitHash - SHA-256 of the `.r1cs` file, 32 bytes.
 */
export function developmentSecrets(circuitHash: Uint8Array): SetupSecrets {
  const derive = (label: string): bigint => {
    const secret =
      keccakWords([domainTag(`development-${label}/v1`), bytesToInteger(circuitHash)]) % FIELD_MODULUS;
    // Cannot happen for any circuit that anyone will ever find.
    if (secret === 0n) throw new RangeError(`development secret ${label} is zero`);
    return Fr.mod(secret);
  };
  return {
    alpha: derive('alpha'),
    beta: derive('beta'),
    gamma: DEVELOPMENT_GAMMA,
    delta1: derive('delta1'),
    delta2: derive('delta2'),
    tau: derive('tau'),
  };
}

/**
 * What development keys carry where keys of a ceremony carry the hash of their initial points (64 bytes): the circuit's
 * hash, then a mark.
 */
export function developmentFingerprint(circuitHash: Uint8Array): Uint8Array {
  return concatBytes(circuitHash, sha256(utf8ToBytes('zkfinality/development-key/v1')));
}

/** The circuit hash inside a fingerprint, or undefined if the key is not a development key of this kind. */
export function circuitHashOfFingerprint(fingerprint: Uint8Array): Uint8Array | undefined {
  const circuitHash = fingerprint.slice(0, 32);
  return equalBytes(developmentFingerprint(circuitHash), fingerprint) ? circuitHash : undefined;
}
