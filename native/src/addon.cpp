/**
 * The border to JavaScript: plain C Node-API, nothing global, so that several engines and several worker threads of Node
 * can use it at once.
 *
 *   create(threads, isa) → engine or null        isa: 'auto', 'portable', 'adx', 'ifma'; null where the processor lacks it
 *   kernels(engine) → 'portable', 'adx' or 'ifma'
 *   fastest() → 'portable', 'adx' or 'ifma'        what 'auto' takes
 *   run(engine, operation, Float64Array, Uint8Array) → Promise<{ status, detail, bytes }>
 *   progress(engine) → number                    of the running operation, in [0, 1]
 *   cancel(engine)                               the running and all later operations end with `cancelled`
 *   activity(engine) → number                    grows while its threads do something
 *   close(engine) → Promise                      cancels; resolves when the threads have ended
 *   abandon(engine)                              cancels and waits for nobody: promises stay pending, memory that is used stays mapped
 *   allocate(sizeBytes) → ArrayBuffer or null    page-aligned
 *   address(ArrayBuffer) → number
 *   detach(ArrayBuffer) → boolean                all views lose their memory, which stays mapped
 *   unmap(address)                               of a detached buffer
 *   fault(engine, name)                          only in builds that check themselves, see faults.cpp
 *
 * Operations run on the engine's threads; their promises are resolved through a thread-safe function, which keeps the
 * process alive only while operations are pending.
 */
#include <dlfcn.h>
#include <node_api.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "operations.hpp"

#ifdef ZKF_SANITIZED
#include <future>

#include "faults.hpp"
#endif

