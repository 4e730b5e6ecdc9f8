/**
 * Constraint systems as circom writes them: `.r1cs`, version 1.
 *
 * Each constraint is (Σ a_i w_i)·(Σ b_i w_i) = Σ c_i w_i modulo r. In memory a matrix is three flat arrays (row starts,
 * wires, coefficient numbers) and coefficients stand once in a table, since nearly all of them are ±1: 8 bytes a term
 * instead of 36. A system of 2 million constraints and 20 million terms takes about 200 MB.
 *
 * Layout: section 1 header (64 bytes), section 2 constraints, section 3 label of each wire; see `docs/FORMATS.md`.
 */
import { randomBytes } from 'node:crypto';
import { BN254_R, Fr } from '../math/field.js';
import {
  ELEMENT_BYTES,
  elementBytes,
  isBelowR,
  readElement,
  readU32,
  readU64,
  writeElement,
  writeU32,
  writeU64,
} from './bytes.js';
import {
  type Container,
  type ContainerKind,
  createContainer,
  encodePrime,
  expectPrime,
  openContainer,
  PRIME_BYTES,
} from './container.js';

/** One of the matrices A, B, C by rows: the terms of row i are those from starts[i] up to starts[i + 1]. */
export type SparseRows = {
  /** constraints + 1 positions in `wires` and `values`. */
  readonly starts: Uint32Array;
  readonly wires: Uint32Array;
  /** Numbers into {@link R1cs.coefficients}. */
  readonly values: Uint32Array;
};

/** A constraint system. Wires: 0 is the constant one, then outputs, public inputs, private inputs, the rest. */
export type R1cs = {
  readonly wires: number;
  readonly publicOutputs: number;
  readonly publicInputs: number;
  readonly privateInputs: number;
  /** Labels (signals) before simplification. */
  readonly labels: number;
  readonly constraints: number;
  readonly a: SparseRows;
  readonly b: SparseRows;
  readonly c: SparseRows;
  /** Distinct coefficients, canonical, 32 bytes little endian each. Number 0 is 1, number 1 is −1. */
  readonly coefficients: Uint8Array;
  /** Label of each wire; names of labels are in the `.sym` file. */
  readonly wireToLabel: Uint32Array;
};

/** A term: coefficient canonical in [0, r). */
export type Term = { readonly wire: number; readonly value: bigint };

/** Number of public values, without the constant one. */
export function publicCount(r1cs: R1cs): number {
  return r1cs.publicOutputs + r1cs.publicInputs;
}

/** Number in the coefficient table that always means 1, and the one that always means −1. */
export const COEFFICIENT_ONE = 0;
export const COEFFICIENT_MINUS_ONE = 1;

const HEADER = 1;
const CONSTRAINTS = 2;
const WIRE_TO_LABEL = 3;
const HEADER_BYTES = PRIME_BYTES + 28;
const TERM_BYTES = 4 + ELEMENT_BYTES;
const WINDOW_BYTES = 1 << 22;
/** Far above what proves on any machine; keeps allocations of a damaged header bounded. */
const MAX_WIRES = 2 ** 28;

const KIND: ContainerKind = {
  magic: 'r1cs',
  versions: [1],
  sections: { 1: 'header', 2: 'constraints', 3: 'wire labels', 4: 'custom gates', 5: 'custom gate uses' },
  required: [HEADER, CONSTRAINTS, WIRE_TO_LABEL],
};

/**
 * Reads a constraint system, about a second for each 5 million terms.
 *
 * @param source - Path of an `.r1cs` file, or its content.
 * @param name - Name for messages when `source` is bytes.
 * @throws {FileError} with a code of `FORMAT_CODES` when the file is not a strictly well-formed system over BN254.
 */
export function readR1cs(source: string | Uint8Array, name?: string): R1cs {
  const container = openContainer(source, KIND, name);
  try {
    const header = readHeader(container);
    refuseCustomGates(container);
    const rows = readConstraints(container, header);
    return { ...header, ...rows, wireToLabel: readLabels(container, header) };
  } finally {
    container.close();
  }
}

