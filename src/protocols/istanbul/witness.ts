/**
 * Everything that a circuit for Istanbul blocks takes, as a plain structure: the bytes that are hashed and where each field lies
 * in them, both validator sets padded to the tier, and one signature for each slot.
 *
 * SLOTS = ⌈2·TIER/3⌉. Slots hold the seals that are counted, in ascending order of members; then come spare slots, each with a
 * signature by the published spare key on the same message. The circuit checks every slot's signature and counts members only.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { fieldIndex, HEADER_FIELDS } from '../../ethereum/header.js';
import { decodeRlp, type RlpItem } from '../../ethereum/rlp.js';
import { UsageError } from '../../statement/errors.js';
import { bytesToInteger, wordToBytes } from '../../statement/hash.js';
import { isKeyUnknown } from '../../statement/set-commitment.js';
import type { Member, ValidatorSet } from '../../statement/types.js';
import { formatAddress } from './extra-data.js';
import type { IstanbulBlock } from './header.js';
import { isSameMember } from './members.js';
import { type Point, SECP256K1_N, signaturePoint } from './seals.js';
import {
  type CountedSeal,
  MAX_PROVABLE_ROUND,
  overlappingSeals,
  quorumOf,
  type VerifyOptions,
  verifyNatively,
} from './verify.js';

/** Bytes of a stretch of a header: `[offset, offset + length)`. */
export type Span = { readonly offset: number; readonly length: number };

/** Where things lie in the RLP of a header; offsets count from its first byte. */
export type HeaderLayout = {
  /** The header's RLP in all. */
  readonly sizeBytes: number;
  /** First byte after the outer list's prefix. */
  readonly listPayload: number;
  /** RLP items of all header fields, prefix included, in order. */
  readonly items: readonly Span[];
  /** Payloads of all header fields, in order. */
  readonly payloads: readonly Span[];
  /** First byte of the RLP list inside extraData: after the vanity in IBFT 1.0, at its start otherwise. */
  readonly extraList: Span;
  /** RLP items inside extraData's list, in order: three in IBFT 1.0; five in QBFT; three or four in IBFT 2.0. */
  readonly extraItems: readonly Span[];
  /** Item of the validator list. */
  readonly validatorList: Span;
  /** The 20 bytes of each address. */
  readonly validators: readonly Span[];
  /** Item of the round: QBFT, and IBFT 2.0 where it is not left out. */
  readonly round?: Span;
};

/** A signature in a slot. */
export type SlotSignature = {
  /** [1, n); equal to R.x. */
  readonly r: bigint;
  /** [1, n) */
  readonly s: bigint;
  /** The point R, its y of the parity that the seal names. */
  readonly point: Point;
  readonly publicKey: Member['publicKey'];
  /** Position in the signing set; `undefined` in a spare slot. */
  readonly memberIndex?: number;
  /** Position of the same whole member in the trusted set, where it has one. */
  readonly trustedIndex?: number;
};

export type IstanbulWitness = {
  readonly tier: number;
  readonly slots: readonly SlotSignature[];
  /** The message of every slot: keccak256 of `block.sealPreimage`. */
  readonly digest: bigint;
  readonly signingSet: ValidatorSet;
  readonly trusted: ValidatorSet;
  /** Layout of the header that seals cover; in IBFT 1.0 the one that the block hash covers. */
  readonly sealedLayout: HeaderLayout;
  /** Layout of the header that the block hash covers. */
  readonly hashedLayout: HeaderLayout;
};

/** Signature slots of a tier: ⌈2·TIER/3⌉, the quorum of the largest set it takes. */
export function slotsOf(tier: number): number {
  return quorumOf(tier);
}

/** Secret of the key in spare slots, published: keccak256("zkfinality/spare-slot/v1") mod n. It counts for nobody. */
export const SPARE_SECRET: bigint =
  bytesToInteger(keccak_256(utf8ToBytes('zkfinality/spare-slot/v1'))) % SECP256K1_N;

/** Public key of {@link SPARE_SECRET}. */
export const SPARE_KEY: Member['publicKey'] = (() => {
  const { x, y } = secp256k1.Point.BASE.multiply(SPARE_SECRET).toAffine();
  return { x, y };
})();

/**
 * Chooses the seals to prove and completes them to the slots of a tier.
 *
 * Seals of members that the trusted set has too come first, so that the overlap is as large as the slots allow.
 * @param block - Passes native verification against `trusted` with these options.
 * @param trusted - The accepted set.
 * @param tier - Most members of either set.
 * @param options - As for native verification.
 * @returns The structure. Cost: native verification and about 1 ms a slot.
 * @throws {UsageError} The code of the verdict where native verification refuses; `TIER_RANGE`, `SET_TOO_LARGE`, `DIFFICULTY_NOT_ONE`, `ROUND_TOO_LARGE`,
 *   `MEMBER_KEY_UNKNOWN`.
 */
export function createWitness(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  tier: number,
  options: VerifyOptions = {},
): IstanbulWitness {
  const verdict = verifyNatively(block, trusted, options);
  if (!verdict.ok) throw new UsageError(verdict.code, verdict.message);
  const { signingSet } = verdict;
  assertProvable(block, trusted, signingSet, tier);
  const chosen = chooseSeals(block, trusted, signingSet, verdict.seals, tier);
  const members = chosen.map((seal) => memberSlot(seal, signingSet, trusted));
  const spares = Array.from({ length: slotsOf(tier) - members.length }, () => spareSlot(block.sealDigest));
  const hashedLayout = layoutHeader(block.hashPreimage, block);
  return {
    tier,
    slots: [...members, ...spares],
    digest: bytesToInteger(block.sealDigest),
    signingSet,
    trusted,
    hashedLayout,
    sealedLayout: block.variant === 'ibft1' ? hashedLayout : layoutHeader(block.sealPreimage, block),
  };
}

