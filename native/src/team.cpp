#include "team.hpp"

namespace zkf {

Team::Team(int threads) : threads_(threads), scratch_(static_cast<size_t>(threads)) {
  try {
    members_.emplace_back([this] { runOperations(); });
    for (int thread = 1; thread < threads; thread++) members_.emplace_back([this, thread] { help(thread); });
  } catch (...) {
    join();
    throw;
  }
}

Team::~Team() {
  cancel();
  join();
}

void Team::post(std::function<void()> operation) {
  {
    const std::lock_guard lock(mutex_);
    operations_.push_back(std::move(operation));
  }
  posted_.notify_one();
}

void Team::join() {
  {
    const std::lock_guard lock(mutex_);
    isClosing_ = true;
  }
  posted_.notify_all();
  for (auto& member : members_)
    if (member.joinable()) member.join();
}

void Team::abandon() {
  cancel();
  for (auto& member : members_) member.detach();
}

void Team::runOperations() {
  for (;;) {
    std::function<void()> operation;
    {
      std::unique_lock lock(mutex_);
      posted_.wait(lock, [&] { return isClosing_ || !operations_.empty(); });
      if (operations_.empty()) break;
      operation = std::move(operations_.front());
      operations_.pop_front();
    }
    progressDone_ = 0;
    progressTotal_ = 0;
    operation();
  }
  const std::lock_guard lock(mutex_);
  isEnded_ = true;
  phaseBegins_.notify_all();
}

void Team::help(int thread) {
  size_t seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      phaseBegins_.wait(lock, [&] { return phase_ != seen || isEnded_; });
      if (phase_ == seen) return;
      seen = phase_;
    }
    work(thread);
    {
      const std::lock_guard lock(mutex_);
      working_--;
    }
    phaseEnds_.notify_one();
  }
}

void Team::work(int thread) {
  for (;;) {
    const size_t chunk = next_.fetch_add(1, std::memory_order_relaxed);
    activity_.fetch_add(1, std::memory_order_relaxed);
    if (chunk >= chunks_ || isFailed_.load(std::memory_order_relaxed) || isCancelled()) return;
    try {
      (*chunk_)(chunk, thread);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!isFailed_.exchange(true)) failure_ = std::current_exception();
    }
    progressDone_.fetch_add(1, std::memory_order_relaxed);
  }
}

void Team::run(size_t chunks, const Chunk& chunk, bool countsAsProgress) {
  if (isCancelled()) throw Failure{Status::cancelled, 0};
  if (chunks == 0) return;
  progressDone_ = 0;
  progressTotal_ = countsAsProgress ? chunks : 0;
  chunk_ = &chunk;
  chunks_ = chunks;
  next_ = 0;
  isFailed_ = false;
  failure_ = nullptr;
  const bool isShared = threads_ > 1 && chunks > 1;
  if (isShared) {
    {
      const std::lock_guard lock(mutex_);
      phase_++;
      working_ = threads_ - 1;
    }
    phaseBegins_.notify_all();
  }
  work(0);
  if (isShared) {
    std::unique_lock lock(mutex_);
    phaseEnds_.wait(lock, [&] { return working_ == 0; });
  }
  if (failure_ != nullptr) std::rethrow_exception(failure_);
  if (isCancelled()) throw Failure{Status::cancelled, 0};
}

void Team::runRanges(size_t count, size_t size, const std::function<void(size_t, size_t, int)>& body) {
  run((count + size - 1) / size, [&](size_t chunk, int thread) {
    const size_t first = chunk * size, last = first + size;
    body(first, last < count ? last : count, thread);
  });
}

void* Team::scratch(int thread, size_t sizeBytes) {
  Array<uint8_t>& memory = scratch_[static_cast<size_t>(thread)];
  if (IS_CHECKED || memory.size() < sizeBytes) {
    memory = Array<uint8_t>();
    memory = Array<uint8_t>(sizeBytes);
  }
  return memory.get();
}

double Team::progress() const {
  const size_t total = progressTotal_.load(std::memory_order_relaxed);
  if (total == 0) return 0;
  const size_t done = progressDone_.load(std::memory_order_relaxed);
  return done >= total ? 1 : static_cast<double>(done) / static_cast<double>(total);
}

}  // namespace zkf