type Header = Pick<
  R1cs,
  'wires' | 'publicOutputs' | 'publicInputs' | 'privateInputs' | 'labels' | 'constraints'
>;

/**
 * Reads the counts of a constraint system without its constraints.
 *
 * @throws {FileError} as {@link readR1cs}
 */
export function readR1csHeader(source: string | Uint8Array, name?: string): Header {
  const container = openContainer(source, KIND, name);
  try {
    return readHeader(container);
  } finally {
    container.close();
  }
}

function readHeader(container: Container): Header {
  const where = container.label(HEADER);
  container.expectSize(HEADER, HEADER_BYTES);
  const bytes = container.read(HEADER);
  expectPrime(container, where, bytes, 0, 'r');
  const at = (index: number): number => readU32(bytes, PRIME_BYTES + 4 * index);
  const header: Header = {
    wires: at(0),
    publicOutputs: at(1),
    publicInputs: at(2),
    privateInputs: at(3),
    labels: readU64(bytes, PRIME_BYTES + 16),
    constraints: at(6),
  };
  const { wires, constraints, labels } = header;
  if (wires > MAX_WIRES)
    throw container.problem('FILE_TOO_LARGE', `${where}, wires`, `at most ${MAX_WIRES}`, `${wires}`);
  if (labels >= 2 ** 32)
    throw container.problem('FILE_TOO_LARGE', `${where}, labels`, 'below 2^32', `${labels}`);
  const named = 1 + header.publicOutputs + header.publicInputs + header.privateInputs;
  if (named > wires) {
    throw container.problem(
      'COUNT_MISMATCH',
      `${where}, wires`,
      `at least ${named} (one, outputs and inputs)`,
      `${wires}`,
    );
  }
  const { sizeBytes } = container.section(CONSTRAINTS);
  if (sizeBytes < 12 * constraints) {
    const expected = `at least ${12 * constraints} bytes for ${constraints} constraints`;
    throw container.problem('SECTION_SIZE', container.label(CONSTRAINTS), expected, `${sizeBytes}`);
  }
  container.expectSize(WIRE_TO_LABEL, 8 * wires);
  return header;
}

/** circom may write the sections with a count of zero; with any other count the system is not plain R1CS. */
function refuseCustomGates(container: Container): void {
  for (const id of [4, 5]) {
    if (!container.has(id)) continue;
    const count = readU32(container.read(id, 0, 4), 0);
    const next = 'Remove `pragma custom_templates` from the circuit.';
    if (count !== 0) throw container.problem('CUSTOM_GATES', container.label(id), 'none', `${count}`, next);
  }
}

