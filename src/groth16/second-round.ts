/**
 * The second round without a second run of the witness program.
 *
 * Every second-round wire is determined by x, the public inputs and the first round through a row with one unknown
 * (`partition-check.ts` proves it when the key is made). The order in which rows can be solved does not depend on values:
 * it is found once from the constraint system. A row gives its wire w, which stands in C or in one factor with coefficient k,
 *
 *     A·B = C' + k·w     w = (A/k)·B − C'/k
 *     (A' + k·w)·B = C   w = (C/k)/B − A'/k
 *
 * Divisions are collected: those whose denominators are known without each other share one inversion. A running sum waits
 * only for its neighbour, not for an inversion of its own, since its denominators hold no sums. Rows that are left when every wire is
 * known, balances above all, are checked: together with the first run's assertions every row of the circuit has been checked.
 */
import { createRowSolver, createSolverList, type SolverBatch, SolverRow } from '../engine/row-solver.js';
import { ELEMENT_BYTES, elementBytes, writeElement } from '../formats/bytes.js';
import {
  COEFFICIENT_MINUS_ONE,
  COEFFICIENT_ONE,
  coefficient,
  type R1cs,
  type SparseRows,
} from '../formats/r1cs.js';
import { Fr } from '../math/field.js';
import { UsageError } from '../statement/errors.js';
import type { Partition } from './partition.js';

/** Computes the second-round wires of a circuit. */
export type SecondRound = {
  /**
   * @param witness - All wires of a run with any challenge, canonical.
   * @param x - The challenge, below r.
   * @returns The witness for x: what the program gives when it runs with x.
   * @throws {UsageError} `WITNESS_UNSATISFIED` naming a row that does not hold.
   */
  readonly solve: (witness: Uint8Array, x: bigint) => Uint8Array;
};

/**
 * Finds the order in which the second-round wires can be computed.
 *
 * Cost: linear in the terms of the system, about 0.3 s for a million rows. Holds about 12 bytes for each term of a row with x or a
 * second-round wire, and one witness.
 *
 * @returns Undefined where a wire is not determined by rows with one unknown; then the witness program must run again.
 */
export function createSecondRound(r1cs: R1cs, partition: Partition): SecondRound | undefined {
  const schedule = findOrder(r1cs, partition);
  if (schedule === undefined || schedule.lastBatch > MAX_BATCHES) return undefined;
  const coefficients = createScaledCoefficients(r1cs);
  const batches = Array.from({ length: schedule.lastBatch + 1 }, (_, batch) =>
    writeBatch(r1cs, schedule, coefficients, batch),
  );
  const solver = createRowSolver({ wires: r1cs.wires, coefficients: coefficients.finish(), batches });
  const challengeAt = partition.publicCount * ELEMENT_BYTES;
  return {
    solve(witness, x) {
      const values = witness.slice();
      writeElement(values, challengeAt, x);
      const result = solver.solve(values);
      if (result.ok) return result.values;
      throw new UsageError(
        'WITNESS_UNSATISFIED',
        `witness: row ${result.row} of ${r1cs.constraints} does not hold with the challenge ${x}. Check that witness program and key are of the same circuit.`,
      );
    },
  };
}

const NONE = 0xffffffff;
/** Inversions one after the other; circuits that a key can be made for have one. */
const MAX_BATCHES = 64;

/** Which row gives which wire, and when. */
type Schedule = {
  /** Rows in an order in which each can be solved; then those that only check. */
  readonly rows: readonly number[];
  /** Wire that a row gives, or NONE for a check. */
  readonly targets: Uint32Array;
  /** Batch of each row in `rows`, by row number. */
  readonly batches: Uint32Array;
  readonly lastBatch: number;
};

