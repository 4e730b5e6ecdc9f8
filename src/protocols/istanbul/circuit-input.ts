/**
 * Input signals of the Istanbul circuits, from the plain structure of `witness.ts`.
 *
 * Signals, BYTES being the tier's longest header and SLOTS = ⌈2·TIER/3⌉:
 *
 *     trustedSet, signingSet, nextSet, w1, w2, w3        public inputs
 *     chainId                                            as in set commitments
 *     header[BYTES], headerLength                        the RLP that seals cover (IBFT 1.0: through the block hash), zero padded
 *     signingActive[TIER], signingIdentity[TIER], signingKey[TIER][4]      members, ones first; key = (xLo, xHi, yLo, yHi)
 *     trustedActive[TIER], trustedIdentity[TIER], trustedKey[TIER][4]
 *     select[SLOTS][TIER]                                slot j holds the seal of member i; a spare slot's row is zero
 *     match[TIER][TIER]                                  signing member i, who sealed, is trusted member k
 *     r[SLOTS][4], s[SLOTS][4], noncePointY[SLOTS][4]    64-bit limbs, least significant first; R = (r, noncePointY)
 *     nonce                                              0: honest signatures meet no equal points that another would avoid
 */

import { fieldIndex } from '../../ethereum/header.js';
import { encodeRlp } from '../../ethereum/rlp.js';
import { UsageError } from '../../statement/errors.js';
import { namedInputs } from '../../statement/packing.js';
import type { Statement, ValidatorSet } from '../../statement/types.js';
import type { CircuitInput } from '../../witness/program.js';
import type { IstanbulBlock } from './header.js';
import { KECCAK_RATE_BYTES, maxHeaderBytes, QBFT_TAIL_BLOCKS } from './tiers.js';
import type { VerifyOptions } from './verify.js';
import { createWitness, type IstanbulWitness } from './witness.js';

/**
 * All inputs of the circuit but the challenge.
 *
 * @throws {UsageError} The codes of `createWitness`; `HEADER_TOO_LONG`, `HEADER_TAIL_TOO_LONG`.
 */
export function createCircuitInput(
  block: IstanbulBlock,
  statement: Statement,
  trusted: ValidatorSet,
  tier: number,
  options: VerifyOptions,
): CircuitInput {
  const maxBytes = maxHeaderBytes(tier);
  const witness = createWitness(block, trusted, tier, options);
  const sealedHeader = block.variant === 'ibft1' ? block.hashPreimage : block.sealPreimage;
  if (sealedHeader.length > maxBytes)
    throw new UsageError(
      'HEADER_TOO_LONG',
      `block ${block.number}: expected a hashed header of at most ${maxBytes} bytes at tier ${tier}, got ${sealedHeader.length}. Use a larger tier.`,
    );
  if (block.variant === 'qbft') assertTailFits(block);
  return {
    ...namedInputs(statement),
    chainId: trusted.chainId,
    header: padded(sealedHeader, maxBytes),
    headerLength: BigInt(sealedHeader.length),
    ...memberSignals('signing', witness.signingSet, tier),
    ...memberSignals('trusted', trusted, tier),
    select: witness.slots.map((slot) => oneHot(slot.memberIndex, tier)),
    match: matchSignals(witness),
    r: witness.slots.map((slot) => toLimbs(slot.r)),
    s: witness.slots.map((slot) => toLimbs(slot.s)),
    noncePointY: witness.slots.map((slot) => toLimbs(slot.point.y)),
    nonce: 0n,
  };
}

/** The second QBFT hash absorbs the blocks from the round's on, and a circuit has only so many of them. */
function assertTailFits(block: IstanbulBlock): void {
  const items = block.fields.slice(fieldIndex('extraData') + 1).map((field) => encodeRlp(field).length);
  const { length } = block.sealPreimage;
  // The round is one byte, the empty list of seals another.
  const round = length - items.reduce((sum, bytes) => sum + bytes, 2);
  const blocks = Math.floor(length / KECCAK_RATE_BYTES) - Math.floor(round / KECCAK_RATE_BYTES) + 1;
  if (blocks > QBFT_TAIL_BLOCKS)
    throw new UsageError(
      'HEADER_TAIL_TOO_LONG',
      `block ${block.number}: expected the hashed header to end at most ${QBFT_TAIL_BLOCKS} Keccak blocks from its round, got ${blocks}: ${length - round - 1} bytes follow the round. Headers with so many fields of later forks need a change of the QBFT circuit.`,
    );
}

const LIMB_BITS = 64n;
const LIMBS = 4;
const HALF_BITS = 128n;

function memberSignals(prefix: string, set: ValidatorSet, tier: number): CircuitInput {
  const at = (i: number) => set.members[i];
  const rows = Array.from({ length: tier }, (_, i) => at(i));
  return {
    [`${prefix}Active`]: rows.map((member) => (member === undefined ? 0n : 1n)),
    [`${prefix}Identity`]: rows.map((member) => member?.identity ?? 0n),
    [`${prefix}Key`]: rows.map((member) => [
      ...halves(member?.publicKey.x ?? 0n),
      ...halves(member?.publicKey.y ?? 0n),
    ]),
  };
}

function matchSignals(witness: IstanbulWitness): bigint[][] {
  const rows = Array.from({ length: witness.tier }, () => oneHot(undefined, witness.tier));
  for (const { memberIndex, trustedIndex } of witness.slots)
    if (memberIndex !== undefined) rows[memberIndex] = oneHot(trustedIndex, witness.tier);
  return rows;
}

function oneHot(index: number | undefined, size: number): bigint[] {
  return Array.from({ length: size }, (_, i) => (i === index ? 1n : 0n));
}

/** Low and high 128 bits of a coordinate in [0, 2^256), as sets commit to them. */
export function halves(value: bigint): [bigint, bigint] {
  return [BigInt.asUintN(Number(HALF_BITS), value), value >> HALF_BITS];
}

function toLimbs(value: bigint): bigint[] {
  return Array.from({ length: LIMBS }, (_, i) =>
    BigInt.asUintN(Number(LIMB_BITS), value >> (LIMB_BITS * BigInt(i))),
  );
}

function padded(bytes: Uint8Array, size: number): bigint[] {
  return Array.from({ length: size }, (_, i) => BigInt(bytes[i] ?? 0));
}
