/** The worker's side of many independent multiples: of one base (setup from a secret) and by one scalar (ceremony). */
import { kernel, type Task } from '../threads/task.js';
import type { AdditionList, CurveName } from './addition-list.js';
import { addOffset, digitField, digitOffset, NOT_CANONICAL, readMagnitude } from './digits.js';
import { openScratch, SLICE_POINTS } from './msm-tasks.js';

/** Results that one chunk of {@link fixedBase} or {@link scale} covers. */
export const MULTIPLES_CHUNK = 1024;

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
export function fillMultiples(list: AdditionList, tables: readonly number[], entries: number): void {
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

type Three = [number, number, number];
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];
type Eight = [number, number, number, number, number, number, number, number];

const tasksOf = (curve: CurveName): Readonly<Record<string, Task>> => {
  if (MULTIPLES_CHUNK > SLICE_POINTS[curve]) {
    throw new RangeError('chunks of multiples do not fit in the scratch memory');
  }
  return {
    [`${curve}TableBases`]: tableBases(curve),
    [`${curve}TableMultiples`]: tableMultiples(curve),
    [`${curve}FixedBase`]: fixedBase(curve),
    [`${curve}Scale`]: scale(curve),
    [`${curve}Add`]: add(curve),
  };
};

/** Tasks by name. */
export const MULTIPLES_TASKS: Readonly<Record<string, Task>> = { ...tasksOf('g1'), ...tasksOf('g2') };
