import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { FORK_FIELDS, fieldIndex, HEADER_FIELDS, MAX_HEADER_BYTES } from '../../../src/ethereum/header.js';
import { decodeRlp, encodeRlp, type RlpItem, type RlpValue } from '../../../src/ethereum/rlp.js';
import {
  decodeExtraData,
  detectExtraData,
  encodeExtraData,
  ISTANBUL_VARIANTS,
  type IstanbulVariant,
} from '../../../src/protocols/istanbul/extra-data.js';
import {
  blockFromFields,
  ISTANBUL_MIX_HASH,
  parseHeader,
  proposerDigest,
  sealDigestOfRound,
} from '../../../src/protocols/istanbul/header.js';
import { codeOf, withField } from '../../support/istanbul.js';

const network = (variant: IstanbulVariant, forkFields = 0, round = 0) =>
  createIstanbulDevnet({ variant, seed: 'header tests', validators: 4, chainId: 1337n, forkFields, round });
const blockOf = (variant: IstanbulVariant) => network(variant).block(1).block;
const toValue = (item: RlpItem): RlpValue => (item.kind === 'string' ? item.bytes : item.items.map(toValue));
const empty = new Uint8Array(0);
const bytes = (size: number, fill = 0x11) => new Uint8Array(size).fill(fill);

describe('parseHeader', () => {
  it('default: reads what the network wrote, with any number of fork fields', () => {
    for (const variant of ISTANBUL_VARIANTS)
      for (let forkFields = 0; forkFields <= FORK_FIELDS.length; forkFields++) {
        const { block } = network(variant, forkFields).block(3);
        const read = parseHeader(block.rlp);
        expect(read).toEqual(block);
        expect(read).toMatchObject({ variant, number: 3n });
        expect(read.fields).toHaveLength(HEADER_FIELDS.length + forkFields);
      }
  });

  it('behavior: fields of unknown forks go into the hash unread', () => {
    const block = blockOf('qbft');
    const longer = parseHeader(
      encodeRlp([...block.fields, ...Array.from({ length: 9 }, (_, i) => bytes(i))]),
    );
    expect(longer.fields).toHaveLength(24);
    expect(longer.number).toBe(1n);
    expect(bytesToHex(longer.hash)).not.toBe(bytesToHex(block.hash));
  });

  it('behavior: the mark of Istanbul headers is the published constant', () => {
    expect(ISTANBUL_MIX_HASH).toBe('63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365');
  });

  it('error: a missing, added or nested field', () => {
    const { fields } = blockOf('qbft');
    for (let i = 0; i < fields.length; i++)
      expect(codeOf(() => parseHeader(encodeRlp(fields.filter((_, k) => k !== i))))).toBe(
        'HEADER_FIELD_COUNT',
      );
    expect(codeOf(() => parseHeader(encodeRlp([])))).toBe('HEADER_FIELD_COUNT');
    expect(codeOf(() => parseHeader(encodeRlp([...fields, ...Array<Uint8Array>(50).fill(empty)])))).toBe(
      'RLP_OVERSIZED',
    );
    expect(codeOf(() => parseHeader(encodeRlp([...fields, [empty]])))).toBe('HEADER_FIELD_KIND');
    expect(codeOf(() => parseHeader(encodeRlp(fields.map((f, i) => (i === 3 ? [f] : f)))))).toBe(
      'HEADER_FIELD_KIND',
    );
    expect(codeOf(() => parseHeader(encodeRlp(bytes(600))))).toBe('HEADER_NOT_A_LIST');
  });

  it('error: a field missing in front of fork fields, which hide it from the count', () => {
    const { fields } = network('qbft', 2).block(1).block;
    for (let i = 0; i < HEADER_FIELDS.length; i++) {
      const code = codeOf(() => parseHeader(encodeRlp(fields.filter((_, k) => k !== i))));
      expect(code, HEADER_FIELDS[i]!.name).toBe('HEADER_FIELD_SIZE');
    }
  });

  it.each(
    HEADER_FIELDS.filter(({ shape }) => shape.kind !== 'bytes').map(({ name, shape }) => ({ name, shape })),
  )('error: $name of a wrong size', ({ name, shape }) => {
    const set = (payload: Uint8Array) => codeOf(() => withField(blockOf('qbft'), name, payload));
    if (shape.kind === 'fixed') {
      expect(set(bytes(shape.sizeBytes - 1))).toBe('HEADER_FIELD_SIZE');
      expect(set(bytes(shape.sizeBytes + 1))).toBe('HEADER_FIELD_SIZE');
      expect(set(empty)).toBe('HEADER_FIELD_SIZE');
    } else if (shape.kind === 'scalar') {
      expect(set(bytes(shape.maxBytes, 0xff))).toBeUndefined();
      expect(set(bytes(shape.maxBytes + 1))).toBe('HEADER_FIELD_SIZE');
      expect(set(Uint8Array.of(0))).toBe('HEADER_FIELD_SIZE');
      expect(set(Uint8Array.of(0, 1))).toBe('HEADER_FIELD_SIZE');
    }
  });

  it('error: another mark than Istanbul', () => {
    expect(codeOf(() => withField(blockOf('qbft'), 'mixHash', bytes(32)))).toBe('NOT_ISTANBUL');
  });

  it('error: a header above the size limit', () => {
    const { fields } = blockOf('qbft');
    expect(codeOf(() => parseHeader(encodeRlp([...fields, bytes(MAX_HEADER_BYTES)])))).toBe('RLP_OVERSIZED');
  });
});

