/**
 * The worker's side of Pippenger's sum of products, step by step; `msm.ts` says how the steps follow each other.
 *
 * What the steps share lies in a plan in shared memory: for each window the words of {@link WINDOW}. The scalars
 * that are 1 or −1 form one more window of a single bucket.
 */
import { kernel, type Task, type TaskContext } from '../threads/task.js';
import { HISTOGRAM_WORDS, WINDOW, WINDOW_BYTES } from '../wasm/layout.js';
import {
  type AdditionList,
  additionListBytes,
  type CurveName,
  createAdditionList,
  listParts,
  POINT_BYTES,
} from './addition-list.js';

/** Scalars that one chunk of the first steps covers. */
export const SCALAR_CHUNK = 8192;
/** Points that are summed at a time, and additions in one batch. */
export const SLICE_POINTS: Readonly<Record<CurveName, number>> = { g1: 4096, g2: 4096 };
const HISTOGRAM_BYTES = 4 * HISTOGRAM_WORDS;

/** The first scalar of a chunk, and the one after its last. */
const chunkOf = (count: number, chunk: number): readonly [number, number] => [
  chunk * SCALAR_CHUNK,
  Math.min(count, (chunk + 1) * SCALAR_CHUNK),
];

/** Notes bit length and sign of each scalar, 0 where the scalar or both of its points are zero, and counts bit lengths. */
const classify: Task = (context, args, chunk) => {
  const [points, pointBytes, morePoints, morePointBytes, scalars, count, kinds, histograms] = args as Eight;
  const histogram = histograms + chunk * HISTOGRAM_BYTES;
  context.bytes.fill(0, histogram, histogram + HISTOGRAM_BYTES);
  const [first, end] = chunkOf(count, chunk);
  const tables = [points, pointBytes, morePoints, morePointBytes];
  kernel(context, 'scalarsClassify')(...tables, scalars, first, end, kinds, histogram);
};

/** Sorts the scalars' numbers (bit 31: negative) by falling bit length; the histograms have become positions. */
const order: Task = (context, args, chunk) => {
  const [kinds, count, histograms, sorted] = args as Four;
  kernel(context, 'scalarsOrder')(
    kinds,
    ...chunkOf(count, chunk),
    histograms + chunk * HISTOGRAM_BYTES,
    sorted,
  );
};

/** Writes the digits of the scalars longer than one bit. */
const recode: Task = (context, args, chunk) => {
  const [sorted, count, scalars, windowBits, offset, plan] = args as Six;
  kernel(context, 'scalarsRecode')(sorted, ...chunkOf(count, chunk), scalars, windowBits, offset, plan);
};

/** Sorts one window's entries by bucket; bit 31 of an entry: subtract the point. */
const sort: Task = (context, args, chunk) => {
  const [all, windowBits, plan] = args as Three;
  kernel(context, 'scalarsSort')(all, windowBits, plan + chunk * WINDOW_BYTES);
};

/** Scratch bytes of a thread: an addition list of a slice's capacity and an arena of as many points. */
export function scratchBytesPerThread(curve: CurveName): number {
  return additionListBytes(curve, SLICE_POINTS[curve]) + SLICE_POINTS[curve] * POINT_BYTES[curve];
}

/** Address of this thread's part of the scratch memory at `base`. */
const scratchOf = (context: TaskContext, curve: CurveName, base: number): number =>
  base + context.thread * scratchBytesPerThread(curve);

type Scratch = { readonly list: AdditionList; readonly arena: number };

/** This thread's part of the scratch memory at `base`. */
export function openScratch(context: TaskContext, curve: CurveName, base: number): Scratch {
  const start = scratchOf(context, curve, base);
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
    const field = (window: number, offset: number): number => words[(window + offset) / 4] as number;
    let window = plan;
    const last = plan + (windows - 1) * WINDOW_BYTES;
    while (window < last && field(window + WINDOW_BYTES, WINDOW.firstSlice) <= chunk) window += WINDOW_BYTES;
    const total = words[field(window, WINDOW.ends) / 4 + field(window, WINDOW.bucketCount)] as number;
    const begin = (chunk - field(window, WINDOW.firstSlice)) * SLICE_POINTS[curve];
    const end = Math.min(total, begin + SLICE_POINTS[curve]);
    const list = listParts(curve, SLICE_POINTS[curve], scratchOf(context, curve, scratch));
    words[partials / 4 + chunk] = kernel(context, `${curve}SumSlice`)(
      points,
      window,
      begin,
      end,
      partialPoints + chunk * POINT_BYTES[curve],
      list.operands,
      list.sizes,
      list.records,
      list.denominators,
      list.end,
    );
  };

/** Adds the noted parts to their buckets; one chunk. */
const merge =
  (curve: CurveName): Task =>
  (context, args) => {
    const [count, partials, partialPoints, scratch] = args as Four;
    const { words } = context;
    const { list, arena } = openScratch(context, curve, scratch);
    const { operands, sizes } = list;
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
      list.sumGroups(targets.length, arena);
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
  const { pointBytes, operands, sizes } = list;
  const lanes = laneCount(rows.length, m);
  const length = m / lanes;
  const total = rows.length * lanes;
  const laneBytes = length * pointBytes;
  const runs = arena;
  const sums = runs + total * pointBytes;
  let free = sums + total * pointBytes;
  context.bytes.fill(0, runs, free);
  for (let t = length - 1; t >= 0; t--) {
    rows.forEach((row, i) => {
      const run = runs + i * lanes * pointBytes;
      const steps = { first: pointBytes, second: laneBytes, out: pointBytes };
      list.pushMany(run, row + t * pointBytes, run, steps, lanes);
    });
    list.flush();
    const steps = { first: pointBytes, second: pointBytes, out: pointBytes };
    list.pushMany(sums, runs, sums, steps, total);
    list.flush();
  }
  if (lanes === 1) return rows.map((_, i) => sums + i * pointBytes);

  const sumRows = (first: number): number[] => {
    for (let k = 0; k < total; k++) operands[k] = first + k * pointBytes;
    sizes.fill(lanes, 0, rows.length);
    list.sumGroups(rows.length, free);
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
    const word = (w: number, offset: number): number =>
      context.words[(plan + w * WINDOW_BYTES + offset) / 4] as number;
    const rows = mine.map((w) => word(w, WINDOW.buckets));
    const results = weightedSums(context, list, rows, word(0, WINDOW.bucketCount), arena);
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
type Eight = [number, number, number, number, number, number, number, number];

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
