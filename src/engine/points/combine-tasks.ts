/**
 * The worker's side of sparse sums of points with coefficients, Σ scalar·point for each of many outputs (setup from a `.ptau`).
 *
 * Of an output's terms, those with the same coefficient up to sign are added first and multiplied once; 1 and −1 need no
 * multiplication. The rest is Straus's method (1964): a table of small multiples for each, and one chain of doublings
 * for all terms of an output, with the outputs of a chunk in lockstep so that additions share inversions.
 */
import { kernel, type Task, type TaskContext } from '../threads/task.js';
import { INFINITY_ADDRESS } from '../wasm/layout.js';
import {
  type AdditionList,
  additionListBytes,
  type CurveName,
  createAdditionList,
  POINT_BYTES,
} from './addition-list.js';
import { addOffset, digitCount, digitField, digitOffset, NOT_CANONICAL, readMagnitude } from './digits.js';
import { fillMultiples } from './multiples-tasks.js';

/** Terms that one chunk covers: their tables should stay in a core's cache. */
export const TERMS_CHUNK: Readonly<Record<CurveName, number>> = { g1: 1024, g2: 512 };
/** Bytes of a term: output index, point index, scalar. */
export const TERM_BYTES = 40;
/** Signed digits of 4 bits, so −7 … 8. */
const WINDOW_BITS = 4;
const TABLE_ENTRIES = 2 ** (WINDOW_BITS - 1);
/** Points of scratch memory for each term: group sums, tables, accumulators, and two for sums under way. */
const POINTS_A_TERM = TABLE_ENTRIES + 4;

/** Scratch bytes of a thread. */
export function combineScratchBytes(curve: CurveName): number {
  const chunk = TERMS_CHUNK[curve];
  return additionListBytes(curve, chunk) + POINTS_A_TERM * chunk * POINT_BYTES[curve];
}

/** Terms of one output with one magnitude. */
type Group = {
  /** Number of the output within the chunk. */
  readonly output: number;
  /** Signed digits, lowest first; none for magnitude 1. */
  readonly digits: readonly number[];
  readonly isZero: boolean;
};

/** The terms of a chunk, in groups. */
type Chunk = {
  readonly outputs: readonly number[];
  readonly groups: readonly Group[];
};

const magnitude = new Uint32Array(8);
const previous = new Uint32Array(8);
const shifted = new Uint32Array(9);

/**
 * Reads a chunk; the list gets the operands of the terms, and how many each group has.
 *
 * @returns The number of the first bad term plus one, or the chunk.
 */
function readChunk(
  context: TaskContext,
  { curve, operands, sizes }: AdditionList,
  args: readonly number[],
  chunk: number,
): Chunk | number {
  const [points, terms, termCount, , pointCount, outCount] = args as Six;
  const { words } = context;
  const first = chunk * TERMS_CHUNK[curve];
  const end = Math.min(termCount, first + TERMS_CHUNK[curve]);
  const outputs: number[] = [];
  const groups: Group[] = [];
  for (let i = first; i < end; i++) {
    const term = terms / 4 + (i * TERM_BYTES) / 4;
    const [output, point] = [words[term] as number, words[term + 1] as number];
    const before = i === 0 ? 0 : (words[term - TERM_BYTES / 4] as number);
    const kind = readMagnitude(words, term + 2, magnitude);
    if (output >= outCount || point >= pointCount || output < before || kind === NOT_CANONICAL) return i + 1;
    const isNewOutput = outputs.at(-1) !== output;
    if (isNewOutput) outputs.push(output);
    if (isNewOutput || magnitude.some((word, k) => word !== previous[k])) {
      sizes[groups.length] = 0;
      groups.push(readGroup(outputs.length - 1, kind >>> 1));
      previous.set(magnitude);
    }
    operands[i - first] = (points + point * POINT_BYTES[curve]) | (kind & 1);
    sizes[groups.length - 1] = (sizes[groups.length - 1] as number) + 1;
  }
  return { outputs, groups };
}

/** The group of the magnitude just read, which has so many bits. */
function readGroup(output: number, bits: number): Group {
  if (bits <= 1) return { output, digits: [], isZero: bits === 0 };
  const count = digitCount(bits, WINDOW_BITS);
  addOffset(magnitude, digitOffset(WINDOW_BITS, count), shifted);
  const digits = Array.from(
    { length: count },
    (_, w) => digitField(shifted, WINDOW_BITS, w) - (TABLE_ENTRIES - 1),
  );
  return { output, digits, isZero: false };
}

/** Operands under construction, one group an output. */
type Gathering = {
  readonly begin: () => void;
  /** Adds an operand for an output; outputs must not fall. */
  readonly push: (output: number, operand: number) => void;
  /** Sums each output's operands. */
  readonly sum: (use: (output: number, operand: number) => void) => void;
};

