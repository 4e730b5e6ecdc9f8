/**
 * Native verification: whether a quorum of a trusted set, or of a set it vouches for, sealed a block. Names the failing rule.
 *
 * Rules, N members of the signing set, all of power 1:
 *
 *     every seal recovers to a member of the signing set, each member at most once        as Besu and GoQuorum check on import
 *     seals ≥ ⌈2N/3⌉                                                                      QBFT, IBFT 2.0; asked of IBFT 1.0 too
 *     the header lists exactly the signing set, strictly increasing
 *     signing set = trusted set, or `headerListAuthenticated` and more than 1/3 of the trusted set sealed,
 *     matched by whole members (address and key)
 *
 * DIFFERS FROM SPEC: IBFT 1.0 asks 2F + 1 seals, and GoQuorum's import fewer; neither always intersects in an honest validator
 * (N = 2, 3, 5, 6, 8, 9, 11, 12). A block with fewer than ⌈2N/3⌉ is refused here.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { join } from '../../ethereum/rlp.js';
import { UsageError } from '../../statement/errors.js';
import {
  assertValidatorSet,
  hasQuorum,
  isKeyUnknown,
  quorumRule,
  totalPower,
} from '../../statement/set-commitment.js';
import type { ValidatorSet } from '../../statement/types.js';
import type { TrustOptions } from '../types.js';
import { formatAddress } from './extra-data.js';
import { IBFT1_COMMIT_TAG, type IstanbulBlock, proposerDigest, sealDigestOfRound } from './header.js';
import { isSameMember, isSameSet, recoverMembers, setOfBlock } from './members.js';
import { isRecovered, type RecoveredSeal, recoverSeal } from './seals.js';

/** Largest round of a QBFT header whose circuit shares Keccak blocks between the two hashes. */
export const MAX_PROVABLE_ROUND = 127;

/** Rounds that are tried to explain a foreign seal; agreement rarely takes more. */
const EXPLAINED_ROUNDS = 16;

/**
 * What a caller knows beyond the trusted set.
 *
 * `headerListAuthenticated`: Besu's validators compare the list with their own before they seal, GoQuorum's and Klaytn's do not.
 * `registeredSets`: the signing set is the one of them that has the addresses of the header; without one, the header's list with keys of
 * the trusted set and of the block's own seals.
 */
export type VerifyOptions = TrustOptions & {
  /** Other blocks of the chain. They only make the explanation of a foreign seal better. */
  readonly otherBlocks?: readonly IstanbulBlock[];
};

/** A seal and its signer. */
export type CountedSeal = RecoveredSeal & {
  /** Position in the header's list of seals. */
  readonly sealIndex: number;
  /** Position in the signing set. */
  readonly memberIndex: number;
};

/** Codes of a refusal. */
export const ISTANBUL_VERDICT_CODES = [
  'VARIANT_MISMATCH',
  'GENESIS_HAS_NO_SEALS',
  'VALIDATORS_IN_CONTRACT',
  'VALIDATOR_LIST_EMPTY',
  'VALIDATOR_DUPLICATE',
  'VALIDATORS_NOT_SORTED',
  'VALIDATOR_LIST_MISMATCH',
  'SEAL_LENGTH',
  'SEAL_RECOVERY_ID',
  'SEAL_SCALAR_RANGE',
  'SEAL_UNRECOVERABLE',
  'SEAL_OF_OTHER_HEIGHT',
  'SEAL_OF_OTHER_ROUND',
  'SEAL_OF_OTHER_BLOCK',
  'FOREIGN_SEAL',
  'DUPLICATE_SEAL',
  'TOO_FEW_SEALS',
  'PROPOSER_SEAL',
  'OVERLAP_TOO_SMALL',
] as const;

export type IstanbulVerdictCode = (typeof ISTANBUL_VERDICT_CODES)[number];

/** The outcome: a bad block is data, not an exception. */
export type IstanbulVerdict =
  | {
      readonly ok: true;
      readonly signingSet: ValidatorSet;
      /** Whether the signing set is the trusted one. */
      readonly sameSet: boolean;
      /** Whether the signing set is the trusted or a registered one: only then does a verifier accept a proof of this block. */
      readonly registered: boolean;
      /** In the order of the header; one for each member that sealed. */
      readonly seals: readonly CountedSeal[];
      /** Seals that the rule asks for: ⌈2N/3⌉. */
      readonly quorum: number;
    }
  | { readonly ok: false; readonly code: IstanbulVerdictCode; readonly message: string };

