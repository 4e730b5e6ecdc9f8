/**
 * The kernels of one instruction set as a table of functions, so that everything else is compiled once.
 *
 * Scratch memory is given by the caller, aligned to 64 bytes. `lostBits` is the L of lanes-ifma.hpp.
 */
#pragma once
#include <cstddef>
#include <cstdint>

#include "jobs.hpp"
#include "modulus.hpp"

namespace zkf {

struct KernelShape {
  int log;
  int columnsLog;
};

struct Kernels {
  const char* name;
  int lanes;
  int lostBits;

  /** Bytes of a table of factors, for each element. */
  size_t wideBytes;
  size_t narrowBytes;
  /** Bytes of scratch for each element of a band's or group's rows. */
  size_t vectorBytes;
  size_t g1ScratchBytes;
  size_t g2ScratchBytes;

  void (*addG1)(const AdditionJob* jobs, size_t count, void* scratch);
  void (*addG2)(const AdditionJob* jobs, size_t count, void* scratch);

  void (*scale)(Element* data, size_t count, const Element& liftedFactor);
  void (*multiply)(Element* out, const Element* a, const Element* b, size_t count);
  void (*powers)(Element* out, size_t count, const Element& start, const Element& ratio);
  void (*invert)(Element* data, size_t count, void* scratch);
  void (*join)(Element* a, const Element* b, const Element* c, size_t count, const Element* productFactor,
               const Element* singleFactor);
  void (*recordProducts)(const uint8_t* records, const uint32_t* list, size_t count, const Element* witness,
                         Element* out);

  void (*makeWide)(const Element* factors, size_t count, void* table);
  void (*makeNarrow)(const Element* factors, size_t count, void* table);
  void (*frequencyWide)(Element* data, KernelShape shape, size_t band, const void* table, void* scratch);
  void (*timeWide)(Element* data, KernelShape shape, size_t band, const void* table, void* scratch);
  void (*blocks)(Element* data, KernelShape shape, size_t group, const void* frequency, const void* time,
                 const Element* factor, void* scratch);
};

/** Runs everywhere. */
const Kernels& portableKernels();
/** The same functions with BMI2 and ADX, or null where this build or this processor has them not. */
const Kernels* adxKernels();
/** The same functions for AVX-512 IFMA, or null where this build or this processor has it not. */
const Kernels* ifmaKernels();

}  // namespace zkf
