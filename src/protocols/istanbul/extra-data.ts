/**
 * The extraData field of Istanbul headers: validator list, round and seals, in the three layouts of the family.
 *
 *     ibft1   32 bytes vanity ‖ RLP[validators, proposerSeal, seals]       GoQuorum, EIP-650
 *     ibft2   RLP[vanity, validators, vote | "", round (4 bytes), seals]   Besu
 *     qbft    RLP[vanity, validators, vote | [], round (scalar), seals]    Besu, GoQuorum
 *
 * Exactly the shapes that the chains' own encoders write are accepted, so that encoding what was decoded gives the same bytes:
 * a vote in IBFT 2.0 ends in the byte 0x00 or 0xff, in QBFT in the empty string or 0xff.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  decodeRlp,
  encodeRlp,
  join,
  type RlpItem,
  type RlpList,
  type RlpValue,
  scalarToBytes,
} from '../../ethereum/rlp.js';
import { FileError } from '../../statement/errors.js';
import { bytesToInteger } from '../../statement/hash.js';

/** Which member of the family: IBFT 1.0, IBFT 2.0 or QBFT. */
export type IstanbulVariant = 'ibft1' | 'ibft2' | 'qbft';

/** All variants, in the order of their numbers in a set commitment. */
export const ISTANBUL_VARIANTS: readonly IstanbulVariant[] = ['ibft1', 'ibft2', 'qbft'];

/** A proposer's vote to add or drop a validator. Not an announcement: it takes a majority of an epoch. */
export type ValidatorVote = { readonly recipient: bigint; readonly add: boolean };

export type ExtraData = {
  readonly variant: IstanbulVariant;
  /** 32 bytes of the proposer's choice. */
  readonly vanity: Uint8Array;
  /** 160-bit addresses in the order of the header. */
  readonly validators: readonly bigint[];
  /** Absent where the block carries none; IBFT 1.0 votes in other header fields. */
  readonly vote?: ValidatorVote;
  /** [0, 2^31); 0 for IBFT 1.0, whose headers carry no round. */
  readonly round: number;
  /** IBFT 1.0 only: 65 bytes, empty in the genesis block. */
  readonly proposerSeal?: Uint8Array;
  /** As in the header, not checked yet: usually 65 bytes r ‖ s ‖ v each. */
  readonly seals: readonly Uint8Array[];
};

/**
 * Which bytes of extraData go into a hash.
 *
 * - `chain`: as stored.
 * - `sealed`: what a committed seal covers. QBFT: seals = []; IBFT 2.0: seals left out; IBFT 1.0: as `hashed`.
 * - `hashed`: what the block hash covers. QBFT: round = 0, seals = []; IBFT 2.0: both left out; IBFT 1.0: seals = [].
 * - `proposed`: what the proposer seal of IBFT 1.0 covers: no seals of either kind.
 */
export type ExtraDataForm = 'chain' | 'sealed' | 'hashed' | 'proposed';

export const VANITY_BYTES = 32;
export const ADDRESS_BYTES = 20;
export const SEAL_BYTES = 65;
const ROUND_BYTES = 4;
const MAX_ROUND = 2 ** 31 - 1;
const ADD_VOTE = 0xff;
const DROP_VOTE = 0x00;

/**
 * Reads extraData of one variant.
 *
 * @param bytes - The field's bytes.
 * @param variant - Which layout to expect.
 * @returns Its parts.
 * @throws {FileError} A code of the RLP decoder, or `EXTRA_DATA_SHAPE`.
 */
export function decodeExtraData(bytes: Uint8Array, variant: IstanbulVariant): ExtraData {
  return variant === 'ibft1' ? decodeIbft1(bytes) : decodeBesu(bytes, variant);
}

/**
 * Tells the variant from the shape of extraData.
 *
 * A vote tells IBFT 2.0 and QBFT apart by its encoding; where one is present the width of the round does.
 * @param bytes - The field's bytes.
 * @returns The one layout that fits.
 * @throws {FileError} `VARIANT_AMBIGUOUS` where several fit; where none does, the error of the likeliest layout.
 */
export function detectExtraData(bytes: Uint8Array): ExtraData {
  const fits: ExtraData[] = [];
  const failures = new Map<IstanbulVariant, unknown>();
  for (const variant of ISTANBUL_VARIANTS) {
    try {
      fits.push(decodeExtraData(bytes, variant));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      failures.set(variant, error);
    }
  }
  const [first, second] = fits;
  if (first === undefined) throw failures.get(likeliestVariant(bytes));
  if (second !== undefined)
    throw new FileError(
      'VARIANT_AMBIGUOUS',
      `extraData: fits ${fits.map((extra) => extra.variant).join(' and ')}. Say which one the chain runs (variant).`,
    );
  return first;
}

