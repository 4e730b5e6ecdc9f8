import { describe, expect, it } from 'vitest';
import { SECP256K1_P as P } from '../../../src/math/secp256k1.js';
import { toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';

const source = (c: number) => `pragma circom 2.2.0;
include "lib/nonnative/AccumulateNonZeroModP.circom";
component main = AccumulateNonZeroModP(${c});`;

/** Limbs of a value up to 2^257, the top one as wide as needed. */
const wide = (value: bigint): bigint[] => [...toLimbs(value).slice(0, 3), value >> 192n];

describe.each([
  [0, 3],
  [13, 4],
  [16, 3],
])('AccumulateNonZeroModP(%i)', (c, rows) => {
  const run = async (a: bigint, b: bigint, accumulator = 5n): Promise<bigint> => {
    const circuit = await compileCircuit(source(c));
    expect(circuit.constraints).toBe(rows);
    const witness = await circuit.witness({ a: wide(a), b: wide(b), accumulator });
    return circuit.value(witness, 'main.out');
  };

  it.each([
    ['a neighbour', 3n, 4n],
    ['opposite', 7n, P - 7n],
    ['half of p', P / 2n, 0n],
    ['p + 1', P + 1n, 0n],
  ])('accepts: %s differs', async (_, a, b) => {
    expect(await run(a, b)).not.toBe(0n);
  });

  const equal: [string, bigint, bigint][] = [
    ['the same integer', 12345n, 12345n],
    ['a + p', 12345n + P, 12345n],
    ['a − p', 12345n, 12345n + P],
  ];
  if (c === 13) equal.push(['a + 2p', 2n * P + 3n, 3n], ['a − 2p', 3n, 2n * P + 3n]);
  it.each(equal)('rejects: %s', async (_, a, b) => {
    expect(await run(a, b)).toBe(0n);
  });

  it('rejects: whatever follows an equal pair', async () => {
    expect(await run(1n, 2n, 0n)).toBe(0n);
  });
});
