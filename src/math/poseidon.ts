/**
 * Poseidon over BN254's scalar field in bigint arithmetic: the reference, and the generator of every constant.
 *
 * Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon", USENIX Security 2021, with S-box x⁵, 8 full rounds and
 * the numbers of partial rounds that circomlib uses. Round constants and the Cauchy matrix come from the paper's Grain
 * LFSR (appendix F). A round adds its constants, applies the S-box to all elements (full) or to element 0 (partial), and
 * multiplies by the matrix. The state starts as [0, ...inputs]; the hash is element 0 at the end.
 */
import { BN254_R, Fr } from './field.js';

/** Full rounds, half of them before the partial ones. */
export const POSEIDON_FULL_ROUNDS = 8;
/** Partial rounds for widths 2, 3, …: 128 bits of security with the paper's margin, as circomlib rounds them. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68];
const FIELD_BITS = 254;

type Vector = readonly bigint[];
type Matrix = readonly Vector[];

/** Constants of the plain permutation of one width. */
export type PoseidonConstants = {
  /** Elements of the state: arity + 1. */
  readonly width: number;
  readonly partialRounds: number;
  /** One vector for each round. */
  readonly roundConstants: Matrix;
  /** The MDS matrix; a round maps a state s to matrix · s. */
  readonly matrix: Matrix;
};

/** The same permutation with sparse partial rounds, see {@link sparsePoseidonConstants}. */
export type SparsePoseidonConstants = {
  readonly width: number;
  readonly partialRounds: number;
  readonly matrix: Matrix;
  /** Constants added before the S-boxes of the full rounds, four rounds before and four after the partial ones. */
  readonly fullConstants: Matrix;
  /** Matrix of the last full round before the partial ones. */
  readonly matrixBeforePartial: Matrix;
  /** Vector added once before the partial rounds. */
  readonly partialStart: Vector;
  /** Added to element 0 after the S-box of each partial round; 0 in the last. */
  readonly partialConstants: Vector;
  /** Matrix of each partial round: first row [corner, ...row], first column [corner, ...column], identity elsewhere. */
  readonly sparse: readonly { readonly row: Vector; readonly column: Vector }[];
};

/** Bits of the Grain LFSR after its self-shrinking filter: of each pair of raw bits the second counts if the first is 1. */
function grainBits(width: number, partialRounds: number): () => bigint {
  const binary = (value: number, bits: number): number[] =>
    Array.from({ length: bits }, (_, i) => (value >> (bits - 1 - i)) & 1);
  const state = [
    ...binary(1, 2),
    ...binary(0, 4),
    ...binary(FIELD_BITS, 12),
    ...binary(width, 12),
    ...binary(POSEIDON_FULL_ROUNDS, 10),
    ...binary(partialRounds, 10),
    ...Array<number>(30).fill(1),
  ];
  const raw = (): number => {
    const bit = [0, 13, 23, 38, 51, 62].reduce((sum, tap) => sum ^ (state[tap] as number), 0);
    state.shift();
    state.push(bit);
    return bit;
  };
  for (let i = 0; i < 160; i++) raw();
  return () => {
    for (;;) {
      const [select, bit] = [raw(), raw()];
      if (select === 1) return BigInt(bit);
    }
  };
}

/**
 * Generates the constants of one width.
 *
 * @param arity - Number of inputs, 1 to 16.
 * @returns Round constants and matrix, equal to circomlib's.
 */
export function poseidonConstants(arity: number): PoseidonConstants {
  const partialRounds = PARTIAL_ROUNDS[arity - 1];
  if (partialRounds === undefined) throw new RangeError(`arity: expected 1 to 16, got ${arity}`);
  const width = arity + 1;
  const bit = grainBits(width, partialRounds);
  const integer = (): bigint => {
    let value = 0n;
    for (let i = 0; i < FIELD_BITS; i++) value = (value << 1n) | bit();
    return value;
  };
  const below = (): bigint => {
    for (;;) {
      const value = integer();
      if (value < BN254_R) return value;
    }
  };
  const rounds = POSEIDON_FULL_ROUNDS + partialRounds;
  const roundConstants = Array.from({ length: rounds }, () => Array.from({ length: width }, below));
  const [xs, ys] = [0, 1].map(() => Array.from({ length: width }, () => Fr.mod(integer()))) as [
    bigint[],
    bigint[],
  ];
  const matrix = xs.map((x) => ys.map((y) => Fr.inv(Fr.add(x, y))));
  return { width, partialRounds, roundConstants, matrix };
}

