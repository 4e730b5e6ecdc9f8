/**
 * Vectors of eight elements on AVX-512 IFMA: five limbs of 52 bits, a 512-bit register for each limb.
 *
 * The multiply-add instructions take the low 52 bits of both factors and add the low or the high half of their product to a
 * 64-bit sum. So limbs may hold more than 52 bits, and be negative, between multiplications:
 *
 *  - "settled": limbs in [0, 2^52), value in [0, 2^260). Factors must be settled. Loaded values are, `settle` makes them so.
 *  - "loose": limbs are signed 64-bit numbers. `add`, `sub` and `mulLoose` give loose values without a carry.
 *
 * Products are divided by R = 2^260. The memory's form is Montgomery with 2^256, so a product of two such values
 * has lost 2^4 (LOST_BITS); `lift` multiplies by 2^4 and is applied to one factor, or to a constant beforehand.
 *
 * Bounds are counted in multiples of p; 2^260 is 84.6·p. A product of values below a·p and b·p is below (a·b/84.6 + 1)·p.
 */
#pragma once
#include <immintrin.h>

#include "prime-field.hpp"

namespace zkf::ZKF_ISA {

struct Vector8 {
  __m512i limb[5];
};

constexpr int LIMB_BITS = 52;
constexpr uint64_t LIMB_MASK = (uint64_t{1} << LIMB_BITS) - 1;

/** Limb i of a 256-bit number. */
constexpr uint64_t limbOf(const Element& a, int i) {
  const int bit = LIMB_BITS * i, word = bit / 64, shift = bit % 64;
  uint64_t value = a.word[word] >> shift;
  if (shift != 0 && word + 1 < 4) value |= a.word[word + 1] << (64 - shift);
  return value & LIMB_MASK;
}

template <class M>
struct IfmaLanes {
  using F = PrimeField<M>;
  using Modulus = M;
  using V = Vector8;
  using Mask = __mmask8;
  static constexpr int COUNT = 8;
  static constexpr int LOST_BITS = 4;
  static constexpr int CHAINS = 4;
  static constexpr Mask ALL = 0xff;

  static constexpr uint64_t P_LIMBS[5] = {limbOf(M::P, 0), limbOf(M::P, 1), limbOf(M::P, 2), limbOf(M::P, 3),
                                          limbOf(M::P, 4)};
  static constexpr uint64_t NEGATIVE_INVERSE = negativeInverse<M>() & LIMB_MASK;

  static __m512i all(uint64_t value) { return _mm512_set1_epi64(static_cast<long long>(value)); }

  /** Limbs of K·p, not carried: each below K·2^52. */
  template <int K>
  static __m512i multipleLimb(int i) {
    return all(P_LIMBS[i] * K);
  }

  /** A twiddle factor for all lanes at once. */
  struct Narrow {
    uint64_t limb[5];
  };
  static Narrow narrow(const Element& a) {
    return {{limbOf(a, 0), limbOf(a, 1), limbOf(a, 2), limbOf(a, 3), limbOf(a, 4)}};
  }
  static inline V broadcastNarrow(const Narrow& a) {
    V out;
    for (int i = 0; i < 5; i++) out.limb[i] = all(a.limb[i]);
    return out;
  }

  static V zero() {
    V out;
    for (auto& limb : out.limb) limb = _mm512_setzero_si512();
    return out;
  }

  static V broadcast(const Element& a) {
    V out;
    for (int i = 0; i < 5; i++) out.limb[i] = all(limbOf(a, i));
    return out;
  }

