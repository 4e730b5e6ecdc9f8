import { describe, expect, it } from 'vitest';
import { domainLog } from '../../src/groth16/domain.js';
import {
  firstFailingRow,
  lagrangeAt,
  referenceProve,
  referenceSetup,
  referenceVerify,
} from '../../src/groth16/reference.js';
import { rootOfUnity } from '../../src/math/bn254.js';
import { Fr } from '../../src/math/field.js';
import { bitCircuit, bitWitness, productCircuit, productWitness, realChallenge, toySecrets } from './toy.js';

const blinding = { r: 11n, s: 13n, kappa: 17n };

describe('lagrangeAt', () => {
  it('behavior: interpolates every power below the domain size', () => {
    const log = 3;
    const tau = 987654321n;
    const lagrange = lagrangeAt(tau, log);
    for (let degree = 0n; degree < 8n; degree++) {
      const value = lagrange.reduce((sum, l, i) => {
        const point = Fr.pow(rootOfUnity(log), BigInt(i));
        return Fr.add(sum, Fr.mul(l, Fr.pow(point, degree)));
      }, 0n);
      expect(value).toBe(Fr.pow(tau, degree));
    }
  });

  it('behavior: the domain has room for one row more than rows and public inputs together', () => {
    expect([domainLog(1, 0), domainLog(2, 1), domainLog(3, 1), domainLog(6, 1), domainLog(7, 1)]).toEqual([
      1, 2, 3, 3, 4,
    ]);
  });
});

describe('plain', () => {
  const key = referenceSetup(productCircuit, toySecrets);

  it('default: a true statement verifies', () => {
    const { proof, publicInputs } = referenceProve(
      key,
      () => productWitness(3n, 5n),
      blinding,
      realChallenge,
    );
    expect(publicInputs).toEqual([16n]);
    expect(referenceVerify(key.verification, publicInputs, proof, realChallenge)).toBe(true);
    expect(referenceVerify(key.verification, [17n], proof, realChallenge)).toBe(false);
    expect(referenceVerify(key.verification, [], proof, realChallenge)).toBe(false);
  });

  it('error: no wire may be wrong', () => {
    const good = productWitness(3n, 5n);
    for (let wire = 1; wire < good.length; wire++) {
      const bad = good.map((value, i) => (i === wire ? value + 1n : value));
      expect(firstFailingRow(productCircuit, bad)).toBeTypeOf('number');
      const { proof, publicInputs } = referenceProve(key, () => bad, blinding, realChallenge);
      expect(referenceVerify(key.verification, publicInputs, proof, realChallenge)).toBe(false);
    }
  });
});

describe('two-round', () => {
  const circuit = bitCircuit();
  const key = referenceSetup(circuit, toySecrets);

  it('default: both bits verify, with and without blinding', () => {
    for (const value of [0n, 1n]) {
      for (const b of [blinding, { r: 0n, s: 0n, kappa: 0n }]) {
        const { proof, publicInputs } = referenceProve(
          key,
          (x) => bitWitness(circuit, value, x),
          b,
          realChallenge,
        );
        expect(publicInputs).toEqual([value]);
        expect(referenceVerify(key.verification, publicInputs, proof, realChallenge)).toBe(true);
      }
    }
  });

  it('error: another value, another D, no D', () => {
    const { proof } = referenceProve(key, (x) => bitWitness(circuit, 1n, x), blinding, realChallenge);
    expect(referenceVerify(key.verification, [0n], proof, realChallenge)).toBe(false);
    const other = referenceProve(
      key,
      (x) => bitWitness(circuit, 1n, x),
      { ...blinding, kappa: 18n },
      realChallenge,
    );
    const swapped = { ...proof, d: other.proof.d! };
    expect(referenceVerify(key.verification, [1n], swapped, realChallenge)).toBe(false);
  });

  it('error: a value outside the table has no witness, whatever the counts', () => {
    for (const counts of [
      { m0: 1n, m1: 0n },
      { m0: 0n, m1: 1n },
      { m0: 7n, m1: Fr.p - 6n },
    ]) {
      const witness = bitWitness(circuit, 7n, 1234567n, counts);
      expect(firstFailingRow(circuit, witness)).toBe(4);
      const { proof, publicInputs } = referenceProve(
        key,
        (x) => bitWitness(circuit, 7n, x, counts),
        blinding,
        realChallenge,
      );
      expect(referenceVerify(key.verification, publicInputs, proof, realChallenge)).toBe(false);
    }
  });

  it('behavior: with an empty first round and no challenge it is the plain protocol', () => {
    const { firstRound: _, ...plain } = circuit;
    const plainKey = referenceSetup(plain, toySecrets);
    const x = 99n;
    const { proof, publicInputs } = referenceProve(
      plainKey,
      () => bitWitness(circuit, 1n, x),
      blinding,
      realChallenge,
    );
    expect(proof.d).toBeUndefined();
    expect(publicInputs).toEqual([1n, x]);
    expect(referenceVerify(plainKey.verification, publicInputs, proof, realChallenge)).toBe(true);
  });
});
