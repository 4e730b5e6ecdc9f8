/**
 * Poseidon over BN254's scalar field as circomlib has it: x^5, 8 full rounds, capacity 0 first, first word out.
 *
 * Paper: Grassi, Khovratovich, Rechberger, Roy, Schofnegger, USENIX Security 2021 (eprint 2019/458). Constants come from
 * the paper's Grain generator (appendix F) and are derived on first use (about 10 ms an arity).
 */
import { invertScalar } from './arithmetic.js';
import { FIELD_MODULUS } from './curve.js';

/** Partial rounds for the two arities that set commitments use; the paper's security argument for t = 5 and t = 7. */
const PARTIAL_ROUNDS = { 4: 60, 6: 63 } as const;
/** Half of them before the partial rounds, half after. */
const FULL_ROUNDS = 8;
const FIELD_BITS = 254;
const GRAIN_BITS = 80;

/** Arities a set commitment uses. */
export type CommitmentArity = keyof typeof PARTIAL_ROUNDS;

type Constants = {
  /** One vector for each round. */
  readonly rounds: readonly (readonly bigint[])[];
  /** The Cauchy matrix 1 / (x_i + y_j). */
  readonly matrix: readonly (readonly bigint[])[];
};

const derived = new Map<CommitmentArity, Constants>();

/** Integers of {@link FIELD_BITS} bits from the Grain LFSR: of each pair of raw bits the second counts if the first is 1. */
function grainIntegers(width: number, partialRounds: number): () => bigint {
  const seed = [
    [1, 2],
    [0, 4],
    [FIELD_BITS, 12],
    [width, 12],
    [FULL_ROUNDS, 10],
    [partialRounds, 10],
    [2 ** 30 - 1, 30],
  ] as const;
  const state = [...seed.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('')].map(Number);
  let at = 0;
  const raw = (): number => {
    let bit = 0;
    for (const tap of [0, 13, 23, 38, 51, 62]) bit ^= state[(at + tap) % GRAIN_BITS]!;
    state[at] = bit;
    at = (at + 1) % GRAIN_BITS;
    return bit;
  };
  for (let i = 0; i < 2 * GRAIN_BITS; i++) raw();
  return () => {
    let digits = '0b';
    while (digits.length < FIELD_BITS + 2) {
      const selected = raw();
      const bit = raw();
      if (selected) digits += bit;
    }
    return BigInt(digits);
  };
}

function constants(arity: CommitmentArity): Constants {
  const known = derived.get(arity);
  if (known !== undefined) return known;
  const partialRounds = PARTIAL_ROUNDS[arity];
  const width = arity + 1;
  const integer = grainIntegers(width, partialRounds);
  const element = (): bigint => {
    for (;;) {
      const value = integer();
      if (value < FIELD_MODULUS) return value;
    }
  };
  const vector = (next: () => bigint): bigint[] => Array.from({ length: width }, next);
  const rounds = Array.from({ length: FULL_ROUNDS + partialRounds }, () => vector(element));
  const [xs, ys] = [vector(integer), vector(integer)];
  const made = { rounds, matrix: xs.map((x) => ys.map((y) => invertScalar((x + y) % FIELD_MODULUS))) };
  derived.set(arity, made);
  return made;
}

/** Requires: each input in [0, r). */
function poseidon(...inputs: bigint[]): bigint {
  const { rounds, matrix } = constants(inputs.length as CommitmentArity);
  const half = FULL_ROUNDS / 2;
  let state = [0n, ...inputs];
  rounds.forEach((added, round) => {
    const mixed = state.map((element, i) => {
      const sum = (element + added[i]!) % FIELD_MODULUS;
      if (i > 0 && round >= half && round < rounds.length - half) return sum;
      const fourth = (sum * sum) ** 2n % FIELD_MODULUS;
      return (fourth * sum) % FIELD_MODULUS;
    });
    state = matrix.map((row) => row.reduce((sum, entry, i) => sum + entry * mixed[i]!, 0n) % FIELD_MODULUS);
  });
  return state[0]!;
}

/** Hash of four field elements. Requires: each in [0, r). */
export const poseidon4: (a: bigint, b: bigint, c: bigint, d: bigint) => bigint = poseidon;

/** Hash of six field elements. Requires: each in [0, r). */
export const poseidon6: (a: bigint, b: bigint, c: bigint, d: bigint, e: bigint, f: bigint) => bigint =
  poseidon;
