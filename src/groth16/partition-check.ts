/**
 * The proof that a circuit may be split as its names say: that a prover has no choice left in the second round.
 *
 * Read off the final constraint system: starting from x, the public inputs and F, every wire of S is determined by a row
 * of a known shape,
 *
 *     power     p·p' = q              monomials of x
 *     fold      P·f = q, or q = Σ     polynomials in x whose coefficients F fixed before x
 *     inverse   y·(z − e) = m         z a monomial (the pole), e a fold or an F expression, m an F expression;
 *               (y − s)·(z − e) = m   the same added to sums s that are determined already, as in a running sum
 *     sum       s = Σ y + f           inverses and sums, F expressions
 *
 * and every other row that touches x or S is a balance, Σ y + f = 0. (A table row is an inverse whose numerator m is a
 * multiplicity.) What remains random checks of the committed values: rational identities in x. For lookups of tuples
 * the pole must lie above every fold, deg z > deg e · (N + T − 1) over the N + T inverses that one balance ties
 * together, or a false tuple passes for every x (two-round-groth16.md, "Tuples"); that is checked too, and that each
 * inverse takes part in a balance, with one pole.
 *
 * Whether a circuit looks up what it should is not decided here; that is the circuit's own review.
 */
import type { R1cs, SparseRows } from '../formats/r1cs.js';
import { coefficient, publicCount } from '../formats/r1cs.js';
import type { Symbols } from '../formats/symbols.js';
import { Fr } from '../math/field.js';
import { FileError } from '../statement/errors.js';
import { type Partition, wireLabel } from './partition.js';
import { type Balances, createBalances } from './partition-balances.js';

/** What {@link checkPartition} counted. */
export type PartitionReport = {
  readonly powers: number;
  readonly folds: number;
  readonly inverses: number;
  readonly sums: number;
  readonly balances: number;
};

/** What is known of a wire. Free: constant, public inputs before x, and F. */
const Kind = {
  Free: 0,
  Unknown: 1,
  Power: 2,
  Fold: 3,
  /** An inverse or a sum of inverses. */
  Inverse: 4,
} as const;
type Kind = (typeof Kind)[keyof typeof Kind];

/** A linear combination, sorted by what its wires are. Terms with coefficient zero do not count. */
type Shape = {
  /** Non-zero coefficients by wire. */
  readonly terms: ReadonlyMap<number, bigint>;
  readonly constant: bigint;
  readonly unknown: readonly number[];
  /** Wires that are neither the constant nor S nor x. */
  readonly free: number;
  /** Power wires, x among them. */
  readonly powers: readonly number[];
  readonly folds: readonly number[];
  /** Inverses and sums of them. */
  readonly inverses: readonly number[];
};

/**
 * Checks that S leaves a prover no choice, see the top of this file.
 *
 * Cost: linear in the terms of the system; a few seconds for a million rows.
 *
 * @param r1cs - The constraint system that the key is made for, after all simplification.
 * @param partition - Its F and S.
 * @param symbols - For names in messages.
 * @returns How many wires of each shape there are.
 * @throws {FileError} `PARTITION_TOTAL` if F, S and the public wires are not a partition of all wires; `PARTITION_ROW` for a row that is
 *   of no known shape; `PARTITION_FREE_WIRE` for an S wire that no row determines; `PARTITION_POLE` for a pole that does
 *   not stand above the folds it separates; `PARTITION_UNBALANCED` for an inverse that no balance uses.
 */
