/**
 * The transcript of a first-phase ceremony with one contribution, as snarkjs's `.ptau` section 7 records it.
 *
 *     challenge 0   Blake2b-512( Blake2b-512("") ‖ the points of a file with τ = α = β = 1, uncompressed )
 *     response      Blake2b-512( challenge 0 ‖ the new points, compressed ‖ public key, uncompressed )
 *     challenge 1   Blake2b-512( response ‖ the new points, uncompressed )
 *
 * Points come in the order of sections 2 to 6. For each of τ, α, β the public key has s, x·s (G1) and x·H (G2), where H is
 * hashed from Blake2b-512( 0, 1 or 2 ‖ challenge 0 ‖ s ‖ x·s ). A compressed point is x with the highest bit set where y is
 * greater than (q − 1)/2. The record also holds the state of the response hash before the public key was appended.
 */

import { bn254 } from '@noble/curves/bn254.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { equalBytes, G1_BYTES, G2_BYTES, writeU32 } from '../formats/bytes.js';
import { encodeG1, encodeG2, toUncompressed } from '../formats/points.js';
import { BN254_Q } from '../math/field.js';
import { toG1, toG2 } from '../statement/noble-points.js';
import { hashToG2, type SeededStream } from './ceremony-random.js';
import { fromNobleG1, fromNobleG2 } from './points.js';

/** The one contribution of a file that we write. */
export type BeaconPowers = {
  readonly name: string;
  readonly beaconHash: Uint8Array;
  readonly iterationsExp: number;
};

type Hash = ReturnType<typeof blake2b.create>;

/** Secrets of a contribution and the proofs of knowledge, as stored points. */
export type PowersKey = {
  readonly secrets: { readonly tau: bigint; readonly alpha: bigint; readonly beta: bigint };
  /** s, x·s of τ, α, β. */
  readonly g1: readonly Uint8Array[];
  /** x·H of τ, α, β. */
  readonly g2: readonly Uint8Array[];
};

/** What the record keeps of the hashes. */
export type FirstPhaseHashes = {
  /** 216 bytes: block, chain value, bytes hashed, bytes in the block. */
  readonly partialResponse: Uint8Array;
  readonly nextChallenge: Uint8Array;
};

/** Collects the new points, in the order of sections 2 to 6. */
export type FirstPhaseHasher = {
  section(group: 'g1' | 'g2', stored: Uint8Array): void;
  finish(key: PowersKey): FirstPhaseHashes;
};

/** Update size of the response hash in bytes of stored points: the stored state depends on it. */
const PIECE_BYTES = 1 << 20;
const HALF = (BN254_Q - 1n) / 2n;
const HALF_BYTES = Uint8Array.from({ length: 32 }, (_, i) => Number((HALF >> BigInt(8 * (31 - i))) & 255n));

/** Challenge 0 of a ceremony of a power. */
export function firstChallenge(power: number): Uint8Array {
  const g1 = toUncompressed('g1', encodeG1(fromNobleG1(bn254.G1.Point.BASE)));
  const g2 = toUncompressed('g2', encodeG2(fromNobleG2(bn254.G2.Point.BASE)));
  const hash = blake2b.create({ dkLen: 64 });
  hash.update(blake2b(new Uint8Array(0), { dkLen: 64 }));
  const repeat = (point: Uint8Array, count: number): void => {
    const most = Math.min(count, 4096);
    const block = new Uint8Array(most * point.length);
    for (let i = 0; i < most; i++) block.set(point, i * point.length);
    for (let left = count; left > 0; left -= most)
      hash.update(block.subarray(0, Math.min(left, most) * point.length));
  };
  repeat(g1, 2 ** (power + 1) - 1);
  repeat(g2, 2 ** power);
  repeat(g1, 2 ** power);
  repeat(g1, 2 ** power);
  repeat(g2, 1);
  return hash.digest();
}

