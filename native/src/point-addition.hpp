/**
 * Batches of affine additions a ± b with one inversion for the whole batch (Montgomery's trick).
 *
 *     λ = (y₂ − y₁)/(x₂ − x₁), or 3x²/2y where both are equal;  x₃ = λ² − x₁ − x₂;  y₃ = λ(x₁ − x₃) − y₁
 *
 * Pass 1 goes from the last addition to the first and multiplies the denominators' norms into running products; pass 2
 * goes forward, takes the product's inverse apart again and writes the sums. Infinity (all zero), equal and opposite points give
 * what they should; they are found by comparing x, and only then cost more.
 *
 * Powers of two (see lanes-ifma.hpp), for L = LOST_BITS and d the memory's form of a denominator: products of n factors
 * have lost (n−1)·L bits. Starting the way back with 2^(512+L) / product gives each time 2^(512+L)/d, whose product
 * with y₂ − y₁ is λ in memory's form. `lift` repairs the two products that follow. Norms in Fq2 come to the same.
 */
#pragma once
#include <cstddef>

#include "coordinates.hpp"
#include "inversion.hpp"
#include "jobs.hpp"

namespace zkf::ZKF_ISA {

/** Memory for one batch; one for each thread. */
template <class C, class L>
struct AdditionScratch {
  static constexpr size_t GROUPS = ADDITION_BATCH / L::COUNT;
  typename L::V before[GROUPS];
  typename L::V norm[GROUPS];
  typename C::E denominator[GROUPS];
  uint8_t isSpecial[GROUPS];
};

/** 2^(512+L)/a of eight (or one) canonical values, with one inversion. */
template <class L>
typename L::V invertLanes(const typename L::V& a) {
  using F = typename L::F;
  constexpr Element FACTOR = powerOfTwo<typename L::Modulus>(256 + L::LOST_BITS);
  Element values[L::COUNT], before[L::COUNT];
  L::storeEvery(L::canonical(a), values, 1);
  Element product = F::ONE;
  for (int i = 0; i < L::COUNT; i++) {
    before[i] = product;
    product = F::mul(product, values[i]);
  }
  Element inverse = F::mul(invertMontgomery<typename L::Modulus>(product), FACTOR);
  Element out[L::COUNT];
  for (int i = L::COUNT - 1; i >= 0; i--) {
    out[i] = F::mul(inverse, before[i]);
    inverse = F::mul(inverse, values[i]);
  }
  return L::loadEvery(out, 1);
}

template <class C, class L>
struct PointAddition {
  using E = typename C::E;
  using V = typename L::V;
  using Mask = typename L::Mask;
  using Scratch = AdditionScratch<C, L>;
  static constexpr size_t N = L::COUNT;
  static constexpr int Y = C::ELEMENTS;

  struct Operands {
    const Element* a[N];
    const Element* b[N];
    Mask aNegative, bNegative;
  };

  static inline Operands operands(const AdditionJob* jobs) {
    Operands out;
    unsigned aBits = 0, bBits = 0;
    for (size_t i = 0; i < N; i++) {
      aBits |= static_cast<unsigned>(jobs[i].a & 1) << i;
      bBits |= static_cast<unsigned>(jobs[i].b & 1) << i;
      out.a[i] = reinterpret_cast<const Element*>(jobs[i].a & ~uintptr_t{1});
      out.b[i] = reinterpret_cast<const Element*>(jobs[i].b & ~uintptr_t{1});
    }
    out.aNegative = static_cast<Mask>(aBits);
    out.bNegative = static_cast<Mask>(bBits);
    return out;
  }

  /** Which lanes need another formula. */
  struct Kinds {
    Mask aInfinite, bInfinite, doubled, opposite;
  };

  static Kinds kinds(const Operands& op, const E& x1, const E& x2, const E& y1, const E& y2) {
    Kinds k;
    k.aInfinite = static_cast<Mask>(C::isZero(x1) & C::isZero(y1));
    k.bInfinite = static_cast<Mask>(C::isZero(x2) & C::isZero(y2));
    const Mask both = static_cast<Mask>(C::isEqual(x1, x2) & ~(k.aInfinite | k.bInfinite) & L::ALL);
    const Mask same = static_cast<Mask>((C::isEqual(y1, y2) ^ op.aNegative ^ op.bNegative) & L::ALL);
    k.doubled = static_cast<Mask>(both & same);
    k.opposite = static_cast<Mask>(both & ~same);
    return k;
  }

  /** Pass 1 for one group: its denominator, never zero. */
  static inline E denominator(const Operands& op, uint8_t& isSpecial) {
    const E x1 = C::load(op.a, 0), x2 = C::load(op.b, 0);
    const E d = C::settle(C::template sub<1>(x2, x1));
    const Mask special = static_cast<Mask>(C::isEqual(x1, x2) | C::isZero(x1) | C::isZero(x2));
    isSpecial = L::any(special) ? 1 : 0;
    return isSpecial ? specialDenominator(op, x1, x2, d) : d;
  }

  static __attribute__((noinline)) E specialDenominator(const Operands& op, const E& x1, const E& x2, const E& d) {
    const E y1 = C::load(op.a, Y), y2 = C::load(op.b, Y);
    const Kinds k = kinds(op, x1, x2, y1, y2);
    const E y = C::settle(C::negateWhere(op.aNegative, y1));
    const E twice = C::settle(C::add(y, y));
    const Mask none = static_cast<Mask>(k.aInfinite | k.bInfinite | k.opposite);
    return C::select(none, C::one(), C::select(k.doubled, twice, d));
  }

