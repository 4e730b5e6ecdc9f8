/**
 * One field element for a validator set, the same for every tier. With P_k Poseidon of arity k:
 *
 *     c_0     = P6(TAG_SET, variant, chainId, quorumRule, N, totalPower)
 *     c_{i+1} = P6(c_i, identity·2^64 + power, xLo, xHi, yLo, yHi)      Istanbul: secp256k1, 128-bit halves
 *     c_{i+1} = P4(c_i, identity·2^64 + power, Ax, Ay)                  committee: BabyJubjub
 *
 * The chain is collision resistant because c_0 fixes N and the variant, hence the number and the arity of the links.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FIELD_MODULUS } from './curve.js';
import { UsageError } from './errors.js';
import { bytesToInteger, fieldTag, wordToBytes } from './hash.js';
import { poseidon4, poseidon6 } from './poseidon.js';
import type { Member, ProtocolId, ValidatorSet, Variant } from './types.js';

/** keccak256("zkfinality/set/v1") mod 2^248: first input of every set commitment. */
export const TAG_SET: bigint = fieldTag('set/v1');

/** Number of each variant inside a commitment. */
export const VARIANT_NUMBERS: { readonly [Name in Variant]: bigint } = {
  committee: 1n,
  ibft1: 2n,
  ibft2: 3n,
  qbft: 4n,
};

/** Protocol that each variant belongs to. */
export const VARIANT_PROTOCOLS: { readonly [Name in Variant]: ProtocolId } = {
  committee: 'committee',
  ibft1: 'istanbul',
  ibft2: 'istanbul',
  qbft: 'istanbul',
};

/** 1: signedPower·3 > 2·totalPower. 2: at least ⌈2N/3⌉ seals of N members. */
export type QuorumRule = 1 | 2;

/** The quorum rule of a variant; part of every commitment. */
export function quorumRule(variant: Variant): QuorumRule {
  return variant === 'committee' ? 1 : 2;
}

/** What is counted against a quorum. */
export type QuorumCount = {
  /** Sum of the powers of the members that signed, each counted once. */
  readonly signedPower: bigint;
  readonly totalPower: bigint;
  /** Number of members that signed, each counted once. */
  readonly signers: number;
  readonly members: number;
};

/** Whether a quorum signed, by the rule's own arithmetic (cross-multiplied, nothing rounded). An empty set never has one. */
export function hasQuorum(rule: QuorumRule, count: QuorumCount): boolean {
  if (count.members <= 0 || count.totalPower <= 0n) return false;
  return rule === 1 ? 3n * count.signedPower > 2n * count.totalPower : 3 * count.signers >= 2 * count.members;
}

/** Sum of the voting powers of all members. */
export function totalPower(set: ValidatorSet): bigint {
  return set.members.reduce((sum, member) => sum + member.power, 0n);
}

/** Whether a member's key is not known yet: it counts in N and in total power and never seals. */
export function isKeyUnknown(member: Member): boolean {
  return member.publicKey.x === 0n && member.publicKey.y === 0n;
}

const BOUND_64 = 1n << 64n;
const BOUND_128 = 1n << 128n;
const BOUND_160 = 1n << 160n;

/**
 * Checks a validator set: at least one member, identities below 2^160 and strictly increasing, powers in [1, 2^64) (1 for
 * Istanbul, whose rule counts seals), known keys on their curve and distinct. An Istanbul key may be (0, 0), not known
 * yet; a known one must hash to its address, so a set that passes here is registered in the sense of the architecture.
 *
 * @throws {UsageError} `VARIANT_UNKNOWN`, `CHAIN_ID_RANGE`, `SET_EMPTY`, `SET_ORDER`, `MEMBER_IDENTITY`, `MEMBER_POWER`, `MEMBER_KEY`,
 *   `MEMBER_KEY_ADDRESS`, `MEMBER_KEY_DUPLICATE`, each naming the member.
 */
export function assertValidatorSet(set: ValidatorSet): void {
  if (!Object.hasOwn(VARIANT_NUMBERS, set.variant))
    throw new UsageError(
      'VARIANT_UNKNOWN',
      `variant: expected one of ${Object.keys(VARIANT_NUMBERS).join(', ')}, got ${String(set.variant)}.`,
    );
  if (!isInteger(set.chainId, 0n, BOUND_64))
    throw new UsageError('CHAIN_ID_RANGE', `chainId: expected [0, 2^64), got ${String(set.chainId)}.`);
  if (set.members.length === 0)
    throw new UsageError('SET_EMPTY', 'validators: a set needs at least one member.');
  const keys = new Set<string>();
  let previous = -1n;
  set.members.forEach((member, index) => {
    assertMember(set.variant, member, `validators[${index}]`);
    if (member.identity <= previous)
      throw new UsageError(
        'SET_ORDER',
        `validators[${index}]: identities must be strictly increasing. Sort the list and remove repeated members.`,
      );
    previous = member.identity;
    if (isKeyUnknown(member)) return;
    const key = `${member.publicKey.x},${member.publicKey.y}`;
    if (keys.has(key))
      throw new UsageError(
        'MEMBER_KEY_DUPLICATE',
        `validators[${index}]: another member has the same public key. Each member needs a key of its own.`,
      );
    keys.add(key);
  });
}

