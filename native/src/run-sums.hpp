/**
 * Sums of runs of points: neighbours are added pairwise, round by round, all runs together, until each has one point left.
 *
 * Entries are addresses (bit 0: the negative). Sums go to slots of this object's memory; a slot is reused by the next
 * round, so that half as many slots as entries are enough.
 */
#pragma once
#include "curve.hpp"
#include "memory.hpp"

namespace zkf {

struct Run {
  uint32_t first;
  uint32_t count;
};

template <class G>
class RunSums {
 public:
  using Point = typename G::Point;

  /** Bytes of memory for at most so many entries. */
  static constexpr size_t bytesFor(size_t most) {
    return partBytes<Point>(most / 2 + 1) + partBytes<AdditionJob>(most / 2 + 1) + partBytes<uintptr_t>(most) +
           partBytes<Run>(most);
  }

  /** Takes its parts from `memory`, which moves on. */
  RunSums(const Kernels& kernels, uint8_t*& memory, size_t most, void* scratch)
      : kernels_(kernels), scratch_(scratch) {
    slots_ = takePart<Point>(memory, most / 2 + 1);
    slotsEnd_ = slots_ + (most / 2 + 1);
    jobs_ = takePart<AdditionJob>(memory, most / 2 + 1);
    entries = takePart<uintptr_t>(memory, most);
    active_ = takePart<Run>(memory, most);
  }

  uintptr_t* entries;

  /** Leaves each run's sum in entries[run.first]. Runs must not be empty. */
  void reduce(const Run* runs, size_t runCount) {
    size_t active = 0;
    Point* free = slots_;
    for (size_t i = 0; i < runCount; i++)
      if (runs[i].count > 1) active_[active++] = runs[i];
    while (active > 0) {
      size_t jobs = 0, left = 0;
      for (size_t i = 0; i < active; i++) {
        Run run = active_[i];
        uintptr_t* const e = entries + run.first;
        const uint32_t half = run.count / 2;
        for (uint32_t k = 0; k < half; k++) {
          const uintptr_t a = e[2 * k], b = e[2 * k + 1];
          const uintptr_t out = isSlot(a) ? a : isSlot(b) ? b : reinterpret_cast<uintptr_t>(free++);
          jobs_[jobs++] = {a, b, out};
          e[k] = out;
        }
        if (run.count % 2 == 1) e[half] = e[run.count - 1];
        run.count -= half;
        if (run.count > 1) active_[left++] = run;
      }
      G::addAll(kernels_, jobs_, jobs, scratch_);
      active = left;
    }
  }

 private:
  bool isSlot(uintptr_t entry) const {
    return entry >= reinterpret_cast<uintptr_t>(slots_) && entry < reinterpret_cast<uintptr_t>(slotsEnd_);
  }

  const Kernels& kernels_;
  void* scratch_;
  Point* slots_;
  Point* slotsEnd_;
  AdditionJob* jobs_;
  Run* active_;
};

/** A sum that belongs to a larger one, cut at the border of a slice. */
template <class G>
struct Partial {
  /** Where the whole sum goes; null for none. */
  typename G::Point* target;
  typename G::Point value;
};

/** Adds neighbouring partial sums of the same target and writes them there. */
template <class G>
void mergePartials(const Kernels& kernels, const Partial<G>* partials, size_t count, void* addition) {
  const Array<uint8_t> memory(RunSums<G>::bytesFor(count));
  const Array<Run> runs(count);
  const Array<typename G::Point*> targets(count);
  uint8_t* part = memory.get();
  RunSums<G> sums(kernels, part, count, addition);
  size_t entries = 0, runCount = 0;
  for (size_t i = 0; i < count; i++) {
    if (partials[i].target == nullptr) continue;
    if (runCount > 0 && targets[runCount - 1] == partials[i].target) {
      runs[runCount - 1].count++;
    } else {
      targets[runCount] = partials[i].target;
      runs[runCount++] = {static_cast<uint32_t>(entries), 1};
    }
    sums.entries[entries++] = reinterpret_cast<uintptr_t>(&partials[i].value);
  }
  sums.reduce(runs.get(), runCount);
  for (size_t i = 0; i < runCount; i++) *targets[i] = G::read(sums.entries[runs[i].first]);
}

}  // namespace zkf
