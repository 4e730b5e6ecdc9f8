/** The kernels for AVX-512 IFMA. Compiled with the flags of that instruction set; nothing here runs before the processor was asked. */
#include "kernels.hpp"

#ifdef __AVX512IFMA__
#include "lanes-ifma.hpp"
#include "make-kernels.hpp"

namespace zkf {

const Kernels* compiledIfmaKernels() {
  static const Kernels kernels = ZKF_ISA::makeKernels<ZKF_ISA::IfmaLanes>("ifma");
  return &kernels;
}

}  // namespace zkf
#else
namespace zkf {
const Kernels* compiledIfmaKernels() { return nullptr; }
}  // namespace zkf
#endif
