/**
 * Blocks as Ethereum nodes give them over JSON-RPC: the object of `eth_getBlockByNumber`.
 *
 * The header is rebuilt field by field and must reproduce the `hash` of the object. That check is what makes a field that
 * this version does not know a clear error and never a wrong header.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { FORK_FIELDS, HEADER_FIELDS, type HeaderField } from '../../ethereum/header.js';
import { scalarToBytes } from '../../ethereum/rlp.js';
import { FileError, UsageError } from '../../statement/errors.js';
import { bytesToInteger } from '../../statement/hash.js';
import type { IstanbulVariant } from './extra-data.js';
import { blockFromFields, type IstanbulBlock } from './header.js';

/** Fields of the object that are no part of the header. */
const BESIDE_HEADER: ReadonlySet<string> = new Set([
  'hash',
  'size',
  'totalDifficulty',
  'transactions',
  'uncles',
  'withdrawals',
  'author',
]);

/** Longest hexadecimal string accepted for one field. */
const MAX_FIELD_DIGITS = 1 << 19;

/**
 * Reads the result of `eth_getBlockByNumber`, or a whole JSON-RPC answer around it.
 *
 * @param json - The parsed JSON.
 * @param variant - The chain's variant; told from extraData where it is not given.
 * @returns The block, whose hash equals the `hash` of the object.
 * @throws {FileError} `INPUT_SHAPE`, `RPC_ERROR`, `BLOCK_NOT_FOUND`, `JSON_FIELD_MISSING`, `JSON_FIELD_INVALID`, `HASH_MISMATCH`, and the
 *   codes of `parseHeader`.
 */
export function parseJsonBlock(json: unknown, variant?: IstanbulVariant): IstanbulBlock {
  const object = unwrap(json);
  const forkCount = FORK_FIELDS.findLastIndex((field) => isPresent(object, field.name)) + 1;
  const fields = [...HEADER_FIELDS, ...FORK_FIELDS.slice(0, forkCount)].map((field) =>
    readField(object, field),
  );
  const hash = readHex(object, 'hash');
  if (hash.length !== 32) throw fieldError('hash', '32 bytes', `${hash.length}`);
  const block = blockFromFields(fields, variant);
  if (bytesToHex(block.hash) !== bytesToHex(hash)) throw hashMismatch(object, block, hash);
  return block;
}

/**
 * The JSON-RPC object of a block: its header, its hash, no transactions.
 *
 * @returns What {@link parseJsonBlock} reads back to the same header.
 * @throws {UsageError} `HEADER_HAS_UNKNOWN_FIELDS` where the header has fork fields that have no name here.
 */
export function formatJsonBlock(block: IstanbulBlock): {
  readonly [name: string]: string | readonly string[];
} {
  const named = [...HEADER_FIELDS, ...FORK_FIELDS];
  if (block.fields.length > named.length)
    throw new UsageError(
      'HEADER_HAS_UNKNOWN_FIELDS',
      `block ${block.number}: expected at most ${named.length} header fields, got ${block.fields.length}. Write its RLP instead.`,
    );
  const object: { [name: string]: string | readonly string[] } = { hash: `0x${bytesToHex(block.hash)}` };
  for (const [i, bytes] of block.fields.entries()) {
    const { name, shape } = named[i]!;
    const isScalar = shape.kind === 'scalar';
    object[name] = isScalar ? `0x${bytesToInteger(bytes).toString(16)}` : `0x${bytesToHex(bytes)}`;
  }
  return { ...object, transactions: [], uncles: [] };
}

type JsonObject = { readonly [name: string]: unknown };

function unwrap(json: unknown): JsonObject {
  const object = asObject(json);
  if (!isPresent(object, 'jsonrpc') || isPresent(object, 'extraData')) return object;
  if (isPresent(object, 'error'))
    throw new FileError(
      'RPC_ERROR',
      `JSON-RPC answer: the node reported an error: ${JSON.stringify(object.error).slice(0, 200)}. Ask again.`,
    );
  if (!isPresent(object, 'result'))
    throw new FileError(
      'BLOCK_NOT_FOUND',
      'JSON-RPC answer: result is null: the node has no such block. Ask for a sealed one.',
    );
  return asObject(object.result);
}

function asObject(json: unknown): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FileError(
      'INPUT_SHAPE',
      `block: expected a JSON object as eth_getBlockByNumber returns it, got ${json === null ? 'null' : Array.isArray(json) ? 'a list' : typeof json}.`,
    );
  return json as JsonObject;
}

/** Nodes write a field that does not apply either not at all or as null. */
function isPresent(object: JsonObject, name: string): boolean {
  return Object.hasOwn(object, name) && object[name] !== null && object[name] !== undefined;
}

function readField(object: JsonObject, field: HeaderField): Uint8Array {
  if (field.shape.kind !== 'scalar') return readHex(object, field.name);
  const text = readText(object, field.name);
  // Besu pads no integers; GoQuorum neither. Leading zeros would hide which of two headers is meant.
  if (!/^0x(?:0|[1-9a-f][0-9a-f]*)$/i.test(text) || text.length > 66)
    throw fieldError(field.name, 'a 0x-prefixed integer without leading zeros', quote(text));
  return scalarToBytes(BigInt(text));
}

function readHex(object: JsonObject, name: string): Uint8Array {
  const text = readText(object, name);
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(text))
    throw fieldError(name, '0x and an even number of hexadecimal digits', quote(text));
  return hexToBytes(text.slice(2));
}

function readText(object: JsonObject, name: string): string {
  if (!isPresent(object, name))
    throw new FileError(
      'JSON_FIELD_MISSING',
      `block: field "${name}" is missing. Give the whole result of eth_getBlockByNumber of a sealed block.`,
    );
  const value = object[name];
  if (typeof value !== 'string') throw fieldError(name, 'a string', typeof value);
  if (value.length > MAX_FIELD_DIGITS)
    throw fieldError(name, `at most ${MAX_FIELD_DIGITS} characters`, `${value.length}`);
  return value;
}

function hashMismatch(object: JsonObject, block: IstanbulBlock, hash: Uint8Array): FileError {
  const known = new Set([...HEADER_FIELDS, ...FORK_FIELDS].map((field) => field.name));
  const unknown = Object.keys(object).filter((name) => !known.has(name) && !BESIDE_HEADER.has(name));
  const cause =
    unknown.length === 0
      ? 'A field was altered, or the node left a header field out'
      : `This version does not know ${unknown.slice(0, 8).map(quote).join(', ')}, which may belong to the header`;
  return new FileError(
    'HASH_MISMATCH',
    `block ${block.number} (${block.variant}): expected hash 0x${bytesToHex(hash)}, but its fields give 0x${bytesToHex(block.hash)}. ${cause}: give the header's RLP (debug_getRawHeader) instead.`,
  );
}

function fieldError(name: string, expected: string, got: string): FileError {
  return new FileError('JSON_FIELD_INVALID', `block: field "${name}": expected ${expected}, got ${got}.`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}…` : text);
}
