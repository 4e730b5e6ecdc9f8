/**
 * What a contribution proves, and the transcript it is bound to.
 *
 * A factor y of δ is proved as in Bowe, Gabizon and Miers (eprint 2017/1050): s and y·s in G1, and y·H in G2, where H is
 * hashed from the transcript. Plain keys have one factor and snarkjs's transcript,
 *
 *     Blake2b-512( circuit hash ‖ every earlier contribution ‖ s ‖ y·s ).
 *
 * Two-round keys have independent factors y₁ of δ₁ and y₂ of δ₂ and one joint transcript,
 *
 *     Blake2b-512( circuit hash ‖ every earlier contribution ‖ s₁ ‖ y₁s₁ ‖ s₂ ‖ y₂s₂ ‖ [δ₁]₁ ‖ [δ₂]₁ ),
 *
 * where the circuit hash covers the partition; H_j is hashed from Blake2b-512( label_j ‖ transcript ). Without the two
 * proofs a last contributor could copy δ₂ into δ₁ and forge.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { blake2b } from '@noble/hashes/blake2.js';
import type { Contribution, FactorProof } from '../formats/contributions.js';
import {
  decodeG1,
  decodeG2,
  encodeG1,
  encodeG2,
  storedG1Fault,
  storedG2Fault,
  toUncompressed,
} from '../formats/points.js';
import { toG1, toG2 } from '../statement/noble-points.js';
import type { G1, G2 } from '../statement/types.js';
import { hashToG2, type SeededStream } from './ceremony-random.js';
import { fromNobleG1, fromNobleG2, type NobleG1, type NobleG2 } from './points.js';

/** Labels of the two factors of a two-round key. */
const FACTOR_LABELS = ['zkfinality/factor-1/v1', 'zkfinality/factor-2/v1'] as const;

/** The running hash over a ceremony: the circuit hash and all contributions so far. */
export type Transcript = {
  /** Transcript of the next contribution, given its G1 points and the δ it leaves. */
  next(proofs: readonly Pick<FactorProof, 'g1s' | 'g1sx'>[], deltaAfter: readonly Uint8Array[]): Uint8Array;
  append(contribution: Contribution): void;
};

/** Starts the transcript of a key. */
export function createTranscript(circuitHash: Uint8Array): Transcript {
  const running = blake2b.create({ dkLen: 64 });
  running.update(circuitHash);
  return {
    next(proofs, deltaAfter) {
      const hash = running.clone();
      for (const { g1s, g1sx } of proofs) {
        hash.update(toUncompressed('g1', g1s));
        hash.update(toUncompressed('g1', g1sx));
      }
      if (deltaAfter.length === 2) for (const delta of deltaAfter) hash.update(toUncompressed('g1', delta));
      return hash.digest();
    },
    append(contribution) {
      running.update(publicKeyBytes(contribution));
    },
  };
}

/** What transcripts hash of a contribution: its δ, its proofs and its own transcript; not its name. */
function publicKeyBytes({ deltaAfter, proofs, transcript }: Contribution): Uint8Array {
  const parts = deltaAfter.map((delta) => toUncompressed('g1', delta));
  for (const { g1s, g1sx, g2spx } of proofs) {
    parts.push(toUncompressed('g1', g1s), toUncompressed('g1', g1sx), toUncompressed('g2', g2spx));
  }
  return Buffer.concat([...parts, transcript]);
}

/** Fingerprint of a contribution, 64 bytes: what a contributor publishes. */
export function contributionHash(contribution: Contribution): Uint8Array {
  return blake2b(publicKeyBytes(contribution), { dkLen: 64 });
}

/** H of each factor. */
export function factorBases(transcript: Uint8Array, rounds: number): G2[] {
  if (rounds === 1) return [hashToG2(transcript)];
  return FACTOR_LABELS.map((label) => {
    const hash = blake2b.create({ dkLen: 64 });
    hash.update(new TextEncoder().encode(label));
    hash.update(transcript);
    return hashToG2(hash.digest());
  });
}

/** The secret factors of a contribution and their public proofs. */
export type Factors = {
  /** One factor y for each δ. Secret: forget them. */
  readonly secrets: readonly bigint[];
  readonly deltaAfter: readonly Uint8Array[];
  readonly proofs: readonly FactorProof[];
  readonly transcript: Uint8Array;
};

/**
 * Draws the factors of a contribution and proves them.
 *
 * @param stream - Source of secrets; a factor, then its s, for each δ.
 * @param deltas - [δ]₁ before the contribution.
 */
export function drawFactors(stream: SeededStream, transcript: Transcript, deltas: readonly G1[]): Factors {
  const drawn = deltas.map((delta) => {
    const secret = stream.scalar();
    const s = stream.pointG1();
    const times = (point: G1): Uint8Array => encodeG1(fromNobleG1(toG1(point).multiply(secret)));
    return { secret, g1s: encodeG1(s), g1sx: times(s), after: times(delta) };
  });
  const deltaAfter = drawn.map(({ after }) => after);
  const digest = transcript.next(drawn, deltaAfter);
  const bases = factorBases(digest, deltas.length);
  const proofs = drawn.map(({ secret, g1s, g1sx }, j) => ({
    g1s,
    g1sx,
    g2spx: encodeG2(fromNobleG2(toG2(bases[j]!).multiply(secret))),
  }));
  return { secrets: drawn.map(({ secret }) => secret), deltaAfter, proofs, transcript: digest };
}

/** Whether a : b in G1 is as c : d in G2, that is e(a, d) = e(b, c); false where a point is infinity. */
export function isSameRatio(a: NobleG1, b: NobleG1, c: NobleG2, d: NobleG2): boolean {
  if (a.is0() || b.is0() || c.is0() || d.is0()) return false;
  const product = bn254.pairingBatch([
    { g1: a, g2: d },
    { g1: b.negate(), g2: c },
  ]);
  return bn254.fields.Fp12.eql(product, bn254.fields.Fp12.ONE);
}

/** Whether all points of a contribution are in their groups and none is infinity. */
export function hasValidPoints({ deltaAfter, proofs }: Contribution): boolean {
  return (
    deltaAfter.every((delta) => storedG1Fault(delta) === undefined) &&
    proofs.every(
      ({ g1s, g1sx, g2spx }) =>
        storedG1Fault(g1s) === undefined &&
        storedG1Fault(g1sx) === undefined &&
        storedG2Fault(g2spx) === undefined,
    )
  );
}

/**
 * Checks that factor j of a contribution is known to its author and is what δ_j was multiplied by.
 *
 * @param base - H of the factor. @param before - [δ_j]₁ before the contribution.
 */
export function isFactorProved(contribution: Contribution, j: number, base: G2, before: NobleG1): boolean {
  const { g1s, g1sx, g2spx } = contribution.proofs[j]!;
  const noble = (bytes: Uint8Array): NobleG1 => toG1(decodeG1(bytes));
  const [h, hy] = [toG2(base), toG2(decodeG2(g2spx))];
  return (
    isSameRatio(noble(g1s), noble(g1sx), h, hy) &&
    isSameRatio(before, noble(contribution.deltaAfter[j]!), h, hy)
  );
}
