/**
 * Input signals of the registration circuits: one proof for each validator set that its keys belong to its addresses.
 *
 * Signals:
 *
 *     oldSet, newSet                  public inputs: commitments of the set as accepted before, and with the keys known now
 *     variant, chainId                as in set commitments
 *     active[TIER], identity[TIER]    members, ones first; both sets have the same
 *     known[TIER], wasKnown[TIER]     1 where the new set, the old set has the member's key
 *     key[TIER][4]                    (xLo, xHi, yLo, yHi) of the new set's keys
 */
import { UsageError } from '../../statement/errors.js';
import { commitValidatorSet, isKeyUnknown, VARIANT_NUMBERS } from '../../statement/set-commitment.js';
import type { ValidatorSet } from '../../statement/types.js';
import type { CircuitInput } from '../../witness/program.js';
import { halves } from './circuit-input.js';
import { formatAddress } from './extra-data.js';
import { isSameMember } from './members.js';
import { ISTANBUL_TIERS } from './tiers.js';

/**
 * All inputs of a registration circuit but the challenge.
 *
 * @param oldSet - The set as the verifier accepted it; all of its keys may be unknown.
 * @param newSet - The same set with zero or more keys filled in.
 * @param tier - Most members that the circuit takes.
 * @throws {UsageError} `TIER_RANGE`, `SET_TOO_LARGE`; `REGISTER_PROTOCOL` for committee sets, which have no unknown keys; `REGISTER_SETS_DIFFER`
 *   where more than keys was changed, `REGISTER_KEY_REPLACED` where a known key is another one or gone; the codes of `assertValidatorSet` for both sets.
 * @example
 * ```ts
 * import { createRegistrationInput } from 'zkfinality';
 * import { createDevnet } from 'zkfinality/devnet';
 * import { commitValidatorSet } from 'zkfinality/verify';
 *
 * const set = createDevnet('qbft', { seed: 'a', validators: 4, chainId: 1337n }).validatorSet(1);
 * const unknown = { ...set, members: set.members.map((member) => ({ ...member, publicKey: { x: 0n, y: 0n } })) };
 * const input = createRegistrationInput(unknown, set, 4);
 * console.log(input.oldSet === commitValidatorSet(unknown), input.newSet === commitValidatorSet(set)); // true true
 * ```
 */
export function createRegistrationInput(
  oldSet: ValidatorSet,
  newSet: ValidatorSet,
  tier: number,
): CircuitInput {
  assertTier(newSet, tier);
  assertSameSet(oldSet, newSet);
  const commitments = { oldSet: commitValidatorSet(oldSet), newSet: commitValidatorSet(newSet) };
  oldSet.members.forEach((member, i) => {
    if (isKeyUnknown(member) || isSameMember(member, newSet.members[i]!)) return;
    throw new UsageError(
      'REGISTER_KEY_REPLACED',
      `validators[${i}].publicKey: expected the key that the old set has for ${formatAddress(member.identity)}. A registration fills in unknown keys and changes nothing else.`,
    );
  });
  const rows = Array.from({ length: tier }, (_, i) => ({ old: oldSet.members[i], now: newSet.members[i] }));
  const flags = (isSet: (row: (typeof rows)[number]) => boolean): bigint[] =>
    rows.map((row) => (isSet(row) ? 1n : 0n));
  return {
    ...commitments,
    variant: VARIANT_NUMBERS[newSet.variant],
    chainId: newSet.chainId,
    active: flags(({ now }) => now !== undefined),
    identity: rows.map(({ now }) => now?.identity ?? 0n),
    known: flags(({ now }) => now !== undefined && !isKeyUnknown(now)),
    wasKnown: flags(({ old }) => old !== undefined && !isKeyUnknown(old)),
    key: rows.map(({ now }) => [...halves(now?.publicKey.x ?? 0n), ...halves(now?.publicKey.y ?? 0n)]),
  };
}

function assertTier(set: ValidatorSet, tier: number): void {
  if (!ISTANBUL_TIERS.includes(tier))
    throw new UsageError(
      'TIER_RANGE',
      `tier: expected one of ${ISTANBUL_TIERS.join(', ')}, got ${tier}. See \`zkfinality circuits\`.`,
    );
  if (set.members.length > tier)
    throw new UsageError(
      'SET_TOO_LARGE',
      `validators: expected at most ${tier} members in this circuit, got ${set.members.length}. Use a larger tier.`,
    );
}

function assertSameSet(oldSet: ValidatorSet, newSet: ValidatorSet): void {
  for (const { variant } of [oldSet, newSet])
    if (variant === 'committee')
      throw new UsageError(
        'REGISTER_PROTOCOL',
        'variant: expected ibft1, ibft2 or qbft, got committee. Committee sets have all their keys: there is nothing to register.',
      );
  const differ = (part: string, before: string, after: string): UsageError =>
    new UsageError(
      'REGISTER_SETS_DIFFER',
      `${part}: expected ${before} as in the old set, got ${after}. A registration fills in unknown keys and changes nothing else.`,
    );
  if (oldSet.variant !== newSet.variant) throw differ('variant', oldSet.variant, newSet.variant);
  if (oldSet.chainId !== newSet.chainId) throw differ('chainId', `${oldSet.chainId}`, `${newSet.chainId}`);
  if (oldSet.members.length !== newSet.members.length)
    throw differ('validators', `${oldSet.members.length} members`, `${newSet.members.length}`);
  oldSet.members.forEach((member, i) => {
    const now = newSet.members[i]!;
    if (member.identity !== now.identity)
      throw differ(`validators[${i}].identity`, formatAddress(member.identity), formatAddress(now.identity));
    if (member.power !== now.power) throw differ(`validators[${i}].power`, `${member.power}`, `${now.power}`);
  });
}
