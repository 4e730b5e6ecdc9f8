import { expect, it } from 'vitest';
import { BN254_R } from '../../src/math/field.js';
import { sign, signingKey, verify } from '../../src/protocols/committee/signature.js';
import { loadOracle } from '../support/circomlibjs.js';
import { alteredSignatures } from '../support/eddsa.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

it('behavior: hundreds of keys and messages as circomlibjs has them', async () => {
  const oracle = await loadOracle();
  const random = seededBytes(14);
  for (let i = 0; i < runs(200, 2000); i++) {
    const privateKey = random(32);
    const text = seededInteger(random, BN254_R);
    const key = signingKey(privateKey);
    expect(key.publicKey).toEqual(oracle.publicKey(privateKey));
    const signature = sign(key, text);
    expect(signature).toEqual(oracle.sign(privateKey, text));
    expect(verify(text, signature, key.publicKey)).toBe(true);
    const altered = alteredSignatures(key, text, signature).filter((one) => one.keyInSubgroup);
    const one = altered[i % altered.length]!;
    expect(oracle.verify(one.text, one.signature, one.publicKey), one.what).toBe(false);
    expect(verify(one.text, one.signature, one.publicKey), one.what).toBe(false);
  }
});
