/**
 * One field element at a time: Montgomery arithmetic with R = 2^256 on four 64-bit words, always canonical.
 *
 * Multiplication interleaves product and reduction word by word (CIOS, Koç, Acar, Kaliski 1996); p has two bits to
 * spare, so that no carry leaves the fifth word.
 */
#pragma once
#include "isa.hpp"
#include "modulus.hpp"
#ifdef ZKF_ADX
#include "adx.hpp"
#endif

namespace zkf::ZKF_ISA {

__extension__ typedef unsigned __int128 Wide;

template <class M>
struct PrimeField {
  using E = Element;
  static constexpr Element P = M::P;
  static constexpr uint64_t NEGATIVE_INVERSE = negativeInverse<M>();
  static constexpr Element ZERO{};
  static constexpr Element ONE = powerOfTwo<M>(256);
  static constexpr Element R_SQUARED = powerOfTwo<M>(512);

  static bool isZero(const E& a) { return (a.word[0] | a.word[1] | a.word[2] | a.word[3]) == 0; }
  static bool isEqual(const E& a, const E& b) {
    return ((a.word[0] ^ b.word[0]) | (a.word[1] ^ b.word[1]) | (a.word[2] ^ b.word[2]) |
            (a.word[3] ^ b.word[3])) == 0;
  }

  /** Subtracts p once if the value is not below it. */
  static E reduceOnce(const E& a) {
    E t;
    Wide borrow = 0;
    for (int i = 0; i < 4; i++) {
      const Wide difference = static_cast<Wide>(a.word[i]) - P.word[i] - borrow;
      t.word[i] = static_cast<uint64_t>(difference);
      borrow = (difference >> 64) & 1;
    }
    const uint64_t keep = 0 - static_cast<uint64_t>(borrow);
    for (int i = 0; i < 4; i++) t.word[i] = (a.word[i] & keep) | (t.word[i] & ~keep);
    return t;
  }

#ifdef ZKF_ADX
  static E add(const E& a, const E& b) { return AdxField<M>::add(a, b); }
  static E sub(const E& a, const E& b) { return AdxField<M>::sub(a, b); }
  static E mul(const E& a, const E& b) { return AdxField<M>::mul(a, b); }
#else
  static E add(const E& a, const E& b) {
    E sum;
    Wide carry = 0;
    for (int i = 0; i < 4; i++) {
      carry += static_cast<Wide>(a.word[i]) + b.word[i];
      sum.word[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    return reduceOnce(sum);
  }

  static E sub(const E& a, const E& b) {
    E out;
    Wide borrow = 0;
    for (int i = 0; i < 4; i++) {
      const Wide difference = static_cast<Wide>(a.word[i]) - b.word[i] - borrow;
      out.word[i] = static_cast<uint64_t>(difference);
      borrow = (difference >> 64) & 1;
    }
    const uint64_t mask = 0 - static_cast<uint64_t>(borrow);
    Wide carry = 0;
    for (int i = 0; i < 4; i++) {
      carry += static_cast<Wide>(out.word[i]) + (P.word[i] & mask);
      out.word[i] = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
    return out;
  }

  /** a·b/2^256, canonical. `a` must be canonical, `b` may be any 256-bit value. */
  static inline __attribute__((always_inline)) E mul(const E& a, const E& b) {
    uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const uint64_t x = b.word[i];
      Wide s = static_cast<Wide>(a.word[0]) * x + t0;
      t0 = static_cast<uint64_t>(s);
      s = static_cast<Wide>(a.word[1]) * x + t1 + static_cast<uint64_t>(s >> 64);
      t1 = static_cast<uint64_t>(s);
      s = static_cast<Wide>(a.word[2]) * x + t2 + static_cast<uint64_t>(s >> 64);
      t2 = static_cast<uint64_t>(s);
      s = static_cast<Wide>(a.word[3]) * x + t3 + static_cast<uint64_t>(s >> 64);
      t3 = static_cast<uint64_t>(s);
      t4 += static_cast<uint64_t>(s >> 64);
      const uint64_t m = t0 * NEGATIVE_INVERSE;
      s = static_cast<Wide>(m) * P.word[0] + t0;
      s = static_cast<Wide>(m) * P.word[1] + t1 + static_cast<uint64_t>(s >> 64);
      t0 = static_cast<uint64_t>(s);
      s = static_cast<Wide>(m) * P.word[2] + t2 + static_cast<uint64_t>(s >> 64);
      t1 = static_cast<uint64_t>(s);
      s = static_cast<Wide>(m) * P.word[3] + t3 + static_cast<uint64_t>(s >> 64);
      t2 = static_cast<uint64_t>(s);
      t3 = t4 + static_cast<uint64_t>(s >> 64);
      t4 = 0;
    }
    return reduceOnce(E{{t0, t1, t2, t3}});
  }
#endif

  static E neg(const E& a) { return sub(ZERO, a); }
  static E sqr(const E& a) { return mul(a, a); }
  static E twice(const E& a) { return add(a, a); }

  static E toMontgomery(const E& a) { return mul(a, R_SQUARED); }
  static E fromMontgomery(const E& a) { return mul(a, E{{1, 0, 0, 0}}); }

  static E power(const E& base, const E& exponent) {
    E result = ONE;
    for (int bit = 255; bit >= 0; bit--) {
      result = sqr(result);
      if ((exponent.word[bit / 64] >> (bit % 64)) & 1) result = mul(result, base);
    }
    return result;
  }
};

}  // namespace zkf::ZKF_ISA
