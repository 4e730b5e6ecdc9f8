/** Element-wise operations over Fr on contiguous elements. Each runs on whole vectors first, then element by element. */
#pragma once
#include <cstddef>
#include <cstring>

#include "inversion.hpp"
#include "lanes-portable.hpp"
#include "point-addition.hpp"

namespace zkf::ZKF_ISA {

template <class L>
struct VectorKernels {
  using V = typename L::V;
  using M = typename L::Modulus;
  using F = PrimeField<M>;
  static constexpr size_t N = L::COUNT;

  /** in[i]·factor/2^(256+L): times a constant that is given lifted. */
  static void scale(Element* data, size_t count, const Element& liftedFactor) {
    const V factor = L::broadcast(liftedFactor);
    size_t i = 0;
    for (; i + N <= count; i += N) L::storeEvery(L::canonical(L::mul(L::loadEvery(data + i, 1), factor)), data + i, 1);
    const Element plain = F::mul(liftedFactor, unlift());
    for (; i < count; i++) data[i] = F::mul(plain, data[i]);
  }

  /** 2^(256−L), which takes the lift away from a constant. */
  static Element unlift() {
    return powerOfTwo<M>(256 - L::LOST_BITS);
  }

  static void multiply(Element* out, const Element* a, const Element* b, size_t count) {
    size_t i = 0;
    for (; i + N <= count; i += N)
      L::storeEvery(L::canonical(L::mul(L::lift(L::loadEvery(a + i, 1)), L::loadEvery(b + i, 1))), out + i, 1);
    for (; i < count; i++) out[i] = F::mul(a[i], b[i]);
  }

  /** out[i] = start·ratio^i, all in Montgomery form. */
  static void powers(Element* out, size_t count, const Element& start, const Element& ratio) {
    Element current = start, step = F::ONE;
    size_t i = 0;
    for (; i < count && i < N; i++) {
      out[i] = current;
      current = F::mul(current, ratio);
      step = F::mul(step, ratio);
    }
    if (i < N) return;
    const V factor = L::lift(L::broadcast(step));
    V value = L::loadEvery(out, 1);
    for (; i + N <= count; i += N) {
      value = L::canonical(L::mul(value, factor));
      L::storeEvery(value, out + i, 1);
    }
    for (; i < count; i++) out[i] = F::mul(out[i - 1], ratio);
  }

  /** Montgomery inverses in place, zero stays zero; `scratch` holds a vector for every group. */
  static void invert(Element* data, size_t count, void* scratch) {
    const size_t whole = count - count % N;
    V* const before = static_cast<V*>(scratch);
    const V one = L::broadcast(F::ONE);
    V product = one;
    for (size_t i = 0; i < whole; i += N) {
      const V value = L::loadEvery(data + i, 1);
      before[i / N] = product;
      product = L::mul(product, L::select(L::isZero(value), one, value));
    }
    // 2^(512+L)/product; what is wanted is 2^512/value, so the lift goes away again at the end.
    V inverse = whole > 0 ? invertLanes<L>(product) : one;
    const V down = L::broadcast(powerOfTwo<M>(256));
    for (size_t i = whole; i > 0;) {
      i -= N;
      const V value = L::loadEvery(data + i, 1);
      const auto zeros = L::isZero(value);
      const V own = L::mul(L::mul(inverse, before[i / N]), down);
      inverse = L::mul(inverse, L::select(zeros, one, value));
      L::storeEvery(L::select(zeros, L::zero(), L::canonical(own)), data + i, 1);
    }
    for (size_t i = whole; i < count; i++)
      if (!F::isZero(data[i])) data[i] = invertMontgomery<M>(data[i]);
  }

  /** a ← a·b·s² − c·s out of Montgomery form; factors are s²·2^(2L) and s·2^L as plain numbers. */
  static void join(Element* a, const Element* b, const Element* c, size_t count, const Element* productFactor,
                   const Element* singleFactor) {
    const V first = L::broadcast(*productFactor), second = L::broadcast(*singleFactor);
    size_t i = 0;
    for (; i + N <= count; i += N) {
      const V product = L::mul(L::mul(L::loadEvery(a + i, 1), L::loadEvery(b + i, 1)), first);
      const V single = L::mul(L::loadEvery(c + i, 1), second);
      L::storeEvery(L::canonical(L::template sub<2>(product, single)), a + i, 1);
    }
    if (i == count) return;
    // Fewer than a vector: padded with zeros.
    Element padded[3][N]{};
    const size_t rest = count - i;
    std::memcpy(padded[0], a + i, rest * sizeof(Element));
    std::memcpy(padded[1], b + i, rest * sizeof(Element));
    std::memcpy(padded[2], c + i, rest * sizeof(Element));
    join(padded[0], padded[1], padded[2], N, productFactor, singleFactor);
    std::memcpy(a + i, padded[0], rest * sizeof(Element));
  }

  /**
   * out[i] = value·wire of the coefficient records in `list`: values Montgomery twice, wires canonical, products in
   * Montgomery form.
   */
  static void recordProducts(const uint8_t* records, const uint32_t* list, size_t count, const Element* witness,
                             Element* out) {
    constexpr size_t RECORD_BYTES = 44;
    for (size_t i = 0; i < count; i += N) {
      Element values[N], wires[N], products[N];
      const size_t here = count - i < N ? count - i : N;
      for (size_t k = 0; k < N; k++) {
        const uint8_t* const record = records + RECORD_BYTES * size_t{list[i + (k < here ? k : 0)]};
        uint32_t wire;
        std::memcpy(&wire, record + 8, 4);
        std::memcpy(&values[k], record + 12, sizeof(Element));
        wires[k] = witness[wire];
      }
      L::storeEvery(L::canonical(L::mul(L::lift(L::loadEvery(values, 1)), L::loadEvery(wires, 1))), products, 1);
      std::memcpy(out + i, products, here * sizeof(Element));
    }
  }
};

}  // namespace zkf::ZKF_ISA
