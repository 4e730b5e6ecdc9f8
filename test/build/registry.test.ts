import { describe, expect, it } from 'vitest';
import { CIRCUITS, circuitById, circuitForSet } from '../../src/build/registry.js';
import { ISTANBUL_VARIANTS } from '../../src/protocols/istanbul/extra-data.js';
import { formatManifest, parseCircuitId, parseManifest } from '../../src/statement/documents.js';
import { codeOf } from '../support/istanbul.js';

const registrations = CIRCUITS.filter((spec) => spec.kind === 'registration');

describe('CIRCUITS', () => {
  it('default: ids are distinct, registrations have all tiers of the protocol', () => {
    expect(new Set(CIRCUITS.map((spec) => spec.id)).size).toBe(CIRCUITS.length);
    expect(registrations.map((spec) => spec.id)).toEqual(
      [4, 8, 16, 32].map((tier) => `istanbul-registration-${tier}`),
    );
  });

  it('default: public inputs stand in the main file in order, the challenge last', () => {
    for (const { system, publicInputs, mainSource } of CIRCUITS) {
      expect(mainSource).toContain(`{public [${publicInputs.join(', ')}]}`);
      expect(publicInputs.at(-1) === 'x').toBe(system === 'ultragroth');
    }
    expect(circuitById('istanbul-registration-4').publicInputs).toEqual(['oldSet', 'newSet', 'x']);
    expect(circuitById('istanbul-qbft-4').publicInputs.length).toBe(7);
  });

  it('behavior: the name of a registration is none of a finality circuit, but manifests may list it', () => {
    for (const { id, kind, variants } of CIRCUITS) {
      expect(parseCircuitId(id) !== undefined, id).toBe(kind === 'finality');
      if (kind === 'finality' && variants.length === 1 && variants[0] !== 'committee')
        expect(parseCircuitId(id)?.variant).toBe(variants[0]);
    }
    const keys = registrations.map(({ id }, i) => ({
      circuit: id,
      verificationKeyHash: BigInt(i),
      kind: 'development' as const,
      circuitHash: 0n,
      file: `${id}.json`,
    }));
    const manifest = { name: 'test', keys };
    expect(parseManifest(JSON.parse(JSON.stringify(formatManifest(manifest))))).toEqual(manifest);
  });

  it('error: an unknown id', () => {
    expect(codeOf(() => circuitById('istanbul-registration-5'))).toBe('CIRCUIT_UNKNOWN');
  });
});

describe('circuitForSet', () => {
  it('default: the smallest circuit of finality, never a registration', () => {
    for (const variant of ['committee', ...ISTANBUL_VARIANTS] as const)
      for (let size = 1; size <= 32; size++) {
        const spec = circuitForSet(variant, size);
        expect(spec.kind).toBe('finality');
        expect(spec.variants).toEqual([variant]);
        expect(spec.tier).toBeGreaterThanOrEqual(size);
        expect(spec.tier).toBeLessThan(Math.max(5, 2 * size));
      }
  });

  it('error: a set that no tier takes', () => {
    for (const variant of ISTANBUL_VARIANTS)
      expect(codeOf(() => circuitForSet(variant, 33))).toBe('SET_TOO_LARGE');
    expect(codeOf(() => circuitForSet('committee', 129))).toBe('SET_TOO_LARGE');
  });
});
