/**
 * Test harness for circuits: compile (cached), compute witnesses, check rows, forge.
 *
 * It reads `.r1cs` and `.sym` with a short parser of its own and checks rows in bigint arithmetic, so that it does not
 * share a mistake with the code under test.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCircuit as compile, type OptimisationLevel } from '../../src/build/compile.js';
import { BN254_R } from '../../src/math/field.js';
import { type CircuitInput, loadWitnessProgram } from '../../src/witness/program.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One linear combination: wire and coefficient. */
export type Terms = readonly (readonly [wire: number, coefficient: bigint])[];
/** a · b = c */
export type Row = { readonly a: Terms; readonly b: Terms; readonly c: Terms };

/** A wire that could be altered without breaking a row. */
export type AcceptedForgery = {
  readonly wire: number;
  readonly names: readonly string[];
  readonly value: bigint;
};

export type TestCircuit = {
  readonly constraints: number;
  readonly wires: number;
  readonly publicOutputs: number;
  readonly publicInputs: number;
  readonly privateInputs: number;
  readonly r1csPath: string;
  readonly symPath: string;
  readonly wasmPath: string;
  readonly rows: readonly Row[];
  /** All names of a wire, such as `main.adder.out[3]`. */
  names(wire: number): readonly string[];
  /** The wire of a name; undefined where the compiler eliminated it. */
  wire(name: string): number | undefined;
  /** Value of a named signal in a witness. */
  value(witness: readonly bigint[], name: string): bigint;
  /** Throws WitnessError `CIRCUIT_ASSERTION` if the input does not satisfy the circuit. */
  witness(input: CircuitInput): Promise<bigint[]>;
  /** Index of the first row that a witness breaks, or undefined if it satisfies all. */
  failingRow(witness: readonly bigint[]): number | undefined;
  /** A row in readable form. */
  describeRow(row: number): string;
  /** A copy of a witness with some named signals altered. */
  alter(witness: readonly bigint[], changes: { readonly [name: string]: bigint }): bigint[];
  /**
   * Alters each wire alone, to five other values each (w+1, w−1, 0, 1, p−1, and 2 where one of these is w), and
   * returns what no row refuses. Public wires and the constant are included only with `includePublic`.
   */
  sweep(
    witness: readonly bigint[],
    options?: { readonly includePublic?: boolean; readonly every?: number },
  ): AcceptedForgery[];
};

/**
 * Compiles a main source, e.g. `pragma circom 2.2.0; include "lib/bits/Num2Bits.circom"; component main = Num2Bits(8);`.
 *
 * @param mainSource - Complete source of the main file; includes are relative to `circuits/`.
 */
export async function compileCircuit(
  mainSource: string,
  options: { readonly level?: OptimisationLevel } = {},
): Promise<TestCircuit> {
  const compiled = await compile({
    mainSource,
    level: options.level ?? 'O1',
    circuitsFolder: join(root, 'circuits'),
    cacheFolder: join(root, '.cache/circuits'),
  });
  const program = await loadWitnessProgram(readFileSync(compiled.wasmPath), compiled.wasmPath);
  const header = parseHeader(readFileSync(compiled.r1csPath));
  let rowCache: Row[] | undefined;
  let symbolCache: Symbols | undefined;
  const rows = (): Row[] => (rowCache ??= parseRows(readFileSync(compiled.r1csPath)));
  const symbols = (): Symbols => (symbolCache ??= parseSymbols(readFileSync(compiled.symPath, 'utf8')));
  const requireWire = (name: string): number => {
    const wire = symbols().byName.get(name);
    if (wire === undefined) throw new Error(`no wire is named ${name}`);
    return wire;
  };
  return {
    ...header,
    r1csPath: compiled.r1csPath,
    symPath: compiled.symPath,
    wasmPath: compiled.wasmPath,
    get rows() {
      return rows();
    },
    names: (wire) => symbols().byWire.get(wire) ?? [],
    wire: (name) => symbols().byName.get(name),
    value: (witness, name) => witness[requireWire(name)] as bigint,
    witness: async (input) => decode(program.compute(input)),
    failingRow: (witness) => firstFailingRow(rows(), witness),
    describeRow: (row) => describeRow(rows()[row] as Row, symbols()),
    alter: (witness, changes) => {
      const altered = [...witness];
      for (const [name, value] of Object.entries(changes)) altered[requireWire(name)] = value;
      return altered;
    },
    sweep: (witness, { includePublic = false, every = 1 } = {}) => {
      const first = includePublic ? 1 : 1 + header.publicInputs + header.publicOutputs;
      return sweep(rows(), symbols(), witness, first, every);
    },
  };
}

