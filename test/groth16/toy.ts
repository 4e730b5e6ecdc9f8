/** Toy circuits written by hand, for the reference and for cheating provers. */

import { createR1cs, type R1cs } from '../../src/formats/r1cs.js';
import type { SetupSecrets } from '../../src/groth16/development-secrets.js';
import { type Partition, partitionOf } from '../../src/groth16/partition.js';
import type {
  ChallengeFunction,
  LinearCombination,
  ReferenceCircuit,
  Row,
} from '../../src/groth16/reference.js';
import { Fr } from '../../src/math/field.js';
import { challenge, verificationKeyHash } from '../../src/statement/transcript.js';

/** A linear combination by wire names; `one` is the constant. */
export type Terms = { readonly [wire: string]: bigint };

export type ToyCircuit = ReferenceCircuit & { readonly wires: readonly string[] };

/**
 * Builds a circuit from named wires.
 *
 * @param wires - Public inputs, first-round and second-round wires, in the order they get in the circuit. The constant `one` is added.
 * @param rows - ⟨a, w⟩·⟨b, w⟩ = ⟨c, w⟩ by names.
 */
export function toyCircuit(
  wires: {
    readonly inputs: readonly string[];
    readonly first?: readonly string[];
    readonly second: readonly string[];
  },
  rows: readonly (readonly [Terms, Terms, Terms])[],
): ToyCircuit {
  const names = ['one', ...wires.inputs, ...(wires.first ?? []), ...wires.second];
  const index = (name: string): number => {
    const found = names.indexOf(name);
    if (found < 0) throw new Error(`no wire ${name}`);
    return found;
  };
  const combine = (terms: Terms): LinearCombination =>
    new Map(Object.entries(terms).map(([name, coefficient]) => [index(name), Fr.mod(coefficient)]));
  return {
    wires: names,
    wireCount: names.length,
    publicCount: wires.inputs.length,
    rows: rows.map(([a, b, c]): Row => ({ a: combine(a), b: combine(b), c: combine(c) })),
    ...(wires.first === undefined ? {} : { firstRound: new Set(wires.first.map(index)) }),
  };
}

/** A witness from values by name; `one` is added. */
export function toyWitness(circuit: ToyCircuit, values: { readonly [wire: string]: bigint }): bigint[] {
  return circuit.wires.map((name) => (name === 'one' ? 1n : Fr.mod(values[name] ?? missing(name))));
}

function missing(name: string): never {
  throw new Error(`no value for wire ${name}`);
}

/** Fixed secrets: tests replay them. */
export const toySecrets: SetupSecrets = {
  alpha: 1_000_003n,
  beta: 2_000_003n,
  gamma: 3_000_017n,
  delta1: 4_000_037n,
  delta2: 5_000_011n,
  tau: 6_000_011n,
};

/** The verifier's real challenge. */
export const realChallenge: ChallengeFunction = (key, publicInputs, d) =>
  challenge(verificationKeyHash(key), publicInputs, d);

/** out = a·b + 1 over private a, b. */
export const productCircuit: ToyCircuit = toyCircuit({ inputs: ['out'], second: ['a', 'b', 'product'] }, [
  [{ a: 1n }, { b: 1n }, { product: 1n }],
  [{ product: 1n, one: 1n }, { one: 1n }, { out: 1n }],
]);

export const productWitness = (a: bigint, b: bigint): bigint[] =>
  toyWitness(productCircuit, { out: a * b + 1n, a, b, product: a * b });

/**
 * Claims that the public `value` is 0 or 1, by a lookup in the table {0, 1}: 1/(x − c) = m0/x + m1/(x − 1).
 *
 * @param first - Which wires are committed before the challenge; all of c, m0, m1 are when sound.
 */
export function bitCircuit(first: readonly string[] = ['c', 'm0', 'm1']): ToyCircuit {
  const second = ['c', 'm0', 'm1', 'y', 'y0', 'y1'].filter((name) => !first.includes(name));
  return toyCircuit({ inputs: ['value', 'x'], first, second }, [
    [{ c: 1n }, { one: 1n }, { value: 1n }],
    [{ y: 1n }, { x: 1n, c: -1n }, { one: 1n }],
    [{ y0: 1n }, { x: 1n }, { m0: 1n }],
    [{ y1: 1n }, { x: 1n, one: -1n }, { m1: 1n }],
    [{ y: 1n, y0: -1n, y1: -1n }, { one: 1n }, {}],
  ]);
}

/** The honest wires for a value, whether or not it is a bit; only for bits do they satisfy the rows. */
export function bitWitness(
  circuit: ToyCircuit,
  value: bigint,
  x: bigint,
  counts: { readonly m0: bigint; readonly m1: bigint } = {
    m0: value === 0n ? 1n : 0n,
    m1: value === 1n ? 1n : 0n,
  },
): bigint[] {
  const invert = (a: bigint): bigint => (Fr.mod(a) === 0n ? 0n : Fr.inv(Fr.mod(a)));
  const { m0, m1 } = counts;
  return toyWitness(circuit, {
    value,
    x,
    c: value,
    m0,
    m1,
    y: invert(x - value),
    y0: Fr.mul(m0, invert(x)),
    y1: Fr.mul(m1, invert(x - 1n)),
  });
}

