/** Parts of files into memory, on all threads. */
#include <unistd.h>

#include <cerrno>

#include "engine.hpp"

namespace zkf {

void readFile(Engine& engine, int descriptor, size_t position, uint8_t* target, size_t sizeBytes) {
  // Pieces of one large page, so that no page is first touched by two threads.
  const size_t lead = (HUGE_PAGE_BYTES - reinterpret_cast<uintptr_t>(target) % HUGE_PAGE_BYTES) % HUGE_PAGE_BYTES;
  const size_t skipped = (HUGE_PAGE_BYTES - lead) % HUGE_PAGE_BYTES;
  engine.team.runRanges(skipped + sizeBytes, HUGE_PAGE_BYTES, [&](size_t first, size_t last, int) {
    size_t done = first > skipped ? first - skipped : 0;
    const size_t end = last - skipped;
    while (done < end) {
      const ssize_t count = pread(descriptor, target + done, end - done, static_cast<off_t>(position + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw Failure{Status::unreadable, static_cast<double>(position + done)};
      done += static_cast<size_t>(count);
    }
  });
}

}  // namespace zkf
