/**
 * Validator sets of Istanbul chains: lists of addresses in headers, public keys from seals.
 *
 * Headers name addresses only. A key becomes known when its owner seals a block; until then the member enters the set
 * with key (0, 0), which counts and never seals.
 */
import { UsageError } from '../../statement/errors.js';
import { addressOfKey, assertValidatorSet, isKeyUnknown } from '../../statement/set-commitment.js';
import type { Member, ValidatorSet } from '../../statement/types.js';
import { formatAddress, type IstanbulVariant } from './extra-data.js';
import type { IstanbulBlock } from './header.js';
import { isRecovered, recoverSeal } from './seals.js';

/** Key of a member that never sealed a block we saw. */
export const UNKNOWN_KEY: Member['publicKey'] = { x: 0n, y: 0n };

/** Every Istanbul validator has one vote. */
export const MEMBER_POWER = 1n;

/**
 * Reads a public key: 64 bytes x ‖ y in hex, with or without `0x` and the uncompressed prefix 04.
 *
 * @throws {UsageError} `PUBLIC_KEY_FORMAT`. Whether the point is on the curve is checked with the set.
 */
export function parsePublicKey(text: string): Member['publicKey'] {
  const digits = text.trim().replace(/^0x/i, '');
  const match = /^(?:04)?([0-9a-f]{64})([0-9a-f]{64})$/i.exec(digits);
  if (match === null)
    throw new UsageError(
      'PUBLIC_KEY_FORMAT',
      `public key: expected 128 hexadecimal digits x ‖ y, got ${digits.length} characters. Give an uncompressed secp256k1 key.`,
    );
  return { x: BigInt(`0x${match[1]}`), y: BigInt(`0x${match[2]}`) };
}

/** The 64 bytes x ‖ y of a key in hex, the form of enode URLs and of {@link parsePublicKey}. */
export function formatPublicKey(publicKey: Member['publicKey']): string {
  return publicKey.x.toString(16).padStart(64, '0') + publicKey.y.toString(16).padStart(64, '0');
}

/** What an Istanbul set is made from. */
export type IstanbulSetSource = {
  readonly variant: IstanbulVariant;
  /** [0, 2^64) */
  readonly chainId: bigint;
  /** 160-bit addresses in any order. May be left out where every key is given. */
  readonly addresses?: readonly bigint[];
  /** Keys known so far, in any order; with `addresses`, only of members. */
  readonly publicKeys?: readonly Member['publicKey'][];
};

/**
 * Makes a validator set from addresses and from the public keys that are known.
 *
 * @param source - See {@link IstanbulSetSource}.
 * @returns The set, sorted by address, every power 1.
 * @throws {UsageError} `KEY_OF_NO_MEMBER` where a key hashes to none of the addresses, and the codes of `assertValidatorSet`.
 */
export function createIstanbulSet(source: IstanbulSetSource): ValidatorSet {
  const keys = new Map((source.publicKeys ?? []).map((key) => [addressOfKey(key), key]));
  const addresses = source.addresses ?? [...keys.keys()];
  const listed = new Set(addresses);
  for (const address of keys.keys())
    if (!listed.has(address))
      throw new UsageError(
        'KEY_OF_NO_MEMBER',
        `public key of ${formatAddress(address)}: the address is not in the list. Give keys of listed validators only.`,
      );
  const members = addresses
    .map((identity) => ({ identity, publicKey: keys.get(identity) ?? UNKNOWN_KEY, power: MEMBER_POWER }))
    .sort((a, b) => (a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0));
  const set: ValidatorSet = { variant: source.variant, chainId: source.chainId, members };
  assertValidatorSet(set);
  return set;
}

/**
 * The members that a header lists, with every key that its own seals show.
 *
 * Nothing is verified: a seal that recovers to no listed address is passed over.
 * @param block - Any parsed block; for the genesis and in contract mode the result has no known keys or no members.
 * @returns In the order of the header. Cost: about 1 ms a seal.
 */
export function recoverMembers(block: IstanbulBlock): readonly Member[] {
  const keys = new Map<bigint, Member['publicKey']>();
  for (const seal of block.extra.seals) {
    const recovered = recoverSeal(seal, block.sealDigest);
    if (isRecovered(recovered)) keys.set(recovered.address, recovered.publicKey);
  }
  return block.extra.validators.map((identity) => ({
    identity,
    publicKey: keys.get(identity) ?? UNKNOWN_KEY,
    power: MEMBER_POWER,
  }));
}

/**
 * The set that a header lists, with the keys of `known` members filled in and those that its own seals show.
 *
 * @param block - A block that was verified against `known`.
 * @param known - Sets whose keys may be used, first match wins; keys always belong to their address.
 * @returns A set of the block's variant.
 * @throws {UsageError} The codes of `assertValidatorSet`.
 */
export function setOfBlock(
  block: IstanbulBlock,
  chainId: bigint,
  known: readonly ValidatorSet[],
): ValidatorSet {
  const keys = new Map<bigint, Member['publicKey']>();
  for (const member of known.flatMap((set) => set.members))
    if (!keys.has(member.identity) && !isKeyUnknown(member)) keys.set(member.identity, member.publicKey);
  const members = recoverMembers(block).map((member) => ({
    ...member,
    publicKey: keys.get(member.identity) ?? member.publicKey,
  }));
  const set: ValidatorSet = { variant: block.variant, chainId, members };
  assertValidatorSet(set);
  return set;
}

/** Whether two sets have the same members with the same keys, in the same order. */
export function isSameSet(a: ValidatorSet, b: ValidatorSet): boolean {
  return (
    a.variant === b.variant &&
    a.chainId === b.chainId &&
    a.members.length === b.members.length &&
    a.members.every((member, i) => isSameMember(member, b.members[i]!))
  );
}

/** Whether two members are the same in identity, key and power. */
export function isSameMember(a: Member, b: Member): boolean {
  return (
    a.identity === b.identity &&
    a.power === b.power &&
    a.publicKey.x === b.publicKey.x &&
    a.publicKey.y === b.publicKey.y
  );
}
