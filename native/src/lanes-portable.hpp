/**
 * Vectors of one element: the portable way through every algorithm that is written for vectors of elements.
 *
 * See lanes-ifma.hpp for what the operations promise. Here values are always canonical, so that `settle` and `canonical` do
 * nothing, and products lose no power of two.
 */
#pragma once
#include "prime-field.hpp"

namespace zkf::ZKF_ISA {

template <class M>
struct PortableLanes {
  using F = PrimeField<M>;
  using Modulus = M;
  using V = Element;
  using Mask = unsigned;
  static constexpr int COUNT = 1;
  static constexpr int LOST_BITS = 0;
  /** Independent chains of products that keep the multiplier busy. */
  static constexpr int CHAINS = 1;

  static V load(const Element* const* from) { return *from[0]; }
  static V loadEvery(const Element* from, long) { return *from; }
  static void store(const V& a, Element* const* to) { *to[0] = a; }
  static void storeEvery(const V& a, Element* to, long) { *to = a; }
  static V broadcast(const Element& a) { return a; }

  /** A twiddle factor for all lanes at once. */
  using Narrow = Element;
  static Narrow narrow(const Element& a) { return a; }
  static V broadcastNarrow(const Narrow& a) { return a; }
  static V zero() { return F::ZERO; }
  static V add(const V& a, const V& b) { return F::add(a, b); }
  template <int K>
  static V sub(const V& a, const V& b) {
    return F::sub(a, b);
  }
  static V settle(const V& a) { return a; }
  static V reduce(const V& a) { return a; }
  static V canonical(const V& a) { return a; }
  static V mul(const V& a, const V& b) { return F::mul(a, b); }
  static V mulLoose(const V& a, const V& b) { return F::mul(a, b); }
  /** a·b + c·d */
  static V mulSum(const V& a, const V& b, const V& c, const V& d) { return F::add(F::mul(a, b), F::mul(c, d)); }
  static V lift(const V& a) { return a; }

  static Mask isZero(const V& a) { return F::isZero(a); }
  static Mask isEqual(const V& a, const V& b) { return F::isEqual(a, b); }
  static bool any(Mask m) { return m != 0; }
  static constexpr Mask ALL = 1;
  static V select(Mask m, const V& yes, const V& no) { return m != 0 ? yes : no; }
  /** −a where the mask says so. */
  static V negateWhere(Mask m, const V& a) { return m != 0 ? F::neg(a) : a; }
};

}  // namespace zkf::ZKF_ISA
