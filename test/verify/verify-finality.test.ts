import { describe, expect, it } from 'vitest';
import type { TrustAnchor } from '../../src/statement/documents.js';
import { formatHex } from '../../src/statement/json.js';
import { DEVELOPMENT_GAMMA, formatVerificationKey } from '../../src/statement/keys.js';
import { packStatement } from '../../src/statement/packing.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import {
  formatManifest,
  formatTrustAnchor,
  manifestHash,
  parseFinalityProof,
  parseManifest,
  parseTrustAnchor,
  verifyFinality,
} from '../../src/verify/index.js';
import { istanbulSet, makeKey, prove, scenario, type statementOf } from './support.js';

type Json = { [field: string]: unknown };

const honest = scenario();

function verdict(
  document: unknown,
  anchor: Partial<TrustAnchor> = {},
  more: Json = {},
  base = honest,
): string {
  const result = verifyFinality(document, {
    ...base.options,
    anchor: { ...base.anchor, ...anchor },
    ...more,
  });
  return result.ok ? 'ok' : `${result.code} ${result.proof}`;
}

/** The document with another statement, honestly proved with the same key. */
function proved(changes: Parameters<typeof statementOf>[1], set = honest.set): Json {
  return scenario({ key: honest.key, statement: changes ?? {}, set }).document;
}