namespace zkf {

namespace {

#define ZKF_CHECK(call)                                                  \
  do {                                                                   \
    if ((call) != napi_ok) {                                             \
      napi_throw_error(env, nullptr, "native engine: " #call " failed"); \
      return nullptr;                                                    \
    }                                                                    \
  } while (0)

/** Mapped regions by address. A region's number tells it from a later one at the same address. */
struct Regions {
  struct Region {
    size_t sizeBytes;
    uint64_t number;
  };
  std::mutex mutex;
  std::unordered_map<void*, Region> live;
  uint64_t next = 0;

  /** From now on only `unmap` without a number takes the region away. */
  void keep(void* data) {
    const std::lock_guard lock(mutex);
    if (const auto found = live.find(data); found != live.end()) found->second.number = next++;
  }

  void unmap(void* data, const uint64_t* number) {
    const std::lock_guard lock(mutex);
    const auto found = live.find(data);
    if (found == live.end() || (number != nullptr && found->second.number != *number)) return;
    unmapMemory(data, found->second.sizeBytes);
    live.erase(found);
  }
};

struct RegionHint {
  std::shared_ptr<Regions> regions;
  uint64_t number;
};

/** An engine with its way back into JavaScript. */
struct Handle {
  std::unique_ptr<Engine> engine;
  napi_threadsafe_function deliver = nullptr;
  napi_env env = nullptr;
  /** To the value that JavaScript holds: strong while operations are pending, since nobody else need hold it then. */
  napi_ref self = nullptr;
  size_t pending = 0;
  /** Guards `isAbandoned` and the calls through `deliver` that depend on it. */
  std::mutex mutex;
  bool isAbandoned = false;
};

struct Delivery {
  Handle* handle;
  napi_deferred deferred;
  bool isClosing;
  Response response;
};

napi_value makeResponse(napi_env env, const Response& response) {
  napi_value object, status, detail, buffer;
  void* data = nullptr;
  ZKF_CHECK(napi_create_object(env, &object));
  ZKF_CHECK(napi_create_int32(env, static_cast<int32_t>(response.status), &status));
  ZKF_CHECK(napi_create_double(env, response.detail, &detail));
  ZKF_CHECK(napi_create_arraybuffer(env, response.bytes.size(), &data, &buffer));
  if (!response.bytes.empty()) std::memcpy(data, response.bytes.data(), response.bytes.size());
  ZKF_CHECK(napi_set_named_property(env, object, "status", status));
  ZKF_CHECK(napi_set_named_property(env, object, "detail", detail));
  ZKF_CHECK(napi_set_named_property(env, object, "bytes", buffer));
  return object;
}

/** In JavaScript's thread: resolves one promise. Without `env` the runtime is going away. */
void onDelivery(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<Delivery> delivery(static_cast<Delivery*>(data));
  if (env == nullptr) return;
  Handle& handle = *delivery->handle;
  if (handle.isAbandoned) return;
  if (delivery->isClosing) handle.engine.reset();
  if (--handle.pending == 0) {
    napi_unref_threadsafe_function(env, handle.deliver);
    napi_reference_unref(env, handle.self, nullptr);
  }
  const napi_value value = makeResponse(env, delivery->response);
  if (value != nullptr) napi_resolve_deferred(env, delivery->deferred, value);
}

/** The runtime ends, or nobody holds the engine any more: ends its threads. */
void endThreads(void* data) {
  Handle* const handle = static_cast<Handle*>(data);
  handle->engine.reset();
  // Not later: the runtime frees the function after its own hooks.
  if (handle->deliver != nullptr) napi_release_threadsafe_function(handle->deliver, napi_tsfn_abort);
  handle->deliver = nullptr;
}

void finalizeHandle(napi_env env, void* data, void*) {
  Handle* const handle = static_cast<Handle*>(data);
  napi_remove_env_cleanup_hook(env, endThreads, handle);
  endThreads(handle);
  if (handle->self != nullptr) napi_delete_reference(env, handle->self);
  // Its threads may come back.
  if (!handle->isAbandoned) delete handle;
}

template <size_t N>
bool readArguments(napi_env env, napi_callback_info info, napi_value (&args)[N]) {
  size_t count = N;
  if (napi_get_cb_info(env, info, &count, args, nullptr, nullptr) == napi_ok && count == N) return true;
  napi_throw_type_error(env, nullptr, "native engine: wrong number of arguments");
  return false;
}

Handle* handleOf(napi_env env, napi_value value) {
  void* data = nullptr;
  if (napi_get_value_external(env, value, &data) == napi_ok && data != nullptr) return static_cast<Handle*>(data);
  napi_throw_type_error(env, nullptr, "native engine: expected an engine");
  return nullptr;
}

const Kernels* kernelsNamed(const std::string& isa) {
  if (isa == "portable") return &portableKernels();
  if (isa == "adx") return adxKernels();
  if (isa == "ifma") return ifmaKernels();
  for (const Kernels* fast : {ifmaKernels(), adxKernels()})
    if (fast != nullptr) return fast;
  return &portableKernels();
}

napi_value create(napi_env env, napi_callback_info info) {
  napi_value args[2], result, name;
  if (!readArguments(env, info, args)) return nullptr;
  int32_t threads = 0;
  char isa[16] = "";
  size_t length = 0;
  ZKF_CHECK(napi_get_value_int32(env, args[0], &threads));
  ZKF_CHECK(napi_get_value_string_utf8(env, args[1], isa, sizeof(isa), &length));
  const Kernels* const kernels = kernelsNamed(isa);
  if (kernels == nullptr) {
    ZKF_CHECK(napi_get_null(env, &result));
    return result;
  }
  auto handle = std::make_unique<Handle>();
  handle->env = env;
  try {
    handle->engine = std::make_unique<Engine>(threads, *kernels);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
  ZKF_CHECK(napi_create_string_utf8(env, "zkfinality engine", NAPI_AUTO_LENGTH, &name));
  ZKF_CHECK(napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, onDelivery,
                                            &handle->deliver));
  ZKF_CHECK(napi_unref_threadsafe_function(env, handle->deliver));
  ZKF_CHECK(napi_add_env_cleanup_hook(env, endThreads, handle.get()));
  ZKF_CHECK(napi_create_external(env, handle.get(), finalizeHandle, nullptr, &result));
  Handle* const held = handle.release();
  ZKF_CHECK(napi_create_reference(env, result, 0, &held->self));
  return result;
}

/** Posts work to the engine's first thread and returns the promise of its response. */
napi_value post(napi_env env, Handle* handle, bool isClosing, Request request) {
  napi_value promise;
  napi_deferred deferred;
  ZKF_CHECK(napi_create_promise(env, &deferred, &promise));
  if (handle->pending++ == 0) {
    ZKF_CHECK(napi_ref_threadsafe_function(env, handle->deliver));
    ZKF_CHECK(napi_reference_ref(env, handle->self, nullptr));
  }
  // Not through the handle: an abandoned one has no engine.
  Engine* const engine = handle->engine.get();
  engine->team.post([handle, engine, deferred, isClosing, request = std::move(request)] {
    auto delivery = std::make_unique<Delivery>(Delivery{handle, deferred, isClosing, {}});
    if (!isClosing) delivery->response = perform(*engine, request);
    const std::lock_guard lock(handle->mutex);
    if (handle->isAbandoned) return;
    if (napi_call_threadsafe_function(handle->deliver, delivery.get(), napi_tsfn_nonblocking) == napi_ok)
      delivery.release();
  });
  return promise;
}

napi_value run(napi_env env, napi_callback_info info) {
  napi_value args[4];
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr) return nullptr;
  uint32_t operation = 0;
  size_t numberCount = 0, byteCount = 0;
  void *numbers = nullptr, *bytes = nullptr;
  napi_typedarray_type numberType, byteType;
  ZKF_CHECK(napi_get_value_uint32(env, args[1], &operation));
  ZKF_CHECK(napi_get_typedarray_info(env, args[2], &numberType, &numberCount, &numbers, nullptr, nullptr));
  ZKF_CHECK(napi_get_typedarray_info(env, args[3], &byteType, &byteCount, &bytes, nullptr, nullptr));
  const bool isKnown = operation < static_cast<uint32_t>(Operation::count);
  const Arity arity = arityOf(static_cast<Operation>(operation));
  if (!isKnown || numberType != napi_float64_array || byteType != napi_uint8_array || numberCount != arity.numbers ||
      byteCount != arity.bytes || handle->engine == nullptr) {
    napi_throw_type_error(env, nullptr, "native engine: bad arguments, or it was closed");
    return nullptr;
  }
  const double* const first = static_cast<const double*>(numbers);
  const uint8_t* const firstByte = static_cast<const uint8_t*>(bytes);
  return post(env, handle, false,
              {static_cast<Operation>(operation), {first, first + numberCount}, {firstByte, firstByte + byteCount}});
}

napi_value close(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr) return nullptr;
  if (handle->engine == nullptr) {
    napi_throw_type_error(env, nullptr, "native engine: it was closed");
    return nullptr;
  }
  handle->engine->team.cancel();
  return post(env, handle, true, {});
}

napi_value cancel(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle != nullptr && handle->engine != nullptr) handle->engine->team.cancel();
  return nullptr;
}

