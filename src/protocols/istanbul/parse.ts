/**
 * Istanbul blocks from any form a user has: RLP of a header or of a whole block, as bytes or hex, or JSON from a node.
 */
import { hexToBytes } from '@noble/hashes/utils.js';
import { splitRlpList } from '../../ethereum/rlp.js';
import { FileError } from '../../statement/errors.js';
import type { IstanbulVariant } from './extra-data.js';
import { type IstanbulBlock, parseHeader } from './header.js';
import { parseJsonBlock } from './json-block.js';

/** What a caller may know about the chain. */
export type ParseOptions = {
  /** The chain's variant; without it the shape of extraData tells. */
  readonly variant?: IstanbulVariant;
};

/** Largest input: a whole block with its transactions. */
export const MAX_INPUT_BYTES = 1 << 25;

/** A block is [header, transactions, uncles] and perhaps lists of later forks (withdrawals). */
const MIN_BLOCK_ITEMS = 3;
const MAX_BLOCK_ITEMS = 8;

/**
 * Parses one block.
 *
 * @param input - Bytes (RLP, or a text file with hex or JSON), a string (hex or JSON), or the object that `eth_getBlockByNumber` returns.
 * @param options - The variant, if known.
 * @returns The block. It has been read, not verified. The genesis block and blocks without a list parse too: they can be inspected.
 * @throws {FileError} `INPUT_SHAPE`, `INPUT_EMPTY`, `INPUT_OVERSIZED`, `HEX_INVALID`, `JSON_SYNTAX`, `BLOCK_SHAPE`, the codes of `parseHeader`
 *   and of `parseJsonBlock`.
 * @example parse('0xf9027a…').number
 */
export function parse(input: unknown, options: ParseOptions = {}): IstanbulBlock {
  if (input instanceof Uint8Array) {
    if (input.length > MAX_INPUT_BYTES) throw oversized(input.length);
    // RLP lists start so; hex and JSON are ASCII, at most behind a byte order mark (ef), which no header can start with.
    if (input[0] !== 0xef && (input[0] ?? 0) >= 0xc0) return parseRlp(input, options);
    return parseText(new TextDecoder().decode(input), options);
  }
  if (typeof input === 'string') return parseText(input, options);
  return parseJsonBlock(input, options.variant);
}

/**
 * RLP of a block's header in the form that the chain hashes: without committed seals, and with round 0. Proofs of inclusion take headers so.
 *
 * @param input - As for `Protocol.parse` of an Istanbul variant: a block file, or what a node gives.
 * @returns The bytes whose Keccak-256 hash is the block hash that nodes and finality proofs name.
 * @throws {FileError} As `Protocol.parse`.
 * @example
 * ```ts
 * import { hashedHeader } from 'zkfinality';
 * import { createDevnet } from 'zkfinality/devnet';
 *
 * const network = createDevnet('qbft', { seed: 'a', validators: 4, chainId: 1337n });
 * console.log(hashedHeader(network.block(1).text).length); // 629
 * ```
 */
export function hashedHeader(
  input: unknown,
  options: { readonly variant?: IstanbulVariant } = {},
): Uint8Array {
  return parse(input, options).hashPreimage;
}

function parseText(text: string, options: ParseOptions): IstanbulBlock {
  if (text.length > 2 * MAX_INPUT_BYTES) throw oversized(text.length);
  const trimmed = text.trim();
  if (trimmed === '')
    throw new FileError(
      'INPUT_EMPTY',
      'block: the input is empty. Give a header or a block as RLP, hex or JSON.',
    );
  if (trimmed.startsWith('{') || trimmed.startsWith('[') || trimmed.startsWith('"'))
    return parse(parseJson(trimmed), options);
  const digits = trimmed.replace(/^0x/i, '');
  const bad = /[^0-9a-f]/i.exec(digits);
  if (bad !== null || digits.length % 2 !== 0 || digits.length === 0)
    throw new FileError(
      'HEX_INVALID',
      bad === null
        ? `block: expected an even number of hexadecimal digits, got ${digits.length}. The input is cut off.`
        : `block: character ${bad.index} is ${JSON.stringify(bad[0])}. Give one block: hexadecimal digits or JSON.`,
    );
  return parseRlp(hexToBytes(digits), options);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A quoted hex string is what debug_getRawHeader prints; only one level is unwrapped.
    return typeof value === 'string' ? hexOnly(value) : value;
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(
      'JSON_SYNTAX',
      `block: not valid JSON: ${(cause as Error).message}. Check the file.`,
      { cause },
    );
  }
}

function hexOnly(value: string): string {
  if (/^0x[0-9a-f]*$/i.test(value)) return value;
  throw new FileError('HEX_INVALID', 'block: expected a JSON string of 0x and hexadecimal digits.');
}

function parseRlp(bytes: Uint8Array, options: ParseOptions): IstanbulBlock {
  const items = splitRlpList(bytes, { maxBytes: MAX_INPUT_BYTES, maxItems: 64 });
  const first = items[0];
  if (first?.kind !== 'list') return parseHeader(bytes, options.variant);
  if (items.length < MIN_BLOCK_ITEMS || items.length > MAX_BLOCK_ITEMS)
    throw new FileError(
      'BLOCK_SHAPE',
      `block: expected [header, transactions, uncles, …], got ${items.length} items. Give one block, or its header alone.`,
    );
  return parseHeader(first.encoded, options.variant);
}

function oversized(got: number): FileError {
  return new FileError(
    'INPUT_OVERSIZED',
    `block: expected at most ${MAX_INPUT_BYTES} bytes, got ${got}. Give one block.`,
  );
}