export function checkPartition(r1cs: R1cs, partition: Partition, symbols?: Symbols): PartitionReport {
  assertTotal(r1cs, partition);
  const challenge = partition.publicCount;
  const kinds = new Uint8Array(r1cs.wires);
  const degrees = new Float64Array(r1cs.wires);
  for (const wire of partition.second) kinds[wire] = Kind.Unknown;
  kinds[challenge] = Kind.Power;
  degrees[challenge] = 1;

  const label = (wire: number): string => wireLabel(wire, symbols);
  const { rows, uses, unknownCount } = challengeRows(r1cs, kinds);
  const balances = createBalances(degrees, label);
  const shapeOf = shapeReader(r1cs, kinds);
  const report = { powers: 0, folds: 0, inverses: 0, sums: 0, balances: 0 };
  let resolved = 0;

  // Rows with at most one unknown. Linear rows with inverses wait until every other row is done: by then each inverse
  // is defined by its own product row, and what they define can only be a sum.
  const ready: number[] = rows.filter((row) => unknownCount.get(row)! <= 1);
  const waiting: number[] = [];
  const define = (wire: number, kind: Kind, degree = 0): void => {
    kinds[wire] = kind;
    degrees[wire] = degree;
    resolved++;
    for (const row of uses.get(wire)!) {
      const left = unknownCount.get(row)! - 1;
      unknownCount.set(row, left);
      if (left === 1) ready.push(row);
      // With none left, the row is either the one that just defined the wire or waits in the queue already.
    }
  };

  const visit = (row: number, mayWait: boolean): void => {
    const reject = (reason: string): FileError => rowError(r1cs, partition, row, reason, label);
    const context: RowContext = { degrees, define, reject, balances, report };
    const [a, b, c] = [shapeOf(r1cs.a, row), shapeOf(r1cs.b, row), shapeOf(r1cs.c, row)];
    if (!isConstant(a) && !isConstant(b)) {
      productRow(a, b, c, context);
      return;
    }
    const sum = isConstant(a) ? combine(b, a.constant, c, kinds) : combine(a, b.constant, c, kinds);
    if (mayWait && sum.inverses.length > 0) waiting.push(row);
    else linearRow(sum, context);
  };
  for (let next = 0, late = 0; next < ready.length || late < waiting.length; ) {
    if (next < ready.length) visit(ready[next++]!, true);
    else visit(waiting[late++]!, false);
  }
  if (resolved < partition.second.length) {
    const wire = partition.second.find((w) => kinds[w] === Kind.Unknown)!;
    const row = uses.get(wire)?.[0];
    const where = row === undefined ? 'it stands in no row' : describeRow(r1cs, partition, row, label);
    throw new FileError(
      'PARTITION_FREE_WIRE',
      `circuit: second-round wire ${label(wire)} is not determined by x, the public inputs and the first round: ${where}. ` +
        'A prover could choose it after seeing x. If it does not depend on x, name it otherwise than "ch" and an upper-case letter; ' +
        'otherwise compute it by a power, fold, inverse or sum row.',
    );
  }
  balances.finish();
  return report;
}

type RowContext = {
  readonly degrees: Float64Array;
  readonly define: (wire: number, kind: Kind, degree?: number) => void;
  readonly reject: (reason: string) => FileError;
  readonly balances: Balances;
  readonly report: { -readonly [K in keyof PartitionReport]: number };
};

/** Σ = 0: defines a sum or a fold, or is a balance. */
function linearRow(sum: Shape, { degrees, define, reject, balances, report }: RowContext): void {
  const polynomial = sum.powers.length + sum.folds.length > 0;
  const [target] = sum.unknown;
  if (polynomial && sum.inverses.length > 0) throw reject('it adds powers of x to inverses');
  if (target === undefined) {
    if (sum.inverses.length === 0)
      throw reject('it holds x or folds of x only: it is no balance of inverses');
    balances.balance(sum.inverses);
    report.balances++;
  } else if (sum.inverses.length > 0) {
    define(target, Kind.Inverse);
    balances.sum(target, sum.inverses);
    report.sums++;
  } else {
    if (!polynomial) throw reject('a second-round wire is computed without x');
    define(target, Kind.Fold, highest(sum, degrees));
    report.folds++;
  }
}

