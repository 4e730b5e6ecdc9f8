/**
 * A constraint system by columns: setup needs, for each wire, the rows in which it occurs.
 */
import type { SparseRows } from '../formats/r1cs.js';

/** One of the matrices A, B, C by wires: the terms of wire i are those from starts[i] up to starts[i + 1]. */
export type SparseColumns = {
  /** wires + 1 positions in `rows` and `values`. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  /** Numbers into the coefficient table. */
  readonly values: Uint32Array;
};

/**
 * Sorts the terms of a matrix by wire, by counting; rows stay ascending within a wire.
 *
 * @param matrix - By rows.
 * @param wires - Number of columns.
 */
export function toColumns(matrix: SparseRows, wires: number): SparseColumns {
  const terms = matrix.wires.length;
  const starts = new Uint32Array(wires + 1);
  for (let k = 0; k < terms; k++) starts[matrix.wires[k]! + 1]!++;
  for (let wire = 0; wire < wires; wire++) starts[wire + 1]! += starts[wire]!;
  const next = starts.slice(0, wires);
  const rows = new Uint32Array(terms);
  const values = new Uint32Array(terms);
  for (let row = 0; row + 1 < matrix.starts.length; row++) {
    for (let k = matrix.starts[row]!; k < matrix.starts[row + 1]!; k++) {
      const at = next[matrix.wires[k]!]!++;
      rows[at] = row;
      values[at] = matrix.values[k]!;
    }
  }
  return { starts, rows, values };
}
