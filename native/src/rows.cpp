/**
 * The rows of the constraint system applied to a witness.
 *
 * Records nearly always come in rising order of rows. Then they are cut into chunks at the borders of rows. Otherwise each
 * part of the rows reads all records and takes its own.
 */
#include <atomic>
#include <cstring>

#include "engine.hpp"

namespace zkf {

namespace {

using Fr = ZKF_ISA::PrimeField<ScalarModulus>;

constexpr size_t RECORD_BYTES = 44;
constexpr size_t RECORD_CHUNK = 16384;
constexpr size_t LIST_SIZE = 256;

struct Record {
  uint32_t matrix, row, wire;
};

Record recordAt(const uint8_t* records, size_t index) {
  Record record;
  std::memcpy(&record, records + RECORD_BYTES * index, sizeof(record));
  return record;
}

/** Adds records to their rows, several products at a time. */
class RowSums {
 public:
  RowSums(const Kernels& kernels, const uint8_t* records, const Element* witness, Element* a, Element* b)
      : kernels_(kernels), records_(records), witness_(witness), sums_{a, b} {}
  ~RowSums() { flush(); }

  void add(size_t index, const Record& record) {
    if (Fr::isZero(witness_[record.wire])) return;
    list_[count_] = static_cast<uint32_t>(index);
    targets_[count_] = sums_[record.matrix] + record.row;
    if (++count_ == LIST_SIZE) flush();
  }

 private:
  void flush() {
    kernels_.recordProducts(records_, list_, count_, witness_, products_);
    for (size_t i = 0; i < count_; i++) *targets_[i] = Fr::add(*targets_[i], products_[i]);
    count_ = 0;
  }

  const Kernels& kernels_;
  const uint8_t* records_;
  const Element* witness_;
  Element* sums_[2];
  size_t count_ = 0;
  uint32_t list_[LIST_SIZE];
  Element* targets_[LIST_SIZE];
  Element products_[LIST_SIZE];
};

void lower(std::atomic<size_t>& least, size_t value) {
  size_t seen = least.load();
  while (value < seen && !least.compare_exchange_weak(seen, value)) {
  }
}

}  // namespace

void checkCoefficients(Engine& engine, const uint8_t* records, size_t count, size_t wires, int log) {
  const size_t rows = size_t{1} << log;
  std::atomic<size_t> firstBad{count};
  engine.team.runRanges(count, RECORD_CHUNK, [&](size_t first, size_t last, int) {
    for (size_t i = first; i < last; i++) {
      const Record record = recordAt(records, i);
      Element value;
      std::memcpy(&value, records + RECORD_BYTES * i + sizeof(record), sizeof(value));
      const bool isGood =
          record.matrix < 2 && record.row < rows && record.wire < wires && isBelow(value, ScalarModulus::P);
      if (!isGood) return lower(firstBad, i);
    }
  });
  if (firstBad < count) throw Failure{Status::coefficientRange, static_cast<double>(firstBad.load())};
}

void applyRows(Engine& engine, const uint8_t* records, size_t count, const Element* witness, size_t wires, Element* a,
               Element* b, Element* c, int log) {
  const size_t rows = size_t{1} << log;
  std::atomic<size_t> firstBad{count};
  std::atomic<bool> isSorted{true};
  engine.team.runRanges(count, RECORD_CHUNK, [&](size_t first, size_t last, int) {
    uint32_t before = first > 0 ? recordAt(records, first - 1).row : 0;
    for (size_t i = first; i < last; i++) {
      const Record record = recordAt(records, i);
      if (record.matrix > 1 || record.row >= rows || record.wire >= wires) return lower(firstBad, i);
      if (record.row < before) isSorted = false;
      before = record.row;
    }
  });
  if (firstBad < count) throw Failure{Status::coefficientRange, static_cast<double>(firstBad.load())};
  clear(engine, a, rows * sizeof(Element));
  clear(engine, b, rows * sizeof(Element));
  if (isSorted) {
    const auto rowStart = [&](size_t index) {
      while (index > 0 && index < count && recordAt(records, index).row == recordAt(records, index - 1).row) index++;
      return index;
    };
    engine.team.runRanges(count, RECORD_CHUNK, [&](size_t first, size_t last, int) {
      RowSums sums(engine.kernels, records, witness, a, b);
      const size_t end = rowStart(last);
      for (size_t i = rowStart(first); i < end; i++) sums.add(i, recordAt(records, i));
    });
  } else {
    const size_t parts = static_cast<size_t>(engine.team.threads());
    engine.team.run(parts, [&](size_t part, int) {
      RowSums sums(engine.kernels, records, witness, a, b);
      const size_t from = rows * part / parts, to = rows * (part + 1) / parts;
      for (size_t i = 0; i < count; i++) {
        const Record record = recordAt(records, i);
        if (record.row >= from && record.row < to) sums.add(i, record);
      }
    });
  }
  multiply(engine, c, a, b, rows);
}

}  // namespace zkf
