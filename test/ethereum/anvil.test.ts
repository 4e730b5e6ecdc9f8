/** Headers, receipts and tries of another implementation: a block that anvil made, with 140 transactions, and its state. */

import { readFileSync } from 'node:fs';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Address, Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORK_FIELDS, HEADER_FIELDS } from '../../src/ethereum/header.js';
import {
  formatReceiptProof,
  proveReceipt,
  receiptsTrie,
  verifyReceipt,
} from '../../src/ethereum/inclusion.js';
import type { Log, Receipt } from '../../src/ethereum/receipt.js';
import { encodeRlp, scalarToBytes } from '../../src/ethereum/rlp.js';
import { verifyTrieProof } from '../../src/ethereum/trie.js';
import { compile, findAnvil, type Node, startAnvil } from '../onchain/anvil.js';

const anvil = findAnvil();
const TRANSACTIONS = 140;

/** The first of them brings no money and fails. */
const FAILS = 0;

type RpcBlock = { readonly [field: string]: string };
type RpcReceipt = {
  readonly type: Hex;
  readonly status: Hex;
  readonly cumulativeGasUsed: Hex;
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[];
};
const bytes = (hex: string): Uint8Array => hexToBytes(hex.slice(2));

/** A header out of what a node tells of a block. */
function headerOf(block: RpcBlock): Uint8Array {
  const fields = [...HEADER_FIELDS, ...FORK_FIELDS].filter(({ name }) => block[name] !== undefined);
  return encodeRlp(
    fields.map(({ name, shape }) =>
      shape.kind === 'scalar' ? scalarToBytes(BigInt(block[name]!)) : bytes(block[name]!),
    ),
  );
}

