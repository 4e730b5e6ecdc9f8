/**
 * An embedded `committee` network, honest or not, as a pure function of its options.
 *
 * Each block is signed by its proposer and those after it in the order of the set, until they have more than 2/3 of the power. The
 * block before a set change announces the new set. Secrets derive from a public seed: for tests only.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import {
  blockHashOf,
  type CommitteeBlock,
  type CommitteeHeader,
  type CommitteeVote,
  voteMessage,
} from '../protocols/committee/block.js';
import { formatJsonBlock } from '../protocols/committee/json-block.js';
import { type SigningKey, sign, signingKey } from '../protocols/committee/signature.js';
import { UsageError } from '../statement/errors.js';
import { bytesToInteger } from '../statement/hash.js';
import { addressOfKey, commitValidatorSet, hasQuorum } from '../statement/set-commitment.js';
import type { Member, ValidatorSet } from '../statement/types.js';
import {
  BLOCK_PERIOD_SECONDS,
  checkHeight,
  checkSettings,
  DEFAULT_GENESIS_TIME,
  numbersAt,
  sortValidators,
} from './network.js';
import type { Devnet, DevnetBlock, DevnetOptions, Misbehaviour } from './types.js';

export type CommitteeDevnetOptions = DevnetOptions & {
  /** Voting power of validator k; 1 where the list ends. */
  readonly powers?: readonly bigint[];
  /** Round in which every block was agreed, [0, 2^32). Default 0. */
  readonly round?: bigint;
  /** Whether all validators vote, and not only as many as a quorum needs. Default false. */
  readonly everybodyVotes?: boolean;
  /** Time of block 0 in Unix seconds; block n comes 2n seconds later. Default 1,700,000,000. */
  readonly genesisTime?: bigint;
};

/**
 * What else goes wrong in this protocol.
 *
 * - `wrong-chain`: the votes were signed for the next chain id.
 * - `wrong-round`: the votes were cast in the next round.
 * - `mixed-rounds`: one vote was cast in the next round.
 * - `nil-vote`: one vote is for no block.
 * - `forged-signature`: one signature was altered.
 */
export type CommitteeMisbehaviour =
  | Misbehaviour
  | 'wrong-chain'
  | 'wrong-round'
  | 'mixed-rounds'
  | 'nil-vote'
  | 'forged-signature';

/** What this protocol has a place for: headers have no validator list, so nobody can put a false one there. */
export const COMMITTEE_MISBEHAVIOURS = [
  'equivocation',
  'missing-votes',
  'wrong-height',
  'duplicate-vote',
  'foreign-vote',
  'wrong-chain',
  'wrong-round',
  'mixed-rounds',
  'nil-vote',
  'forged-signature',
] as const satisfies readonly CommitteeMisbehaviour[];

export type CommitteeDevnet = Devnet<CommitteeBlock> & {
  readonly block: (height: number, misbehaviour?: CommitteeMisbehaviour) => DevnetBlock<CommitteeBlock>;
  /** The keys of the set that signs a height, in its order. */
  readonly validators: (height: number) => readonly CommitteeValidator[];
};

/** A key and its place in a set. */
export type CommitteeValidator = { readonly key: SigningKey; readonly member: Member };

type Settings = Required<CommitteeDevnetOptions>;

type Network = {
  readonly settings: Settings;
  readonly validators: (height: number) => readonly CommitteeValidator[];
  readonly attacker: () => CommitteeValidator;
  /** Headers of honest blocks made so far, by height: a cache, never a state. */
  readonly headers: CommitteeHeader[];
};

const BOUND_64 = 1n << 64n;

/**
 * Creates a network.
 *
 * @param options - See {@link CommitteeDevnetOptions}.
 * @returns Blocks on demand. Cost: about 2 ms a vote, and a few hashes a height once.
 * @throws {UsageError} `DEVNET_OPTIONS`.
 * @example
 * ```ts
 * import { createCommitteeDevnet } from 'zkfinality/devnet';
 *
 * const network = createCommitteeDevnet({ seed: 'a', validators: 4, chainId: 7n, powers: [5n, 1n, 1n, 1n] });
 * console.log(network.validatorSet(1).members.map(({ power }) => power).includes(5n)); // true
 * console.log(network.block(2).height); // 2
 * ```
 */
