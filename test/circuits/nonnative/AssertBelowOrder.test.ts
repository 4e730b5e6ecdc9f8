import { describe, expect, it } from 'vitest';
import { SECP256K1_N as N, SECP256K1_P as P } from '../../../src/math/secp256k1.js';
import { toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';
import { collect, withTable } from '../lookup/with-table.js';

const POLE = 555555555555555555555555555551n;

const source = (c: number) =>
  withTable(c, {
    includes: ['lib/lookup/RangeCheck.circom', 'lib/nonnative/AssertBelowOrder.circom'],
    signals: ['input value[4]'],
    count: 'lookedCount(C, 4 * chunkCount(C, 64)) + lookedCount(C, 4 * chunkCount(C, 64) + 1)',
    body: `component range = RangeCheck(C, 4, chunkCount(C, 64));
    component below = AssertBelowOrder(C);
    range.value <== value;
    range.chPole <== chPole;
    below.value <== value;
    below.chPole <== chPole;
    ${collect('range', 'lookedCount(C, 4 * chunkCount(C, 64))')}
    ${collect('below', 'lookedCount(C, 4 * chunkCount(C, 64) + 1)', 'lookedCount(C, 4 * chunkCount(C, 64))')}`,
  });

describe.each([0, 4])('AssertBelowOrder(%i)', (c) => {
  const chPole = c === 0 ? 0n : POLE;

  it.each([
    ['0', 0n],
    ['1', 1n],
    ['n − 1', N - 1n],
    ['n − 2^64', N - 2n ** 64n],
    ['2^255', 2n ** 255n],
    ['2^128 − 1', 2n ** 128n - 1n],
  ])('accepts: %s', async (_, value) => {
    const circuit = await compileCircuit(source(c));
    expect(circuit.failingRow(await circuit.witness({ value: toLimbs(value), chPole }))).toBeUndefined();
  });

  it.each([
    ['n', N],
    ['n + 1', N + 1n],
    ['n + 2^64', N + 2n ** 64n],
    ['n + 2^128', N + 2n ** 128n],
    ['p', P],
    ['2^256 − 1', 2n ** 256n - 1n],
  ])('rejects: %s', async (_, value) => {
    const circuit = await compileCircuit(source(c));
    await expect(circuit.witness({ value: toLimbs(value), chPole })).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });
});
