/**
 * Vectors of coordinates: Fq for G1, Fq2 = Fq[u]/(u² + 1) for G2, with one set of operations for both.
 *
 * Bounds (multiples of q) are those of lanes-ifma.hpp; every function says what it takes and gives. An inverse in Fq2 is
 * the conjugate times the inverse of the norm, so that both groups share inversions in Fq.
 */
#pragma once
#include "isa.hpp"

namespace zkf::ZKF_ISA {

/** Coordinates in Fq. */
template <class L>
struct PrimeCoordinate {
  using V = typename L::V;
  using Mask = typename L::Mask;
  static constexpr int ELEMENTS = 1;
  struct E {
    V c0;
  };

  static inline E load(const Element* const* from, int offset) {
    const Element* shifted[L::COUNT];
    for (int i = 0; i < L::COUNT; i++) shifted[i] = from[i] + offset;
    return {L::load(shifted)};
  }
  static inline void store(const E& a, Element* const* to, int offset) {
    Element* shifted[L::COUNT];
    for (int i = 0; i < L::COUNT; i++) shifted[i] = to[i] + offset;
    L::store(a.c0, shifted);
  }
  static inline E one() { return {L::broadcast(PrimeField<typename L::Modulus>::ONE)}; }
  static inline E zero() { return {L::zero()}; }
  static inline Mask isZero(const E& a) { return L::isZero(a.c0); }
  static inline Mask isEqual(const E& a, const E& b) { return L::isEqual(a.c0, b.c0); }
  static inline E select(Mask m, const E& yes, const E& no) { return {L::select(m, yes.c0, no.c0)}; }
  static inline E negateWhere(Mask m, const E& a) { return {L::negateWhere(m, a.c0)}; }
  static inline E add(const E& a, const E& b) { return {L::add(a.c0, b.c0)}; }
  template <int K>
  static inline E sub(const E& a, const E& b) {
    return {L::template sub<K>(a.c0, b.c0)};
  }
  static inline E settle(const E& a) { return {L::settle(a.c0)}; }
  static inline E canonical(const E& a) { return {L::canonical(a.c0)}; }
  static inline E lift(const E& a) { return {L::lift(a.c0)}; }

  /** Any settled factors with a product of bounds below 84: below 2. */
  static inline E mul(const E& a, const E& b) { return {L::mul(a.c0, b.c0)}; }
  /** lifted·a for a below 2 and its lift: below 2. */
  static inline E square(const E& lifted, const E& a) { return {L::mul(lifted.c0, a.c0)}; }
  /** What is inverted for a denominator (settled, below 3). */
  static inline V norm(const E& a) { return a.c0; }
  /** The inverse from the norm's inverse (below 2). */
  static inline E inverse(const E&, const V& inverseNorm) { return {inverseNorm}; }
};

/** Coordinates in Fq2. */
template <class L>
struct QuadraticCoordinate {
  using V = typename L::V;
  using Mask = typename L::Mask;
  static constexpr int ELEMENTS = 2;
  struct E {
    V c0, c1;
  };

  static inline E load(const Element* const* from, int offset) {
    return {PrimeCoordinate<L>::load(from, offset).c0, PrimeCoordinate<L>::load(from, offset + 1).c0};
  }
  static inline void store(const E& a, Element* const* to, int offset) {
    PrimeCoordinate<L>::store({a.c0}, to, offset);
    PrimeCoordinate<L>::store({a.c1}, to, offset + 1);
  }
  static inline E one() { return {PrimeCoordinate<L>::one().c0, L::zero()}; }
  static inline E zero() { return {L::zero(), L::zero()}; }
  static inline Mask isZero(const E& a) { return L::isZero(a.c0) & L::isZero(a.c1); }
  static inline Mask isEqual(const E& a, const E& b) { return L::isEqual(a.c0, b.c0) & L::isEqual(a.c1, b.c1); }
  static inline E select(Mask m, const E& yes, const E& no) {
    return {L::select(m, yes.c0, no.c0), L::select(m, yes.c1, no.c1)};
  }
  static inline E negateWhere(Mask m, const E& a) { return {L::negateWhere(m, a.c0), L::negateWhere(m, a.c1)}; }
  static inline E add(const E& a, const E& b) { return {L::add(a.c0, b.c0), L::add(a.c1, b.c1)}; }
  template <int K>
  static inline E sub(const E& a, const E& b) {
    return {L::template sub<K>(a.c0, b.c0), L::template sub<K>(a.c1, b.c1)};
  }
  static inline E settle(const E& a) { return {L::settle(a.c0), L::settle(a.c1)}; }
  static inline E canonical(const E& a) { return {L::canonical(a.c0), L::canonical(a.c1)}; }
  static inline E lift(const E& a) { return {L::lift(a.c0), L::lift(a.c1)}; }

  /** (a0·b0 − a1·b1) + (a0·b1 + a1·b0)·u; a below 18, b below 8, settled: below 4. */
  static inline E mul(const E& a, const E& b) {
    const V negative = L::settle(L::template sub<8>(L::zero(), b.c1));
    return {L::mulSum(a.c0, b.c0, a.c1, negative), L::mulSum(a.c0, b.c1, a.c1, b.c0)};
  }
  /** (a0 + a1)(a0 − a1) + 2·a0·a1·u for a below 1.2 and its lift: below 2.6. */
  static inline E square(const E& lifted, const E& a) {
    const V sum = L::settle(L::add(lifted.c0, lifted.c1));
    const V difference = L::settle(L::template sub<2>(a.c0, a.c1));
    const V mixed = L::mulLoose(lifted.c0, a.c1);
    return {L::mul(sum, difference), L::settle(L::add(mixed, mixed))};
  }
  /** a0² + a1² of a settled denominator below 3. */
  static inline V norm(const E& a) { return L::mulSum(a.c0, a.c0, a.c1, a.c1); }
  /** (a0 − a1·u) / norm: below 1.1. */
  static inline E inverse(const E& a, const V& inverseNorm) {
    const V negative = L::settle(L::template sub<3>(L::zero(), a.c1));
    return {L::mul(a.c0, inverseNorm), L::mul(negative, inverseNorm)};
  }
};

}  // namespace zkf::ZKF_ISA