const P = BN254_R;

function firstFailingRow(rows: readonly Row[], witness: readonly bigint[]): number | undefined {
  const index = rows.findIndex((row) => !holds(row, witness));
  return index < 0 ? undefined : index;
}

function holds(row: Row, witness: readonly bigint[]): boolean {
  return (evaluate(row.a, witness) * evaluate(row.b, witness) - evaluate(row.c, witness)) % P === 0n;
}

function evaluate(terms: Terms, witness: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of terms) sum += (witness[wire] as bigint) * coefficient;
  return sum % P;
}

function sweep(
  rows: readonly Row[],
  symbols: Symbols,
  witness: readonly bigint[],
  first: number,
  every: number,
): AcceptedForgery[] {
  const rowsOfWire = new Map<number, Row[]>();
  for (const row of rows)
    for (const wire of new Set([...row.a, ...row.b, ...row.c].map(([w]) => w))) {
      const list = rowsOfWire.get(wire);
      if (list) list.push(row);
      else rowsOfWire.set(wire, [row]);
    }
  const accepted: AcceptedForgery[] = [];
  const forged = [...witness];
  for (let wire = first; wire < witness.length; wire += every) {
    const honest = witness[wire] as bigint;
    const candidates = [(honest + 1n) % P, (honest + P - 1n) % P, 0n, 1n, P - 1n, 2n];
    const values = [...new Set(candidates)].filter((value) => value !== honest).slice(0, 5);
    for (const value of values) {
      forged[wire] = value;
      if ((rowsOfWire.get(wire) ?? []).every((row) => holds(row, forged)))
        accepted.push({ wire, names: symbols.byWire.get(wire) ?? [], value });
    }
    forged[wire] = honest;
  }
  return accepted;
}

function describeRow(row: Row, symbols: Symbols): string {
  const side = (terms: Terms): string =>
    terms
      .map(([wire, coefficient]) => {
        const value = coefficient > P / 2n ? coefficient - P : coefficient;
        const name = wire === 0 ? '1' : (symbols.byWire.get(wire)?.[0] ?? `wire ${wire}`);
        return `${value}·${name}`;
      })
      .join(' + ') || '0';
  return `(${side(row.a)}) · (${side(row.b)}) = ${side(row.c)}`;
}

function decode(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 32 }, (_, i) => readElement(view, i * 32));
}

function readElement(view: DataView, offset: number): bigint {
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 64n) | view.getBigUint64(offset + word * 8, true);
  return value;
}

type Header = Pick<TestCircuit, 'constraints' | 'wires' | 'publicOutputs' | 'publicInputs' | 'privateInputs'>;

function sections(bytes: Uint8Array): Map<number, DataView> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<number, DataView>();
  let offset = 12;
  for (let i = 0; i < view.getUint32(8, true); i++) {
    const type = view.getUint32(offset, true);
    const size = Number(view.getBigUint64(offset + 4, true));
    found.set(type, new DataView(bytes.buffer, bytes.byteOffset + offset + 12, size));
    offset += 12 + size;
  }
  return found;
}

function parseHeader(bytes: Uint8Array): Header {
  const view = sections(bytes).get(1) as DataView;
  const at = 4 + view.getUint32(0, true);
  return {
    wires: view.getUint32(at, true),
    publicOutputs: view.getUint32(at + 4, true),
    publicInputs: view.getUint32(at + 8, true),
    privateInputs: view.getUint32(at + 12, true),
    constraints: view.getUint32(at + 24, true),
  };
}

function parseRows(bytes: Uint8Array): Row[] {
  const { constraints } = parseHeader(bytes);
  const view = sections(bytes).get(2) as DataView;
  let offset = 0;
  const terms = (): Terms => {
    const count = view.getUint32(offset, true);
    offset += 4;
    return Array.from({ length: count }, () => {
      const term = [view.getUint32(offset, true), readElement(view, offset + 4)] as const;
      offset += 36;
      return term;
    });
  };
  return Array.from({ length: constraints }, () => ({ a: terms(), b: terms(), c: terms() }));
}

type Symbols = { readonly byWire: Map<number, string[]>; readonly byName: Map<string, number> };

function parseSymbols(text: string): Symbols {
  const byWire = new Map<number, string[]>();
  const byName = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, wireText, , name] = line.split(',') as [string, string, string, string];
    const wire = Number(wireText);
    if (wire < 0) continue;
    byName.set(name, wire);
    const names = byWire.get(wire);
    if (names) names.push(name);
    else byWire.set(wire, [name]);
  }
  return { byWire, byName };
}
