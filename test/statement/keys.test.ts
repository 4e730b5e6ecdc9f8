import { describe, expect, it } from 'vitest';
import {
  DEVELOPMENT_GAMMA,
  formatVerificationKey,
  isDevelopmentKey,
  parseVerificationKey,
} from '../../src/statement/keys.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import type { ProofSystem } from '../../src/statement/types.js';
import { fixturesAvailable, fixtureText } from '../support/fixtures.js';
import { makeKey } from '../verify/support.js';

type Json = { [field: string]: unknown };

const refusal = (json: unknown): string => {
  try {
    parseVerificationKey(json);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe.each<ProofSystem>(['groth16', 'ultragroth'])('parseVerificationKey, %s', (system) => {
  const key = makeKey(system).verification;
  const document = JSON.parse(JSON.stringify(formatVerificationKey(key))) as Json;
  const change = (changes: Json): string => refusal({ ...document, ...changes });

  it('default: round trip', () => {
    expect(parseVerificationKey(document)).toEqual(key);
    expect(Object.keys(document).includes('vk_delta_2')).toBe(system === 'groth16');
  });

  it('behavior: vk_alphabeta_12 is never read', () => {
    expect(parseVerificationKey({ ...document, vk_alphabeta_12: 'anything' })).toEqual(key);
    const { vk_alphabeta_12: _, ...without } = document;
    expect(parseVerificationKey(without)).toEqual(key);
  });

  it('error: each field missing or of another type, unknown fields', () => {
    for (const field of Object.keys(document).filter((name) => name !== 'vk_alphabeta_12')) {
      const { [field]: _, ...without } = document;
      expect(refusal(without)).toBe('FIELD_MISSING');
      expect(change({ [field]: {} })).toBe(field === 'nPublic' ? 'NUMBER_RANGE' : 'FIELD_TYPE');
    }
    expect(change({ vk_delta_3: [] })).toBe('FIELD_UNKNOWN');
    expect(change({ protocol: system === 'groth16' ? 'ultragroth' : 'groth16' })).toMatch(
      /^FIELD_(?:MISSING|UNKNOWN)$/,
    );
  });

  it('error: number of inputs', () => {
    const ic = document.IC as unknown[];
    expect(change({ nPublic: 5 })).toBe('ARRAY_LENGTH');
    expect(change({ IC: ic.slice(1) })).toBe('ARRAY_LENGTH');
    for (const nPublic of ['6', 6.5, -1, 1e9, Number.NaN]) expect(change({ nPublic })).toBe('NUMBER_RANGE');
  });

  it('error: points', () => {
    expect(change({ vk_alpha_1: ['1', '3', '1'] })).toBe('POINT_OFF_CURVE');
    expect(change({ vk_alpha_1: ['0', '0', '1'] })).toBe('POINT_AT_INFINITY');
    expect(change({ vk_alpha_1: ['0', '1', '0'] })).toBe('POINT_NOT_AFFINE');
    expect(
      change({
        vk_gamma_2: [
          ['0', '0'],
          ['0', '0'],
          ['1', '0'],
        ],
      }),
    ).toBe('POINT_AT_INFINITY');
    expect(
      change({
        vk_gamma_2: [
          ['0', '0'],
          ['1', '0'],
          ['0', '0'],
        ],
      }),
    ).toBe('POINT_NOT_AFFINE');
    expect(change({ curve: 'bn254' })).toBe('CURVE_UNKNOWN');
    expect(change({ protocol: 'fflonk' })).toBe('PROOF_SYSTEM_UNKNOWN');
  });
});

describe('isDevelopmentKey', () => {
  it('default: told by gamma, for both systems', () => {
    for (const system of ['groth16', 'ultragroth'] as const) {
      expect(isDevelopmentKey(makeKey(system).verification)).toBe(false);
      expect(isDevelopmentKey(makeKey(system, { gamma: DEVELOPMENT_GAMMA }).verification)).toBe(true);
      expect(isDevelopmentKey(makeKey(system, { gamma: 1n }).verification)).toBe(false);
    }
  });
});

describe('verificationKeyHash', () => {
  it('default: every point, the system and the count change it', () => {
    const base = makeKey('groth16');
    const keys = [
      base.verification,
      makeKey('ultragroth').verification,
      ...[{ alpha: 3n }, { beta: 3n }, { gamma: 3n }, { delta2: 3n }, { tau: 3n }].map(
        (changes) => makeKey('groth16', changes).verification,
      ),
      makeKey('ultragroth', { delta1: 3n }).verification,
      { ...base.verification, publicCount: 5, ic: base.verification.ic.slice(0, 6) },
      { ...base.verification, ic: base.verification.ic.toReversed() },
    ];
    expect(new Set(keys.map(verificationKeyHash)).size).toBe(keys.length);
  });

  it('error: coordinates of q or more, shapes that do not fit', () => {
    const key = makeKey('groth16').verification;
    expect(() => verificationKeyHash({ ...key, alpha1: { ...key.alpha1, x: 2n ** 254n } })).toThrow(
      expect.objectContaining({ code: 'COORDINATE_RANGE' }),
    );
    expect(() => verificationKeyHash({ ...key, ic: [] })).toThrow(
      expect.objectContaining({ code: 'KEY_SHAPE' }),
    );
  });
});

describe.runIf(fixturesAvailable)('keys of other provers', () => {
  it('default: a key that snarkjs wrote comes out byte for byte, e(α, β) included', () => {
    const written = JSON.parse(
      fixtureText('vectors/snarkjs-files/rapidsnark_verification_key.json'),
    ) as unknown;
    expect(JSON.stringify(formatVerificationKey(parseVerificationKey(written)))).toBe(
      JSON.stringify(written),
    );
  });
});
