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
  /** out = first + second; `out` may be one of them, but no operand of an addition already in the list. */
  readonly push: (first: number, second: number, out: number) => void;
  /** Runs the additions and empties the list. */
  readonly flush: () => void;
};

/** Scratch bytes of a list: its records, and two coordinates (one point) an addition. */
export function additionListBytes(curve: CurveName, capacity: number): number {
  return capacity * (ADDITION_BYTES + POINT_BYTES[curve]);
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
  const scratch = base + capacity * ADDITION_BYTES;
  const first = base / 4;
  let next = first;
  return {
    curve,
    pointBytes: POINT_BYTES[curve],
    capacity,
    push: (a, b, out) => {
      words[next] = a;
      words[next + 1] = b;
      words[next + 2] = out;
      next += 4;
    },
    flush: () => {
      batchAdd(base, (next - first) / 4, scratch);
      next = first;
    },
  };
}

/**
 * Sums groups of operands pairwise, round by round, all groups in the same batches.
 *
 * @param operands - The groups one after the other; in the end `operands[g]` is the sum of group g.
 * @param sizes - Sizes of the groups, none 0; overwritten. Together at most twice the list's capacity.
 * @param arena - Room for as many points as there are operands; the sums lie there (or are the only operand).
 */
export function sumGroups(
  list: AdditionList,
  operands: Uint32Array,
  sizes: Uint32Array,
  groups: number,
  arena: number,
): void {
  const { pointBytes } = list;
  let free = arena;
  for (let isDone = false; !isDone; ) {
    isDone = true;
    let read = 0;
    let write = 0;
    for (let g = 0; g < groups; g++) {
      const size = sizes[g] as number;
      const end = read + size;
      for (; read + 1 < end; read += 2) {
        list.push(operands[read] as number, operands[read + 1] as number, free);
        operands[write++] = free;
        free += pointBytes;
      }
      if (read < end) operands[write++] = operands[read++] as number;
      sizes[g] = (size + 1) >>> 1;
      if (size > 1) isDone = false;
    }
    if (!isDone) list.flush();
  }
}
