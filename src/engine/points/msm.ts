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
import { type Session, withScratch } from '../session.js';
import type { OnProgress } from '../types.js';
import { type CurveName, POINT_BYTES } from './addition-list.js';
import { MAGNITUDE_BITS } from './digits.js';
import {
  HISTOGRAM_WORDS,
  SCALAR_CHUNK,
  SLICE_POINTS,
  scratchBytesPerThread,
  WINDOW_WORDS,
} from './msm-tasks.js';

const MAX_WINDOW_BITS = 16;
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

/**
 * Σ scalar[i]·point[i].
 *
 * @param points - Address of the points, @param scalars - of the canonical scalars.
 * @returns The affine sum, a copy.
 * @throws UsageError `SCALAR_RANGE` when a scalar is not below r.
 */
export function multiScalarMultiply(
  session: Session,
  curve: CurveName,
  points: number,
  scalars: number,
  count: number,
  onProgress?: OnProgress,
): Promise<Uint8Array> {
  return withScratch(session, async (reserve) => {
    const pointBytes = POINT_BYTES[curve];
    if (count === 0) return new Uint8Array(pointBytes);
    const chunks = Math.ceil(count / SCALAR_CHUNK);
    const kinds = reserve(count * 2);
    const histograms = reserve(chunks * HISTOGRAM_WORDS * 4);
    const sorted = reserve(count * 4);
    await session.run('msmClassify', [points, pointBytes, scalars, count, kinds, histograms], chunks);
    const lengths = positionsFromHistograms(session.words(), histograms, chunks);
    await session.run('msmOrder', [kinds, count, histograms, sorted], chunks);

    const sums = suffixSums(lengths);
    const windowBits = chooseWindowBits(sums);
    const entries = entriesByWindow(sums, windowBits);
    const windows = entries.length;
    const bucketCount = 2 ** (windowBits - 1);
    const wide = entries[0] ?? 0;
    const ones = lengths[1] ?? 0;

    const plan = reserve((windows + 1) * WINDOW_WORDS * 4);
    const bucketBytes = windows * bucketCount * pointBytes;
    const buckets = reserve(bucketBytes + pointBytes);
    const planWords: number[][] = entries.map((size, w) => [
      size,
      reserve(size * 2),
      reserve(size * 4),
      reserve((bucketCount + 1) * 4),
      buckets + w * bucketCount * pointBytes,
      bucketCount,
    ]);
    planWords.push([ones, 0, sorted + wide * 4, reserve(8), buckets + bucketBytes, 1]);
    const writePlan = (): void => {
      const words = session.words();
      planWords.forEach((row, w) => {
        words.set(row, plan / 4 + w * WINDOW_WORDS);
      });
    };
    writePlan();
    session.words().set([0, ones], (planWords[windows]?.[3] ?? 0) / 4);
    await session.run(
      'msmRecode',
      [sorted, wide, scalars, windowBits, windows, plan],
      Math.ceil(wide / SCALAR_CHUNK),
    );
    await session.run('msmSort', [sorted, windowBits, plan], windows);

    let slices = 0;
    const words = session.words();
    for (const row of planWords) {
      const [, , , ends = 0, , runs = 0] = row;
      row.push(slices);
      slices += Math.ceil((words[ends / 4 + runs] ?? 0) / SLICE_POINTS[curve]);
    }
    writePlan();
    const partials = reserve(slices * 4);
    const partialPoints = reserve(slices * pointBytes);
    const scratch = reserve(session.team.threads * scratchBytesPerThread(curve));
    await session.run(
      'clear',
      [buckets, bucketBytes + pointBytes],
      Math.ceil((bucketBytes + pointBytes) / 131072),
    );
    await session.run(
      `${curve}MsmAccumulate`,
      [points, windows + 1, plan, partials, partialPoints, scratch],
      slices,
      onProgress,
    );
    await session.run(`${curve}MsmMerge`, [slices, partials, partialPoints, scratch], 1);

    const windowSums = reserve((windows + 1) * pointBytes);
    const groups = Math.min(windows, session.team.threads);
    await session.run(`${curve}MsmReduce`, [windows, groups, plan, windowSums, scratch], groups);
    const out = windowSums + windows * pointBytes;
    const onesSum = buckets + bucketBytes;
    await session.run(`${curve}MsmCombine`, [windows, windowBits, windowSums, onesSum, out, scratch], 1);
    onProgress?.(1);
    return new Uint8Array(session.memory.memory.buffer, out, pointBytes).slice();
  });
}
