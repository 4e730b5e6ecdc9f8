/**
 * Transforms over Fr and the quotient polynomial of Groth16.
 *
 * The kernels go from natural to bit-reversed order with inverse roots, and back on a coset. So the quotient needs no
 * permutation and no pass of scaling: the coset's shift sits in the factors (the stage with half-size h multiplies by
 * odd powers of the root of order 4h), the 1/n in the last step.
 */
#include <algorithm>
#include <utility>

#include "engine.hpp"

namespace zkf {

namespace {

using Fr = ZKF_ISA::PrimeField<ScalarModulus>;

constexpr int TWO_ADICITY = 28;
/** Smaller transforms are one block on one lane. */
constexpr int MIN_VECTOR_LOG = 6;
constexpr int BAND_ELEMENTS = 8;

/** 5^((r−1)/2^log), Montgomery. */
Element rootOfUnity(int log) {
  Element exponent = subtractWords(ScalarModulus::P, Element{{1, 0, 0, 0}});
  for (int i = 0; i < TWO_ADICITY; i++) {
    for (int k = 0; k < 4; k++)
      exponent.word[k] = (exponent.word[k] >> 1) | (k < 3 ? exponent.word[k + 1] << 63 : 0);
  }
  Element root = Fr::power(Fr::toMontgomery(Element{{5, 0, 0, 0}}), exponent);
  for (int i = log; i < TWO_ADICITY; i++) root = Fr::sqr(root);
  return root;
}

Element inverseOf(const Element& a) { return ZKF_ISA::invertMontgomery<ScalarModulus>(a); }

/** By reference: GCC 12.2 forgets that a caller's caller reads an element passed by value, see docs/NATIVE.md. */
Element doubled(const Element& value, int times) {
  Element a = value;
  for (int i = 0; i < times; i++) a = Fr::twice(a);
  return a;
}

/** 1/2^log, Montgomery. */
Element inverseSize(int log) { return inverseOf(doubled(Fr::ONE, log)); }

/** Transforms of one size: who computes them and in which shape. */
struct Plan {
  const Kernels& kernels;
  KernelShape shape;

  Plan(const Engine& engine, int log)
      : kernels(log < MIN_VECTOR_LOG ? portableKernels() : engine.kernels),
        shape{log, log < MIN_VECTOR_LOG ? log : std::clamp((log + 1) / 2, 3, log - 3)} {}

