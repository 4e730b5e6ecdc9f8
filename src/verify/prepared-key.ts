/**
 * A verification key made ready: checked once, with everything that does not depend on a proof computed once.
 */
import { type KeyArithmetic, prepareArithmetic } from '../statement/arithmetic.js';
import { UsageError } from '../statement/errors.js';
import { assertSoundKey, isDevelopmentKey } from '../statement/keys.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { VerificationKey } from '../statement/types.js';

/** A checked key with cached pairing values. Make one with {@link prepareKey}. */
export type PreparedKey = {
  readonly key: VerificationKey;
  /** Hash over the whole key, see `transcript.ts`. */
  readonly hash: bigint;
  /** Whether the key carries the published development γ₂. */
  readonly development: boolean;
  /** Sum of inputs and pairing, with what they share for this key; always computed here, never read from a file. */
  readonly arithmetic: KeyArithmetic;
};

const prepared = new WeakSet<PreparedKey>();
const cache = new WeakMap<VerificationKey, PreparedKey>();

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
  const made: PreparedKey = Object.freeze({
    key,
    hash: verificationKeyHash(key),
    development: isDevelopmentKey(key),
    arithmetic: prepareArithmetic(key),
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
      'verification key: not prepared. Pass what prepareKey(key) returns.',
    );
}