/** A tuple (first entry, second entry, …). */
export type Tuple = readonly bigint[];

/**
 * Claims that a public tuple (c0, …) stands in a table, with one challenge for fold and pole: Σ c_i·x^i folded, the pole
 * at x^pole. Sound only where pole > (width − 1)·(number of inverses − 1).
 *
 * @param table - Rows of one width.
 * @param pole - A power of two.
 */
export function tupleCircuit(table: readonly Tuple[], pole: number): ToyCircuit {
  const width = table[0]!.length;
  const entries = table[0]!.map((_, i) => `c${i}`);
  const counts = table.map((_, j) => `m${j}`);
  const inverses = table.map((_, j) => `y${j}`);
  const squarings = Math.max(Math.log2(pole), Math.ceil(Math.log2(width)));
  const powers = Array.from({ length: squarings }, (_, i) => `x${2 ** (i + 1)}`);
  // Widths up to 3 need only x and x²; wider folds would need a product chain here.
  const power = (i: number): string => (i === 1 ? 'x' : `x${i}`);
  const folded = entries.slice(1).map((_, i) => `t${i + 1}`);
  const foldTerms: { [wire: string]: bigint } = { c0: -1n };
  for (const name of folded) foldTerms[name] = -1n;
  const minus = (pole: string, row: Tuple): Terms => {
    const terms: { [wire: string]: bigint } = { [pole]: 1n };
    row.forEach((value, i) => {
      const wire = i === 0 ? 'one' : power(i);
      terms[wire] = (terms[wire] ?? 0n) - value;
    });
    return terms;
  };
  const z = power(pole);
  const rows: (readonly [Terms, Terms, Terms])[] = [];
  for (let i = 2; i <= 2 ** squarings; i *= 2)
    rows.push([{ [power(i / 2)]: 1n }, { [power(i / 2)]: 1n }, { [power(i)]: 1n }]);
  for (const [i, name] of folded.entries()) {
    rows.push([{ [`c${i + 1}`]: 1n }, { [power(i + 1)]: 1n }, { [name]: 1n }]);
  }
  rows.push([{ y: 1n }, { [z]: 1n, ...foldTerms }, { one: 1n }]);
  for (const [j, row] of table.entries())
    rows.push([{ [inverses[j]!]: 1n }, minus(z, row), { [counts[j]!]: 1n }]);
  rows.push([{ y: 1n, ...Object.fromEntries(inverses.map((name) => [name, -1n])) }, { one: 1n }, {}]);
  return toyCircuit(
    { inputs: [...entries, 'x'], first: counts, second: [...powers, ...folded, 'y', ...inverses] },
    rows,
  );
}

/** The wires for a tuple with chosen multiplicities; they satisfy the rows when the balance happens to hold. */
export function tupleWitness(
  circuit: ToyCircuit,
  table: readonly Tuple[],
  pole: number,
  tuple: Tuple,
  counts: readonly bigint[],
  x: bigint,
): bigint[] {
  const z = Fr.pow(x, BigInt(pole));
  const fold = (row: Tuple): bigint =>
    row.reduce((sum, value, i) => Fr.add(sum, Fr.mul(Fr.mod(value), Fr.pow(x, BigInt(i)))), 0n);
  const over = (count: bigint, row: Tuple): bigint => {
    const below = Fr.sub(z, fold(row));
    return below === 0n ? 0n : Fr.mul(count, Fr.inv(below));
  };
  const values: { [wire: string]: bigint } = { x, y: over(1n, tuple) };
  tuple.forEach((value, i) => {
    values[`c${i}`] = Fr.mod(value);
    values[`t${i}`] = Fr.mul(Fr.mod(value), Fr.pow(x, BigInt(i)));
  });
  table.forEach((row, j) => {
    values[`m${j}`] = counts[j]!;
    values[`y${j}`] = over(counts[j]!, row);
  });
  for (const name of circuit.wires) {
    if (/^x\d+$/.test(name)) values[name] = Fr.pow(x, BigInt(name.slice(1)));
  }
  return toyWitness(circuit, values);
}

/** The same circuit as the constraint system that files and the partition check take. */
export function toyR1cs(circuit: ToyCircuit): R1cs {
  const terms = (combination: LinearCombination): { readonly wire: number; readonly value: bigint }[] =>
    [...combination].map(([wire, value]) => ({ wire, value }));
  return createR1cs(
    {
      wires: circuit.wireCount,
      publicOutputs: 0,
      publicInputs: circuit.publicCount,
      privateInputs: circuit.wireCount - circuit.publicCount - 1,
    },
    circuit.rows.map(({ a, b, c }) => ({ a: terms(a), b: terms(b), c: terms(c) })),
  );
}

/** Its partition: F as the toy says, S the rest. */
export function toyPartition(circuit: ToyCircuit): Partition {
  return partitionOf(circuit.wireCount, circuit.publicCount, (wire) => !circuit.firstRound!.has(wire));
}
