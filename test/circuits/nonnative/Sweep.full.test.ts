import { describe, expect, it } from 'vitest';
import {
  SECP256K1_G as G,
  multiplySecp256k1,
  SECP256K1_N as N,
  type Secp256k1Point,
} from '../../../src/math/secp256k1.js';
import { toLimbs } from '../../../src/math/secp256k1-limbs.js';
import type { CircuitInput } from '../../../src/witness/program.js';
import { compileCircuit } from '../../support/circuit.js';

const point = (scalar: bigint): Secp256k1Point => multiplySecp256k1(G, scalar) as Secp256k1Point;
const [p, q] = [point(123456789n), point(987654321n)];
const [px, py, qx, qy] = [p.x, p.y, q.x, q.y].map(toLimbs) as [bigint[], bigint[], bigint[], bigint[]];
const chPole = 0n;

const cases: [folder: string, template: string, parameters: string, input: CircuitInput][] = [
  ['nonnative', 'MultiplyModP', '0', { a: px, b: qy, chPole }],
  ['nonnative', 'AssertBelowOrder', '0', { value: toLimbs(N - 5n), chPole }],
  ['nonnative', 'AccumulateNonZeroModP', '13', { a: px, b: qx, accumulator: 3n }],
  ['curve', 'Secp256k1OnCurve', '0', { x: px, y: py, chPole }],
  ['curve', 'Secp256k1AddUnchecked', '0', { x1: px, y1: py, x2: qx, y2: qy, chPole }],
  ['curve', 'Secp256k1Double', '0', { x: px, y: py, chPole }],
  [
    'curve',
    'Secp256k1AddChain',
    '0, 2',
    { x: px, y: py, pointX: [qx, toLimbs(G.x)], pointY: [qy, toLimbs(G.y)], factor: 1n, chPole },
  ],
];

/** An input that may take a neighbouring value: the gap to n - 1 follows in its lowest bit, which is no wire. */
const justified: { readonly [template: string]: readonly string[] } = { AssertBelowOrder: ['main.value[0]'] };

describe('forged witnesses, every wire to five other values', () => {
  it.each(cases)('rejects: %s/%s(%s)', async (folder, template, parameters, input) => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "lib/${folder}/${template}.circom";
component main = ${template}(${parameters});`);
    const witness = await circuit.witness(input);
    expect(circuit.failingRow(witness)).toBeUndefined();
    const accepted = circuit.sweep(witness).map(({ names }) => names[0]);
    expect(accepted).toEqual(justified[template] ?? []);
  });
});
