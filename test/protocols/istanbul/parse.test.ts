import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { FORK_FIELDS, HEADER_FIELDS } from '../../../src/ethereum/header.js';
import { decodeRlp, encodeRlp, type RlpItem, type RlpValue } from '../../../src/ethereum/rlp.js';
import { ISTANBUL_VARIANTS, type IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import { formatJsonBlock, parseJsonBlock } from '../../../src/protocols/istanbul/json-block.js';
import { parse } from '../../../src/protocols/istanbul/parse.js';
import { countMalformed } from '../../security/malformed.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';
import { codeOf } from '../../support/istanbul.js';
import { runs, seededBytes } from '../../support/runs.js';

const blockOf = (variant: IstanbulVariant, forkFields = 0) =>
  createIstanbulDevnet({ variant, seed: 'parse tests', validators: 4, chainId: 1337n, forkFields }).block(2)
    .block;
const block = blockOf('qbft', 6);
const json = (): { [name: string]: unknown } =>
  structuredClone(formatJsonBlock(block)) as { [name: string]: unknown };
const header = bytesToHex(block.rlp);

describe('parse', () => {
  it('default: RLP as bytes, hex and text file; a whole block; JSON as object, text and file', () => {
    const whole = encodeRlp([[...block.fields], [], []]);
    const withWithdrawals = encodeRlp([[...block.fields], [new Uint8Array(300)], [], []]);
    const text = JSON.stringify(json());
    const forms = [
      block.rlp,
      whole,
      withWithdrawals,
      header,
      `0x${header}`,
      `0X${header.toUpperCase()}\n`,
      ` ${bytesToHex(whole)}\r\n`,
      `"0x${header}"`,
      utf8ToBytes(`0x${header}`),
      utf8ToBytes(`\uFEFF${header}`),
      json(),
      text,
      `\n${text}`,
      utf8ToBytes(`\uFEFF${text}`),
      { jsonrpc: '2.0', id: 1, result: json() },
      JSON.stringify({ jsonrpc: '2.0', id: 1, result: json(), error: null }),
    ];
    for (const form of forms) expect(parse(form)).toEqual(block);
  });

  it('behavior: a variant given is the one that is read', () => {
    for (const variant of ISTANBUL_VARIANTS) {
      expect(parse(blockOf(variant).rlp, { variant }).variant).toBe(variant);
      const other = variant === 'qbft' ? 'ibft2' : 'qbft';
      expect(codeOf(() => parse(blockOf(variant).rlp, { variant: other }))).toMatch(
        /^(EXTRA_DATA_SHAPE|RLP_)/,
      );
    }
  });

  it.each<[string, unknown, string]>([
    ['nothing', '', 'INPUT_EMPTY'],
    ['white space', ' \n', 'INPUT_EMPTY'],
    ['no bytes', new Uint8Array(0), 'INPUT_EMPTY'],
    ['an odd digit', `0x${header.slice(1)}`, 'HEX_INVALID'],
    ['a prefix alone', '0x', 'HEX_INVALID'],
    ['two lines', `${header}\n${header}`, 'HEX_INVALID'],
    ['a word', 'latest', 'HEX_INVALID'],
    ['a word in JSON', '"latest"', 'HEX_INVALID'],
    ['JSON cut off', JSON.stringify(formatJsonBlock(block)).slice(0, -9), 'JSON_SYNTAX'],
    ['a JSON list', '[]', 'INPUT_SHAPE'],
    ['a number', 7528, 'INPUT_SHAPE'],
    ['null', null, 'INPUT_SHAPE'],
    ['undefined', undefined, 'INPUT_SHAPE'],
    ['a list of blocks', [{}], 'INPUT_SHAPE'],
    ['a header cut off', header.slice(0, -2), 'RLP_TRUNCATED'],
    ['a header with a byte more', `${header}00`, 'RLP_TRAILING_BYTES'],
    ['a string', '83646f67', 'RLP_NOT_A_LIST'],
    ['a list of a list alone', bytesToHex(encodeRlp([[...block.fields]])), 'BLOCK_SHAPE'],
    ['an empty list', 'c0', 'HEADER_FIELD_COUNT'],
    ['an oversized input', new Uint8Array((1 << 25) + 1), 'INPUT_OVERSIZED'],
  ])('error: %s', (_, input, code) => {
    expect(codeOf(() => parse(input))).toBe(code);
  });

  it('error: bytes anywhere beyond ASCII are no hex', () => {
    expect(codeOf(() => parse(Uint8Array.of(0x80, 0x81)))).toBe('HEX_INVALID');
    expect(codeOf(() => parse(Uint8Array.of(0xef, 0xbb)))).toBe('HEX_INVALID');
  });
});

describe('parseJsonBlock', () => {
  it('default: every number of fork fields reproduces the hash; null stands for absent', () => {
    for (const variant of ISTANBUL_VARIANTS)
      for (let forkFields = 0; forkFields <= FORK_FIELDS.length; forkFields++) {
        const expected = blockOf(variant, forkFields);
        const object: { [name: string]: unknown } = { ...formatJsonBlock(expected) };
        for (const { name } of FORK_FIELDS) object[name] ??= null;
        expect(parseJsonBlock(object)).toEqual(expected);
      }
  });

  it('behavior: fields that nodes add beside the header do not matter', () => {
    const extras = {
      size: '0x3b0',
      totalDifficulty: '0x3',
      transactions: ['0x00'],
      uncles: [],
      withdrawals: [],
      author: '0x',
    };
    expect(parseJsonBlock({ ...json(), ...extras })).toEqual(block);
  });

  it.each([
    ...HEADER_FIELDS.map(({ name }) => name),
    'hash',
    ...FORK_FIELDS.slice(0, -1).map(({ name }) => name),
  ])('error: %s missing', (name) => {
    const object = json();
    delete object[name];
    expect(codeOf(() => parseJsonBlock(object))).toBe('JSON_FIELD_MISSING');
    object[name] = null;
    expect(codeOf(() => parseJsonBlock(object))).toBe('JSON_FIELD_MISSING');
  });

  it.each<[string, string, unknown]>([
    ['a number', 'number', 7528],
    ['a decimal', 'number', '7528'],
    ['leading zeros', 'number', '0x01d68'],
    ['an empty integer', 'gasUsed', '0x'],
    ['a sign', 'gasUsed', '-0x1'],
    ['an endless integer', 'difficulty', `0x1${'0'.repeat(65)}`],
    ['no prefix', 'parentHash', '00'.repeat(32)],
    ['an odd digit', 'parentHash', `0x${'0'.repeat(63)}`],
    ['another letter', 'parentHash', `0x${'g'.repeat(64)}`],
    ['an object', 'extraData', {}],
    ['a boundless string', 'extraData', `0x${'00'.repeat(1 << 18)}`],
    ['a short hash', 'hash', '0x00'],
  ])('error: %s as %s', (_, name, value) => {
    expect(codeOf(() => parseJsonBlock({ ...json(), [name]: value }))).toBe('JSON_FIELD_INVALID');
  });

  it('error: a field too long for the header', () => {
    expect(codeOf(() => parseJsonBlock({ ...json(), number: `0x1${'0'.repeat(16)}` }))).toBe(
      'HEADER_FIELD_SIZE',
    );
    expect(codeOf(() => parseJsonBlock({ ...json(), nonce: '0x00' }))).toBe('HEADER_FIELD_SIZE');
  });

  it('error: any changed header field gives HASH_MISMATCH', () => {
    for (const { name, shape } of [...HEADER_FIELDS, ...FORK_FIELDS]) {
      if (name === 'extraData' || name === 'mixHash') continue;
      const value =
        shape.kind === 'scalar' ? '0x1234' : `0x${'ab'.repeat(shape.kind === 'fixed' ? shape.sizeBytes : 0)}`;
      expect(
        codeOf(() => parseJsonBlock({ ...json(), [name]: value })),
        name,
      ).toBe('HASH_MISMATCH');
    }
  });

  it('error: a header field of a later fork gives HASH_MISMATCH and is named', () => {
    const later = parse(encodeRlp([...block.fields, new Uint8Array(32)]));
    const object = {
      ...json(),
      hash: `0x${bytesToHex(later.hash)}`,
      blockAccessListHash: `0x${'00'.repeat(32)}`,
    };
    expect(() => parseJsonBlock(object)).toThrow(/"blockAccessListHash"/);
    expect(codeOf(() => parseJsonBlock(object))).toBe('HASH_MISMATCH');
    expect(codeOf(() => formatJsonBlock(later))).toBe('HEADER_HAS_UNKNOWN_FIELDS');
  });

  it('error: answers without a block', () => {
    expect(codeOf(() => parseJsonBlock({ jsonrpc: '2.0', id: 1, result: null }))).toBe('BLOCK_NOT_FOUND');
    expect(codeOf(() => parseJsonBlock({ jsonrpc: '2.0', id: 1, error: { code: -32601 } }))).toBe(
      'RPC_ERROR',
    );
    expect(codeOf(() => parseJsonBlock({}))).toBe('JSON_FIELD_MISSING');
  });
});

describe('damaged blocks', () => {
  /** Codes that reading a damaged RLP header may give. */
  const ALLOWED = [
    undefined,
    'RLP_TRUNCATED',
    'RLP_NON_CANONICAL',
    'RLP_TRAILING_BYTES',
    'RLP_OVERSIZED',
    'RLP_ITEM_OVERRUN',
    'RLP_NOT_A_LIST',
    'HEADER_FIELD_COUNT',
    'HEADER_FIELD_KIND',
    'HEADER_FIELD_SIZE',
    'NOT_ISTANBUL',
    'EXTRA_DATA_SHAPE',
    'VARIANT_AMBIGUOUS',
    'BLOCK_SHAPE',
    'HEX_INVALID',
    'INPUT_EMPTY',
    'JSON_SYNTAX',
    'INPUT_SHAPE',
    'JSON_FIELD_MISSING',
  ];
  const toValue = (item: RlpItem): RlpValue =>
    item.kind === 'string' ? item.bytes : item.items.map(toValue);
  const sources = ISTANBUL_VARIANTS.map((variant) => blockOf(variant, 2).rlp);
  if (fixturesAvailable)
    for (const name of ['goquorum-ibft1-blocks-0-60.hex', 'besu-qbft-header-7528.hex'])
      sources.push(
        hexToBytes(fixtureText(`istanbul/${name}`).split('\n')[1] || fixtureText(`istanbul/${name}`).trim()),
      );

  it('error: mutated bytes give listed codes only, and what still parses is canonical', () => {
    const random = seededBytes(7);
    const below = (bound: number) => (random(1)[0]! * 256 + random(1)[0]!) % bound;
    const count = countMalformed('Istanbul block, RLP', '7');
    for (let run = 0; run < runs(200, 1000); run++) {
      const source = sources[run % sources.length]!;
      let bytes = source.slice();
      for (let n = 1 + below(3); n > 0; n--) {
        const at = below(2) === 0 ? below(bytes.length) : below(Math.min(bytes.length, 40));
        const kind = below(5);
        if (kind === 0) bytes[at] = random(1)[0]!;
        else if (kind === 1) bytes[at]! ^= 1 << below(8);
        else if (kind === 2) bytes = bytes.slice(0, at);
        else if (kind === 3)
          bytes = new Uint8Array([...bytes.slice(0, at), ...random(1 + below(4)), ...bytes.slice(at)]);
        else bytes = new Uint8Array([...bytes.slice(0, at), ...bytes.slice(at + 1 + below(40))]);
        if (bytes.length === 0) break;
      }
      const end = count.start();
      const code = codeOf(() => {
        const { rlp } = parse(bytes);
        expect(encodeRlp(toValue(decodeRlp(rlp)))).toEqual(rlp);
      });
      end(code !== undefined);
      expect(ALLOWED).toContain(code);
    }
    count.record();
  });

  it('error: a header cut anywhere gives a listed code, never a block', () => {
    const source = sources[0]!;
    for (let size = 0; size < source.length; size += 7)
      expect(
        codeOf(() => parse(source.subarray(0, size))),
        `${size} bytes`,
      ).toMatch(/^(RLP_TRUNCATED|INPUT_EMPTY)$/);
  });

  it('error: mutated JSON gives listed codes only', () => {
    const text = JSON.stringify(json());
    const random = seededBytes(8);
    const allowed =
      /^(INPUT_|HEX_|JSON_|HASH_MISMATCH|HEADER_|NOT_ISTANBUL|EXTRA_DATA_SHAPE|RLP_|RPC_ERROR|BLOCK_NOT_FOUND|VARIANT_)/;
    const count = countMalformed('Istanbul block, JSON', '8');
    for (let run = 0; run < runs(200, 1000); run++) {
      const end = count.start();
      const at = (random(1)[0]! * 256 + random(1)[0]!) % text.length;
      const code = codeOf(() =>
        parse(text.slice(0, at) + String.fromCharCode(32 + (random(1)[0]! % 95)) + text.slice(at + 1)),
      );
      end(code !== undefined);
      if (code !== undefined) expect(code).toMatch(allowed);
    }
    count.record();
  });
});
