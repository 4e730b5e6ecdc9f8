/** See faults.cpp. */
#pragma once
#include <string>

#include "engine.hpp"

namespace zkf {

/** Runs in the engine's first thread, which must be one of two at least. Returns only where the build does not check what the name stands for. */
void commitFault(Engine& engine, const std::string& name);

}  // namespace zkf