/**
 * Locates the fields of a header.
 *
 * @param rlp - RLP of a header in one of the forms `sealed` and `hashed`.
 * @param block - The block it belongs to: gives the variant.
 */
export function layoutHeader(rlp: Uint8Array, block: Pick<IstanbulBlock, 'variant'>): HeaderLayout {
  const root = listOf(decodeRlp(rlp));
  const extraIndex = HEADER_FIELDS.findIndex((field) => field.name === 'extraData');
  const extra = root.items[extraIndex]!;
  const vanityBytes = block.variant === 'ibft1' ? 32 : 0;
  const listStart = extra.payloadStart + vanityBytes;
  const list = listOf(decodeRlp(rlp.subarray(listStart, extra.end)));
  const shifted = (start: number, end: number): Span => ({ offset: listStart + start, length: end - start });
  const validators = listOf(list.items[block.variant === 'ibft1' ? 0 : 1]!);
  const round = block.variant === 'ibft1' ? undefined : list.items[3];
  return {
    sizeBytes: rlp.length,
    listPayload: root.payloadStart,
    items: root.items.map((item) => ({ offset: item.start, length: item.end - item.start })),
    payloads: root.items.map((item) => ({ offset: item.payloadStart, length: item.end - item.payloadStart })),
    extraList: shifted(0, list.end),
    extraItems: list.items.map((item) => shifted(item.start, item.end)),
    validatorList: shifted(validators.start, validators.end),
    validators: validators.items.map((item) => shifted(item.payloadStart, item.end)),
    ...(round === undefined ? {} : { round: shifted(round.start, round.end) }),
  };
}

function assertProvable(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  signingSet: ValidatorSet,
  tier: number,
): void {
  if (!Number.isInteger(tier) || tier < 1)
    throw new UsageError(
      'TIER_RANGE',
      `tier: expected a positive integer, got ${tier}. See \`zkfinality circuits\`.`,
    );
  const size = Math.max(trusted.members.length, signingSet.members.length);
  if (size > tier)
    throw new UsageError(
      'SET_TOO_LARGE',
      `block ${block.number}: expected at most ${tier} validators in this circuit, got ${size}. Use a larger tier.`,
    );
  const difficulty = bytesToInteger(block.fields[fieldIndex('difficulty')]!);
  if (difficulty !== 1n)
    throw new UsageError(
      'DIFFICULTY_NOT_ONE',
      `block ${block.number}: expected difficulty 1, as every Istanbul client writes it, got ${difficulty}. The circuits take no other.`,
    );
  if (block.variant === 'qbft' && block.extra.round > MAX_PROVABLE_ROUND)
    throw new UsageError(
      'ROUND_TOO_LARGE',
      `block ${block.number}: expected a round of at most ${MAX_PROVABLE_ROUND}, got ${block.extra.round}. Prove a neighbouring block: its parent hash or child links to this one.`,
    );
}

/** A quorum of seals by members with known keys, overlapping members first, no more than there are slots. */
function chooseSeals(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  signingSet: ValidatorSet,
  seals: readonly CountedSeal[],
  tier: number,
): readonly CountedSeal[] {
  const known = seals.filter((seal) => !isKeyUnknown(signingSet.members[seal.memberIndex]!));
  const overlap = new Set(overlappingSeals(trusted, signingSet, known));
  const ordered = [...overlap, ...known.filter((seal) => !overlap.has(seal))];
  const quorum = quorumOf(signingSet.members.length);
  if (ordered.length < quorum) {
    const missing = seals.filter((seal) => !known.includes(seal)).map((seal) => formatAddress(seal.address));
    throw new UsageError(
      'MEMBER_KEY_UNKNOWN',
      `block ${block.number}: expected ${quorum} seals of validators whose keys the set has, got ${known.length}; without key: ${missing.join(', ')}. ` +
        'This block shows their keys: register them with `zkfinality trust register`.',
    );
  }
  // Slots hold a quorum of any set of the tier, and more than a third of any trusted one: what passed natively passes here.
  const chosen = ordered.slice(0, slotsOf(tier));
  return chosen.toSorted((a, b) => a.memberIndex - b.memberIndex);
}

function memberSlot(seal: CountedSeal, signingSet: ValidatorSet, trusted: ValidatorSet): SlotSignature {
  const member = signingSet.members[seal.memberIndex]!;
  const trustedIndex = trusted.members.findIndex((old) => isSameMember(old, member));
  return {
    r: seal.r,
    s: seal.s,
    // Recovery went through this point, so it exists.
    point: signaturePoint(seal.r, seal.parity)!,
    publicKey: member.publicKey,
    memberIndex: seal.memberIndex,
    ...(trustedIndex < 0 ? {} : { trustedIndex }),
  };
}

function spareSlot(digest: Uint8Array): SlotSignature {
  const signature = secp256k1.sign(digest, wordToBytes(SPARE_SECRET), {
    prehash: false,
    format: 'recovered',
  });
  const { r, s } = secp256k1.Signature.fromBytes(signature, 'recovered');
  return { r, s, point: signaturePoint(r, signature[0] === 1 ? 1 : 0)!, publicKey: SPARE_KEY };
}

function listOf(item: RlpItem): Extract<RlpItem, { kind: 'list' }> {
  if (item.kind === 'list') return item;
  throw new TypeError('a header that was parsed has a list here');
}