/** Seals that a set of `members` needs: ⌈2N/3⌉. */
export function quorumOf(members: number): number {
  return Math.ceil((2 * members) / 3);
}

/**
 * Verifies a block against a trusted set.
 *
 * @param block - As parsed.
 * @param trusted - The accepted set. Members whose key is unknown are matched by address.
 * @param options - See {@link VerifyOptions}.
 * @returns The signing set and the signers, or the first rule that the block breaks. Cost: about 1 ms a seal.
 * @throws {UsageError} The codes of `assertValidatorSet` where a given set is no valid set; `NOT_AN_ISTANBUL_SET`.
 */
export function verifyNatively(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  options: VerifyOptions = {},
): IstanbulVerdict {
  assertIstanbulSet(trusted);
  const fault = headerFault(block, trusted);
  if (fault !== undefined) return fault;
  const sameList = hasMembers(trusted, block.extra.validators);
  if (!sameList && options.headerListAuthenticated !== true) return listMismatch(block, trusted);
  const signingSet = signingSetOf(block, trusted, sameList, options);
  const seals = countSeals(block, signingSet, options);
  if (isRefusal(seals)) return seals;
  return (
    quorumFault(block, signingSet, seals) ??
    proposerFault(block) ??
    overlapFault(block, trusted, signingSet, seals) ?? {
      ok: true,
      signingSet,
      sameSet: isSameSet(signingSet, trusted),
      registered: [trusted, ...(options.registeredSets ?? [])].some((set) => isSameSet(signingSet, set)),
      seals,
      quorum: quorumOf(signingSet.members.length),
    }
  );
}

/**
 * Seals by members that stand in the trusted set as the same whole members: what the overlap rule counts.
 *
 * @param seals - Distinct members of `signingSet`.
 * @returns The seals whose member has a known key and is in `trusted` with the same address and key.
 */
export function overlappingSeals(
  trusted: ValidatorSet,
  signingSet: ValidatorSet,
  seals: readonly CountedSeal[],
): readonly CountedSeal[] {
  const byIdentity = new Map(trusted.members.map((member) => [member.identity, member]));
  return seals.filter(({ memberIndex }) => {
    const member = signingSet.members[memberIndex]!;
    const old = byIdentity.get(member.identity);
    return old !== undefined && !isKeyUnknown(member) && isSameMember(member, old);
  });
}

type Refusal = Extract<IstanbulVerdict, { ok: false }>;

function isRefusal(result: object): result is Refusal {
  return 'ok' in result;
}

function assertIstanbulSet(set: ValidatorSet): void {
  if (set.variant === 'committee')
    throw new UsageError(
      'NOT_AN_ISTANBUL_SET',
      'trusted set: expected one of ibft1, ibft2, qbft, got committee. Give the trust anchor of the chain that the block comes from.',
    );
  assertValidatorSet(set);
}

/** Rules about the header alone, and its variant. */
function headerFault(block: IstanbulBlock, trusted: ValidatorSet): Refusal | undefined {
  const { validators } = block.extra;
  if (block.variant !== trusted.variant)
    return refuse(
      block,
      'VARIANT_MISMATCH',
      `the trust anchor expects ${trusted.variant}, got a block of ${block.variant}. Use the anchor of this chain.`,
    );
  if (block.number === 0n)
    return refuse(
      block,
      'GENESIS_HAS_NO_SEALS',
      'nobody seals a genesis block. Take its hash from the chain configuration and prove a later block.',
    );
  if (validators.length === 0)
    return block.variant === 'qbft'
      ? refuse(
          block,
          'VALIDATORS_IN_CONTRACT',
          'the header lists no validators: the chain keeps them in a contract. This version proves chains with validators in the header (block-header mode) only.',
        )
      : refuse(
          block,
          'VALIDATOR_LIST_EMPTY',
          'expected at least one validator, got none. Check the source of the block.',
        );
  const seen = new Set(validators.slice(0, 1));
  for (let i = 1; i < validators.length; i++) {
    const [previous, current] = [validators[i - 1]!, validators[i]!];
    if (seen.has(current))
      return refuse(
        block,
        'VALIDATOR_DUPLICATE',
        `validator ${i} (${formatAddress(current)}) is listed before. An honest chain lists everyone once.`,
      );
    seen.add(current);
    if (current < previous)
      return refuse(
        block,
        'VALIDATORS_NOT_SORTED',
        `validator ${i} (${formatAddress(current)}) must be above ${formatAddress(previous)}. Chains list addresses in ascending order after the genesis.`,
      );
  }
  return undefined;
}

