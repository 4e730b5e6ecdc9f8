/**
 * The three shapes a BN254 point has in this folder, and the ways between them.
 *
 * Plain data ({@link G1}, {@link G2}: affine bigints), the points of @noble/curves, and the bytes of keys and engine
 * memory: affine, little endian, Montgomery coordinates (times 2^256 modulo q), x ‖ y for G1 (64 bytes),
 * x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1 for G2 (128 bytes). Infinity is all zeros in bytes and (0, 0) in plain data, a pair that
 * lies on no curve.
 */
import type { bn254 } from '@noble/curves/bn254.js';
import { ELEMENT_BYTES, G1_BYTES, G2_BYTES, readElement, writeElement } from '../formats/bytes.js';
import { BN254_Q, Fq } from '../math/field.js';
import { toG1, toG2 } from '../statement/curve.js';
import type { G1, G2 } from '../statement/types.js';

export type NobleG1 = InstanceType<typeof bn254.G1.Point>;
export type NobleG2 = InstanceType<typeof bn254.G2.Point>;

const MONTGOMERY = Fq.mod(1n << 256n);
const MONTGOMERY_INVERSE = Fq.inv(MONTGOMERY);

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

/** Decodes 64 bytes. Range and curve are not checked: a raw coordinate of q or more comes out as it is. */
export function g1FromBytes(bytes: Uint8Array, offset = 0): G1 {
  return { x: readCoordinate(bytes, offset), y: readCoordinate(bytes, offset + ELEMENT_BYTES) };
}

/** Decodes 128 bytes. Range and group are not checked: a raw coordinate of q or more comes out as it is. */
export function g2FromBytes(bytes: Uint8Array, offset = 0): G2 {
  const at = (index: number): bigint => readCoordinate(bytes, offset + index * ELEMENT_BYTES);
  return { x: [at(0), at(1)], y: [at(2), at(3)] };
}

/** Encodes as 64 bytes. */
export function g1ToBytes(point: G1): Uint8Array {
  return encode([point.x, point.y], G1_BYTES);
}

/** Encodes as 128 bytes. */
export function g2ToBytes(point: G2): Uint8Array {
  return encode([...point.x, ...point.y], G2_BYTES);
}

function encode(coordinates: readonly bigint[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  coordinates.forEach((value, i) => {
    writeElement(bytes, i * ELEMENT_BYTES, Fq.mul(value, MONTGOMERY));
  });
  return bytes;
}

function readCoordinate(bytes: Uint8Array, offset: number): bigint {
  const raw = readElement(bytes, offset);
  return raw >= BN254_Q ? raw : Fq.mul(raw, MONTGOMERY_INVERSE);
}