/** a·b = c with neither factor constant: defines a power, a fold or an inverse. */
function productRow(
  a: Shape,
  b: Shape,
  c: Shape,
  { degrees, define, reject, balances, report }: RowContext,
): void {
  if (c.inverses.length > 0) throw reject('an inverse stands on its right side');
  const inFactor = a.unknown.length > 0 ? a : b;
  const other = inFactor === a ? b : a;
  if (inFactor.unknown.length > 0) {
    if (other.unknown.length + c.unknown.length > 0) throw reject('an unknown stands on both sides of it');
    const running = inFactor.terms.size === 1 + inFactor.inverses.length && inFactor.constant === 0n;
    if (!running) throw reject('beside the inverse its factor holds more than sums of inverses');
    if (c.powers.length + c.folds.length > 0) throw reject('the numerator of the inverse depends on x');
    if (other.inverses.length > 0) throw reject('it inverts an inverse');
    const pole = other.powers.reduce(
      (top, wire) => (degrees[wire]! > degrees[top]! ? wire : top),
      other.powers[0] ?? -1,
    );
    if (pole < 0) throw reject('the inverse has no power of x as its pole');
    const below = highest(other, degrees, pole);
    if (degrees[pole]! <= below) throw reject('the pole is not above the fold it separates');
    const target = inFactor.unknown[0]!;
    define(target, Kind.Inverse);
    balances.add(target, pole, below);
    if (inFactor.inverses.length > 0) balances.sum(target, inFactor.inverses);
    report.inverses++;
    return;
  }
  if (a.inverses.length + b.inverses.length > 0) throw reject('an inverse is multiplied');
  const [target] = c.unknown;
  if (target === undefined) throw reject('it determines no second-round wire and is no balance');
  const mixed = (shape: Shape): boolean =>
    shape.folds.length > 0 || (shape.free > 0 && shape.powers.length > 0);
  const hasX = (shape: Shape): boolean => shape.folds.length + shape.powers.length > 0;
  const hasFirst = (shape: Shape): boolean => shape.folds.length > 0 || shape.free > 0;
  if ((mixed(a) && hasX(b) && hasFirst(b)) || (mixed(b) && hasX(a) && hasFirst(a))) {
    throw reject('it multiplies two folds');
  }
  const degree = Math.max(highest(a, degrees) + highest(b, degrees), highest(c, degrees));
  if (degree === 0) throw reject('a second-round wire is computed without x');
  if (isMonomial(a) && isMonomial(b) && c.terms.size === 1) {
    const scale = (shape: Shape): bigint => shape.terms.get(shape.powers[0]!)!;
    if (Fr.mul(scale(a), scale(b)) === c.terms.get(target)) {
      define(target, Kind.Power, degree);
      report.powers++;
      return;
    }
  }
  define(target, Kind.Fold, degree);
  report.folds++;
}

function assertTotal(r1cs: R1cs, partition: Partition): void {
  const seen = new Uint8Array(r1cs.wires);
  for (const list of [partition.first, partition.second]) {
    for (const wire of list) if (wire > partition.publicCount && wire < r1cs.wires) seen[wire]!++;
  }
  const bad = seen.findIndex((count, wire) => wire > partition.publicCount && count !== 1);
  const listed = partition.first.length + partition.second.length;
  const expected = r1cs.wires - publicCount(r1cs) - 1;
  if (bad >= 0 || listed !== expected || partition.publicCount !== publicCount(r1cs)) {
    throw new FileError(
      'PARTITION_TOTAL',
      `circuit: expected each of ${expected} private wires in exactly one round, got ${listed} entries` +
        `${bad < 0 ? '' : `, wire ${bad} in ${seen[bad]} rounds`}. Derive the partition from this circuit's symbols.`,
    );
  }
}

/** Rows that hold x or an S wire; for each S wire its rows, for each such row its number of distinct S wires. */
function challengeRows(
  r1cs: R1cs,
  kinds: Uint8Array,
): {
  readonly rows: number[];
  readonly uses: Map<number, number[]>;
  readonly unknownCount: Map<number, number>;
} {
  const rows: number[] = [];
  const uses = new Map<number, number[]>();
  const unknownCount = new Map<number, number>();
  for (let row = 0; row < r1cs.constraints; row++) {
    let touched = false;
    let unknowns = 0;
    for (const matrix of [r1cs.a, r1cs.b, r1cs.c]) {
      for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) {
        const wire = matrix.wires[k]!;
        if (kinds[wire] === Kind.Free) continue;
        touched = true;
        if (kinds[wire] !== Kind.Unknown) continue;
        const list = uses.get(wire) ?? [];
        if (list.at(-1) === row) continue;
        list.push(row);
        uses.set(wire, list);
        unknowns++;
      }
    }
    if (!touched) continue;
    rows.push(row);
    unknownCount.set(row, unknowns);
  }
  return { rows, uses, unknownCount };
}

