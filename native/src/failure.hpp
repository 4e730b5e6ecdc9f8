/** What an operation can end with; the numbers are those that src/engine/native reads. */
#pragma once

namespace zkf {

enum class Status : int {
  done = 0,
  scalarRange = 1,
  coefficientRange = 2,
  termRange = 3,
  outOfMemory = 4,
  cancelled = 5,
  workerDied = 6,
  unreadable = 7,
};

/** Thrown by operations. `detail` is an index, or bytes for outOfMemory. */
struct Failure {
  Status status;
  double detail;
};

}  // namespace zkf