function readConstraints(container: Container, header: Header): Pick<R1cs, 'a' | 'b' | 'c' | 'coefficients'> {
  const where = container.label(CONSTRAINTS);
  const { sizeBytes } = container.section(CONSTRAINTS);
  const matrices = [
    growingRows(header.constraints),
    growingRows(header.constraints),
    growingRows(header.constraints),
  ];
  const table = createCoefficientTable();
  const window = new Uint8Array(Math.min(WINDOW_BYTES, sizeBytes));
  const view = new DataView(window.buffer);
  let windowStart = 0;
  let windowEnd = 0;
  let position = 0;
  /** Makes `count` bytes at `position` available and returns where in the window they stand. */
  const need = (count: number, row: number): number => {
    if (position + count > windowEnd) {
      if (position + count > sizeBytes) {
        const expected = `at least ${position + count} bytes to hold row ${row} of ${header.constraints}`;
        throw container.problem('SECTION_SIZE', where, expected, `${sizeBytes}`);
      }
      windowStart = position;
      const length = Math.min(window.length, sizeBytes - position);
      container.readInto(CONSTRAINTS, position, window.subarray(0, length));
      windowEnd = position + length;
    }
    return position - windowStart;
  };

  for (let row = 0; row < header.constraints; row++) {
    for (const matrix of matrices) {
      const terms = view.getUint32(need(4, row), true);
      position += 4;
      if (terms * TERM_BYTES > sizeBytes - position) {
        const expected = `at least ${position + terms * TERM_BYTES} bytes to hold row ${row} of ${header.constraints}`;
        throw container.problem('SECTION_SIZE', where, expected, `${sizeBytes}`);
      }
      for (let k = 0; k < terms; k++) {
        const offset = need(TERM_BYTES, row);
        const wire = view.getUint32(offset, true);
        if (wire >= header.wires) {
          throw container.problem(
            'INDEX_RANGE',
            `${where}, row ${row}`,
            `a wire below ${header.wires}`,
            `${wire}`,
          );
        }
        const value = table.number(window, view, offset + 4);
        if (value < 0) {
          const got = `${readElement(window, offset + 4)}`;
          throw container.problem(
            'VALUE_NOT_CANONICAL',
            `${where}, row ${row}`,
            'a coefficient below r',
            got,
          );
        }
        matrix.push(wire, value);
        position += TERM_BYTES;
      }
      matrix.endRow(row);
    }
  }
  if (position !== sizeBytes) {
    const expected = `${position} bytes for ${header.constraints} constraints`;
    throw container.problem('SECTION_SIZE', where, expected, `${sizeBytes}`);
  }
  const [a, b, c] = matrices.map((matrix) => matrix.finish());
  return { a: a!, b: b!, c: c!, coefficients: table.finish() };
}

function readLabels(container: Container, header: Header): Uint32Array {
  const bytes = container.read(WIRE_TO_LABEL);
  const labels = new Uint32Array(header.wires);
  for (let wire = 0; wire < header.wires; wire++) {
    const label = readU64(bytes, 8 * wire);
    if (label >= header.labels && label !== 0) {
      const where = `${container.label(WIRE_TO_LABEL)}, wire ${wire}`;
      throw container.problem('INDEX_RANGE', where, `a label below ${header.labels}`, `${label}`);
    }
    labels[wire] = label;
  }
  return labels;
}

type GrowingRows = {
  push(wire: number, value: number): void;
  endRow(row: number): void;
  finish(): SparseRows;
};

function growingRows(rows: number): GrowingRows {
  const starts = new Uint32Array(rows + 1);
  let wires = new Uint32Array(Math.max(16, 2 * rows));
  let values = new Uint32Array(wires.length);
  let count = 0;
  return {
    push(wire, value) {
      if (count === wires.length) {
        wires = grown(wires);
        values = grown(values);
      }
      wires[count] = wire;
      values[count++] = value;
    },
    endRow(row) {
      starts[row + 1] = count;
    },
    finish: () => ({ starts, wires: wires.slice(0, count), values: values.slice(0, count) }),
  };
}

function grown(old: Uint32Array): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(Math.ceil(old.length * 1.5));
  bigger.set(old);
  return bigger;
}

type CoefficientTable = {
  /** Number of the coefficient at `offset`, −1 if it is not below r. */
  number(bytes: Uint8Array, view: DataView, offset: number): number;
  finish(): Uint8Array;
};

