/**
 * The threads of one engine: one that runs operations in the order in which they were posted, and helpers that join it
 * for every phase of an operation.
 *
 * A phase is a number of chunks that the threads claim from a counter. Cancellation is a flag that is looked at before every
 * chunk: the phase then throws in the running operation, and all later operations fail before they begin.
 */
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "memory.hpp"

namespace zkf {

class Team {
 public:
  using Chunk = std::function<void(size_t chunk, int thread)>;

  explicit Team(int threads);
  /** Cancels and joins. */
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return threads_; }

  /** Queues an operation; it must not throw. */
  void post(std::function<void()> operation);
  /** Makes the running and all later operations fail soon. Does not wait. */
  void cancel() { isCancelled_.store(true, std::memory_order_relaxed); }
  bool isCancelled() const { return isCancelled_.load(std::memory_order_relaxed); }
  /** Ends the threads when the queue is empty and waits for them. */
  void join();
  /** Cancels and waits for nobody: for threads that hang. The team and all that its operations use must stay for ever. */
  void abandon();

  /** Runs every chunk on all threads; called from operations only. Throws what a chunk throws, or Status::cancelled. */
  void run(size_t chunks, const Chunk& chunk, bool countsAsProgress = false);
  /** Splits `count` items into chunks of at most `size`: body(first, last, thread). */
  void runRanges(size_t count, size_t size, const std::function<void(size_t, size_t, int)>& body);

  /** Scratch memory of a thread, aligned to pages, at least so large; contents are lost at each call. */
  void* scratch(int thread, size_t sizeBytes);

  /** Grows with every chunk that a thread claims or finishes. */
  size_t activity() const { return activity_.load(std::memory_order_relaxed); }

  /** Part of the running operation that is done, in [0, 1]. */
  double progress() const;

 private:
  void runOperations();
  void help(int thread);
  void work(int thread);

  const int threads_;
  std::vector<std::thread> members_;
  std::vector<Array<uint8_t>> scratch_;

  std::mutex mutex_;
  std::condition_variable posted_, phaseBegins_, phaseEnds_;
  std::deque<std::function<void()>> operations_;
  bool isClosing_ = false, isEnded_ = false;
  size_t phase_ = 0;
  int working_ = 0;

  const Chunk* chunk_ = nullptr;
  size_t chunks_ = 0;
  std::atomic<size_t> next_{0};
  std::exception_ptr failure_;
  std::atomic<bool> isFailed_{false};
  std::atomic<bool> isCancelled_{false};
  std::atomic<size_t> progressDone_{0}, progressTotal_{0};
  std::atomic<size_t> activity_{0};
};

}  // namespace zkf
