/**
 * An embedded Istanbul network: IBFT 1.0, IBFT 2.0 or QBFT, honest or not, as a pure function of its options.
 *
 * Headers look like those of the networks: sorted validator list, proposer as beneficiary (turn by turn), receipts that the options give, a state root that
 * moves on. A quorum of ⌈2N/3⌉ validators seals each block, beginning with its proposer. Secrets derive from a public seed: for tests only.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeScalarField, FORK_FIELDS, HEADER_FIELDS } from '../ethereum/header.js';
import { receiptsTrie } from '../ethereum/inclusion.js';
import { bloomOf, type Receipt } from '../ethereum/receipt.js';
import { encodeRlp } from '../ethereum/rlp.js';
import {
  addressToBytes,
  type ExtraData,
  encodeExtraData,
  fixedBytes,
  type IstanbulVariant,
  VANITY_BYTES,
} from '../protocols/istanbul/extra-data.js';
import {
  blockFromFields,
  ISTANBUL_MIX_HASH,
  type IstanbulBlock,
  proposerDigest,
} from '../protocols/istanbul/header.js';
import { formatJsonBlock } from '../protocols/istanbul/json-block.js';
import { quorumOf } from '../protocols/istanbul/verify.js';
import { UsageError } from '../statement/errors.js';
import { bytesToInteger } from '../statement/hash.js';
import type { ValidatorSet } from '../statement/types.js';
import { createValidator, type IstanbulValidator, signSeal } from './istanbul-validators.js';
import {
  BLOCK_PERIOD_SECONDS,
  checkHeight,
  checkSettings,
  DEFAULT_GENESIS_TIME,
  inRange,
  MAX_VALIDATORS,
  numbersAt,
  sortValidators,
} from './network.js';
import type { Devnet, DevnetBlock, DevnetOptions, Misbehaviour, SetChange } from './types.js';

export type IstanbulDevnetOptions = DevnetOptions & {
  readonly variant: IstanbulVariant;
  /** Round in which every block was agreed; 0 for IBFT 1.0. Default 0. */
  readonly round?: number;
  /** How many of the fork fields headers carry, in order: 0 none, 1 base fee, … 6 up to requestsHash. Default 0. */
  readonly forkFields?: number;
  /** Seals a block carries. Default ⌈2N/3⌉. */
  readonly seals?: number;
  /** Receipts of the transactions of some blocks, by height. Default none: blocks without transactions. */
  readonly receipts?: { readonly [height: number]: readonly Receipt[] };
  /** Time of block 0 in Unix seconds; block n comes 2n seconds later. Default 1,700,000,000. */
  readonly genesisTime?: bigint;
};

export type IstanbulDevnet = Devnet<IstanbulBlock> & {
  readonly variant: IstanbulVariant;
  /** The keys of the set that seals a height, in its order. */
  readonly validators: (height: number) => readonly IstanbulValidator[];
  /** Keys of the attacker in `own-list` and `foreign-keys`, as the set that he wants to be trusted. */
  readonly attackerSet: (height: number, misbehaviour: 'own-list' | 'foreign-keys') => ValidatorSet;
};

const GAS_LIMIT = 30_000_000n;
const BASE_FEE = 7n;
const EMPTY_STRING_RLP = encodeRlp(new Uint8Array(0));
const EMPTY_LIST_RLP = encodeRlp([]);

/**
 * Creates a network.
 *
 * @param options - See {@link IstanbulDevnetOptions}.
 * @returns Blocks on demand. Cost: block n takes two hashes a height once, and about 1 ms a seal.
 * @throws {UsageError} `DEVNET_OPTIONS`.
 * @example
 * ```ts
 * import { createIstanbulDevnet } from 'zkfinality/devnet';
 *
 * const network = createIstanbulDevnet({ variant: 'ibft2', seed: 'a', validators: 4, chainId: 1337n });
 * console.log(network.block(1).block.extra.validators.length); // 4
 * ```
 */
