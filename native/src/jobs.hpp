/** Lists of point additions, the form in which every operation on points hands its work to the kernels. */
#pragma once
#include <cstddef>
#include <cstdint>

namespace zkf {

/** out = ±a ± b. Addresses of affine points; bit 0 of `a` and `b` negates the point. `out` may be `a` or `b`. */
struct AdditionJob {
  uintptr_t a;
  uintptr_t b;
  uintptr_t out;
};

/** Additions that share an inversion. */
constexpr size_t ADDITION_BATCH = 4096;

}  // namespace zkf
