/**
 * Headers of Ethereum blocks: the fields, and the strict reader of their bytes.
 *
 * A header is an RLP list of the 15 fields of the yellow paper (section 4.4) and any number of fields that later forks appended
 * (base fee, withdrawals root, …); those are byte strings that go into the hashes unread.
 */
import { bytesToHex } from '@noble/hashes/utils.js';
import { FileError } from '../statement/errors.js';
import { decodeRlp, scalarToBytes } from './rlp.js';

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

/** Largest header in bytes: some thousand validators with their seals. */
export const MAX_HEADER_BYTES = 1 << 18;
/** Most items of one header: fields, validators, seals. */
const MAX_FIELDS = 64;

/**
 * Reads the RLP of one header into the payloads of its fields, views on the input.
 *
 * @throws {FileError} A code of the RLP decoder; `HEADER_NOT_A_LIST`, `HEADER_FIELD_COUNT`, `HEADER_FIELD_KIND`, `HEADER_FIELD_SIZE`.
 */
export function readHeaderFields(rlp: Uint8Array): readonly Uint8Array[] {
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
        `header: ${fieldName(i)}: expected a byte string, got a list. Give the RLP of a block header.`,
      );
    return item.bytes;
  });
  assertHeaderFields(fields);
  return fields;
}

/**
 * Checks number, sizes and canonical integers of the fields.
 *
 * @throws {FileError} `HEADER_FIELD_COUNT`, `HEADER_FIELD_SIZE`.
 */
export function assertHeaderFields(fields: readonly Uint8Array[]): void {
  if (fields.length < HEADER_FIELDS.length || fields.length > MAX_FIELDS)
    throw new FileError(
      'HEADER_FIELD_COUNT',
      `header: expected ${HEADER_FIELDS.length} fields and at most ${MAX_FIELDS - HEADER_FIELDS.length} of later forks, got ${fields.length}. ${
        fields.length < HEADER_FIELDS.length ? 'A field is missing: export' : 'Export'
      } the block again.`,
    );
  for (const [i, { name, shape }] of HEADER_FIELDS.entries()) assertShape(name, shape, fields[i]!);
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
function fieldName(index: number): string {
  return [...HEADER_FIELDS, ...FORK_FIELDS][index]?.name ?? `field ${index}`;
}

function sizeError(name: string, expected: string, got: string): FileError {
  return new FileError(
    'HEADER_FIELD_SIZE',
    `header: ${name}: expected ${expected}, got ${got}. A field is missing, added or damaged: export the block again.`,
  );
}