/**
 * The commitment of a validator set.
 *
 * @param set - Checked with `assertValidatorSet`.
 * @returns A field element in [0, r); by accident never 0, which stands for "no set".
 * @throws {UsageError} as `assertValidatorSet`.
 * @example
 * ```ts
 * import { createDevnet } from 'zkfinality/devnet';
 * import { commitValidatorSet } from 'zkfinality/verify';
 *
 * const set = createDevnet('qbft', { seed: 'a', validators: 4, chainId: 1337n }).validatorSet(1);
 * // The chain is part of the commitment: the same validators elsewhere are another set.
 * console.log(commitValidatorSet(set) === commitValidatorSet({ ...set, chainId: 1338n })); // false
 * ```
 */
export function commitValidatorSet(set: ValidatorSet): bigint {
  assertValidatorSet(set);
  const start = poseidon6(
    TAG_SET,
    VARIANT_NUMBERS[set.variant],
    set.chainId,
    BigInt(quorumRule(set.variant)),
    BigInt(set.members.length),
    totalPower(set),
  );
  return set.members.reduce((link, { identity, power, publicKey: { x, y } }) => {
    const who = (identity << 64n) | power;
    return set.variant === 'committee'
      ? poseidon4(link, who, x, y)
      : poseidon6(link, who, x % BOUND_128, x >> 128n, y % BOUND_128, y >> 128n);
  }, start);
}

/**
 * The address of a secp256k1 public key: the last 20 bytes of keccak256(x ‖ y).
 *
 * @returns An integer in [0, 2^160).
 */
export function addressOfKey(publicKey: { readonly x: bigint; readonly y: bigint }): bigint {
  const bytes = new Uint8Array(64);
  bytes.set(wordToBytes(publicKey.x), 0);
  bytes.set(wordToBytes(publicKey.y), 32);
  return bytesToInteger(keccak_256(bytes)) % BOUND_160;
}

function assertMember(variant: Variant, member: Member, path: string): void {
  const istanbul = variant !== 'committee';
  if (!isInteger(member.identity, 0n, BOUND_160))
    throw new UsageError(
      'MEMBER_IDENTITY',
      `${path}.identity: expected [0, 2^160), got ${String(member.identity)}.`,
    );
  if (!isInteger(member.power, 1n, istanbul ? 2n : BOUND_64))
    throw new UsageError(
      'MEMBER_POWER',
      `${path}.power: expected ${istanbul ? '1 (Istanbul counts seals, not power)' : '[1, 2^64)'}, got ${String(member.power)}.`,
    );
  if (istanbul && isKeyUnknown(member)) return;
  if (!(istanbul ? isOnSecp256k1(member.publicKey) : isOnBabyJubjub(member.publicKey)))
    throw new UsageError(
      'MEMBER_KEY',
      `${path}.publicKey: not a point of ${istanbul ? 'secp256k1' : 'BabyJubjub'}. ${istanbul ? 'Leave a key that is not known at 0, 0.' : 'Every committee member needs its key.'}`,
    );
  if (istanbul && addressOfKey(member.publicKey) !== member.identity)
    throw new UsageError(
      'MEMBER_KEY_ADDRESS',
      `${path}: the public key does not hash to the address. Take both from the same source.`,
    );
}

function isInteger(value: unknown, from: bigint, bound: bigint): value is bigint {
  return typeof value === 'bigint' && value >= from && value < bound;
}

/** Prime of secp256k1's base field, SEC 2. */
const SECP256K1_P = (1n << 256n) - (1n << 32n) - 977n;

function isOnSecp256k1({ x, y }: Member['publicKey']): boolean {
  if (!isInteger(x, 0n, SECP256K1_P) || !isInteger(y, 0n, SECP256K1_P)) return false;
  return (y * y - x * x * x - 7n) % SECP256K1_P === 0n;
}

/** BabyJubjub in twisted Edwards form, EIP-2494: a·x² + y² = 1 + d·x²·y². */
const BABYJUBJUB_A = 168700n;
const BABYJUBJUB_D = 168696n;

function isOnBabyJubjub({ x, y }: Member['publicKey']): boolean {
  if (!isInteger(x, 0n, FIELD_MODULUS) || !isInteger(y, 0n, FIELD_MODULUS)) return false;
  const [xx, yy] = [x * x, y * y];
  // x = 0 holds only the points of order 1 and 2, which are nobody's keys.
  return x !== 0n && (BABYJUBJUB_A * xx + yy - 1n - BABYJUBJUB_D * xx * yy) % FIELD_MODULUS === 0n;
}