/**
 * Writes extraData in one of its forms.
 *
 * @param extra - As decoded.
 * @param form - Which bytes, see {@link ExtraDataForm}.
 * @returns New bytes; `encodeExtraData(decodeExtraData(b, v), 'chain')` equals b.
 */
export function encodeExtraData(extra: ExtraData, form: ExtraDataForm): Uint8Array {
  const validators = extra.validators.map(addressToBytes);
  const seals: RlpValue = form === 'chain' ? extra.seals : [];
  const round = form === 'hashed' ? 0 : extra.round;
  switch (extra.variant) {
    case 'ibft1': {
      const proposerSeal =
        form === 'proposed' ? new Uint8Array(0) : (extra.proposerSeal ?? new Uint8Array(0));
      return join([extra.vanity, encodeRlp([validators, proposerSeal, seals])]);
    }
    case 'qbft':
      return encodeRlp([extra.vanity, validators, qbftVote(extra.vote), scalarToBytes(BigInt(round)), seals]);
    case 'ibft2': {
      const head = [extra.vanity, validators, ibft2Vote(extra.vote)];
      if (form === 'hashed') return encodeRlp(head);
      const signed = [...head, fixedBytes(BigInt(round), ROUND_BYTES)];
      return encodeRlp(form === 'chain' ? [...signed, seals] : signed);
    }
  }
}

/** The 20 bytes of a 160-bit address. */
export function addressToBytes(address: bigint): Uint8Array {
  return fixedBytes(address, ADDRESS_BYTES);
}

/** `0x` and 40 lower-case digits, for messages. */
export function formatAddress(address: bigint): string {
  return `0x${address.toString(16).padStart(2 * ADDRESS_BYTES, '0')}`;
}

/** Big-endian bytes of exactly `sizeBytes`; the value must fit. */
export function fixedBytes(value: bigint, sizeBytes: number): Uint8Array {
  const bytes = scalarToBytes(value);
  if (bytes.length > sizeBytes) throw new RangeError(`${value} does not fit ${sizeBytes} bytes`);
  return join([new Uint8Array(sizeBytes - bytes.length), bytes]);
}

function decodeIbft1(bytes: Uint8Array): ExtraData {
  if (bytes.length <= VANITY_BYTES)
    throw shapeError('ibft1', 'the field', `more than ${VANITY_BYTES} bytes`, `${bytes.length}`);
  const root = decodeRlp(bytes.subarray(VANITY_BYTES));
  const [validators, proposerSeal, seals] = listOf('ibft1', root, 3, 'the part after the vanity');
  const proposer = stringOf('ibft1', proposerSeal!, 'the proposer seal');
  if (proposer.length !== 0 && proposer.length !== SEAL_BYTES)
    throw shapeError('ibft1', 'the proposer seal', `0 or ${SEAL_BYTES} bytes`, `${proposer.length}`);
  return {
    variant: 'ibft1',
    vanity: bytes.subarray(0, VANITY_BYTES),
    validators: addressesOf('ibft1', validators!),
    round: 0,
    proposerSeal: proposer,
    seals: sealsOf('ibft1', seals!),
  };
}

function decodeBesu(bytes: Uint8Array, variant: 'ibft2' | 'qbft'): ExtraData {
  const [vanityItem, validators, voteItem, roundItem, seals] = listOf(
    variant,
    decodeRlp(bytes),
    5,
    'the field',
  );
  const vanity = stringOf(variant, vanityItem!, 'the vanity');
  if (vanity.length !== VANITY_BYTES)
    throw shapeError(variant, 'the vanity', `${VANITY_BYTES} bytes`, `${vanity.length}`);
  const vote = decodeVote(variant, voteItem!);
  return {
    variant,
    vanity,
    validators: addressesOf(variant, validators!),
    ...(vote === undefined ? {} : { vote }),
    round: decodeRound(variant, stringOf(variant, roundItem!, 'the round')),
    seals: sealsOf(variant, seals!),
  };
}

