import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../src/devnet/index.js';
import {
  type FinalBlock,
  formatReceiptProof,
  parseReceiptProof,
  proveReceipt,
  type ReceiptProofJson,
  verifyReceipt,
} from '../../src/ethereum/inclusion.js';
import type { Receipt } from '../../src/ethereum/receipt.js';
import { encodeRlp } from '../../src/ethereum/rlp.js';
import { bytesToInteger } from '../../src/statement/hash.js';
import { codeOf } from '../support/istanbul.js';

const receipt = (i: number): Receipt => ({
  type: i % 3,
  succeeded: i % 4 !== 3,
  cumulativeGasUsed: 30_000n * BigInt(i + 1),
  logs: [{ address: BigInt(i), topics: [BigInt(i)], data: Uint8Array.of(i) }],
});
const receipts = { 2: [0].map(receipt), 3: Array.from({ length: 200 }, (_, i) => receipt(i)) };
const network = createIstanbulDevnet({
  ...{ variant: 'qbft', seed: 'inclusion', validators: 4, chainId: 1337n, forkFields: 6, round: 1 },
  receipts,
});
const blocks = [0, 1, 2, 3, 4, 5].map((height) => network.block(height).block);
const header = (height: number): Uint8Array => blocks[height]!.hashPreimage;
const headers = (...heights: readonly number[]): Uint8Array[] => heights.map(header);
const final = (height: number): FinalBlock => {
  const { number, time, hash, stateRoot } = blocks[height]!;
  return { height: number, time, blockHash: bytesToInteger(hash), stateRoot: bytesToInteger(stateRoot) };
};
const proof = (index: number, ...heights: readonly number[]): ReceiptProofJson =>
  formatReceiptProof(proveReceipt(headers(...heights), receipts[heights.at(-1) as 2 | 3], index));
const codeFor = (document: unknown, block: FinalBlock): string => {
  const result = verifyReceipt(document, block);
  return result.ok ? 'ok' : result.code;
};

