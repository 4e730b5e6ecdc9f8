/**
 * The worker's side of Pippenger's sum of products, step by step; `msm.ts` says how the steps follow each other.
 *
 * What the steps share lies in a plan in shared memory: for each window {@link WINDOW_WORDS} words, see `Window`. The scalars
 * that are 1 or −1 form one more window of a single bucket.
 */
import { kernel, type Task, type TaskContext } from '../threads/task.js';
import {
  type AdditionList,
  additionListBytes,
  type CurveName,
  createAdditionList,
  POINT_BYTES,
  sumGroups,
} from './addition-list.js';
import { addOffset, digitCount, digitField, digitOffset, NOT_CANONICAL, readMagnitude } from './digits.js';

/** Scalars that one chunk of the first steps covers. */
export const SCALAR_CHUNK = 8192;
/** Points that are summed at a time, and additions in one batch. */
export const SLICE_POINTS: Readonly<Record<CurveName, number>> = { g1: 4096, g2: 4096 };
/** Words of a chunk's histogram: one for each bit length, the last counts scalars that are not canonical. */
export const HISTOGRAM_WORDS = 256;
/** Words of a window in the plan. */
export const WINDOW_WORDS = 8;

type Window = {
  /** Entries (scalars that have this digit). */
  readonly entries: number;
  /** Addresses of digits (u16), sorted entries (u32), ends of the buckets' runs (u32, the first 0), buckets (points). */
  readonly digits: number;
  readonly sorted: number;
  readonly ends: number;
  readonly buckets: number;
  readonly bucketCount: number;
  /** First slice of this window among all. */
  readonly firstSlice: number;
};

function readWindow(context: TaskContext, plan: number, index: number): Window {
  const at = plan / 4 + index * WINDOW_WORDS;
  const [entries = 0, digits = 0, sorted = 0, ends = 0, buckets = 0, bucketCount = 0, firstSlice = 0] =
    context.words.subarray(at, at + WINDOW_WORDS);
  return { entries, digits, sorted, ends, buckets, bucketCount, firstSlice };
}

const magnitude = new Uint32Array(8);
const shifted = new Uint32Array(9);

/** Notes bit length and sign of each scalar, 0 where scalar or point is zero, and counts bit lengths. */
const classify: Task = (context, args, chunk) => {
  const [points, pointBytes, scalars, count, kinds, histograms] = args as Six;
  const { words, halves } = context;
  const histogram = histograms / 4 + chunk * HISTOGRAM_WORDS;
  words.fill(0, histogram, histogram + HISTOGRAM_WORDS);
  const pointWords = pointBytes / 4;
  const end = Math.min(count, (chunk + 1) * SCALAR_CHUNK);
  for (let i = chunk * SCALAR_CHUNK; i < end; i++) {
    let kind = readMagnitude(words, scalars / 4 + i * 8, magnitude);
    if (kind === NOT_CANONICAL) {
      words[histogram + HISTOGRAM_WORDS - 1] = (words[histogram + HISTOGRAM_WORDS - 1] as number) + 1;
      kind = 0;
    }
    if (kind !== 0) {
      const first = points / 4 + i * pointWords;
      let k = 0;
      while (k < pointWords && words[first + k] === 0) k++;
      if (k === pointWords) kind = 0;
    }
    halves[kinds / 2 + i] = kind;
    const bin = histogram + (kind >>> 1);
    words[bin] = (words[bin] as number) + 1;
  }
};

/** Sorts the scalars' numbers (bit 31: negative) by falling bit length; the histograms have become positions. */
const order: Task = (context, args, chunk) => {
  const [kinds, count, histograms, sorted] = args as Four;
  const { words, halves } = context;
  const positions = words.slice(
    histograms / 4 + chunk * HISTOGRAM_WORDS,
    histograms / 4 + (chunk + 1) * HISTOGRAM_WORDS,
  );
  const end = Math.min(count, (chunk + 1) * SCALAR_CHUNK);
  for (let i = chunk * SCALAR_CHUNK; i < end; i++) {
    const kind = halves[kinds / 2 + i] as number;
    if (kind === 0) continue;
    const position = positions[kind >>> 1] as number;
    positions[kind >>> 1] = position + 1;
    words[sorted / 4 + position] = i | ((kind & 1) << 31);
  }
};