function hasMembers(set: ValidatorSet, addresses: readonly bigint[]): boolean {
  return (
    set.members.length === addresses.length &&
    set.members.every(({ identity }, i) => identity === addresses[i])
  );
}

function listMismatch(block: IstanbulBlock, trusted: ValidatorSet): Refusal {
  const listed = new Set(block.extra.validators);
  const accepted = new Set(trusted.members.map((member) => member.identity));
  const added = [...listed].filter((address) => !accepted.has(address)).map(formatAddress);
  const removed = [...accepted].filter((address) => !listed.has(address)).map(formatAddress);
  return refuse(
    block,
    'VALIDATOR_LIST_MISMATCH',
    `expected the ${accepted.size} trusted validators in the header, got ${listed.size}${some(', unknown: ', added)}${some(', missing: ', removed)}. ` +
      'Only where the trust anchor says headerListAuthenticated (Besu networks) may the set change by overlap; elsewhere make a new anchor.',
  );
}

/**
 * The set that has to have sealed, with keys: the trusted one where it has the header's addresses, else a registered one that has, else
 * the header's list with the keys there are. Where several fit, the first in which members with known keys alone make quorum and
 * overlap: only those can be proved.
 */
function signingSetOf(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  sameList: boolean,
  options: VerifyOptions,
): ValidatorSet {
  const registered = (options.registeredSets ?? []).filter(
    (set) =>
      set.variant === block.variant &&
      set.chainId === trusted.chainId &&
      hasMembers(set, block.extra.validators),
  );
  for (const set of registered) assertIstanbulSet(set);
  const candidates = sameList ? [trusted, ...registered] : registered;
  if (candidates.length < 2) return candidates[0] ?? setOfBlock(block, trusted.chainId, [trusted]);
  const signers = new Set(
    recoverMembers(block).flatMap((member) => (isKeyUnknown(member) ? [] : [member.identity])),
  );
  const suffices = (set: ValidatorSet): boolean => {
    const known = set.members.filter((member) => signers.has(member.identity) && !isKeyUnknown(member));
    const overlap = known.filter((member) => trusted.members.some((old) => isSameMember(member, old)));
    return 3 * known.length >= 2 * set.members.length && 3 * overlap.length > trusted.members.length;
  };
  return candidates.find(suffices) ?? candidates[0]!;
}

/** Every seal must be a signature of a member, and of each member at most one. */
function countSeals(
  block: IstanbulBlock,
  signingSet: ValidatorSet,
  options: VerifyOptions,
): readonly CountedSeal[] | Refusal {
  const counted: CountedSeal[] = [];
  for (const [sealIndex, seal] of block.extra.seals.entries()) {
    const recovered = recoverSeal(seal, block.sealDigest);
    if (!isRecovered(recovered))
      return refuse(
        block,
        recovered.code,
        `seal ${sealIndex}: ${recovered.text}. No client accepts this block: export it again.`,
      );
    const memberIndex = signingSet.members.findIndex(({ identity }) => identity === recovered.address);
    if (memberIndex < 0) return explainForeignSeal(block, signingSet, sealIndex, recovered, options);
    const earlier = counted.find((other) => other.memberIndex === memberIndex);
    if (earlier !== undefined)
      return refuse(
        block,
        'DUPLICATE_SEAL',
        `seal ${sealIndex}: expected another validator's, got a second one of validator ${memberIndex} (${formatAddress(recovered.address)}) after seal ${earlier.sealIndex}. Each counts once, and no client accepts this block: export it again.`,
      );
    counted.push({ ...recovered, sealIndex, memberIndex });
  }
  return counted;
}

