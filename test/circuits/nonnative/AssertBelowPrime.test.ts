import { describe, expect, it } from 'vitest';
import { SECP256K1_N as N, SECP256K1_P as P } from '../../../src/math/secp256k1.js';
import { toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';
import { collect, withTable } from '../lookup/with-table.js';

const POLE = 555555555555555555555555555551n;
const TOP = 2n ** 256n - 2n ** 64n;

const source = (c: number) =>
  withTable(c, {
    includes: ['lib/nonnative/AssertBelowPrime.circom'],
    signals: ['input value[4]'],
    count: 'lookedAssertBelowPrime(C)',
    body: `component below = AssertBelowPrime(C);
    below.value <== value;
    below.chPole <== chPole;
    ${collect('below', 'lookedAssertBelowPrime(C)')}`,
  });

describe.each([0, 4])('AssertBelowPrime(%i)', (c) => {
  const chPole = c === 0 ? 0n : POLE;

  it.each([
    ['0', 0n],
    ['1', 1n],
    ['p − 1', P - 1n],
    ['p − 2', P - 2n],
    ['p − 2^64', P - 2n ** 64n],
    ['2^256 − 2^64: three limbs as in p', TOP],
    ['2^256 − 2^64 − 1', TOP - 1n],
    ['2^192 − 1', 2n ** 192n - 1n],
    ['n', N],
  ])('accepts: %s', async (_, value) => {
    const circuit = await compileCircuit(source(c));
    expect(circuit.failingRow(await circuit.witness({ value: toLimbs(value), chPole }))).toBeUndefined();
  });

  it.each([
    ['p', P],
    ['p + 1', P + 1n],
    ['p + 7', P + 7n],
    ['p + 2^32', P + 2n ** 32n],
    ['2^256 − 1', 2n ** 256n - 1n],
  ])('rejects: %s', async (_, value) => {
    const circuit = await compileCircuit(source(c));
    await expect(circuit.witness({ value: toLimbs(value), chPole })).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  it.each([
    ['an ordinary value', 2n ** 255n + 5n, []],
    // Where it is zero, the inverse that shows a value not to be has no effect.
    ['a value with the upper limbs of p', P - 5n, ['inverse']],
  ])('rejects: every wire altered alone, %s', async (_, value, free) => {
    const circuit = await compileCircuit(source(c));
    const witness = await circuit.witness({ value: toLimbs(value), chPole });
    const names = circuit
      .sweep(witness)
      .flatMap((forgery) => forgery.names)
      // Other limbs are other values, in range as well; counts of the table are free where nothing was looked up at its pole.
      .filter((name) => !/^main\.value\[/.test(name))
      .map((name) => name.split('.').at(-1));
    expect([...new Set(names)]).toEqual(free);
  });
});
