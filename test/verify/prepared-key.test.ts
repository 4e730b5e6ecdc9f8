import { describe, expect, it } from 'vitest';
import { FIELD_MODULUS as R } from '../../src/statement/curve.js';
import type { G1, G2, VerificationKey } from '../../src/statement/types.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { g2OutsideSubgroup, makeKey, secrets } from './support.js';

const plain = makeKey('groth16').verification;
const twoRound = makeKey('ultragroth').verification;
const infinity1: G1 = { x: 0n, y: 0n };
const infinity2: G2 = { x: [0n, 0n], y: [0n, 0n] };
const { gamma, beta, delta1, delta2 } = secrets;

const refusal = (key: VerificationKey): string => {
  try {
    prepareKey(key);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('prepareKey', () => {
  it('default: keys of both systems, prepared once', () => {
    expect(refusal(plain)).toBe('ok');
    expect(refusal(twoRound)).toBe('ok');
    expect(prepareKey(plain)).toBe(prepareKey(plain));
    expect(prepareKey(plain).development).toBe(false);
  });

  it('behavior: gamma may be the generator, as in keys from a .ptau', () => {
    expect(refusal(makeKey('groth16', { gamma: 1n }).verification)).toBe('ok');
    expect(refusal(makeKey('ultragroth', { gamma: 1n }).verification)).toBe('ok');
  });

  it.each([
    ['δ = γ', makeKey('groth16', { delta2: gamma })],
    ['δ = −γ', makeKey('groth16', { delta2: R - gamma })],
    ['δ = generator', makeKey('groth16', { delta2: 1n })],
    ['δ = −generator', makeKey('groth16', { delta2: R - 1n })],
    ['δ = β', makeKey('groth16', { delta2: beta })],
    ['γ = −generator', makeKey('groth16', { gamma: R - 1n })],
    ['γ = β', makeKey('groth16', { gamma: beta })],
    ['β = generator', makeKey('groth16', { beta: 1n })],
    ['δ₁ = δ₂', makeKey('ultragroth', { delta1: delta2 })],
    ['δ₁ = −δ₂', makeKey('ultragroth', { delta1: R - delta2 })],
    ['δ₁ = γ', makeKey('ultragroth', { delta1: gamma })],
    ['δ₁ = −γ', makeKey('ultragroth', { delta1: R - gamma })],
    ['δ₁ = generator', makeKey('ultragroth', { delta1: 1n })],
    ['δ₂ = γ', makeKey('ultragroth', { delta2: gamma })],
    ['δ₂ = −generator', makeKey('ultragroth', { delta2: R - 1n })],
    ['δ₂ = −δ₁', makeKey('ultragroth', { delta2: R - delta1 })],
  ])('error: weak key, %s', (_, key) => {
    expect(refusal(key.verification)).toBe('KEY_WEAK');
  });

  it.each([
    ['alpha at infinity', { alpha1: infinity1 }],
    ['beta at infinity', { beta2: infinity2 }],
    ['gamma at infinity', { gamma2: infinity2 }],
    ['delta at infinity', { delta2: infinity2 }],
    ['IC at infinity', { ic: plain.ic.map((point, i) => (i === 3 ? infinity1 : point)) }],
    ['alpha off the curve', { alpha1: { x: 1n, y: 3n } }],
    ['beta off the curve', { beta2: { x: [1n, 2n], y: [3n, 4n] } satisfies G2 }],
    ['delta outside the subgroup', { delta2: g2OutsideSubgroup(5n) }],
    ['gamma outside the subgroup', { gamma2: g2OutsideSubgroup(6n) }],
    ['beta outside the subgroup', { beta2: g2OutsideSubgroup(7n) }],
  ])('error: %s', (_, changes) => {
    expect(refusal({ ...plain, ...changes })).toBe('KEY_POINT');
  });

  it('error: delta1 at infinity or outside the subgroup', () => {
    expect(refusal({ ...twoRound, delta1: infinity2 })).toBe('KEY_POINT');
    expect(refusal({ ...twoRound, delta1: g2OutsideSubgroup(8n) })).toBe('KEY_POINT');
  });

  it('error: parts that do not fit together', () => {
    const { delta1: _, ...withoutDelta1 } = twoRound;
    expect(refusal(withoutDelta1)).toBe('KEY_SHAPE');
    expect(refusal({ ...plain, delta1: twoRound.delta1! })).toBe('KEY_SHAPE');
    expect(refusal({ ...plain, publicCount: 7 })).toBe('KEY_SHAPE');
    expect(refusal({ ...plain, ic: plain.ic.slice(1) })).toBe('KEY_SHAPE');
    expect(refusal({ ...plain, system: 'plonk' as 'groth16' })).toBe('KEY_SHAPE');
  });
});
