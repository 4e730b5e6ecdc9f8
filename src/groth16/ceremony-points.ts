/**
 * Bulk checks of stored points: on the curve, and random linear combinations that stand for all of them.
 */
import { randomFillSync } from 'node:crypto';
import type { Engine, EngineBuffer } from '../engine/types.js';
import { ELEMENT_BYTES, G1_BYTES, isBelowQ, readElement } from '../formats/bytes.js';
import { BN254_Q, Fq } from '../math/field.js';

/** Width of the random scalars: a false claim passes with probability 2^-128. */
export const RANDOM_SCALAR_BYTES = 16;

const R = Fq.mod(1n << 256n);
const THREE_R_CUBED = Fq.mul(3n, Fq.pow(R, 3n));

/**
 * The first stored G1 point that is neither on the curve (with canonical coordinates) nor infinity.
 *
 * About 3 µs a point. In Montgomery form, X = xR and Y = yR, the equation y² = x³ + 3 reads Y²R = X³ + 3R³.
 *
 * @returns Its index, or undefined.
 */
export function findOffCurve(points: Uint8Array): number | undefined {
  for (let at = 0; at < points.length; at += G1_BYTES) {
    const x = readElement(points, at);
    const y = readElement(points, at + ELEMENT_BYTES);
    if (x === 0n && y === 0n) continue;
    if (!isBelowQ(points, at) || !isBelowQ(points, at + ELEMENT_BYTES)) return at / G1_BYTES;
    const left = (((y * y) % BN254_Q) * R) % BN254_Q;
    const right = (((x * x) % BN254_Q) * x + THREE_R_CUBED) % BN254_Q;
    if (left !== right) return at / G1_BYTES;
  }
  return undefined;
}

/** Fills a buffer with `count` canonical scalars of 128 random bits. */
export function fillRandomScalars(engine: Engine, buffer: EngineBuffer, count: number): void {
  const bytes = engine.bytes(buffer, 0, count * ELEMENT_BYTES);
  bytes.fill(0);
  const random = new Uint8Array(RANDOM_SCALAR_BYTES * Math.min(count, 4096));
  for (let first = 0; first < count; first += 4096) {
    randomFillSync(random);
    for (let i = first; i < Math.min(count, first + 4096); i++) {
      const from = (i - first) * RANDOM_SCALAR_BYTES;
      bytes.set(random.subarray(from, from + RANDOM_SCALAR_BYTES), i * ELEMENT_BYTES);
    }
  }
}