type ReadShape = (matrix: SparseRows, row: number) => Shape;

/** Reads linear combinations; coefficients are decoded once each, since few are distinct. */
function shapeReader(r1cs: R1cs, kinds: Uint8Array): ReadShape {
  const decoded = new Map<number, bigint>();
  const decode = (number: number): bigint => {
    const known = decoded.get(number);
    if (known !== undefined) return known;
    const value = coefficient(r1cs, number);
    decoded.set(number, value);
    return value;
  };
  return ({ starts, wires, values }, row) => {
    const terms = new Map<number, bigint>();
    for (let k = starts[row]!; k < starts[row + 1]!; k++) addTerm(terms, wires[k]!, decode(values[k]!));
    return sortTerms(terms, kinds);
  };
}

/** The shape of factor·first − second. */
function combine(first: Shape, factor: bigint, second: Shape, kinds: Uint8Array): Shape {
  const terms = new Map<number, bigint>();
  for (const [wire, value] of first.terms) addTerm(terms, wire, Fr.mul(value, factor));
  for (const [wire, value] of second.terms) addTerm(terms, wire, Fr.neg(value));
  return sortTerms(terms, kinds);
}

function addTerm(terms: Map<number, bigint>, wire: number, value: bigint): void {
  const sum = Fr.add(terms.get(wire) ?? 0n, value);
  if (sum === 0n) terms.delete(wire);
  else terms.set(wire, sum);
}

function sortTerms(terms: ReadonlyMap<number, bigint>, kinds: Uint8Array): Shape {
  const byKind: { readonly [K in Kind]: number[] } = [[], [], [], [], []];
  for (const wire of terms.keys()) if (wire !== 0) byKind[kinds[wire] as Kind].push(wire);
  return {
    terms,
    constant: terms.get(0) ?? 0n,
    unknown: byKind[Kind.Unknown],
    free: byKind[Kind.Free].length,
    powers: byKind[Kind.Power],
    folds: byKind[Kind.Fold],
    inverses: byKind[Kind.Inverse],
  };
}

function isConstant(shape: Shape): boolean {
  return shape.terms.size === 0 || (shape.terms.size === 1 && shape.constant !== 0n);
}

function isMonomial(shape: Shape): boolean {
  return shape.terms.size === 1 && shape.powers.length === 1;
}

/** The highest degree in x of a combination's powers and folds, leaving out one wire. */
function highest(shape: Shape, degrees: Float64Array, except = -1): number {
  return [...shape.powers, ...shape.folds].reduce(
    (top, wire) => (wire === except ? top : Math.max(top, degrees[wire]!)),
    0,
  );
}

function rowError(
  r1cs: R1cs,
  partition: Partition,
  row: number,
  reason: string,
  label: (wire: number) => string,
): FileError {
  return new FileError(
    'PARTITION_ROW',
    `circuit: ${describeRow(r1cs, partition, row, label)} is of no known shape: ${reason}. ` +
      'Rows with x or second-round wires must be a power, fold, inverse, sum or balance.',
  );
}

const SHOWN_WIRES = 6;

function describeRow(r1cs: R1cs, partition: Partition, row: number, label: (wire: number) => string): string {
  const second = new Set(partition.second);
  const wires = new Set<number>();
  for (const matrix of [r1cs.a, r1cs.b, r1cs.c]) {
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) wires.add(matrix.wires[k]!);
  }
  const role = (wire: number): string =>
    wire <= partition.publicCount ? 'public' : second.has(wire) ? 'second round' : 'first round';
  const shown = [...wires].slice(0, SHOWN_WIRES).map((wire) => `${label(wire)} [${role(wire)}]`);
  const more = wires.size > SHOWN_WIRES ? `, and ${wires.size - SHOWN_WIRES} more` : '';
  return `row ${row} (${shown.join(', ')}${more})`;
}
