/** The kernels for processors with BMI2 and ADX: one element at a time, as everywhere, but with products in assembler. */
#include "kernels.hpp"

#ifdef ZKF_ADX
#include "lanes-portable.hpp"
#include "make-kernels.hpp"

namespace zkf {

const Kernels* compiledAdxKernels() {
  static const Kernels kernels = ZKF_ISA::makeKernels<ZKF_ISA::PortableLanes>("adx");
  return &kernels;
}

}  // namespace zkf
#else
namespace zkf {
const Kernels* compiledAdxKernels() { return nullptr; }
}  // namespace zkf
#endif