/** Writes the digits of the scalars longer than one bit. */
const recode: Task = (context, args, chunk) => {
  const [sorted, count, scalars, windowBits, windows, plan] = args as Six;
  const { words, halves } = context;
  const offset = digitOffset(windowBits, windows);
  const digits = Array.from({ length: windows }, (_, w) => readWindow(context, plan, w).digits / 2);
  const end = Math.min(count, (chunk + 1) * SCALAR_CHUNK);
  for (let position = chunk * SCALAR_CHUNK; position < end; position++) {
    const i = (words[sorted / 4 + position] as number) & 0x7fffffff;
    const kind = readMagnitude(words, scalars / 4 + i * 8, magnitude);
    addOffset(magnitude, offset, shifted);
    const used = digitCount(kind >>> 1, windowBits);
    for (let w = 0; w < used; w++) {
      halves[(digits[w] as number) + position] = digitField(shifted, windowBits, w);
    }
  }
};

/** Sorts one window's entries by bucket (counting sort); bit 31 of an entry: subtract the point. */
const sort: Task = (context, args, chunk) => {
  const [all, windowBits, plan] = args as Three;
  const { words, halves } = context;
  const window = readWindow(context, plan, chunk);
  const zero = 2 ** (windowBits - 1) - 1;
  const ends = new Uint32Array(window.bucketCount + 2);
  const digits = window.digits / 2;
  for (let i = 0; i < window.entries; i++) {
    const digit = (halves[digits + i] as number) - zero;
    const bucket = digit < 0 ? -digit : digit;
    ends[bucket + 1] = (ends[bucket + 1] as number) + 1;
  }
  // Entries of digit 0 are dropped: run b begins where run b − 1 ends, run 1 at 0.
  ends[1] = 0;
  for (let b = 1; b <= window.bucketCount; b++) ends[b + 1] = (ends[b + 1] as number) + (ends[b] as number);
  for (let i = 0; i < window.entries; i++) {
    const digit = (halves[digits + i] as number) - zero;
    if (digit === 0) continue;
    const bucket = digit < 0 ? -digit : digit;
    const position = ends[bucket] as number;
    ends[bucket] = position + 1;
    const entry = words[all / 4 + i] as number;
    words[window.sorted / 4 + position] = digit < 0 ? entry ^ 0x80000000 : entry;
  }
  words.set(ends.subarray(0, window.bucketCount + 1), window.ends / 4);
};

/** The first bucket whose run ends after `position`. */
function bucketAt(words: Uint32Array, window: Window, position: number): number {
  let low = 1;
  let high = window.bucketCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[window.ends / 4 + middle] as number) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

const operands = new Uint32Array(2 * SLICE_POINTS.g1);
const sizes = new Uint32Array(2 * SLICE_POINTS.g1);

/** Scratch bytes of a thread: an addition list of a slice's capacity and an arena of as many points. */
export function scratchBytesPerThread(curve: CurveName): number {
  return additionListBytes(curve, SLICE_POINTS[curve]) + SLICE_POINTS[curve] * POINT_BYTES[curve];
}

type Scratch = { readonly list: AdditionList; readonly arena: number };

/** This thread's part of the scratch memory at `base`. */
export function openScratch(context: TaskContext, curve: CurveName, base: number): Scratch {
  const start = base + context.thread * scratchBytesPerThread(curve);
  const capacity = SLICE_POINTS[curve];
  return {
    list: createAdditionList(context, curve, start, capacity),
    arena: start + additionListBytes(curve, capacity),
  };
}

