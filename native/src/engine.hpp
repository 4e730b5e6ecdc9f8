/** One engine: its threads, its kernels, and the tables it keeps. Operations run in the team's first thread. */
#pragma once
#include <map>
#include <memory>
#include <utility>

#include "curve.hpp"
#include "kernels.hpp"
#include "memory.hpp"
#include "team.hpp"

namespace zkf {

/** Factors of all stages of one size, for wide and for narrow stages. */
struct TwiddleTable {
  Array<uint8_t> wide;
  Array<uint8_t> narrow;
};

enum class TwiddleKind { inverse, coset };

struct Engine {
  Engine(int threads, const Kernels& table) : kernels(table), team(threads) {}

  const Kernels& kernels;
  std::map<std::pair<TwiddleKind, int>, TwiddleTable> twiddles;
  /** Last, so that threads end before what they use. */
  Team team;
};

/** Elements that one chunk of an element-wise operation covers. */
constexpr size_t VECTOR_CHUNK = 4096;

/** Scratch memory for additions, and room for the caller behind it, from which the caller takes parts. */
template <class G>
struct AdditionRoom {
  void* addition;
  uint8_t* own;

  AdditionRoom(Engine& engine, int thread, size_t ownBytes) {
    const size_t size = G::scratchBytes(engine.kernels);
    own = static_cast<uint8_t*>(engine.team.scratch(thread, partBytes<uint8_t>(size) + ownBytes));
    addition = takePart<uint8_t>(own, size);
  }
};

// vectors.cpp
void toMontgomery(Engine& engine, Element* data, size_t count);
void fromMontgomery(Engine& engine, Element* data, size_t count);
void multiply(Engine& engine, Element* out, const Element* a, const Element* b, size_t count);
void invert(Engine& engine, Element* data, size_t count);
/** start, ratio in Montgomery form. */
void powers(Engine& engine, Element* out, size_t count, const Element& start, const Element& ratio);
void clear(Engine& engine, void* data, size_t sizeBytes);

// transforms.cpp
void transform(Engine& engine, Element* data, int log);
void inverseTransform(Engine& engine, Element* data, int log);
void quotient(Engine& engine, Element* a, Element* b, Element* c, int log);

// files.cpp
/** Fills memory from an open file; throws Status::unreadable where the system refuses or the file ends early. */
void readFile(Engine& engine, int descriptor, size_t position, uint8_t* target, size_t sizeBytes);

// rows.cpp
/** Throws Status::coefficientRange with the first record that is out of range or whose value is not canonical. */
void checkCoefficients(Engine& engine, const uint8_t* records, size_t count, size_t wires, int log);
void applyRows(Engine& engine, const uint8_t* records, size_t count, const Element* witness, size_t wires, Element* a,
               Element* b, Element* c, int log);

// multi-scalar.cpp
template <class G>
typename G::Point multiScalar(Engine& engine, const typename G::Point* points, const Element* scalars, size_t count);
struct BothSums {
  G1::Point g1;
  G2::Point g2;
  /** Until the sum in G2 stood. */
  double g2Milliseconds;
};
/** Both sums for the same scalars, which are sorted once. */
BothSums multiScalarBoth(Engine& engine, const G1::Point* first, const G2::Point* second, const Element* scalars,
                         size_t count);

// multiples.cpp
template <class G>
void fixedBase(Engine& engine, const typename G::Point& base, const Element* scalars, typename G::Point* out,
               size_t count);
template <class G>
void scalePoints(Engine& engine, typename G::Point* points, size_t count, const Element& scalar);
template <class G>
void addPoints(Engine& engine, typename G::Point* first, const typename G::Point* second, size_t count);

// combine.cpp
template <class G>
void combine(Engine& engine, const typename G::Point* points, size_t pointCount, const uint8_t* terms,
             size_t termCount, typename G::Point* out, size_t outCount);

}  // namespace zkf