/** Open addressing; multipliers are drawn at random so that no file can be made to collide on purpose. */
function createCoefficientTable(): CoefficientTable {
  let store = new Uint8Array(64 * ELEMENT_BYTES);
  let storeView = new DataView(store.buffer);
  let slots = new Int32Array(256).fill(-1);
  let count = 0;
  const multipliers = new Uint32Array(new Uint8Array(randomBytes(ELEMENT_BYTES)).buffer).map((m) => m | 1);

  const hash = (view: DataView, offset: number): number => {
    let h = 0;
    for (let limb = 0; limb < 8; limb++) {
      h = Math.imul(h ^ view.getUint32(offset + 4 * limb, true), multipliers[limb]!);
      h ^= h >>> 15;
    }
    return h;
  };
  const equal = (number: number, view: DataView, offset: number): boolean => {
    for (let limb = 0; limb < 8; limb++) {
      const at = 4 * limb;
      if (storeView.getUint32(number * ELEMENT_BYTES + at, true) !== view.getUint32(offset + at, true))
        return false;
    }
    return true;
  };
  const insert = (number: number): void => {
    let slot = hash(storeView, number * ELEMENT_BYTES) & (slots.length - 1);
    while (slots[slot]! >= 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = number;
  };
  const append = (bytes: Uint8Array, offset: number): number => {
    if ((count + 1) * ELEMENT_BYTES > store.length) {
      const bigger = new Uint8Array(2 * store.length);
      bigger.set(store);
      store = bigger;
      storeView = new DataView(store.buffer);
    }
    store.set(bytes.subarray(offset, offset + ELEMENT_BYTES), count * ELEMENT_BYTES);
    if (2 * (count + 1) > slots.length) {
      slots = new Int32Array(2 * slots.length).fill(-1);
      for (let number = 0; number < count; number++) insert(number);
    }
    insert(count);
    return count++;
  };
  append(elementBytes(1n), 0);
  append(elementBytes(BN254_R - 1n), 0);

  return {
    number(bytes, view, offset) {
      for (
        let slot = hash(view, offset) & (slots.length - 1);
        slots[slot]! >= 0;
        slot = (slot + 1) & (slots.length - 1)
      ) {
        if (equal(slots[slot]!, view, offset)) return slots[slot]!;
      }
      return isBelowR(bytes, offset) ? append(bytes, offset) : -1;
    },
    finish: () => store.slice(0, count * ELEMENT_BYTES),
  };
}

/** Value of a coefficient by its number. */
export function coefficient(r1cs: Pick<R1cs, 'coefficients'>, number: number): bigint {
  return readElement(r1cs.coefficients, number * ELEMENT_BYTES);
}

/** The terms of one row of one matrix, in the order of the file. */
export function rowTerms(r1cs: R1cs, matrix: 'a' | 'b' | 'c', row: number): Term[] {
  const { starts, wires, values } = r1cs[matrix];
  const terms: Term[] = [];
  for (let k = starts[row]!; k < starts[row + 1]!; k++) {
    terms.push({ wire: wires[k]!, value: coefficient(r1cs, values[k]!) });
  }
  return terms;
}

/** A constraint given by its terms. */
export type Constraint = {
  readonly a: readonly Term[];
  readonly b: readonly Term[];
  readonly c: readonly Term[];
};

/**
 * Builds a constraint system from explicit constraints: for tests and small examples.
 *
 * @param counts - Wire counts; labels equal wires.
 * @param constraints - Rows; values are reduced modulo r.
 */
export function createR1cs(
  counts: Pick<R1cs, 'wires' | 'publicOutputs' | 'publicInputs' | 'privateInputs'>,
  constraints: readonly Constraint[],
): R1cs {
  const table = createCoefficientTable();
  const matrix = (name: 'a' | 'b' | 'c'): SparseRows => {
    const rows = growingRows(constraints.length);
    for (const [row, constraint] of constraints.entries()) {
      for (const { wire, value } of constraint[name]) {
        if (!(wire >= 0 && wire < counts.wires))
          throw new RangeError(`row ${row}: wire ${wire} of ${counts.wires}`);
        const bytes = elementBytes(Fr.mod(value));
        rows.push(wire, table.number(bytes, new DataView(bytes.buffer), 0));
      }
      rows.endRow(row);
    }
    return rows.finish();
  };
  const [a, b, c] = [matrix('a'), matrix('b'), matrix('c')];
  const wireToLabel = Uint32Array.from({ length: counts.wires }, (_, wire) => wire);
  return {
    ...counts,
    labels: counts.wires,
    constraints: constraints.length,
    a,
    b,
    c,
    coefficients: table.finish(),
    wireToLabel,
  };
}

/**
 * Writes a constraint system, sections in the order 1, 2, 3.
 *
 * @throws {FileError} `FILE_UNWRITABLE`
 */
export async function writeR1cs(path: string, r1cs: R1cs): Promise<void> {
  const { a, b, c } = r1cs;
  const terms = a.wires.length + b.wires.length + c.wires.length;
  const writer = await createContainer(path, KIND.magic, 1, 3);
  try {
    await writer.section(HEADER, encodeHeader(r1cs));
    await writer.begin(CONSTRAINTS, 12 * r1cs.constraints + TERM_BYTES * terms);
    let block = new Uint8Array(1 << 16);
    for (let row = 0; row < r1cs.constraints; row++) {
      const used = rowBytes(r1cs, row);
      if (used > block.length) block = new Uint8Array(2 * used);
      encodeRow(r1cs, row, block);
      await writer.write(block.subarray(0, used));
    }
    const labels = new Uint8Array(8 * r1cs.wires);
    for (let wire = 0; wire < r1cs.wires; wire++) writeU64(labels, 8 * wire, r1cs.wireToLabel[wire]!);
    await writer.section(WIRE_TO_LABEL, labels);
    await writer.commit();
  } finally {
    await writer.abort();
  }
}

function encodeHeader(r1cs: Header): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(encodePrime('r'));
  const counts = [r1cs.wires, r1cs.publicOutputs, r1cs.publicInputs, r1cs.privateInputs];
  for (const [index, count] of counts.entries()) writeU32(header, PRIME_BYTES + 4 * index, count);
  writeU64(header, PRIME_BYTES + 16, r1cs.labels);
  writeU32(header, PRIME_BYTES + 24, r1cs.constraints);
  return header;
}

