/**
 * Proofs that a receipt stands in a final block, or in one that a final block builds on.
 *
 *     hash of the final block ─► its header ─► parentHash ─► … ─► header of the receipt's block ─► receiptsRoot ─► nodes ─► receipt
 *
 * Sources: Ethereum yellow paper, sections 4.4 (header, receipts root: the trie from RLP(index) to receipt) and appendix D. A block's ancestors are
 * final with it, since its hash names them; so one finality proof serves all blocks below it that a request shows the headers of.
 *
 * A header is given in the form that its chain hashes. On Istanbul chains that is without the committed seals, and with round 0.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { FileError, UsageError, ZkFinalityError } from '../statement/errors.js';
import { bytesToInteger } from '../statement/hash.js';
import { quote, readArray, readChoice, readDecimal, readRecord, readString } from '../statement/json.js';
import type { Statement } from '../statement/types.js';
import { fieldIndex, MAX_HEADER_BYTES, readHeaderFields } from './header.js';
import { encodeReceipt, parseReceipt, type Receipt } from './receipt.js';
import { encodeRlp, scalarToBytes } from './rlp.js';
import { buildTrie, MAX_NODE_BYTES, readTrieValue } from './trie.js';

const RECEIPT_PROOF_FORMAT = 'zkfinality-receipt/1';
/** Longest way from a final block to one that it builds on. */
const MAX_HEADERS = 1024;
/** A path of RLP(index) has at most 18 half bytes. */
const MAX_NODES = 20;
const INDEX_BOUND = 1n << 32n;

/** Where a receipt is, and what shows it. */
export type ReceiptProof = {
  /** RLP of the final block's header, of its parent's, … and last of that of the block with the receipt: one header where that is the final one. */
  readonly headers: readonly Uint8Array[];
  /** Place of the transaction in its block, [0, 2^32). */
  readonly transactionIndex: bigint;
  /** Nodes of the receipts trie from the root to the receipt. */
  readonly nodes: readonly Uint8Array[];
};

/** {@link ReceiptProof} as JSON. */
export type ReceiptProofJson = {
  readonly format: 'zkfinality-receipt/1';
  readonly headers: readonly string[];
  readonly transactionIndex: string;
  readonly nodes: readonly string[];
};

/** What a finality proof says of the final block. */
export type FinalBlock = Pick<Statement, 'height' | 'time' | 'blockHash' | 'stateRoot'>;

/** A failed check: a code of `docs/ERRORS.md` and a sentence. */
export type InclusionRefused = { readonly ok: false; readonly code: string; readonly message: string };

/** A receipt that is as final as the block it was checked against. */
export type ReceiptIncluded = {
  readonly ok: true;
  /** Of the block with the receipt. */
  readonly height: bigint;
  readonly time: bigint;
  readonly blockHash: bigint;
  readonly transactionIndex: bigint;
  readonly receipt: Receipt;
};

export type ReceiptResult = ReceiptIncluded | InclusionRefused;

/**
 * Checks that a receipt stands in a final block or in one of its ancestors.
 *
 * Says nothing of whether the block is final: take it from an accepted finality proof. Cost: a hash for each header and node.
 * @param proof - What `JSON.parse` gave. Any value: bad documents are refused, never thrown at.
 * @param final - Statement of the final block.
 * @returns The receipt and its block, or the first failed check: the codes of the strict readers, of RLP, headers, receipts and tries, and
 *   `INCLUSION_HEADER`, `INCLUSION_STATEMENT`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseFinalityProof } from 'zkfinality/verify';
 * import { verifyReceipt } from 'zkfinality/verify/inclusion';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * // In an app: the statement of a proof that `verifyFinality` or a `LightClient` has accepted.
 * const { statement } = parseFinalityProof(read('examples/demo/block-4.proof.json'));
 * const proof = read('examples/demo/block-3.receipt.json');
 * const result = verifyReceipt(proof, statement);
 * console.log(result.ok && result.height); // 3n
 * const other = verifyReceipt(proof, { ...statement, blockHash: 1n });
 * console.log(other.ok || other.code); // INCLUSION_HEADER
 * ```
 */