export function createCommitteeDevnet(options: CommitteeDevnetOptions): CommitteeDevnet {
  const settings = checkOptions(options);
  const named = new Map<string, CommitteeValidator>();
  const validatorOf = (label: string, power: bigint): CommitteeValidator => {
    const known = named.get(label) ?? createValidator(settings.seed, label, power);
    named.set(label, known);
    return known;
  };
  const validators = (height: number): readonly CommitteeValidator[] =>
    sortValidators(
      numbersAt(settings, height).map((number) =>
        validatorOf(`validator ${number}`, settings.powers[number] ?? 1n),
      ),
    );
  const network: Network = {
    settings,
    validators,
    attacker: () => validatorOf('attacker', 1n),
    headers: [],
  };
  return {
    protocol: 'committee',
    variant: 'committee',
    chainId: settings.chainId,
    validators: (height) => validators(checkHeight(height)),
    validatorSet: (height) => setAt(network, checkHeight(height)),
    block: (height, misbehaviour) => {
      checkHeight(height);
      const block =
        misbehaviour === undefined ? honestBlock(network, height) : misbehave(network, height, misbehaviour);
      return { height, block, text: `${JSON.stringify(formatJsonBlock(block), null, 2)}\n` };
    },
  };
}

function createValidator(seed: string, label: string, power: bigint): CommitteeValidator {
  const key = signingKey(keccak_256(utf8ToBytes(`zkfinality/devnet/committee/v1\0${seed}\0${label}`)));
  return { key, member: { identity: addressOfKey(key.publicKey), publicKey: key.publicKey, power } };
}

function setAt(network: Network, height: number): ValidatorSet {
  const { chainId } = network.settings;
  return {
    variant: 'committee',
    chainId,
    members: network.validators(height).map(({ member }) => member),
  };
}

/** The set that a height announces: the next height's, where it differs. */
function announcedAt(network: Network, height: number): ValidatorSet | undefined {
  return network.settings.changes.some((change) => change.height === height + 1)
    ? setAt(network, height + 1)
    : undefined;
}

function honestHeader(network: Network, height: number): CommitteeHeader {
  for (let next = network.headers.length; next <= height; next++)
    network.headers.push(makeHeader(network, next, ''));
  return network.headers[height]!;
}

function makeHeader(network: Network, height: number, salt: string): CommitteeHeader {
  const { settings } = network;
  const announced = announcedAt(network, height);
  return {
    chainId: settings.chainId,
    height: BigInt(height),
    time: settings.genesisTime + BLOCK_PERIOD_SECONDS * BigInt(height),
    parentHash: height === 0 ? 0n : blockHashOf(honestHeader(network, height - 1)),
    stateRoot: bytesToInteger(keccak_256(utf8ToBytes(`state\0${settings.seed}\0${height}\0${salt}`))),
    nextSet: announced === undefined ? 0n : commitValidatorSet(announced),
  };
}

function honestBlock(network: Network, height: number): CommitteeBlock {
  const block = withoutVotes(network, honestHeader(network, height));
  return height === 0 ? block : withVotes(network, block, honestVoters(network, height));
}

function withoutVotes(network: Network, header: CommitteeHeader): CommitteeBlock {
  const announced = announcedAt(network, Number(header.height));
  return {
    ...header,
    blockHash: blockHashOf(header),
    round: network.settings.round,
    votes: [],
    ...(announced === undefined ? {} : { announced }),
  };
}

function withVotes(
  network: Network,
  block: CommitteeBlock,
  voters: readonly CommitteeValidator[],
): CommitteeBlock {
  const { chainId } = network.settings;
  return { ...block, votes: voters.map((voter) => castVote(voter, { ...block, chainId })) };
}

function castVote(
  { key, member }: CommitteeValidator,
  what: {
    readonly chainId: bigint;
    readonly height: bigint;
    readonly round: bigint;
    readonly blockHash: bigint;
  },
): CommitteeVote {
  const { height, round, blockHash } = what;
  return { validator: member.identity, height, round, blockHash, ...sign(key, voteMessage(what)) };
}

