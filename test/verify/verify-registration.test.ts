import { describe, expect, it } from 'vitest';
import type { TrustAnchor } from '../../src/statement/documents.js';
import { formatHex } from '../../src/statement/json.js';
import { DEVELOPMENT_GAMMA } from '../../src/statement/keys.js';
import { formatRegistration, parseRegistration } from '../../src/statement/registration.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import { type KeyManifest, verifyFinality, verifyRegistration } from '../../src/verify/index.js';
import {
  istanbulSet,
  type Json,
  makeKey,
  makeRegistrationKey,
  REGISTRATION_CIRCUIT,
  registrationDocument,
  scenario,
  withoutKey,
} from './support.js';

const set = istanbulSet();
const partial = withoutKey(set, 2);
const claim = { oldSet: commitValidatorSet(partial), newSet: commitValidatorSet(set) };
const key = makeRegistrationKey();
const finality = scenario({ set: partial });
const honest = registrationDocument(key, claim);
const entry = (reference: typeof key, circuit = REGISTRATION_CIRCUIT): KeyManifest['keys'][number] => ({
  circuit,
  verificationKeyHash: verificationKeyHash(reference.verification),
  kind: 'production',
  circuitHash: 2n,
  file: `${circuit}.json`,
});
const manifest: KeyManifest = { ...finality.manifest, keys: [...finality.manifest.keys, entry(key)] };
const options = {
  anchor: finality.anchor,
  manifest,
  verificationKeys: [finality.key.verification, key.verification],
};

function verdict(document: unknown, anchor: Partial<TrustAnchor> = {}, more: Json = {}): string {
  const result = verifyRegistration(document, {
    ...options,
    anchor: { ...options.anchor, ...anchor },
    ...more,
  });
  return result.ok ? 'ok' : `${result.code} ${result.proof}`;
}