const MATRICES = ['a', 'b', 'c'] as const;

function rowBytes(r1cs: R1cs, row: number): number {
  let bytes = 0;
  for (const name of MATRICES)
    bytes += 4 + TERM_BYTES * (r1cs[name].starts[row + 1]! - r1cs[name].starts[row]!);
  return bytes;
}

function encodeRow(r1cs: R1cs, row: number, out: Uint8Array): void {
  let position = 0;
  for (const name of MATRICES) {
    const { starts, wires, values } = r1cs[name];
    writeU32(out, position, starts[row + 1]! - starts[row]!);
    position += 4;
    for (let k = starts[row]!; k < starts[row + 1]!; k++, position += TERM_BYTES) {
      writeU32(out, position, wires[k]!);
      const from = values[k]! * ELEMENT_BYTES;
      out.set(r1cs.coefficients.subarray(from, from + ELEMENT_BYTES), position + 4);
    }
  }
}

/**
 * The first row that a witness does not satisfy, by plain bigint arithmetic: for tests and messages.
 *
 * @param witness - `wires` canonical elements of 32 bytes.
 * @returns The row's index, or undefined when all rows hold.
 */
export function findFailingRow(r1cs: R1cs, witness: Uint8Array): number | undefined {
  const values = Array.from({ length: r1cs.wires }, (_, wire) => readElement(witness, wire * ELEMENT_BYTES));
  const table = Array.from({ length: r1cs.coefficients.length / ELEMENT_BYTES }, (_, i) =>
    coefficient(r1cs, i),
  );
  const sum = ({ starts, wires, values: numbers }: SparseRows, row: number): bigint => {
    let total = 0n;
    for (let k = starts[row]!; k < starts[row + 1]!; k++) {
      const value = values[wires[k]!]!;
      if (numbers[k] === COEFFICIENT_ONE) total += value;
      else if (numbers[k] === COEFFICIENT_MINUS_ONE) total -= value;
      else total += table[numbers[k]!]! * value;
    }
    return total;
  };
  for (let row = 0; row < r1cs.constraints; row++) {
    if ((sum(r1cs.a, row) * sum(r1cs.b, row) - sum(r1cs.c, row)) % BN254_R !== 0n) return row;
  }
  return undefined;
}

/** A witness as canonical bytes, from bigints: for tests. Values are reduced modulo r. */
export function encodeWitness(values: readonly bigint[]): Uint8Array {
  const out = new Uint8Array(values.length * ELEMENT_BYTES);
  for (const [i, value] of values.entries()) writeElement(out, i * ELEMENT_BYTES, Fr.mod(value));
  return out;
}
