/**
 * Modular inverses by division steps (Bernstein, Yang, "Fast constant-time gcd computation and modular inversion",
 * 2019), in variable time: inputs are public points or already blinded products.
 *
 * State: f odd, g, with f·x ≡ d·…: throughout d·x ≡ f and e·x ≡ g modulo p (up to the power of two that each round divides
 * out on both sides). A round takes 62 steps on the low words alone, collects them in a matrix (u v; q r) with
 * entries up to 2^62, and applies it to (f, g) exactly and to (d, e) modulo p. At g = 0, f = ±gcd = ±1 and d = ±x^-1.
 *
 * Numbers are five signed limbs of 62 bits; the lowest four are in [0, 2^62), the top carries the sign.
 */
#pragma once
#include "isa.hpp"
#include "prime-field.hpp"

namespace zkf::ZKF_ISA {

__extension__ typedef __int128 SignedWide;

struct Signed62 {
  int64_t limb[5];
};

constexpr int STEP_BITS = 62;
constexpr int64_t STEP_MASK = static_cast<int64_t>((uint64_t{1} << STEP_BITS) - 1);

constexpr Signed62 toSigned62(const Element& a) {
  const uint64_t* w = a.word;
  const uint64_t mask = static_cast<uint64_t>(STEP_MASK);
  return {{static_cast<int64_t>(w[0] & mask), static_cast<int64_t>((w[0] >> 62 | w[1] << 2) & mask),
           static_cast<int64_t>((w[1] >> 60 | w[2] << 4) & mask),
           static_cast<int64_t>((w[2] >> 58 | w[3] << 6) & mask), static_cast<int64_t>(w[3] >> 56)}};
}

constexpr Element fromSigned62(const Signed62& a) {
  const auto at = [&](int i) { return static_cast<uint64_t>(a.limb[i]); };
  return {{at(0) | at(1) << 62, at(1) >> 2 | at(2) << 60, at(2) >> 4 | at(3) << 58, at(3) >> 6 | at(4) << 56}};
}

struct StepMatrix {
  int64_t u, v, q, r;
};

/** 62 division steps on the low words; `delta` counts as in the paper. */
inline int64_t divisionSteps(int64_t delta, uint64_t f, uint64_t g, StepMatrix& matrix) {
  uint64_t u = 1, v = 0, q = 0, r = 1;
  int left = STEP_BITS;
  for (;;) {
    const int zeros = __builtin_ctzll(g | (uint64_t{1} << left));
    g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    delta += zeros;
    left -= zeros;
    if (left == 0) break;
    if (delta > 0) {
      delta = -delta;
      const uint64_t oldF = f, oldU = u, oldV = v;
      f = g;
      u = q;
      v = r;
      g = 0 - oldF;
      q = 0 - oldU;
      r = 0 - oldV;
    }
    // Both are odd: as many low bits of g as the counter allows are cleared at once by a multiple of f.
    const int64_t allowed = 1 - delta;
    const int bits = static_cast<int>(allowed < left ? allowed : left);
    const uint64_t mask = (bits >= 4) ? 15 : (uint64_t{1} << bits) - 1;
    // f + 8·[f ≡ 3, 5 mod 8] inverts f modulo 16.
    const uint64_t inverse = f + (((f + 1) & 4) << 1);
    const uint64_t factor = (0 - g * inverse) & mask;
    g += f * factor;
    q += u * factor;
    r += v * factor;
  }
  matrix = {static_cast<int64_t>(u), static_cast<int64_t>(v), static_cast<int64_t>(q), static_cast<int64_t>(r)};
  return delta;
}

/** (f, g) ← (u·f + v·g, q·f + r·g) / 2^62, exact. */
inline void applyExact(Signed62& f, Signed62& g, const StepMatrix& t) {
  SignedWide cf = 0, cg = 0;
  for (int i = 0; i < 5; i++) {
    const int64_t fi = f.limb[i], gi = g.limb[i];
    cf += static_cast<SignedWide>(t.u) * fi + static_cast<SignedWide>(t.v) * gi;
    cg += static_cast<SignedWide>(t.q) * fi + static_cast<SignedWide>(t.r) * gi;
    if (i > 0) {
      f.limb[i - 1] = static_cast<int64_t>(cf) & STEP_MASK;
      g.limb[i - 1] = static_cast<int64_t>(cg) & STEP_MASK;
    }
    cf >>= STEP_BITS;
    cg >>= STEP_BITS;
  }
  f.limb[4] = static_cast<int64_t>(cf);
  g.limb[4] = static_cast<int64_t>(cg);
}

/**
 * (d, e) ← (u·d + v·e, q·d + r·e) / 2^62 modulo p, where both stay in (−2p, p): a multiple of p is added that makes
 * the low 62 bits zero, starting from +p for each negative operand.
 */
inline void applyModular(Signed62& d, Signed62& e, const StepMatrix& t, const Signed62& p, uint64_t inverse62) {
  const int64_t dSign = d.limb[4] >> 63, eSign = e.limb[4] >> 63;
  int64_t md = (t.u & dSign) + (t.v & eSign);
  int64_t me = (t.q & dSign) + (t.r & eSign);
  SignedWide cd = static_cast<SignedWide>(t.u) * d.limb[0] + static_cast<SignedWide>(t.v) * e.limb[0];
  SignedWide ce = static_cast<SignedWide>(t.q) * d.limb[0] + static_cast<SignedWide>(t.r) * e.limb[0];
  const auto correction = [&](SignedWide low, int64_t m) {
    const uint64_t wrong = inverse62 * static_cast<uint64_t>(low) + static_cast<uint64_t>(m);
    return m - static_cast<int64_t>(wrong & static_cast<uint64_t>(STEP_MASK));
  };
  md = correction(cd, md);
  me = correction(ce, me);
  cd = (cd + static_cast<SignedWide>(p.limb[0]) * md) >> STEP_BITS;
  ce = (ce + static_cast<SignedWide>(p.limb[0]) * me) >> STEP_BITS;
  for (int i = 1; i < 5; i++) {
    const int64_t di = d.limb[i], ei = e.limb[i];
    cd += static_cast<SignedWide>(t.u) * di + static_cast<SignedWide>(t.v) * ei + static_cast<SignedWide>(p.limb[i]) * md;
    ce += static_cast<SignedWide>(t.q) * di + static_cast<SignedWide>(t.r) * ei + static_cast<SignedWide>(p.limb[i]) * me;
    d.limb[i - 1] = static_cast<int64_t>(cd) & STEP_MASK;
    e.limb[i - 1] = static_cast<int64_t>(ce) & STEP_MASK;
    cd >>= STEP_BITS;
    ce >>= STEP_BITS;
  }
  d.limb[4] = static_cast<int64_t>(cd);
  e.limb[4] = static_cast<int64_t>(ce);
}

/** ±a, then + p if negative, limbs carried. */
inline Signed62 signedTimes(const Signed62& a, int64_t sign) {
  Signed62 out;
  int64_t carry = 0;
  for (int i = 0; i < 5; i++) {
    carry += sign * a.limb[i];
    out.limb[i] = i < 4 ? carry & STEP_MASK : carry;
    carry >>= STEP_BITS;
  }
  return out;
}

inline Signed62 addWhereNegative(const Signed62& a, const Signed62& p) {
  Signed62 out;
  const int64_t mask = a.limb[4] >> 63;
  int64_t carry = 0;
  for (int i = 0; i < 5; i++) {
    carry += a.limb[i] + (p.limb[i] & mask);
    out.limb[i] = i < 4 ? carry & STEP_MASK : carry;
    carry >>= STEP_BITS;
  }
  return out;
}

/** The inverse of a plain value in (0, p); 0 gives 0. */
template <class M>
Element invertPlain(const Element& x) {
  constexpr Signed62 p = toSigned62(M::P);
  constexpr uint64_t inverse62 = 0 - negativeInverse<M>();
  Signed62 f = p, g = toSigned62(x), d{}, e{{1, 0, 0, 0, 0}};
  int64_t delta = 1;
  while ((g.limb[0] | g.limb[1] | g.limb[2] | g.limb[3] | g.limb[4]) != 0) {
    StepMatrix matrix;
    const auto low = [](const Signed62& a) {
      return static_cast<uint64_t>(a.limb[0]) | static_cast<uint64_t>(a.limb[1]) << STEP_BITS;
    };
    delta = divisionSteps(delta, low(f), low(g), matrix);
    applyModular(d, e, matrix, p, inverse62);
    applyExact(f, g, matrix);
  }
  if (PrimeField<M>::isZero(x)) return x;
  const int64_t sign = f.limb[4] < 0 ? -1 : 1;
  // d is in (−2p, p): two additions at most before and after the sign.
  const Signed62 positive = addWhereNegative(d, p);
  const Signed62 result = addWhereNegative(signedTimes(addWhereNegative(positive, p), sign), p);
  return fromSigned62(result);
}

/** Montgomery form to Montgomery form. */
template <class M>
Element invertMontgomery(const Element& a) {
  using F = PrimeField<M>;
  // a = x·R; plain inverse x^-1·R^-1, times R^3/R.
  constexpr Element R_CUBED = powerOfTwo<M>(768);
  return F::mul(invertPlain<M>(a), R_CUBED);
}

}  // namespace zkf::ZKF_ISA
