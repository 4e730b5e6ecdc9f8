import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { bloomOf, encodeReceipt, parseReceipt, type Receipt } from '../../src/ethereum/receipt.js';
import { decodeRlp, encodeRlp, type RlpItem, type RlpValue } from '../../src/ethereum/rlp.js';
import { codeOf } from '../support/istanbul.js';
import { seededBytes, seededInteger } from '../support/runs.js';

const log = { address: (1n << 160n) - 1n, topics: [0n, 1n, (1n << 256n) - 1n], data: hexToBytes('00ff') };
const receipt: Receipt = { type: 2, succeeded: true, cumulativeGasUsed: 21_000n, logs: [log, log] };
const toValue = (item: RlpItem): RlpValue => (item.kind === 'string' ? item.bytes : item.items.map(toValue));
const payload = (change: (fields: RlpValue[]) => RlpValue, of = receipt): Uint8Array =>
  encodeRlp(change(toValue(decodeRlp(encodeReceipt({ ...of, type: 0 }))) as RlpValue[]));

describe('encodeReceipt and parseReceipt', () => {
  it('default: what was written reads back, of every type', () => {
    const random = seededBytes(21);
    for (const type of [0, 1, 2, 3, 4])
      for (const succeeded of [true, false])
        for (let logs = 0; logs < 6; logs++) {
          const made: Receipt = {
            type,
            succeeded,
            cumulativeGasUsed: seededInteger(random, 1n << 64n),
            logs: Array.from({ length: logs }, (_, i) => ({
              address: seededInteger(random, 1n << 160n),
              topics: Array.from({ length: i % 5 }, () => seededInteger(random, 1n << 256n)),
              data: random(i * 33),
            })),
          };
          expect(parseReceipt(encodeReceipt(made))).toEqual(made);
        }
  });

  it('default: the filter of no logs is empty, of each entry at most three bits', () => {
    const bits = (bytes: Uint8Array): number =>
      [...bytes].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(bits(bloomOf([]))).toBe(0);
    expect(bits(bloomOf([{ ...log, topics: [] }]))).toBeLessThanOrEqual(3);
    expect(bits(bloomOf([log]))).toBeGreaterThan(3);
  });

  it.each<[string, string, Uint8Array]>([
    ['nothing', 'RECEIPT_TYPE', new Uint8Array(0)],
    ['type 0 as a byte', 'RECEIPT_TYPE', Uint8Array.of(0, ...payload((all) => all))],
    ['type 5', 'RECEIPT_TYPE', Uint8Array.of(5, ...payload((all) => all))],
    ['type 127', 'RECEIPT_TYPE', Uint8Array.of(127, ...payload((all) => all))],
    ['a type without payload', 'RLP_TRUNCATED', Uint8Array.of(2)],
    ['a string', 'RECEIPT_SHAPE', encodeRlp(encodeReceipt(receipt))],
    ['three fields', 'RECEIPT_SHAPE', payload((all) => all.slice(0, 3))],
    ['five fields', 'RECEIPT_SHAPE', payload((all) => [...all, new Uint8Array(0)])],
    [
      'a state root in place of the status',
      'RECEIPT_SHAPE',
      payload((all) => all.with(0, new Uint8Array(32))),
    ],
    ['status 2', 'RECEIPT_SHAPE', payload((all) => all.with(0, Uint8Array.of(2)))],
    ['status 0 as a byte', 'RECEIPT_SHAPE', payload((all) => all.with(0, Uint8Array.of(0)))],
    ['gas with a leading zero', 'RECEIPT_SHAPE', payload((all) => all.with(1, hexToBytes('005208')))],
    ['gas of nine bytes', 'RECEIPT_SHAPE', payload((all) => all.with(1, new Uint8Array(9).fill(1)))],
    ['a filter of another log', 'RECEIPT_SHAPE', payload((all) => all.with(2, bloomOf([])))],
    ['a short filter', 'RECEIPT_SHAPE', payload((all) => all.with(2, new Uint8Array(255)))],
    ['a list as filter', 'RECEIPT_SHAPE', payload((all) => all.with(2, []))],
    ['logs that are no list', 'RECEIPT_SHAPE', payload((all) => all.with(3, new Uint8Array(0)))],
    ['a log of two items', 'RECEIPT_SHAPE', payload((all) => all.with(3, [[new Uint8Array(20), []]]))],
    [
      'a short address',
      'RECEIPT_SHAPE',
      payload((all) => all.with(3, [[new Uint8Array(19), [], new Uint8Array(0)]])),
    ],
    [
      'a long address',
      'RECEIPT_SHAPE',
      payload((all) => all.with(3, [[new Uint8Array(21), [], new Uint8Array(0)]])),
    ],
    [
      'a short topic',
      'RECEIPT_SHAPE',
      payload((all) => all.with(3, [[new Uint8Array(20), [new Uint8Array(31)], new Uint8Array(0)]])),
    ],
    [
      'topics that are a string',
      'RECEIPT_SHAPE',
      payload((all) => all.with(3, [[new Uint8Array(20), new Uint8Array(32), new Uint8Array(0)]])),
    ],
    ['data that is a list', 'RECEIPT_SHAPE', payload((all) => all.with(3, [[new Uint8Array(20), [], []]]))],
    ['bytes behind it', 'RLP_TRAILING_BYTES', Uint8Array.of(...encodeReceipt(receipt), 0)],
  ])('error: %s gives %s', (_, code, bytes) => {
    expect(codeOf(() => parseReceipt(bytes))).toBe(code);
  });

  it('error: five topics', () => {
    const five = { ...receipt, logs: [{ ...log, topics: [1n, 2n, 3n, 4n, 5n] }] };
    expect(codeOf(() => parseReceipt(encodeReceipt(five)))).toBe('RECEIPT_SHAPE');
    const four = { ...receipt, logs: [{ ...log, topics: [1n, 2n, 3n, 4n] }] };
    expect(codeOf(() => parseReceipt(encodeReceipt(four)))).toBeUndefined();
  });

  it('error: a flipped bit never reads as the same receipt', () => {
    const bytes = encodeReceipt(receipt);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const altered = bytes.slice();
      altered[bit >> 3]! ^= 1 << (bit & 7);
      const code = codeOf(() => expect(encodeReceipt(parseReceipt(altered))).toEqual(altered));
      if (code !== undefined) expect(code).toMatch(/^(RLP|RECEIPT)_/);
    }
    expect(bytesToHex(bytes.subarray(0, 1))).toBe('02');
  });
});