export function createIstanbulDevnet(options: IstanbulDevnetOptions): IstanbulDevnet {
  const settings = checkOptions(options);
  const named = new Map<string, IstanbulValidator>();
  const validatorOf = (label: string): IstanbulValidator => {
    const known = named.get(label) ?? createValidator(settings.seed, label);
    named.set(label, known);
    return known;
  };
  const validators = (height: number): readonly IstanbulValidator[] =>
    sortValidators(numbersAt(settings, height).map((number) => validatorOf(`validator ${number}`)));
  const attackers = (count: number): readonly IstanbulValidator[] =>
    sortValidators(Array.from({ length: count }, (_, i) => validatorOf(`attacker ${i}`)));
  const network: Network = { settings, validators, attackers, honest: [] };
  const setOf = (members: readonly IstanbulValidator[]): ValidatorSet => ({
    variant: settings.variant,
    chainId: settings.chainId,
    members: members.map((validator) => validator.member),
  });

  return {
    protocol: 'istanbul',
    variant: settings.variant,
    chainId: settings.chainId,
    validators: (height) => validators(checkHeight(height)),
    validatorSet: (height) => setOf(validators(checkHeight(height))),
    attackerSet: (height, misbehaviour) =>
      misbehaviour === 'own-list'
        ? setOf(ownList(network, checkHeight(height)).listed)
        : foreignKeySet(network, checkHeight(height)),
    block: (height, misbehaviour) => {
      checkHeight(height);
      const block =
        misbehaviour === undefined ? honestBlock(network, height) : misbehave(network, height, misbehaviour);
      return toDevnetBlock(height, block);
    },
  };
}

type Settings = Required<IstanbulDevnetOptions>;

type Network = {
  readonly settings: Settings;
  readonly validators: (height: number) => readonly IstanbulValidator[];
  readonly attackers: (count: number) => readonly IstanbulValidator[];
  /** Honest blocks made so far, by height: a cache, never a state. */
  readonly honest: IstanbulBlock[];
};

/** What a proposer puts together before anybody seals. */
type Draft = {
  readonly height: number;
  readonly listed: readonly IstanbulValidator[];
  readonly proposer: IstanbulValidator;
  /** Tells blocks of one height apart. */
  readonly salt?: string;
};

function honestBlock(network: Network, height: number): IstanbulBlock {
  for (let next = network.honest.length; next <= height; next++)
    network.honest.push(makeHonestBlock(network, next));
  return network.honest[height]!;
}

function makeHonestBlock(network: Network, height: number): IstanbulBlock {
  const draft = honestDraft(network, height);
  return height === 0 ? unsealed(network, draft) : sealBy(network, draft, honestSigners(network, height));
}

function honestDraft(network: Network, height: number, salt?: string): Draft {
  const listed = network.validators(height);
  return {
    height,
    listed,
    proposer: listed[height % listed.length]!,
    ...(salt === undefined ? {} : { salt }),
  };
}

/** The proposer and those after it, in the order of the set. */
function honestSigners(network: Network, height: number): readonly IstanbulValidator[] {
  const listed = network.validators(height);
  const count =
    network.settings.seals === 0 ? quorumOf(listed.length) : Math.min(network.settings.seals, listed.length);
  const turn = listed.map((_, i) => listed[(height + i) % listed.length]!);
  return sortValidators(turn.slice(0, count));
}