/** Looks for the message that a foreign seal was made for, among those that can be known. */
function explainForeignSeal(
  block: IstanbulBlock,
  signingSet: ValidatorSet,
  sealIndex: number,
  recovered: RecoveredSeal,
  options: VerifyOptions,
): Refusal {
  const seal = block.extra.seals[sealIndex]!;
  const memberUnder = (digest: Uint8Array): number => {
    const other = recoverSeal(seal, digest);
    return isRecovered(other)
      ? signingSet.members.findIndex(({ identity }) => identity === other.address)
      : -1;
  };
  const who = (member: number): string =>
    `seal ${sealIndex}: validator ${member} (${formatAddress(signingSet.members[member]!.identity)}) signed`;
  for (const other of options.otherBlocks ?? []) {
    const member = memberUnder(other.sealDigest);
    if (member < 0) continue;
    return other.number === block.number
      ? refuse(
          block,
          'SEAL_OF_OTHER_BLOCK',
          `${who(member)} another block of this height, 0x${bytesToHex(other.hash)}. Seals do not carry over.`,
        )
      : refuse(
          block,
          'SEAL_OF_OTHER_HEIGHT',
          `${who(member)} block ${other.number}, not block ${block.number}. Seals do not carry over.`,
        );
  }
  const parent = parentDigest(block);
  const ofParent = parent === undefined ? -1 : memberUnder(parent);
  if (ofParent >= 0)
    return refuse(
      block,
      'SEAL_OF_OTHER_HEIGHT',
      `${who(ofParent)} block ${block.number - 1n}, the parent, not block ${block.number}. Seals do not carry over.`,
    );
  for (let round = 0; block.variant !== 'ibft1' && round < EXPLAINED_ROUNDS; round++) {
    const member = round === block.extra.round ? -1 : memberUnder(sealDigestOfRound(block, round));
    if (member >= 0)
      return refuse(
        block,
        'SEAL_OF_OTHER_ROUND',
        `${who(member)} this block in round ${round}, but the header says round ${block.extra.round}. Seals of one round count together only.`,
      );
  }
  return refuse(
    block,
    'FOREIGN_SEAL',
    `seal ${sealIndex}: expected a signature of one of the ${signingSet.members.length} validators, got one that recovers to ${formatAddress(recovered.address)}. ` +
      'It is of a foreign key, of another block, or damaged: export the block again.',
  );
}

/** What seals of the parent sign, where the header tells: always in IBFT 1.0, for parents of round 0 in QBFT. */
function parentDigest(block: IstanbulBlock): Uint8Array | undefined {
  if (block.variant === 'ibft1') return keccak_256(join([block.parentHash, Uint8Array.of(IBFT1_COMMIT_TAG)]));
  return block.variant === 'qbft' ? block.parentHash : undefined;
}

function quorumFault(
  block: IstanbulBlock,
  signingSet: ValidatorSet,
  seals: readonly CountedSeal[],
): Refusal | undefined {
  const members = signingSet.members.length;
  const count = {
    signers: seals.length,
    members,
    signedPower: BigInt(seals.length),
    totalPower: totalPower(signingSet),
  };
  if (hasQuorum(quorumRule(block.variant), count)) return undefined;
  return refuse(
    block,
    'TOO_FEW_SEALS',
    `expected at least ${quorumOf(members)} seals of ${members} validators (⌈2N/3⌉), got ${seals.length}. The block is not final by this rule: take a later one.`,
  );
}

/** IBFT 1.0 blocks carry their proposer's seal besides; it must be a listed validator's. */
function proposerFault(block: IstanbulBlock): Refusal | undefined {
  if (block.variant !== 'ibft1') return undefined;
  const recovered = recoverSeal(block.extra.proposerSeal ?? new Uint8Array(0), proposerDigest(block));
  if (!isRecovered(recovered))
    return refuse(
      block,
      'PROPOSER_SEAL',
      `proposer seal: ${recovered.text}. No client accepts this block: export it again.`,
    );
  if (block.extra.validators.includes(recovered.address)) return undefined;
  return refuse(
    block,
    'PROPOSER_SEAL',
    `proposer seal: expected a listed validator's, got one that recovers to ${formatAddress(recovered.address)}. No client accepts this block.`,
  );
}

function overlapFault(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  signingSet: ValidatorSet,
  seals: readonly CountedSeal[],
): Refusal | undefined {
  if (
    hasMembers(
      trusted,
      signingSet.members.map(({ identity }) => identity),
    )
  )
    return undefined;
  const overlap = overlappingSeals(trusted, signingSet, seals).length;
  if (3 * overlap > trusted.members.length) return undefined;
  return refuse(
    block,
    'OVERLAP_TOO_SMALL',
    `expected seals of more than a third of the ${trusted.members.length} trusted validators (with the same keys), got ${overlap}. ` +
      'Prove an earlier block, where fewer validators had changed, and move the anchor there first.',
  );
}

function some(prefix: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  return `${prefix}${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

function refuse(block: IstanbulBlock, code: IstanbulVerdictCode, text: string): Refusal {
  return { ok: false, code, message: `block ${block.number} (${block.variant}): ${text}` };
}
