/**
 * Page-aligned memory straight from the system, on large pages where it has them. New memory is zero.
 *
 * AddressSanitizer knows the bounds of the heap's blocks, not those of mappings. Builds for it (ZKF_CHECKED_MEMORY, see
 * scripts/build-native.mjs) take memory from the heap, exactly as much as asked for, and leave gaps between the parts of scratch memory.
 */
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#ifdef ZKF_CHECKED_MEMORY
#include <sanitizer/asan_interface.h>

#include <cstdlib>
#include <cstring>
#endif

#include "failure.hpp"

namespace zkf {

constexpr size_t HUGE_PAGE_BYTES = size_t{1} << 21;
constexpr size_t CACHE_LINE = 64;

#ifdef ZKF_CHECKED_MEMORY

constexpr bool IS_CHECKED = true;

/** Null when the system has no more. */
inline void* mapMemory(size_t sizeBytes) {
  constexpr size_t PAGE_BYTES = 4096;
  void* data = nullptr;
  if (posix_memalign(&data, PAGE_BYTES, sizeBytes) != 0) return nullptr;
  return std::memset(data, 0, sizeBytes);
}

inline void unmapMemory(void* data, size_t) { std::free(data); }

#else

constexpr bool IS_CHECKED = false;

/** Null when the system has no more. */
inline void* mapMemory(size_t sizeBytes) {
  void* const data = mmap(nullptr, sizeBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return nullptr;
#ifdef MADV_HUGEPAGE
  if (sizeBytes >= HUGE_PAGE_BYTES) madvise(data, sizeBytes, MADV_HUGEPAGE);
#endif
  return data;
}

inline void unmapMemory(void* data, size_t sizeBytes) { munmap(data, sizeBytes); }

#endif

/** Bytes that `takePart` uses up for so many values. */
template <class T>
constexpr size_t partBytes(size_t count) {
  const size_t gap = IS_CHECKED ? CACHE_LINE : 0;
  return (count * sizeof(T) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE + gap;
}

/** Takes an aligned part for so many values from the front of `memory`, which moves on. */
template <class T>
T* takePart(uint8_t*& memory, size_t count) {
  T* const part = reinterpret_cast<T*>(memory);
  memory += partBytes<T>(count);
#ifdef ZKF_CHECKED_MEMORY
  const uint8_t* const end = reinterpret_cast<const uint8_t*>(part + count);
  ASAN_POISON_MEMORY_REGION(end, static_cast<size_t>(memory - end));
#endif
  return part;
}

/** Memory with one owner. */
template <class T>
class Array {
 public:
  Array() = default;
  explicit Array(size_t count) : count_(count) {
    if (count == 0) return;
    data_ = static_cast<T*>(mapMemory(count * sizeof(T)));
    if (data_ == nullptr) throw Failure{Status::outOfMemory, static_cast<double>(count * sizeof(T))};
  }
  Array(Array&& other) noexcept { *this = std::move(other); }
  Array& operator=(Array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() {
    if (data_ != nullptr) unmapMemory(data_, count_ * sizeof(T));
  }

  T* get() const { return data_; }
  size_t size() const { return count_; }
  T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t count_ = 0;
};

}  // namespace zkf