function createGathering(list: AdditionList, arena: number): Gathering {
  const { operands, sizes } = list;
  let [used, count] = [0, 0];
  const targets: number[] = [];
  return {
    begin() {
      used = 0;
      count = 0;
    },
    push(output, operand) {
      if (count === 0 || targets[count - 1] !== output) {
        targets[count] = output;
        sizes[count++] = 0;
      }
      sizes[count - 1] = (sizes[count - 1] as number) + 1;
      operands[used++] = operand;
    },
    sum(use) {
      list.sumGroups(count, arena);
      for (let i = 0; i < count; i++) use(targets[i] as number, operands[i] as number);
    },
  };
}

/**
 * (points, terms, termCount, out, pointCount, outCount, partials, partialPoints, scratch, results): sums of a chunk's terms; the first
 * output's sum is noted as a part when an earlier chunk has terms of it
 */
const combine =
  (curve: CurveName): Task =>
  (context, args, chunkNumber) => {
    const [, terms, , out] = args as Six;
    const [partials, partialPoints, scratch, results] = args.slice(6) as [number, number, number, number];
    const { words } = context;
    const pointBytes = POINT_BYTES[curve];
    const capacity = TERMS_CHUNK[curve];
    const base = scratch + context.thread * combineScratchBytes(curve);
    const list = createAdditionList(context, curve, base, capacity);
    const chunk = readChunk(context, list, args, chunkNumber);
    if (typeof chunk === 'number') {
      words[results / 4] = chunk;
      return;
    }
    const { outputs, groups } = chunk;
    const { operands } = list;
    const room = (index: number): number =>
      base + additionListBytes(curve, capacity) + index * capacity * pointBytes;
    const [groupSums, accumulators, arena, tables] = [room(0), room(1), room(2), room(4)];
    const take = kernel(context, `${curve}Take`);

    // Sums of equal coefficients; they may lie in the arena, or be the points themselves.
    list.sumGroups(groups.length, arena);
    const wide: { readonly group: Group; readonly table: number }[] = [];
    groups.forEach((group, g) => {
      const isWide = group.digits.length > 0;
      const table = tables + wide.length * TABLE_ENTRIES * pointBytes;
      take(isWide ? table : groupSums + g * pointBytes, operands[g] as number);
      if (isWide) wide.push({ group, table });
    });
    fillMultiples(
      list,
      wide.map(({ table }) => table),
      TABLE_ENTRIES,
    );

    const accumulatorOf = (output: number): number => accumulators + output * pointBytes;
    const lengths = new Uint8Array(outputs.length);
    for (const { group } of wide)
      lengths[group.output] = Math.max(lengths[group.output] as number, group.digits.length);
    outputs.forEach((_, output) => {
      take(accumulatorOf(output), INFINITY_ADDRESS);
    });
    const gathering = createGathering(list, arena);
    for (let d = lengths.reduce((most, length) => Math.max(most, length), 0) - 1; d >= 0; d--) {
      for (let doubling = 0; doubling < WINDOW_BITS; doubling++) {
        lengths.forEach((length, output) => {
          const sum = accumulatorOf(output);
          if (d + 1 < length) list.push(sum, sum, sum);
        });
        list.flush();
      }
      gathering.begin();
      for (const { group, table } of wide) {
        const digit = group.digits[d] ?? 0;
        if (digit === 0) continue;
        const entry = table + (Math.abs(digit) - 1) * pointBytes;
        gathering.push(group.output, digit < 0 ? entry | 1 : entry);
      }
      gathering.sum((output, operand) => {
        const sum = accumulatorOf(output);
        list.push(sum, operand, sum);
      });
      list.flush();
    }

    gathering.begin();
    let g = 0;
    outputs.forEach((_, output) => {
      gathering.push(output, accumulatorOf(output));
      for (; groups[g]?.output === output; g++) {
        const group = groups[g] as Group;
        if (group.digits.length === 0 && !group.isZero) gathering.push(output, groupSums + g * pointBytes);
      }
    });
    const firstTerm = chunkNumber * capacity;
    const isContinued = firstTerm > 0 && words[(terms + (firstTerm - 1) * TERM_BYTES) / 4] === outputs[0];
    words[partials / 4 + chunkNumber] = isContinued ? out + (outputs[0] as number) * pointBytes : 0;
    gathering.sum((output, operand) => {
      const target = out + (outputs[output] as number) * pointBytes;
      take(output === 0 && isContinued ? partialPoints + chunkNumber * pointBytes : target, operand);
    });
  };

type Six = [number, number, number, number, number, number];

/** Tasks by name. */
export const COMBINE_TASKS: Readonly<Record<string, Task>> = {
  g1Combine: combine('g1'),
  g2Combine: combine('g2'),
};
