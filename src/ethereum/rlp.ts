/**
 * Strict RLP (Recursive Length Prefix): the byte format of Ethereum headers, receipts and trie nodes.
 *
 * Source: Ethereum yellow paper, appendix B. Only the one canonical form of a value is accepted, and every item keeps the
 * offsets of its bytes, because the circuit reads the same fields from the same places. The decoder never copies: `bytes`
 * of a string are a view on the input.
 *
 * Invariants: for every item `start < end`, `payloadStart ≤ end`, an item lies within its list, items of a list touch each other and
 * fill it; encoding what was decoded gives the same bytes.
 */
import { FileError } from '../statement/errors.js';

/** A byte string; offsets count from the start of the decoded input. */
export type RlpString = {
  readonly kind: 'string';
  /** Offset of the prefix; equal to `payloadStart` where a byte stands for itself. */
  readonly start: number;
  readonly payloadStart: number;
  /** One past the last byte. */
  readonly end: number;
  readonly bytes: Uint8Array;
};

/** A list; offsets count from the start of the decoded input. */
export type RlpList = {
  readonly kind: 'list';
  readonly start: number;
  readonly payloadStart: number;
  readonly end: number;
  readonly items: readonly RlpItem[];
};

export type RlpItem = RlpString | RlpList;

/** What {@link encodeRlp} takes: bytes or nested lists of them. */
export type RlpValue = Uint8Array | readonly RlpValue[];

/** Limits that keep a hostile input from costing time or memory. */
export type RlpLimits = {
  /** Longest input in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Deepest nesting of lists. Default 16. */
  readonly maxDepth?: number;
  /** Most items in all. Default 65,536. */
  readonly maxItems?: number;
};

/** Every code that decoding may throw. */
export const RLP_ERROR_CODES = [
  'RLP_TRUNCATED',
  'RLP_NON_CANONICAL',
  'RLP_TRAILING_BYTES',
  'RLP_OVERSIZED',
  'RLP_ITEM_OVERRUN',
] as const;

const DEFAULT_MAX_BYTES = 1 << 20;
const DEFAULT_MAX_DEPTH = 16;
const DEFAULT_MAX_ITEMS = 1 << 16;
/** Payloads up to this length have a one-byte prefix. */
const SHORT_PAYLOAD = 55;

/**
 * Decodes exactly one RLP item that fills the whole input.
 *
 * @param input - The bytes; kept by reference.
 * @param limits - Limits, see {@link RlpLimits}.
 * @returns The item with all its descendants and their offsets.
 * @throws {FileError} `RLP_TRUNCATED`, `RLP_NON_CANONICAL`, `RLP_TRAILING_BYTES`, `RLP_OVERSIZED`, `RLP_ITEM_OVERRUN`.
 * @example decodeRlp(Uint8Array.of(0xc1, 0x05)) // list of one string, Uint8Array [5]
 */
export function decodeRlp(input: Uint8Array, limits: RlpLimits = {}): RlpItem {
  assertSize(input, limits);
  const budget = { items: limits.maxItems ?? DEFAULT_MAX_ITEMS };
  const item = decodeItem(input, 0, input.length, limits.maxDepth ?? DEFAULT_MAX_DEPTH, budget);
  assertNoTrailingBytes(input, item.end);
  return item;
}

/**
 * Splits a list that fills the whole input into the bytes of its items, without looking into them.
 *
 * Used for whole blocks, whose transactions are none of our business.
 * @param input - The bytes; kept by reference.
 * @param limits - `maxBytes` and `maxItems` apply.
 * @returns For each item whether it is a list, and a view on its bytes, prefix included.
 * @throws {FileError} As {@link decodeRlp}; `RLP_NOT_A_LIST` where the input is a string.
 */
export function splitRlpList(
  input: Uint8Array,
  limits: RlpLimits = {},
): readonly { readonly kind: 'string' | 'list'; readonly encoded: Uint8Array }[] {
  assertSize(input, limits);
  const outer = readPrefix(input, 0, input.length);
  assertNoTrailingBytes(input, outer.end);
  if (outer.kind !== 'list')
    throw rlpError(
      'RLP_NOT_A_LIST',
      0,
      'expected a list, got a byte string. Give the RLP of a header or of a block.',
    );
  const items = [];
  let left = limits.maxItems ?? DEFAULT_MAX_ITEMS;
  for (let at = outer.payloadStart; at < outer.end; ) {
    if (left-- <= 0) throw tooManyItems(at);
    const { kind, end } = readPrefix(input, at, outer.end);
    items.push({ kind, encoded: input.subarray(at, end) });
    at = end;
  }
  return items;
}

/**
 * Encodes bytes and nested lists canonically.
 *
 * @param value - Bytes, or lists of values.
 * @returns A new array. Cost: linear in the output times the depth.
 * @example encodeRlp([Uint8Array.of(5)]) // c105
 */
export function encodeRlp(value: RlpValue): Uint8Array {
  if (value instanceof Uint8Array) {
    if (value.length === 1 && value[0]! < 0x80) return value.slice();
    return join([encodePrefix(0x80, value.length), value]);
  }
  const items = value.map(encodeRlp);
  const sizeBytes = items.reduce((sum, item) => sum + item.length, 0);
  return join([encodePrefix(0xc0, sizeBytes), ...items]);
}

