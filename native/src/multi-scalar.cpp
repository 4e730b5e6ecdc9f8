/**
 * Sums of products by Pippenger's method, with what makes bit-heavy witnesses nearly free.
 *
 * 1. Scalars become sign and magnitude; zero scalars and points at infinity are dropped, 1 and −1 set apart, the rest sorted
 *    by falling length, so that a window only sees the scalars that reach it.
 * 2. Signed digits of c bits, c chosen from the histogram of lengths; per window a counting sort by bucket.
 * 3. Slices of the sorted entries are summed pairwise inside each bucket (run-sums.hpp).
 * 4. Buckets are summed by halving (see `reduceWindows`), bits by Horner's rule.
 *
 * Every intermediate result is a point in affine coordinates: bytes do not depend on threads or timing.
 */
#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

#include "engine.hpp"
#include "run-sums.hpp"
#include "scalars.hpp"

namespace zkf {

namespace {

constexpr size_t SCALAR_CHUNK = 16384;
constexpr size_t HISTOGRAM = 256;
/** Additions that a bucket costs in the final sums. */
constexpr double ADDITIONS_PER_BUCKET = 2.2;
/** Buckets that one task of the final sums takes, if there are enough windows. */
constexpr size_t BUCKETS_PER_TASK = 8192;

/** Numbers of scalars with a digit in window 0, 1, …; scalars of one bit are left out. */
std::vector<size_t> entriesByWindow(const size_t* lengths, int windowBits) {
  std::vector<size_t> entries(static_cast<size_t>(digitCount(MAGNITUDE_BITS, windowBits)));
  for (int bits = 2; bits <= MAGNITUDE_BITS; bits++)
    for (int w = 0; w < digitCount(bits, windowBits); w++) entries[static_cast<size_t>(w)] += lengths[bits];
  while (!entries.empty() && entries.back() == 0) entries.pop_back();
  return entries;
}

int chooseWindowBits(const size_t* lengths) {
  int best = 2;
  double least = 0;
  for (int bits = 2; bits <= MAX_WINDOW_BITS; bits++) {
    double cost = 0;
    for (const size_t count : entriesByWindow(lengths, bits))
      cost += static_cast<double>(count) + ADDITIONS_PER_BUCKET * static_cast<double>(1 << (bits - 1));
    if (bits == 2 || cost < least) {
      best = bits;
      least = cost;
    }
  }
  return best;
}

/** The entries of one window, sorted by bucket; the ones are a window with one bucket. */
struct Window {
  size_t count = 0;
  size_t buckets = 0;
  size_t firstBucket = 0;
  size_t firstSlice = 0;
  Array<uint16_t> digits;
  Array<uint32_t> entries;
  /** End of each bucket's entries. */
  Array<uint32_t> ends;
};

/** Scalars that matter, in falling order of length. */
struct Sorted {
  Array<uint32_t> order;
  size_t lengths[HISTOGRAM] = {};
  /** Bit 1: negative; bits above: length. */
  Array<uint16_t> kinds;
};

/** `isDropped(i)`: whether the point of scalar i counts nowhere. */
template <class IsDropped>
Sorted sortByLength(Engine& engine, const Element* scalars, size_t count, IsDropped isDropped) {
  const size_t chunks = (count + SCALAR_CHUNK - 1) / SCALAR_CHUNK;
  Sorted sorted;
  sorted.kinds = Array<uint16_t>(count);
  sorted.order = Array<uint32_t>(count);
  const Array<uint32_t> histograms(chunks * HISTOGRAM);
  std::atomic<bool> isBad{false};
  engine.team.runRanges(count, SCALAR_CHUNK, [&](size_t first, size_t last, int) {
    uint32_t* const histogram = histograms.get() + first / SCALAR_CHUNK * HISTOGRAM;
    for (size_t i = first; i < last; i++) {
      Magnitude magnitude;
      if (!readMagnitude(scalars[i], magnitude)) {
        isBad = true;
        return;
      }
      const int bits = magnitude.bits == 0 || isDropped(i) ? 0 : magnitude.bits;
      sorted.kinds[i] = static_cast<uint16_t>(2 * bits + (magnitude.isNegative ? 1 : 0));
      histogram[bits]++;
    }
  });
  if (isBad) throw Failure{Status::scalarRange, 0};
  size_t next = 0;
  for (size_t bits = MAGNITUDE_BITS; bits >= 1; bits--) {
    for (size_t chunk = 0; chunk < chunks; chunk++) {
      uint32_t& entry = histograms[chunk * HISTOGRAM + bits];
      const uint32_t here = entry;
      entry = static_cast<uint32_t>(next);
      sorted.lengths[bits] += here;
      next += here;
    }
  }
  engine.team.runRanges(count, SCALAR_CHUNK, [&](size_t first, size_t last, int) {
    uint32_t* const position = histograms.get() + first / SCALAR_CHUNK * HISTOGRAM;
    for (size_t i = first; i < last; i++) {
      const size_t bits = sorted.kinds[i] >> 1;
      if (bits > 0) sorted.order[position[bits]++] = static_cast<uint32_t>(i);
    }
  });
  return sorted;
}

/** Fills the windows' entries: index·2 + (1 if negative), sorted by bucket; index into the points. */
void sortByBucket(Engine& engine, const Sorted& sorted, const Element* scalars, std::vector<Window>& windows,
                  int windowBits) {
  const size_t digitWindows = windows.size() - 1;
  const size_t wide = digitWindows > 0 ? windows[0].count : 0;
  for (Window& window : windows) {
    window.entries = Array<uint32_t>(window.count);
    window.ends = Array<uint32_t>(window.buckets);
  }
  for (size_t w = 0; w < digitWindows; w++) windows[w].digits = Array<uint16_t>(windows[w].count);
  const DigitReader offset(windowBits, static_cast<int>(digitWindows));
  engine.team.runRanges(wide, SCALAR_CHUNK, [&](size_t first, size_t last, int) {
    for (size_t i = first; i < last; i++) {
      Magnitude magnitude;
      readMagnitude(scalars[sorted.order[i]], magnitude);
      const DigitReader reader(magnitude.value, offset);
      for (int w = 0; w < digitCount(magnitude.bits, windowBits); w++) {
        const uint32_t digit = reader.digit(windowBits, w);
        windows[static_cast<size_t>(w)].digits[i] = static_cast<uint16_t>(digit ^ (magnitude.isNegative ? 1 : 0));
      }
    }
  });
  engine.team.run(windows.size(), [&](size_t w, int) {
    Window& window = windows[w];
    if (w == digitWindows) {
      for (size_t i = 0; i < window.count; i++) {
        const uint32_t index = sorted.order[wide + i];
        window.entries[i] = 2 * index + (sorted.kinds[index] & 1);
      }
      window.ends[0] = static_cast<uint32_t>(window.count);
      return;
    }
    // Counting sort: bucket b holds the digits ±(b + 1); a digit 0 has no entry.
    uint32_t* const ends = window.ends.get();
    for (size_t i = 0; i < window.count; i++)
      if (const size_t size = window.digits[i] >> 1; size > 0) ends[size - 1]++;
    uint32_t total = 0;
    for (size_t b = 0; b < window.buckets; b++) {
      const uint32_t here = ends[b];
      ends[b] = total;
      total += here;
    }
    for (size_t i = 0; i < window.count; i++) {
      const uint32_t digit = window.digits[i];
      if (digit >> 1 > 0) window.entries[ends[(digit >> 1) - 1]++] = 2 * sorted.order[i] + (digit & 1);
    }
    window.digits = Array<uint16_t>();
  });
}

/** Sums one slice of a window's entries into the buckets; what reaches over the slice's borders becomes partial sums. */
template <class G>
void sumSlice(Engine& engine, int thread, const typename G::Point* points, const Window& window, size_t slice,
              typename G::Point* buckets, Partial<G>* partials) {
  const size_t total = window.ends[window.buckets - 1];
  const size_t from = slice * G::SLICE, to = std::min(total, from + G::SLICE);
  constexpr size_t ownBytes = RunSums<G>::bytesFor(G::SLICE) + partBytes<Run>(G::SLICE) + partBytes<uint32_t>(G::SLICE);
  AdditionRoom<G> room(engine, thread, ownBytes);
  RunSums<G> sums(engine.kernels, room.own, G::SLICE, room.addition);
  Run* const runs = takePart<Run>(room.own, G::SLICE);
  uint32_t* const runBuckets = takePart<uint32_t>(room.own, G::SLICE);

  for (size_t i = from; i < to; i++) {
    const uint32_t entry = window.entries[i];
    const uintptr_t address = reinterpret_cast<uintptr_t>(points + (entry >> 1));
    for (size_t line = 0; line < sizeof(typename G::Point); line += CACHE_LINE)
      __builtin_prefetch(reinterpret_cast<const void*>(address + line));
    sums.entries[i - from] = address | (entry & 1);
  }
  const uint32_t* const ends = window.ends.get();
  size_t bucket = static_cast<size_t>(std::upper_bound(ends, ends + window.buckets, from) - ends);
  size_t runCount = 0;
  for (size_t at = from; at < to; bucket++) {
    const size_t end = std::min<size_t>(ends[bucket], to);
    if (end == at) continue;
    runs[runCount] = {static_cast<uint32_t>(at - from), static_cast<uint32_t>(end - at)};
    runBuckets[runCount++] = static_cast<uint32_t>(bucket);
    at = end;
  }
  sums.reduce(runs, runCount);
  for (size_t i = 0; i < runCount; i++) {
    const size_t b = runBuckets[i];
    const size_t begin = b == 0 ? 0 : ends[b - 1];
    const typename G::Point sum = G::read(sums.entries[runs[i].first]);
    typename G::Point* const target = buckets + window.firstBucket + b;
    if (begin < from)
      partials[0] = {target, sum};
    else if (ends[b] > to)
      partials[1] = {target, sum};
    else
      *target = sum;
  }
}

/**
 * Σ (b + 1)·B_b of some windows' buckets, as points by bit: out[j] = Σ of the buckets with bit j of b, and the plain sum last.
 *
 * Halving: the buckets with odd b sum to bit 0; B_{2i} + B_{2i+1} is a sequence of half the length for the bits above. All
 * windows, and the sums of the odd ones of all levels, run in the same batches.
 */
template <class G>
void reduceWindows(Engine& engine, int thread, const Window* windows, size_t windowCount, typename G::Point* buckets,
                   int windowBits, typename G::Point* out) {
  using Point = typename G::Point;
  const size_t size = size_t{1} << (windowBits - 1), bits = static_cast<size_t>(windowBits);
  const AdditionRoom<G> room(engine, thread, 0);
  const Array<Point> levels(windowCount * size), slots(windowCount * (size / 2 + bits + 1));
  const Array<AdditionJob> jobs(windowCount * 2 * size);
  const Array<uintptr_t> entries(windowCount * size);
  struct List {
    uintptr_t* entries;
    size_t count;
  };
  std::vector<List> lists(windowCount * bits, List{nullptr, 0});
  std::vector<Point*> current(windowCount);
  for (size_t w = 0; w < windowCount; w++) current[w] = buckets + windows[w].firstBucket;
  Point* freeLevel = levels.get();
  Point* freeSlot = slots.get();
  Point* const slotsEnd = slots.get() + slots.size();
  uintptr_t* freeEntry = entries.get();
  const auto isSlot = [&](uintptr_t entry) {
    return entry >= reinterpret_cast<uintptr_t>(slots.get()) && entry < reinterpret_cast<uintptr_t>(slotsEnd);
  };
  size_t length = size, level = 0;
  for (;;) {
    size_t jobCount = 0;
    if (length > 1) {
      for (size_t w = 0; w < windowCount; w++) {
        List& odd = lists[w * bits + level];
        odd = {freeEntry, length / 2};
        freeEntry += length / 2;
        for (size_t i = 0; i < length / 2; i++) {
          const uintptr_t pair = reinterpret_cast<uintptr_t>(current[w] + 2 * i);
          odd.entries[i] = pair + sizeof(Point);
          jobs[jobCount++] = {pair, pair + sizeof(Point), reinterpret_cast<uintptr_t>(freeLevel + i)};
        }
        current[w] = freeLevel;
        freeLevel += length / 2;
      }
      length /= 2;
      level++;
    }
    for (List& list : lists) {
      const size_t half = list.count / 2;
      for (size_t i = 0; i < half; i++) {
        const uintptr_t a = list.entries[2 * i], b = list.entries[2 * i + 1];
        const uintptr_t target = isSlot(a) ? a : reinterpret_cast<uintptr_t>(freeSlot++);
        jobs[jobCount++] = {a, b, target};
        list.entries[i] = target;
      }
      list.count -= half;
    }
    if (jobCount == 0) break;
    G::addAll(engine.kernels, jobs.get(), jobCount, room.addition);
  }
  for (size_t w = 0; w < windowCount; w++) {
    for (size_t j = 0; j + 1 < bits; j++) out[w * bits + j] = G::read(lists[w * bits + j].entries[0]);
    out[w * bits + bits - 1] = *current[w];
  }
}

/** Scalars sorted for sums over any points. */
struct Plan {
  int windowBits;
  std::vector<Window> windows;
};

template <class IsDropped>
Plan makePlan(Engine& engine, const Element* scalars, size_t count, IsDropped isDropped) {
  const Sorted sorted = sortByLength(engine, scalars, count, isDropped);
  Plan plan;
  plan.windowBits = chooseWindowBits(sorted.lengths);
  const std::vector<size_t> sizes = entriesByWindow(sorted.lengths, plan.windowBits);
  const size_t digitWindows = sizes.size(), bucketsEach = size_t{1} << (plan.windowBits - 1);
  plan.windows = std::vector<Window>(digitWindows + 1);
  for (size_t w = 0; w < digitWindows; w++) {
    plan.windows[w].count = sizes[w];
    plan.windows[w].buckets = bucketsEach;
    plan.windows[w].firstBucket = w * bucketsEach;
  }
  Window& ones = plan.windows[digitWindows];
  ones.count = sorted.lengths[1];
  ones.buckets = 1;
  ones.firstBucket = digitWindows * bucketsEach;
  sortByBucket(engine, sorted, scalars, plan.windows, plan.windowBits);
  return plan;
}

template <class G>
typename G::Point sumPlanned(Engine& engine, const typename G::Point* points, Plan& plan) {
  using Point = typename G::Point;
  const size_t digitWindows = plan.windows.size() - 1, bucketsEach = size_t{1} << (plan.windowBits - 1);
  std::vector<Window>& windows = plan.windows;
  std::vector<size_t> windowOfSlice;
  for (size_t w = 0; w <= digitWindows; w++) {
    windows[w].firstSlice = windowOfSlice.size();
    const size_t entries = windows[w].ends[windows[w].buckets - 1];
    windowOfSlice.resize(windowOfSlice.size() + (entries + G::SLICE - 1) / G::SLICE, w);
  }
  const Array<Point> buckets(digitWindows * bucketsEach + 1);
  const Array<Partial<G>> partials(2 * windowOfSlice.size());
  engine.team.run(
      windowOfSlice.size(),
      [&](size_t slice, int thread) {
        const Window& window = windows[windowOfSlice[slice]];
        sumSlice<G>(engine, thread, points, window, slice - window.firstSlice, buckets.get(),
                    partials.get() + 2 * slice);
      },
      true);
  const AdditionRoom<G> room(engine, 0, 0);
  mergePartials<G>(engine.kernels, partials.get(), partials.size(), room.addition);

  const size_t bits = static_cast<size_t>(plan.windowBits);
  const Array<Point> byBit(digitWindows * bits);
  const size_t threads = static_cast<size_t>(engine.team.threads());
  const size_t perTask =
      std::max<size_t>(1, std::min(BUCKETS_PER_TASK / bucketsEach, (digitWindows + threads - 1) / threads));
  engine.team.runRanges(digitWindows, perTask, [&](size_t first, size_t last, int thread) {
    reduceWindows<G>(engine, thread, windows.data() + first, last - first, buckets.get(), plan.windowBits,
                     byBit.get() + first * bits);
  });

  Jacobian<typename G::F> sum;
  for (size_t w = digitWindows; w-- > 0;) {
    for (size_t j = bits; j-- > 0;) {
      sum.twice();
      if (j + 1 < bits) sum.add(byBit[w * bits + j]);
    }
    sum.add(byBit[w * bits + bits - 1]);
  }
  sum.add(buckets[digitWindows * bucketsEach]);
  return sum.toAffine();
}

}  // namespace

template <class G>
typename G::Point multiScalar(Engine& engine, const typename G::Point* points, const Element* scalars, size_t count) {
  Plan plan = makePlan(engine, scalars, count, [points](size_t i) { return G::isInfinity(points[i]); });
  return sumPlanned<G>(engine, points, plan);
}

BothSums multiScalarBoth(Engine& engine, const G1::Point* first, const G2::Point* second, const Element* scalars,
                         size_t count) {
  const auto start = std::chrono::steady_clock::now();
  Plan plan = makePlan(engine, scalars, count,
                       [=](size_t i) { return G1::isInfinity(first[i]) && G2::isInfinity(second[i]); });
  const G2::Point g2 = sumPlanned<G2>(engine, second, plan);
  const std::chrono::duration<double, std::milli> g2Time = std::chrono::steady_clock::now() - start;
  return {sumPlanned<G1>(engine, first, plan), g2, g2Time.count()};
}

template G1::Point multiScalar<G1>(Engine&, const G1::Point*, const Element*, size_t);
template G2::Point multiScalar<G2>(Engine&, const G2::Point*, const Element*, size_t);

}  // namespace zkf