function findOrder(r1cs: R1cs, { second, publicCount: challenge }: Partition): Schedule | undefined {
  const matrices = [r1cs.a, r1cs.b, r1cs.c];
  const isUnknown = new Uint8Array(r1cs.wires);
  for (const wire of second) isUnknown[wire] = 1;
  const unknowns = new Uint32Array(r1cs.constraints);
  const isTouched = new Uint8Array(r1cs.constraints);
  const starts = new Uint32Array(r1cs.wires + 1);
  for (const matrix of matrices) {
    forEachTerm(matrix, (row, wire) => {
      if (isUnknown[wire] === 1) {
        unknowns[row]!++;
        starts[wire + 1]!++;
        isTouched[row] = 1;
      } else if (wire === challenge) isTouched[row] = 1;
    });
  }
  for (let wire = 0; wire < r1cs.wires; wire++) starts[wire + 1]! += starts[wire]!;
  const uses = new Uint32Array(starts[r1cs.wires]!);
  const next = starts.slice(0, r1cs.wires);
  for (const matrix of matrices) {
    forEachTerm(matrix, (row, wire) => {
      if (isUnknown[wire] === 1) uses[next[wire]!++] = row;
    });
  }

  const rows: number[] = [];
  const targets = new Uint32Array(r1cs.constraints).fill(NONE);
  const batches = new Uint32Array(r1cs.constraints);
  const batchOf = new Uint32Array(r1cs.wires);
  let lastBatch = 0;
  const latest = (matrix: SparseRows, row: number): number => {
    let last = 0;
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++)
      last = Math.max(last, batchOf[matrix.wires[k]!]!);
    return last;
  };
  const ready: number[] = [];
  for (let row = 0; row < r1cs.constraints; row++) if (unknowns[row] === 1) ready.push(row);
  for (let i = 0; i < ready.length; i++) {
    const row = ready[i]!;
    if (unknowns[row] !== 1) continue;
    const { wire, matrix, value } = unknownOf(r1cs, row, isUnknown);
    if (coefficient(r1cs, value) === 0n) continue;
    const divisor = matrix === r1cs.a ? r1cs.b : r1cs.a;
    const waits = matrix === r1cs.c ? 0 : latest(divisor, row) + 1;
    const batch = Math.max(waits, ...matrices.map((other) => latest(other, row)));
    rows.push(row);
    targets[row] = wire;
    batches[row] = batch;
    batchOf[wire] = batch;
    lastBatch = Math.max(lastBatch, batch);
    isUnknown[wire] = 0;
    for (let k = starts[wire]!; k < starts[wire + 1]!; k++) {
      const user = uses[k]!;
      if (--unknowns[user]! === 1) ready.push(user);
    }
  }
  if (rows.length < second.length) return undefined;
  for (let row = 0; row < r1cs.constraints; row++) {
    if (isTouched[row] === 0 || targets[row] !== NONE) continue;
    rows.push(row);
    batches[row] = lastBatch;
  }
  return { rows, targets, batches, lastBatch };
}

function forEachTerm(matrix: SparseRows, visit: (row: number, wire: number) => void): void {
  for (let row = 0; row + 1 < matrix.starts.length; row++)
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) visit(row, matrix.wires[k]!);
}

/** The one unknown term of a row. */
function unknownOf(
  r1cs: R1cs,
  row: number,
  isUnknown: Uint8Array,
): { readonly wire: number; readonly matrix: SparseRows; readonly value: number } {
  for (const matrix of [r1cs.a, r1cs.b, r1cs.c]) {
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) {
      const wire = matrix.wires[k]!;
      if (isUnknown[wire] === 1) return { wire, matrix, value: matrix.values[k]! };
    }
  }
  throw new RangeError(`row ${row}: no unknown`);
}

/** Numbers of coefficients divided by others. */
type ScaledCoefficients = {
  /** The term word of coefficient `value` divided by coefficient `divisor`. */
  readonly word: (value: number, divisor: number) => number;
  readonly finish: () => Uint8Array;
};