napi_value abandon(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr || handle->engine == nullptr) return nullptr;
  {
    const std::lock_guard lock(handle->mutex);
    handle->isAbandoned = true;
  }
  handle->engine->team.abandon();
  // Their code must stay too, if a worker thread of Node that loaded it ends.
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&abandon), &self) != 0) dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
  // A perhaps running thread owns it from here on.
  static_cast<void>(handle->engine.release());
  if (handle->pending > 0) {
    handle->pending = 0;
    ZKF_CHECK(napi_unref_threadsafe_function(env, handle->deliver));
    ZKF_CHECK(napi_reference_unref(env, handle->self, nullptr));
  }
  return nullptr;
}

napi_value activity(napi_env env, napi_callback_info info) {
  napi_value args[1], result;
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr) return nullptr;
  const size_t count = handle->engine == nullptr ? 0 : handle->engine->team.activity();
  ZKF_CHECK(napi_create_double(env, static_cast<double>(count), &result));
  return result;
}

napi_value progress(napi_env env, napi_callback_info info) {
  napi_value args[1], result;
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr) return nullptr;
  ZKF_CHECK(napi_create_double(env, handle->engine == nullptr ? 1 : handle->engine->team.progress(), &result));
  return result;
}

napi_value kernelsOf(napi_env env, napi_callback_info info) {
  napi_value args[1], result;
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr || handle->engine == nullptr) return nullptr;
  ZKF_CHECK(napi_create_string_utf8(env, handle->engine->kernels.name, NAPI_AUTO_LENGTH, &result));
  return result;
}

napi_value fastest(napi_env env, napi_callback_info) {
  napi_value result;
  ZKF_CHECK(napi_create_string_utf8(env, kernelsNamed("auto")->name, NAPI_AUTO_LENGTH, &result));
  return result;
}

std::shared_ptr<Regions> regionsOf(napi_env env) {
  void* data = nullptr;
  if (napi_get_instance_data(env, &data) != napi_ok || data == nullptr) return nullptr;
  return *static_cast<std::shared_ptr<Regions>*>(data);
}

void finalizeRegion(napi_env, void* data, void* hint) {
  const std::unique_ptr<RegionHint> region(static_cast<RegionHint*>(hint));
  region->regions->unmap(data, &region->number);
}

