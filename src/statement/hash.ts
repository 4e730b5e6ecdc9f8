/**
 * Keccak-256 over 32-byte big-endian words, and the domain tags of this project. One encoding, fixed length: injective.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { UsageError } from './errors.js';

/** 2^256: the bound of a word. */
export const WORD_BOUND = 1n << 256n;

const encoder = new TextEncoder();

/**
 * Keccak-256 of bytes as an integer (big endian).
 *
 * @param bytes - Any bytes.
 * @returns An integer in [0, 2^256).
 */
export function keccakInteger(bytes: Uint8Array): bigint {
  return bytesToInteger(keccak_256(bytes));
}

/**
 * The full 256-bit domain tag keccak256("zkfinality/<label>").
 *
 * @param label - Everything after `zkfinality/`, for example `challenge/v1`.
 */
export function domainTag(label: string): bigint {
  return keccakInteger(encoder.encode(`zkfinality/${label}`));
}

/** A domain tag that is a field element: {@link domainTag} mod 2^248. */
export function fieldTag(label: string): bigint {
  return domainTag(label) & ((1n << 248n) - 1n);
}

/**
 * Keccak-256 of a sequence of words, each written as 32 bytes, big endian.
 *
 * @param words - Integers in [0, 2^256).
 * @throws {UsageError} `NUMBER_RANGE` if a word is outside: nothing is ever reduced or cut silently.
 */
export function keccakWords(words: readonly bigint[]): bigint {
  const bytes = new Uint8Array(32 * words.length);
  words.forEach((word, index) => {
    bytes.set(wordToBytes(word), 32 * index);
  });
  return keccakInteger(bytes);
}

/** Unsigned big-endian integer of any number of bytes. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  // One digit more, so that no bytes are 0.
  return BigInt(`0x0${bytesToHex(bytes)}`);
}

/**
 * 32 bytes, big endian.
 *
 * @throws {UsageError} `NUMBER_RANGE` if the word is not in [0, 2^256).
 */
export function wordToBytes(word: bigint): Uint8Array {
  if (word < 0n || word >= WORD_BOUND)
    throw new UsageError(
      'NUMBER_RANGE',
      `word to hash: expected [0, 2^256), got ${word}. Check the value first.`,
    );
  return hexToBytes(word.toString(16).padStart(64, '0'));
}
