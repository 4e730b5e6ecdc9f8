/**
 * What embedded development networks of every protocol have in common.
 *
 * A network is a pure function of its options: the same seed gives the same keys, blocks and signatures on every machine. It
 * keeps no state and starts nothing; `block(n)` is a value. Its secrets derive from a public seed: never use them for anything else.
 */
import type { ProtocolId, ValidatorSet, Variant } from '../statement/types.js';

/**
 * What goes wrong at a height. Every protocol has the first three; the others exist where its blocks have the place for them.
 *
 * - `equivocation`: a second, different block of the height with a quorum of its own.
 * - `missing-votes`: one vote fewer than the quorum.
 * - `wrong-height`: the votes were cast for the height before.
 * - `duplicate-vote`: one validator's vote stands twice.
 * - `foreign-vote`: one vote is by a key outside the set.
 * - `list-mismatch`: the header lists a validator that the signing set does not have.
 * - `own-list`: a takeover. The proposer lists keys of his own; honest validators that do not compare lists seal the block,
 *   and he adds enough seals of his own.
 * - `foreign-keys`: a takeover. The header lists the genuine new set, but keys of the proposer's own sealed in the name of its new members.
 */
export type Misbehaviour =
  | 'equivocation'
  | 'missing-votes'
  | 'wrong-height'
  | 'duplicate-vote'
  | 'foreign-vote'
  | 'list-mismatch'
  | 'own-list'
  | 'foreign-keys';

/**
 * All kinds of misbehaviour.
 *
 * @example
 * ```ts
 * import { MISBEHAVIOURS } from 'zkfinality/devnet';
 *
 * console.log(MISBEHAVIOURS.includes('equivocation')); // true
 * ```
 */
export const MISBEHAVIOURS: readonly Misbehaviour[] = [
  'equivocation',
  'missing-votes',
  'wrong-height',
  'duplicate-vote',
  'foreign-vote',
  'list-mismatch',
  'own-list',
  'foreign-keys',
];

/** Validators that join and leave at a height: the set that seals this height and later ones differs from the one before. */
export type SetChange = {
  /** First height that the changed set seals, at least 1. */
  readonly height: number;
  /** Numbers of validators that join; validator k's keys derive from the seed and k alone. */
  readonly add?: readonly number[];
  /** Numbers of validators that leave. */
  readonly remove?: readonly number[];
};

/** What every network is made from; each protocol adds options of its own. */
export type DevnetOptions = {
  /** Any text; everything derives from it. */
  readonly seed: string;
  /** Validators 0 … validators − 1 form the set of height 1. */
  readonly validators: number;
  /** [0, 2^64) */
  readonly chainId: bigint;
  /** In ascending order of height. Default none. */
  readonly changes?: readonly SetChange[];
};

/** One block of a network. */
export type DevnetBlock<Block> = {
  readonly height: number;
  /** As the protocol's `parse` returns it. */
  readonly block: Block;
  /** Content of a block file, in a form that `parse` reads. */
  readonly text: string;
};

export type Devnet<Block> = {
  readonly protocol: ProtocolId;
  readonly variant: Variant;
  readonly chainId: bigint;
  /** The set that has to seal a height, with all keys. Height 0 has the set of height 1. */
  readonly validatorSet: (height: number) => ValidatorSet;
  /**
   * The block of a height, honest or not. Later blocks always build on honest ones.
   *
   * @throws {UsageError} `DEVNET_HEIGHT`, `DEVNET_MISBEHAVIOUR`.
   */
  readonly block: (height: number, misbehaviour?: Misbehaviour) => DevnetBlock<Block>;
};
