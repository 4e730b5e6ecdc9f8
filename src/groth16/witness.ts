/** Checks on witnesses: full assignments of all wires, 32 bytes each, canonical, little endian, wire 0 first. */
import { ELEMENT_BYTES, isBelowR, readElement } from '../formats/bytes.js';
import { findFailingRow, type R1cs } from '../formats/r1cs.js';
import type { Symbols } from '../formats/symbols.js';
import { UsageError } from '../statement/errors.js';
import { wireLabel } from './partition.js';

/**
 * Checks the form of a witness: as many wires as the key has, all below r, wire 0 is 1.
 *
 * Cost: a few milliseconds for a million wires.
 *
 * @throws {UsageError} `WITNESS_SIZE`, `WITNESS_NOT_CANONICAL`, `WITNESS_CONSTANT`.
 */
export function assertWitness(witness: Uint8Array, wires: number): void {
  if (witness.length !== wires * ELEMENT_BYTES) {
    throw new UsageError(
      'WITNESS_SIZE',
      `witness: expected ${wires} wires of ${ELEMENT_BYTES} bytes, got ${witness.length} bytes. Use the key of the circuit that made it.`,
    );
  }
  for (let wire = 0, top = ELEMENT_BYTES - 1; wire < wires; wire++, top += ELEMENT_BYTES) {
    // r begins with the byte 0x30: a smaller top byte decides for nearly all values.
    if (witness[top]! < 0x30 || isBelowR(witness, wire * ELEMENT_BYTES)) continue;
    throw new UsageError(
      'WITNESS_NOT_CANONICAL',
      `witness: expected wire ${wire} below r, got ${readElement(witness, wire * ELEMENT_BYTES)}. Reduce it first.`,
    );
  }
  const one = readElement(witness, 0);
  if (one !== 1n) {
    throw new UsageError(
      'WITNESS_CONSTANT',
      `witness: expected 1 on wire 0, got ${one}. The witness is damaged.`,
    );
  }
}

/**
 * Checks that a witness satisfies every row, by plain arithmetic: about a second for a million terms. For when a proof
 * does not verify, or input is not trusted to fit.
 *
 * @param r1cs - The circuit.
 * @param witness - All wires.
 * @param symbols - For names in the message.
 * @throws {UsageError} `WITNESS_UNSATISFIED` naming the first failing row and its wires, and those of {@link assertWitness}.
 */
export function assertSatisfied(r1cs: R1cs, witness: Uint8Array, symbols?: Symbols): void {
  assertWitness(witness, r1cs.wires);
  const row = findFailingRow(r1cs, witness);
  if (row === undefined) return;
  const wires = new Set<number>();
  for (const matrix of [r1cs.a, r1cs.b, r1cs.c]) {
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) wires.add(matrix.wires[k]!);
  }
  const shown = [...wires].slice(0, SHOWN_WIRES).map((wire) => {
    const value = readElement(witness, wire * ELEMENT_BYTES);
    return `${wireLabel(wire, symbols)} = ${value}`;
  });
  const more = wires.size > SHOWN_WIRES ? `, and ${wires.size - SHOWN_WIRES} more` : '';
  throw new UsageError(
    'WITNESS_UNSATISFIED',
    `witness: row ${row} of ${r1cs.constraints} does not hold; its wires are ${shown.join(', ')}${more}. Check the input of the circuit.`,
  );
}

const SHOWN_WIRES = 6;
