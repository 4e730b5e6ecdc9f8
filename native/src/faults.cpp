/**
 * Faults on purpose, for builds that check themselves: each must end the process with a report, or the checks are blind. Other builds do not
 * have this file.
 */
#include "faults.hpp"

#include <atomic>
#include <thread>

namespace zkf {

namespace {

/** Two threads write the same variable without an order between them. */
void race(Engine& engine) {
  size_t shared = 0;
  std::atomic<int> arrived{0};
  engine.team.run(2, [&](size_t chunk, int) {
    arrived.fetch_add(1, std::memory_order_relaxed);
    while (arrived.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
    shared += chunk;
  });
}

}  // namespace

void commitFault(Engine& engine, const std::string& name) {
  // Not known to the compiler, which would warn of what follows.
  volatile size_t three = 3;
  if (name == "overflow") {
    const Array<Element> elements(3);
    elements[three] = Element{};
  }
  if (name == "overread") {
    const Array<uint8_t> bytes(three);
    three = bytes[three];
  }
  if (name == "part-overflow") {
    AdditionRoom<G1> room(engine, 0, 2 * partBytes<uint32_t>(3));
    uint32_t* const first = takePart<uint32_t>(room.own, 3);
    takePart<uint32_t>(room.own, 3);
    first[three] = 1;
  }
  if (name == "stale-scratch") {
    uint8_t* const before = static_cast<uint8_t*>(engine.team.scratch(0, 100));
    engine.team.scratch(0, 100);
    before[three] = 1;
  }
  if (name == "undefined") three = size_t{1} << (three + 61);
  if (name == "race") race(engine);
}

}  // namespace zkf
