/**
 * Istanbul block headers: the fields, the three hashes, and the bytes each hash covers.
 *
 * A header is an RLP list of the 15 fields of the yellow paper and any number of fields that later forks appended
 * (base fee, withdrawals root, …); those are byte strings that go into the hashes unread.
 *
 * Rules, h = keccak256(RLP(header with extraData in form `hashed`)) being the block hash:
 *
 *     ibft1   a seal signs keccak256(h ‖ 0x02);  the proposer seal signs keccak256(keccak256(RLP(header, `proposed`)))
 *     ibft2   a seal signs keccak256(RLP(header, `sealed`))
 *     qbft    a seal signs keccak256(RLP(header, `sealed`))
 *
 * Sources: GoQuorum consensus/istanbul, Besu consensus/{ibft,qbft,common}; checked on recorded blocks.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { assertHeaderFields, fieldIndex, readHeaderFields } from '../../ethereum/header.js';
import { encodeRlp, join } from '../../ethereum/rlp.js';
import { FileError } from '../../statement/errors.js';
import { bytesToInteger } from '../../statement/hash.js';
import {
  decodeExtraData,
  detectExtraData,
  type ExtraData,
  type ExtraDataForm,
  encodeExtraData,
  type IstanbulVariant,
} from './extra-data.js';

/** mixHash of every Istanbul header (EIP-650), in hex: the last 32 letters of "practical byzantine fault tolerance". */
export const ISTANBUL_MIX_HASH: string = bytesToHex(
  utf8ToBytes('practical byzantine fault tolerance').slice(-32),
);

/** Domain tag that IBFT 1.0 appends to the block hash before a validator seals it (its message code `commit`). */
export const IBFT1_COMMIT_TAG = 0x02;

/** A parsed block: its header, and the hashes that the variant defines. Nothing about it has been verified. */
export type IstanbulBlock = {
  readonly variant: IstanbulVariant;
  /** Payload of each header field in order; views on the input. */
  readonly fields: readonly Uint8Array[];
  readonly extra: ExtraData;
  /** [0, 2^64) */
  readonly number: bigint;
  /** Unix seconds, [0, 2^64). */
  readonly time: bigint;
  readonly parentHash: Uint8Array;
  readonly stateRoot: Uint8Array;
  /** RLP of the header as the chain stores it, seals included. */
  readonly rlp: Uint8Array;
  /** What the block hash covers. */
  readonly hashPreimage: Uint8Array;
  /** The block hash as the chain shows it, 32 bytes. */
  readonly hash: Uint8Array;
  /** What keccak256 makes the sealed digest from: RLP of the header, or for IBFT 1.0 the 33 bytes hash ‖ 0x02. */
  readonly sealPreimage: Uint8Array;
  /** The 32-byte message that committed seals sign. */
  readonly sealDigest: Uint8Array;
};

/**
 * Parses the RLP of one header.
 *
 * @param rlp - Exactly one header, at most {@link MAX_HEADER_BYTES}.
 * @param variant - The chain's variant; told from the shape of extraData where it is not given.
 * @returns The block. Cost: a few Keccak hashes of the header.
 * @throws {FileError} A code of the RLP decoder; `HEADER_NOT_A_LIST`, `HEADER_FIELD_COUNT`, `HEADER_FIELD_KIND`, `HEADER_FIELD_SIZE`,
 *   `NOT_ISTANBUL`, `EXTRA_DATA_SHAPE`, `VARIANT_AMBIGUOUS`.
 */
export function parseHeader(rlp: Uint8Array, variant?: IstanbulVariant): IstanbulBlock {
  return blockFromFields(readHeaderFields(rlp), variant);
}

/**
 * Builds a block from the payloads of its header fields.
 *
 * @param fields - The 15 base fields, then fork fields.
 * @param variant - As for {@link parseHeader}.
 * @throws {FileError} As {@link parseHeader}.
 */
export function blockFromFields(fields: readonly Uint8Array[], variant?: IstanbulVariant): IstanbulBlock {
  assertFields(fields);
  const field = (name: string): Uint8Array => fields[fieldIndex(name)]!;
  const extraData = field('extraData');
  const extra = variant === undefined ? detectExtraData(extraData) : decodeExtraData(extraData, variant);
  const number = bytesToInteger(field('number'));
  // DIFFERS FROM SPEC: Besu hashes the genesis header as it stands; GoQuorum clears its seals, of which a genesis has none.
  const hashPreimage = headerPreimage(
    fields,
    extra,
    number === 0n && extra.variant !== 'ibft1' ? 'chain' : 'hashed',
  );
  const hash = keccak_256(hashPreimage);
  const sealPreimage =
    extra.variant === 'ibft1'
      ? join([hash, Uint8Array.of(IBFT1_COMMIT_TAG)])
      : headerPreimage(fields, extra, 'sealed');
  return {
    variant: extra.variant,
    fields,
    extra,
    number,
    time: bytesToInteger(field('timestamp')),
    parentHash: field('parentHash'),
    stateRoot: field('stateRoot'),
    rlp: encodeRlp(fields),
    hashPreimage,
    hash,
    sealPreimage,
    sealDigest: keccak_256(sealPreimage),
  };
}

/**
 * RLP of a header with extraData in the given form.
 *
 * @param fields - Payloads of all header fields; that of extraData is replaced.
 * @param extra - The decoded extraData.
 * @param form - Which of its bytes to keep.
 */
export function headerPreimage(
  fields: readonly Uint8Array[],
  extra: ExtraData,
  form: ExtraDataForm,
): Uint8Array {
  const index = fieldIndex('extraData');
  return encodeRlp(fields.map((field, i) => (i === index ? encodeExtraData(extra, form) : field)));
}

/** The 32-byte message that the proposer seal of an IBFT 1.0 block signs: keccak256 twice. */
export function proposerDigest(block: IstanbulBlock): Uint8Array {
  return keccak_256(keccak_256(headerPreimage(block.fields, block.extra, 'proposed')));
}

/**
 * The 32-byte message that seals of the same QBFT or IBFT 2.0 header sign in another round.
 *
 * @param block - A block with rounds.
 * @param round - [0, 2^31)
 */
export function sealDigestOfRound(block: IstanbulBlock, round: number): Uint8Array {
  return keccak_256(headerPreimage(block.fields, { ...block.extra, round }, 'sealed'));
}

function assertFields(fields: readonly Uint8Array[]): void {
  // The mark comes last: a wrong size is the better explanation where both are wrong.
  assertHeaderFields(fields);
  const mixHash = fields[fieldIndex('mixHash')]!;
  if (bytesToHex(mixHash) !== ISTANBUL_MIX_HASH)
    throw new FileError(
      'NOT_ISTANBUL',
      `header: mixHash: expected 0x${ISTANBUL_MIX_HASH}, got 0x${bytesToHex(mixHash)}. Only chains that run IBFT or QBFT mark their blocks so.`,
    );
}
