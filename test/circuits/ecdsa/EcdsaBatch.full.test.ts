import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { type EcdsaSlot, ecdsaBatchInput } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';
import { seededBytes } from '../../support/runs.js';
import { batchSource } from './main-source.js';

const random = seededBytes(11);
const integer = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

export function sign(hash: Uint8Array, secret: Uint8Array): EcdsaSlot {
  const bytes = secp256k1.sign(hash, secret, { prehash: false, lowS: true });
  const point = secp256k1.Point.fromBytes(secp256k1.getPublicKey(secret)).toAffine();
  return {
    signature: { r: integer(bytes.slice(0, 32)), s: integer(bytes.slice(32)) },
    publicKey: { x: point.x, y: point.y },
  };
}

describe('EcdsaBatch', () => {
  it('accepts: one valid signature', async () => {
    const circuit = await compileCircuit(batchSource(13, 1));
    console.log(circuit.constraints, circuit.wires);
    const hash = random(32);
    const slot = sign(hash, secp256k1.utils.randomSecretKey());
    const t = Date.now();
    const witness = await circuit.witness({ ...ecdsaBatchInput(integer(hash), [slot]), x: 123456789n ** 7n });
    console.log('witness ms', Date.now() - t);
    expect(circuit.failingRow(witness)).toBeUndefined();
  });
});