  /** Four words of each element, a register a word, to limbs. */
  static inline V split(__m512i w0, __m512i w1, __m512i w2, __m512i w3) {
    const __m512i mask = all(LIMB_MASK);
    V out;
    out.limb[0] = _mm512_and_si512(w0, mask);
    out.limb[1] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w0, 52), _mm512_slli_epi64(w1, 12)), mask);
    out.limb[2] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w1, 40), _mm512_slli_epi64(w2, 24)), mask);
    out.limb[3] = _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w2, 28), _mm512_slli_epi64(w3, 36)), mask);
    out.limb[4] = _mm512_srli_epi64(w3, 16);
    return out;
  }

  static inline __m512i pair(const Element* low, const Element* high) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(low));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(high));
    return _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
  }

  /** The transpose of eight elements of four words. Each register holds element i and i + 4. */
  static inline V transpose(__m512i r0, __m512i r1, __m512i r2, __m512i r3) {
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    const __m512i even01 = _mm512_unpacklo_epi64(r0, r1), odd01 = _mm512_unpackhi_epi64(r0, r1);
    const __m512i even23 = _mm512_unpacklo_epi64(r2, r3), odd23 = _mm512_unpackhi_epi64(r2, r3);
    return split(_mm512_permutex2var_epi64(even01, low, even23), _mm512_permutex2var_epi64(odd01, low, odd23),
                 _mm512_permutex2var_epi64(even01, high, even23), _mm512_permutex2var_epi64(odd01, high, odd23));
  }

  /** Eight elements from anywhere. */
  static inline V load(const Element* const* from) {
    return transpose(pair(from[0], from[4]), pair(from[1], from[5]), pair(from[2], from[6]), pair(from[3], from[7]));
  }

  /** Eight elements at a constant distance, in elements. */
  static inline V loadEvery(const Element* from, long stride) {
    return transpose(pair(from, from + 4 * stride), pair(from + stride, from + 5 * stride),
                     pair(from + 2 * stride, from + 6 * stride), pair(from + 3 * stride, from + 7 * stride));
  }

  struct Rows {
    __m512i pair[4];
  };

  /** Settled values below 2^256 back to elements. */
  static inline Rows untranspose(const V& a) {
    const __m512i w0 = _mm512_or_si512(a.limb[0], _mm512_slli_epi64(a.limb[1], 52));
    const __m512i w1 = _mm512_or_si512(_mm512_srli_epi64(a.limb[1], 12), _mm512_slli_epi64(a.limb[2], 40));
    const __m512i w2 = _mm512_or_si512(_mm512_srli_epi64(a.limb[2], 24), _mm512_slli_epi64(a.limb[3], 28));
    const __m512i w3 = _mm512_or_si512(_mm512_srli_epi64(a.limb[3], 36), _mm512_slli_epi64(a.limb[4], 16));
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    const __m512i even01 = _mm512_permutex2var_epi64(w0, low, w2), even23 = _mm512_permutex2var_epi64(w0, high, w2);
    const __m512i odd01 = _mm512_permutex2var_epi64(w1, low, w3), odd23 = _mm512_permutex2var_epi64(w1, high, w3);
    return {{_mm512_unpacklo_epi64(even01, odd01), _mm512_unpackhi_epi64(even01, odd01),
             _mm512_unpacklo_epi64(even23, odd23), _mm512_unpackhi_epi64(even23, odd23)}};
  }

  static inline void unpair(__m512i pair, Element* low, Element* high) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(low), _mm512_castsi512_si256(pair));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(high), _mm512_extracti64x4_epi64(pair, 1));
  }

  static inline void store(const V& a, Element* const* to) {
    const Rows rows = untranspose(a);
    for (int i = 0; i < 4; i++) unpair(rows.pair[i], to[i], to[i + 4]);
  }

  static inline void storeEvery(const V& a, Element* to, long stride) {
    const Rows rows = untranspose(a);
    for (int i = 0; i < 4; i++) unpair(rows.pair[i], to + i * stride, to + (i + 4) * stride);
  }

  static inline V add(const V& a, const V& b) {
    V out;
    for (int i = 0; i < 5; i++) out.limb[i] = _mm512_add_epi64(a.limb[i], b.limb[i]);
    return out;
  }

  /** a − b + K·p; not negative if b is at most K·p. */
  template <int K>
  static inline V sub(const V& a, const V& b) {
    V out;
    for (int i = 0; i < 5; i++)
      out.limb[i] = _mm512_add_epi64(_mm512_sub_epi64(a.limb[i], b.limb[i]), multipleLimb<K>(i));
    return out;
  }

  /** Carries. The value must be in [0, 2^260), but for a top limb that keeps the sign of a negative one. */
  static inline V settle(const V& a) {
    const __m512i mask = all(LIMB_MASK);
    V out;
    __m512i carry = a.limb[0];
    for (int i = 0; i < 4; i++) {
      out.limb[i] = _mm512_and_si512(carry, mask);
      carry = _mm512_add_epi64(a.limb[i + 1], _mm512_srai_epi64(carry, LIMB_BITS));
    }
    out.limb[4] = carry;
    return out;
  }

  /**
   * A loose value in [0, 84·p) to a settled one below 1.02·p.
   *
   * The quotient is estimated from the top limb without its low 30 bits, too small by at most one and a bit; the
   * multiple of p is taken away by adding the quotient times 2^260 − p and dropping the bits above 2^260.
   */
  static inline V reduce(const V& loose) {
    V a = settle(loose);
    constexpr uint64_t scaled = (uint64_t{1} << 44) / ((P_LIMBS[4] >> 30) + 1);
    const __m512i top = _mm512_srli_epi64(a.limb[4], 30);
    const __m512i q = _mm512_srli_epi64(_mm512_madd52lo_epu64(_mm512_setzero_si512(), top, all(scaled)), 44);
    for (int i = 0; i < 5; i++) {
      // Limbs of 2^260 − p.
      const __m512i limb = all((LIMB_MASK - P_LIMBS[i]) + (i == 0 ? 1 : 0));
      a.limb[i] = _mm512_madd52lo_epu64(a.limb[i], q, limb);
      if (i < 4) a.limb[i + 1] = _mm512_madd52hi_epu64(a.limb[i + 1], q, limb);
    }
    V out = settle(a);
    out.limb[4] = _mm512_and_si512(out.limb[4], all(LIMB_MASK));
    return out;
  }

  /** Settled, below 2p, to canonical. */
  static inline V subtractOnce(const V& a) {
    V t;
    for (int i = 0; i < 5; i++) t.limb[i] = _mm512_sub_epi64(a.limb[i], all(P_LIMBS[i]));
    t = settle(t);
    const Mask isSmaller = _mm512_movepi64_mask(t.limb[4]);
    return select(isSmaller, a, t);
  }

  /** A loose value in [0, 84·p) to the canonical one. */
  static inline V canonical(const V& a) { return subtractOnce(reduce(a)); }

  struct Columns {
    __m512i sum[10];
  };

  static inline __attribute__((always_inline)) void accumulate(Columns& t, const V& a, const V& b) {
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
#pragma GCC unroll 5
      for (int j = 0; j < 5; j++) {
        t.sum[i + j] = _mm512_madd52lo_epu64(t.sum[i + j], a.limb[i], b.limb[j]);
        t.sum[i + j + 1] = _mm512_madd52hi_epu64(t.sum[i + j + 1], a.limb[i], b.limb[j]);
      }
    }
  }

  /** Montgomery's reduction, limb by limb from below. */
  static inline __attribute__((always_inline)) V divideByRadix(Columns& t) {
    const __m512i inverse = all(NEGATIVE_INVERSE);
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
      const __m512i m = _mm512_madd52lo_epu64(_mm512_setzero_si512(), t.sum[i], inverse);
#pragma GCC unroll 5
      for (int j = 0; j < 5; j++) {
        const __m512i limb = all(P_LIMBS[j]);
        t.sum[i + j] = _mm512_madd52lo_epu64(t.sum[i + j], m, limb);
        t.sum[i + j + 1] = _mm512_madd52hi_epu64(t.sum[i + j + 1], m, limb);
      }
      t.sum[i + 1] = _mm512_add_epi64(t.sum[i + 1], _mm512_srli_epi64(t.sum[i], LIMB_BITS));
    }
    return {{t.sum[5], t.sum[6], t.sum[7], t.sum[8], t.sum[9]}};
  }

  /** a·b/2^260 of settled values, loose: limbs below 2^57. */
  static inline __attribute__((always_inline)) V mulLoose(const V& a, const V& b) {
    Columns t;
    for (auto& sum : t.sum) sum = _mm512_setzero_si512();
    accumulate(t, a, b);
    return divideByRadix(t);
  }

  static inline __attribute__((always_inline)) V mul(const V& a, const V& b) { return settle(mulLoose(a, b)); }

  /** (a·b + c·d)/2^260 with one reduction, settled. */
  static inline __attribute__((always_inline)) V mulSum(const V& a, const V& b, const V& c, const V& d) {
    Columns t;
    for (auto& sum : t.sum) sum = _mm512_setzero_si512();
    accumulate(t, a, b);
    accumulate(t, c, d);
    return settle(divideByRadix(t));
  }

  /** 16·a of a settled value below 5·p, settled. */
  static inline V lift(const V& a) {
    const __m512i mask = all(LIMB_MASK);
    V out;
    out.limb[0] = _mm512_and_si512(_mm512_slli_epi64(a.limb[0], LOST_BITS), mask);
    for (int i = 1; i < 5; i++) {
      const __m512i joined = _mm512_or_si512(_mm512_slli_epi64(a.limb[i], LOST_BITS),
                                             _mm512_srli_epi64(a.limb[i - 1], LIMB_BITS - LOST_BITS));
      out.limb[i] = i < 4 ? _mm512_and_si512(joined, mask) : joined;
    }
    return out;
  }

  static inline Mask isZero(const V& a) {
    const __m512i any = _mm512_or_si512(
        _mm512_or_si512(_mm512_or_si512(a.limb[0], a.limb[1]), _mm512_or_si512(a.limb[2], a.limb[3])), a.limb[4]);
    return _mm512_testn_epi64_mask(any, any);
  }
  /** Of canonical values. */
  static inline Mask isEqual(const V& a, const V& b) {
    Mask equal = ALL;
    for (int i = 0; i < 5; i++) equal = _mm512_mask_cmpeq_epi64_mask(equal, a.limb[i], b.limb[i]);
    return equal;
  }
  static bool any(Mask m) { return m != 0; }
  static inline V select(Mask m, const V& yes, const V& no) {
    V out;
    for (int i = 0; i < 5; i++) out.limb[i] = _mm512_mask_mov_epi64(no.limb[i], m, yes.limb[i]);
    return out;
  }
  /** p − a where the mask says so, loose; 0 becomes p. */
  static inline V negateWhere(Mask m, const V& a) {
    V out;
    for (int i = 0; i < 5; i++) out.limb[i] = _mm512_mask_sub_epi64(a.limb[i], m, all(P_LIMBS[i]), a.limb[i]);
    return out;
  }
};

}  // namespace zkf::ZKF_ISA