function misbehave(network: Network, height: number, misbehaviour: Misbehaviour): IstanbulBlock {
  if (height === 0)
    throw new UsageError(
      'DEVNET_HEIGHT',
      'height: nobody seals block 0, so nobody misbehaves there. Take height 1 or above.',
    );
  const draft = honestDraft(network, height);
  const signers = honestSigners(network, height);
  switch (misbehaviour) {
    case 'equivocation':
      return sealBy(network, honestDraft(network, height, 'equivocation'), signers);
    case 'missing-votes':
      return sealBy(network, draft, signers.slice(0, quorumOf(draft.listed.length) - 1));
    case 'wrong-height': {
      const other =
        height === 1 ? sealBy(network, honestDraft(network, 2), signers) : honestBlock(network, height - 1);
      return withSeals(unsealed(network, draft), other.extra.seals);
    }
    case 'duplicate-vote': {
      const { seals } = honestBlock(network, height).extra;
      return withSeals(unsealed(network, draft), [...seals, seals[0]!]);
    }
    case 'foreign-vote':
      return sealBy(network, draft, [...signers.slice(1), ...network.attackers(1)]);
    case 'list-mismatch':
      return sealBy(
        network,
        { ...draft, listed: sortValidators([...draft.listed, ...network.attackers(1)]) },
        draft.listed,
      );
    case 'own-list': {
      const takeover = ownList(network, height);
      return sealBy(
        network,
        { ...draft, listed: takeover.listed, proposer: takeover.proposer },
        takeover.listed,
      );
    }
    case 'foreign-keys': {
      const genuine = draft.listed;
      const kept = keptMembers(network, height);
      const fakes = network.attackers(genuine.length - kept.length);
      return sealBy(network, draft, [...kept, ...fakes]);
    }
  }
}

/**
 * The list of a proposer who takes over: enough honest validators to make more than a third of the set, and as many keys of his own as
 * outvote them in the new list later on.
 */
function ownList(
  network: Network,
  height: number,
): { readonly listed: readonly IstanbulValidator[]; readonly proposer: IstanbulValidator } {
  const honest = network.validators(height);
  const proposer = honest[height % honest.length]!;
  const sealing = honest.slice(0, Math.floor(honest.length / 3) + 1);
  return { listed: sortValidators([...sealing, ...network.attackers(2 * sealing.length)]), proposer };
}

/** Members of a set that had a seat before its latest change. */
function keptMembers(network: Network, height: number): readonly IstanbulValidator[] {
  const change = latestChange(network.settings, height);
  const before = new Set(
    network.validators(Math.max(0, (change?.height ?? 1) - 1)).map((v) => v.member.identity),
  );
  const kept = network.validators(height).filter((v) => before.has(v.member.identity));
  if (change === undefined || kept.length === network.validators(height).length)
    throw new UsageError(
      'DEVNET_MISBEHAVIOUR',
      `height ${height}: foreign-keys needs a set change that adds validators at or before this height. Give one in changes.`,
    );
  return kept;
}

/** The genuine new addresses, each new one beside a key of the attacker's. */
function foreignKeySet(network: Network, height: number): ValidatorSet {
  const genuine = network.validators(height);
  const kept = new Set(keptMembers(network, height).map((v) => v.member.identity));
  const fakes = [...network.attackers(genuine.length - kept.size)];
  const members = genuine.map(({ member }) =>
    kept.has(member.identity) ? member : { ...member, publicKey: fakes.shift()!.member.publicKey },
  );
  return { variant: network.settings.variant, chainId: network.settings.chainId, members };
}

function sealBy(network: Network, draft: Draft, signers: readonly IstanbulValidator[]): IstanbulBlock {
  const block = unsealed(network, draft);
  return withSeals(
    block,
    signers.map((signer) => signSeal(signer, block.sealDigest)),
  );
}

/** The block as its proposer sends it: no committed seals, in IBFT 1.0 his own seal. */
function unsealed(network: Network, draft: Draft): IstanbulBlock {
  const { settings } = network;
  const extra: ExtraData = {
    variant: settings.variant,
    vanity: new Uint8Array(VANITY_BYTES),
    validators: draft.listed.map((validator) => validator.member.identity),
    round: draft.height === 0 ? 0 : settings.round,
    ...(settings.variant === 'ibft1' ? { proposerSeal: new Uint8Array(0) } : {}),
    seals: [],
  };
  const block = blockFromFields(headerFields(network, draft, extra), settings.variant);
  if (settings.variant !== 'ibft1' || draft.height === 0) return block;
  return withExtra(block, { ...block.extra, proposerSeal: signSeal(draft.proposer, proposerDigest(block)) });
}

function withSeals(block: IstanbulBlock, seals: readonly Uint8Array[]): IstanbulBlock {
  return withExtra(block, { ...block.extra, seals });
}

