/**
 * From the bytes of keys and engine memory to points of @noble/curves and plain data, and back. See `formats/points.ts`
 * for the bytes; infinity is all zeros there, (0, 0) in plain data and `ZERO` in the library.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { decodeG1, decodeG2, encodeG1, encodeG2 } from '../formats/points.js';
import { toG1, toG2 } from '../statement/noble-points.js';
import type { G1, G2 } from '../statement/types.js';

export type NobleG1 = InstanceType<typeof bn254.G1.Point>;
export type NobleG2 = InstanceType<typeof bn254.G2.Point>;

/** The generators, as bytes for an engine. */
export const G1_GENERATOR_BYTES: Uint8Array = encodeG1(fromNobleG1(bn254.G1.Point.BASE));
export const G2_GENERATOR_BYTES: Uint8Array = encodeG2(fromNobleG2(bn254.G2.Point.BASE));

/** Unchecked: the caller knows that the point is on the curve, or is infinity as (0, 0). */
export const toNobleG1: (point: G1) => NobleG1 = toG1;
/** Unchecked: the caller knows that the point is in the group, or is infinity as zeros. */
export const toNobleG2: (point: G2) => NobleG2 = toG2;

/** Affine coordinates; infinity comes out as (0, 0). */
export function fromNobleG1(point: NobleG1): G1 {
  if (point.is0()) return { x: 0n, y: 0n };
  const { x, y } = point.toAffine();
  return { x, y };
}

/** Affine coordinates; infinity comes out as zeros. */
export function fromNobleG2(point: NobleG2): G2 {
  if (point.is0()) return { x: [0n, 0n], y: [0n, 0n] };
  const { x, y } = point.toAffine();
  return { x: [x.c0, x.c1], y: [y.c0, y.c1] };
}

/** The point that an engine's 64 bytes mean. */
export function nobleFromG1Bytes(bytes: Uint8Array): NobleG1 {
  return toNobleG1(decodeG1(bytes));
}

/** The point that an engine's 128 bytes mean. */
export function nobleFromG2Bytes(bytes: Uint8Array): NobleG2 {
  return toNobleG2(decodeG2(bytes));
}

/** scalar·generator of G1, plain. */
export function g1Multiple(scalar: bigint): G1 {
  return fromNobleG1(bn254.G1.Point.BASE.multiplyUnsafe(scalar));
}