export function verifyReceipt(proof: unknown, final: FinalBlock): ReceiptResult {
  try {
    return { ok: true, ...readReceipt(parseReceiptProof(proof), final) };
  } catch (error) {
    if (error instanceof ZkFinalityError) return { ok: false, code: error.code, message: error.message };
    throw error;
  }
}

function readReceipt(
  { headers, transactionIndex, nodes }: ReceiptProof,
  final: FinalBlock,
): Omit<ReceiptIncluded, 'ok'> {
  let { height, blockHash } = final;
  let block = readBlock(headers[0]!, blockHash, height, 0);
  // The hash says as much. A protocol whose block hash is none of an Ethereum header ends here.
  if (block.time !== final.time || block.stateRoot !== final.stateRoot)
    throw new FileError(
      'INCLUSION_STATEMENT',
      'headers[0]: time or state root are not those of the final block. Its hash is not that of an Ethereum header.',
    );
  for (const [i, header] of headers.slice(1).entries()) {
    height -= 1n;
    blockHash = block.parentHash;
    block = readBlock(header, blockHash, height, i + 1);
  }
  const value = readTrieValue(block.receiptsRoot, receiptKey(transactionIndex), nodes);
  return { height, time: block.time, blockHash, transactionIndex, receipt: parseReceipt(value) };
}

/** The header of a block that is known by its hash and height. */
function readBlock(rlp: Uint8Array, blockHash: bigint, height: bigint, index: number) {
  if (bytesToInteger(keccak_256(rlp)) !== blockHash)
    throw new FileError(
      'INCLUSION_HEADER',
      `headers[${index}]: not the header of ${index === 0 ? 'the final block' : 'the block before'}: its hash is another. Give it in the form that the chain hashes.`,
    );
  const fields = readHeaderFields(rlp);
  const field = (name: string): Uint8Array => fields[fieldIndex(name)]!;
  if (bytesToInteger(field('number')) !== height)
    throw new FileError(
      'INCLUSION_STATEMENT',
      `headers[${index}]: expected height ${height}, got ${bytesToInteger(field('number'))}. The hash is not that of an Ethereum header.`,
    );
  return {
    time: bytesToInteger(field('timestamp')),
    parentHash: bytesToInteger(field('parentHash')),
    stateRoot: bytesToInteger(field('stateRoot')),
    receiptsRoot: field('receiptsRoot'),
  };
}

function receiptKey(transactionIndex: bigint): Uint8Array {
  return encodeRlp(scalarToBytes(transactionIndex));
}

/**
 * Makes the proof of a receipt.
 *
 * @param headers - As {@link ReceiptProof} has them.
 * @param receipts - All receipts of the block that the last header is of, in order: `eth_getBlockReceipts` has them.
 * @param transactionIndex - Which of them.
 * @throws {UsageError} `RECEIPTS_ROOT` where these are not the receipts of that block; {FileError} codes of RLP and headers.
 * @example
 * ```ts
 * import { createIstanbulDevnet } from 'zkfinality/devnet';
 * import { formatReceiptProof, proveReceipt, verifyReceipt } from 'zkfinality/verify/inclusion';
 *
 * const receipt = { type: 2, succeeded: true, cumulativeGasUsed: 21_000n, logs: [] };
 * const network = createIstanbulDevnet({
 *   ...{ variant: 'qbft', seed: 'a', validators: 4, chainId: 1337n },
 *   receipts: { 1: [receipt] },
 * });
 * const { number, time, hash, stateRoot, hashPreimage } = network.block(1).block;
 * const proof = formatReceiptProof(proveReceipt([hashPreimage], [receipt], 0));
 * const word = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
 * const final = { height: number, time, blockHash: word(hash), stateRoot: word(stateRoot) };
 * const result = verifyReceipt(proof, final);
 * console.log(result.ok && result.receipt.cumulativeGasUsed); // 21000n
 * ```
 */
