/**
 * A verification key made ready: checked once, with everything that does not depend on a proof computed once.
 */
import { interleavedMSMUnsafe } from '@noble/curves/abstract/curve.js';
import { bn254 } from '@noble/curves/bn254.js';
import { negateG1, toG1, toG2 } from '../statement/curve.js';
import { UsageError } from '../statement/errors.js';
import { assertSoundKey, isDevelopmentKey } from '../statement/keys.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { G2, VerificationKey } from '../statement/types.js';

/** Line coefficients of a Miller loop for one fixed point of G2. */
export type Lines = ReturnType<typeof bn254.utils.calcPairingPrecomputes>;

/** A checked key with cached pairing values. Make one with {@link prepareKey}. */
export type PreparedKey = {
  readonly key: VerificationKey;
  /** Hash over the whole key, see `transcript.ts`. */
  readonly hash: bigint;
  /** Whether the key carries the published development γ₂. */
  readonly development: boolean;
  /** Miller loop of (−α, β), before the final exponentiation; always computed here, never read from a file. */
  readonly alphaBeta: ReturnType<typeof bn254.millerLoopBatch>;
  /** Σ scalar_i·IC_{i+1}, with tables of multiples of the points. */
  readonly sumInputs: (scalars: bigint[]) => ReturnType<typeof toG1>;
  readonly gammaLines: Lines;
  /** Present exactly for two-round keys. */
  readonly delta1Lines?: Lines;
  readonly delta2Lines: Lines;
};

const prepared = new WeakSet<PreparedKey>();
const cache = new WeakMap<VerificationKey, PreparedKey>();

/** Window of the input sum: tables of 2^3 multiples a point. */
const INPUT_WINDOW_BITS = 5;

/**
 * Checks a key and computes what all proofs for it share. Remembered for each key object; do not change it afterwards.
 *
 * Cost: about 50 ms in a fresh process, 20 ms when the code is warm.
 * @param key - As `parseVerificationKey` returns it.
 * @throws {UsageError} `KEY_SHAPE`, `KEY_POINT`, `KEY_WEAK`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseVerificationKey, prepareKey } from 'zkfinality/verify';
 *
 * const key = parseVerificationKey(JSON.parse(readFileSync('keys/committee-4.json', 'utf8')));
 * console.log(prepareKey(key).development, prepareKey(key) === prepareKey(key)); // true true
 * ```
 */
export function prepareKey(key: VerificationKey): PreparedKey {
  const known = cache.get(key);
  if (known !== undefined) return known;
  assertSoundKey(key);
  const lines = (point: G2): Lines => bn254.utils.calcPairingPrecomputes(toG2(point));
  const minusAlpha = negateG1(key.alpha1);
  const made: PreparedKey = Object.freeze({
    key,
    hash: verificationKeyHash(key),
    development: isDevelopmentKey(key),
    alphaBeta: bn254.millerLoopBatch([[lines(key.beta2), minusAlpha.x, minusAlpha.y]]),
    sumInputs: interleavedMSMUnsafe(bn254.G1.Point, key.ic.slice(1).map(toG1), INPUT_WINDOW_BITS),
    gammaLines: lines(key.gamma2),
    ...(key.delta1 === undefined ? {} : { delta1Lines: lines(key.delta1) }),
    delta2Lines: lines(key.delta2),
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
