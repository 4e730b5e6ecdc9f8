/**
 * Sums of products by Pippenger's method, with what makes bit-heavy witnesses nearly free.
 *
 * 1. Scalars become sign and magnitude; zero scalars and points at infinity are dropped, 1 and −1 set apart, the rest sorted by length,
 *    so that a window only sees the scalars that reach it.
 * 2. Signed digits of c bits, c chosen from the histogram of lengths; per window a counting sort by bucket.
 * 3. Slices of the sorted entries are summed pairwise inside each bucket, in affine coordinates with one inversion for a
 *    whole round of a slice.
 * 4. Buckets are summed by running sums over many lanes, windows by Horner's rule.
 *
 * Every intermediate result is a point in affine coordinates: bytes do not depend on threads or timing.
 */
import { UsageError } from '../../statement/errors.js';
import { CLEAR_CHUNK_BYTES } from '../scalars/tasks.js';
import { type Reserve, type Session, withScratch } from '../session.js';
import type { OnProgress } from '../types.js';
import { HISTOGRAM_WORDS, WINDOW, WINDOW_BYTES } from '../wasm/layout.js';
import { type CurveName, POINT_BYTES } from './addition-list.js';
import { digitOffset, MAGNITUDE_BITS } from './digits.js';
import { SCALAR_CHUNK, SLICE_POINTS, scratchBytesPerThread } from './msm-tasks.js';

const MAX_WINDOW_BITS = 16;
/** Bytes of the digits' offset: nine words and one that is zero. */
const OFFSET_BYTES = 40;

/** Additions that a bucket costs in the final sums, and that a scalar's digit costs beside its addition. */
const ADDITIONS_PER_BUCKET = 2.5;

/** How many scalars have each bit length. */
type Lengths = readonly number[];

/** For each b the number of scalars with b bits or more. */
function suffixSums(lengths: Lengths): number[] {
  const sums = [...lengths, 0];
  for (let bits = lengths.length - 1; bits >= 0; bits--)
    sums[bits] = (sums[bits] ?? 0) + (sums[bits + 1] ?? 0);
  return sums;
}

/**
 * Numbers of scalars that have a digit in window 0, 1, …, for windows of c bits: those with ⌈(bits + 1)/c⌉ > w. Scalars of one
 * bit are left out.
 */
function entriesByWindow(sums: readonly number[], windowBits: number): number[] {
  const entries: number[] = [];
  for (let count = sums[2] ?? 0; count > 0; count = sums[Math.max(2, entries.length * windowBits)] ?? 0)
    entries.push(count);
  return entries;
}

/** The window size with the fewest additions. */
function chooseWindowBits(sums: readonly number[]): number {
  let best = { bits: 2, cost: Number.POSITIVE_INFINITY };
  for (let bits = 2; bits <= MAX_WINDOW_BITS; bits++) {
    const entries = entriesByWindow(sums, bits);
    const cost = entries.reduce((sum, count) => sum + count + ADDITIONS_PER_BUCKET * 2 ** (bits - 1), 0);
    if (cost < best.cost) best = { bits, cost };
  }
  return best.bits;
}

/** Turns the chunks' histograms into positions of a stable sort by falling length; returns the lengths' totals. */
function positionsFromHistograms(words: Uint32Array, histograms: number, chunks: number): number[] {
  const lengths = new Array<number>(MAGNITUDE_BITS + 1).fill(0);
  const at = (chunk: number, bits: number): number => histograms / 4 + chunk * HISTOGRAM_WORDS + bits;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const bad = words[at(chunk, HISTOGRAM_WORDS - 1)] ?? 0;
    if (bad > 0) {
      throw new UsageError(
        'SCALAR_RANGE',
        `msm: expected canonical scalars below r, got ${bad} that are not among the first ${(chunk + 1) * SCALAR_CHUNK}. Reduce them first.`,
      );
    }
  }
  let next = 0;
  for (let bits = MAGNITUDE_BITS; bits >= 1; bits--) {
    const first = next;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const count = words[at(chunk, bits)] ?? 0;
      words[at(chunk, bits)] = next;
      next += count;
    }
    lengths[bits] = next - first;
  }
  return lengths;
}

/** Points of one group, one for each scalar. */
export type PointTable = { readonly curve: CurveName; readonly points: number };

/** Scalars sorted by the digit of each window, for any points. */
type Plan = {
  readonly address: number;
  readonly windowBits: number;
  /** How many; one more, of a single bucket, holds the scalars that are 1 or −1. */
  readonly windows: number;
  readonly bucketCount: number;
  /** Addresses of the ends of each window's runs, in words of the memory. */
  readonly ends: readonly number[];
};