describe('verifyFinality', () => {
  it('default: an honest proof is accepted and tells what it shows', () => {
    expect(verifyFinality(honest.document, honest.options)).toEqual({
      ok: true,
      protocol: 'istanbul',
      variant: 'qbft',
      chainId: 1337n,
      circuit: 'istanbul-4',
      verificationKeyHash: verificationKeyHash(honest.key.verification),
      statement: honest.statement,
      developmentKey: false,
      setChanged: false,
    });
  });

  it('default: two-round proofs are accepted alike', () => {
    const twoRound = scenario({ system: 'ultragroth' });
    expect(verifyFinality(twoRound.document, twoRound.options)).toMatchObject({
      ok: true,
      statement: twoRound.statement,
    });
  });

  it('behavior: without an anchor nothing is accepted, but the verdict on the proof is told', () => {
    const { anchor: _, ...noAnchor } = honest.options;
    expect(verifyFinality(honest.document, noAnchor)).toMatchObject({
      ok: false,
      code: 'NOT_ANCHORED',
      proof: 'valid',
    });
    const forged = { ...honest.document, statement: { ...honest.document.statement, height: '7529' } };
    expect(verifyFinality(forged, noAnchor)).toMatchObject({
      ok: false,
      code: 'PROOF_INVALID',
      proof: 'invalid',
    });
  });

  it('error: any part of the statement altered', () => {
    const alter: { readonly [part: string]: string } = {
      nextSet: formatHex(1n, 32),
      height: '7529',
      time: '1650000001',
      blockHash: formatHex(honest.statement.blockHash + 1n, 32),
      stateRoot: formatHex(honest.statement.stateRoot ^ (1n << 255n), 32),
    };
    for (const [part, value] of Object.entries(alter))
      expect(
        verdict({ ...honest.document, statement: { ...honest.document.statement, [part]: value } }),
      ).toBe('PROOF_INVALID invalid');
  });

  it('error: another chain, protocol, variant, circuit', () => {
    expect(verdict(honest.document, { chainId: 1n })).toBe('CHAIN_MISMATCH unchecked');
    expect(verdict({ ...honest.document, chainId: '1' })).toBe('CHAIN_MISMATCH unchecked');
    // A chain that shares validators but not the id has another commitment.
    expect(verdict({ ...honest.document, chainId: '1' }, { chainId: 1n })).toBe(
      'TRUSTED_SET_MISMATCH unchecked',
    );
    expect(verdict({ ...honest.document, variant: 'ibft2' })).toBe('PROTOCOL_MISMATCH unchecked');
    expect(verdict({ ...honest.document, variant: 'ibft2' }, { variant: 'ibft2' })).toBe(
      'TRUSTED_SET_MISMATCH unchecked',
    );
    expect(verdict({ ...honest.document, protocol: 'committee', variant: 'committee' })).toBe(
      'PROTOCOL_MISMATCH unchecked',
    );
    expect(verdict({ ...honest.document, protocol: 'committee' })).toBe('VARIANT_UNKNOWN unchecked');
    expect(verdict({ ...honest.document, circuit: 'istanbul-8' })).toBe('CIRCUIT_MISMATCH unchecked');
    expect(verdict({ ...honest.document, circuit: 'committee-4' })).toBe('CIRCUIT_MISMATCH unchecked');
    expect(verdict({ ...honest.document, circuit: 'istanbul-ibft1-4' })).toBe('CIRCUIT_MISMATCH unchecked');
    expect(verdict({ ...honest.document, circuit: 'istanbul-registration-4' })).toBe(
      'CIRCUIT_NAME unchecked',
    );
  });

  it('error: a key that is not at hand, not listed, of another manifest, listed for another circuit', () => {
    const foreign = makeKey('groth16', { tau: 77n });
    const document = scenario({ key: foreign }).document;
    expect(verdict(document)).toBe('KEY_MISSING unchecked');
    expect(verdict(document, {}, { verificationKeys: [foreign.verification] })).toBe(
      'KEY_NOT_IN_MANIFEST unchecked',
    );
    expect(verdict({ ...document, verificationKeyHash: honest.document.verificationKeyHash })).toBe(
      'PROOF_INVALID invalid',
    );
    expect(verdict(honest.document, { manifest: 'other-keys' })).toBe('MANIFEST_MISMATCH unchecked');
    expect(verdict(honest.document, { manifest: manifestHash(honest.manifest) })).toBe('ok');
    const edited = {
      ...honest.manifest,
      keys: [...honest.manifest.keys, { ...honest.manifest.keys[0]!, verificationKeyHash: 5n }],
    };
    expect(verdict(honest.document, { manifest: manifestHash(honest.manifest) }, { manifest: edited })).toBe(
      'MANIFEST_MISMATCH unchecked',
    );
    const relabelled = { ...honest.manifest, keys: [{ ...honest.manifest.keys[0]!, circuit: 'istanbul-8' }] };
    expect(verdict(honest.document, {}, { manifest: relabelled })).toBe('CIRCUIT_MISMATCH unchecked');
  });

  it('error: a development key, marked by its gamma or by the manifest, unless the anchor allows it', () => {
    const byGamma = scenario({ key: makeKey('groth16', { gamma: DEVELOPMENT_GAMMA }) });
    const byManifest = scenario({ kind: 'development' });
    for (const development of [byGamma, byManifest]) {
      expect(verdict(development.document, {}, {}, development)).toBe('DEVELOPMENT_KEY unchecked');
      expect(verdict(development.document, { allowDevelopmentKeys: true }, {}, development)).toBe('ok');
      const anchor = { ...development.anchor, allowDevelopmentKeys: true };
      expect(verifyFinality(development.document, { ...development.options, anchor })).toMatchObject({
        developmentKey: true,
      });
    }
  });

  it('error: weak keys, even when the manifest lists them', () => {
    for (const changes of [{ delta2: 9_000_011n }, { delta2: 1n }]) {
      const weak = scenario({ key: makeKey('groth16', changes) });
      expect(verdict(weak.document, {}, {}, weak)).toBe('KEY_WEAK unchecked');
      const { anchor: _, ...noAnchor } = weak.options;
      expect(verifyFinality(weak.document, noAnchor)).toMatchObject({ code: 'KEY_WEAK', proof: 'unchecked' });
    }
  });

  it('error: another trusted set', () => {
    const other = istanbulSet([11n, 12n, 13n, 15n]);
    expect(verdict(honest.document, { members: other.members })).toBe('TRUSTED_SET_MISMATCH unchecked');
    expect(verdict(honest.document, { members: honest.set.members.slice(0, 3) })).toBe(
      'TRUSTED_SET_MISMATCH unchecked',
    );
  });

  it('error: another signing set, unless lists are authenticated and the set is registered', () => {
    const next = istanbulSet([11n, 12n, 13n, 15n]);
    const document = proved({ signingSet: commitValidatorSet(next) });
    const registered = { registeredSets: [next.members] };
    expect(verdict(document)).toBe('SIGNING_SET_CHANGED unchecked');
    expect(verdict(document, registered)).toBe('SIGNING_SET_CHANGED unchecked');
    expect(verdict(document, { headerListAuthenticated: true })).toBe('SIGNING_SET_NOT_REGISTERED unchecked');
    expect(verdict(document, { headerListAuthenticated: true, ...registered })).toBe('ok');
    const accepted = verifyFinality(document, {
      ...honest.options,
      anchor: { ...honest.anchor, headerListAuthenticated: true, ...registered },
    });
    expect(accepted).toMatchObject({ ok: true, setChanged: true });
  });

  it("error: takeover by a genuine new set with the attacker's keys beside its addresses", () => {
    const next = istanbulSet([11n, 12n, 13n, 15n]);
    const attacker = istanbulSet([91n, 92n, 93n, 94n]);
    const foreignKeys = next.members.map((member, i) => ({
      ...member,
      publicKey: attacker.members[i]!.publicKey,
    }));
    expect(() => commitValidatorSet({ ...next, members: foreignKeys })).toThrow(
      expect.objectContaining({ code: 'MEMBER_KEY_ADDRESS' }),
    );
    // The circuit cannot see it, so the statement may carry any commitment; only registered sets pass.
    const document = proved({ signingSet: 123456789n });
    const anchor = { headerListAuthenticated: true, registeredSets: [next.members] };
    expect(verdict(document, anchor)).toBe('SIGNING_SET_NOT_REGISTERED unchecked');
    expect(() => verdict(document, { ...anchor, registeredSets: [foreignKeys] })).toThrow(
      expect.objectContaining({ code: 'MEMBER_KEY_ADDRESS' }),
    );
  });

  it('error: height or time behind the anchor, another block of the same height', () => {
    const { height, time, blockHash } = honest.statement;
    expect(verdict(honest.document, { height, time, blockHash })).toBe('ok');
    expect(verdict(honest.document, { height: height - 1n, blockHash: 1n })).toBe('ok');
    expect(verdict(honest.document, { height: height + 1n })).toBe('HEIGHT_WENT_BACK unchecked');
    expect(verdict(honest.document, { time: time + 1n })).toBe('TIME_WENT_BACK unchecked');
    expect(verdict(honest.document, { height, blockHash: blockHash ^ 1n })).toBe('BLOCK_CONFLICT unchecked');
  });

  it('error: a trusting period that is over, a block from the future', () => {
    const { time } = honest.statement;
    const period = { time: time - 100n, trustingPeriodSeconds: 1000n };
    expect(verdict(honest.document, period, { now: time })).toBe('ok');
    expect(verdict(honest.document, period, { now: time + 900n })).toBe('ok');
    expect(verdict(honest.document, period, { now: time + 901n })).toBe('ANCHOR_EXPIRED unchecked');
    expect(verdict(honest.document, period, { now: time - 600n })).toBe('ok');
    expect(verdict(honest.document, period, { now: time - 601n })).toBe('TIME_IN_FUTURE unchecked');
    expect(verdict(honest.document, period)).toBe('ANCHOR_EXPIRED unchecked');
    // No reader makes such an anchor; one put together by hand has no time left either.
    const timeless = { trustingPeriodSeconds: 1000n };
    expect(verdict(honest.document, timeless, { now: time })).toBe('ANCHOR_EXPIRED unchecked');
  });

  it('error: a proof of the wrong system under the right hash, a key with another number of inputs', () => {
    const twoRound = scenario({ system: 'ultragroth' });
    expect(verdict({ ...honest.document, proof: twoRound.document.proof })).toBe(
      'PROOF_SYSTEM_MISMATCH unchecked',
    );
    const short = { ...honest.key.verification, publicCount: 5, ic: honest.key.verification.ic.slice(0, 6) };
    const hash = verificationKeyHash(short);
    const manifest = {
      ...honest.manifest,
      keys: [{ ...honest.manifest.keys[0]!, verificationKeyHash: hash }],
    };
    const document = { ...honest.document, verificationKeyHash: formatHex(hash, 32) };
    expect(verdict(document, {}, { manifest, verificationKeys: [short] })).toBe(
      'PUBLIC_INPUT_COUNT unchecked',
    );
  });

  it('error: misuse throws a coded error', () => {
    const { manifest: _, ...noManifest } = honest.options;
    expect(() => verifyFinality(honest.document, noManifest)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_MISSING' }),
    );
    const broken = { ...honest.key.verification, ic: [] };
    expect(() => verifyFinality(honest.document, { ...honest.options, verificationKeys: [broken] })).toThrow(
      expect.objectContaining({ code: 'KEY_SHAPE' }),
    );
  });

  it('error: OPTIONS_UNPARSED for an anchor or manifest that no reader has seen, for keys that are no array', () => {
    const { anchor, manifest, verificationKeys } = honest.options;
    const raw: readonly Json[] = [
      { anchor: formatTrustAnchor(anchor) },
      { manifest: formatManifest(manifest) },
      { verificationKeys: verificationKeys[0] },
      { verificationKeys: undefined },
    ];
    for (const options of raw)
      expect(() => verdict(honest.document, {}, options), Object.keys(options)[0]).toThrow(
        expect.objectContaining({ code: 'OPTIONS_UNPARSED' }),
      );
  });

  it('behavior: JSON readers round-trip', () => {
    const parsed = parseFinalityProof(honest.document);
    expect(parsed.statement).toEqual(honest.statement);
    expect(packStatement(parsed.statement)).toEqual(packStatement(honest.statement));
    expect(prove(honest.key, packStatement(honest.statement))).toEqual(parsed.proof);
    expect(() => parseManifest({})).toThrow(expect.objectContaining({ code: 'FIELD_MISSING' }));
    expect(() => parseTrustAnchor([])).toThrow(expect.objectContaining({ code: 'FIELD_TYPE' }));
    expect(formatVerificationKey(honest.key.verification).nPublic).toBe(6);
  });
});
