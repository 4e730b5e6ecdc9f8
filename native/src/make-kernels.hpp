/** Fills the table of kernels from the templates, for the lanes of one instruction set. */
#pragma once
#include "kernels.hpp"
#include "point-addition.hpp"
#include "transform-kernels.hpp"
#include "vector-kernels.hpp"

namespace zkf::ZKF_ISA {

template <template <class> class Lanes>
Kernels makeKernels(const char* name) {
  using Fq = Lanes<BaseModulus>;
  using Fr = Lanes<ScalarModulus>;
  using G1 = PointAddition<PrimeCoordinate<Fq>, Fq>;
  using G2 = PointAddition<QuadraticCoordinate<Fq>, Fq>;
  using Vectors = VectorKernels<Fr>;
  using Transforms = TransformKernels<Fr>;
  return {
      .name = name,
      .lanes = Fr::COUNT,
      .lostBits = Fr::LOST_BITS,
      .wideBytes = sizeof(typename Fr::V) / Fr::COUNT,
      .narrowBytes = sizeof(typename Fr::Narrow),
      .vectorBytes = sizeof(typename Fr::V) / Fr::COUNT,
      .g1ScratchBytes = sizeof(typename G1::Scratch),
      .g2ScratchBytes = sizeof(typename G2::Scratch),
      .addG1 = G1::addAll,
      .addG2 = G2::addAll,
      .scale = Vectors::scale,
      .multiply = Vectors::multiply,
      .powers = Vectors::powers,
      .invert = Vectors::invert,
      .join = Vectors::join,
      .recordProducts = Vectors::recordProducts,
      .makeWide = Transforms::makeWide,
      .makeNarrow = Transforms::makeNarrow,
      .frequencyWide = Transforms::template wide<false>,
      .timeWide = Transforms::template wide<true>,
      .blocks = Transforms::blocks,
  };
}

}  // namespace zkf::ZKF_ISA
