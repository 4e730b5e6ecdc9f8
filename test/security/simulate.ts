/** Accepting proofs for any inputs, made in milliseconds from the secrets of a key: what its ceremony must destroy. */
import { bn254 } from '@noble/curves/bn254.js';
import { fromNobleG1, fromNobleG2 } from '../../src/groth16/points.js';
import { evaluateConstraints, type ReferenceKey, type SetupSecrets } from '../../src/groth16/reference.js';
import { Fr } from '../../src/math/field.js';
import type { G1, G2, Groth16Proof } from '../../src/statement/types.js';
import { realChallenge } from '../groth16/toy.js';

/** scalar·generator; the library keeps a table of multiples of the generator. */
export const g1 = (scalar: bigint): G1 =>
  fromNobleG1(Fr.mod(scalar) === 0n ? bn254.G1.Point.ZERO : bn254.G1.Point.BASE.multiply(Fr.mod(scalar)));
/** scalar·generator. */
export const g2 = (scalar: bigint): G2 => fromNobleG2(bn254.G2.Point.BASE.multiply(Fr.mod(scalar)));

/** Discrete logarithms of a proof's points. */
export type Logs = {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
  /** Two-round proofs only. */
  readonly d?: bigint;
};

/**
 * A simulator for a key.
 *
 * @param key - Made from `secrets`.
 * @returns For inputs and free choices a, b (and d, for two rounds) the logarithms with c = (a·b − α·β − γ·IC − δ₁·d)/δ₂.
 */
export function simulator(
  key: ReferenceKey,
  secrets: SetupSecrets,
): (inputs: readonly bigint[], free: { readonly a: bigint; readonly b: bigint; readonly d: bigint }) => Logs {
  const { alpha, beta, delta1, delta2, tau } = secrets;
  const { u, v, w } = evaluateConstraints(key.circuit, tau);
  // γ·IC: the division by γ in the key and the pairing with γ₂ cancel.
  const sums = u
    .slice(0, key.circuit.publicCount + 1)
    .map((value, i) => Fr.mod(beta * value + alpha * v[i]! + w[i]!));
  const twoRound = key.circuit.firstRound !== undefined;
  return (inputs, { a, b, d }) => {
    const all = twoRound ? [...inputs, realChallenge(key.verification, inputs, g1(d))] : inputs;
    const ic = all.reduce((sum, input, i) => Fr.mod(sum + input * sums[i + 1]!), sums[0]!);
    const first = twoRound ? delta1 * d : 0n;
    const c = Fr.mul(Fr.mod(a * b - alpha * beta - ic - first), Fr.inv(delta2));
    return { a, b, c, ...(twoRound ? { d } : {}) };
  };
}

/** The proof with these logarithms. */
export function proofOf({ a, b, c, d }: Logs): Groth16Proof {
  const points = { a: g1(a), b: g2(b), c: g1(c) };
  return d === undefined ? { system: 'groth16', ...points } : { system: 'ultragroth', ...points, d: g1(d) };
}
