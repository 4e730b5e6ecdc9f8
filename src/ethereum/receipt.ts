/**
 * Transaction receipts as the receipts trie of a block keeps them.
 *
 * Sources: Ethereum yellow paper, section 4.4.1 (receipt, bloom filter); EIP-658 (status in place of a state root); EIP-2718 (a type byte
 * before the payload), with the types of EIP-2930, EIP-1559, EIP-4844 and EIP-7702, whose receipts have one payload:
 *
 *     [type byte ‖] RLP [status, cumulativeGasUsed, logsBloom, [[address, [topic, …], data], …]]
 *
 * A receipt has one form: what was read is written again and must give the same bytes, bloom filter included.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { FileError } from '../statement/errors.js';
import { bytesToInteger } from '../statement/hash.js';
import { decodeRlp, encodeRlp, type RlpItem, scalarToBytes } from './rlp.js';
import { MAX_NODE_BYTES } from './trie.js';

/** An event. */
export type Log = {
  /** Of the contract that wrote it, [0, 2^160). */
  readonly address: bigint;
  /** At most four words; by custom the first names the event. */
  readonly topics: readonly bigint[];
  readonly data: Uint8Array;
};

/** What is kept of a transaction. */
export type Receipt = {
  /** EIP-2718; 0 for transactions without a type. */
  readonly type: number;
  /** Whether the transaction took effect. One that failed has no logs. */
  readonly succeeded: boolean;
  /** Gas used in the block up to and with this transaction, [0, 2^64). */
  readonly cumulativeGasUsed: bigint;
  readonly logs: readonly Log[];
};

/** Types whose receipts are read. */
const LAST_TYPE = 4;
const MAX_TOPICS = 4;
const BLOOM_BYTES = 256;
/** Largest receipt that is read: that of the largest leaf. */
const MAX_RECEIPT_BYTES = MAX_NODE_BYTES;

/**
 * Reads a receipt strictly.
 *
 * @param bytes - The value of the receipts trie.
 * @returns The receipt; `data` are views on the input.
 * @throws {FileError} `RECEIPT_TYPE`, `RECEIPT_SHAPE`, and codes of the RLP decoder.
 * @example
 * ```ts
 * import { encodeReceipt, parseReceipt } from 'zkfinality/verify/inclusion';
 *
 * const log = { address: 1n, topics: [2n], data: new Uint8Array(32) };
 * const bytes = encodeReceipt({ type: 2, succeeded: true, cumulativeGasUsed: 21_000n, logs: [log] });
 * console.log(parseReceipt(bytes).logs[0]?.topics); // [ 2n ]
 * ```
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  const first = bytes[0] ?? 0;
  const type = first < 0x80 ? first : 0;
  if (type > LAST_TYPE || (first < 0x80 && type === 0))
    throw new FileError(
      'RECEIPT_TYPE',
      `receipt: expected a transaction type of 1 to ${LAST_TYPE} or none, got ${first}. This version does not know such receipts.`,
    );
  const item = decodeRlp(type === 0 ? bytes : bytes.subarray(1), { maxBytes: MAX_RECEIPT_BYTES });
  const [status, gas, , logs] = listOf(item, 'receipt', 4) as [RlpItem, RlpItem, RlpItem, RlpItem];
  const receipt: Receipt = {
    type,
    succeeded: stringOf(status, 'status', 1).length === 1,
    cumulativeGasUsed: bytesToInteger(stringOf(gas, 'cumulativeGasUsed', 8)),
    logs: listOf(logs, 'logs').map((log, i) => {
      const [address, topics, data] = listOf(log, `logs[${i}]`, 3) as [RlpItem, RlpItem, RlpItem];
      return {
        address: bytesToInteger(stringOf(address, `logs[${i}].address`, 20)),
        topics: listOf(topics, `logs[${i}].topics`).map((topic) =>
          bytesToInteger(stringOf(topic, `logs[${i}].topics`, 32)),
        ),
        data: stringOf(data, `logs[${i}].data`),
      };
    }),
  };
  if (receipt.logs.some(({ topics }) => topics.length > MAX_TOPICS))
    throw badShape('a log has at most four topics');
  // Status, integers, sizes of addresses and topics, and the bloom filter: whatever has another form differs here.
  const again = encodeReceipt(receipt);
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i]))
    throw badShape(
      'expected status 0 or 1, integers without leading zeros, whole addresses and topics, and the bloom filter of the logs',
    );
  return receipt;
}

/**
 * Bytes of a receipt.
 *
 * @param receipt - Values within the ranges of {@link Receipt}.
 * @example
 * ```ts
 * import { encodeReceipt } from 'zkfinality/verify/inclusion';
 *
 * const bytes = encodeReceipt({ type: 0, succeeded: true, cumulativeGasUsed: 21_000n, logs: [] });
 * console.log(bytes.length); // 267
 * ```
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { type, succeeded, cumulativeGasUsed, logs } = receipt;
  const payload = encodeRlp([
    scalarToBytes(succeeded ? 1n : 0n),
    scalarToBytes(cumulativeGasUsed),
    bloomOf(logs),
    logs.map(({ address, topics, data }) => [
      fixedBytes(address, 20),
      topics.map((topic) => fixedBytes(topic, 32)),
      data,
    ]),
  ]);
  return type === 0 ? payload : concatBytes(Uint8Array.of(type), payload);
}

/** The 2048-bit filter of addresses and topics: three bits for each, of eleven bits of its hash (yellow paper, M3:2048). */
export function bloomOf(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs)
    for (const entry of [fixedBytes(address, 20), ...topics.map((topic) => fixedBytes(topic, 32))]) {
      const hash = keccak_256(entry);
      for (const at of [0, 2, 4]) {
        const bit = (256 * hash[at]! + hash[at + 1]!) % 2048;
        bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
      }
    }
  return bloom;
}

/** Big-endian bytes of a fixed number. */
function fixedBytes(value: bigint, sizeBytes: number): Uint8Array {
  const bytes = scalarToBytes(value);
  if (bytes.length > sizeBytes) throw new RangeError(`${value}: expected at most ${sizeBytes} bytes`);
  const out = new Uint8Array(sizeBytes);
  out.set(bytes, sizeBytes - bytes.length);
  return out;
}

function listOf(item: RlpItem, name: string, count?: number): readonly RlpItem[] {
  if (item.kind !== 'list' || (count !== undefined && item.items.length !== count))
    throw badShape(`${name}: expected a list${count === undefined ? '' : ` of ${count}`}`);
  return item.items;
}

/** The bytes of a string, at most so many. */
function stringOf(item: RlpItem, name: string, maxBytes = MAX_RECEIPT_BYTES): Uint8Array {
  if (item.kind !== 'string' || item.bytes.length > maxBytes)
    throw badShape(`${name}: expected a byte string of at most ${maxBytes} bytes`);
  return item.bytes;
}

function badShape(why: string): FileError {
  return new FileError(
    'RECEIPT_SHAPE',
    `receipt: ${why}. It is of another kind of chain, or was damaged before it was hashed.`,
  );
}