napi_value allocate(napi_env env, napi_callback_info info) {
  napi_value args[1], result;
  if (!readArguments(env, info, args)) return nullptr;
  double wanted = 0;
  ZKF_CHECK(napi_get_value_double(env, args[0], &wanted));
  const size_t sizeBytes = wanted < 1 ? 1 : static_cast<size_t>(wanted);
  const std::shared_ptr<Regions> regions = regionsOf(env);
  void* const data = regions == nullptr ? nullptr : mapMemory(sizeBytes);
  if (data == nullptr) {
    ZKF_CHECK(napi_get_null(env, &result));
    return result;
  }
  uint64_t number = 0;
  {
    const std::lock_guard lock(regions->mutex);
    number = regions->next++;
    regions->live[data] = {sizeBytes, number};
  }
  auto hint = std::make_unique<RegionHint>(RegionHint{regions, number});
  if (napi_create_external_arraybuffer(env, data, sizeBytes, finalizeRegion, hint.get(), &result) != napi_ok) {
    regions->unmap(data, &number);
    napi_throw_error(env, nullptr, "native engine: this runtime does not take memory from outside");
    return nullptr;
  }
  hint.release();
  return result;
}

napi_value address(napi_env env, napi_callback_info info) {
  napi_value args[1], result;
  if (!readArguments(env, info, args)) return nullptr;
  void* data = nullptr;
  ZKF_CHECK(napi_get_arraybuffer_info(env, args[0], &data, nullptr));
  ZKF_CHECK(napi_create_double(env, static_cast<double>(reinterpret_cast<uintptr_t>(data)), &result));
  return result;
}

napi_value detach(napi_env env, napi_callback_info info) {
  napi_value args[1], result;
  if (!readArguments(env, info, args)) return nullptr;
  bool isDetached = false;
  void* data = nullptr;
  ZKF_CHECK(napi_is_detached_arraybuffer(env, args[0], &isDetached));
  if (!isDetached) {
    ZKF_CHECK(napi_get_arraybuffer_info(env, args[0], &data, nullptr));
    // Detaching runs the buffer's finalizer soon, perhaps while an operation still uses the memory.
    if (const std::shared_ptr<Regions> regions = regionsOf(env)) regions->keep(data);
    ZKF_CHECK(napi_detach_arraybuffer(env, args[0]));
  }
  // One that was transferred away still has views elsewhere: its finalizer unmaps it.
  ZKF_CHECK(napi_get_boolean(env, !isDetached, &result));
  return result;
}

napi_value unmap(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!readArguments(env, info, args)) return nullptr;
  double where = 0;
  ZKF_CHECK(napi_get_value_double(env, args[0], &where));
  if (const std::shared_ptr<Regions> regions = regionsOf(env))
    regions->unmap(reinterpret_cast<void*>(static_cast<uintptr_t>(where)), nullptr);
  return nullptr;
}

#ifdef ZKF_SANITIZED
/** Blocks until the fault was committed, which the process should not outlive. */
napi_value fault(napi_env env, napi_callback_info info) {
  napi_value args[2];
  if (!readArguments(env, info, args)) return nullptr;
  Handle* const handle = handleOf(env, args[0]);
  if (handle == nullptr || handle->engine == nullptr) return nullptr;
  char name[32] = "";
  size_t length = 0;
  ZKF_CHECK(napi_get_value_string_utf8(env, args[1], name, sizeof(name), &length));
  std::promise<void> done;
  Engine* const engine = handle->engine.get();
  engine->team.post([&] {
    commitFault(*engine, name);
    done.set_value();
  });
  done.get_future().wait();
  return nullptr;
}
#endif

void finalizeInstance(napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Regions>*>(data); }

}  // namespace

}  // namespace zkf

NAPI_MODULE_INIT() {
  using namespace zkf;
  auto* const regions = new std::shared_ptr<Regions>(std::make_shared<Regions>());
  if (napi_set_instance_data(env, regions, finalizeInstance, nullptr) != napi_ok) {
    delete regions;
    return nullptr;
  }
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {{"create", create},     {"kernels", kernelsOf}, {"fastest", fastest}, {"run", run},
                   {"progress", progress}, {"cancel", cancel},     {"close", close},
                   {"allocate", allocate}, {"address", address},   {"detach", detach},
                   {"unmap", unmap},       {"activity", activity}, {"abandon", abandon},
#ifdef ZKF_SANITIZED
                   {"fault", fault},
#endif
  };
  for (const auto& [name, call] : functions) {
    napi_value value;
    ZKF_CHECK(napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &value));
    ZKF_CHECK(napi_set_named_property(env, exports, name, value));
  }
  return exports;
}
