/**
 * Scalars as magnitude and sign, and magnitudes as signed digits.
 *
 * The sign is chosen so that the magnitude is small: r − s instead of s in the upper half. A magnitude m below 2^253 has
 * digits d_w with Σ d_w·2^{cw} = m and −2^{c−1} < d_w ≤ 2^{c−1}. Adding K = Σ (2^{c−1} − 1)·2^{cw} first makes every digit a plain bit
 * field: d_w = field_w(m + K) − (2^{c−1} − 1), with no carry from one to the next. A magnitude of b bits has
 * ⌈(b+1)/c⌉ digits, the others are zero.
 */
import { BN254_R } from '../../math/field.js';

/** Most bits of a magnitude. */
export const MAGNITUDE_BITS = 254;
/** 32-bit words of a magnitude with the digits' offset added. */
const OFFSET_WORDS = 9;

const wordsOf = (value: bigint, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => Number((value >> BigInt(32 * i)) & 0xffffffffn));

const ORDER_WORDS = wordsOf(BN254_R, 8);
/** A scalar is negative when its upper 32 bits are above these. */
export const HALF_ORDER_TOP = Number(BN254_R >> 225n);
/** Returned for scalars that are not below the group's order. */
export const NOT_CANONICAL = -1;

/**
 * Reads a scalar as magnitude and sign.
 *
 * @param words - Memory; the scalar begins at word `at`.
 * @param magnitude - Gets eight words.
 * @returns 2·(bits of the magnitude) + (1 if negative), or NOT_CANONICAL.
 */
export function readMagnitude(words: Uint32Array, at: number, magnitude: Uint32Array): number {
  const isNegative = (words[at + 7] as number) > HALF_ORDER_TOP ? 1 : 0;
  let borrow = 0;
  for (let i = 0; i < 8; i++) {
    const word = words[at + i] as number;
    if (isNegative === 1) {
      const difference = (ORDER_WORDS[i] as number) - word - borrow;
      borrow = difference < 0 ? 1 : 0;
      magnitude[i] = difference;
    } else {
      magnitude[i] = word;
    }
  }
  if (borrow === 1) return NOT_CANONICAL;
  for (let i = 7; i >= 0; i--) {
    const word = magnitude[i] as number;
    if (word !== 0) {
      const bits = 32 * i + 32 - Math.clz32(word);
      // r itself gives magnitude 0 with a sign; it is not canonical either.
      return 2 * bits + isNegative;
    }
  }
  return isNegative === 1 ? NOT_CANONICAL : 0;
}

/** Digits that a magnitude of so many bits needs. */
export function digitCount(bits: number, windowBits: number): number {
  return bits === 0 ? 0 : Math.ceil((bits + 1) / windowBits);
}

/** K for so many digits, see the head of this file. */
export function digitOffset(windowBits: number, digits: number): Uint32Array {
  let sum = 0n;
  for (let w = 0; w < digits; w++) sum |= ((1n << BigInt(windowBits - 1)) - 1n) << BigInt(windowBits * w);
  return wordsOf(sum, OFFSET_WORDS);
}

/** magnitude + offset, nine words into `sum`. */
export function addOffset(magnitude: Uint32Array, offset: Uint32Array, sum: Uint32Array): void {
  let carry = 0;
  for (let i = 0; i < OFFSET_WORDS; i++) {
    const total = (i < 8 ? (magnitude[i] as number) : 0) + (offset[i] as number) + carry;
    carry = total >= 2 ** 32 ? 1 : 0;
    sum[i] = total;
  }
}

/** Bit field w of a sum from {@link addOffset}: digit + (2^{c−1} − 1). At most 16 bits. */
export function digitField(sum: Uint32Array, windowBits: number, w: number): number {
  const bit = windowBits * w;
  const at = bit >>> 5;
  const shift = bit & 31;
  const low = (sum[at] as number) >>> shift;
  const isSplit = shift + windowBits > 32 && at + 1 < OFFSET_WORDS;
  const high = isSplit ? (sum[at + 1] as number) << (32 - shift) : 0;
  return (low | high) & ((1 << windowBits) - 1);
}
