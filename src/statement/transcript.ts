/**
 * The hash of a verification key and the challenge of two-round proofs: Keccak-256 over 32-byte big-endian words.
 *
 *     vkHash = keccak( tag ‖ curve ‖ system ‖ publicCount ‖ α₁ ‖ β₂ ‖ γ₂ ‖ [δ₁]₂ (two-round only) ‖ δ₂ ‖ IC_0 … IC_n )
 *     x      = keccak( tag ‖ vkHash ‖ public inputs before x ‖ D.x ‖ D.y ) mod r
 *
 * G2 coordinates in the order of EIP-197: x.c1, x.c0, y.c1, y.c0. Every value is checked to be canonical before it is
 * hashed, so one key or statement has one hash.
 */
import { COORDINATE_MODULUS, FIELD_MODULUS } from './curve.js';
import { UsageError } from './errors.js';
import { domainTag, keccakInteger, keccakWords } from './hash.js';
import type { G1, G2, VerificationKey } from './types.js';

const KEY_TAG = domainTag('verification-key/v1');
const CHALLENGE_TAG = domainTag('challenge/v1');
const CURVE_WORD = keccakInteger(new TextEncoder().encode('bn254'));
const SYSTEM_WORDS = { groth16: 1n, ultragroth: 2n } as const;

/**
 * Hash over every point of a verification key, its system, its curve and its number of inputs.
 *
 * @returns An integer in [0, 2^256).
 * @throws {UsageError} `KEY_SHAPE` where the parts do not fit together; `COORDINATE_RANGE` if a coordinate is not below q.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseManifest, parseVerificationKey, verificationKeyHash } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const entry = parseManifest(read('keys/manifest.json')).keys[0]!;
 * const key = parseVerificationKey(read(`keys/${entry.file}`));
 * console.log(verificationKeyHash(key) === entry.verificationKeyHash); // true
 * ```
 */
export function verificationKeyHash(key: VerificationKey): bigint {
  assertKeyShape(key);
  return keccakWords([
    KEY_TAG,
    CURVE_WORD,
    SYSTEM_WORDS[key.system],
    BigInt(key.publicCount),
    ...g1Words(key.alpha1),
    ...g2Words(key.beta2),
    ...g2Words(key.gamma2),
    ...(key.delta1 === undefined ? [] : g2Words(key.delta1)),
    ...g2Words(key.delta2),
    ...key.ic.flatMap(g1Words),
  ]);
}

/**
 * The challenge of a two-round proof. Always recomputed, never read.
 *
 * @param keyHash - {@link verificationKeyHash} of the key.
 * @param inputs - All public inputs before the challenge.
 * @param commitment - First-round commitment D of the proof.
 * @returns A field element in [0, r).
 * @throws {UsageError} `PUBLIC_INPUT_RANGE`, `COORDINATE_RANGE` if a value is not canonical.
 */
export function challenge(keyHash: bigint, inputs: readonly bigint[], commitment: G1): bigint {
  inputs.forEach((input, index) => {
    if (input < 0n || input >= FIELD_MODULUS)
      throw new UsageError(
        'PUBLIC_INPUT_RANGE',
        `publicInputs[${index}]: expected [0, r), got ${input}. Reduce nothing: the input is wrong.`,
      );
  });
  return keccakWords([CHALLENGE_TAG, keyHash, ...inputs, ...g1Words(commitment)]) % FIELD_MODULUS;
}

/**
 * Checks that the parts of a key fit together: δ₁ exactly for two-round keys, publicCount + 1 points IC.
 *
 * @throws {UsageError} `KEY_SHAPE`.
 */
export function assertKeyShape(key: VerificationKey): void {
  const twoRound = key.system === 'ultragroth';
  if (!Object.hasOwn(SYSTEM_WORDS, key.system) || twoRound !== (key.delta1 !== undefined))
    throw new UsageError(
      'KEY_SHAPE',
      `key: system "${key.system}" ${twoRound ? 'needs' : 'has no'} delta1. Use one that setup made.`,
    );
  if (
    !Number.isSafeInteger(key.publicCount) ||
    key.publicCount < (twoRound ? 1 : 0) ||
    key.ic.length !== key.publicCount + 1
  )
    throw new UsageError(
      'KEY_SHAPE',
      `key: expected ${key.publicCount + 1} points IC for ${key.publicCount} public inputs, got ${key.ic.length}. Use one that setup made.`,
    );
}

function g1Words(point: G1): bigint[] {
  return [point.x, point.y].map(canonical);
}

function g2Words(point: G2): bigint[] {
  return [point.x[1], point.x[0], point.y[1], point.y[0]].map(canonical);
}

function canonical(coordinate: bigint): bigint {
  if (coordinate < 0n || coordinate >= COORDINATE_MODULUS)
    throw new UsageError('COORDINATE_RANGE', `coordinate to hash: expected [0, q), got ${coordinate}.`);
  return coordinate;
}
