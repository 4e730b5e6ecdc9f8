/**
 * Section 4 of a proving key: the terms of A and B as records for the prover, and the rows that bind public inputs.
 *
 * Record: matrix (0 = A, 1 = B), row, wire (u32 each), coefficient·2^512 modulo r (Montgomery twice: one multiplication by
 * a plain witness value leaves a Montgomery product). Rows ascend; in each row A comes before B.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ELEMENT_BYTES, readElement, writeElement, writeU32 } from '../formats/bytes.js';
import { COEFFICIENT_ONE, publicCount, type R1cs } from '../formats/r1cs.js';
import { COEFFICIENT_BYTES, type ZkeyWriter } from '../formats/zkey.js';
import { Fr } from '../math/field.js';

const PIECE_RECORDS = 1 << 15;

/**
 * Writes section 4 of a circuit's key. The records do not depend on any secret, so every setup writes the same.
 *
 * @param writer - A key whose header is written; `r1cs.a` and `r1cs.b` terms and publicCount + 1 records were announced.
 */
export async function writeCoefficients(writer: ZkeyWriter, r1cs: R1cs, signal?: AbortSignal): Promise<void> {
  const table = montgomeryTwice(r1cs.coefficients);
  const piece = new Uint8Array(PIECE_RECORDS * COEFFICIENT_BYTES);
  let used = 0;
  const push = (matrix: number, row: number, wire: number, value: number): void => {
    writeU32(piece, used, matrix);
    writeU32(piece, used + 4, row);
    writeU32(piece, used + 8, wire);
    piece.set(table.subarray(value * ELEMENT_BYTES, (value + 1) * ELEMENT_BYTES), used + 12);
    used += COEFFICIENT_BYTES;
  };
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    await writer.write(piece.subarray(0, used));
    used = 0;
    await nextTurn();
  };
  await writer.begin('coefficients');
  for (let row = 0; row < r1cs.constraints; row++) {
    for (const [matrix, { starts, wires, values }] of [r1cs.a, r1cs.b].entries()) {
      for (let k = starts[row]!; k < starts[row + 1]!; k++) {
        push(matrix, row, wires[k]!, values[k]!);
        if (used === piece.length) await flush();
      }
    }
  }
  for (let wire = 0; wire <= publicCount(r1cs); wire++) {
    push(0, r1cs.constraints + wire, wire, COEFFICIENT_ONE);
    if (used === piece.length) await flush();
  }
  await flush();
}

/** Each canonical element of a table times 2^512. */
function montgomeryTwice(coefficients: Uint8Array): Uint8Array {
  const factor = Fr.mod(1n << 512n);
  const out = new Uint8Array(coefficients.length);
  for (let at = 0; at < out.length; at += ELEMENT_BYTES) {
    writeElement(out, at, Fr.mul(readElement(coefficients, at), factor));
  }
  return out;
}
