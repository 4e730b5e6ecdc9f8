/**
 * From seeds to secrets and to points nobody knows the logarithm of, exactly as ceremonies of snarkjs derive them.
 *
 * A seed of 32 bytes keys ChaCha20 (zero nonce, 64-bit counter); 256-bit values are read from its 32-bit words until one
 * lies below the prime. Beacons and hashes to G2 depend on it, so that every verifier finds the same points.
 */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bn254 } from '@noble/curves/bn254.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { G2 as G2Group } from '../math/bn254.js';
import { BN254_Q, Fq, Fr } from '../math/field.js';
import type { G1, G2 } from '../statement/types.js';

const MASK = (1n << 254n) - 1n;
const MONTGOMERY = 1n << 256n;
const R_INVERSE = Fr.inv(Fr.mod(MONTGOMERY));
const Q_INVERSE = Fq.inv(Fq.mod(MONTGOMERY));
const { Fp2 } = bn254.fields;
const TWIST_B = bn254.G2.Point.CURVE().b;
/** Order of the twist divided by r: 2q − r. */
const G2_COFACTOR = 2n * BN254_Q - Fr.p;

/** An endless stream of field elements and points. */
export type SeededStream = {
  scalar(): bigint;
  pointG1(): G1;
  /** In the subgroup. */
  pointG2(): G2;
};

/**
 * Starts the stream of a seed.
 *
 * @param seed - At least 32 bytes; the first 32 count, as big-endian words.
 */
export function seededStream(seed: Uint8Array): SeededStream {
  const next = chachaWords(seed);
  /** 256 bits in 64-bit groups, low group first, each group high word first; cut to 254 bits. */
  const below = (prime: bigint): bigint => {
    for (;;) {
      let value = 0n;
      for (let group = 0n; group < 4n; group++) {
        const high = BigInt(next());
        value |= ((high << 32n) | BigInt(next())) << (64n * group);
      }
      value &= MASK;
      if (value < prime) return value;
    }
  };
  // The drawn number is the Montgomery form of the element.
  const coordinate = (): bigint => Fq.mul(below(BN254_Q), Q_INVERSE);
  return {
    scalar: () => Fr.mul(below(Fr.p), R_INVERSE),
    pointG1() {
      for (;;) {
        const x = coordinate();
        const wantsGreater = (next() & 1) === 1;
        const y = Fq.sqrt(Fq.add(Fq.mul(Fq.mul(x, x), x), 3n));
        if (y !== undefined) return { x, y: isGreater(y) === wantsGreater ? y : Fq.neg(y) };
      }
    },
    pointG2() {
      for (;;) {
        const x = { c0: coordinate(), c1: coordinate() };
        const wantsGreater = (next() & 1) === 1;
        const root = squareRoot(Fp2.add(Fp2.mul(Fp2.sqr(x), x), TWIST_B));
        if (root === undefined) continue;
        const y = isGreater(root.c1 === 0n ? root.c0 : root.c1) === wantsGreater ? root : Fp2.neg(root);
        const point = G2Group.mul({ x: [x.c0, x.c1], y: [y.c0, y.c1] }, G2_COFACTOR);
        if (point !== undefined) return point;
      }
    },
  };
}

function isGreater(y: bigint): boolean {
  return y > (BN254_Q - 1n) / 2n;
}

function squareRoot(square: { c0: bigint; c1: bigint }): { c0: bigint; c1: bigint } | undefined {
  try {
    return Fp2.sqrt(Fp2.create(square));
  } catch {
    return undefined;
  }
}

/** ChaCha20 as a source of 32-bit words (Bernstein, 2008). */
function chachaWords(seed: Uint8Array): () => number {
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  const state = Uint32Array.of(
    0x61707865,
    0x3320646e,
    0x79622d32,
    0x6b206574,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  );
  for (let i = 0; i < 8; i++) state[4 + i] = view.getUint32(4 * i);
  const block = new Uint32Array(16);
  let used = 16;
  return () => {
    if (used === 16) {
      block.set(state);
      for (let round = 0; round < 10; round++) doubleRound(block);
      for (let i = 0; i < 16; i++) block[i]! += state[i]!;
      for (let i = 12; i < 16 && ++state[i]! === 0; i++);
      used = 0;
    }
    return block[used++]!;
  };
}

function doubleRound(s: Uint32Array): void {
  for (let i = 0; i < 4; i++) quarterRound(s, i, 4 + i, 8 + i, 12 + i);
  for (let i = 0; i < 4; i++) quarterRound(s, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
}

function quarterRound(s: Uint32Array, a: number, b: number, c: number, d: number): void {
  const turn = (at: number, by: number, bits: number): void => {
    const word = s[at]! ^ s[by]!;
    s[at] = (word << bits) | (word >>> (32 - bits));
  };
  s[a]! += s[b]!;
  turn(d, a, 16);
  s[c]! += s[d]!;
  turn(b, c, 12);
  s[a]! += s[b]!;
  turn(d, a, 8);
  s[c]! += s[d]!;
  turn(b, c, 7);
}

/** The point of G2 that a 64-byte digest determines; nobody knows its logarithm. */
export function hashToG2(digest: Uint8Array): G2 {
  return seededStream(digest).pointG2();
}

/**
 * Seed of a random contribution: Blake2b-512 over 64 random bytes and what the contributor typed.
 *
 * @param randomBytes - 64 bytes from the system's generator.
 * @param entropy - Any text, may be empty.
 */
export function contributionSeed(randomBytes: Uint8Array, entropy: string): Uint8Array {
  const hash = blake2b.create({ dkLen: 64 });
  hash.update(randomBytes);
  hash.update(new TextEncoder().encode(entropy));
  return hash.digest();
}

/** Bounds of the beacon's parameters. */
export const BEACON_EXPONENT = { min: 10, max: 63 } as const;
export const MAX_BEACON_BYTES = 255;
const TURN_HASHES = 1 << 16;

/**
 * Seed of a beacon: 2^iterationsExp times SHA-256, so that nobody could try many beacons before it was published.
 * About a second for each 2^20 hashes.
 */
export async function beaconSeed(
  beaconHash: Uint8Array,
  iterationsExp: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  let digest = beaconHash;
  const iterations = 2 ** iterationsExp;
  for (let done = 0; done < iterations; done++) {
    digest = createHash('sha256').update(digest).digest();
    if (done % TURN_HASHES === TURN_HASHES - 1) {
      signal?.throwIfAborted();
      await nextTurn();
    }
  }
  return new Uint8Array(digest);
}
