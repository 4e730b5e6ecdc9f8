/**
 * Lists of independent point additions for the kernels' batch addition, and sums of groups of points made with them.
 *
 * An operand is the address of a point; bit 0 set means the negative of the point.
 */
import { kernel, type TaskContext } from '../threads/task.js';
import { ADDITION_BYTES } from '../wasm/layout.js';

export type CurveName = 'g1' | 'g2';
/** Bytes of an affine point. */
export const POINT_BYTES: Readonly<Record<CurveName, number>> = { g1: 64, g2: 128 };

/** A list that collects additions and runs them together. */
export type AdditionList = {
  readonly curve: CurveName;
  readonly pointBytes: number;
  /** Most additions that the list holds. */
  readonly capacity: number;
  /** Room for twice as many operands of groups, and for the groups' sizes, see {@link AdditionList.sumGroups}. */
  readonly operands: Uint32Array;
  readonly sizes: Uint32Array;
  /** out = first + second; `out` may be one of them, but no operand of an addition already in the list. */
  readonly push: (first: number, second: number, out: number) => void;
  /** The same for `count` points at regular distances, `steps` apart. */
  readonly pushMany: (first: number, second: number, out: number, steps: Steps, count: number) => void;
  /** Runs the additions and empties the list. */
  readonly flush: () => void;
  /**
   * Sums groups of operands pairwise, round by round, all groups in the same batches.
   *
   * @param groups - How many there are, one after the other in `operands`; none of their `sizes` 0, which are overwritten. In the end
   *   `operands[g]` is the sum of group g.
   * @param arena - Room for as many points as there are operands; the sums lie there (or are the only operand).
   */
  readonly sumGroups: (groups: number, arena: number) => void;
};

type Steps = { readonly first: number; readonly second: number; readonly out: number };

/** Where the parts of a list lie. */
export type ListParts = {
  readonly records: number;
  /** Two coordinates (one point) an addition. */
  readonly denominators: number;
  readonly operands: number;
  readonly sizes: number;
  readonly end: number;
};

/** Parts of a list at an address. */
export function listParts(curve: CurveName, capacity: number, base: number): ListParts {
  const denominators = base + capacity * ADDITION_BYTES;
  const operands = denominators + capacity * POINT_BYTES[curve];
  const sizes = operands + 8 * capacity;
  return { records: base, denominators, operands, sizes, end: sizes + 8 * capacity };
}

/** Scratch bytes of a list. */
export function additionListBytes(curve: CurveName, capacity: number): number {
  return listParts(curve, capacity, 0).end;
}

/** A list in the scratch region at `base`. */
export function createAdditionList(
  context: TaskContext,
  curve: CurveName,
  base: number,
  capacity: number,
): AdditionList {
  const { words } = context;
  const batchAdd = kernel(context, `${curve}BatchAdd`);
  const pushAdditions = kernel(context, 'pushAdditions');
  const sumGroups = kernel(context, `${curve}SumGroups`);
  const { records, denominators, operands, sizes } = listParts(curve, capacity, base);
  let next = records;
  return {
    curve,
    pointBytes: POINT_BYTES[curve],
    capacity,
    operands: words.subarray(operands / 4, operands / 4 + 2 * capacity),
    sizes: words.subarray(sizes / 4, sizes / 4 + 2 * capacity),
    push: (first, second, out) => {
      const at = next / 4;
      words[at] = first;
      words[at + 1] = second;
      words[at + 2] = out;
      next += ADDITION_BYTES;
    },
    pushMany: (first, second, out, steps, count) => {
      next = pushAdditions(next, first, steps.first, second, steps.second, out, steps.out, count) >>> 0;
    },
    flush: () => {
      batchAdd(records, (next - records) / ADDITION_BYTES, denominators);
      next = records;
    },
    sumGroups: (groups, arena) => {
      sumGroups(operands, sizes, groups, records, denominators, arena);
    },
  };
}