/**
 * Big-endian bytes of a scalar without leading zeros; zero is the empty string.
 *
 * @param value - A non-negative integer.
 */
export function scalarToBytes(value: bigint): Uint8Array {
  if (value < 0n) throw new RangeError('an RLP scalar is not negative');
  if (value === 0n) return new Uint8Array(0);
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Uint8Array.from({ length: even.length / 2 }, (_, i) =>
    Number.parseInt(even.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Concatenates byte strings into a new one. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

type Prefix = { readonly kind: 'string' | 'list'; readonly payloadStart: number; readonly end: number };

function decodeItem(
  input: Uint8Array,
  start: number,
  limit: number,
  depth: number,
  budget: { items: number },
): RlpItem {
  if (budget.items-- <= 0) throw tooManyItems(start);
  const { kind, payloadStart, end } = readPrefix(input, start, limit);
  if (kind === 'string') return { kind, start, payloadStart, end, bytes: input.subarray(payloadStart, end) };
  if (depth <= 0)
    throw rlpError(
      'RLP_OVERSIZED',
      start,
      'lists are nested too deeply. Nothing of a block is: check the input.',
    );
  const items: RlpItem[] = [];
  for (let at = payloadStart; at < end; ) {
    const item = decodeItem(input, at, end, depth - 1, budget);
    items.push(item);
    at = item.end;
  }
  return { kind, start, payloadStart, end, items };
}

/** Reads one prefix; the item must end at or before `limit`, the end of its list or of the input. */
function readPrefix(input: Uint8Array, start: number, limit: number): Prefix {
  const first = input[start];
  if (first === undefined || start >= limit) throw truncated(start, 'a prefix byte', 'the end of the input');
  if (first < 0x80) return { kind: 'string', payloadStart: start, end: start + 1 };
  const kind = first < 0xc0 ? 'string' : 'list';
  const short = first - (kind === 'string' ? 0x80 : 0xc0);
  const lengthBytes = Math.max(0, short - SHORT_PAYLOAD);
  const payloadStart = start + 1 + lengthBytes;
  if (payloadStart > limit) throw overrun(input, start, payloadStart, limit);
  const size = lengthBytes === 0 ? short : readLength(input, start, lengthBytes);
  const end = payloadStart + size;
  if (end > limit) throw overrun(input, start, end, limit);
  if (kind === 'string' && size === 1 && lengthBytes === 0 && input[payloadStart]! < 0x80)
    throw nonCanonical(
      start,
      `the byte 0x${hexByte(input[payloadStart]!)} must stand for itself, without prefix 0x81`,
    );
  return { kind, payloadStart, end };
}

function readLength(input: Uint8Array, start: number, lengthBytes: number): number {
  if (input[start + 1] === 0) throw nonCanonical(start, 'the length has a leading zero byte');
  let size = 0;
  for (let i = 1; i <= lengthBytes; i++) size = size * 256 + input[start + i]!;
  if (size <= SHORT_PAYLOAD)
    throw nonCanonical(start, `a payload of ${size} bytes takes the one-byte prefix`);
  return size;
}

function encodePrefix(base: number, sizeBytes: number): Uint8Array {
  if (sizeBytes <= SHORT_PAYLOAD) return Uint8Array.of(base + sizeBytes);
  const length = scalarToBytes(BigInt(sizeBytes));
  return Uint8Array.of(base + SHORT_PAYLOAD + length.length, ...length);
}

function assertSize(input: Uint8Array, limits: RlpLimits): void {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES;
  if (input.length > maxBytes)
    throw rlpError(
      'RLP_OVERSIZED',
      0,
      `expected at most ${maxBytes} bytes, got ${input.length}. Check that the file holds one block.`,
    );
}

function assertNoTrailingBytes(input: Uint8Array, end: number): void {
  if (end !== input.length)
    throw rlpError(
      'RLP_TRAILING_BYTES',
      end,
      `the item ends here, but ${input.length - end} bytes follow. Give exactly one header or one block.`,
    );
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function overrun(input: Uint8Array, start: number, end: number, limit: number): FileError {
  if (limit === input.length) return truncated(start, `${end} bytes`, `${limit}`);
  return rlpError(
    'RLP_ITEM_OVERRUN',
    start,
    `the item reaches to byte ${end}, but its list ends at byte ${limit}. The input is damaged: export the block again.`,
  );
}

function truncated(offset: number, expected: string, got: string): FileError {
  return rlpError(
    'RLP_TRUNCATED',
    offset,
    `expected ${expected}, got ${got}. The input is cut off: export the block again.`,
  );
}

function nonCanonical(offset: number, why: string): FileError {
  return rlpError(
    'RLP_NON_CANONICAL',
    offset,
    `${why}. Chain clients refuse this encoding: export the block again from a node.`,
  );
}

function tooManyItems(offset: number): FileError {
  return rlpError(
    'RLP_OVERSIZED',
    offset,
    'too many items. No part of a block that is read here has so many: check the input.',
  );
}

function rlpError(code: string, offset: number, text: string): FileError {
  return new FileError(code, `RLP, byte ${offset}: ${text}`);
}
