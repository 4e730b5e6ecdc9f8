/**
 * Scalars as magnitude and sign, and magnitudes as signed digits.
 *
 * The sign is chosen so that the magnitude is small: r − s instead of s in the upper half. A magnitude m has digits d_w with
 * Σ d_w·2^{cw} = m and −2^{c−1} < d_w ≤ 2^{c−1}. Adding K = Σ (2^{c−1} − 1)·2^{cw} first makes every digit a plain bit
 * field, d_w = field_w(m + K) − (2^{c−1} − 1), with no carry from one to the next. A magnitude of b bits has ⌈(b+1)/c⌉ digits.
 */
#pragma once
#include <cstddef>
#include <vector>

#include "modulus.hpp"

namespace zkf {

/** Most bits of a magnitude. */
constexpr int MAGNITUDE_BITS = 253;
/** Widest windows: |digit| and sign fit 16 bits. */
constexpr int MAX_WINDOW_BITS = 15;

struct Magnitude {
  Element value;
  int bits;
  bool isNegative;
};

/** False if the scalar is not canonical. */
inline bool readMagnitude(const Element& scalar, Magnitude& out) {
  if (!isBelow(scalar, ScalarModulus::P)) return false;
  const Element negated = subtractWords(ScalarModulus::P, scalar);
  out.isNegative = isBelow(negated, scalar);
  out.value = out.isNegative ? negated : scalar;
  out.bits = 0;
  for (int i = 3; i >= 0; i--) {
    if (out.value.word[i] != 0) {
      out.bits = 64 * i + 64 - __builtin_clzll(out.value.word[i]);
      break;
    }
  }
  return true;
}

constexpr int digitCount(int bits, int windowBits) { return bits == 0 ? 0 : (bits + windowBits) / windowBits; }

/** A magnitude plus K, from which digits are read. */
struct DigitReader {
  uint64_t word[6] = {};

  DigitReader(const Element& magnitude, const DigitReader& offset) {
    unsigned carry = 0;
    for (int i = 0; i < 5; i++) {
      const uint64_t m = i < 4 ? magnitude.word[i] : 0;
      const uint64_t sum = m + offset.word[i];
      word[i] = sum + carry;
      carry = (sum < m || word[i] < sum) ? 1 : 0;
    }
  }
  /** K for so many digits. */
  DigitReader(int windowBits, int digits) {
    for (int w = 0; w < digits; w++) {
      for (int bit = windowBits * w; bit < windowBits * w + windowBits - 1; bit++)
        word[bit / 64] |= uint64_t{1} << (bit % 64);
    }
  }

  /** Digit w: 2·|d| + (1 if negative). */
  uint32_t digit(int windowBits, int w) const {
    const int bit = windowBits * w, at = bit / 64, shift = bit % 64;
    uint64_t field = word[at] >> shift;
    if (shift + windowBits > 64) field |= word[at + 1] << (64 - shift);
    const int half = (1 << (windowBits - 1)) - 1;
    const int value = static_cast<int>(field & ((uint64_t{1} << windowBits) - 1)) - half;
    return value < 0 ? static_cast<uint32_t>(-2 * value + 1) : static_cast<uint32_t>(2 * value);
  }
};

/** Digits −1, 0, 1 of a magnitude, no two neighbours both non-zero, lowest first. */
inline std::vector<int8_t> nonAdjacentForm(Element rest) {
  std::vector<int8_t> digits;
  const auto isZero = [](const Element& a) { return (a.word[0] | a.word[1] | a.word[2] | a.word[3]) == 0; };
  while (!isZero(rest)) {
    int8_t digit = 0;
    if (rest.word[0] & 1) {
      digit = (rest.word[0] & 2) ? -1 : 1;
      // Magnitudes are below 2^253: + 1 does not leave the words.
      uint64_t carry = digit < 0 ? 1 : 0;
      if (digit > 0) rest.word[0] -= 1;
      for (int i = 0; i < 4 && carry > 0; i++) {
        rest.word[i] += carry;
        carry = rest.word[i] == 0 ? 1 : 0;
      }
    }
    digits.push_back(digit);
    for (int i = 0; i < 4; i++) rest.word[i] = (rest.word[i] >> 1) | (i < 3 ? rest.word[i + 1] << 63 : 0);
  }
  return digits;
}

}  // namespace zkf
