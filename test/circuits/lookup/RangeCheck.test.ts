import { describe, expect, it } from 'vitest';
import { BN254_R as R } from '../../../src/math/field.js';
import { compileCircuit } from '../../support/circuit.js';
import { failingRows, forge, forgeLookups } from '../nonnative/forge.js';
import { collect, withTable } from './with-table.js';

const POLE = 987654321987654321987654321n;

const source = (c: number, chunks: number) =>
  withTable(c, {
    includes: ['lib/lookup/RangeCheck.circom'],
    signals: ['input value[2]'],
    count: `lookedCount(C, ${2 * chunks})`,
    body: `component range = RangeCheck(C, 2, ${chunks});
    range.value <== value;
    range.chPole <== chPole;
    ${collect('range', 'COUNT')}`,
  });

describe.each([
  [0, 12],
  [4, 3],
  [8, 2],
])('RangeCheck(%i, 2, %i)', (c, chunks) => {
  const bound = 2n ** BigInt((c || 1) * chunks);
  const pole = c === 0 ? 0n : POLE;

  it('accepts: 0, 1 and the greatest value', async () => {
    const circuit = await compileCircuit(source(c, chunks));
    for (const value of [
      [0n, bound - 1n],
      [1n, bound / 2n],
    ]) {
      const witness = await circuit.witness({ value, chPole: pole });
      expect(circuit.failingRow(witness)).toBeUndefined();
    }
  });

  it.each([
    ['bound', bound],
    ['2·bound', 2n * bound],
    ['r − 1', R - 1n],
    ['(r − 1)/2', (R - 1n) / 2n],
  ] as const)('rejects: %s', async (_, value) => {
    const circuit = await compileCircuit(source(c, chunks));
    for (const pair of [
      [value, 0n],
      [5n, value],
    ])
      await expect(circuit.witness({ value: pair, chPole: pole })).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
  });

  it('rejects: an upper chunk that is too wide, whatever the multiplicities', async () => {
    const circuit = await compileCircuit(source(c, chunks));
    const honest = await circuit.witness({ value: [7n, 9n], chPole: pole });
    const changes = {
      'main.value[0]': bound + 7n,
      [`main.range.upper[0][${chunks - 2}]`]: 2n ** BigInt(c || 1),
    };
    const forged = c === 0 ? forge(circuit, honest, changes) : forgeLookups(circuit, honest, pole, changes);
    expect(failingRows(circuit, forged)).toHaveLength(1);
  });
});

describe('RangeCheck', () => {
  it('rejects: every single altered wire but another value in range', async () => {
    for (const c of [0, 4]) {
      const circuit = await compileCircuit(source(c, 3));
      const witness = await circuit.witness({ value: [5n, 3n], chPole: c === 0 ? 0n : POLE });
      const accepted = circuit.sweep(witness).map(({ names, value }) => `${names[0]} = ${value}`);
      expect(accepted).toEqual(c === 0 ? ['main.value[0] = 4', 'main.value[1] = 2'] : []);
    }
  });

  it('behavior: chunks are free, limbs cost no recomposition row', async () => {
    expect((await compileCircuit(source(0, 12))).constraints).toBe(24);
    // 2·3 chunks, 16 table rows, one sum, the balance with it.
    expect((await compileCircuit(source(4, 3))).constraints).toBe(6 + 16 + 2);
  });
});