  size_t bands() const {
    return shape.log == shape.columnsLog ? 0 : (size_t{1} << shape.columnsLog) / BAND_ELEMENTS;
  }
  size_t groups() const { return (size_t{1} << (shape.log - shape.columnsLog)) / static_cast<size_t>(kernels.lanes); }
  size_t scratchBytes() const {
    const size_t wide = (size_t{1} << (shape.log - shape.columnsLog)) * BAND_ELEMENTS;
    const size_t narrow = (size_t{1} << shape.columnsLog) * static_cast<size_t>(kernels.lanes);
    return std::max(wide, narrow) * kernels.vectorBytes;
  }
};

const TwiddleTable& tableOf(Engine& engine, const Plan& plan, TwiddleKind kind) {
  const auto key = std::make_pair(kind, plan.shape.log);
  const auto known = engine.twiddles.find(key);
  if (known != engine.twiddles.end()) return known->second;
  const Kernels& kernels = plan.kernels;
  const size_t size = size_t{1} << plan.shape.log, columns = size_t{1} << plan.shape.columnsLog;
  const Array<Element> factors(size);
  for (int stage = 0; stage < plan.shape.log; stage++) {
    const size_t half = size_t{1} << stage;
    const bool isInverse = kind == TwiddleKind::inverse;
    const Element root = rootOfUnity(stage + 1);
    const Element start = isInverse ? Fr::ONE : rootOfUnity(stage + 2);
    powers(engine, factors.get() + half, half, doubled(start, kernels.lostBits), isInverse ? inverseOf(root) : root);
  }
  TwiddleTable table{Array<uint8_t>(plan.bands() > 0 ? size * kernels.wideBytes : 0),
                     Array<uint8_t>(columns * kernels.narrowBytes)};
  kernels.makeNarrow(factors.get(), columns, table.narrow.get());
  if (plan.bands() > 0) {
    engine.team.runRanges(size, VECTOR_CHUNK, [&](size_t first, size_t last, int) {
      kernels.makeWide(factors.get() + first, last - first, table.wide.get() + first * kernels.wideBytes);
    });
  }
  return engine.twiddles.emplace(key, std::move(table)).first->second;
}

/** Natural to bit-reversed order with inverse roots, times a factor (Montgomery). */
void inverseToReversed(Engine& engine, Element* data, int log, const Element& factor) {
  const Plan plan(engine, log);
  const TwiddleTable& table = tableOf(engine, plan, TwiddleKind::inverse);
  const Element lifted = doubled(factor, plan.kernels.lostBits);
  engine.team.run(plan.bands(), [&](size_t band, int thread) {
    plan.kernels.frequencyWide(data, plan.shape, band, table.wide.get(),
                               engine.team.scratch(thread, plan.scratchBytes()));
  });
  engine.team.run(plan.groups(), [&](size_t group, int thread) {
    plan.kernels.blocks(data, plan.shape, group, table.narrow.get(), nullptr, &lifted,
                        engine.team.scratch(thread, plan.scratchBytes()));
  });
}

/** Swaps every element with its partner; each pair belongs to its smaller member, so chunks do not meet. */
template <class Partner>
void permute(Engine& engine, Element* data, int log, Partner partner) {
  engine.team.runRanges(size_t{1} << log, VECTOR_CHUNK, [&](size_t first, size_t last, int) {
    for (size_t i = first; i < last; i++) {
      const size_t j = partner(i);
      if (i < j) std::swap(data[i], data[j]);
    }
  });
}

void reverseBits(Engine& engine, Element* data, int log) {
  permute(engine, data, log, [log](size_t i) {
    size_t out = 0;
    for (int bit = 0; bit < log; bit++) out |= ((i >> bit) & 1) << (log - 1 - bit);
    return out;
  });
}

}  // namespace

void transform(Engine& engine, Element* data, int log) {
  // Inverse roots at negated indices are the roots.
  permute(engine, data, log, [log](size_t i) { return i == 0 ? 0 : (size_t{1} << log) - i; });
  inverseToReversed(engine, data, log, Fr::ONE);
  reverseBits(engine, data, log);
}

void inverseTransform(Engine& engine, Element* data, int log) {
  inverseToReversed(engine, data, log, inverseSize(log));
  reverseBits(engine, data, log);
}

void quotient(Engine& engine, Element* a, Element* b, Element* c, int log) {
  const Plan plan(engine, log);
  const Kernels& kernels = plan.kernels;
  const TwiddleTable& inverse = tableOf(engine, plan, TwiddleKind::inverse);
  const TwiddleTable& coset = tableOf(engine, plan, TwiddleKind::coset);
  Element* const polynomials[3] = {a, b, c};
  const auto scratch = [&](int thread) { return engine.team.scratch(thread, plan.scratchBytes()); };
  // A band of all three polynomials at a time: they share the band's factors in the cache.
  engine.team.run(plan.bands(), [&](size_t band, int thread) {
    for (Element* const data : polynomials)
      kernels.frequencyWide(data, plan.shape, band, inverse.wide.get(), scratch(thread));
  });
  engine.team.run(3 * plan.groups(), [&](size_t chunk, int thread) {
    kernels.blocks(polynomials[chunk / plan.groups()], plan.shape, chunk % plan.groups(), inverse.narrow.get(),
                   coset.narrow.get(), nullptr, scratch(thread));
  });
  engine.team.run(plan.bands(), [&](size_t band, int thread) {
    for (Element* const data : polynomials)
      kernels.timeWide(data, plan.shape, band, coset.wide.get(), scratch(thread));
  });
  // 1/n as a plain number, so that the products leave Montgomery form.
  const Element size = inverseSize(log);
  const Element productFactor = doubled(Fr::fromMontgomery(Fr::sqr(size)), 2 * kernels.lostBits);
  const Element singleFactor = doubled(Fr::fromMontgomery(size), kernels.lostBits);
  engine.team.runRanges(size_t{1} << log, VECTOR_CHUNK, [&](size_t first, size_t last, int) {
    kernels.join(a + first, b + first, c + first, last - first, &productFactor, &singleFactor);
  });
}

}  // namespace zkf
