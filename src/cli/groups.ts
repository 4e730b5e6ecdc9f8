/**
 * Smallest groups of validators that can halt a chain or finalise alone: what a set's powers mean for its safety.
 */
import { hasQuorum, quorumRule, totalPower } from '../statement/set-commitment.js';
import type { ValidatorSet } from '../statement/types.js';

export type SmallestGroups = {
  /** Fewest validators whose silence leaves the others without a quorum. */
  readonly halt: number;
  /** Fewest validators that are a quorum by themselves. */
  readonly finalise: number;
};

/**
 * Counts the smallest halting and finalising groups of a set.
 *
 * Takes the most powerful members first, which is exact because a quorum depends on sums and counts alone.
 *
 * @param set - At least one member.
 */
export function smallestGroups(set: ValidatorSet): SmallestGroups {
  const total = totalPower(set);
  const members = set.members.length;
  const powers = set.members.map((member) => member.power).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  const isQuorum = (signedPower: bigint, signers: number): boolean =>
    hasQuorum(quorumRule(set.variant), { signedPower, totalPower: total, signers, members });
  let halt = 0;
  for (let left = total; isQuorum(left, members - halt); halt++) left -= powers[halt] as bigint;
  let finalise = 0;
  for (let signed = 0n; !isQuorum(signed, finalise); finalise++) signed += powers[finalise] as bigint;
  return { halt, finalise };
}
