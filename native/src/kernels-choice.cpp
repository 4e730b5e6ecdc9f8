/** Asks the processor what it can do. Compiled without special flags. */
#include "kernels.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace zkf {

const Kernels* compiledAdxKernels();
const Kernels* compiledIfmaKernels();

const Kernels* adxKernels() {
#if defined(__x86_64__)
  // Leaf 7; not every compiler knows these two by name.
  const unsigned bmi2 = 1u << 8, adx = 1u << 19;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  const bool has = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bmi2) && (ebx & adx);
  return has ? compiledAdxKernels() : nullptr;
#else
  return nullptr;
#endif
}

const Kernels* ifmaKernels() {
#if defined(__x86_64__)
  const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512ifma") && __builtin_cpu_supports("bmi2");
  return has ? compiledIfmaKernels() : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace zkf
