/**
 * Damaged receipt proofs, headers, nodes and receipts end in a listed code: no other exception, no acceptance of anything but what was there. Hashes are made
 * again after the damage, so that it is read and not only compared.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../src/devnet/index.js';
import { fieldIndex } from '../../src/ethereum/header.js';
import {
  formatReceiptProof,
  proveReceipt,
  type ReceiptProofJson,
  receiptsTrie,
  verifyReceipt,
} from '../../src/ethereum/inclusion.js';
import { encodeReceipt, parseReceipt, type Receipt } from '../../src/ethereum/receipt.js';
import { encodeRlp } from '../../src/ethereum/rlp.js';
import { verifyTrieProof } from '../../src/ethereum/trie.js';
import { bytesToInteger } from '../../src/statement/hash.js';
import { countMalformed } from '../security/malformed.js';
import { codeOf } from '../support/istanbul.js';
import { runs, seededBytes } from '../support/runs.js';
import { mutate } from '../verify/mutate.js';

const JSON_CODES =
  /^(?:FORMAT_UNKNOWN|FIELD_(?:MISSING|UNKNOWN|TYPE)|ARRAY_LENGTH|NUMBER_(?:FORMAT|RANGE)|INCLUSION_HEADER|TRIE_[A-Z_]+)$/;
const RLP = 'RLP_(?:TRUNCATED|NON_CANONICAL|TRAILING_BYTES|OVERSIZED|ITEM_OVERRUN)';
/** A header of no bytes is none in the document's form either. */
const HEADER_CODES = new RegExp(
  `^(?:${RLP}|HEADER_(?:NOT_A_LIST|FIELD_COUNT|FIELD_KIND|FIELD_SIZE)|INCLUSION_STATEMENT|TRIE_NODE_HASH|NUMBER_FORMAT)$`,
);
const TRIE_CODES = new RegExp(
  `^(?:${RLP}|TRIE_(?:KEY_ABSENT|NODE_MISSING|NODE_HASH|NODE_SHAPE|NODES_UNUSED))$`,
);
const RECEIPT_CODES = new RegExp(`^(?:${RLP}|RECEIPT_(?:TYPE|SHAPE))$`);

const receipts: readonly Receipt[] = Array.from({ length: 40 }, (_, i) => ({
  type: i % 3,
  succeeded: true,
  cumulativeGasUsed: BigInt(i + 1),
  logs: [{ address: BigInt(i), topics: [1n, BigInt(i)], data: new Uint8Array(i) }],
}));
const { block } = createIstanbulDevnet({
  ...{ variant: 'qbft', seed: 'malformed', validators: 4, chainId: 1n, receipts: { 1: receipts } },
}).block(1);
const final = {
  height: block.number,
  time: block.time,
  blockHash: bytesToInteger(block.hash),
  stateRoot: bytesToInteger(block.stateRoot),
};
const good = formatReceiptProof(proveReceipt([block.hashPreimage], receipts, 7));
const trie = receiptsTrie(receipts);

/** Bytes with one to four places changed, put in, taken out, or the rest cut off. */
function damage(bytes: Uint8Array, random: (count: number) => Uint8Array): Uint8Array {
  const out = [...bytes];
  const pick = (bound: number): number => (random(1)[0]! * 256 + random(1)[0]!) % bound;
  for (let left = 1 + pick(4); left > 0; left--) {
    // Prefixes of items are at the beginning more often than elsewhere.
    const at = pick(pick(2) === 0 ? Math.min(40, out.length + 1) : out.length + 1);
    const kind = pick(8);
    if (kind === 0) out.splice(at, 1);
    else if (kind === 1) out.splice(at, 0, pick(256));
    else if (kind === 2 && pick(4) === 0) out.splice(at);
    else out[Math.min(at, out.length)] = pick(3) === 0 ? 0xc0 + pick(64) : pick(256);
  }
  return Uint8Array.from(out);
}

describe('malformed', () => {
  it('error: documents', () => {
    const random = seededBytes(31);
    const counter = countMalformed('receipt proof', '31');
    for (let run = 0; run < runs(300, 2_000); run++) {
      const document = mutate(good, random);
      const done = counter.start();
      const result = verifyReceipt(document, final);
      done(!result.ok);
      if (!result.ok) expect(result.code).toMatch(JSON_CODES);
      else expect(document).toEqual(good);
    }
    counter.record();
  });

  it('error: headers', () => {
    const random = seededBytes(32);
    const counter = countMalformed('block header', '32');
    for (let run = 0; run < runs(300, 2_000); run++) {
      const header = damage(block.hashPreimage, random);
      const document: ReceiptProofJson = { ...good, headers: [`0x${bytesToHex(header)}`] };
      const done = counter.start();
      const result = verifyReceipt(document, { ...final, blockHash: bytesToInteger(keccak_256(header)) });
      done(!result.ok);
      // Most fields are free: with another proposer the receipt is the same.
      if (result.ok) expect(result.receipt).toEqual(receipts[7]);
      else expect(result.code).toMatch(HEADER_CODES);
    }
    counter.record();
  });

  it('error: nodes', () => {
    const random = seededBytes(33);
    const counter = countMalformed('trie node', '33');
    for (let run = 0; run < runs(600, 5_000); run++) {
      const index = random(1)[0]! % receipts.length;
      const key = encodeRlp(index === 0 ? new Uint8Array(0) : Uint8Array.of(index));
      const nodes = trie.prove(key);
      const last = random(1)[0]! % nodes.length;
      // A trie that begins at some node of the path: the rest of the key leads on from there.
      const start = damage(nodes[last]!, random);
      const done = counter.start();
      const result = verifyTrieProof({
        root: keccak_256(start),
        key,
        nodes: [start, ...nodes.slice(last + 1)],
      });
      done(!result.ok);
      if (!result.ok) expect(result.code).toMatch(TRIE_CODES);
      else expect(result.value.length).toBeGreaterThan(0);
    }
    counter.record();
  });

  it('error: receipts', () => {
    const random = seededBytes(34);
    const counter = countMalformed('receipt', '34');
    for (let run = 0; run < runs(600, 5_000); run++) {
      const bytes = damage(encodeReceipt(receipts[random(1)[0]! % receipts.length]!), random);
      const done = counter.start();
      const code = codeOf(() => expect(encodeReceipt(parseReceipt(bytes))).toEqual(bytes));
      done(code !== undefined);
      if (code !== undefined) expect(code).toMatch(RECEIPT_CODES);
    }
    counter.record();
  });

  it('default: undamaged, it is accepted', () => {
    expect(verifyReceipt(good, final)).toMatchObject({ ok: true, receipt: receipts[7]! });
    expect(block.fields[fieldIndex('receiptsRoot')]).toEqual(trie.root);
  });
});
