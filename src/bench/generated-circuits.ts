/** Circuits made in memory, with their witnesses: benchmarks that compile nothing and depend on nothing. */

import { elementBytes } from '../formats/bytes.js';
import { type Constraint, createR1cs, type R1cs, type Term } from '../formats/r1cs.js';
import { Fr } from '../math/field.js';

export type GeneratedCircuit = {
  readonly name: string;
  readonly r1cs: R1cs;
  /** All wires, canonical, 32 bytes each. */
  readonly witness: Uint8Array;
};

const term = (wire: number, value = 1n): Term => ({ wire, value });

/**
 * A chain of squarings: every wire a full-size scalar, the worst case of a prover.
 *
 * @param rows - Constraints; the last wire of the chain is public.
 */
export function denseCircuit(rows: number): GeneratedCircuit {
  // Wires: 1, the public end, then the chain's values but for its end.
  const wires = rows + 2;
  const wireOf = (step: number): number => (step === rows ? 1 : step + 2);
  const values = Array.from({ length: rows + 1 }, () => 0n);
  values[0] = 0x1234567890abcdefn;
  const constraints = Array.from({ length: rows }, (_, i): Constraint => {
    values[i + 1] = Fr.mul(values[i]!, values[i]!);
    return { a: [term(wireOf(i))], b: [term(wireOf(i))], c: [term(wireOf(i + 1))] };
  });
  const counts = { wires, publicOutputs: 0, publicInputs: 1, privateInputs: 1 };
  const byWire = [1n, values[rows]!, ...values.slice(0, rows)];
  return {
    name: `dense-${rows}`,
    r1cs: createR1cs(counts, constraints),
    witness: encode(byWire),
  };
}

/**
 * Bits with their sum: nearly every wire is 0 or 1, as in hashes and range checks.
 *
 * @param rows - Constraints, one a bit and one for the public number of ones.
 */
export function bitCircuit(rows: number): GeneratedCircuit {
  const bits = rows - 1;
  const bitOf = (i: number): bigint => BigInt((Math.imul(i + 1, 0x9e3779b1) >>> 13) & 1);
  const constraints = Array.from(
    { length: bits },
    (_, i): Constraint => ({ a: [term(i + 2)], b: [term(i + 2), term(0, -1n)], c: [] }),
  );
  const all = Array.from({ length: bits }, (_, i) => term(i + 2));
  constraints.push({ a: all, b: [term(0)], c: [term(1)] });
  const values = Array.from({ length: bits }, (_, i) => bitOf(i));
  const ones = values.reduce((sum, bit) => sum + bit, 0n);
  const counts = { wires: bits + 2, publicOutputs: 0, publicInputs: 1, privateInputs: bits };
  return {
    name: `bits-${rows}`,
    r1cs: createR1cs(counts, constraints),
    witness: encode([1n, ones, ...values]),
  };
}

function encode(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 32);
  values.forEach((value, wire) => {
    bytes.set(elementBytes(value), wire * 32);
  });
  return bytes;
}
