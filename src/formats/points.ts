/**
 * Points as key files store them, and as ceremony transcripts hash them.
 *
 * Stored: affine, little endian, coordinates in Montgomery form (times 2^256 modulo q); G1 is x ‖ y (64 bytes), G2 is
 * x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1 (128 bytes); infinity is all zeros, and (0, 0) in plain data.
 * Hashed ("uncompressed"): the plain coordinates, big endian; in G2 c1 comes before c0; infinity is all zeros.
 */
import { BN254_Q, Fq } from '../math/field.js';
import { g1Fault, g2Fault, type PointFault } from '../statement/curve.js';
import type { G1, G2 } from '../statement/types.js';
import { ELEMENT_BYTES, G1_BYTES, G2_BYTES, readElement, writeElement } from './bytes.js';

const MONTGOMERY = Fq.mod(1n << 256n);
const MONTGOMERY_INVERSE = Fq.inv(MONTGOMERY);

/** Decodes a stored G1 point. A raw coordinate of q or more comes out as it is, so that a check of its range fails. */
export function decodeG1(bytes: Uint8Array, offset = 0): G1 {
  return { x: readCoordinate(bytes, offset), y: readCoordinate(bytes, offset + ELEMENT_BYTES) };
}

/** Decodes a stored G2 point, as {@link decodeG1}. */
export function decodeG2(bytes: Uint8Array, offset = 0): G2 {
  const at = (index: number): bigint => readCoordinate(bytes, offset + index * ELEMENT_BYTES);
  return { x: [at(0), at(1)], y: [at(2), at(3)] };
}

/** Stores a G1 point in 64 bytes. */
export function encodeG1(point: G1): Uint8Array {
  return encode([point.x, point.y], G1_BYTES);
}

/** Stores a G2 point in 128 bytes. */
export function encodeG2(point: G2): Uint8Array {
  return encode([...point.x, ...point.y], G2_BYTES);
}

/** Why a stored G1 point cannot be used, or undefined; infinity counts as a fault. */
export function storedG1Fault(bytes: Uint8Array, offset = 0): PointFault | undefined {
  return g1Fault(decodeG1(bytes, offset));
}

/** Why a stored G2 point cannot be used, or undefined; infinity counts as a fault. Checks the subgroup, about 10 ms. */
export function storedG2Fault(bytes: Uint8Array, offset = 0): PointFault | undefined {
  return g2Fault(decodeG2(bytes, offset));
}

function encode(coordinates: readonly bigint[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (const [i, value] of coordinates.entries())
    writeElement(bytes, i * ELEMENT_BYTES, Fq.mul(value, MONTGOMERY));
  return bytes;
}

function readCoordinate(bytes: Uint8Array, offset: number): bigint {
  const raw = readElement(bytes, offset);
  return raw >= BN254_Q ? raw : Fq.mul(raw, MONTGOMERY_INVERSE);
}

const LIMBS = 16;
const Q_LIMBS = Uint32Array.from({ length: LIMBS }, (_, i) => Number((BN254_Q >> BigInt(16 * i)) & 0xffffn));
/** −q⁻¹ modulo 2^16. */
const Q_NEGATIVE_INVERSE = Number(0x10000n - inverseModulo16(BN254_Q & 0xffffn));

function inverseModulo16(odd: bigint): bigint {
  let inverse = 1n;
  for (let i = 0; i < 5; i++) inverse = (inverse * (2n - odd * inverse)) & 0xffffn;
  return (inverse + 0x10000n) & 0xffffn;
}

/**
 * Turns stored points into the bytes that transcripts hash.
 *
 * Montgomery reduction in 16-bit limbs, about 0.4 µs a coordinate.
 *
 * @param group - Which group the points are of.
 * @param stored - Whole points, as key files store them; raw coordinates are reduced modulo q.
 */
export function toUncompressed(group: 'g1' | 'g2', stored: Uint8Array): Uint8Array {
  const out = new Uint8Array(stored.length);
  const coordinates = stored.length / ELEMENT_BYTES;
  // In G2 the two halves of each coordinate swap places.
  const swap = group === 'g2' ? 1 : 0;
  const limbs = new Uint32Array(2 * LIMBS + 1);
  for (let i = 0; i < coordinates; i++) {
    reduce(stored, i * ELEMENT_BYTES, limbs);
    const to = (i ^ swap) * ELEMENT_BYTES;
    for (let limb = 0; limb < LIMBS; limb++) {
      const value = limbs[LIMBS + limb]!;
      out[to + 31 - 2 * limb] = value;
      out[to + 30 - 2 * limb] = value >>> 8;
    }
  }
  return out;
}

/** Montgomery reduction of one raw coordinate; the canonical value is left in limbs 16 to 31. */
function reduce(bytes: Uint8Array, offset: number, limbs: Uint32Array): void {
  limbs.fill(0);
  for (let i = 0; i < LIMBS; i++) limbs[i] = bytes[offset + 2 * i]! | (bytes[offset + 2 * i + 1]! << 8);
  for (let i = 0; i < LIMBS; i++) {
    const factor = Math.imul(limbs[i]!, Q_NEGATIVE_INVERSE) & 0xffff;
    let carry = 0;
    for (let j = 0; j < LIMBS; j++) {
      // At most (2^16 − 1)² + 2·(2^16 − 1) = 2^32 − 1.
      const sum = (Math.imul(factor, Q_LIMBS[j]!) >>> 0) + limbs[i + j]! + carry;
      limbs[i + j] = sum & 0xffff;
      carry = sum >>> 16;
    }
    for (let k = i + LIMBS; carry > 0; k++) {
      const sum = limbs[k]! + carry;
      limbs[k] = sum & 0xffff;
      carry = sum >>> 16;
    }
  }
  // The value is below 2^256/2^256 + q, so at most one subtraction is needed.
  for (let i = LIMBS - 1; i >= 0; i--) {
    if (limbs[LIMBS + i]! < Q_LIMBS[i]!) return;
    if (limbs[LIMBS + i]! > Q_LIMBS[i]!) break;
  }
  let borrow = 0;
  for (let i = 0; i < LIMBS; i++) {
    const difference = limbs[LIMBS + i]! - Q_LIMBS[i]! - borrow;
    limbs[LIMBS + i] = difference & 0xffff;
    borrow = difference < 0 ? 1 : 0;
  }
}
