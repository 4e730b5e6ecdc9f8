#include "operations.hpp"

#include <cstring>
#include <new>

namespace zkf {

namespace {

using Fr = ZKF_ISA::PrimeField<ScalarModulus>;

/** Reads the arguments of a request one after the other. */
class Arguments {
 public:
  explicit Arguments(const Request& request) : request_(request) {}
  size_t count() { return static_cast<size_t>(request_.numbers[next_++]); }
  int log() { return static_cast<int>(count()); }
  template <class T>
  T* address() {
    return reinterpret_cast<T*>(static_cast<uintptr_t>(request_.numbers[next_++]));
  }
  template <class T>
  T value(size_t offset = 0) const {
    T out;
    std::memcpy(&out, request_.bytes.data() + offset, sizeof(T));
    return out;
  }

 private:
  const Request& request_;
  size_t next_ = 0;
};

template <class P>
std::vector<uint8_t> bytesOf(const P& point) {
  const uint8_t* const first = reinterpret_cast<const uint8_t*>(&point);
  return {first, first + sizeof(P)};
}

template <class G>
std::vector<uint8_t> multiScalarOf(Engine& engine, Arguments& args) {
  const auto* const points = args.address<typename G::Point>();
  const auto* const scalars = args.address<Element>();
  return bytesOf(multiScalar<G>(engine, points, scalars, args.count()));
}

Response multiScalarBothOf(Engine& engine, Arguments& args) {
  const auto* const first = args.address<G1::Point>();
  const auto* const second = args.address<G2::Point>();
  const auto* const scalars = args.address<Element>();
  const auto [g1, g2, g2Milliseconds] = multiScalarBoth(engine, first, second, scalars, args.count());
  std::vector<uint8_t> bytes = bytesOf(g1);
  const std::vector<uint8_t> more = bytesOf(g2);
  bytes.insert(bytes.end(), more.begin(), more.end());
  return {Status::done, g2Milliseconds, std::move(bytes)};
}

template <class G>
void fixedBaseOf(Engine& engine, Arguments& args) {
  const auto* const scalars = args.address<Element>();
  auto* const out = args.address<typename G::Point>();
  fixedBase<G>(engine, args.value<typename G::Point>(), scalars, out, args.count());
}

template <class G>
void scaleOf(Engine& engine, Arguments& args) {
  auto* const points = args.address<typename G::Point>();
  scalePoints<G>(engine, points, args.count(), args.value<Element>());
}

template <class G>
void combineOf(Engine& engine, Arguments& args) {
  const auto* const points = args.address<typename G::Point>();
  const size_t pointCount = args.count();
  const auto* const terms = args.address<uint8_t>();
  const size_t termCount = args.count();
  auto* const out = args.address<typename G::Point>();
  combine<G>(engine, points, pointCount, terms, termCount, out, args.count());
}

void applyRowsOf(Engine& engine, Arguments& args) {
  const auto* const records = args.address<uint8_t>();
  const size_t count = args.count();
  const auto* const witness = args.address<Element>();
  const size_t wires = args.count();
  auto* const a = args.address<Element>();
  auto* const b = args.address<Element>();
  auto* const c = args.address<Element>();
  applyRows(engine, records, count, witness, wires, a, b, c, args.log());
}

Response dispatch(Engine& engine, const Request& request) {
  Arguments args(request);
  switch (request.operation) {
    case Operation::toMontgomery: {
      auto* const data = args.address<Element>();
      toMontgomery(engine, data, args.count());
      break;
    }
    case Operation::fromMontgomery: {
      auto* const data = args.address<Element>();
      fromMontgomery(engine, data, args.count());
      break;
    }
    case Operation::powers: {
      auto* const out = args.address<Element>();
      const size_t count = args.count();
      powers(engine, out, count, Fr::toMontgomery(args.value<Element>()),
             Fr::toMontgomery(args.value<Element>(sizeof(Element))));
      break;
    }
    case Operation::multiply: {
      auto* const out = args.address<Element>();
      const auto* const a = args.address<Element>();
      const auto* const b = args.address<Element>();
      multiply(engine, out, a, b, args.count());
      break;
    }
    case Operation::invert: {
      auto* const data = args.address<Element>();
      invert(engine, data, args.count());
      break;
    }
    case Operation::transform: {
      auto* const data = args.address<Element>();
      transform(engine, data, args.log());
      break;
    }
    case Operation::inverseTransform: {
      auto* const data = args.address<Element>();
      inverseTransform(engine, data, args.log());
      break;
    }
    case Operation::applyRows:
      applyRowsOf(engine, args);
      break;
    case Operation::quotient: {
      auto* const a = args.address<Element>();
      auto* const b = args.address<Element>();
      auto* const c = args.address<Element>();
      quotient(engine, a, b, c, args.log());
      break;
    }
    case Operation::multiScalarG1:
      return {Status::done, 0, multiScalarOf<G1>(engine, args)};
    case Operation::multiScalarG2:
      return {Status::done, 0, multiScalarOf<G2>(engine, args)};
    case Operation::fixedBaseG1:
      fixedBaseOf<G1>(engine, args);
      break;
    case Operation::fixedBaseG2:
      fixedBaseOf<G2>(engine, args);
      break;
    case Operation::scaleG1:
      scaleOf<G1>(engine, args);
      break;
    case Operation::scaleG2:
      scaleOf<G2>(engine, args);
      break;
    case Operation::addG1: {
      auto* const first = args.address<G1::Point>();
      const auto* const second = args.address<G1::Point>();
      addPoints<G1>(engine, first, second, args.count());
      break;
    }
    case Operation::combineG1:
      combineOf<G1>(engine, args);
      break;
    case Operation::combineG2:
      combineOf<G2>(engine, args);
      break;
    case Operation::readFile: {
      const int descriptor = static_cast<int>(args.count());
      const size_t position = args.count();
      auto* const target = args.address<uint8_t>();
      readFile(engine, descriptor, position, target, args.count());
      break;
    }
    case Operation::checkCoefficients: {
      const auto* const records = args.address<uint8_t>();
      const size_t count = args.count();
      const size_t wires = args.count();
      checkCoefficients(engine, records, count, wires, args.log());
      break;
    }
    case Operation::multiScalarG1G2:
      return multiScalarBothOf(engine, args);
    case Operation::count:
      break;
  }
  return {};
}

}  // namespace

Arity arityOf(Operation operation) {
  switch (operation) {
    case Operation::powers:
      return {2, 2 * sizeof(Element)};
    case Operation::multiply:
    case Operation::quotient:
    case Operation::readFile:
    case Operation::checkCoefficients:
    case Operation::multiScalarG1G2:
      return {4, 0};
    case Operation::applyRows:
      return {8, 0};
    case Operation::multiScalarG1:
    case Operation::multiScalarG2:
    case Operation::addG1:
      return {3, 0};
    case Operation::fixedBaseG1:
      return {3, sizeof(G1::Point)};
    case Operation::fixedBaseG2:
      return {3, sizeof(G2::Point)};
    case Operation::scaleG1:
    case Operation::scaleG2:
      return {2, sizeof(Element)};
    case Operation::combineG1:
    case Operation::combineG2:
      return {6, 0};
    default:
      return {2, 0};
  }
}

Response perform(Engine& engine, const Request& request) {
  try {
    if (engine.team.isCancelled()) return {Status::cancelled, 0, {}};
    return dispatch(engine, request);
  } catch (const Failure& failure) {
    return {failure.status, failure.detail, {}};
  } catch (const std::bad_alloc&) {
    return {Status::outOfMemory, 0, {}};
  } catch (...) {
    return {Status::workerDied, 0, {}};
  }
}

}  // namespace zkf