describe('hash rules', () => {
  const { fields, extra, hash, sealDigest } = blockOf('qbft');
  const index = fieldIndex('extraData');

  it('default: QBFT, block hash with round 0 and no seals, seals over the round', () => {
    const { block } = network('qbft', 0, 5).block(1);
    const list = decodeRlp(block.fields[index]!);
    if (list.kind !== 'list') throw new Error('list expected');
    const items = list.items.map(toValue);
    const hashed = [items[0]!, items[1]!, items[2]!, empty, []];
    const sealed = [items[0]!, items[1]!, items[2]!, Uint8Array.of(5), []];
    expect(block.hash).toEqual(keccak_256(encodeRlp(block.fields.with(index, encodeRlp(hashed)))));
    expect(block.sealDigest).toEqual(keccak_256(encodeRlp(block.fields.with(index, encodeRlp(sealed)))));
    expect(block.sealPreimage).toHaveLength(block.hashPreimage.length);
  });

  it('default: IBFT 2.0, seals left out, and the round too for the block hash', () => {
    const { block } = network('ibft2', 0, 5).block(1);
    const list = decodeRlp(block.fields[index]!);
    if (list.kind !== 'list') throw new Error('list expected');
    const items = list.items.map(toValue);
    expect(items[3]).toEqual(Uint8Array.of(0, 0, 0, 5));
    expect(block.hash).toEqual(keccak_256(encodeRlp(block.fields.with(index, encodeRlp(items.slice(0, 3))))));
    expect(block.sealDigest).toEqual(
      keccak_256(encodeRlp(block.fields.with(index, encodeRlp(items.slice(0, 4))))),
    );
  });

  it('default: IBFT 1.0, seals over the block hash with a tag, the proposer over two hashes', () => {
    const block = blockOf('ibft1');
    const vanity = block.fields[index]!.slice(0, 32);
    const list = decodeRlp(block.fields[index]!.subarray(32));
    if (list.kind !== 'list') throw new Error('list expected');
    const items = list.items.map(toValue);
    const form = (proposer: RlpValue) =>
      encodeRlp(
        block.fields.with(index, new Uint8Array([...vanity, ...encodeRlp([items[0]!, proposer, []])])),
      );
    expect(block.hash).toEqual(keccak_256(form(items[1]!)));
    expect(block.sealDigest).toEqual(keccak_256(new Uint8Array([...block.hash, 2])));
    expect(proposerDigest(block)).toEqual(keccak_256(keccak_256(form(empty))));
  });

  it('behavior: seals do not change the block hash, and the round of QBFT does not either', () => {
    const other = encodeExtraData({ ...extra, round: 9, seals: [] }, 'chain');
    const changed = blockFromFields(fields.with(index, other), 'qbft');
    expect(changed.hash).toEqual(hash);
    expect(changed.sealDigest).not.toEqual(sealDigest);
    expect(sealDigestOfRound(changed, 0)).toEqual(sealDigest);
  });

  it('behavior: a genesis of Besu is hashed as it stands', () => {
    for (const variant of ['qbft', 'ibft2'] as const) {
      const { block } = network(variant).block(0);
      expect(block.hash).toEqual(keccak_256(block.rlp));
    }
  });
});

