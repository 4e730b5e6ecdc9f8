import { describe, expect, it } from 'vitest';
import { createField } from '../../../src/math/field.js';
import {
  SECP256K1_G as G,
  multiplySecp256k1,
  SECP256K1_N as N,
  SECP256K1_P as P,
  type Secp256k1Point,
} from '../../../src/math/secp256k1.js';
import { fromLimbs, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';

const LAMBDA = N - 1n - 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;
const scalars = createField(N);

describe('EcdsaSlot', () => {
  it('accepts: quotient, digits and tables agree with the reference', async () => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "lib/signature/EcdsaSlot.circom";
component main = EcdsaSlot(13);`);
    const key = multiplySecp256k1(G, 1234567n ** 9n) as Secp256k1Point;
    const nonce = multiplySecp256k1(G, 7654321n ** 9n) as Secp256k1Point;
    const s = 3n ** 160n;
    const witness = await circuit.witness({
      r: toLimbs(nonce.x),
      s: toLimbs(s),
      noncePointY: toLimbs(nonce.y),
      publicKeyX: toLimbs(key.x),
      publicKeyY: toLimbs(key.y),
      weight: [5n, 7n],
      chPole: 123456789123456789n,
    });
    expect(circuit.failingRow(witness)).toBeUndefined();
    const get = (name: string) => circuit.value(witness, `main.${name}`);
    const limbs = (name: string) => fromLimbs([0, 1, 2, 3].map((j) => get(`${name}[${j}]`)));
    const t = limbs('quotient');
    expect(t).toBe(scalars.mul(5n + 7n * 2n ** 64n, scalars.inv(s)));
    const half = (h: number) =>
      Array.from({ length: 33 }, (_, w) => get(`digit[${h}][${w}]`)).reduce(
        (sum, d, w) => sum + (2n * d - 15n) * 16n ** BigInt(w),
        0n,
      );
    expect(scalars.mod(half(0) + LAMBDA * half(1))).toBe(scalars.mul(t, nonce.x % N));
    for (let m = 0; m < 8; m++) {
      const multiple = multiplySecp256k1(key, BigInt(2 * m + 1)) as Secp256k1Point;
      const image = multiplySecp256k1(multiple, LAMBDA) as Secp256k1Point;
      expect(limbs(`multipleX[0][${m}]`)).toBe(multiple.x);
      expect(limbs(`multipleY[${m}]`)).toBe(multiple.y);
      expect(limbs(`multipleX[1][${m}]`)).toBe(image.x % P);
    }
  });
});
