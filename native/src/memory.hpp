/** Page-aligned memory straight from the system, on large pages where it has them. New memory is zero. */
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "failure.hpp"

namespace zkf {

constexpr size_t HUGE_PAGE_BYTES = size_t{1} << 21;

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