describe('extraData', () => {
  const of = (variant: IstanbulVariant) => blockOf(variant).fields[fieldIndex('extraData')]!;

  it('default: encoding what was decoded gives the same bytes, votes included', () => {
    for (const variant of ISTANBUL_VARIANTS)
      for (const vote of variant === 'ibft1' ? [undefined] : [undefined, true, false]) {
        const extra = {
          ...decodeExtraData(of(variant), variant),
          ...(vote === undefined ? {} : { vote: { recipient: 7n, add: vote } }),
        };
        const encoded = encodeExtraData(extra, 'chain');
        expect(decodeExtraData(encoded, variant)).toEqual(extra);
        expect(detectExtraData(encoded).variant).toBe(variant);
      }
  });

  it('behavior: the round tells IBFT 2.0 and QBFT apart where a vote to add does not', () => {
    const extra = { ...decodeExtraData(of('ibft2'), 'ibft2'), vote: { recipient: 7n, add: true } };
    expect(detectExtraData(encodeExtraData({ ...extra, round: 2 ** 24 - 1 }, 'chain')).variant).toBe('ibft2');
    const wide = encodeExtraData({ ...extra, round: 2 ** 24 }, 'chain');
    expect(codeOf(() => detectExtraData(wide))).toBe('VARIANT_AMBIGUOUS');
    expect(decodeExtraData(wide, 'qbft').round).toBe(2 ** 24);
  });

  it('error: a layout that the variant does not have', () => {
    for (const variant of ISTANBUL_VARIANTS)
      for (const other of ISTANBUL_VARIANTS)
        if (other !== variant)
          expect(
            codeOf(() => decodeExtraData(of(variant), other)),
            `${variant} as ${other}`,
          ).toMatch(/^(EXTRA_DATA_SHAPE|RLP_)/);
    expect(codeOf(() => detectExtraData(bytes(40)))).toBe('RLP_TRAILING_BYTES');
    expect(codeOf(() => detectExtraData(empty))).toBe('EXTRA_DATA_SHAPE');
  });

  const vanity = bytes(32, 0);
  const address = bytes(20);
  it.each<[string, IstanbulVariant, RlpValue]>([
    ['four items', 'qbft', [vanity, [address], [], empty]],
    ['six items', 'qbft', [vanity, [address], [], empty, [], []]],
    ['a vanity of 31 bytes', 'qbft', [bytes(31), [address], [], empty, []]],
    ['an address of 19 bytes', 'qbft', [vanity, [bytes(19)], [], empty, []]],
    ['an address that is a list', 'qbft', [vanity, [[address]], [], empty, []]],
    ['validators that are a string', 'qbft', [vanity, address, [], empty, []]],
    ['a round with a leading zero', 'qbft', [vanity, [address], [], Uint8Array.of(0, 1), []]],
    ['a round of zero written as a byte', 'qbft', [vanity, [address], [], Uint8Array.of(0), []]],
    ['a round of 2^31', 'qbft', [vanity, [address], [], Uint8Array.of(0x80, 0, 0, 0), []]],
    ['a round of five bytes', 'qbft', [vanity, [address], [], bytes(5), []]],
    ['a round that is a list', 'qbft', [vanity, [address], [], [], []]],
    ['a vote that is a string', 'qbft', [vanity, [address], empty, empty, []]],
    ['a vote of one item', 'qbft', [vanity, [address], [address], empty, []]],
    ['a vote for a short address', 'qbft', [vanity, [address], [bytes(19), empty], empty, []]],
    ['a vote of kind zero byte', 'qbft', [vanity, [address], [address, Uint8Array.of(0)], empty, []]],
    ['a vote of kind 1', 'qbft', [vanity, [address], [address, Uint8Array.of(1)], empty, []]],
    ['seals that are a string', 'qbft', [vanity, [address], [], empty, empty]],
    ['a seal that is a list', 'qbft', [vanity, [address], [], empty, [[]]]],
    ['a round of three bytes', 'ibft2', [vanity, [address], empty, bytes(3), []]],
    ['a vote that is an empty list', 'ibft2', [vanity, [address], [], bytes(4), []]],
    ['a vote that is a filled string', 'ibft2', [vanity, [address], bytes(1), bytes(4), []]],
    ['a vote of empty kind', 'ibft2', [vanity, [address], [address, empty], bytes(4), []]],
  ])('error: %s (%s)', (_, variant, value) => {
    expect(codeOf(() => decodeExtraData(encodeRlp(value), variant))).toBe('EXTRA_DATA_SHAPE');
  });

  it('error: IBFT 1.0 with a bad vanity, item count or proposer seal', () => {
    const ibft1 = (value: RlpValue) => new Uint8Array([...vanity, ...encodeRlp(value)]);
    expect(codeOf(() => decodeExtraData(vanity, 'ibft1'))).toBe('EXTRA_DATA_SHAPE');
    expect(codeOf(() => decodeExtraData(ibft1([[], empty]), 'ibft1'))).toBe('EXTRA_DATA_SHAPE');
    expect(codeOf(() => decodeExtraData(ibft1([[], bytes(64), []]), 'ibft1'))).toBe('EXTRA_DATA_SHAPE');
    expect(codeOf(() => decodeExtraData(ibft1([[], bytes(65), []]), 'ibft1'))).toBeUndefined();
  });
});
