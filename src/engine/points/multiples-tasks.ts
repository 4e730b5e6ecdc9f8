/**
 * The worker's side of many independent multiples: of one base (setup from a secret), by one scalar (ceremony), and
 * sparse sums (setup from a `.ptau`).
 */
import { kernel, type Task, type TaskContext } from '../threads/task.js';
import { INFINITY_ADDRESS } from '../wasm/layout.js';
import { type AdditionList, type CurveName, sumGroups } from './addition-list.js';
import { addOffset, digitCount, digitField, digitOffset, NOT_CANONICAL, readMagnitude } from './digits.js';
import { openScratch, SLICE_POINTS } from './msm-tasks.js';

/** Results that one chunk of {@link fixedBase} or {@link scale} covers. */
export const MULTIPLES_CHUNK = 1024;
/** Terms that one chunk of {@link combine} covers: their table of multiples must fit in the arena. */
export const TERMS_CHUNK = 256;
/** Bytes of a term: output index, point index, scalar. */
export const TERM_BYTES = 40;
/** Signed digits of {@link combine}: 4 bits, so −7 … 8. */
const TERM_WINDOW_BITS = 4;
const TERM_TABLE = 2 ** (TERM_WINDOW_BITS - 1);

const magnitude = new Uint32Array(8);
const shifted = new Uint32Array(9);

/** (table, windowBits, windows, base, scratch): the first entry of each window, 2^{cw}·base; one chunk */
const tableBases =
  (curve: CurveName): Task =>
  (context, args) => {
    const [table, windowBits, windows, base, scratch] = args as Five;
    const { list, arena } = openScratch(context, curve, scratch);
    const { pointBytes } = list;
    const take = kernel(context, `${curve}Take`);
    take(arena, base);
    for (let w = 0; w < windows; w++) {
      take(table + w * 2 ** (windowBits - 1) * pointBytes, arena);
      for (let i = 0; i < windowBits; i++) {
        list.push(arena, arena, arena);
        list.flush();
      }
    }
  };

/** Fills table[0 … entries) with 1, 2, … times its first entry; `rows` tables at once, `stride` bytes apart. */
function fillMultiples(list: AdditionList, tables: readonly number[], entries: number): void {
  const { pointBytes, capacity } = list;
  let queued = 0;
  for (let known = 1; known < entries; known *= 2) {
    for (const table of tables) {
      const last = table + (known - 1) * pointBytes;
      for (let i = 0; i < Math.min(known, entries - known); i++) {
        list.push(table + i * pointBytes, last, last + (i + 1) * pointBytes);
        if (++queued === capacity) {
          list.flush();
          queued = 0;
        }
      }
    }
    list.flush();
    queued = 0;
  }
}

/** (table, windowBits, scratch): all multiples of a window; a chunk is a window */
const tableMultiples =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [table, windowBits, scratch] = args as Three;
    const { list } = openScratch(context, curve, scratch);
    const entries = 2 ** (windowBits - 1);
    fillMultiples(list, [table + chunk * entries * list.pointBytes], entries);
  };

/** (table, windowBits, windows, scalars, out, count, scratch, results): out[i] = scalar[i]·base */
const fixedBase =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [table, windowBits, windows, scalars, out, count, scratch, results] = args as Eight;
    const { list } = openScratch(context, curve, scratch);
    const { pointBytes } = list;
    const { words, bytes } = context;
    const first = chunk * MULTIPLES_CHUNK;
    const size = Math.min(MULTIPLES_CHUNK, count - first);
    const offset = digitOffset(windowBits, windows);
    const zero = 2 ** (windowBits - 1) - 1;
    const digits = new Int32Array(size * windows);
    for (let i = 0; i < size; i++) {
      const kind = readMagnitude(words, scalars / 4 + (first + i) * 8, magnitude);
      if (kind === NOT_CANONICAL) words[results / 4] = 1;
      addOffset(magnitude, offset, shifted);
      const sign = (kind & 1) === 1 ? -1 : 1;
      for (let w = 0; w < windows; w++) {
        digits[w * size + i] = sign * (digitField(shifted, windowBits, w) - zero);
      }
    }
    const start = out + first * pointBytes;
    bytes.fill(0, start, start + size * pointBytes);
    for (let w = 0; w < windows; w++) {
      const row = table + w * 2 ** (windowBits - 1) * pointBytes;
      for (let i = 0; i < size; i++) {
        const digit = digits[w * size + i] as number;
        if (digit === 0) continue;
        const target = start + i * pointBytes;
        const entry = row + (Math.abs(digit) - 1) * pointBytes;
        list.push(target, digit < 0 ? entry | 1 : entry, target);
      }
      list.flush();
    }
  };