  static __attribute__((noinline)) E specialNumerator(const Kinds& k, const E& x1, const E& numerator) {
    const E square = C::square(C::lift(x1), x1);
    const E sum = C::canonical(C::add(C::add(square, square), square));
    return C::select(k.doubled, sum, numerator);
  }

  /** Adds groups of jobs; the last group is taken from `tail` if that is given. */
  static void addBatch(const AdditionJob* jobs, size_t groups, const AdditionJob* tail, Scratch& s) {
    constexpr size_t CHAINS = L::CHAINS;
    const auto group = [&](size_t g) { return tail != nullptr && g + 1 == groups ? tail : jobs + g * N; };
    const E one = C::one();
    V running[CHAINS];
    for (auto& chain : running) chain = one.c0;
    for (size_t g = groups; g-- > 0;) {
      const E d = denominator(operands(group(g)), s.isSpecial[g]);
      const V norm = C::norm(d);
      V& chain = running[g % CHAINS];
      s.denominator[g] = d;
      if constexpr (C::ELEMENTS > 1) s.norm[g] = norm;
      s.before[g] = chain;
      chain = L::mul(chain, norm);
    }
    invertChains(running);
    for (size_t g = 0; g < groups; g++) {
      const E d = s.denominator[g];
      V& chain = running[g % CHAINS];
      const V inverseNorm = L::mul(chain, s.before[g]);
      if constexpr (C::ELEMENTS > 1)
        chain = L::mul(chain, s.norm[g]);
      else
        chain = L::mul(chain, d.c0);
      finish(group(g), C::inverse(d, inverseNorm), s.isSpecial[g] != 0);
    }
  }

  /** Each chain's product to 2^(512+L)/product. */
  static void invertChains(V* running) {
    constexpr size_t CHAINS = L::CHAINS;
    V before[CHAINS];
    V product = running[0];
    for (size_t i = 1; i < CHAINS; i++) {
      before[i] = product;
      product = L::mul(product, running[i]);
    }
    V inverse = invertLanes<L>(product);
    for (size_t i = CHAINS - 1; i > 0; i--) {
      const V own = L::mul(inverse, before[i]);
      inverse = L::mul(inverse, running[i]);
      running[i] = own;
    }
    running[0] = inverse;
  }

  /** Pass 2 for one group; `inverse` is 1/denominator. */
  static inline void finish(const AdditionJob* jobs, const E& inverse, bool isSpecial) {
    const Operands op = operands(jobs);
    const E x1 = C::load(op.a, 0), x2 = C::load(op.b, 0);
    const E rawY1 = C::load(op.a, Y), rawY2 = C::load(op.b, Y);
    const E y1 = C::negateWhere(op.aNegative, rawY1);
    const E y2 = C::negateWhere(op.bNegative, rawY2);
    E numerator = C::settle(C::template sub<1>(y2, y1));
    Kinds k{};
    if (isSpecial) {
      k = kinds(op, x1, x2, rawY1, rawY2);
      if (L::any(k.doubled)) numerator = specialNumerator(k, x1, numerator);
    }
    const E lambda = C::mul(numerator, inverse);
    const E lifted = C::lift(lambda);
    E x3 = C::canonical(C::template sub<2>(C::square(lifted, lambda), C::add(x1, x2)));
    const E fall = C::settle(C::template sub<1>(x1, x3));
    E y3 = C::canonical(C::template sub<1>(C::mul(lifted, fall), y1));
    if (isSpecial) {
      x3 = C::select(k.aInfinite, x2, C::select(k.bInfinite, x1, x3));
      y3 = C::select(k.aInfinite, C::canonical(y2), C::select(k.bInfinite, C::canonical(y1), y3));
      const Mask none = static_cast<Mask>(k.opposite | (k.aInfinite & k.bInfinite));
      x3 = C::select(none, C::zero(), x3);
      y3 = C::select(none, C::zero(), y3);
    }
    Element* to[N];
    for (size_t i = 0; i < N; i++) to[i] = reinterpret_cast<Element*>(jobs[i].out);
    C::store(x3, to, 0);
    C::store(y3, to, Y);
  }

  /** Adds all jobs, in order of batches. The last group is filled up with ∞ + ∞. */
  static void addAll(const AdditionJob* jobs, size_t count, void* memory) {
    Scratch& s = *static_cast<Scratch*>(memory);
    Element infinity[2 * C::ELEMENTS]{};
    Element unused[N][2 * C::ELEMENTS];
    for (size_t done = 0; done < count;) {
      const size_t left = count - done < ADDITION_BATCH ? count - done : ADDITION_BATCH;
      const size_t whole = left / N, rest = left % N;
      AdditionJob tail[N];
      for (size_t i = 0; i < N && rest > 0; i++)
        tail[i] = i < rest ? jobs[done + whole * N + i]
                           : AdditionJob{reinterpret_cast<uintptr_t>(infinity), reinterpret_cast<uintptr_t>(infinity),
                                         reinterpret_cast<uintptr_t>(unused[i])};
      addBatch(jobs + done, whole + (rest > 0 ? 1 : 0), rest > 0 ? tail : nullptr, s);
      done += left;
    }
  }
};

}  // namespace zkf::ZKF_ISA
