import { beforeAll, describe, expect, it } from 'vitest';
import { add, BABYJUBJUB_ORDER, BASE8, IDENTITY, multiply, negate } from '../../src/math/babyjubjub.js';
import { eddsaPublicKey, eddsaSign, eddsaVerify } from '../../src/math/eddsa.js';
import { BN254_R } from '../../src/math/field.js';
import { sign, signingKey, verify } from '../../src/protocols/committee/signature.js';
import { smallOrderPoints } from '../support/babyjubjub.js';
import { loadOracle, type Oracle } from '../support/circomlibjs.js';
import { alteredSignatures } from '../support/eddsa.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

let oracle: Oracle;
beforeAll(async () => {
  oracle = await loadOracle();
});
const random = seededBytes(13);
const message = (): bigint => seededInteger(random, BN254_R);

describe('eddsaSign', () => {
  it('default: the keys and signatures of circomlibjs', () => {
    for (const text of [0n, 1n, BN254_R - 1n, message(), message()]) {
      const privateKey = random(32);
      expect(eddsaPublicKey(privateKey)).toEqual(oracle.publicKey(privateKey));
      expect(eddsaSign(privateKey, text)).toEqual(oracle.sign(privateKey, text));
    }
  });

  it('behavior: the fast signer makes the same signatures', () => {
    for (let i = 0; i < runs(10, 1000); i++) {
      const [privateKey, text] = [random(32), message()];
      const key = signingKey(privateKey);
      expect(key.publicKey).toEqual(oracle.publicKey(privateKey));
      expect(sign(key, text)).toEqual(oracle.sign(privateKey, text));
    }
  });
});

describe('eddsaVerify', () => {
  it('default: accepts and rejects as circomlibjs does', () => {
    const key = signingKey(random(32));
    const text = message();
    const signature = sign(key, text);
    expect(eddsaVerify(text, signature, key.publicKey)).toBe(true);
    for (const { what, signature: altered, publicKey, text: other } of alteredSignatures(
      key,
      text,
      signature,
    )) {
      expect(eddsaVerify(other, altered, publicKey), what).toBe(false);
      expect(oracle.verify(other, altered, publicKey), what).toBe(false);
    }
  });

  it('behavior: the fast verifier agrees on keys of the subgroup', () => {
    for (let i = 0; i < runs(2, 300); i++) {
      const key = signingKey(random(32));
      const text = message();
      const signature = sign(key, text);
      expect(verify(text, signature, key.publicKey)).toBe(true);
      for (const case_ of alteredSignatures(key, text, signature))
        if (case_.keyInSubgroup)
          expect(verify(case_.text, case_.signature, case_.publicKey), case_.what).toBe(
            oracle.verify(case_.text, case_.signature, case_.publicKey),
          );
    }
  });

  it('behavior: keys of small order let anybody sign, as in circomlibjs', () => {
    const forged = { r8: multiply(BASE8, 5n), s: 5n };
    for (const publicKey of smallOrderPoints()) {
      expect(eddsaVerify(1n, forged, publicKey)).toBe(true);
      expect(oracle.verify(1n, forged, publicKey)).toBe(true);
    }
  });

  it('behavior: a key outside the subgroup signs with its part of prime order', () => {
    const key = signingKey(random(32));
    const [, torsion] = smallOrderPoints();
    const publicKey = add(key.publicKey, torsion!);
    const signature = sign({ ...key, publicKey }, 9n);
    expect(eddsaVerify(9n, signature, publicKey)).toBe(true);
    expect(oracle.verify(9n, signature, publicKey)).toBe(true);
    const shifted = { ...signature, r8: add(signature.r8, torsion!) };
    expect(eddsaVerify(9n, shifted, publicKey)).toBe(false);
    expect(oracle.verify(9n, shifted, publicKey)).toBe(false);
  });

  it('error: s outside [0, l), points off the curve', () => {
    const key = signingKey(random(32));
    const signature = sign(key, 3n);
    const off = { x: signature.r8.x, y: signature.r8.y + 1n };
    expect(eddsaVerify(3n, { ...signature, s: signature.s + BABYJUBJUB_ORDER }, key.publicKey)).toBe(false);
    expect(eddsaVerify(3n, { ...signature, s: signature.s - BABYJUBJUB_ORDER }, key.publicKey)).toBe(false);
    expect(eddsaVerify(3n, { ...signature, r8: off }, key.publicKey)).toBe(false);
    expect(eddsaVerify(3n, { ...signature, r8: negate(signature.r8) }, key.publicKey)).toBe(false);
    expect(eddsaVerify(3n, { ...signature, r8: IDENTITY }, key.publicKey)).toBe(false);
  });
});