/** The proposer and those after it, until they have a quorum. */
function honestVoters(network: Network, height: number): readonly CommitteeValidator[] {
  const listed = network.validators(height);
  if (network.settings.everybodyVotes) return listed;
  const totalPower = listed.reduce((sum, { member }) => sum + member.power, 0n);
  const voters: CommitteeValidator[] = [];
  let signedPower = 0n;
  for (let i = 0; i < listed.length; i++) {
    const voter = listed[(height + i) % listed.length]!;
    voters.push(voter);
    signedPower += voter.member.power;
    if (hasQuorum(1, { signedPower, totalPower, signers: voters.length, members: listed.length })) break;
  }
  return voters;
}

function misbehave(network: Network, height: number, misbehaviour: CommitteeMisbehaviour): CommitteeBlock {
  if (height === 0)
    throw new UsageError(
      'DEVNET_HEIGHT',
      'height: nobody signs block 0, so nobody misbehaves there. Take height 1 or above.',
    );
  const voters = honestVoters(network, height);
  const unsigned = withoutVotes(network, honestHeader(network, height));
  const honest = withVotes(network, unsigned, voters);
  const [first, ...others] = honest.votes as [CommitteeVote, ...CommitteeVote[]];
  const recast = (change: { readonly round?: bigint; readonly blockHash?: bigint }): CommitteeVote =>
    castVote(voters[0]!, { ...unsigned, ...change });
  switch (misbehaviour) {
    case 'equivocation':
      return withVotes(network, withoutVotes(network, makeHeader(network, height, 'equivocation')), voters);
    case 'missing-votes':
      return { ...honest, votes: withoutQuorum(network, height, honest.votes) };
    case 'wrong-height': {
      const before = withoutVotes(network, honestHeader(network, height - 1));
      return { ...honest, votes: withVotes(network, before, voters).votes };
    }
    case 'duplicate-vote':
      return { ...honest, votes: [...honest.votes, first] };
    case 'foreign-vote':
      return withVotes(network, unsigned, [...voters.slice(1), network.attacker()]);
    case 'wrong-chain': {
      const chainId = (unsigned.chainId + 1n) % BOUND_64;
      return { ...honest, votes: voters.map((voter) => castVote(voter, { ...unsigned, chainId })) };
    }
    case 'wrong-round': {
      const round = nextRound(unsigned.round);
      return { ...honest, votes: withVotes(network, { ...unsigned, round }, voters).votes };
    }
    case 'mixed-rounds':
      return { ...honest, votes: [recast({ round: nextRound(unsigned.round) }), ...others] };
    case 'nil-vote':
      return { ...honest, votes: [recast({ blockHash: 0n }), ...others] };
    case 'forged-signature':
      return { ...honest, votes: [{ ...first, s: first.s === 0n ? 1n : first.s - 1n }, ...others] };
    default:
      throw new UsageError(
        'DEVNET_MISBEHAVIOUR',
        `misbehaviour "${misbehaviour}": blocks of a committee have no validator list. Take one of ${COMMITTEE_MISBEHAVIOURS.join(', ')}.`,
      );
  }
}

/** As many of the votes as do not make a quorum. */
function withoutQuorum(
  network: Network,
  height: number,
  votes: readonly CommitteeVote[],
): readonly CommitteeVote[] {
  const { members } = setAt(network, height);
  const powers = new Map(members.map(({ identity, power }) => [identity, power]));
  const totalPower = members.reduce((sum, { power }) => sum + power, 0n);
  const kept = [...votes];
  for (;;) {
    const signedPower = kept.reduce((sum, { validator }) => sum + powers.get(validator)!, 0n);
    if (!hasQuorum(1, { signedPower, totalPower, signers: kept.length, members: members.length }))
      return kept;
    kept.pop();
  }
}

function nextRound(round: bigint): bigint {
  return (round + 1n) % (1n << 32n);
}

function checkOptions(options: CommitteeDevnetOptions): Settings {
  const settings: Settings = {
    changes: [],
    powers: [],
    round: 0n,
    everybodyVotes: false,
    genesisTime: DEFAULT_GENESIS_TIME,
    ...options,
  };
  const firstChange = { height: 2, words: '2 (height 1 or later announces them)' };
  checkSettings(settings, firstChange, [
    ['powers in [1, 2^64)', settings.powers.every((power) => power >= 1n && power < BOUND_64)],
    ['round in [0, 2^32)', settings.round >= 0n && settings.round < 1n << 32n],
  ]);
  return settings;
}
