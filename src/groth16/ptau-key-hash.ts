/**
 * The fingerprint of an initial key, which every transcript of its ceremony starts from: Blake2b-512 over its points in
 * uncompressed form, in the order of snarkjs.
 *
 *     plain      α₁ β₁ β₂ γ₂ δ₁ δ₂ | n IC | n−1 (τ^(n+i) − τ^i)₁ | n private basis | n A | n B1 | n B2
 *     two-round  label, circuit hash, wires, public inputs, log domain, partition, [δ₁]₁, [δ₁]₂ | the same
 *
 * where n before a list is its length as 32 bits, big endian.
 */
import { blake2b } from '@noble/hashes/blake2.js';
import { encodeG1, encodeG2, toUncompressed } from '../formats/points.js';
import type { ZkeyHeader } from '../formats/zkey.js';

/** Label that separates two-round fingerprints from all other hashes. */
const TWO_ROUND_LABEL = 'zkfinality/two-round-key/v1';
/** Update size; bounds the copies that conversion makes. */
const PIECE_BYTES = 1 << 20;

/** Collects the points of a key in the order above. */
export type KeyHasher = {
  /** Length of the list that follows. */
  count(length: number): void;
  /** Points in stored form. */
  points(group: 'g1' | 'g2', stored: Uint8Array): void;
  digest(): Uint8Array;
};

/** Starts the fingerprint of a key with its header; `partition` for two-round keys. */
export function createKeyHasher(header: ZkeyHeader, partition?: Uint8Array): KeyHasher {
  const hash = blake2b.create({ dkLen: 64 });
  const count = (length: number): void => {
    hash.update(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
  };
  const points = (group: 'g1' | 'g2', stored: Uint8Array): void => {
    for (let at = 0; at < stored.length; at += PIECE_BYTES) {
      hash.update(toUncompressed(group, stored.subarray(at, at + PIECE_BYTES)));
    }
  };
  if (header.firstRound !== undefined && partition !== undefined) {
    hash.update(new TextEncoder().encode(TWO_ROUND_LABEL));
    hash.update(header.firstRound.circuitHash);
    for (const value of [header.wires, header.publicCount, header.domainLog, partition.length]) count(value);
    hash.update(partition);
    points('g1', encodeG1(header.firstRound.deltaG1));
    points('g2', encodeG2(header.firstRound.deltaG2));
  }
  points('g1', encodeG1(header.alpha1));
  points('g1', encodeG1(header.beta1));
  points('g2', encodeG2(header.beta2));
  points('g2', encodeG2(header.gamma2));
  points('g1', encodeG1(header.deltaG1));
  points('g2', encodeG2(header.deltaG2));
  return { count, points, digest: () => hash.digest() };
}
