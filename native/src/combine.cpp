/**
 * Sparse sums of points, for setup from a `.ptau`.
 *
 * Of an output's terms, neighbours with the same coefficient up to sign are added first and multiplied once; 1 and −1 need no
 * multiplication. The rest is Straus's method (1964): a table of small multiples for each, and one chain of doublings for all
 * terms of an output, with the outputs of a chunk of terms in step. What reaches over the chunk's borders becomes partial sums.
 */
#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include "engine.hpp"
#include "run-sums.hpp"
#include "scalars.hpp"

namespace zkf {

namespace {

constexpr size_t TERM_BYTES = 40;
constexpr size_t CHECK_CHUNK = 4096;
/** Signed digits of 4 bits, −7 … 8. */
constexpr int WINDOW_BITS = 4;
constexpr size_t TABLE_ENTRIES = size_t{1} << (WINDOW_BITS - 1);
constexpr int MAX_DIGITS = digitCount(MAGNITUDE_BITS, WINDOW_BITS);

/** Terms that one chunk covers: their tables should stay in a core's cache. */
template <class G>
constexpr size_t TERM_CHUNK = 65536 / sizeof(typename G::Point);

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

/** Terms of one output with one magnitude. */
struct Equal {
  uint32_t output;
  /** 0 for a zero coefficient, 1 for ±1, else the magnitude's bits. */
  int bits;
  /** Table of a group with more than one bit. */
  uint32_t table;
  /** See {@link DigitReader}. */
  uint8_t digits[MAX_DIGITS];
};

/** Sums one chunk of terms. Its memory is laid out once; one object serves one chunk. */
template <class G>
class ChunkSums {
 public:
  using Point = typename G::Point;
  static constexpr size_t MOST = TERM_CHUNK<G>;

  static constexpr size_t bytes() {
    return RunSums<G>::bytesFor(2 * MOST) + partBytes<AdditionJob>(MOST * TABLE_ENTRIES) +
           partBytes<Point>(MOST * TABLE_ENTRIES) + 2 * partBytes<Point>(MOST) + partBytes<Run>(2 * MOST);
  }

  ChunkSums(Engine& engine, uint8_t*& memory, void* addition)
      : kernels_(engine.kernels), addition_(addition), sums_(engine.kernels, memory, 2 * MOST, addition) {
    jobs_ = takePart<AdditionJob>(memory, MOST * TABLE_ENTRIES);
    tables_ = takePart<Point>(memory, MOST * TABLE_ENTRIES);
    groupSums_ = takePart<Point>(memory, MOST);
    accumulators_ = takePart<Point>(memory, MOST);
    runs_ = takePart<Run>(memory, 2 * MOST);
  }

  /** Calls use(output, sum) for every output of terms [first, last), in order. */
  template <class Use>
  void run(const Point* points, const uint8_t* terms, size_t first, size_t last, Use use) {
    readGroups(points, terms, first, last);
    fillTables();
    std::fill(accumulators_, accumulators_ + outputs_.size(), Point{});
    int longest = 0;
    for (const int length : lengths_) longest = std::max(longest, length);
    for (int at = longest - 1; at >= 0; at--) step(at);
    begin();
    size_t g = 0;
    for (uint32_t o = 0; o < outputs_.size(); o++) {
      push(o, addressOf(accumulators_ + o));
      for (; g < groups_.size() && groups_[g].output == o; g++)
        if (groups_[g].bits == 1) push(o, addressOf(groupSums_ + g));
    }
    sums_.reduce(runs_, runCount_);
    for (size_t i = 0; i < runCount_; i++) use(outputs_[targets_[i]], G::read(sums_.entries[runs_[i].first]));
  }

 private:
  static uintptr_t addressOf(const Point* point) { return reinterpret_cast<uintptr_t>(point); }

  /** Sums of equal coefficients, and the digits of those that need a table. */
  void readGroups(const Point* points, const uint8_t* terms, size_t first, size_t last) {
    const DigitReader offset(WINDOW_BITS, MAX_DIGITS);
    Element previous{};
    size_t count = 0;
    for (size_t i = first; i < last; i++) {
      const Term term = termAt(terms, i);
      Magnitude magnitude;
      readMagnitude(term.scalar, magnitude);
      const bool isNew = outputs_.empty() || outputs_.back() != term.output;
      if (isNew) {
        outputs_.push_back(term.output);
        lengths_.push_back(0);
      }
      if (isNew || std::memcmp(&previous, &magnitude.value, sizeof(previous)) != 0) {
        previous = magnitude.value;
        runs_[groups_.size()] = {static_cast<uint32_t>(count), 0};
        groups_.push_back({static_cast<uint32_t>(outputs_.size() - 1), magnitude.bits, 0, {}});
        if (magnitude.bits > 1) readDigits(groups_.back(), magnitude, offset);
      }
      runs_[groups_.size() - 1].count++;
      sums_.entries[count++] = addressOf(points + term.point) | (magnitude.isNegative ? 1 : 0);
    }
    sums_.reduce(runs_, groups_.size());
    for (size_t g = 0; g < groups_.size(); g++) groupSums_[g] = G::read(sums_.entries[runs_[g].first]);
  }

