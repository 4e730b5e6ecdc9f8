/**
 * The two primes of BN254 and what is derived from them at compile time.
 *
 * Nothing but the primes is written down: inverses and powers of two are computed by the compiler.
 */
#pragma once
#include <cstdint>

namespace zkf {

/** A field element as it lies in memory: 256 bits, little endian. */
struct Element {
  uint64_t word[4];
};

/** q, the field of coordinates. */
struct BaseModulus {
  static constexpr Element P{
      {0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029}};
};

/** r, the order of both groups. */
struct ScalarModulus {
  static constexpr Element P{
      {0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029}};
};

constexpr bool isBelow(const Element& a, const Element& b) {
  for (int i = 3; i >= 0; i--)
    if (a.word[i] != b.word[i]) return a.word[i] < b.word[i];
  return false;
}

/** a − b modulo 2^256. */
constexpr Element subtractWords(const Element& a, const Element& b) {
  Element out{};
  uint64_t borrow = 0;
  for (int i = 0; i < 4; i++) {
    const uint64_t difference = a.word[i] - b.word[i];
    out.word[i] = difference - borrow;
    borrow = (a.word[i] < b.word[i] || difference < borrow) ? 1 : 0;
  }
  return out;
}

/** −p^-1 modulo 2^64 by Newton's iteration: each step doubles the bits that are right. */
template <class M>
constexpr uint64_t negativeInverse() {
  uint64_t inverse = 1;
  for (int i = 0; i < 6; i++) inverse *= 2 - M::P.word[0] * inverse;
  return 0 - inverse;
}

/** 2^exponent modulo p. */
template <class M>
constexpr Element powerOfTwo(int exponent) {
  Element value{{1, 0, 0, 0}};
  for (int k = 0; k < exponent; k++) {
    Element twice{};
    for (int i = 0; i < 4; i++)
      twice.word[i] = (value.word[i] << 1) | (i > 0 ? value.word[i - 1] >> 63 : 0);
    value = isBelow(twice, M::P) ? twice : subtractWords(twice, M::P);
  }
  return value;
}

}  // namespace zkf
