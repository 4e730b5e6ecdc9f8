/** Element-wise operations over Fr, cut into chunks for all threads. */
#include <cstring>

#include "engine.hpp"

namespace zkf {

namespace {

using Fr = ZKF_ISA::PrimeField<ScalarModulus>;

Element powerOfTwoAt(int exponent) {
  Element value{{1, 0, 0, 0}};
  for (int i = 0; i < exponent; i++) value = Fr::twice(value);
  return value;
}

void scaleAll(Engine& engine, Element* data, size_t count, const Element& factor) {
  engine.team.runRanges(count, VECTOR_CHUNK, [&](size_t first, size_t last, int) {
    engine.kernels.scale(data + first, last - first, factor);
  });
}

}  // namespace

void toMontgomery(Engine& engine, Element* data, size_t count) {
  scaleAll(engine, data, count, powerOfTwoAt(512 + engine.kernels.lostBits));
}

void fromMontgomery(Engine& engine, Element* data, size_t count) {
  scaleAll(engine, data, count, powerOfTwoAt(engine.kernels.lostBits));
}

void multiply(Engine& engine, Element* out, const Element* a, const Element* b, size_t count) {
  engine.team.runRanges(count, VECTOR_CHUNK, [&](size_t first, size_t last, int) {
    engine.kernels.multiply(out + first, a + first, b + first, last - first);
  });
}

void invert(Engine& engine, Element* data, size_t count) {
  engine.team.runRanges(count, VECTOR_CHUNK, [&](size_t first, size_t last, int thread) {
    void* const scratch = engine.team.scratch(thread, VECTOR_CHUNK * engine.kernels.vectorBytes);
    engine.kernels.invert(data + first, last - first, scratch);
  });
}

void powers(Engine& engine, Element* out, size_t count, const Element& start, const Element& ratio) {
  engine.team.runRanges(count, VECTOR_CHUNK, [&](size_t first, size_t last, int) {
    const Element from = Fr::mul(start, Fr::power(ratio, Element{{first, 0, 0, 0}}));
    engine.kernels.powers(out + first, last - first, from, ratio);
  });
}

void clear(Engine& engine, void* data, size_t sizeBytes) {
  engine.team.runRanges(sizeBytes, size_t{1} << 20, [&](size_t first, size_t last, int) {
    std::memset(static_cast<uint8_t*>(data) + first, 0, last - first);
  });
}

}  // namespace zkf
