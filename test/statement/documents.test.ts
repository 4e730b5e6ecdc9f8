import { describe, expect, it } from 'vitest';
import {
  formatFinalityProof,
  formatManifest,
  formatTrustAnchor,
  manifestHash,
  parseCircuitId,
  parseFinalityProof,
  parseManifest,
  parseTrustAnchor,
  type TrustAnchor,
} from '../../src/statement/documents.js';
import { istanbulSet, scenario } from '../verify/support.js';

type Json = { [field: string]: unknown };

const setting = scenario();
const refusal = (read: () => unknown): string => {
  try {
    read();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const clone = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

describe('parseFinalityProof', () => {
  it('default: what is formatted is read back, byte for byte', () => {
    const text = JSON.stringify(setting.document);
    expect(JSON.stringify(formatFinalityProof(parseFinalityProof(setting.document)))).toBe(text);
  });

  it('error: each field missing, of another type, unknown', () => {
    for (const field of Object.keys(setting.document)) {
      const { [field]: _, ...without } = setting.document as Json;
      expect(refusal(() => parseFinalityProof(without))).toBe('FIELD_MISSING');
      expect(refusal(() => parseFinalityProof({ ...setting.document, [field]: 7 }))).toBe('FIELD_TYPE');
      expect(refusal(() => parseFinalityProof({ ...setting.document, [`${field}2`]: 7 }))).toBe(
        'FIELD_UNKNOWN',
      );
    }
    for (const part of Object.keys(setting.document.statement)) {
      const { [part]: _, ...without } = setting.document.statement;
      expect(refusal(() => parseFinalityProof({ ...setting.document, statement: without }))).toBe(
        'FIELD_MISSING',
      );
    }
  });

  it('error: a newer format, numbers out of range or spelled otherwise', () => {
    const change = (changes: Json): string =>
      refusal(() => parseFinalityProof({ ...setting.document, ...changes }));
    const part = (changes: Json): string =>
      change({ statement: { ...setting.document.statement, ...changes } });
    expect(change({ format: 'zkfinality-proof/2', more: 1 })).toBe('FORMAT_UNKNOWN');
    expect(change({ protocol: 'tendermint' })).toBe('PROTOCOL_UNKNOWN');
    expect(change({ variant: 'committee' })).toBe('VARIANT_UNKNOWN');
    expect(change({ chainId: '01337' })).toBe('NUMBER_FORMAT');
    expect(change({ chainId: (2n ** 64n).toString() })).toBe('NUMBER_RANGE');
    expect(change({ circuit: 'Istanbul-4' })).toBe('CIRCUIT_NAME');
    expect(change({ verificationKeyHash: '0xAB' })).toBe('NUMBER_FORMAT');
    expect(part({ height: '-1' })).toBe('NUMBER_FORMAT');
    expect(part({ height: (2n ** 64n).toString() })).toBe('NUMBER_RANGE');
    expect(part({ time: '1e3' })).toBe('NUMBER_FORMAT');
    expect(part({ blockHash: setting.document.statement.blockHash!.toUpperCase() })).toBe('NUMBER_FORMAT');
    expect(part({ blockHash: setting.document.statement.blockHash!.slice(0, -1) })).toBe('NUMBER_FORMAT');
    expect(part({ trustedSet: `0x${'f'.repeat(64)}` })).toBe('NUMBER_RANGE');
  });
});

describe('parseCircuitId', () => {
  it('default: circuits of finality', () => {
    expect(parseCircuitId('committee-4')).toEqual({ protocol: 'committee', tier: 4 });
    expect(parseCircuitId('istanbul-32-bits')).toEqual({ protocol: 'istanbul', tier: 32 });
    expect(parseCircuitId('istanbul-qbft-8')).toEqual({ protocol: 'istanbul', variant: 'qbft', tier: 8 });
  });

  it('error: all other names', () => {
    for (const name of [
      '',
      'committee',
      'committee-0',
      'committee-04',
      'committee-4-',
      'registration-4',
      'istanbul-registration-4',
      'committee-qbft-4',
      'committee-4-x',
      'xcommittee-4',
      'committee-4\n',
    ])
      expect(parseCircuitId(name)).toBeUndefined();
  });
});

describe('parseTrustAnchor', () => {
  const full: TrustAnchor = {
    ...setting.anchor,
    headerListAuthenticated: true,
    allowDevelopmentKeys: true,
    registeredSets: [istanbulSet([1n, 2n, 3n, 4n]).members],
    height: 5n,
    blockHash: 6n,
    time: 7n,
    trustingPeriodSeconds: 8n,
  };
  const document = clone(formatTrustAnchor(full)) as Json;
  const change = (changes: Json): string => refusal(() => parseTrustAnchor({ ...document, ...changes }));

  it('default: round trip, least and most', () => {
    expect(parseTrustAnchor(document)).toEqual(full);
    expect(parseTrustAnchor(clone(formatTrustAnchor(setting.anchor)))).toEqual(setting.anchor);
  });

  it('default: both flags are off unless stated', () => {
    const { headerListAuthenticated: _, allowDevelopmentKeys: __, ...bare } = document;
    expect(parseTrustAnchor(bare)).toMatchObject({
      headerListAuthenticated: false,
      allowDevelopmentKeys: false,
    });
  });

  it('error: fields that stand on the prototype and not in the document', () => {
    const { allowDevelopmentKeys: _, manifest: __, ...bare } = document;
    const inherited = Object.assign(
      Object.create({ allowDevelopmentKeys: true, manifest: 'test-keys' }) as Json,
      bare,
    );
    expect(refusal(() => parseTrustAnchor(inherited))).toBe('FIELD_MISSING');
    const polluted = Object.assign(Object.create({ allowDevelopmentKeys: true }) as Json, bare, {
      manifest: 'test-keys',
    });
    expect(parseTrustAnchor(polluted).allowDevelopmentKeys).toBe(false);
  });

  it('error: flags that only look true', () => {
    for (const flag of ['headerListAuthenticated', 'allowDevelopmentKeys'])
      for (const value of ['true', 1, null, {}]) expect(change({ [flag]: value })).toBe('FIELD_TYPE');
  });

  it('error: sets that are none', () => {
    const validators = document.validators as Json[];
    const first = validators[0]!;
    expect(change({ validators: [] })).toBe('SET_EMPTY');
    expect(change({ validators: validators.toReversed() })).toBe('SET_ORDER');
    expect(change({ validators: [first, ...validators] })).toBe('SET_ORDER');
    expect(change({ validators: [{ ...first, power: '2' }] })).toBe('MEMBER_POWER');
    expect(change({ validators: [{ ...first, power: 1 }] })).toBe('FIELD_TYPE');
    expect(change({ validators: [{ ...first, publicKey: validators[1]!.publicKey }] })).toBe(
      'MEMBER_KEY_ADDRESS',
    );
    expect(change({ validators: [{ ...first, name: 'x' }] })).toBe('FIELD_UNKNOWN');
    expect(change({ registeredSets: [[]] })).toBe('SET_EMPTY');
    expect(change({ registeredSets: [validators.toReversed()] })).toBe('SET_ORDER');
    expect(change({ registeredSets: validators })).toBe('FIELD_TYPE');
  });

  it('error: halves of pairs, manifests that are none', () => {
    const { height: _, ...noHeight } = document;
    const { time: __, ...noTime } = document;
    expect(refusal(() => parseTrustAnchor(noHeight))).toBe('ANCHOR_INCOMPLETE');
    expect(refusal(() => parseTrustAnchor(noTime))).toBe('ANCHOR_INCOMPLETE');
    for (const manifest of ['', 'Capital', '0x12', '../keys', 'a b'])
      expect(change({ manifest })).toBe('MANIFEST_NAME');
    expect(change({ manifest: `0x${'1'.repeat(64)}` })).toBe('ok');
    expect(change({ format: 'zkfinality-proof/1' })).toBe('FORMAT_UNKNOWN');
    expect(change({ protocol: 'committee' })).toBe('VARIANT_UNKNOWN');
  });
});

describe('parseManifest', () => {
  const document = clone(formatManifest(setting.manifest)) as unknown as { name: string; keys: Json[] };

  it('default: round trip; the hash covers every field', () => {
    expect(parseManifest(document)).toEqual(setting.manifest);
    const changes: Json[] = [
      { circuit: 'istanbul-8' },
      { verificationKeyHash: `0x${'1'.repeat(64)}` },
      { kind: 'development' },
      { circuitHash: `0x${'2'.repeat(64)}` },
      { file: 'other.json' },
    ];
    const hashes = changes.map((change) =>
      manifestHash(parseManifest({ ...document, keys: [{ ...document.keys[0], ...change }] })),
    );
    expect(
      new Set([
        ...hashes,
        manifestHash(setting.manifest),
        manifestHash({ ...setting.manifest, name: 'other' }),
      ]).size,
    ).toBe(changes.length + 2);
  });

  it('error: a key twice, paths, kinds, names', () => {
    const change = (changes: Json): string =>
      refusal(() => parseManifest({ ...document, keys: [{ ...document.keys[0], ...changes }] }));
    expect(
      refusal(() =>
        parseManifest({
          ...document,
          keys: [document.keys[0], { ...document.keys[0], circuit: 'istanbul-8' }],
        }),
      ),
    ).toBe('MANIFEST_DUPLICATE');
    for (const file of ['../x.json', '/x.json', 'a/b.json', '', '.hidden'])
      expect(change({ file })).toBe('MANIFEST_FILE');
    expect(change({ kind: 'test' })).toBe('KEY_KIND_UNKNOWN');
    expect(change({ circuit: '-' })).toBe('CIRCUIT_NAME');
    expect(change({ extra: 1 })).toBe('FIELD_UNKNOWN');
    expect(refusal(() => parseManifest({ ...document, name: '0xabc' }))).toBe('MANIFEST_NAME');
    expect(refusal(() => parseManifest({ ...document, format: 'x' }))).toBe('FORMAT_UNKNOWN');
  });
});