  void readDigits(Equal& group, const Magnitude& magnitude, const DigitReader& offset) {
    const int count = digitCount(magnitude.bits, WINDOW_BITS);
    const DigitReader reader(magnitude.value, offset);
    for (int w = 0; w < count; w++) group.digits[w] = static_cast<uint8_t>(reader.digit(WINDOW_BITS, w));
    int& length = lengths_[group.output];
    length = std::max(length, count);
    group.table = tableCount_++;
  }

  /** 1 … 8 times the sum of each group that needs it. */
  void fillTables() {
    for (size_t g = 0; g < groups_.size(); g++)
      if (groups_[g].bits > 1) tables_[groups_[g].table * TABLE_ENTRIES] = groupSums_[g];
    for (size_t known = 1; known < TABLE_ENTRIES; known *= 2) {
      size_t count = 0;
      for (size_t t = 0; t < tableCount_; t++) {
        const Point* const row = tables_ + t * TABLE_ENTRIES;
        for (size_t i = 0; i < known; i++)
          jobs_[count++] = {addressOf(row + known - 1), addressOf(row + i), addressOf(row + known + i)};
      }
      G::addAll(kernels_, jobs_, count, addition_);
    }
  }

  /** One digit of all outputs: four doublings, and the sum of their table entries. */
  void step(int at) {
    for (int doubling = 0; doubling < WINDOW_BITS; doubling++) {
      size_t count = 0;
      for (size_t o = 0; o < outputs_.size(); o++) {
        const uintptr_t sum = addressOf(accumulators_ + o);
        if (at + 1 < lengths_[o]) jobs_[count++] = {sum, sum, sum};
      }
      G::addAll(kernels_, jobs_, count, addition_);
    }
    begin();
    for (const Equal& group : groups_) {
      const uint32_t digit = group.bits > 1 ? group.digits[at] : 0;
      if (digit >> 1 == 0) continue;
      const Point* const entry = tables_ + group.table * TABLE_ENTRIES + (digit >> 1) - 1;
      push(group.output, addressOf(entry) | (digit & 1));
    }
    sums_.reduce(runs_, runCount_);
    for (size_t i = 0; i < runCount_; i++) {
      const uintptr_t sum = addressOf(accumulators_ + targets_[i]);
      jobs_[i] = {sum, sums_.entries[runs_[i].first], sum};
    }
    G::addAll(kernels_, jobs_, runCount_, addition_);
  }

  void begin() {
    entryCount_ = 0;
    runCount_ = 0;
    targets_.clear();
  }

  /** Adds an entry for an output; outputs must not fall. */
  void push(uint32_t output, uintptr_t entry) {
    if (runCount_ == 0 || targets_.back() != output) {
      targets_.push_back(output);
      runs_[runCount_++] = {static_cast<uint32_t>(entryCount_), 0};
    }
    runs_[runCount_ - 1].count++;
    sums_.entries[entryCount_++] = entry;
  }

  const Kernels& kernels_;
  void* addition_;
  RunSums<G> sums_;
  AdditionJob* jobs_;
  Point* tables_;
  Point* groupSums_;
  Point* accumulators_;
  Run* runs_;
  uint32_t tableCount_ = 0;
  size_t entryCount_ = 0, runCount_ = 0;
  std::vector<uint32_t> outputs_, targets_;
  /** Digits of each output's longest coefficient. */
  std::vector<int> lengths_;
  std::vector<Equal> groups_;
};

void assertTerms(Engine& engine, const uint8_t* terms, size_t termCount, size_t pointCount, size_t outCount) {
  std::atomic<size_t> firstBad{termCount};
  engine.team.runRanges(termCount, CHECK_CHUNK, [&](size_t first, size_t last, int) {
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
  constexpr size_t most = TERM_CHUNK<G>;
  const size_t chunks = (termCount + most - 1) / most;
  const Array<Partial<G>> partials(2 * chunks);
  engine.team.run(
      chunks,
      [&](size_t chunk, int thread) {
        const size_t first = chunk * most, last = std::min(termCount, first + most);
        AdditionRoom<G> room(engine, thread, ChunkSums<G>::bytes());
        const uint32_t firstOutput = termAt(terms, first).output, lastOutput = termAt(terms, last - 1).output;
        const bool beganBefore = first > 0 && termAt(terms, first - 1).output == firstOutput;
        const bool goesOn = last < termCount && termAt(terms, last).output == lastOutput;
        ChunkSums<G>(engine, room.own, room.addition).run(points, terms, first, last, [&](uint32_t output, const Point& sum) {
          if (beganBefore && output == firstOutput)
            partials[2 * chunk] = {out + output, sum};
          else if (goesOn && output == lastOutput)
            partials[2 * chunk + 1] = {out + output, sum};
          else
            out[output] = sum;
        });
      },
      true);
  const AdditionRoom<G> room(engine, 0, 0);
  mergePartials<G>(engine.kernels, partials.get(), partials.size(), room.addition);
}

template void combine<G1>(Engine&, const G1::Point*, size_t, const uint8_t*, size_t, G1::Point*, size_t);
template void combine<G2>(Engine&, const G2::Point*, size_t, const uint8_t*, size_t, G2::Point*, size_t);

}  // namespace zkf
