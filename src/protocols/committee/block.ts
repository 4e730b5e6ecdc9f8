/**
 * Blocks of the protocol `committee`: a weighted validator set signs each block with EdDSA over BabyJubjub and Poseidon.
 *
 *     blockHash = P6(TAG_BLOCK, chainId, height·2^72 + time·2^8 + (stateRoot & 255), parentHash, stateRoot >> 8, nextSet)
 *     vote      = P4(TAG_VOTE, chainId, height·2^64 + round, blockHash)
 *
 * A block is final when members with more than 2/3 of the power signed one vote: one chain, height, round and block. The set changes by
 * announcement: a signed header may name the commitment of the set that the next height needs.
 */
import type { EdwardsPoint } from '../../math/babyjubjub.js';
import { poseidon } from '../../math/poseidon.js';
import { fieldTag } from '../../statement/hash.js';
import type { ValidatorSet } from '../../statement/types.js';

/** keccak256("zkfinality/committee-block/v1") mod 2^248. */
export const TAG_BLOCK: bigint = fieldTag('committee-block/v1');
/** keccak256("zkfinality/committee-vote/v1") mod 2^248. */
export const TAG_VOTE: bigint = fieldTag('committee-vote/v1');

/** What validators sign, by its hash. */
export type CommitteeHeader = {
  /** [0, 2^64) */
  readonly chainId: bigint;
  /** [0, 2^64) */
  readonly height: bigint;
  /** Unix seconds, [0, 2^64). */
  readonly time: bigint;
  /** Hash of the block before, a field element; 0 for the first. */
  readonly parentHash: bigint;
  /** Any 256-bit word. */
  readonly stateRoot: bigint;
  /** Commitment of the set that this block announces, 0 where it announces none. */
  readonly nextSet: bigint;
};

/** One validator's signature, with what it says it signed. */
export type CommitteeVote = {
  /** Identity of the voter, [0, 2^160). */
  readonly validator: bigint;
  readonly height: bigint;
  /** [0, 2^32) */
  readonly round: bigint;
  /** 0 in a vote for no block (nil). */
  readonly blockHash: bigint;
  readonly r8: EdwardsPoint;
  readonly s: bigint;
};

export type CommitteeBlock = CommitteeHeader & {
  /** {@link blockHashOf} of the header. */
  readonly blockHash: bigint;
  /** Round in which the block was agreed, [0, 2^32). */
  readonly round: bigint;
  readonly votes: readonly CommitteeVote[];
  /** The announced set whole; it commits to `nextSet`. */
  readonly announced?: ValidatorSet;
};

/** Hash of a header: a field element. */
export function blockHashOf(header: CommitteeHeader): bigint {
  const { chainId, height, time, parentHash, stateRoot, nextSet } = header;
  const packed = (height << 72n) | (time << 8n) | (stateRoot & 255n);
  return poseidon([TAG_BLOCK, chainId, packed, parentHash, stateRoot >> 8n, nextSet]);
}

/** The field element that a vote signs. */
export function voteMessage(vote: {
  readonly chainId: bigint;
  readonly height: bigint;
  readonly round: bigint;
  readonly blockHash: bigint;
}): bigint {
  return poseidon([TAG_VOTE, vote.chainId, (vote.height << 64n) | vote.round, vote.blockHash]);
}
