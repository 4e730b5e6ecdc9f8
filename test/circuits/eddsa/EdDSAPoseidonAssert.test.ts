import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  BABYJUBJUB_ORDER,
  BASE8,
  type EdwardsPoint,
  multiply,
  negate,
} from '../../../src/math/babyjubjub.js';
import { type EddsaSignature, eddsaChallenge } from '../../../src/math/eddsa.js';
import { BN254_R } from '../../../src/math/field.js';
import { sign, signingKey } from '../../../src/protocols/committee/signature.js';
import { smallOrderPoints } from '../../support/babyjubjub.js';
import { loadOracle, type Oracle } from '../../support/circomlibjs.js';
import type { TestCircuit } from '../../support/circuit.js';
import { alteredSignatures } from '../../support/eddsa.js';
import { compile, expectRejection, expectWitness, wrapperOf } from '../../support/reject.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

const random = seededBytes(51);
const rejected = { code: 'CIRCUIT_ASSERTION' };

describe('EdDSAPoseidonAssert', () => {
  let circuit: TestCircuit;
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await loadOracle();
    circuit = await compile(
      wrapperOf(
        ['lib/signature/EdDSAPoseidonAssert.circom'],
        `    signal input enabled, ax, ay, r8x, r8y, s, message;
    EdDSAPoseidonAssert()(Binary()(enabled), ax, ay, r8x, r8y, s, message);`,
      ),
    );
  });
  const input = (message: bigint, { r8, s }: EddsaSignature, key: EdwardsPoint, enabled = 1n) => ({
    enabled,
    ax: key.x,
    ay: key.y,
    r8x: r8.x,
    r8y: r8.y,
    s,
    message,
  });

  it('accepts: signatures that circomlibjs made', async () => {
    for (let i = 0; i < runs(10, 100); i++) {
      const privateKey = random(32);
      const message = [0n, 1n, BN254_R - 1n][i] ?? seededInteger(random, BN254_R);
      await expectWitness(
        circuit,
        input(message, oracle.sign(privateKey, message), oracle.publicKey(privateKey)),
      );
    }
  });

  it('accepts: a key outside the subgroup that circomlibjs accepts', async () => {
    const key = signingKey(random(32));
    for (const torsion of smallOrderPoints().slice(1)) {
      const publicKey = add(key.publicKey, torsion);
      const signature = sign({ ...key, publicKey }, 5n);
      expect(oracle.verify(5n, signature, publicKey)).toBe(true);
      await expectWitness(circuit, input(5n, signature, publicKey));
    }
  });

  it('accepts: anything where disabled, keys off the curve and unknown keys included', async () => {
    const zero = { x: 0n, y: 0n };
    await expectWitness(circuit, input(5n, { r8: zero, s: 0n }, zero, 0n));
    await expectWitness(circuit, input(5n, { r8: { x: 7n, y: 9n }, s: 3n }, { x: 1n, y: 2n }, 0n));
    for (const { x, y } of smallOrderPoints())
      await expectWitness(circuit, input(5n, { r8: zero, s: 0n }, { x, y }, 0n));
  });

  it('rejects: every alteration that circomlibjs rejects', async () => {
    for (let i = 0; i < runs(2, 20); i++) {
      const key = signingKey(random(32));
      const message = seededInteger(random, BN254_R);
      for (const one of alteredSignatures(key, message, sign(key, message))) {
        expect(oracle.verify(one.text, one.signature, one.publicKey), one.what).toBe(false);
        await expect(
          circuit.witness(input(one.text, one.signature, one.publicKey)),
          one.what,
        ).rejects.toMatchObject(rejected);
      }
    }
  });

  it('rejects: s of l and above, enabled or not', async () => {
    const key = signingKey(random(32));
    const signature = sign(key, 8n);
    for (const enabled of [0n, 1n]) {
      const beyond = { ...signature, s: signature.s + BABYJUBJUB_ORDER };
      await expect(circuit.witness(input(8n, beyond, key.publicKey, enabled))).rejects.toMatchObject(
        rejected,
      );
      const top = { ...signature, s: BN254_R - 1n };
      await expectRejection(circuit, input(8n, top, key.publicKey, enabled), 'BabyJubCombination');
    }
  });

  it('rejects: keys of small order, with which anybody could sign', async () => {
    const forged = { r8: multiply(BASE8, 5n), s: 5n };
    for (const publicKey of smallOrderPoints())
      await expectRejection(circuit, input(1n, forged, publicKey), 'BabyJubEightfold');
  });

  it('rejects: keys off the curve', async () => {
    const forged = { r8: multiply(BASE8, 5n), s: 5n };
    for (const publicKey of [
      { x: 0n, y: 0n },
      { x: 1n, y: 1n },
      { x: BASE8.x, y: BASE8.y + 1n },
    ])
      await expectRejection(circuit, input(1n, forged, publicKey), 'BabyJubEightfold');
  });

  it('rejects: enabled that is not binary', async () => {
    const key = signingKey(random(32));
    await expectRejection(circuit, input(1n, sign(key, 1n), key.publicKey, 2n), 'Binary');
  });

  it('rejects: every other value of every wire', async () => {
    const key = signingKey(random(32));
    const honest = await circuit.witness(input(4n, sign(key, 4n), key.publicKey));
    expect(circuit.sweep(honest)).toEqual([]);
  });

  it('rejects: keys of which 8·A is ±BASE8: everybody knows that their private key is ±1/8', async () => {
    const eighth = multiply(BASE8, (7n * BABYJUBJUB_ORDER + 1n) / 8n);
    expect(multiply(eighth, 8n)).toEqual(BASE8);
    for (const publicKey of [eighth, negate(eighth)]) {
      const h = eddsaChallenge(BASE8, publicKey, 6n);
      const s =
        (1n + (publicKey === eighth ? h : BABYJUBJUB_ORDER - (h % BABYJUBJUB_ORDER))) % BABYJUBJUB_ORDER;
      expect(oracle.verify(6n, { r8: BASE8, s }, publicKey)).toBe(true);
      await expectRejection(circuit, input(6n, { r8: BASE8, s }, publicKey), 'BabyJubCombination');
    }
  });

  it('accepts: keys that are small multiples of the base', async () => {
    for (const scalar of [1n, 2n, 3n, 5n, BABYJUBJUB_ORDER - 1n]) {
      const publicKey = multiply(BASE8, scalar);
      const nonce = seededInteger(random, BABYJUBJUB_ORDER);
      const r8 = multiply(BASE8, nonce);
      const s = (nonce + eddsaChallenge(r8, publicKey, 6n) * 8n * scalar) % BABYJUBJUB_ORDER;
      expect(oracle.verify(6n, { r8, s }, publicKey)).toBe(true);
      await expectWitness(circuit, input(6n, { r8, s }, publicKey));
    }
  });

  it('behavior: at most 3,000 constraints', () => {
    expect(circuit.constraints).toBe(2379 + 1 + 1);
  });
});
