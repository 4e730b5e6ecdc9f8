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
import { decodeRlp, encodeRlp, join, scalarToBytes } from './rlp.js';

/** How a field is encoded: exactly so many bytes, an integer of at most so many, or free bytes. */
type FieldShape =
  | { readonly kind: 'fixed'; readonly sizeBytes: number }
  | { readonly kind: 'scalar'; readonly maxBytes: number }
  | { readonly kind: 'bytes' };

/** A header field: its name here and in JSON-RPC, and its shape. */
export type HeaderField = { readonly name: string; readonly shape: FieldShape };

const fixed = (sizeBytes: number): FieldShape => ({ kind: 'fixed', sizeBytes });
const scalar = (maxBytes: number): FieldShape => ({ kind: 'scalar', maxBytes });

/** The fields every header has, in order, by their JSON-RPC names. */
export const HEADER_FIELDS: readonly HeaderField[] = [
  { name: 'parentHash', shape: fixed(32) },
  { name: 'sha3Uncles', shape: fixed(32) },
  { name: 'miner', shape: fixed(20) },
  { name: 'stateRoot', shape: fixed(32) },
  { name: 'transactionsRoot', shape: fixed(32) },
  { name: 'receiptsRoot', shape: fixed(32) },
  { name: 'logsBloom', shape: fixed(256) },
  { name: 'difficulty', shape: scalar(32) },
  { name: 'number', shape: scalar(8) },
  { name: 'gasLimit', shape: scalar(8) },
  { name: 'gasUsed', shape: scalar(8) },
  { name: 'timestamp', shape: scalar(8) },
  { name: 'extraData', shape: { kind: 'bytes' } },
  { name: 'mixHash', shape: fixed(32) },
  { name: 'nonce', shape: fixed(8) },
];

/** Fields that forks appended so far, in order. A header has a prefix of this list, and later fields after it. */
export const FORK_FIELDS: readonly HeaderField[] = [
  { name: 'baseFeePerGas', shape: scalar(32) },
  { name: 'withdrawalsRoot', shape: fixed(32) },
  { name: 'blobGasUsed', shape: scalar(8) },
  { name: 'excessBlobGas', shape: scalar(8) },
  { name: 'parentBeaconBlockRoot', shape: fixed(32) },
  { name: 'requestsHash', shape: fixed(32) },
];

/** Position of a base field in the header list. */
export function fieldIndex(name: string): number {
  const index = HEADER_FIELDS.findIndex((field) => field.name === name);
  if (index < 0) throw new RangeError(`no header field ${name}`);
  return index;
}

/** mixHash of every Istanbul header (EIP-650), in hex: the last 32 letters of "practical byzantine fault tolerance". */
export const ISTANBUL_MIX_HASH: string = bytesToHex(
  utf8ToBytes('practical byzantine fault tolerance').slice(-32),
);

/** Domain tag that IBFT 1.0 appends to the block hash before a validator seals it (its message code `commit`). */
export const IBFT1_COMMIT_TAG = 0x02;

/** Largest header in bytes: some thousand validators with their seals. */
export const MAX_HEADER_BYTES = 1 << 18;
/** Most items of one header: fields, validators, seals. */
const MAX_FIELDS = 64;

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
  const root = decodeRlp(rlp, { maxBytes: MAX_HEADER_BYTES, maxDepth: 2, maxItems: MAX_FIELDS + 1 });
  if (root.kind !== 'list')
    throw new FileError(
      'HEADER_NOT_A_LIST',
      'header: expected an RLP list, got a byte string. Give the RLP of a header.',
    );
  const fields = root.items.map((item, i) => {
    if (item.kind === 'list')
      throw new FileError(
        'HEADER_FIELD_KIND',
        `header: ${fieldName(i)}: expected a byte string, got a list. Give the RLP of an Istanbul header.`,
      );
    return item.bytes;
  });
  return blockFromFields(fields, variant);
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

/** Checks number, sizes and canonical integers of the fields, and the Istanbul marker. */
function assertFields(fields: readonly Uint8Array[]): void {
  if (fields.length < HEADER_FIELDS.length || fields.length > MAX_FIELDS)
    throw new FileError(
      'HEADER_FIELD_COUNT',
      `header: expected ${HEADER_FIELDS.length} fields and at most ${MAX_FIELDS - HEADER_FIELDS.length} of later forks, got ${fields.length}. ${
        fields.length < HEADER_FIELDS.length ? 'A field is missing: export' : 'Export'
      } the block again.`,
    );
  // The mark comes last: a wrong size is the better explanation where both are wrong.
  for (const [i, { name, shape }] of HEADER_FIELDS.entries()) assertShape(name, shape, fields[i]!);
  const mixHash = fields[fieldIndex('mixHash')]!;
  if (bytesToHex(mixHash) !== ISTANBUL_MIX_HASH)
    throw new FileError(
      'NOT_ISTANBUL',
      `header: mixHash: expected 0x${ISTANBUL_MIX_HASH}, got 0x${bytesToHex(mixHash)}. Only chains that run IBFT or QBFT mark their blocks so.`,
    );
}

function assertShape(name: string, shape: FieldShape, bytes: Uint8Array): void {
  if (shape.kind === 'fixed' && bytes.length !== shape.sizeBytes)
    throw sizeError(name, `${shape.sizeBytes} bytes`, `${bytes.length}`);
  if (shape.kind === 'scalar' && bytes.length > shape.maxBytes)
    throw sizeError(name, `an integer of at most ${shape.maxBytes} bytes`, `${bytes.length} bytes`);
  if (shape.kind === 'scalar' && bytes[0] === 0)
    throw sizeError(name, 'an integer without leading zeros', `0x${bytesToHex(bytes)}`);
}

/** Bytes of a field from a number. Used by the JSON form and the embedded network. */
export function encodeScalarField(name: string, value: bigint): Uint8Array {
  const bytes = scalarToBytes(value);
  const shape = [...HEADER_FIELDS, ...FORK_FIELDS].find((field) => field.name === name)?.shape;
  if (shape !== undefined) assertShape(name, shape, bytes);
  return bytes;
}

/** Name of the field at a position, for messages. */
export function fieldName(index: number): string {
  return [...HEADER_FIELDS, ...FORK_FIELDS][index]?.name ?? `field ${index}`;
}

function sizeError(name: string, expected: string, got: string): FileError {
  return new FileError(
    'HEADER_FIELD_SIZE',
    `header: ${name}: expected ${expected}, got ${got}. A field is missing, added or damaged: export the block again.`,
  );
}
