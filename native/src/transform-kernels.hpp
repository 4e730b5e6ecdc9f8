/**
 * The stages of the transforms over Fr, on rows of vectors that fit the cache.
 *
 * A transform of n = rows·columns elements runs its wide stages on bands of neighbouring columns (all rows of the band
 * are copied to scratch memory as vectors) and its narrow stages on blocks of `columns` neighbouring elements, as many blocks
 * side by side as there are lanes. Decimation in frequency goes from natural to bit-reversed order, decimation in time back;
 * nothing is ever permuted.
 *
 * The stage with half-size h has its factors at h, h+1, … 2h−1 of a table. Factors are lifted constants (2^(256+L)), so
 * values stay in memory's form. Sums are left loose for as long as the bounds allow; see lanes-ifma.hpp for the bounds.
 */
#pragma once
#include <cstddef>

#include "isa.hpp"
#include "kernels.hpp"

namespace zkf::ZKF_ISA {

template <class L>
struct TransformKernels {
  using V = typename L::V;
  using Narrow = typename L::Narrow;
  /** Vectors of a row that a band covers: 256 bytes of neighbouring elements. */
  static constexpr size_t BAND = 8 / L::COUNT;
  /** Sums stay below this multiple of p. */
  static constexpr int LIMIT = 16;

  /** (a, b) → (a + b, (a − b)·ω), half-size falling. Values come in below 2p and go out below LIMIT·p. */
  template <size_t W, class Factor>
  static inline void frequencyStages(V* s, size_t rows, Factor factor) {
    int bound = 2;
    for (size_t half = rows / 2; half >= 1; half /= 2) {
      const bool isFull = 2 * bound > LIMIT;
      bound = isFull ? 2 : 2 * bound;
      for (size_t base = 0; base < rows; base += 2 * half) {
        for (size_t j = 0; j < half; j++) {
          for (size_t k = 0; k < W; k++) {
            V* const low = s + (base + j) * W + k;
            V* const high = low + half * W;
            const V a = *low, b = *high;
            const V sum = L::add(a, b);
            *low = isFull ? L::reduce(sum) : sum;
            *high = L::mulLoose(L::settle(L::template sub<LIMIT>(a, b)), factor(half, j, k));
          }
        }
      }
    }
  }

  /** (a, b) → (a + b·ω, a − b·ω), half-size rising. Values grow by 2p a stage: below 2p to below 32p for up to 15 stages. */
  template <size_t W, class Factor>
  static inline void timeStages(V* s, size_t rows, Factor factor) {
    for (size_t half = 1; half < rows; half *= 2) {
      for (size_t base = 0; base < rows; base += 2 * half) {
        for (size_t j = 0; j < half; j++) {
          for (size_t k = 0; k < W; k++) {
            V* const low = s + (base + j) * W + k;
            V* const high = low + half * W;
            const V a = *low;
            const V t = L::mulLoose(L::settle(*high), factor(half, j, k));
            *low = L::add(a, t);
            *high = L::template sub<2>(a, t);
          }
        }
      }
    }
  }

  template <bool IS_TIME>
  static void wide(Element* data, KernelShape shape, size_t band, const void* table, void* scratch) {
    V* const s = static_cast<V*>(scratch);
    const V* const factors = static_cast<const V*>(table);
    const size_t columns = size_t{1} << shape.columnsLog, rows = size_t{1} << (shape.log - shape.columnsLog);
    const size_t first = band * BAND * L::COUNT;
    for (size_t row = 0; row < rows; row++)
      for (size_t k = 0; k < BAND; k++)
        s[row * BAND + k] = L::loadEvery(data + row * columns + first + k * L::COUNT, 1);
    const auto factor = [&](size_t half, size_t j, size_t k) {
      return factors[((half + j) * columns + first) / L::COUNT + k];
    };
    if constexpr (IS_TIME)
      timeStages<BAND>(s, rows, factor);
    else
      frequencyStages<BAND>(s, rows, factor);
    for (size_t row = 0; row < rows; row++)
      for (size_t k = 0; k < BAND; k++)
        L::storeEvery(L::reduce(s[row * BAND + k]), data + row * columns + first + k * L::COUNT, 1);
  }

  /**
   * Narrow stages of COUNT neighbouring blocks: there with `frequency`, times `factor` (lifted) if given, back with `time` if
   * given. Ends canonical.
   */
  static void blocks(Element* data, KernelShape shape, size_t group, const void* frequency, const void* time,
                     const Element* factor, void* scratch) {
    V* const s = static_cast<V*>(scratch);
    const size_t columns = size_t{1} << shape.columnsLog;
    Element* const first = data + group * columns * L::COUNT;
    for (size_t i = 0; i < columns; i++) s[i] = L::loadEvery(first + i, static_cast<long>(columns));
    const auto from = [](const void* table) {
      return [narrow = static_cast<const Narrow*>(table)](size_t half, size_t j, size_t) {
        return L::broadcastNarrow(narrow[half + j]);
      };
    };
    frequencyStages<1>(s, columns, from(frequency));
    if (factor != nullptr) {
      const V scale = L::broadcast(*factor);
      for (size_t i = 0; i < columns; i++) s[i] = L::mul(L::settle(s[i]), scale);
    }
    if (time != nullptr) {
      for (size_t i = 0; i < columns; i++) s[i] = L::reduce(s[i]);
      timeStages<1>(s, columns, from(time));
    }
    for (size_t i = 0; i < columns; i++)
      L::storeEvery(L::canonical(s[i]), first + i, static_cast<long>(columns));
  }

  static void makeWide(const Element* factors, size_t count, void* table) {
    V* const out = static_cast<V*>(table);
    for (size_t i = 0; i + L::COUNT <= count; i += L::COUNT) out[i / L::COUNT] = L::loadEvery(factors + i, 1);
  }

  static void makeNarrow(const Element* factors, size_t count, void* table) {
    Narrow* const out = static_cast<Narrow*>(table);
    for (size_t i = 0; i < count; i++) out[i] = L::narrow(factors[i]);
  }
};

}  // namespace zkf::ZKF_ISA
