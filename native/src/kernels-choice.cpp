/** Asks the processor what it can do. Compiled without special flags. */
#include "kernels.hpp"

namespace zkf {

const Kernels* compiledIfmaKernels();

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