/**
 * Rewrites a permutation so that a partial round costs 2·width − 1 products instead of width² (the paper's appendix B).
 *
 * Two facts: constants on elements 1… pass through the S-box of element 0, so they move backwards through the matrices; and
 * matrix = sparse · diag(1, M̂), whose second factor passes through the S-box too and joins the matrix before it.
 */
export function sparsePoseidonConstants(arity: number): SparsePoseidonConstants {
  const { width, partialRounds, roundConstants, matrix } = poseidonConstants(arity);
  const half = POSEIDON_FULL_ROUNDS / 2;
  const partial = roundConstants.slice(half, half + partialRounds);
  const inverse = invert(matrix);

  const partialConstants = Array<bigint>(partialRounds).fill(0n);
  let moved: Vector = Array<bigint>(width).fill(0n);
  for (let round = partialRounds - 1; round >= 0; round--) {
    const own = partial[round] as Vector;
    const sum = own.map((c, i) => Fr.add(c, moved[i] as bigint));
    if (round === 0) {
      moved = sum;
    } else {
      const before = apply(inverse, sum);
      partialConstants[round - 1] = before[0] as bigint;
      moved = before.map((c, i) => (i === 0 ? 0n : c));
    }
  }

  const sparse: { row: Vector; column: Vector }[] = [];
  let current: Matrix = matrix;
  let passed: Matrix = [];
  for (let round = partialRounds - 1; round >= 0; round--) {
    const block = current.slice(1).map((row) => row.slice(1));
    const blockInverse = invert(block);
    const top = current[0] as Vector;
    const row = transpose(blockInverse).map((column) => dot(top.slice(1), column));
    sparse.unshift({ row: [top[0] as bigint, ...row], column: current.map((r) => r[0] as bigint) });
    passed = [[1n, ...Array<bigint>(width - 1).fill(0n)], ...block.map((r) => [0n, ...r])];
    current = multiply(passed, matrix);
  }
  return {
    width,
    partialRounds,
    matrix,
    fullConstants: [...roundConstants.slice(0, half), ...roundConstants.slice(half + partialRounds)],
    matrixBeforePartial: current,
    partialStart: apply(passed, moved),
    partialConstants,
    sparse,
  };
}

const cache = new Map<number, PoseidonConstants>();

/**
 * The Poseidon hash.
 *
 * @param inputs - 1 to 16 canonical field elements.
 * @returns A field element, the one that circomlib's Poseidon gives.
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  const arity = inputs.length;
  const constants = cache.get(arity) ?? poseidonConstants(arity);
  cache.set(arity, constants);
  const { partialRounds, roundConstants, matrix } = constants;
  const half = POSEIDON_FULL_ROUNDS / 2;
  let state: Vector = [0n, ...inputs];
  roundConstants.forEach((added, round) => {
    const full = round < half || round >= half + partialRounds;
    const mixed = state
      .map((s, i) => Fr.add(s, added[i] as bigint))
      .map((s, i) => (full || i === 0 ? Fr.pow(s, 5n) : s));
    state = apply(matrix, mixed);
  });
  return state[0] as bigint;
}

function dot(a: Vector, b: Vector): bigint {
  return a.reduce((sum, value, i) => Fr.add(sum, Fr.mul(value, b[i] as bigint)), 0n);
}

function apply(matrix: Matrix, vector: Vector): bigint[] {
  return matrix.map((row) => dot(row, vector));
}

function transpose(matrix: Matrix): bigint[][] {
  return matrix.map((_, i) => matrix.map((row) => row[i] as bigint));
}

function multiply(a: Matrix, b: Matrix): bigint[][] {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

/** Gauss–Jordan on a matrix that is known to be regular. */
function invert(matrix: Matrix): bigint[][] {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1n : 0n))]);
  for (let i = 0; i < size; i++) {
    const pivot = rows.findIndex((row, j) => j >= i && row[i] !== 0n);
    [rows[i], rows[pivot]] = [rows[pivot] as bigint[], rows[i] as bigint[]];
    const scale = Fr.inv(rows[i]?.[i] as bigint);
    rows[i] = (rows[i] as bigint[]).map((value) => Fr.mul(value, scale));
    for (let j = 0; j < size; j++) {
      const factor = rows[j]?.[i] as bigint;
      if (j !== i)
        rows[j] = (rows[j] as bigint[]).map((v, k) => Fr.sub(v, Fr.mul(factor, rows[i]?.[k] as bigint)));
    }
  }
  return rows.map((row) => row.slice(size));
}