/**
 * Sums the points of one slice of a window into its buckets. A bucket that began in an earlier slice gets its part
 * noted as (address of the bucket, point) instead; `merge` adds those.
 */
const accumulate =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [points, windows, plan, partials, partialPoints, scratch] = args as Six;
    const { words } = context;
    const pointBytes = POINT_BYTES[curve];
    const slicePoints = SLICE_POINTS[curve];
    let index = 0;
    while (index + 1 < windows && readWindow(context, plan, index + 1).firstSlice <= chunk) index++;
    const window = readWindow(context, plan, index);
    const total = words[window.ends / 4 + window.bucketCount] as number;
    const begin = (chunk - window.firstSlice) * slicePoints;
    const end = Math.min(total, begin + slicePoints);

    const firstBucket = bucketAt(words, window, begin);
    const targets: number[] = [];
    let group = 0;
    for (let position = begin, bucket = firstBucket; position < end; bucket++) {
      const stop = Math.min(end, words[window.ends / 4 + bucket] as number);
      if (stop === position) continue;
      sizes[group++] = stop - position;
      targets.push(window.buckets + (bucket - 1) * pointBytes);
      for (; position < stop; position++) {
        const entry = words[window.sorted / 4 + position] as number;
        operands[position - begin] = points + (entry & 0x7fffffff) * pointBytes + (entry >>> 31);
      }
    }
    const { list, arena } = openScratch(context, curve, scratch);
    sumGroups(list, operands, sizes, group, arena);
    const take = kernel(context, `${curve}Take`);
    const isContinued = (words[window.ends / 4 + firstBucket - 1] as number) < begin;
    words[partials / 4 + chunk] = isContinued ? (targets[0] as number) : 0;
    targets.forEach((target, g) => {
      const out = g === 0 && isContinued ? partialPoints + chunk * pointBytes : target;
      take(out, operands[g] as number);
    });
  };

/** Adds the noted parts to their buckets; one chunk. */
const merge =
  (curve: CurveName): Task =>
  (context, args) => {
    const [count, partials, partialPoints, scratch] = args as Four;
    const { words } = context;
    const { list, arena } = openScratch(context, curve, scratch);
    const take = kernel(context, `${curve}Take`);
    for (let next = 0; next < count; ) {
      const targets: number[] = [];
      let length = 0;
      for (; next < count && length + 2 <= SLICE_POINTS[curve]; next++) {
        const target = words[partials / 4 + next] as number;
        if (target === 0) continue;
        if (targets.at(-1) !== target) {
          operands[length++] = target;
          sizes[targets.length] = 1;
          targets.push(target);
        }
        operands[length++] = partialPoints + next * POINT_BYTES[curve];
        sizes[targets.length - 1] = (sizes[targets.length - 1] as number) + 1;
      }
      sumGroups(list, operands, sizes, targets.length, arena);
      targets.forEach((target, g) => {
        take(target, operands[g] as number);
      });
    }
  };

/**
 * For several rows of m buckets at once: Σ (j+1)·B_j, by running sums from the top over lanes of L buckets each.
 * With run_s and acc_s the sums of lane s: Σ (j+1)·B_j = Σ acc_s + L·Σ s·run_s, and Σ s·run_s = Σ (s+1)·run_s − Σ run_s.
 *
 * @returns Operands of the sums, one a row.
 */
