/**
 * Input signals of `CommitteeFinality`. Slot i is member i of the set; spare slots repeat the last identity with power 0 and never sign.
 */
import { UsageError } from '../../statement/errors.js';
import { namedInputs } from '../../statement/packing.js';
import type { CircuitInput, Statement, ValidatorSet } from '../../statement/types.js';
import type { CommitteeBlock } from './block.js';

/** Tiers with a circuit. */
export const COMMITTEE_TIERS: readonly number[] = [4, 8, 16, 32, 64, 128];

/**
 * Values of all inputs.
 *
 * @param block - Has passed native verification against `trusted`.
 * @param statement - Its statement.
 * @param tier - One of {@link COMMITTEE_TIERS}.
 * @throws {UsageError} `TIER_RANGE`, `SET_TOO_LARGE`.
 */
export function createCircuitInput(
  block: CommitteeBlock,
  statement: Statement,
  trusted: ValidatorSet,
  tier: number,
): CircuitInput {
  if (!COMMITTEE_TIERS.includes(tier))
    throw new UsageError(
      'TIER_RANGE',
      `tier: expected one of ${COMMITTEE_TIERS.join(', ')}, got ${tier}. See \`zkfinality circuits\`.`,
    );
  const { members } = trusted;
  if (members.length > tier)
    throw new UsageError(
      'SET_TOO_LARGE',
      `the set has ${members.length} members, tier ${tier} takes ${tier}. Use a larger tier.`,
    );
  const votes = new Map(block.votes.map((vote) => [vote.validator, vote]));
  const slots = Array.from({ length: tier }, (_, i) => {
    const member = members[i];
    const vote = member === undefined ? undefined : votes.get(member.identity);
    return { member, vote };
  });
  const last = members.at(-1)!.identity;
  return {
    ...namedInputs(statement),
    chainId: block.chainId,
    height: block.height,
    time: block.time,
    stateLow: block.stateRoot & 255n,
    parentHash: block.parentHash,
    round: block.round,
    present: slots.map(({ member }) => (member === undefined ? 0n : 1n)),
    identity: slots.map(({ member }) => member?.identity ?? last),
    power: slots.map(({ member }) => member?.power ?? 0n),
    keyX: slots.map(({ member }) => member?.publicKey.x ?? 0n),
    keyY: slots.map(({ member }) => member?.publicKey.y ?? 0n),
    signs: slots.map(({ vote }) => (vote === undefined ? 0n : 1n)),
    r8x: slots.map(({ vote }) => vote?.r8.x ?? 0n),
    r8y: slots.map(({ vote }) => vote?.r8.y ?? 0n),
    s: slots.map(({ vote }) => vote?.s ?? 0n),
  };
}