function createScaledCoefficients(r1cs: R1cs): ScaledCoefficients {
  const count = r1cs.coefficients.length / ELEMENT_BYTES;
  const added: bigint[] = [];
  const known = new Map<number, Uint32Array>();
  const wordOf = (number: number): number => (number <= COEFFICIENT_MINUS_ONE ? number : 32 * number);
  const minusOne = Fr.neg(1n);
  const scaled = (value: number, divisor: number): number => {
    const quotient = Fr.mul(coefficient(r1cs, value), Fr.inv(coefficient(r1cs, divisor)));
    if (quotient === 1n) return COEFFICIENT_ONE;
    if (quotient === minusOne) return COEFFICIENT_MINUS_ONE;
    added.push(quotient);
    return wordOf(count + added.length - 1);
  };
  return {
    word(value, divisor) {
      if (divisor === COEFFICIENT_ONE) return wordOf(value);
      let words = known.get(divisor);
      if (words === undefined) {
        words = new Uint32Array(count).fill(NONE);
        known.set(divisor, words);
      }
      if (words[value] === NONE) words[value] = scaled(value, divisor);
      return words[value]!;
    },
    finish() {
      const table = new Uint8Array((count + added.length) * ELEMENT_BYTES);
      table.set(r1cs.coefficients);
      for (const [i, value] of added.entries()) table.set(elementBytes(value), (count + i) * ELEMENT_BYTES);
      return table;
    },
  };
}

/** The lists of one batch, see {@link SolverBatch}. */
function writeBatch(
  r1cs: R1cs,
  { rows, targets, batches }: Schedule,
  coefficients: ScaledCoefficients,
  batch: number,
): SolverBatch {
  const [denominators, list] = [createSolverList(), createSolverList()];
  let denominatorCount = 0;
  type Into = { readonly push: (word: number) => void };
  const writeTerms = (into: Into, matrix: SparseRows, row: number, divisor: number, without = NONE): void => {
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) {
      const wire = matrix.wires[k]!;
      if (wire === without) continue;
      into.push(ELEMENT_BYTES * wire);
      into.push(coefficients.word(matrix.values[k]!, divisor));
    }
  };
  const length = (matrix: SparseRows, row: number): number => matrix.starts[row + 1]! - matrix.starts[row]!;
  const writeRow = (kind: number, target: number, lengths: readonly [number, number, number]): void => {
    for (const word of [kind, target, ...lengths]) list.push(word);
  };
  const { a, b, c } = r1cs;
  for (const row of rows) {
    if (batches[row] !== batch) continue;
    const wire = targets[row]!;
    if (wire === NONE) {
      writeRow(SolverRow.Check, row, [length(a, row), length(b, row), length(c, row)]);
      for (const matrix of [a, b, c]) writeTerms(list, matrix, row, COEFFICIENT_ONE);
      continue;
    }
    const place = placeOf(r1cs, row, wire);
    const target = ELEMENT_BYTES * wire;
    if (place.matrix === c) {
      writeRow(SolverRow.Product, target, [length(a, row), length(b, row), length(c, row) - 1]);
      writeTerms(list, a, row, place.value);
      writeTerms(list, b, row, COEFFICIENT_ONE);
      writeTerms(list, c, row, place.value, wire);
      continue;
    }
    const divisor = place.matrix === a ? b : a;
    denominatorCount++;
    denominators.push(row);
    denominators.push(length(divisor, row));
    writeTerms(denominators, divisor, row, COEFFICIENT_ONE);
    writeRow(SolverRow.Quotient, target, [length(place.matrix, row) - 1, 0, length(c, row)]);
    writeTerms(list, place.matrix, row, place.value, wire);
    writeTerms(list, c, row, place.value);
  }
  return { denominators: denominators.finish(), denominatorCount, rows: list.finish() };
}

/** Where a wire stands in a row that holds it once. */
function placeOf(
  r1cs: R1cs,
  row: number,
  wire: number,
): { readonly matrix: SparseRows; readonly value: number } {
  for (const matrix of [r1cs.a, r1cs.b, r1cs.c]) {
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++)
      if (matrix.wires[k] === wire) return { matrix, value: matrix.values[k]! };
  }
  throw new RangeError(`row ${row}: wire ${wire} does not stand in it`);
}