describe('verifyReceipt', () => {
  it.each([
    [0, [3]],
    [1, [3]],
    [127, [3]],
    [128, [3]],
    [199, [3]],
    [0, [2]],
    [0, [3, 2]],
    [130, [5, 4, 3]],
  ])('accepts: receipt %i of the last of blocks %j', (index, heights) => {
    const { number, time, hash } = blocks[heights.at(-1)!]!;
    expect(verifyReceipt(proof(index, ...heights), final(heights[0]!))).toEqual({
      ok: true,
      height: number,
      time,
      blockHash: bytesToInteger(hash),
      transactionIndex: BigInt(index),
      receipt: receipt(index),
    });
  });

  it('rejects: headers of other blocks, in another order, with a gap, of another form', () => {
    const good = proof(7, 5, 4, 3);
    const at = final(5);
    const hex = (height: number): string => `0x${bytesToHex(header(height))}`;
    const cases: readonly [string, readonly string[]][] = [
      ['the order', good.headers.toReversed()],
      ['a gap', [hex(5), hex(3)]],
      ['a header twice', [hex(5), hex(5), hex(4), hex(3)]],
      ['the first missing', [hex(4), hex(3)]],
      ['with its seals', [`0x${bytesToHex(blocks[5]!.rlp)}`, hex(4), hex(3)]],
      ['as its seals sign it', [`0x${bytesToHex(blocks[5]!.sealPreimage)}`, hex(4), hex(3)]],
      ['cut', [hex(5), hex(4), hex(3).slice(0, -2)]],
      ['with a byte more', [hex(5), hex(4), `${hex(3)}00`]],
    ];
    expect(codeFor(good, at)).toBe('ok');
    for (const [what, list] of cases)
      expect([what, codeFor({ ...good, headers: list }, at)]).toEqual([what, 'INCLUSION_HEADER']);
    // Whole ways to other blocks: the receipt is not there.
    expect(codeFor({ ...good, headers: [hex(5), hex(4)] }, at)).toBe('TRIE_NODE_HASH');
    expect(codeFor({ ...good, headers: [hex(5), hex(4), hex(3), hex(2)] }, at)).toBe('TRIE_NODE_HASH');
  });

  it('rejects: another final block, a fork of it, a statement that its header does not say', () => {
    const good = proof(7, 5, 4, 3);
    expect(codeFor(good, final(4))).toBe('INCLUSION_HEADER');
    const fork = network.block(5, 'equivocation').block;
    expect(codeFor(good, { ...final(5), blockHash: bytesToInteger(fork.hash) })).toBe('INCLUSION_HEADER');
    expect(codeFor(good, { ...final(5), height: 6n })).toBe('INCLUSION_STATEMENT');
    expect(codeFor(good, { ...final(5), time: final(4).time })).toBe('INCLUSION_STATEMENT');
    expect(codeFor(good, { ...final(5), stateRoot: 0n })).toBe('INCLUSION_STATEMENT');
  });

  it('rejects: a block hash that is not of a header', () => {
    const hashOf = (bytes: Uint8Array): FinalBlock => ({
      ...final(3),
      blockHash: bytesToInteger(keccak_256(bytes)),
    });
    const of = (bytes: Uint8Array): string =>
      codeFor({ ...proof(0, 3), headers: [`0x${bytesToHex(bytes)}`] }, hashOf(bytes));
    expect(of(encodeRlp(new Uint8Array(40)))).toBe('HEADER_NOT_A_LIST');
    expect(of(encodeRlp(blocks[3]!.fields.slice(0, 14)))).toBe('HEADER_FIELD_COUNT');
    expect(of(encodeRlp(blocks[3]!.fields.with(5, new Uint8Array(31))))).toBe('HEADER_FIELD_SIZE');
    expect(of(encodeRlp([...blocks[3]!.fields, []]))).toBe('HEADER_FIELD_KIND');
    expect(of(Uint8Array.of(...header(3), 0))).toBe('RLP_TRAILING_BYTES');
    expect(of(encodeRlp(blocks[3]!.fields.with(8, Uint8Array.of(4))))).toBe('INCLUSION_STATEMENT');
  });

  it('rejects: the place of another receipt, and places that are not there', () => {
    const good = proof(7, 3);
    for (const index of ['0', '6', '8', '128', '199'])
      expect(codeFor({ ...good, transactionIndex: index }, final(3))).toMatch(
        /^TRIE_(NODE_HASH|NODE_MISSING|KEY_ABSENT|NODES_UNUSED)$/,
      );
    for (const index of ['200', '4294967295'])
      expect(codeFor({ ...good, transactionIndex: index }, final(3))).toMatch(/^TRIE_/);
  });

  it('rejects: nodes that are cut, altered, missing or further', () => {
    const good = proof(7, 3);
    const code = (nodes: readonly string[]): string => codeFor({ ...good, nodes }, final(3));
    expect(code(good.nodes.slice(0, -1))).toBe('TRIE_NODE_MISSING');
    expect(code(good.nodes.slice(1))).toBe('TRIE_NODE_HASH');
    expect(code([...good.nodes, good.nodes[0]!])).toBe('TRIE_NODES_UNUSED');
    expect(code(good.nodes.with(-1, good.nodes.at(-1)!.slice(0, -2)))).toBe('TRIE_NODE_HASH');
    expect(code(proof(8, 3).nodes)).toMatch(/^TRIE_/);
    expect(code(proof(0, 2).nodes)).toBe('TRIE_NODE_HASH');
  });

  it.each<[string, unknown]>([
    ['FIELD_TYPE', undefined],
    ['FIELD_TYPE', 'text'],
    ['FIELD_MISSING', {}],
    ['FIELD_UNKNOWN', { ...proof(0, 3), note: '' }],
    ['FORMAT_UNKNOWN', { ...proof(0, 3), format: 'zkfinality-receipt/2' }],
    ['FIELD_TYPE', { ...proof(0, 3), headers: proof(0, 3).headers[0] }],
    ['ARRAY_LENGTH', { ...proof(0, 3), headers: [] }],
    ['ARRAY_LENGTH', { ...proof(0, 3), headers: Array.from({ length: 1025 }, () => '0x00') }],
    ['ARRAY_LENGTH', { ...proof(0, 3), nodes: [] }],
    ['ARRAY_LENGTH', { ...proof(0, 3), nodes: Array.from({ length: 21 }, () => '0x00') }],
    ['FIELD_TYPE', { ...proof(0, 3), nodes: [1] }],
    ['NUMBER_FORMAT', { ...proof(0, 3), nodes: ['0x'] }],
    ['NUMBER_FORMAT', { ...proof(0, 3), nodes: ['0x0'] }],
    ['NUMBER_FORMAT', { ...proof(0, 3), nodes: ['0xAB'] }],
    ['NUMBER_FORMAT', { ...proof(0, 3), nodes: ['ab'] }],
    ['NUMBER_FORMAT', { ...proof(0, 3), headers: [`0x${'00'.repeat((1 << 18) + 1)}`] }],
    ['FIELD_TYPE', { ...proof(0, 3), transactionIndex: 0 }],
    ['NUMBER_FORMAT', { ...proof(0, 3), transactionIndex: '00' }],
    ['NUMBER_FORMAT', { ...proof(0, 3), transactionIndex: '-1' }],
    ['NUMBER_RANGE', { ...proof(0, 3), transactionIndex: '4294967296' }],
  ])('rejects: a document that gives %s (%#)', (code, document) => {
    expect(codeFor(document, final(3))).toBe(code);
  });
});

describe('proveReceipt', () => {
  it('error: receipts of another block, incomplete ones, places beyond the last', () => {
    const code = (...parameters: Parameters<typeof proveReceipt>): string | undefined =>
      codeOf(() => proveReceipt(...parameters));
    expect(code(headers(3), receipts[3], 199)).toBeUndefined();
    expect(code(headers(3), receipts[3], 200)).toBe('RECEIPTS_ROOT');
    expect(code(headers(3), receipts[3], 0.5)).toBe('RECEIPTS_ROOT');
    expect(code(headers(3), receipts[2], 0)).toBe('RECEIPTS_ROOT');
    expect(code(headers(3), receipts[3].slice(0, -1), 0)).toBe('RECEIPTS_ROOT');
    expect(code([], receipts[3], 0)).toBe('RLP_TRUNCATED');
  });

  it('default: the document reads back', () => {
    const made = proveReceipt(headers(4, 3), receipts[3], 5);
    expect(parseReceiptProof(JSON.parse(JSON.stringify(formatReceiptProof(made))))).toEqual(made);
  });
});
