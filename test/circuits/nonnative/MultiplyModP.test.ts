import { describe, expect, it } from 'vitest';
import { SECP256K1_P as P } from '../../../src/math/secp256k1.js';
import { fromLimbs, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

const source = (c: number) => `pragma circom 2.2.0;
include "lib/nonnative/MultiplyModP.circom";
template Main(C) {
    signal input a[4];
    signal input b[4];
    signal input chPole;
    signal output out[4];
    signal output chTotal;
    component product = MultiplyModP(C);
    product.a <== a;
    product.b <== b;
    product.chPole <== chPole;
    out <== product.out;
    chTotal <== product.chSum;
}
component main = Main(${c});`;

const edges = [0n, 1n, 2n, P - 1n, P - 2n, P, 2n ** 256n - 1n, 2n ** 255n, 2n ** 192n - 1n, 2n ** 64n];

describe.each([0, 13, 16])('MultiplyModP(%i)', (c) => {
  it('accepts: products agree with bigint arithmetic', async () => {
    const circuit = await compileCircuit(source(c));
    expect(circuit.constraints).toBe(c === 0 ? 428 : c === 13 ? 39 : 33);
    const random = seededBytes(7 + c);
    const pairs = edges.map((a, i) => [a, edges[(i * 3) % edges.length] as bigint]);
    for (let i = 0; i < runs(20, 1000); i++)
      pairs.push([seededInteger(random, 2n ** 256n), seededInteger(random, 2n ** 256n)]);
    for (const [a, b] of pairs as [bigint, bigint][]) {
      const witness = await circuit.witness({
        a: toLimbs(a),
        b: toLimbs(b),
        chPole: c === 0 ? 0n : 123456789012345n,
      });
      expect(circuit.failingRow(witness)).toBeUndefined();
      const out = [0, 1, 2, 3].map((i) => circuit.value(witness, `main.out[${i}]`));
      expect(fromLimbs(out)).toBe((a * b) % P);
    }
  });
});