/** (points, count, scratch, isNegative, digits…): every point times one magnitude, digits in non-adjacent form, lowest first */
const scale =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [points, count, scratch, isNegative] = args as Four;
    const digits = args.slice(4);
    const { list, arena } = openScratch(context, curve, scratch);
    const { pointBytes } = list;
    const size = Math.min(MULTIPLES_CHUNK, count - chunk * MULTIPLES_CHUNK);
    const start = points + chunk * MULTIPLES_CHUNK * pointBytes;
    context.bytes.fill(0, arena, arena + size * pointBytes);
    for (let d = digits.length - 1; d >= 0; d--) {
      for (let i = 0; i < size * pointBytes; i += pointBytes) list.push(arena + i, arena + i, arena + i);
      list.flush();
      const digit = digits[d] as number;
      if (digit === 0) continue;
      for (let i = 0; i < size * pointBytes; i += pointBytes) {
        list.push(arena + i, digit < 0 ? (start + i) | 1 : start + i, arena + i);
      }
      list.flush();
    }
    const take = kernel(context, `${curve}Take`);
    for (let i = 0; i < size * pointBytes; i += pointBytes) take(start + i, (arena + i) | isNegative);
  };

/** (first, second, count, scratch): first[i] += second[i] */
const add =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [first, second, count, scratch] = args as Four;
    const { list } = openScratch(context, curve, scratch);
    const { pointBytes } = list;
    const end = Math.min(count, (chunk + 1) * MULTIPLES_CHUNK) * pointBytes;
    for (let i = chunk * MULTIPLES_CHUNK * pointBytes; i < end; i += pointBytes) {
      list.push(first + i, second + i, first + i);
    }
    list.flush();
  };

type Term = { readonly operand: number; readonly digits: readonly number[]; readonly isNegative: number };

/** Reads a term; multiples by 1 and −1 have no digits. */
function readTerm(context: TaskContext, term: number, points: number, pointBytes: number): Term | undefined {
  const { words } = context;
  const point = points + (words[term / 4 + 1] as number) * pointBytes;
  const kind = readMagnitude(words, term / 4 + 2, magnitude);
  if (kind === NOT_CANONICAL) return undefined;
  const bits = kind >>> 1;
  const isNegative = kind & 1;
  if (bits === 1) return { operand: point, digits: [], isNegative };
  const count = digitCount(bits, TERM_WINDOW_BITS);
  addOffset(magnitude, digitOffset(TERM_WINDOW_BITS, count), shifted);
  const digits = Array.from(
    { length: count },
    (_, w) => digitField(shifted, TERM_WINDOW_BITS, w) - (TERM_TABLE - 1),
  );
  return { operand: point, digits: count === 0 ? [0] : digits, isNegative };
}

