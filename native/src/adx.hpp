/**
 * Sums and products of one field element with the instructions that Intel's processors have since Broadwell (2014) and AMD's since Zen (2017):
 * MULX, which leaves the flags alone, and ADCX and ADOX, which carry in two flags, so that two chains of additions run through one another.
 *
 * The product is the interleaved one of prime-field.hpp. Written in assembler because compilers make one chain of carries of it, with the flag
 * moved to a register and back at each step.
 */
#pragma once
#include "isa.hpp"
#include "modulus.hpp"

namespace zkf::ZKF_ISA {

template <class M>
struct AdxField {
  static constexpr Element P = M::P;
  static constexpr uint64_t NEGATIVE_INVERSE = negativeInverse<M>();

/** %[low] to %[top] and rdx = t − p; t = that, unless it is negative. */
#define ZKF_REDUCE_ONCE                                  \
  "movq %[t0], %[low]\n\t subq %[p0], %[low]\n\t"        \
  "movq %[t1], %[high]\n\t sbbq %[p1], %[high]\n\t"      \
  "movq %[t2], %[top]\n\t sbbq %[p2], %[top]\n\t"        \
  "movq %[t3], %%rdx\n\t sbbq %[p3], %%rdx\n\t"          \
  "cmovncq %[low], %[t0]\n\t cmovncq %[high], %[t1]\n\t" \
  "cmovncq %[top], %[t2]\n\t cmovncq %%rdx, %[t3]\n\t"

/** t = (t + top·2^256 + m·p)/2^64, where m makes the lowest word 0. */
#define ZKF_REDUCE_WORD                                                               \
  "movq %[inverse], %%rdx\n\t imulq %[t0], %%rdx\n\t xorl %k[low], %k[low]\n\t"       \
  "mulxq %[p0], %[low], %[high]\n\t adcxq %[t0], %[low]\n\t movq %[high], %[t0]\n\t"  \
  "adcxq %[t1], %[t0]\n\t mulxq %[p1], %[low], %[t1]\n\t adoxq %[low], %[t0]\n\t"     \
  "adcxq %[t2], %[t1]\n\t mulxq %[p2], %[low], %[t2]\n\t adoxq %[low], %[t1]\n\t"     \
  "adcxq %[t3], %[t2]\n\t mulxq %[p3], %[low], %[t3]\n\t adoxq %[low], %[t2]\n\t"     \
  "movl $0, %k[low]\n\t adcxq %[low], %[t3]\n\t adoxq %[top], %[t3]\n\t"

/** top·2^256 + t += a·word. */
#define ZKF_ADD_PRODUCT(word)                                                        \
  "movq %[" word "], %%rdx\n\t xorl %k[low], %k[low]\n\t"                            \
  "mulxq %[a0], %[low], %[top]\n\t adoxq %[low], %[t0]\n\t adcxq %[top], %[t1]\n\t"  \
  "mulxq %[a1], %[low], %[top]\n\t adoxq %[low], %[t1]\n\t adcxq %[top], %[t2]\n\t"  \
  "mulxq %[a2], %[low], %[top]\n\t adoxq %[low], %[t2]\n\t adcxq %[top], %[t3]\n\t"  \
  "mulxq %[a3], %[low], %[top]\n\t adoxq %[low], %[t3]\n\t"                          \
  "movl $0, %k[low]\n\t adcxq %[low], %[top]\n\t adoxq %[low], %[top]\n\t"

#define ZKF_WORDS(name, element)                                                      \
  [name##0] "m"((element).word[0]), [name##1] "m"((element).word[1]),                 \
      [name##2] "m"((element).word[2]), [name##3] "m"((element).word[3])

  /** a·b/2^256, canonical. `a` must be canonical, `b` may be any 256-bit value. */
  static inline __attribute__((always_inline)) Element mul(const Element& a, const Element& b) {
    uint64_t t0, t1, t2, t3, low, high, top;
    asm("movq %[b0], %%rdx\n\t"
        "mulxq %[a0], %[t0], %[t1]\n\t"
        "mulxq %[a1], %[low], %[t2]\n\t addq %[low], %[t1]\n\t"
        "mulxq %[a2], %[low], %[t3]\n\t adcq %[low], %[t2]\n\t"
        "mulxq %[a3], %[low], %[top]\n\t adcq %[low], %[t3]\n\t adcq $0, %[top]\n\t"  //
        ZKF_REDUCE_WORD                                                                //
        ZKF_ADD_PRODUCT("b1") ZKF_REDUCE_WORD                                          //
        ZKF_ADD_PRODUCT("b2") ZKF_REDUCE_WORD                                          //
        ZKF_ADD_PRODUCT("b3") ZKF_REDUCE_WORD                                          //
        ZKF_REDUCE_ONCE
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [low] "=&r"(low),
          [high] "=&r"(high), [top] "=&r"(top)
        : ZKF_WORDS(a, a), ZKF_WORDS(b, b), ZKF_WORDS(p, P), [inverse] "m"(NEGATIVE_INVERSE)
        : "rdx", "cc");
    return Element{{t0, t1, t2, t3}};
  }

  static inline __attribute__((always_inline)) Element add(const Element& a, const Element& b) {
    uint64_t t0, t1, t2, t3, low, high, top;
    asm("movq %[a0], %[t0]\n\t addq %[b0], %[t0]\n\t"
        "movq %[a1], %[t1]\n\t adcq %[b1], %[t1]\n\t"
        "movq %[a2], %[t2]\n\t adcq %[b2], %[t2]\n\t"
        "movq %[a3], %[t3]\n\t adcq %[b3], %[t3]\n\t"  //
        ZKF_REDUCE_ONCE
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [low] "=&r"(low),
          [high] "=&r"(high), [top] "=&r"(top)
        : ZKF_WORDS(a, a), ZKF_WORDS(b, b), ZKF_WORDS(p, P)
        : "rdx", "cc");
    return Element{{t0, t1, t2, t3}};
  }

  static inline __attribute__((always_inline)) Element sub(const Element& a, const Element& b) {
    uint64_t t0, t1, t2, t3, u0, u1, u2, mask;
    asm("movq %[a0], %[t0]\n\t subq %[b0], %[t0]\n\t"
        "movq %[a1], %[t1]\n\t sbbq %[b1], %[t1]\n\t"
        "movq %[a2], %[t2]\n\t sbbq %[b2], %[t2]\n\t"
        "movq %[a3], %[t3]\n\t sbbq %[b3], %[t3]\n\t"
        // All ones where that is negative: then p comes back.
        "sbbq %[mask], %[mask]\n\t"
        "movq %[mask], %[u0]\n\t andq %[p0], %[u0]\n\t"
        "movq %[mask], %[u1]\n\t andq %[p1], %[u1]\n\t"
        "movq %[mask], %[u2]\n\t andq %[p2], %[u2]\n\t"
        "andq %[p3], %[mask]\n\t"
        "addq %[u0], %[t0]\n\t adcq %[u1], %[t1]\n\t adcq %[u2], %[t2]\n\t adcq %[mask], %[t3]\n\t"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [u0] "=&r"(u0), [u1] "=&r"(u1),
          [u2] "=&r"(u2), [mask] "=&r"(mask)
        : ZKF_WORDS(a, a), ZKF_WORDS(b, b), ZKF_WORDS(p, P)
        : "cc");
    return Element{{t0, t1, t2, t3}};
  }

#undef ZKF_REDUCE_ONCE
#undef ZKF_REDUCE_WORD
#undef ZKF_ADD_PRODUCT
#undef ZKF_WORDS
};

}  // namespace zkf::ZKF_ISA
