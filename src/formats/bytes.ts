/** Little-endian integers and field elements in byte arrays. */
import { BN254_Q, BN254_R } from '../math/field.js';

/** Bytes of one field element, of a G1 point and of a G2 point. */
export const ELEMENT_BYTES = 32;
export const G1_BYTES = 64;
export const G2_BYTES = 128;

/** Unsigned 32-bit little-endian integer at `offset`. The caller must have checked the range. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)) >>>
    0
  );
}

/** Unsigned 64-bit little-endian integer as a number: exact below 2^53, above it only the magnitude. */
export function readU64(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset) + readU32(bytes, offset + 4) * 2 ** 32;
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

/** Writes an integer in [0, 2^53) as 64 bits. */
export function writeU64(bytes: Uint8Array, offset: number, value: number): void {
  writeU32(bytes, offset, value % 2 ** 32);
  writeU32(bytes, offset + 4, Math.floor(value / 2 ** 32));
}

/** The 32-byte little-endian integer at `offset`. */
export function readElement(bytes: Uint8Array, offset = 0): bigint {
  const hi = (BigInt(readU32(bytes, offset + 28)) << 32n) | BigInt(readU32(bytes, offset + 24));
  const mid = (BigInt(readU32(bytes, offset + 20)) << 32n) | BigInt(readU32(bytes, offset + 16));
  const low = (BigInt(readU32(bytes, offset + 12)) << 32n) | BigInt(readU32(bytes, offset + 8));
  const least = (BigInt(readU32(bytes, offset + 4)) << 32n) | BigInt(readU32(bytes, offset));
  return (hi << 192n) | (mid << 128n) | (low << 64n) | least;
}

/** Writes an integer in [0, 2^256) as 32 bytes, little endian. */
export function writeElement(bytes: Uint8Array, offset: number, value: bigint): void {
  for (let limb = 0, rest = value; limb < 8; limb++, rest >>= 32n) {
    writeU32(bytes, offset + 4 * limb, Number(rest & 0xffffffffn));
  }
}

/** The 32 little-endian bytes of an integer in [0, 2^256). */
export function elementBytes(value: bigint): Uint8Array {
  const out = new Uint8Array(ELEMENT_BYTES);
  writeElement(out, 0, value);
  return out;
}

const R_WORDS = words(BN254_R);
const Q_WORDS = words(BN254_Q);

/** Whether the 32-byte integer at `offset` is below the group order r. */
export function isBelowR(bytes: Uint8Array, offset: number): boolean {
  return isBelow(R_WORDS, bytes, offset);
}

/** Whether the 32-byte integer at `offset` is below the base field's prime q. */
export function isBelowQ(bytes: Uint8Array, offset: number): boolean {
  return isBelow(Q_WORDS, bytes, offset);
}

function isBelow(bound: Uint32Array, bytes: Uint8Array, offset: number): boolean {
  for (let limb = 7; limb >= 0; limb--) {
    const word = readU32(bytes, offset + 4 * limb);
    if (word !== bound[limb]!) return word < bound[limb]!;
  }
  return false;
}

function words(value: bigint): Uint32Array {
  return Uint32Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(32 * i)) & 0xffffffffn));
}

/** Whether two byte arrays are equal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lower-case hexadecimal, for messages and fingerprints. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
