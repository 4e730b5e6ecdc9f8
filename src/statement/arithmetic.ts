/**
 * All arithmetic of BN254's groups and pairing that a verifier needs, on @noble/curves. Everything else, readers and checks included, is written
 * once and knows the curve by these functions only: the bundle of `zkfinality/verify/wasm` has `src/verify/wasm/arithmetic.ts` in the place of this
 * module, with the same exports and types.
 */
import { interleavedMSMUnsafe } from '@noble/curves/abstract/curve.js';
import { bn254 } from '@noble/curves/bn254.js';
import { toG1, toG2 } from './noble-points.js';
import type { G1, G2, VerificationKey } from './types.js';

/** What all equations of a verification key share, computed once, by the arithmetic at hand. */
export type KeyArithmetic = {
  /** IC_0 + Σ input_i·IC_{i+1}; undefined for infinity. Requires: as many scalars in [0, r) as the key has inputs. */
  readonly sumInputs: (inputs: readonly bigint[]) => G1 | undefined;
  /**
   * Whether e(p_0, b) · e(−α, β) · e(p_1, γ) · e(p_2, δ₂) · e(p_3, δ₁) = 1, where undefined stands for infinity; δ₂ is the only δ of plain keys,
   * which give no p_3. Requires: points of the groups, none infinity.
   */
  readonly isOne: (b: G2, points: readonly [G1, G1 | undefined, G1, G1 | undefined]) => boolean;
};

/** Inverse modulo r of an integer in [1, r). */
export function invertScalar(scalar: bigint): bigint {
  return bn254.fields.Fr.inv(scalar);
}

/** Whether a point of the twist is in the subgroup of order r. Requires: canonical, on the twist, not infinity. */
export function isInG2(point: G2): boolean {
  return toG2(point).isTorsionFree();
}

/** scalar·generator of G2, the scalar in [1, r). Cost: about 6 ms. */
export function g2Multiple(scalar: bigint): G2 {
  // A fresh point: the library's BASE would first build a table of multiples, 70 ms that one product never earns back.
  const generator = bn254.G2.Point.fromAffine(bn254.G2.Point.BASE.toAffine());
  const { x, y } = generator.multiplyUnsafe(scalar).toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
}

/** e(p, q), nested as `vk_alphabeta_12` is: halves, thirds, pairs. Requires: points of the groups, none infinity. */
export function pairing(p: G1, q: G2): readonly (readonly (readonly bigint[])[])[] {
  const { c0, c1 } = bn254.pairing(toG1(p), toG2(q));
  return [c0, c1].map((half) => [half.c0, half.c1, half.c2].map((pair) => [pair.c0, pair.c1]));
}

/** Window of the input sum: tables of 2^3 multiples a point. */
const INPUT_WINDOW_BITS = 5;

/** Computes what equations of a key share. Requires: `assertSoundKey` found nothing. */
export function prepareArithmetic({
  alpha1,
  beta2,
  gamma2,
  delta1,
  delta2,
  ic,
}: VerificationKey): KeyArithmetic {
  const { Fp, Fp12 } = bn254.fields;
  const lines = (point: G2) => bn254.utils.calcPairingPrecomputes(toG2(point));
  const alphaBeta = bn254.millerLoopBatch([[lines(beta2), alpha1.x, Fp.neg(alpha1.y)]]);
  const fixed = [gamma2, delta2, delta1].map((point) => point && lines(point));
  const [constant, ...points] = ic.map(toG1);
  const sum = interleavedMSMUnsafe(bn254.G1.Point, points, INPUT_WINDOW_BITS);
  return {
    sumInputs: (inputs) => {
      const total = constant!.add(sum([...inputs]));
      return total.is0() ? undefined : total.toAffine();
    },
    isOne: (b, points) => {
      const all = [lines(b), ...fixed];
      const pairs = points.flatMap((point, i): [ReturnType<typeof lines>, bigint, bigint][] =>
        point ? [[all[i]!, point.x, point.y]] : [],
      );
      const product = Fp12.mul(bn254.millerLoopBatch(pairs), alphaBeta);
      return Fp12.eql(Fp12.finalExponentiate(product), Fp12.ONE);
    },
  };
}
