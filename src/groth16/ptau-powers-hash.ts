/**
 * The part of a key's fingerprint that stands for its H basis: [τ^(n+i) − τ^i]₁ for i < n − 1, from the powers themselves,
 * although the key holds H in the Lagrange basis.
 *
 * DIFFERS FROM SPEC: snarkjs hashes in pieces of 2^14 points and does not shorten the last one, so for domains from 2^15 on
 * it hashes i = n − 1 too. Where the file has exactly the circuit's power, [τ^(2n−1)]₁ is not in it: snarkjs reads past
 * the end of section 2, into the header of section 3, and subtracts from what it finds there without noticing that it is
 * no point. A fingerprint that snarkjs accepts must repeat that, see {@link differenceFromRawBytes}.
 */
import type { Engine, EngineBuffer } from '../engine/types.js';
import { ELEMENT_BYTES, G1_BYTES, readElement, readU32, writeU32 } from '../formats/bytes.js';
import { decodeG1, encodeG1 } from '../formats/points.js';
import { PTAU_SECTIONS, type Ptau } from '../formats/ptau.js';
import { BN254_Q, Fq } from '../math/field.js';
import type { G1 } from '../statement/types.js';
import type { KeyHasher } from './ptau-key-hash.js';

const PIECE_POINTS = 1 << 14;

/** Hashes the differences of powers for a domain of 2^log. */
export async function hashPowers(
  ptau: Ptau,
  engine: Engine,
  hasher: KeyHasher,
  log: number,
  report: (done: number) => void,
): Promise<void> {
  const domain = 2 ** log;
  const piece = Math.min(domain - 1, PIECE_POINTS);
  hasher.count(domain - 1);
  const high = engine.alloc(piece * G1_BYTES);
  const low = engine.alloc(piece * G1_BYTES);
  try {
    for (let first = 0; first < domain - 1; first += piece) {
      report(first / domain);
      await loadDifferences(ptau, engine, { high, low, first, count: piece, domain });
      hasher.points('g1', engine.bytes(high, 0, piece * G1_BYTES));
    }
  } finally {
    engine.free(high);
    engine.free(low);
  }
}

type Piece = {
  readonly high: EngineBuffer;
  readonly low: EngineBuffer;
  readonly first: number;
  readonly count: number;
  readonly domain: number;
};

/** Leaves τ^(n+i) − τ^i for `count` indices in `high`. */
async function loadDifferences(
  ptau: Ptau,
  engine: Engine,
  { high, low, first, count, domain }: Piece,
): Promise<void> {
  const { offset, sizeBytes } = ptau.container.section(PTAU_SECTIONS.tauG1);
  const start = first + domain;
  const isPastEnd = (start + count) * G1_BYTES > sizeBytes;
  const inside = isPastEnd ? count - 1 : count;
  await ptau.load('tauG1', start, engine.bytes(high, 0, inside * G1_BYTES));
  await ptau.load('tauG1', first, engine.bytes(low, 0, count * G1_BYTES));
  if (isPastEnd) {
    const raw = new Uint8Array(G1_BYTES);
    ptau.container.readAt(offset + (start + inside) * G1_BYTES, raw);
    const subtrahend = decodeG1(engine.bytes(low, inside * G1_BYTES, G1_BYTES));
    engine.bytes(high, inside * G1_BYTES, G1_BYTES).set(encodeG1(differenceFromRawBytes(raw, subtrahend)));
  }
  negate(engine.bytes(low, 0, inside * G1_BYTES));
  await engine.addG1(high, low, inside);
}

/** Negates stored G1 points in place: y becomes q − y; infinity stays. */
export function negate(points: Uint8Array): void {
  for (let at = ELEMENT_BYTES; at < points.length; at += G1_BYTES) {
    let isZero = true;
    for (let limb = 0; limb < 32; limb += 4) isZero &&= readU32(points, at + limb) === 0;
    if (isZero) continue;
    for (let limb = 0, borrow = 0; limb < 8; limb++) {
      const difference = Q_WORDS[limb]! - readU32(points, at + 4 * limb) - borrow;
      writeU32(points, at + 4 * limb, difference);
      borrow = difference < 0 ? 1 : 0;
    }
  }
}

const Q_WORDS = Array.from({ length: 8 }, (_, i) => Number((BN254_Q >> BigInt(32 * i)) & 0xffffffffn));
const WORD = 1n << 256n;
const NEGATIVE_INVERSE = WORD - inverseModuloWord(BN254_Q);

function inverseModuloWord(odd: bigint): bigint {
  let inverse = 1n;
  for (let bits = 1; bits < 256; bits *= 2) inverse = BigInt.asUintN(256, inverse * (2n - odd * inverse));
  return inverse;
}

/** Field operations on raw 256-bit words as wasmcurves has them: right below q, reduced at most once above it. */
const raw = {
  add: (a: bigint, b: bigint): bigint => (a + b >= BN254_Q ? BigInt.asUintN(256, a + b - BN254_Q) : a + b),
  sub: (a: bigint, b: bigint): bigint => (a < b ? BigInt.asUintN(256, a - b + BN254_Q) : a - b),
  mul: (a: bigint, b: bigint): bigint => {
    const product = a * b;
    const factor = BigInt.asUintN(256, BigInt.asUintN(256, product) * NEGATIVE_INVERSE);
    const reduced = (product + factor * BN254_Q) >> 256n;
    return reduced >= BN254_Q ? BigInt.asUintN(256, reduced - BN254_Q) : reduced;
  },
};

/**
 * What snarkjs gets for (raw bytes) − point, by the affine addition formulas "mmadd-2007-bl" on unreduced words.
 *
 * @param bytes - 64 bytes that are no point: two words, usually above q.
 * @param point - A point of G1.
 */
export function differenceFromRawBytes(bytes: Uint8Array, point: G1): G1 {
  const x1 = readElement(bytes);
  const y1 = readElement(bytes, ELEMENT_BYTES);
  const stored = encodeG1({ x: point.x, y: Fq.neg(point.y) });
  const h = raw.sub(readElement(stored), x1);
  const slope = raw.sub(readElement(stored, ELEMENT_BYTES), y1);
  const hh = raw.mul(h, h);
  const i = raw.add(raw.add(hh, hh), raw.add(hh, hh));
  const j = raw.mul(h, i);
  const r = raw.add(slope, slope);
  const v = raw.mul(x1, i);
  const x3 = raw.sub(raw.sub(raw.mul(r, r), j), raw.add(v, v));
  const y1j = raw.mul(y1, j);
  const y3 = raw.sub(raw.mul(raw.sub(v, x3), r), raw.add(y1j, y1j));
  const z3 = raw.add(h, h);
  // All three are Montgomery words; in a ratio of equal degree (x/z², y/z³) the factors 2^256 leave one and two over.
  const factor = Fq.mod(WORD);
  const zInverse = Fq.inv(Fq.mod(z3));
  const zz = Fq.mul(zInverse, zInverse);
  return {
    x: Fq.mul(Fq.mul(Fq.mod(x3), zz), factor),
    y: Fq.mul(Fq.mul(Fq.mod(y3), Fq.mul(zz, zInverse)), Fq.mul(factor, factor)),
  };
}
