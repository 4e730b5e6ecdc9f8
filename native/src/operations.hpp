/** Operations by number, with their arguments as plain numbers and bytes: what crosses the border to JavaScript. */
#pragma once
#include <cstdint>
#include <vector>

#include "engine.hpp"

namespace zkf {

/** The numbers are those of src/engine/native/addon.ts. */
enum class Operation : uint32_t {
  toMontgomery = 0,
  fromMontgomery = 1,
  powers = 2,
  multiply = 3,
  invert = 4,
  transform = 5,
  inverseTransform = 6,
  applyRows = 7,
  quotient = 8,
  multiScalarG1 = 9,
  multiScalarG2 = 10,
  fixedBaseG1 = 11,
  fixedBaseG2 = 12,
  scaleG1 = 13,
  scaleG2 = 14,
  addG1 = 15,
  combineG1 = 16,
  combineG2 = 17,
  readFile = 18,
  checkCoefficients = 19,
  multiScalarG1G2 = 20,
  count = 21,
};

struct Request {
  Operation operation;
  /** Addresses and counts, checked by the caller. */
  std::vector<double> numbers;
  /** A base point or scalars. */
  std::vector<uint8_t> bytes;
};

struct Response {
  Status status = Status::done;
  double detail = 0;
  std::vector<uint8_t> bytes;
};

/** How many numbers and bytes an operation takes. */
struct Arity {
  size_t numbers;
  size_t bytes;
};
Arity arityOf(Operation operation);

/** Runs in the engine's first thread. Never throws. */
Response perform(Engine& engine, const Request& request);

}  // namespace zkf
