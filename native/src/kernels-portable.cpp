/** The kernels for any processor. */
#include "lanes-portable.hpp"
#include "make-kernels.hpp"

namespace zkf {

const Kernels& portableKernels() {
  static const Kernels kernels = ZKF_ISA::makeKernels<ZKF_ISA::PortableLanes>("portable");
  return kernels;
}

}  // namespace zkf