describe.runIf(anvil !== undefined)('a block of anvil', () => {
  let node: Node;
  let bridge: Address;
  let block: RpcBlock;
  let receipts: readonly Receipt[];
  const request = <Result>(method: string, params: readonly unknown[]): Promise<Result> =>
    (node.publicClient.request as (call: object) => Promise<Result>)({ method, params });

  beforeAll(async () => {
    node = await startAnvil(anvil!);
    const source = readFileSync('examples/withdrawals/Bridge.sol', 'utf8');
    bridge = await node.deploy(compile(source, 'Bridge'));
    const [from] = await request<[Hex]>('eth_accounts', []);
    await request('evm_setAutomine', [false]);
    const selector = bytesToHex(keccak_256(new TextEncoder().encode('withdraw(address)'))).slice(0, 8);
    for (let i = 0; i < TRANSACTIONS; i++)
      await request('eth_sendTransaction', [
        {
          ...{ from, to: bridge, gas: '0x186a0' },
          // Type 0 and 2 in turn.
          ...(i % 2 === 0
            ? { gasPrice: '0x77359400' }
            : { maxFeePerGas: '0x77359400', maxPriorityFeePerGas: '0x0' }),
          value: `0x${i.toString(16)}`,
          data: `0x${selector}${'ab'.repeat(20).padStart(64, '0')}`,
        },
      ]);
    await request('evm_mine', []);
    block = await request('eth_getBlockByNumber', ['latest', false]);
    const raw = await request<readonly RpcReceipt[]>('eth_getBlockReceipts', [block.number]);
    receipts = raw.map(({ type, status, cumulativeGasUsed, logs }) => ({
      type: Number(type),
      succeeded: BigInt(status) === 1n,
      cumulativeGasUsed: BigInt(cumulativeGasUsed),
      logs: logs.map(({ address, topics, data }) => ({
        address: BigInt(address),
        topics: topics.map(BigInt),
        data: bytes(data),
      })),
    }));
  }, 60_000);
  afterAll(async () => {
    await node?.close();
  });

  it('default: header, filter and receipts root are those that the node computed', () => {
    expect(receipts).toHaveLength(TRANSACTIONS);
    expect(new Set(receipts.map(({ type }) => type))).toEqual(new Set([0, 2]));
    expect(receipts.map(({ succeeded }) => succeeded).lastIndexOf(false)).toBe(FAILS);
    expect(bytesToHex(keccak_256(headerOf(block)))).toBe(block.hash!.slice(2));
    expect(bytesToHex(receiptsTrie(receipts).root)).toBe(block.receiptsRoot!.slice(2));
  });

  it('accepts: each event, and rejects it at the place of the next', () => {
    const final = {
      height: BigInt(block.number!),
      time: BigInt(block.timestamp!),
      blockHash: BigInt(block.hash!),
      stateRoot: BigInt(block.stateRoot!),
    };
    for (let i = 0; i < TRANSACTIONS; i += 9) {
      const proof = formatReceiptProof(proveReceipt([headerOf(block)], receipts, i));
      const result = verifyReceipt(proof, final);
      expect(result).toMatchObject({ ok: true, receipt: { logs: receipts[i]!.logs } });
      const moved = verifyReceipt({ ...proof, transactionIndex: String((i + 1) % TRANSACTIONS) }, final);
      expect(moved).toMatchObject({ ok: false, code: expect.stringMatching(/^TRIE_/) });
      expect(verifyReceipt(proof, { ...final, blockHash: final.blockHash ^ 1n })).toMatchObject({
        ok: false,
        code: 'INCLUSION_HEADER',
      });
    }
  });

  it('default: the events are those that the withdrawal service reads', async () => {
    const { readWithdrawal } = (await import(
      new URL('../../build/examples/withdrawals/bridge-event.js', import.meta.url).href
    )) as { readonly readWithdrawal: (log: Log) => unknown };
    for (const [i, { succeeded, logs }] of receipts.entries()) {
      expect(logs).toHaveLength(succeeded ? 1 : 0);
      if (succeeded)
        expect(readWithdrawal(logs[0]!)).toEqual({
          id: BigInt(i),
          recipient: BigInt(`0x${'ab'.repeat(20)}`),
          amount: BigInt(i),
        });
    }
  });

  it("accepts: the node's own proofs of an account and of a slot; rejects those of absent ones", async () => {
    type RpcProof = {
      readonly accountProof: readonly Hex[];
      readonly storageHash: Hex;
      readonly storageProof: readonly { readonly value: Hex; readonly proof: readonly Hex[] }[];
      readonly nonce: Hex;
      readonly balance: Hex;
      readonly codeHash: Hex;
    };
    const slots = [`0x${'0'.repeat(64)}`, `0x${'1'.padStart(64, '0')}`] as const;
    const proof = await request<RpcProof>('eth_getProof', [bridge, slots, block.number]);
    const root = bytes(block.stateRoot!);
    const account = verifyTrieProof({
      root,
      key: keccak_256(bytes(bridge)),
      nodes: proof.accountProof.map(bytes),
    });
    const expected = encodeRlp([
      scalarToBytes(BigInt(proof.nonce)),
      scalarToBytes(BigInt(proof.balance)),
      bytes(proof.storageHash),
      bytes(proof.codeHash),
    ]);
    expect(account).toEqual({ ok: true, value: expected });
    const slot = (index: number) =>
      verifyTrieProof({
        root: bytes(proof.storageHash),
        key: keccak_256(bytes(slots[index]!)),
        nodes: proof.storageProof[index]!.proof.map(bytes),
      });
    // The next id: 1 and one more for each transaction that did not fail.
    expect(slot(0)).toEqual({ ok: true, value: encodeRlp(scalarToBytes(BigInt(TRANSACTIONS))) });
    expect(slot(1)).toMatchObject({ ok: false, code: 'TRIE_KEY_ABSENT' });
    const stranger = `0x${'5a'.repeat(20)}`;
    const absent = await request<RpcProof>('eth_getProof', [stranger, [], block.number]);
    expect(
      verifyTrieProof({ root, key: keccak_256(bytes(stranger)), nodes: absent.accountProof.map(bytes) }),
    ).toMatchObject({ ok: false, code: 'TRIE_KEY_ABSENT' });
  });
});
