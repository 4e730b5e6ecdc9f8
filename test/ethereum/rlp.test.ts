import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import {
  decodeRlp,
  encodeRlp,
  RLP_ERROR_CODES,
  type RlpItem,
  type RlpValue,
  scalarToBytes,
  splitRlpList,
} from '../../src/ethereum/rlp.js';
import { codeOf } from '../support/istanbul.js';
import { runs, seededBytes } from '../support/runs.js';

const decode = (hex: string, limits = {}) => decodeRlp(hexToBytes(hex), limits);
const toValue = (item: RlpItem): RlpValue => (item.kind === 'string' ? item.bytes : item.items.map(toValue));

describe('decodeRlp', () => {
  it('default: published examples of the yellow paper', () => {
    const utf8 = (text: string) => new TextEncoder().encode(text);
    expect(bytesToHex(encodeRlp(utf8('dog')))).toBe('83646f67');
    expect(bytesToHex(encodeRlp([utf8('cat'), utf8('dog')]))).toBe('c88363617483646f67');
    expect(bytesToHex(encodeRlp(utf8('')))).toBe('80');
    expect(bytesToHex(encodeRlp([]))).toBe('c0');
    expect(bytesToHex(encodeRlp(Uint8Array.of(0)))).toBe('00');
    expect(bytesToHex(encodeRlp(Uint8Array.of(15)))).toBe('0f');
    expect(bytesToHex(encodeRlp(scalarToBytes(1024n)))).toBe('820400');
    expect(bytesToHex(encodeRlp([[], [[]], [[], [[]]]]))).toBe('c7c0c1c0c3c0c1c0');
    expect(bytesToHex(encodeRlp(utf8('Lorem ipsum dolor sit amet, consectetur adipisicing elit')))).toMatch(
      /^b8384c6f/,
    );
  });

  it('behavior: keeps the offsets of nested items', () => {
    const root = decode('c88363617483646f67');
    expect(root).toMatchObject({ kind: 'list', start: 0, payloadStart: 1, end: 9 });
    if (root.kind !== 'list') throw new Error('list expected');
    expect(root.items.map(({ start, payloadStart, end }) => [start, payloadStart, end])).toEqual([
      [1, 2, 5],
      [5, 6, 9],
    ]);
  });

  it('behavior: payloads around the prefix limits survive a round trip', () => {
    for (const size of [0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 65_535, 65_536]) {
      const bytes = new Uint8Array(size).fill(0x81);
      expect(decodeRlp(encodeRlp(bytes))).toMatchObject({ kind: 'string', end: encodeRlp(bytes).length });
      expect(toValue(decodeRlp(encodeRlp([bytes, [bytes]])))).toEqual([bytes, [bytes]]);
    }
  });

  it.each<[string, string | undefined, string]>([
    ['', 'RLP_TRUNCATED', 'nothing at all'],
    ['81', 'RLP_TRUNCATED', 'a string without its byte'],
    ['b8', 'RLP_TRUNCATED', 'a length without its byte'],
    ['b838', 'RLP_TRUNCATED', 'a long string without payload'],
    ['c2', 'RLP_TRUNCATED', 'a list without payload'],
    ['c281', 'RLP_TRUNCATED', 'a list cut in the middle'],
    ['f9ffff', 'RLP_TRUNCATED', 'a long list without payload'],
    ['bfffffffffffffffff', 'RLP_TRUNCATED', 'a length of 2^64 − 1'],
    ['8100', 'RLP_NON_CANONICAL', 'a zero byte with a prefix'],
    ['817f', 'RLP_NON_CANONICAL', 'a small byte with a prefix'],
    [`b837${'00'.repeat(55)}`, 'RLP_NON_CANONICAL', 'a short string with a long prefix'],
    [`b90038${'00'.repeat(56)}`, 'RLP_NON_CANONICAL', 'a length with a leading zero'],
    [`f837${'01'.repeat(55)}`, 'RLP_NON_CANONICAL', 'a short list with a long prefix'],
    [`f90038${'01'.repeat(56)}`, 'RLP_NON_CANONICAL', 'a list length with a leading zero'],
    ['c0c0', 'RLP_TRAILING_BYTES', 'a second item'],
    ['8000', 'RLP_TRAILING_BYTES', 'a byte after the empty string'],
    ['c3c30101', 'RLP_TRUNCATED', 'an inner list longer than the outer one, at the end of the input'],
    ['c4c3010101', undefined, 'nested lists that fit'],
    ['c5c383010101', 'RLP_ITEM_OVERRUN', 'a string that overruns its inner list'],
  ])('error: 0x%s gives %s: %s', (hex, code) => {
    expect(codeOf(() => decode(hex))).toBe(code);
  });

  it('error: limits of size, depth and number give RLP_OVERSIZED', () => {
    expect(codeOf(() => decode('c3010203', { maxBytes: 3 }))).toBe('RLP_OVERSIZED');
    expect(codeOf(() => decode('c3010203', { maxItems: 3 }))).toBe('RLP_OVERSIZED');
    expect(codeOf(() => decode('c3010203', { maxItems: 4 }))).toBeUndefined();
    expect(codeOf(() => decode('c2c1c0', { maxDepth: 2 }))).toBe('RLP_OVERSIZED');
    expect(codeOf(() => decode('c2c1c0', { maxDepth: 3 }))).toBeUndefined();
    let deep: RlpValue = [];
    for (let i = 0; i < 2000; i++) deep = [deep];
    expect(codeOf(() => decodeRlp(encodeRlp(deep)))).toBe('RLP_OVERSIZED');
  });

  it('behavior: whatever decodes encodes to the same bytes, whatever does not has a listed code', () => {
    const random = seededBytes(2);
    const seen = new Set<string | undefined>();
    for (let run = 0; run < runs(2000, 20_000); run++) {
      // Small prefixes make random lists likely to be well formed.
      const bytes = random(1 + (random(1)[0]! % 12)).map((byte) =>
        byte % 3 === 0 ? 0xc0 + (byte % 9) : byte,
      );
      let item: RlpItem | undefined;
      const code = codeOf(() => {
        item = decodeRlp(bytes);
      });
      seen.add(code);
      if (code === undefined) expect(encodeRlp(toValue(item!))).toEqual(bytes);
      else expect(RLP_ERROR_CODES).toContain(code);
    }
    expect([...seen]).toEqual(expect.arrayContaining([undefined, 'RLP_TRUNCATED', 'RLP_NON_CANONICAL']));
  });
});

