/** Many multiples at once: of one base, by one scalar, and sparse sums of points. All in batches of affine additions. */
import { Fr } from '../../math/field.js';
import { UsageError } from '../../statement/errors.js';
import { CLEAR_CHUNK_BYTES } from '../scalars/tasks.js';
import { type Session, withScratch } from '../session.js';
import type { OnProgress } from '../types.js';
import { type CurveName, POINT_BYTES } from './addition-list.js';
import { combineScratchBytes, TERMS_CHUNK } from './combine-tasks.js';
import { digitCount, MAGNITUDE_BITS } from './digits.js';
import { scratchBytesPerThread } from './msm-tasks.js';
import { MULTIPLES_CHUNK } from './multiples-tasks.js';

const MAX_TABLE_BITS = 16;

/** The table size with the fewest additions: entries of the table and digits of all scalars. */
function chooseTableBits(count: number): number {
  const cost = (bits: number): number => digitCount(MAGNITUDE_BITS - 1, bits) * (2 ** (bits - 1) + count);
  let best = 2;
  for (let bits = 3; bits <= MAX_TABLE_BITS; bits++) if (cost(bits) < cost(best)) best = bits;
  return best;
}

/** out[i] = scalar[i]·base, with a table of multiples for every window. */
export function multiplyFixedBase(
  session: Session,
  curve: CurveName,
  base: Uint8Array,
  scalars: number,
  out: number,
  count: number,
  onProgress?: OnProgress,
): Promise<void> {
  return withScratch(session, async (reserve) => {
    if (count === 0) return;
    const pointBytes = POINT_BYTES[curve];
    const windowBits = chooseTableBits(count);
    const windows = digitCount(MAGNITUDE_BITS - 1, windowBits);
    const table = reserve(windows * 2 ** (windowBits - 1) * pointBytes);
    const results = reserve(4);
    const basePoint = reserve(pointBytes);
    const scratch = reserve(session.team.threads * scratchBytesPerThread(curve));
    new Uint8Array(session.memory.memory.buffer, basePoint, pointBytes).set(base);
    session.words()[results / 4] = 0;
    await session.run(`${curve}TableBases`, [table, windowBits, windows, basePoint, scratch], 1);
    await session.run(`${curve}TableMultiples`, [table, windowBits, scratch], windows);
    await session.run(
      `${curve}FixedBase`,
      [table, windowBits, windows, scalars, out, count, scratch, results],
      Math.ceil(count / MULTIPLES_CHUNK),
      onProgress,
    );
    if (session.words()[results / 4] !== 0) {
      throw new UsageError(
        'SCALAR_RANGE',
        'fixedBase: expected canonical scalars below r. Reduce them first.',
      );
    }
    onProgress?.(1);
  });
}

/** Digits −1, 0, 1 of a magnitude, no two neighbours both non-zero, lowest first. */
function nonAdjacentForm(magnitude: bigint): number[] {
  const digits: number[] = [];
  for (let rest = magnitude; rest > 0n; rest >>= 1n) {
    const digit = (rest & 1n) === 0n ? 0 : (rest & 3n) === 1n ? 1 : -1;
    rest -= BigInt(digit);
    digits.push(digit);
  }
  return digits;
}

/** Every point times one canonical scalar, in place. */
export function scalePoints(
  session: Session,
  curve: CurveName,
  points: number,
  count: number,
  scalar: bigint,
  onProgress?: OnProgress,
): Promise<void> {
  return withScratch(session, async (reserve) => {
    const negated = Fr.neg(scalar);
    const isNegative = negated < scalar;
    const digits = nonAdjacentForm(isNegative ? negated : scalar);
    const scratch = reserve(session.team.threads * scratchBytesPerThread(curve));
    const args = [points, count, scratch, isNegative ? 1 : 0, ...digits];
    await session.run(`${curve}Scale`, args, Math.ceil(count / MULTIPLES_CHUNK), onProgress);
    onProgress?.(1);
  });
}

/** first[i] += second[i]. */
export function addPoints(
  session: Session,
  curve: CurveName,
  first: number,
  second: number,
  count: number,
): Promise<void> {
  return withScratch(session, async (reserve) => {
    const scratch = reserve(session.team.threads * scratchBytesPerThread(curve));
    await session.run(`${curve}Add`, [first, second, count, scratch], Math.ceil(count / MULTIPLES_CHUNK));
  });
}

/** Sparse sums, see the contract. */
export function combinePoints(
  session: Session,
  curve: CurveName,
  points: { readonly ptr: number; readonly count: number },
  terms: { readonly ptr: number; readonly count: number },
  out: { readonly ptr: number; readonly count: number },
  onProgress?: OnProgress,
): Promise<void> {
  return withScratch(session, async (reserve) => {
    const pointBytes = POINT_BYTES[curve];
    const outBytes = out.count * pointBytes;
    const chunks = Math.ceil(terms.count / TERMS_CHUNK[curve]);
    const partials = reserve(chunks * 4);
    const partialPoints = reserve(chunks * pointBytes);
    const results = reserve(4);
    const scratch = reserve(
      session.team.threads * Math.max(combineScratchBytes(curve), scratchBytesPerThread(curve)),
    );
    session.words()[results / 4] = 0;
    await session.run('clear', [out.ptr, outBytes], Math.ceil(outBytes / CLEAR_CHUNK_BYTES));
    await session.run(
      `${curve}Combine`,
      [
        points.ptr,
        terms.ptr,
        terms.count,
        out.ptr,
        points.count,
        out.count,
        partials,
        partialPoints,
        scratch,
        results,
      ],
      chunks,
      onProgress,
    );
    const bad = session.words()[results / 4] ?? 0;
    if (bad !== 0) {
      throw new UsageError(
        'TERM_RANGE',
        `combine: term ${bad - 1}: expected rising output indices below ${out.count}, a point index below ${points.count} and a canonical scalar. Check the terms.`,
      );
    }
    await session.run(`${curve}MsmMerge`, [chunks, partials, partialPoints, scratch], chunks === 0 ? 0 : 1);
    onProgress?.(1);
  });
}
