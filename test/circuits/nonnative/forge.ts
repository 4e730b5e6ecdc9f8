/**
 * A malicious prover for tests: alters first-round wires, then completes the second round as well as can be done.
 */
import { BN254_R } from '../../../src/math/field.js';
import type { Row, Terms, TestCircuit } from '../../support/circuit.js';

const mod = (a: bigint): bigint => ((a % BN254_R) + BN254_R) % BN254_R;

export function inverse(a: bigint): bigint {
  let [x, y, u, v] = [mod(a), BN254_R, 1n, 0n];
  while (x > 0n) {
    const q = y / x;
    [x, y] = [y - q * x, x];
    [u, v] = [v - q * u, u];
  }
  return mod(v);
}

/**
 * Alters named wires and recomputes every wire whose name begins with one of `recompute`, row by row, from the others.
 * Wires that no row determines keep their value.
 */
export function forge(
  circuit: TestCircuit,
  witness: readonly bigint[],
  changes: { readonly [name: string]: bigint },
  recompute: readonly string[] = ['ch'],
): bigint[] {
  const forged = circuit.alter(witness, changes);
  const fixed = new Set(Object.keys(changes).map((name) => circuit.wire(name)));
  const unknown = new Set<number>();
  for (let wire = 1 + circuit.publicOutputs + circuit.publicInputs; wire < forged.length; wire++) {
    const last = circuit.names(wire)[0]?.split('.').at(-1) ?? '';
    if (!fixed.has(wire) && recompute.some((prefix) => last.startsWith(prefix))) unknown.add(wire);
  }
  const evaluate = (terms: Terms): bigint =>
    mod(terms.reduce((sum, [wire, k]) => sum + (forged[wire] as bigint) * k, 0n));
  const pending = new Set<Row>(circuit.rows.filter((row) => unknowns(row).size > 0));
  for (let progress = true; progress; ) {
    progress = false;
    for (const row of pending) {
      const open = unknowns(row);
      if (open.size > 1) continue;
      pending.delete(row);
      const wire = [...open][0];
      if (wire === undefined) continue;
      const value = solve(row, wire);
      if (value === undefined) continue;
      forged[wire] = value;
      unknown.delete(wire);
      progress = true;
    }
  }
  return forged;

  function unknowns(row: Row): Set<number> {
    return new Set([...row.a, ...row.b, ...row.c].map(([wire]) => wire).filter((wire) => unknown.has(wire)));
  }
  /** The value of the only unknown wire of a row, if the row is linear in it. */
  function solve(row: Row, wire: number): bigint | undefined {
    const at = (value: bigint): bigint => {
      forged[wire] = value;
      return mod(evaluate(row.a) * evaluate(row.b) - evaluate(row.c));
    };
    const [at0, at1, at2] = [at(0n), at(1n), at(2n)];
    const slope = mod(at1 - at0);
    if (mod(at2 - at1 - slope) !== 0n || slope === 0n) return undefined;
    return mod(-at0 * inverse(slope));
  }
}

/**
 * {@link forge}, then counts all chunks again as a prover would who wants the balance to hold: wires `count[j]` become the
 * number of looked-up values j, values outside the table stay uncounted.
 *
 * @param pole - value of z
 */
export function forgeLookups(
  circuit: TestCircuit,
  witness: readonly bigint[],
  pole: bigint,
  changes: { readonly [name: string]: bigint },
): bigint[] {
  const draft = forge(circuit, witness, changes);
  const counts = new Map<bigint, bigint>();
  const countWires: [string, bigint][] = [];
  for (let wire = 1; wire < draft.length; wire++) {
    const name = circuit.names(wire)[0] ?? '';
    const last = name.split('.').at(-1) ?? '';
    if (last.startsWith('chInverse')) {
      const value = mod(pole - inverse(draft[wire] as bigint));
      counts.set(value, (counts.get(value) ?? 0n) + 1n);
    }
    const index = /^count\[(\d+)\]$/.exec(last);
    if (index) countWires.push([name, BigInt(index[1] as string)]);
  }
  const counted = Object.fromEntries(countWires.map(([name, j]) => [name, counts.get(j) ?? 0n]));
  return forge(circuit, witness, { ...counted, ...changes });
}

/** Every row that a witness breaks. */
export function failingRows(circuit: TestCircuit, witness: readonly bigint[]): number[] {
  const evaluate = (terms: Terms): bigint =>
    terms.reduce((sum, [wire, k]) => sum + (witness[wire] as bigint) * k, 0n);
  return circuit.rows.flatMap((row, i) =>
    mod(evaluate(row.a) * evaluate(row.b) - evaluate(row.c)) === 0n ? [] : [i],
  );
}
