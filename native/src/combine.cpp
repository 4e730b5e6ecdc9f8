/**
 * Sparse sums of points, for setup from a `.ptau`.
 *
 * A chunk of terms is multiplied by double and add on non-adjacent forms, all terms in step; ±1 costs nothing. Then the
 * products of each output are summed; what reaches over the chunk's borders becomes partial sums.
 */
#include <atomic>
#include <cstring>
#include <vector>

#include "engine.hpp"
#include "run-sums.hpp"
#include "scalars.hpp"

namespace zkf {

namespace {

constexpr size_t TERM_BYTES = 40;
constexpr size_t TERM_CHUNK = 2048;

struct Term {
  uint32_t output, point;
  Element scalar;
};

Term termAt(const uint8_t* terms, size_t index) {
  Term term;
  std::memcpy(&term.output, terms + TERM_BYTES * index, 4);
  std::memcpy(&term.point, terms + TERM_BYTES * index + 4, 4);
  std::memcpy(&term.scalar, terms + TERM_BYTES * index + 8, sizeof(Element));
  return term;
}

/** A product that is being computed. */
template <class G>
struct Product {
  uintptr_t point;
  std::vector<int8_t> digits;
  bool isNegative;
  typename G::Point* sum;
};

/** Writes the addresses of the products of terms [first, last) to `entries`; sums live in `memory`. */
template <class G>
void multiplyTerms(Engine& engine, const typename G::Point* points, const uint8_t* terms, size_t first, size_t last,
                   uintptr_t* entries, typename G::Point* memory, AdditionJob* jobs, void* addition) {
  std::vector<Product<G>> products;
  size_t longest = 0;
  for (size_t i = first; i < last; i++) {
    const Term term = termAt(terms, i);
    Magnitude magnitude;
    readMagnitude(term.scalar, magnitude);
    const uintptr_t point = reinterpret_cast<uintptr_t>(points + term.point);
    typename G::Point* const sum = memory + (i - first);
    *sum = {};
    entries[i - first] = reinterpret_cast<uintptr_t>(sum);
    if (magnitude.bits == 1) {
      entries[i - first] = point | (magnitude.isNegative ? 1 : 0);
    } else if (magnitude.bits > 1) {
      products.push_back({point, nonAdjacentForm(magnitude.value), magnitude.isNegative, sum});
      longest = std::max(longest, products.back().digits.size());
    }
  }
  for (size_t at = longest; at-- > 0;) {
    size_t jobCount = 0;
    for (const Product<G>& product : products) {
      if (at + 1 >= product.digits.size()) continue;
      const uintptr_t sum = reinterpret_cast<uintptr_t>(product.sum);
      jobs[jobCount++] = {sum, sum, sum};
    }
    G::addAll(engine.kernels, jobs, jobCount, addition);
    jobCount = 0;
    for (const Product<G>& product : products) {
      if (at >= product.digits.size() || product.digits[at] == 0) continue;
      const uintptr_t sum = reinterpret_cast<uintptr_t>(product.sum);
      const uintptr_t sign = (product.digits[at] < 0) != product.isNegative ? 1 : 0;
      jobs[jobCount++] = {sum, product.point | sign, sum};
    }
    G::addAll(engine.kernels, jobs, jobCount, addition);
  }
}

void assertTerms(Engine& engine, const uint8_t* terms, size_t termCount, size_t pointCount, size_t outCount) {
  std::atomic<size_t> firstBad{termCount};
  engine.team.runRanges(termCount, TERM_CHUNK, [&](size_t first, size_t last, int) {
    uint32_t before = first > 0 ? termAt(terms, first - 1).output : 0;
    for (size_t i = first; i < last; i++) {
      const Term term = termAt(terms, i);
      const bool isGood = term.output >= before && term.output < outCount && term.point < pointCount &&
                          isBelow(term.scalar, ScalarModulus::P);
      before = term.output;
      if (isGood) continue;
      size_t seen = firstBad.load();
      while (i < seen && !firstBad.compare_exchange_weak(seen, i)) {
      }
      return;
    }
  });
  if (firstBad < termCount) throw Failure{Status::termRange, static_cast<double>(firstBad.load())};
}

}  // namespace

template <class G>
void combine(Engine& engine, const typename G::Point* points, size_t pointCount, const uint8_t* terms,
             size_t termCount, typename G::Point* out, size_t outCount) {
  using Point = typename G::Point;
  assertTerms(engine, terms, termCount, pointCount, outCount);
  clear(engine, out, outCount * sizeof(Point));
  const size_t chunks = (termCount + TERM_CHUNK - 1) / TERM_CHUNK;
  const Array<Partial<G>> partials(2 * chunks);
  engine.team.run(
      chunks,
      [&](size_t chunk, int thread) {
        const size_t first = chunk * TERM_CHUNK, last = std::min(termCount, first + TERM_CHUNK), count = last - first;
        const size_t sumBytes = aligned(RunSums<G>::bytesFor(TERM_CHUNK));
        const size_t jobBytes = aligned(TERM_CHUNK * sizeof(AdditionJob));
        const AdditionRoom<G> room(engine, thread,
                                   sumBytes + jobBytes + TERM_CHUNK * (sizeof(Point) + sizeof(Run)));
        RunSums<G> sums(engine.kernels, room.own, TERM_CHUNK, room.addition);
        AdditionJob* const jobs = reinterpret_cast<AdditionJob*>(room.own + sumBytes);
        Point* const memory = reinterpret_cast<Point*>(room.own + sumBytes + jobBytes);
        Run* const runs = reinterpret_cast<Run*>(memory + TERM_CHUNK);
        multiplyTerms<G>(engine, points, terms, first, last, sums.entries, memory, jobs, room.addition);
        size_t runCount = 0;
        for (size_t i = 0; i < count; i++) {
          const bool isNew = i == 0 || termAt(terms, first + i).output != termAt(terms, first + i - 1).output;
          if (isNew)
            runs[runCount++] = {static_cast<uint32_t>(i), 1};
          else
            runs[runCount - 1].count++;
        }
        // The runs' ends are needed after the reduction; it does not change `runs`.
        sums.reduce(runs, runCount);
        for (size_t i = 0; i < runCount; i++) {
          const uint32_t output = termAt(terms, first + runs[i].first).output;
          const Point sum = G::read(sums.entries[runs[i].first]);
          const size_t end = first + runs[i].first + runs[i].count;
          const bool beganBefore = i == 0 && first > 0 && termAt(terms, first - 1).output == output;
          const bool goesOn = end == last && last < termCount && termAt(terms, last).output == output;
          if (beganBefore)
            partials[2 * chunk] = {out + output, sum};
          else if (goesOn)
            partials[2 * chunk + 1] = {out + output, sum};
          else
            out[output] = sum;
        }
      },
      true);
  const AdditionRoom<G> room(engine, 0, 0);
  mergePartials<G>(engine.kernels, partials.get(), partials.size(), room.addition);
}

template void combine<G1>(Engine&, const G1::Point*, size_t, const uint8_t*, size_t, G1::Point*, size_t);
template void combine<G2>(Engine&, const G2::Point*, size_t, const uint8_t*, size_t, G2::Point*, size_t);

}  // namespace zkf