function withExtra(block: IstanbulBlock, extra: ExtraData): IstanbulBlock {
  const index = HEADER_FIELDS.findIndex((field) => field.name === 'extraData');
  return blockFromFields(block.fields.with(index, encodeExtraData(extra, 'chain')), block.variant);
}

function headerFields(network: Network, draft: Draft, extra: ExtraData): readonly Uint8Array[] {
  const { settings } = network;
  const { height } = draft;
  const number = BigInt(height);
  const label = `${settings.seed}\0${height}\0${draft.salt ?? ''}`;
  const emptyTrie = keccak_256(EMPTY_STRING_RLP);
  const receipts = settings.receipts[height] ?? [];
  const values: { readonly [name: string]: Uint8Array } = {
    parentHash: height === 0 ? new Uint8Array(32) : honestBlock(network, height - 1).hash,
    sha3Uncles: keccak_256(EMPTY_LIST_RLP),
    miner: addressToBytes(height === 0 ? 0n : draft.proposer.member.identity),
    stateRoot: keccak_256(utf8ToBytes(`state\0${label}`)),
    transactionsRoot: emptyTrie,
    receiptsRoot: receiptsTrie(receipts).root,
    logsBloom: bloomOf(receipts.flatMap(({ logs }) => logs)),
    difficulty: encodeScalarField('difficulty', 1n),
    number: encodeScalarField('number', number),
    gasLimit: encodeScalarField('gasLimit', GAS_LIMIT),
    gasUsed: encodeScalarField('gasUsed', receipts.at(-1)?.cumulativeGasUsed ?? 0n),
    timestamp: encodeScalarField('timestamp', settings.genesisTime + BLOCK_PERIOD_SECONDS * number),
    extraData: encodeExtraData(extra, 'chain'),
    mixHash: Uint8Array.from(Buffer.from(ISTANBUL_MIX_HASH, 'hex')),
    nonce: fixedBytes(0n, 8),
    baseFeePerGas: encodeScalarField('baseFeePerGas', BASE_FEE),
    withdrawalsRoot: emptyTrie,
    blobGasUsed: encodeScalarField('blobGasUsed', 0n),
    excessBlobGas: encodeScalarField('excessBlobGas', 0n),
    parentBeaconBlockRoot: new Uint8Array(32),
    requestsHash: keccak_256(utf8ToBytes(`requests\0${label}`)),
  };
  return [...HEADER_FIELDS, ...FORK_FIELDS.slice(0, settings.forkFields)].map((field) => values[field.name]!);
}

function latestChange(settings: Settings, height: number): SetChange | undefined {
  return settings.changes.findLast((change) => change.height <= height);
}

function toDevnetBlock(height: number, block: IstanbulBlock): DevnetBlock<IstanbulBlock> {
  return { height, block, text: `${JSON.stringify(formatJsonBlock(block), null, 2)}\n` };
}

/** RLP of a block's header in hex: the other form of a block file. */
export function formatHeaderHex(block: IstanbulBlock): string {
  return `0x${bytesToHex(block.rlp)}`;
}

function checkOptions(options: IstanbulDevnetOptions): Settings {
  const settings: Settings = {
    changes: [],
    round: 0,
    forkFields: 0,
    seals: 0,
    receipts: {},
    genesisTime: DEFAULT_GENESIS_TIME,
    ...options,
  };
  checkSettings(settings, { height: 1, words: '1' }, [
    [
      'round in [0, 2^31), and 0 for ibft1',
      inRange(settings.round, 0, settings.variant === 'ibft1' ? 0 : 2 ** 31 - 1),
    ],
    [`forkFields in [0, ${FORK_FIELDS.length}]`, inRange(settings.forkFields, 0, FORK_FIELDS.length)],
    [`seals in [0, ${MAX_VALIDATORS}]`, inRange(settings.seals, 0, MAX_VALIDATORS)],
  ]);
  return settings;
}

/** The integer of a block's hash; statements hold it so. */
export function blockHashOf(block: IstanbulBlock): bigint {
  return bytesToInteger(block.hash);
}
