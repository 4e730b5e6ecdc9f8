/**
 * Solves rows of a constraint system one after the other, in this thread: about 50 ns a term and 200 ns a division.
 *
 * Divisions come in batches that share one inversion (Montgomery's trick). Which rows, in which order, is the caller's
 * business: see {@link SolverProgram}.
 */
import { EnvironmentError } from '../statement/errors.js';
import { CONSTANTS_END, MAXIMUM_PAGES } from './wasm/layout.js';
import { DENOMINATOR_WORDS, generateRowSolver, SOLVER_ROW_WORDS } from './wasm/row-solver.js';

export { SolverRow } from './wasm/row-solver.js';

/** A batch: first all denominators, which must not depend on the batch's own rows, then its rows in order. */
export type SolverBatch = {
  /** For each: row number, number of terms, terms. */
  readonly denominators: Uint32Array;
  readonly denominatorCount: number;
  /** For each: kind, 32·(target wire) (a check: its row number), numbers of terms of A, B, C, then those terms. */
  readonly rows: Uint32Array;
};

/** What to solve. Term: 32·wire; 0 for the coefficient 1, 1 for −1, else 32·(number in `coefficients`). */
export type SolverProgram = {
  readonly wires: number;
  /** Canonical, 32 bytes each; numbers 0 and 1 are not used. */
  readonly coefficients: Uint8Array;
  readonly batches: readonly SolverBatch[];
};

/** What the solver found. */
export type SolverResult =
  | { readonly ok: true; readonly values: Uint8Array }
  /** Row that does not hold, or whose denominator is zero. */
  | { readonly ok: false; readonly row: number };

export type RowSolver = {
  /** Fills the target wires of a copy of `values`, all wires canonical. */
  readonly solve: (values: Uint8Array) => SolverResult;
};

const ELEMENT_BYTES = 32;
const PAGE_BYTES = 65536;
const align = (sizeBytes: number): number => Math.ceil(sizeBytes / 64) * 64;

/**
 * Prepares a solver; it holds the program and one set of wires.
 *
 * @param program - Trusted: wire and coefficient numbers in range, at least one row a batch.
 */
export function createRowSolver(program: SolverProgram): RowSolver {
  const { wires, coefficients, batches } = program;
  const { wasm, scratchBytes } = generateRowSolver();
  const most = Math.max(1, ...batches.map((batch) => batch.denominatorCount));
  let end = CONSTANTS_END;
  const place = (sizeBytes: number): number => {
    const address = end;
    end += align(sizeBytes);
    return address;
  };
  const scratch = place(scratchBytes);
  const table = place(coefficients.length);
  const values = place(wires * ELEMENT_BYTES);
  const inverses = place(most * ELEMENT_BYTES);
  const prefixes = place(most * ELEMENT_BYTES);
  const lists = batches.map(({ denominators, denominatorCount, rows }) => ({
    denominators: place(denominators.byteLength),
    denominatorsEnd: denominators.byteLength,
    denominatorCount,
    rows: place(rows.byteLength),
    rowsEnd: rows.byteLength,
  }));
  const memory = reserve(end);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: { memory, scratch: new WebAssembly.Global({ value: 'i32' }, scratch) },
  });
  const kernels = instance.exports as Record<string, (...args: number[]) => number>;
  const run = (name: string, ...args: number[]): number => kernels[name]!(...args) >>> 0;
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  bytes.set(coefficients, table);
  run('frVectorToMontgomery', table, coefficients.length / ELEMENT_BYTES);
  for (const [i, { denominators, rows }] of batches.entries()) {
    words.set(denominators, lists[i]!.denominators / 4);
    words.set(rows, lists[i]!.rows / 4);
  }

  const solveBatch = (list: (typeof lists)[number]): number | undefined => {
    if (list.denominatorCount > 0) {
      const listEnd = list.denominators + list.denominatorsEnd;
      const zero = run('frSolveDenominators', list.denominators, listEnd, inverses, values, table);
      if (zero !== 0) return words[zero / 4]!;
      run('frVectorInvert', inverses, list.denominatorCount, prefixes);
    }
    if (list.rowsEnd === 0) return undefined;
    const failed = run('frSolveRows', list.rows, list.rows + list.rowsEnd, inverses, values, table);
    return failed === 0 ? undefined : words[failed / 4 + 1]!;
  };
  return {
    solve(input) {
      bytes.set(input, values);
      for (const list of lists) {
        const row = solveBatch(list);
        if (row !== undefined) return { ok: false, row };
      }
      return { ok: true, values: bytes.slice(values, values + wires * ELEMENT_BYTES) };
    },
  };
}

function reserve(sizeBytes: number): WebAssembly.Memory {
  const initial = Math.ceil(sizeBytes / PAGE_BYTES);
  try {
    return new WebAssembly.Memory({ initial, maximum: MAXIMUM_PAGES, shared: true });
  } catch (cause) {
    throw new EnvironmentError(
      'OUT_OF_MEMORY',
      `row solver: expected ${(sizeBytes / 2 ** 20).toFixed(1)} MiB of memory, got none. Free memory, or prove a smaller circuit.`,
      { cause },
    );
  }
}

/** A list of denominators or rows under construction. */
export type SolverList = {
  /** Appends words; terms follow as pairs. */
  readonly push: (word: number) => void;
  readonly finish: () => Uint32Array;
};

/** Starts a list. */
export function createSolverList(): SolverList {
  let words = new Uint32Array(1024 * Math.max(DENOMINATOR_WORDS, SOLVER_ROW_WORDS));
  let used = 0;
  return {
    push(word) {
      if (used === words.length) {
        const bigger = new Uint32Array(2 * words.length);
        bigger.set(words);
        words = bigger;
      }
      words[used++] = word;
    },
    finish: () => words.slice(0, used),
  };
}
