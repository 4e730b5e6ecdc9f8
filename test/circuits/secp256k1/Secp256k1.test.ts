import { describe, expect, it } from 'vitest';
import {
  addSecp256k1,
  SECP256K1_G as G,
  isOnSecp256k1,
  multiplySecp256k1,
  type Secp256k1Point,
} from '../../../src/math/secp256k1.js';
import { fromLimbs, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';

const values = (circuit: TestCircuit, witness: readonly bigint[], name: string): bigint =>
  fromLimbs([0, 1, 2, 3].map((i) => circuit.value(witness, `main.${name}[${i}]`)));

const OFFSET = {
  x: 31738084802817737750745412899548415716463282770764825463441517310127887402619n,
  y: 22165223692797202103790051595750983533314824985794138200998277357168805517100n,
};
const point = (scalar: bigint): Secp256k1Point => multiplySecp256k1(G, scalar) as Secp256k1Point;

describe.each([0, 13, 16])('Secp256k1AddUnchecked(%i)', (c) => {
  it('accepts: sums agree with the reference', async () => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "lib/curve/Secp256k1AddUnchecked.circom";
component main = Secp256k1AddUnchecked(${c});`);
    for (const [a, b] of [
      [1n, 2n],
      [5n, 7n ** 80n],
      [3n ** 150n, 11n],
    ] as const) {
      const [p, q] = [point(a), point(b)];
      const witness = await circuit.witness({
        x1: toLimbs(p.x),
        y1: toLimbs(p.y),
        x2: toLimbs(q.x),
        y2: toLimbs(q.y),
        chPole: c === 0 ? 0n : 98765432198765n,
      });
      expect(circuit.failingRow(witness)).toBeUndefined();
      const sum = { x: values(circuit, witness, 'x3'), y: values(circuit, witness, 'y3') };
      expect(isOnSecp256k1(sum)).toBe(true);
      expect(sum).toEqual(addSecp256k1(p, q));
    }
  });
});

describe.each([0, 13, 16])('Secp256k1Double(%i)', (c) => {
  it('accepts: doubles agree with the reference', async () => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "lib/curve/Secp256k1Double.circom";
component main = Secp256k1Double(${c});`);
    for (const a of [1n, 2n, 5n ** 90n]) {
      const p = point(a);
      const witness = await circuit.witness({
        x: toLimbs(p.x),
        y: toLimbs(p.y),
        chPole: c === 0 ? 0n : 98765432198765n,
      });
      expect(circuit.failingRow(witness)).toBeUndefined();
      expect({ x: values(circuit, witness, 'x3'), y: values(circuit, witness, 'y3') }).toEqual(
        addSecp256k1(p, p),
      );
    }
  });
});

describe('Secp256k1MultiScalar', () => {
  it('accepts: sums agree with the reference', async () => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "lib/curve/Secp256k1MultiScalar.circom";
component main = Secp256k1MultiScalar(13, 2, [33, 32], [1, -1]);`);
    const points = [point(77n), point(123n ** 30n)];
    const digits = points.map((_, t) =>
      Array.from({ length: 33 }, (_, w) => BigInt((w * 7 + t * 5 + 3) % 16)),
    );
    const odd = points.map((p) =>
      Array.from({ length: 8 }, (_, m) => multiplySecp256k1(p, BigInt(2 * m + 1)) as Secp256k1Point),
    );
    const witness = await circuit.witness({
      multipleX: odd.map((list) => list.map(({ x }) => toLimbs(x))),
      multipleY: odd.map((list) => list.map(({ y }) => toLimbs(y))),
      digit: digits,
      chX: 5n,
      chPole: 98765432198765n,
    });
    expect(circuit.failingRow(witness)).toBeUndefined();
    const scalar = (t: number, count: number): bigint =>
      (digits[t] as bigint[])
        .slice(0, count)
        .reduce((sum, d, w) => sum + (2n * d - 15n) * 16n ** BigInt(w), 0n);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const mod = (k: bigint) => ((k % order) + order) % order;
    const expected = [
      multiplySecp256k1(OFFSET, 2n ** 128n),
      multiplySecp256k1(points[0], mod(scalar(0, 33))),
      multiplySecp256k1(points[1], mod(-scalar(1, 32))),
    ].reduce(addSecp256k1);
    expect({ x: values(circuit, witness, 'x'), y: values(circuit, witness, 'y') }).toEqual(expected);
  });
});
