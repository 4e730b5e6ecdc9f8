/** Toy circuits written by hand, for the reference and for cheating provers. */

import type {
  ChallengeFunction,
  LinearCombination,
  ReferenceCircuit,
  Row,
  SetupSecrets,
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
