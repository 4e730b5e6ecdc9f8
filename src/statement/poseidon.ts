/**
 * Poseidon over BN254's scalar field as circomlib has it: x^5, 8 full rounds, capacity 0 first, first word out.
 *
 * Paper: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, USENIX Security 2021 (eprint 2019/458). Constants come from
 * the paper's Grain generator and are derived on first use (about 10 ms an arity).
 */
import { grainGenConstants, type PoseidonFn, poseidon } from '@noble/curves/abstract/poseidon.js';
import { bn254_Fr } from '@noble/curves/bn254.js';

/** Partial rounds for the two arities that set commitments use; the paper's security argument for t = 5 and t = 7. */
const PARTIAL_ROUNDS = { 4: 60, 6: 63 } as const;
const FULL_ROUNDS = 8;

/** Arities a set commitment uses. */
export type CommitmentArity = keyof typeof PARTIAL_ROUNDS;

const permutations = new Map<CommitmentArity, PoseidonFn>();

function permutation(arity: CommitmentArity): PoseidonFn {
  const known = permutations.get(arity);
  if (known !== undefined) return known;
  const options = {
    Fp: bn254_Fr,
    t: arity + 1,
    roundsFull: FULL_ROUNDS,
    roundsPartial: PARTIAL_ROUNDS[arity],
  };
  const made = poseidon({ ...options, ...grainGenConstants(options), sboxPower: 5 });
  permutations.set(arity, made);
  return made;
}

/** Hash of four field elements. Requires: each in [0, r). */
export function poseidon4(a: bigint, b: bigint, c: bigint, d: bigint): bigint {
  return permutation(4)([0n, a, b, c, d])[0]!;
}

/** Hash of six field elements. Requires: each in [0, r). */
export function poseidon6(a: bigint, b: bigint, c: bigint, d: bigint, e: bigint, f: bigint): bigint {
  return permutation(6)([0n, a, b, c, d, e, f])[0]!;
}