export function proveReceipt(
  headers: readonly Uint8Array[],
  receipts: readonly Receipt[],
  transactionIndex: number,
): ReceiptProof {
  const trie = receiptsTrie(receipts);
  const root = readHeaderFields(headers.at(-1) ?? new Uint8Array(0))[fieldIndex('receiptsRoot')]!;
  if (receipts[transactionIndex] === undefined || bytesToHex(root) !== bytesToHex(trie.root))
    throw new UsageError(
      'RECEIPTS_ROOT',
      `receipts: expected all receipts of the last header's block, and an index below their number. Their root is 0x${bytesToHex(trie.root)}, the header has 0x${bytesToHex(root)}.`,
    );
  const index = BigInt(transactionIndex);
  return { headers, transactionIndex: index, nodes: trie.prove(receiptKey(index)) };
}

/** The receipts trie of a block. */
export function receiptsTrie(receipts: readonly Receipt[]) {
  return buildTrie(receipts.map((receipt, i) => [receiptKey(BigInt(i)), encodeReceipt(receipt)] as const));
}

/**
 * The JSON document of a proof.
 *
 * @example
 * ```ts
 * import { formatReceiptProof } from 'zkfinality/verify/inclusion';
 *
 * const proof = { headers: [Uint8Array.of(0xc0)], transactionIndex: 3n, nodes: [] };
 * console.log(formatReceiptProof(proof).transactionIndex); // 3
 * ```
 */
export function formatReceiptProof({ headers, transactionIndex, nodes }: ReceiptProof): ReceiptProofJson {
  const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;
  return {
    format: RECEIPT_PROOF_FORMAT,
    headers: headers.map(hex),
    transactionIndex: String(transactionIndex),
    nodes: nodes.map(hex),
  };
}

/**
 * Reads the JSON document of a proof strictly. Nothing about it is verified.
 *
 * @throws {FileError} `FIELD_TYPE`, `FIELD_MISSING`, `FIELD_UNKNOWN`, `FORMAT_UNKNOWN`, `NUMBER_FORMAT`, `NUMBER_RANGE`, `ARRAY_LENGTH`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseReceiptProof } from 'zkfinality/verify/inclusion';
 *
 * const text = readFileSync('examples/demo/block-3.receipt.json', 'utf8');
 * console.log(parseReceiptProof(JSON.parse(text)).headers.length); // 2
 * ```
 */
export function parseReceiptProof(json: unknown): ReceiptProof {
  const path = 'receipt proof';
  const record = readRecord(json, path, ['format', 'headers', 'transactionIndex', 'nodes']);
  readChoice(record.format, `${path}.format`, [RECEIPT_PROOF_FORMAT], 'FORMAT_UNKNOWN');
  const list = (field: 'headers' | 'nodes', largest: number, maxBytes: number): readonly Uint8Array[] => {
    const items = readArray(record[field], `${path}.${field}`);
    if (items.length < 1 || items.length > largest)
      throw new FileError(
        'ARRAY_LENGTH',
        `${path}.${field}: expected 1 to ${largest} entries, got ${items.length}. Prove from a final block nearer to the receipt.`,
      );
    return items.map((item, i) => readBytes(item, `${path}.${field}[${i}]`, maxBytes));
  };
  return {
    headers: list('headers', MAX_HEADERS, MAX_HEADER_BYTES),
    transactionIndex: readDecimal(record.transactionIndex, `${path}.transactionIndex`, INDEX_BOUND),
    nodes: list('nodes', MAX_NODES, MAX_NODE_BYTES),
  };
}

/** `0x` and two lower-case hexadecimal digits a byte. */
function readBytes(value: unknown, path: string, maxBytes: number): Uint8Array {
  const text = readString(value, path);
  if (text.length > 2 + 2 * maxBytes || !/^0x(?:[0-9a-f]{2})+$/.test(text))
    throw new FileError(
      'NUMBER_FORMAT',
      `${path}: expected 0x and two lower-case hexadecimal digits a byte, at most ${maxBytes} bytes, got ${quote(text)}.`,
    );
  return hexToBytes(text.slice(2));
}
