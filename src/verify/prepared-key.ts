/**
 * A verification key made ready: checked once, with everything that does not depend on a proof computed once.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { toG1, toG2 } from '../statement/curve.js';
import { UsageError } from '../statement/errors.js';
import { assertSoundKey, isDevelopmentKey } from '../statement/keys.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { VerificationKey } from '../statement/types.js';

/** Line coefficients of a Miller loop for one fixed point of G2. */
export type Lines = ReturnType<typeof bn254.utils.calcPairingPrecomputes>;

/** A checked key with cached pairing values. Make one with {@link prepareKey}. */
export type PreparedKey = {
  readonly key: VerificationKey;
  /** Hash over the whole key, see `transcript.ts`. */
  readonly hash: bigint;
  /** Whether the key carries the published development γ₂. */
  readonly development: boolean;
  /** e(α, β), always computed here, never read from a file. */
  readonly alphaBeta: ReturnType<typeof bn254.pairing>;
  readonly gammaLines: Lines;
  /** Present exactly for two-round keys. */
  readonly delta1Lines?: Lines;
  readonly delta2Lines: Lines;
};

const prepared = new WeakSet<PreparedKey>();
const cache = new WeakMap<VerificationKey, PreparedKey>();

/**
 * Checks a key and computes what all proofs for it share. Remembered for each key object; do not change it afterwards.
 *
 * Cost: about 60 ms once, 30 ms of it when the code is warm.
 * @param key - As `parseVerificationKey` returns it.
 * @throws {UsageError} `KEY_SHAPE`, `KEY_POINT`, `KEY_WEAK`.
 */
export function prepareKey(key: VerificationKey): PreparedKey {
  const known = cache.get(key);
  if (known !== undefined) return known;
  assertSoundKey(key);
  const lines = bn254.utils.calcPairingPrecomputes;
  const made: PreparedKey = Object.freeze({
    key,
    hash: verificationKeyHash(key),
    development: isDevelopmentKey(key),
    alphaBeta: bn254.pairing(toG1(key.alpha1), toG2(key.beta2)),
    gammaLines: lines(toG2(key.gamma2)),
    ...(key.delta1 === undefined ? {} : { delta1Lines: lines(toG2(key.delta1)) }),
    delta2Lines: lines(toG2(key.delta2)),
  });
  prepared.add(made);
  cache.set(key, made);
  return made;
}

/**
 * Refuses objects that only look like a prepared key.
 *
 * @throws {UsageError} `KEY_NOT_PREPARED`.
 */
export function assertPrepared(key: PreparedKey): void {
  if (!prepared.has(key))
    throw new UsageError(
      'KEY_NOT_PREPARED',
      'verification key: not prepared. Call prepareKey(key) and pass what it returns.',
    );
}
