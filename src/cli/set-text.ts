/** A validator set for people: who is in it, and who can halt it or finalise alone. */
import { formatHex } from '../statement/json.js';
import { commitValidatorSet, isKeyUnknown, quorumRule, totalPower } from '../statement/set-commitment.js';
import type { ValidatorSet } from '../statement/types.js';
import { smallestGroups } from './groups.js';
import { listing } from './output.js';
import { hex32 } from './statement-text.js';

const RULES = { 1: 'more than 2/3 of the power', 2: 'at least ⌈2N/3⌉ seals' } as const;

/** JSON description of a set. */
export function describeSet(set: ValidatorSet): {
  readonly variant: string;
  readonly chainId: string;
  readonly size: number;
  readonly totalPower: string;
  readonly unknownKeys: number;
  readonly quorum: string;
  readonly commitment: string;
  readonly smallestHalting: number;
  readonly smallestFinalising: number;
} {
  const groups = smallestGroups(set);
  return {
    variant: set.variant,
    chainId: set.chainId.toString(),
    size: set.members.length,
    totalPower: totalPower(set).toString(),
    unknownKeys: set.members.filter((member) => set.variant !== 'committee' && isKeyUnknown(member)).length,
    quorum: RULES[quorumRule(set.variant)],
    commitment: hex32(commitValidatorSet(set)),
    smallestHalting: groups.halt,
    smallestFinalising: groups.finalise,
  };
}

/** The same as lines. */
export function setText(set: ValidatorSet): string {
  const described = describeSet(set);
  const members = set.members.map((member): [string, string] => [
    formatHex(member.identity, 20),
    `power ${member.power}${set.variant !== 'committee' && isKeyUnknown(member) ? ', key not known yet: it counts and cannot seal' : ''}`,
  ]);
  return [
    listing([
      ['variant', described.variant],
      ['chain id', described.chainId],
      [
        'validators',
        `${described.size}, total power ${described.totalPower}, ${described.unknownKeys} keys unknown`,
      ],
      ['quorum', described.quorum],
      ['commitment', described.commitment],
      ['smallest group that can halt', `${described.smallestHalting} of ${described.size}`],
      ['smallest group that can finalise alone', `${described.smallestFinalising} of ${described.size}`],
    ]),
    listing(members),
  ].join('\n');
}
