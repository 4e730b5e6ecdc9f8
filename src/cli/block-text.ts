/** A block for people: what it says of itself, before anything is verified. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { committee } from '../protocols/committee/index.js';
import type { IstanbulBlock } from '../protocols/istanbul/header.js';
import { recoverMembers } from '../protocols/istanbul/members.js';
import { parse as parseIstanbul } from '../protocols/istanbul/parse.js';
import { isKeyUnknown } from '../statement/set-commitment.js';
import type { Variant } from '../statement/types.js';
import { smallestGroups } from './groups.js';
import { hex32 } from './statement-text.js';

/** Facts by name, in the order in which they are shown. */
export type BlockFacts = { readonly [fact: string]: string | number };

/**
 * Describes a block.
 *
 * @param text - Content of a block file.
 * @param variant - The chain's variant, where known.
 * @throws {FileError} Of the protocol's parser.
 */
export function describeBlock(text: string, variant: Variant | undefined): BlockFacts {
  const isCommittee =
    variant === 'committee' || (variant === undefined && /"format"\s*:\s*"zkfinality-committee/.test(text));
  if (isCommittee) {
    const block = committee.parse(text);
    return {
      variant: 'committee',
      height: block.height.toString(),
      time: block.time.toString(),
      'block hash': hex32(block.blockHash),
      'state root': hex32(block.stateRoot),
      round: block.round.toString(),
      votes: block.votes.length,
    };
  }
  return istanbulFacts(parseIstanbul(text, variant === undefined ? {} : { variant }));
}

function istanbulFacts(block: IstanbulBlock): BlockFacts {
  const members = recoverMembers(block);
  const set = { variant: block.variant, chainId: 0n, members };
  const groups = members.length === 0 ? undefined : smallestGroups(set);
  return {
    variant: block.variant,
    height: block.number.toString(),
    time: block.time.toString(),
    'block hash': `0x${bytesToHex(block.hash)}`,
    'state root': `0x${bytesToHex(block.stateRoot)}`,
    'sealed digest': `0x${bytesToHex(block.sealDigest)}`,
    round: block.extra.round.toString(),
    validators: members.length,
    seals: block.extra.seals.length,
    'keys shown by seals': members.filter((member) => !isKeyUnknown(member)).length,
    ...(groups === undefined
      ? {}
      : {
          'smallest group that can halt': groups.halt,
          'smallest group that can finalise alone': groups.finalise,
        }),
  };
}