/** Steps 1 and 2; scalars whose points in all tables (one or two) are at infinity are dropped too. */
async function sortScalars(
  session: Session,
  reserve: Reserve,
  tables: readonly PointTable[],
  scalars: number,
  count: number,
): Promise<Plan> {
  const chunks = Math.ceil(count / SCALAR_CHUNK);
  const kinds = reserve(count * 2);
  const histograms = reserve(chunks * HISTOGRAM_WORDS * 4);
  const sorted = reserve(count * 4);
  const [first, second = first] = tables.map(({ curve, points }) => [points, POINT_BYTES[curve]]);
  const classified = [...(first ?? []), ...(second ?? []), scalars, count, kinds, histograms];
  await session.run('msmClassify', classified, chunks);
  const lengths = positionsFromHistograms(session.words(), histograms, chunks);
  await session.run('msmOrder', [kinds, count, histograms, sorted], chunks);

  const sums = suffixSums(lengths);
  const windowBits = chooseWindowBits(sums);
  const entries = entriesByWindow(sums, windowBits);
  const windows = entries.length;
  const bucketCount = 2 ** (windowBits - 1);
  const wide = entries[0] ?? 0;
  const ones = lengths[1] ?? 0;

  const address = reserve((windows + 1) * WINDOW_BYTES);
  const offset = reserve(OFFSET_BYTES);
  const rows = entries.map((size) => [
    size,
    reserve(size * 2),
    reserve(size * 4),
    reserve((bucketCount + 2) * 4),
  ]);
  rows.push([ones, 0, sorted + wide * 4, reserve(8)]);
  const ends = rows.map(([, , , run = 0]) => run / 4);
  const words = session.words();
  words.fill(0, offset / 4, (offset + OFFSET_BYTES) / 4);
  words.set(digitOffset(windowBits, windows), offset / 4);
  rows.forEach((row, w) => {
    words.set([...row, 0, w < windows ? bucketCount : 1], (address + w * WINDOW_BYTES) / 4);
  });
  words.set([0, ones], ends[windows]);
  const recoding = [sorted, wide, scalars, windowBits, offset, address];
  await session.run('msmRecode', recoding, Math.ceil(wide / SCALAR_CHUNK));
  await session.run('msmSort', [sorted, windowBits, address], windows);
  return { address, windowBits, windows, bucketCount, ends };
}

/** Steps 3 and 4. */
function sumBuckets(
  session: Session,
  plan: Plan,
  { curve, points }: PointTable,
  onProgress?: OnProgress,
): Promise<Uint8Array> {
  return withScratch(session, async (reserve) => {
    const { address, windowBits, windows, bucketCount, ends } = plan;
    const pointBytes = POINT_BYTES[curve];
    const bucketBytes = (windows * bucketCount + 1) * pointBytes;
    const buckets = reserve(bucketBytes);
    const onesSum = buckets + windows * bucketCount * pointBytes;
    const words = session.words();
    let slices = 0;
    ends.forEach((end, w) => {
      const window = address + w * WINDOW_BYTES;
      words[(window + WINDOW.buckets) / 4] = buckets + w * bucketCount * pointBytes;
      words[(window + WINDOW.firstSlice) / 4] = slices;
      const runs = w < windows ? bucketCount : 1;
      slices += Math.ceil((words[end + runs] ?? 0) / SLICE_POINTS[curve]);
    });
    const partials = reserve(slices * 4);
    const partialPoints = reserve(slices * pointBytes);
    const scratch = reserve(session.team.threads * scratchBytesPerThread(curve));
    await session.run('clear', [buckets, bucketBytes], Math.ceil(bucketBytes / CLEAR_CHUNK_BYTES));
    await session.run(
      `${curve}MsmAccumulate`,
      [points, windows + 1, address, partials, partialPoints, scratch],
      slices,
      onProgress,
    );
    await session.run(`${curve}MsmMerge`, [slices, partials, partialPoints, scratch], 1);

    const windowSums = reserve((windows + 1) * pointBytes);
    const groups = Math.min(windows, session.team.threads);
    await session.run(`${curve}MsmReduce`, [windows, groups, address, windowSums, scratch], groups);
    const out = windowSums + windows * pointBytes;
    await session.run(`${curve}MsmCombine`, [windows, windowBits, windowSums, onesSum, out, scratch], 1);
    onProgress?.(1);
    return new Uint8Array(session.memory.memory.buffer, out, pointBytes).slice();
  });
}

/**
 * Σ scalar[i]·point[i] over each table of points. Scalars are sorted once.
 *
 * @param tables - One or two, @param scalars - address of the canonical scalars.
 * @param onSum - Called when a sum is there.
 * @returns The affine sums, copies.
 * @throws UsageError `SCALAR_RANGE` when a scalar is not below r.
 */
export function multiScalarMultiply(
  session: Session,
  tables: readonly PointTable[],
  scalars: number,
  count: number,
  { onProgress, onSum }: { readonly onProgress?: OnProgress; readonly onSum?: () => void } = {},
): Promise<Uint8Array[]> {
  return withScratch(session, async (reserve) => {
    if (count === 0) return tables.map(({ curve }) => new Uint8Array(POINT_BYTES[curve]));
    const plan = await sortScalars(session, reserve, tables, scalars, count);
    const sums: Uint8Array[] = [];
    for (const table of tables) {
      sums.push(await sumBuckets(session, plan, table, onProgress));
      onSum?.();
    }
    return sums;
  });
}