function weightedSums(
  context: TaskContext,
  list: AdditionList,
  rows: readonly number[],
  m: number,
  arena: number,
): number[] {
  const { pointBytes } = list;
  const lanes = laneCount(rows.length, m);
  const length = m / lanes;
  const total = rows.length * lanes;
  const runs = arena;
  const sums = runs + total * pointBytes;
  let free = sums + total * pointBytes;
  context.bytes.fill(0, runs, free);
  for (let t = length - 1; t >= 0; t--) {
    for (let k = 0; k < total; k++) {
      const lane = k % lanes;
      const bucket = (rows[(k - lane) / lanes] as number) + (lane * length + t) * pointBytes;
      list.push(runs + k * pointBytes, bucket, runs + k * pointBytes);
    }
    list.flush();
    for (let k = 0; k < total; k++) {
      list.push(sums + k * pointBytes, runs + k * pointBytes, sums + k * pointBytes);
    }
    list.flush();
  }
  if (lanes === 1) return rows.map((_, i) => sums + i * pointBytes);

  const sumRows = (first: number): number[] => {
    for (let k = 0; k < total; k++) operands[k] = first + k * pointBytes;
    sizes.fill(lanes, 0, rows.length);
    sumGroups(list, operands, sizes, rows.length, free);
    free += total * pointBytes;
    return Array.from(operands.subarray(0, rows.length));
  };
  const allSums = sumRows(sums);
  const allRuns = sumRows(runs);
  const laneRows = rows.map((_, i) => runs + i * lanes * pointBytes);
  const weighted = weightedSums(context, list, laneRows, lanes, free);
  const results = rows.map((_, i) => arena + i * pointBytes);
  results.forEach((out, i) => {
    list.push(weighted[i] as number, (allRuns[i] as number) | 1, out);
  });
  list.flush();
  for (let doubled = 1; doubled < length; doubled *= 2) {
    for (const out of results) list.push(out, out, out);
    list.flush();
  }
  results.forEach((out, i) => {
    list.push(out, allSums[i] as number, out);
  });
  list.flush();
  return results;
}

/** Lanes that make a batch of good size: up to 512 in all, at least 4 buckets in each. */
function laneCount(rows: number, m: number): number {
  let lanes = 1;
  while (lanes * 8 <= m && lanes * 2 * rows <= 512) lanes *= 2;
  return lanes;
}

/** Sums the buckets of every window whose number is the chunk's modulo the number of chunks. */
const reduce =
  (curve: CurveName): Task =>
  (context, args, chunk) => {
    const [windows, chunks, plan, windowSums, scratch] = args as Five;
    const { list, arena } = openScratch(context, curve, scratch);
    const mine: number[] = [];
    for (let w = chunk; w < windows; w += chunks) mine.push(w);
    if (mine.length === 0) return;
    const rows = mine.map((w) => readWindow(context, plan, w).buckets);
    const results = weightedSums(context, list, rows, readWindow(context, plan, 0).bucketCount, arena);
    const take = kernel(context, `${curve}Take`);
    mine.forEach((w, i) => {
      take(windowSums + w * list.pointBytes, results[i] as number);
    });
  };

/** Σ 2^{cw}·windowSum_w + ones, by Horner's rule; one chunk. */
const combine =
  (curve: CurveName): Task =>
  (context, args) => {
    const [windows, windowBits, windowSums, ones, out, scratch] = args as Six;
    const { list } = openScratch(context, curve, scratch);
    const addTo = (other: number): void => {
      list.push(out, other, out);
      list.flush();
    };
    context.bytes.fill(0, out, out + list.pointBytes);
    for (let w = windows - 1; w >= 0; w--) {
      for (let i = 0; i < windowBits; i++) addTo(out);
      addTo(windowSums + w * list.pointBytes);
    }
    addTo(ones);
  };

type Three = [number, number, number];
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];
type Six = [number, number, number, number, number, number];

/** Tasks by name. */
export const MSM_TASKS: Readonly<Record<string, Task>> = {
  msmClassify: classify,
  msmOrder: order,
  msmRecode: recode,
  msmSort: sort,
  g1MsmAccumulate: accumulate('g1'),
  g2MsmAccumulate: accumulate('g2'),
  g1MsmMerge: merge('g1'),
  g2MsmMerge: merge('g2'),
  g1MsmReduce: reduce('g1'),
  g2MsmReduce: reduce('g2'),
  g1MsmCombine: combine('g1'),
  g2MsmCombine: combine('g2'),
};