/** Draws τ, α, β, then s for each, and proves them against a challenge. */
export function drawPowersKey(stream: SeededStream, challenge: Uint8Array): PowersKey {
  const [tau, alpha, beta] = [stream.scalar(), stream.scalar(), stream.scalar()];
  const g1: Uint8Array[] = [];
  const g2: Uint8Array[] = [];
  for (const [index, secret] of [tau, alpha, beta].entries()) {
    const s = stream.pointG1();
    const pair = [encodeG1(s), encodeG1(fromNobleG1(toG1(s).multiply(secret)))];
    const hash = blake2b.create({ dkLen: 64 });
    hash.update(Uint8Array.of(index));
    hash.update(challenge);
    for (const point of pair) hash.update(toUncompressed('g1', point));
    g1.push(...pair);
    g2.push(encodeG2(fromNobleG2(toG2(hashToG2(hash.digest())).multiply(secret))));
  }
  return { secrets: { tau, alpha, beta }, g1, g2 };
}

/** Starts the response to a challenge. */
export function hashFirstPhase(challenge: Uint8Array): FirstPhaseHasher {
  const response = blake2b.create({ dkLen: 64 });
  response.update(challenge);
  const sections: Uint8Array[] = [];
  return {
    section(group, stored) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < stored.length; at += PIECE_BYTES) {
        const uncompressed = toUncompressed(group, stored.subarray(at, at + PIECE_BYTES));
        response.update(compress(group, uncompressed));
        pieces.push(uncompressed);
      }
      sections.push(...pieces);
    },
    finish(key) {
      const partialResponse = stateOf(response);
      for (const point of key.g1) response.update(toUncompressed('g1', point));
      for (const point of key.g2) response.update(toUncompressed('g2', point));
      const next = blake2b.create({ dkLen: 64 });
      next.update(response.digest());
      for (const piece of sections) next.update(piece);
      return { partialResponse, nextChallenge: next.digest() };
    },
  };
}

/** Compressed form of uncompressed points: x, and in its highest bit whether y is the greater root. */
function compress(group: 'g1' | 'g2', uncompressed: Uint8Array): Uint8Array {
  const size = group === 'g1' ? G1_BYTES : G2_BYTES;
  const half = size / 2;
  const out = new Uint8Array(uncompressed.length / 2);
  for (let at = 0, to = 0; at < uncompressed.length; at += size, to += half) {
    out.set(uncompressed.subarray(at, at + half), to);
    // In G2 the order is that of c1, which comes first, and of c0 where c1 is zero.
    let y = uncompressed.subarray(at + half, at + half + 32);
    if (group === 'g2' && equalBytes(y, new Uint8Array(32)))
      y = uncompressed.subarray(at + half + 32, at + size);
    if (Buffer.compare(y, HALF_BYTES) > 0) out[to]! |= 0x80;
  }
  return out;
}

/** The running state of a hash, as the record stores it: block (128), chain value (64), length before the block, position. */
function stateOf(hash: Hash): Uint8Array {
  // SAFETY: these members of the library's class are not public; a test compares the bytes with snarkjs's.
  const { buffer, length, pos } = hash as unknown as { buffer: Uint8Array; length: number; pos: number };
  const words = (hash as unknown as { get(): number[] }).get();
  const out = new Uint8Array(216);
  out.set(buffer);
  for (const [i, word] of words.entries()) writeU32(out, 128 + 4 * i, word);
  writeU32(out, 192, length - pos);
  writeU32(out, 200, pos);
  return out;
}

type PowersRecord = {
  /** [τ]₁, [τ]₂, [α]₁, [β]₁, [β]₂ */
  readonly results: readonly Uint8Array[];
  readonly key: PowersKey;
  readonly hashes: FirstPhaseHashes;
  readonly beacon: BeaconPowers;
};

/** Section 7 with one beacon contribution. */
export function encodeRecord({ results, key, hashes, beacon }: PowersRecord): Uint8Array {
  const name = new TextEncoder().encode(beacon.name);
  const parameters = Buffer.concat([
    ...(name.length === 0 ? [] : [Uint8Array.of(1, name.length), name]),
    Uint8Array.of(2, beacon.iterationsExp, 3, beacon.beaconHash.length),
    beacon.beaconHash,
  ]);
  const count = new Uint8Array(4);
  writeU32(count, 0, 1);
  const tail = new Uint8Array(8);
  writeU32(tail, 0, 1);
  writeU32(tail, 4, parameters.length);
  const { partialResponse, nextChallenge } = hashes;
  return Buffer.concat([
    count,
    ...results,
    ...key.g1,
    ...key.g2,
    partialResponse,
    nextChallenge,
    tail,
    parameters,
  ]);
}
