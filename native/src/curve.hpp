/** G1 and G2 as the operations on points see them, and single points for the few steps that are not batched. */
#pragma once
#include <cstring>

#include "inversion.hpp"
#include "kernels.hpp"
#include "prime-field.hpp"

namespace zkf {

using Fq = ZKF_ISA::PrimeField<BaseModulus>;

struct Element2 {
  Element c0, c1;
};

/** Fq2 = Fq[u]/(u² + 1), one element at a time. */
struct QuadraticField {
  using E = Element2;
  static constexpr E ONE{Fq::ONE, Fq::ZERO};
  static bool isZero(const E& a) { return Fq::isZero(a.c0) && Fq::isZero(a.c1); }
  static E add(const E& a, const E& b) { return {Fq::add(a.c0, b.c0), Fq::add(a.c1, b.c1)}; }
  static E sub(const E& a, const E& b) { return {Fq::sub(a.c0, b.c0), Fq::sub(a.c1, b.c1)}; }
  static E neg(const E& a) { return {Fq::neg(a.c0), Fq::neg(a.c1)}; }
  static E mul(const E& a, const E& b) {
    const Element low = Fq::mul(a.c0, b.c0), high = Fq::mul(a.c1, b.c1);
    const Element cross = Fq::mul(Fq::add(a.c0, a.c1), Fq::add(b.c0, b.c1));
    return {Fq::sub(low, high), Fq::sub(Fq::sub(cross, low), high)};
  }
  static E sqr(const E& a) { return mul(a, a); }
  static E invert(const E& a) {
    const Element norm = Fq::add(Fq::sqr(a.c0), Fq::sqr(a.c1));
    const Element inverse = ZKF_ISA::invertMontgomery<BaseModulus>(norm);
    return {Fq::mul(a.c0, inverse), Fq::neg(Fq::mul(a.c1, inverse))};
  }
};

struct BaseField : Fq {
  static E invert(const E& a) { return ZKF_ISA::invertMontgomery<BaseModulus>(a); }
};

/** A point in affine coordinates; all zero is infinity. */
template <class F>
struct Affine {
  typename F::E x, y;
};

/**
 * A point (X/Z², Y/Z³); Z = 0 is infinity. Formulas: dbl-2009-l and add-2007-bl of the Explicit-Formulas Database, the latter for a
 * second point with Z = 1.
 */
template <class F>
struct Jacobian {
  using E = typename F::E;
  E x{}, y{}, z{};

  void twice() {
    const E a = F::sqr(x), b = F::sqr(y), c = F::sqr(b);
    const E d0 = F::sub(F::sub(F::sqr(F::add(x, b)), a), c);
    const E d = F::add(d0, d0);
    const E e = F::add(F::add(a, a), a);
    const E x3 = F::sub(F::sqr(e), F::add(d, d));
    const E yz = F::mul(y, z);
    E c8 = F::add(c, c);
    c8 = F::add(c8, c8);
    c8 = F::add(c8, c8);
    y = F::sub(F::mul(e, F::sub(d, x3)), c8);
    x = x3;
    z = F::add(yz, yz);
  }

  void add(const Affine<F>& p) {
    if (F::isZero(p.x) && F::isZero(p.y)) return;
    if (F::isZero(z)) {
      x = p.x;
      y = p.y;
      z = F::ONE;
      return;
    }
    const E zz = F::sqr(z);
    const E h = F::sub(F::mul(p.x, zz), x);
    const E r = F::sub(F::mul(p.y, F::mul(z, zz)), y);
    if (F::isZero(h)) {
      if (F::isZero(r))
        twice();
      else
        *this = Jacobian{};
      return;
    }
    const E hh = F::sqr(h), hhh = F::mul(h, hh), v = F::mul(x, hh);
    const E x3 = F::sub(F::sub(F::sqr(r), hhh), F::add(v, v));
    y = F::sub(F::mul(r, F::sub(v, x3)), F::mul(y, hhh));
    x = x3;
    z = F::mul(z, h);
  }

  Affine<F> toAffine() const {
    if (F::isZero(z)) return {};
    const E inverse = F::invert(z), square = F::sqr(inverse);
    return {F::mul(x, square), F::mul(y, F::mul(square, inverse))};
  }
};

/** One group and its kernels. */
template <class Field, bool IS_G2>
struct Group {
  using F = Field;
  using Point = Affine<F>;
  /** Entries that one slice of a sum covers: what stays in the cache. */
  static constexpr size_t SLICE = IS_G2 ? 4096 : 8192;

  static void addAll(const Kernels& kernels, const AdditionJob* jobs, size_t count, void* scratch) {
    (IS_G2 ? kernels.addG2 : kernels.addG1)(jobs, count, scratch);
  }
  static size_t scratchBytes(const Kernels& kernels) { return IS_G2 ? kernels.g2ScratchBytes : kernels.g1ScratchBytes; }
  static bool isInfinity(const Point& p) { return F::isZero(p.x) && F::isZero(p.y); }
  /** The point that an entry of a list names: an address, with bit 0 for its negative. */
  static Point read(uintptr_t entry) {
    Point p = *reinterpret_cast<const Point*>(entry & ~uintptr_t{1});
    if (entry & 1) p.y = F::neg(p.y);
    return p;
  }
};

using G1 = Group<BaseField, false>;
using G2 = Group<QuadraticField, true>;

static_assert(sizeof(G1::Point) == 64 && sizeof(G2::Point) == 128);

}  // namespace zkf