describe('verifyRegistration', () => {
  it('default: an honest registration is accepted and tells what it shows', () => {
    expect(verifyRegistration(honest, options)).toEqual({
      ok: true,
      protocol: 'istanbul',
      variant: 'qbft',
      chainId: 1337n,
      circuit: REGISTRATION_CIRCUIT,
      verificationKeyHash: verificationKeyHash(key.verification),
      developmentKey: false,
      ...claim,
      extendsTrustedSet: true,
    });
    const other = registrationDocument(key, { oldSet: claim.newSet, newSet: claim.newSet });
    expect(verifyRegistration(other, options)).toMatchObject({ ok: true, extendsTrustedSet: false });
  });

  it('behavior: without an anchor nothing is accepted, but the verdict on the proof is told', () => {
    const { anchor: _, ...noAnchor } = options;
    expect(verifyRegistration(honest, noAnchor)).toMatchObject({ code: 'NOT_ANCHORED', proof: 'valid' });
    const forged = { ...honest, newSet: formatHex(5n, 32) };
    expect(verifyRegistration(forged, noAnchor)).toMatchObject({ code: 'PROOF_INVALID', proof: 'invalid' });
  });

  it('error: either commitment altered, or both exchanged', () => {
    for (const part of ['oldSet', 'newSet'])
      for (const value of [0n, 1n, claim.oldSet + 1n])
        expect(verdict({ ...honest, [part]: formatHex(value, 32) })).toBe('PROOF_INVALID invalid');
    expect(verdict({ ...honest, oldSet: honest.newSet, newSet: honest.oldSet })).toBe(
      'PROOF_INVALID invalid',
    );
  });

  it("error: takeover by the attacker's keys beside the new addresses has no registration", () => {
    const next = istanbulSet([11n, 12n, 13n, 15n]);
    const attacker = istanbulSet([91n, 92n, 93n, 94n]);
    const members = next.members.map((member, i) => ({
      ...member,
      publicKey: attacker.members[i]!.publicKey,
    }));
    // No honest prover commits to such a set, and the proof of the genuine one is for no other commitment.
    expect(() => commitValidatorSet({ ...next, members })).toThrow(
      expect.objectContaining({ code: 'MEMBER_KEY_ADDRESS' }),
    );
    const genuine = registrationDocument(key, {
      oldSet: commitValidatorSet(next),
      newSet: commitValidatorSet(next),
    });
    const anchor = { headerListAuthenticated: true, registeredSets: [next.members] };
    expect(verdict(genuine, anchor)).toBe('ok');
    const taken = formatHex(123456789n, 32);
    expect(verdict({ ...genuine, newSet: taken }, anchor)).toBe('PROOF_INVALID invalid');
    expect(verdict({ ...genuine, oldSet: taken, newSet: taken }, anchor)).toBe('PROOF_INVALID invalid');
  });

  it('error: another chain, protocol, variant, circuit', () => {
    expect(verdict(honest, { chainId: 1n })).toBe('CHAIN_MISMATCH unchecked');
    expect(verdict({ ...honest, chainId: '1' })).toBe('CHAIN_MISMATCH unchecked');
    expect(verdict({ ...honest, variant: 'ibft2' })).toBe('PROTOCOL_MISMATCH unchecked');
    expect(verdict({ ...honest, circuit: 'istanbul-registration-8' })).toBe('CIRCUIT_MISMATCH unchecked');
    const committee = { ...honest, protocol: 'committee', variant: 'committee' };
    expect(verdict(committee)).toBe('PROTOCOL_MISMATCH unchecked');
    expect(verdict(committee, { protocol: 'committee', variant: 'committee' })).toBe(
      'CIRCUIT_MISMATCH unchecked',
    );
    for (const circuit of ['istanbul-4', 'istanbul-qbft-4', 'committee-4', 'istanbul-registration-04', 'x'])
      expect(verdict({ ...honest, circuit })).toBe('CIRCUIT_NAME unchecked');
  });

  it('error: a finality proof is no registration, a registration no finality proof', () => {
    expect(verdict(finality.document)).toBe('FORMAT_UNKNOWN unchecked');
    const result = verifyFinality(honest, options);
    expect(result).toMatchObject({ ok: false, code: 'FORMAT_UNKNOWN', proof: 'unchecked' });
    // The proofs under the other's label and hash.
    expect(verdict({ ...honest, proof: finality.document.proof })).toBe('PROOF_SYSTEM_MISMATCH unchecked');
    const twoRound = makeKey('ultragroth');
    const asRegistration = {
      ...honest,
      verificationKeyHash: formatHex(verificationKeyHash(twoRound.verification), 32),
    };
    const listed = { ...manifest, keys: [...manifest.keys, entry(twoRound, 'istanbul-qbft-4')] };
    const both = { manifest: listed, verificationKeys: [twoRound.verification] };
    expect(verdict(asRegistration, {}, both)).toBe('CIRCUIT_MISMATCH unchecked');
    const mislabelled = { ...manifest, keys: [entry(twoRound)] };
    expect(verdict(asRegistration, {}, { ...both, manifest: mislabelled })).toBe(
      'PUBLIC_INPUT_COUNT unchecked',
    );
    const asFinality = {
      ...finality.document,
      verificationKeyHash: formatHex(verificationKeyHash(key.verification), 32),
    };
    expect(verifyFinality(asFinality, options)).toMatchObject({ code: 'CIRCUIT_MISMATCH' });
  });

  it('error: keys that are not at hand, not listed, weak, of another manifest, for development', () => {
    expect(verdict(honest, {}, { verificationKeys: [] })).toBe('KEY_MISSING unchecked');
    expect(verdict(honest, {}, { manifest: finality.manifest })).toBe('KEY_NOT_IN_MANIFEST unchecked');
    expect(verdict(honest, { manifest: 'other' })).toBe('MANIFEST_MISMATCH unchecked');
    for (const [changes, code] of [
      [{ delta2: 1n }, 'KEY_WEAK unchecked'],
      [{ gamma: DEVELOPMENT_GAMMA }, 'DEVELOPMENT_KEY unchecked'],
    ] as const) {
      const other = makeRegistrationKey(changes);
      const more = {
        manifest: { ...manifest, keys: [entry(other)] },
        verificationKeys: [other.verification],
      };
      expect(verdict(registrationDocument(other, claim), {}, more)).toBe(code);
    }
    const development = {
      ...manifest,
      keys: [{ ...entry(key), kind: 'development' as const }],
    };
    expect(verdict(honest, {}, { manifest: development })).toBe('DEVELOPMENT_KEY unchecked');
    expect(verdict(honest, { allowDevelopmentKeys: true }, { manifest: development })).toBe('ok');
  });

  it('error: documents that are not whole, or have more than they should', () => {
    for (const field of Object.keys(honest)) {
      const { [field]: _, ...without } = honest;
      expect(verdict(without)).toBe('FIELD_MISSING unchecked');
      expect(verdict({ ...honest, [field]: 7 })).toBe('FIELD_TYPE unchecked');
    }
    expect(verdict({ ...honest, validators: [] })).toBe('FIELD_UNKNOWN unchecked');
    expect(verdict({ ...honest, format: 'zkfinality-registration/2' })).toBe('FORMAT_UNKNOWN unchecked');
    expect(verdict({ ...honest, newSet: formatHex(2n ** 255n, 32) })).toBe('NUMBER_RANGE unchecked');
    expect(verdict({ ...honest, newSet: claim.newSet.toString() })).toBe('NUMBER_FORMAT unchecked');
    for (const document of [null, undefined, 7, 'text', []])
      expect(verdict(document)).toBe('FIELD_TYPE unchecked');
  });

  it('error: misuse throws a coded error', () => {
    const { manifest: _, ...noManifest } = options;
    expect(() => verifyRegistration(honest, noManifest)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_MISSING' }),
    );
  });
});

describe('parseRegistration', () => {
  it('default: reads what formatRegistration wrote', () => {
    expect(formatRegistration(parseRegistration(honest))).toEqual(honest);
  });
});