describe('splitRlpList', () => {
  it('default: splits without looking into the items', () => {
    const parts = splitRlpList(hexToBytes('c5c281008180'));
    expect(parts.map(({ kind, encoded }) => [kind, bytesToHex(encoded)])).toEqual([
      ['list', 'c28100'],
      ['string', '8180'],
    ]);
  });

  it('error: refuses strings, trailing bytes and too many items', () => {
    expect(codeOf(() => splitRlpList(hexToBytes('83646f67')))).toBe('RLP_NOT_A_LIST');
    expect(codeOf(() => splitRlpList(hexToBytes('c0c0')))).toBe('RLP_TRAILING_BYTES');
    expect(codeOf(() => splitRlpList(hexToBytes('c3010203'), { maxItems: 2 }))).toBe('RLP_OVERSIZED');
    expect(codeOf(() => splitRlpList(hexToBytes('c3010203'), { maxBytes: 2 }))).toBe('RLP_OVERSIZED');
  });
});

describe('scalarToBytes', () => {
  it('default: no leading zeros, zero is empty', () => {
    expect([0n, 1n, 255n, 256n, (1n << 64n) - 1n].map((n) => bytesToHex(scalarToBytes(n)))).toEqual([
      '',
      '01',
      'ff',
      '0100',
      'ffffffffffffffff',
    ]);
  });

  it('error: a negative number is a mistake of the caller', () => {
    expect(() => scalarToBytes(-1n)).toThrow(RangeError);
  });
});
