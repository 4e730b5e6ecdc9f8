/** Many multiples at once: of one base, by one scalar, and sums of two lists. All in batches of affine additions. */
#include <atomic>
#include <vector>

#include "engine.hpp"
#include "scalars.hpp"

namespace zkf {

namespace {

constexpr size_t POINT_CHUNK = 4096;

/** The table size with the fewest additions: entries of the table and digits of all scalars. */
int chooseTableBits(size_t count) {
  const auto cost = [&](int bits) {
    return static_cast<double>(digitCount(MAGNITUDE_BITS, bits)) * (static_cast<double>(1 << (bits - 1)) + static_cast<double>(count));
  };
  int best = 2;
  for (int bits = 3; bits <= MAX_WINDOW_BITS; bits++)
    if (cost(bits) < cost(best)) best = bits;
  return best;
}

template <class T>
uintptr_t addressOf(const T* value) {
  return reinterpret_cast<uintptr_t>(value);
}

/** table[w·half + d − 1] = d·2^{cw}·base for d = 1 … half. */
template <class G>
Array<typename G::Point> makeTable(Engine& engine, const typename G::Point& base, int windowBits, size_t windows) {
  using Point = typename G::Point;
  const size_t half = size_t{1} << (windowBits - 1);
  Array<Point> table(windows * half);
  Jacobian<typename G::F> power;
  power.add(base);
  for (size_t w = 0; w < windows; w++) {
    table[w * half] = power.toAffine();
    for (int i = 0; i < windowBits; i++) power.twice();
  }
  engine.team.run(windows, [&](size_t w, int thread) {
    AdditionRoom<G> room(engine, thread, partBytes<AdditionJob>(half));
    AdditionJob* const jobs = takePart<AdditionJob>(room.own, half);
    Point* const row = table.get() + w * half;
    for (size_t known = 1; known < half; known *= 2) {
      for (size_t i = 0; i < known; i++) jobs[i] = {addressOf(row + known - 1), addressOf(row + i), addressOf(row + known + i)};
      G::addAll(engine.kernels, jobs, known, room.addition);
    }
  });
  return table;
}

}  // namespace

template <class G>
void fixedBase(Engine& engine, const typename G::Point& base, const Element* scalars, typename G::Point* out,
               size_t count) {
  using Point = typename G::Point;
  if (count == 0) return;
  const int windowBits = chooseTableBits(count);
  const size_t windows = static_cast<size_t>(digitCount(MAGNITUDE_BITS, windowBits));
  const size_t half = size_t{1} << (windowBits - 1);
  const Array<Point> table = makeTable<G>(engine, base, windowBits, windows);
  const DigitReader offset(windowBits, static_cast<int>(windows));
  std::atomic<bool> isBad{false};
  const size_t chunks = (count + POINT_CHUNK - 1) / POINT_CHUNK;
  engine.team.run(
      chunks,
      [&](size_t chunk, int thread) {
        const size_t first = chunk * POINT_CHUNK;
        const size_t here = count - first < POINT_CHUNK ? count - first : POINT_CHUNK;
        AdditionRoom<G> room(engine, thread, partBytes<AdditionJob>(POINT_CHUNK) + partBytes<uint16_t>(POINT_CHUNK * windows));
        AdditionJob* const jobs = takePart<AdditionJob>(room.own, POINT_CHUNK);
        uint16_t* const digits = takePart<uint16_t>(room.own, POINT_CHUNK * windows);
        for (size_t i = 0; i < here; i++) {
          Magnitude magnitude;
          if (!readMagnitude(scalars[first + i], magnitude)) {
            isBad = true;
            return;
          }
          const DigitReader reader(magnitude.value, offset);
          for (size_t w = 0; w < windows; w++)
            digits[w * POINT_CHUNK + i] =
                static_cast<uint16_t>(reader.digit(windowBits, static_cast<int>(w)) ^ (magnitude.isNegative ? 1 : 0));
          out[first + i] = Point{};
        }
        for (size_t w = 0; w < windows; w++) {
          size_t jobCount = 0;
          for (size_t i = 0; i < here; i++) {
            const uint32_t digit = digits[w * POINT_CHUNK + i];
            if (digit >> 1 == 0) continue;
            const uintptr_t entry = addressOf(table.get() + w * half + (digit >> 1) - 1);
            for (size_t line = 0; line < sizeof(Point); line += CACHE_LINE)
              __builtin_prefetch(reinterpret_cast<const void*>(entry + line));
            const uintptr_t target = addressOf(out + first + i);
            jobs[jobCount++] = {target, entry | (digit & 1), target};
          }
          G::addAll(engine.kernels, jobs, jobCount, room.addition);
        }
      },
      true);
  if (isBad) throw Failure{Status::scalarRange, 0};
}

template <class G>
void scalePoints(Engine& engine, typename G::Point* points, size_t count, const Element& scalar) {
  using Point = typename G::Point;
  Magnitude magnitude;
  if (!readMagnitude(scalar, magnitude)) throw Failure{Status::scalarRange, 0};
  const std::vector<int8_t> digits = nonAdjacentForm(magnitude.value);
  const size_t chunks = (count + POINT_CHUNK - 1) / POINT_CHUNK;
  engine.team.run(
      chunks,
      [&](size_t chunk, int thread) {
        Point* const first = points + chunk * POINT_CHUNK;
        const size_t here = count - chunk * POINT_CHUNK < POINT_CHUNK ? count - chunk * POINT_CHUNK : POINT_CHUNK;
        AdditionRoom<G> room(engine, thread, 2 * partBytes<AdditionJob>(POINT_CHUNK) + partBytes<Point>(POINT_CHUNK));
        AdditionJob* const doublings = takePart<AdditionJob>(room.own, POINT_CHUNK);
        AdditionJob* const additions = takePart<AdditionJob>(room.own, POINT_CHUNK);
        Point* const sums = takePart<Point>(room.own, POINT_CHUNK);
        for (size_t i = 0; i < here; i++) {
          sums[i] = Point{};
          doublings[i] = {addressOf(sums + i), addressOf(sums + i), addressOf(sums + i)};
        }
        for (size_t at = digits.size(); at-- > 0;) {
          if (at + 1 < digits.size()) G::addAll(engine.kernels, doublings, here, room.addition);
          if (digits[at] == 0) continue;
          const uintptr_t sign = (digits[at] < 0) != magnitude.isNegative ? 1 : 0;
          for (size_t i = 0; i < here; i++)
            additions[i] = {addressOf(sums + i), addressOf(first + i) | sign, addressOf(sums + i)};
          G::addAll(engine.kernels, additions, here, room.addition);
        }
        for (size_t i = 0; i < here; i++) first[i] = sums[i];
      },
      true);
}

template <class G>
void addPoints(Engine& engine, typename G::Point* first, const typename G::Point* second, size_t count) {
  engine.team.runRanges(count, POINT_CHUNK, [&](size_t from, size_t to, int thread) {
    AdditionRoom<G> room(engine, thread, partBytes<AdditionJob>(POINT_CHUNK));
    AdditionJob* const jobs = takePart<AdditionJob>(room.own, POINT_CHUNK);
    for (size_t i = from; i < to; i++) jobs[i - from] = {addressOf(first + i), addressOf(second + i), addressOf(first + i)};
    G::addAll(engine.kernels, jobs, to - from, room.addition);
  });
}

template void fixedBase<G1>(Engine&, const G1::Point&, const Element*, G1::Point*, size_t);
template void fixedBase<G2>(Engine&, const G2::Point&, const Element*, G2::Point*, size_t);
template void scalePoints<G1>(Engine&, G1::Point*, size_t, const Element&);
template void scalePoints<G2>(Engine&, G2::Point*, size_t, const Element&);
template void addPoints<G1>(Engine&, G1::Point*, const G1::Point*, size_t);

}  // namespace zkf