/** Products of the terms that have digits, in lockstep; their operands become addresses of sums in the arena. */
function multiplyTerms(
  list: AdditionList,
  terms: readonly Term[],
  arena: number,
  operands: Uint32Array,
): void {
  const { pointBytes } = list;
  const wide = terms.flatMap((term, i) => (term.digits.length === 0 ? [] : [{ ...term, i }]));
  const sumOf = (k: number): number => arena + k * pointBytes;
  const tables = wide.map((_, k) => sumOf(wide.length) + k * TERM_TABLE * pointBytes);
  wide.forEach((term, k) => {
    list.push(term.operand, INFINITY_ADDRESS, tables[k] as number);
  });
  list.flush();
  fillMultiples(list, tables, TERM_TABLE);
  wide.forEach((_, k) => {
    list.push(INFINITY_ADDRESS, INFINITY_ADDRESS, sumOf(k));
  });
  list.flush();
  const most = Math.max(0, ...wide.map((term) => term.digits.length));
  for (let d = most - 1; d >= 0; d--) {
    for (let doubling = 0; doubling < TERM_WINDOW_BITS; doubling++) {
      wide.forEach((term, k) => {
        if (d < term.digits.length) list.push(sumOf(k), sumOf(k), sumOf(k));
      });
      list.flush();
    }
    wide.forEach((term, k) => {
      const digit = term.digits[d] ?? 0;
      if (digit === 0) return;
      const entry = (tables[k] as number) + (Math.abs(digit) - 1) * pointBytes;
      list.push(sumOf(k), digit < 0 ? entry | 1 : entry, sumOf(k));
    });
    list.flush();
  }
  wide.forEach((term, k) => {
    operands[term.i] = sumOf(k) | term.isNegative;
  });
}

/**
 * (points, terms, termCount, out, pointCount, outCount, partials, partialPoints, scratch, results): sums of a chunk's terms; the first
 * output's sum is noted as a part when an earlier chunk has terms of it
 */
const combine =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [points, terms, termCount, out, pointCount, outCount, partials, partialPoints] = args as Eight;
    const [scratch, results] = args.slice(8) as [number, number];
    const { words } = context;
    const { list, arena } = openScratch(context, curve, scratch);
    const { pointBytes } = list;
    const first = chunk * TERMS_CHUNK;
    const end = Math.min(termCount, first + TERMS_CHUNK);
    const operands = new Uint32Array(end - first);
    const outputs: number[] = [];
    const sizes = new Uint32Array(end - first);
    const parsed: Term[] = [];
    for (let i = first; i < end; i++) {
      const term = terms + i * TERM_BYTES;
      const output = words[term / 4] as number;
      const previous = i === 0 ? 0 : (words[term / 4 - TERM_BYTES / 4] as number);
      const isInside =
        output < outCount && (words[term / 4 + 1] as number) < pointCount && output >= previous;
      const value = isInside ? readTerm(context, term, points, pointBytes) : undefined;
      if (value === undefined) {
        words[results / 4] = i + 1;
        return;
      }
      operands[i - first] = value.operand | value.isNegative;
      parsed.push(value);
      if (outputs.at(-1) !== output) outputs.push(output);
      sizes[outputs.length - 1] = (sizes[outputs.length - 1] as number) + 1;
    }
    multiplyTerms(list, parsed, arena, operands);
    const free = arena + (TERM_TABLE + 1) * TERMS_CHUNK * pointBytes;
    sumGroups(list, operands, sizes, outputs.length, free);
    const isContinued = first > 0 && words[(terms + (first - 1) * TERM_BYTES) / 4] === outputs[0];
    words[partials / 4 + chunk] = isContinued ? out + (outputs[0] as number) * pointBytes : 0;
    const take = kernel(context, `${curve}Take`);
    outputs.forEach((output, g) => {
      const target = g === 0 && isContinued ? partialPoints + chunk * pointBytes : out + output * pointBytes;
      take(target, operands[g] as number);
    });
  };

type Three = [number, number, number];
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];
type Eight = [number, number, number, number, number, number, number, number];

const tasksOf = (curve: CurveName): Readonly<Record<string, Task>> => {
  if ((TERM_TABLE + 2) * TERMS_CHUNK > SLICE_POINTS[curve] || MULTIPLES_CHUNK > SLICE_POINTS[curve]) {
    throw new RangeError('chunks of multiples do not fit in the scratch memory');
  }
  return {
    [`${curve}TableBases`]: tableBases(curve),
    [`${curve}TableMultiples`]: tableMultiples(curve),
    [`${curve}FixedBase`]: fixedBase(curve),
    [`${curve}Scale`]: scale(curve),
    [`${curve}Add`]: add(curve),
    [`${curve}Combine`]: combine(curve),
  };
};

/** Tasks by name. */
export const MULTIPLES_TASKS: Readonly<Record<string, Task>> = { ...tasksOf('g1'), ...tasksOf('g2') };
