import { describe, expect, it } from 'vitest';
import { SECP256K1_N as N, verifyEcdsaStrict } from '../../../src/math/secp256k1.js';
import { ecdsaSlotInput, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';
import {
  bytesToInteger,
  type EcdsaVector,
  signWithNoble,
  wycheproofVectors,
} from '../../support/ecdsa-vectors.js';
import { fixturesAvailable } from '../../support/fixtures.js';
import { seededBytes } from '../../support/runs.js';
import { verifySource } from './main-source.js';

const X = 0x1234567890abcdef1234567890abcdef1234567890abcdefn;

/** How many vectors of each kind go through the circuit: all of the rare kinds, some of the frequent ones. */
const quota: { readonly [flag: string]: number } = {
  PointDuplication: 7,
  SmallRandS: 12,
  RangeCheck: 4,
  IntegerOverflow: 4,
  ModifiedInteger: 1,
  EdgeCaseShamirMultiplication: 1,
  EdgeCasePublicKey: 6,
  ModularInverse: 3,
  SpecialCaseHash: 4,
  InvalidSignature: 8,
  ArithmeticError: 5,
};

function nastiest(): EcdsaVector[] {
  const taken = new Map<string, number>();
  return wycheproofVectors('p1363').filter(({ flags, slot }) => {
    const flag = flags[0] as string;
    const count = taken.get(flag) ?? 0;
    if (slot === undefined || count >= (quota[flag] ?? 0)) return false;
    taken.set(flag, count + 1);
    return true;
  });
}

describe.skipIf(!fixturesAvailable)('EcdsaVerify(13) on Wycheproof vectors', () => {
  const vectors = fixturesAvailable ? nastiest() : [];

  it('default: at least 40 vectors, both kinds', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(40);
    expect(vectors.filter(({ valid }) => !valid).length).toBeGreaterThanOrEqual(15);
  });

  it.each(vectors.map((vector) => [`${vector.id} ${vector.comment}`, vector] as const))(
    '%s',
    async (_, { messageHash, slot, flags }) => {
      expect(flags.length).toBeGreaterThan(0);
      const circuit = await compileCircuit(verifySource(13));
      const expected = verifyEcdsaStrict(messageHash, slot!.signature, slot!.publicKey);
      const input = { messageHash: toLimbs(messageHash), ...ecdsaSlotInput(messageHash, slot!), x: X };
      if (!expected) {
        await expect(circuit.witness(input)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
        return;
      }
      const witness = await circuit.witness(input);
      expect(circuit.failingRow(witness)).toBeUndefined();
    },
  );
});

describe('EcdsaVerify(0), plain Groth16', () => {
  const random = seededBytes(21);
  const hash = random(32);
  const slot = signWithNoble(hash, random(32));
  const h = bytesToInteger(hash);

  it.each([
    ['a signature', slot.signature],
    ['its high s', { r: slot.signature.r, s: N - slot.signature.s }],
  ])('accepts: %s', async (_, signature) => {
    const circuit = await compileCircuit(verifySource(0));
    expect(circuit.constraints).toBeLessThan(330_000);
    const witness = await circuit.witness({
      messageHash: toLimbs(h),
      ...ecdsaSlotInput(h, { ...slot, signature }),
    });
    expect(circuit.failingRow(witness)).toBeUndefined();
  });

  it('rejects: another hash', async () => {
    const circuit = await compileCircuit(verifySource(0));
    const input = { messageHash: toLimbs(h ^ 1n), ...ecdsaSlotInput(h, slot) };
    await expect(circuit.witness(input)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });
});