function decodeRound(variant: 'ibft2' | 'qbft', bytes: Uint8Array): number {
  if (variant === 'ibft2' && bytes.length !== ROUND_BYTES)
    throw shapeError(variant, 'the round', `${ROUND_BYTES} bytes`, `${bytes.length}`);
  if (variant === 'qbft' && (bytes.length > ROUND_BYTES || bytes[0] === 0))
    throw shapeError(
      variant,
      'the round',
      'an integer below 2^31 without leading zeros',
      `0x${bytesToHex(bytes)}`,
    );
  const round = bytesToInteger(bytes);
  if (round > MAX_ROUND) throw shapeError(variant, 'the round', 'an integer below 2^31', `${round}`);
  return Number(round);
}

function decodeVote(variant: 'ibft2' | 'qbft', item: RlpItem): ValidatorVote | undefined {
  if (variant === 'ibft2' && item.kind === 'string') {
    if (item.bytes.length !== 0)
      throw shapeError(variant, 'the vote', 'a list or the empty string', `${item.bytes.length} bytes`);
    return undefined;
  }
  if (variant === 'qbft' && item.kind === 'list' && item.items.length === 0) return undefined;
  const [recipient, kind] = listOf(variant, item, 2, 'the vote');
  const address = stringOf(variant, recipient!, 'the address of the vote');
  if (address.length !== ADDRESS_BYTES)
    throw shapeError(variant, 'the address of the vote', `${ADDRESS_BYTES} bytes`, `${address.length}`);
  const flag = stringOf(variant, kind!, 'the kind of the vote');
  const add = flag.length === 1 && flag[0] === ADD_VOTE;
  const drop = variant === 'qbft' ? flag.length === 0 : flag.length === 1 && flag[0] === DROP_VOTE;
  if (!add && !drop)
    throw shapeError(variant, 'the kind of the vote', 'add (ff) or drop', `0x${bytesToHex(flag)}`);
  return { recipient: bytesToInteger(address), add };
}

function qbftVote(vote: ValidatorVote | undefined): RlpValue {
  if (vote === undefined) return [];
  return [addressToBytes(vote.recipient), vote.add ? Uint8Array.of(ADD_VOTE) : new Uint8Array(0)];
}

function ibft2Vote(vote: ValidatorVote | undefined): RlpValue {
  if (vote === undefined) return new Uint8Array(0);
  return [addressToBytes(vote.recipient), Uint8Array.of(vote.add ? ADD_VOTE : DROP_VOTE)];
}

/** Where nothing fits: which layout's error helps most. */
function likeliestVariant(bytes: Uint8Array): IstanbulVariant {
  if ((bytes[0] ?? 0) < 0xc0) return 'ibft1';
  try {
    const root = decodeRlp(bytes);
    const vote = root.kind === 'list' ? root.items[2] : undefined;
    return vote?.kind === 'string' ? 'ibft2' : 'qbft';
  } catch {
    return 'qbft';
  }
}

function listOf(variant: IstanbulVariant, item: RlpItem, count: number, what: string): RlpList['items'] {
  if (item.kind !== 'list') throw shapeError(variant, what, `a list of ${count} items`, 'a byte string');
  if (item.items.length !== count)
    throw shapeError(variant, what, `a list of ${count} items`, `${item.items.length}`);
  return item.items;
}

function stringOf(variant: IstanbulVariant, item: RlpItem, what: string): Uint8Array {
  if (item.kind !== 'string') throw shapeError(variant, what, 'a byte string', 'a list');
  return item.bytes;
}

function addressesOf(variant: IstanbulVariant, item: RlpItem): readonly bigint[] {
  if (item.kind !== 'list') throw shapeError(variant, 'the validators', 'a list', 'a byte string');
  return item.items.map((entry, i) => {
    const bytes = stringOf(variant, entry, `validator ${i}`);
    if (bytes.length !== ADDRESS_BYTES)
      throw shapeError(variant, `validator ${i}`, `${ADDRESS_BYTES} bytes`, `${bytes.length}`);
    return bytesToInteger(bytes);
  });
}

function sealsOf(variant: IstanbulVariant, item: RlpItem): readonly Uint8Array[] {
  if (item.kind !== 'list') throw shapeError(variant, 'the seals', 'a list', 'a byte string');
  return item.items.map((entry, i) => stringOf(variant, entry, `seal ${i}`));
}

function shapeError(variant: IstanbulVariant, what: string, expected: string, got: string): FileError {
  return new FileError(
    'EXTRA_DATA_SHAPE',
    `extraData (${variant}): ${what}: expected ${expected}, got ${got}. Check that the block comes from an Istanbul chain of this variant.`,
  );
}
