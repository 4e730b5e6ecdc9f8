import { describe, expect, it } from 'vitest';
import { BN254_R as R } from '../../../src/math/field.js';
import { compileCircuit } from '../../support/circuit.js';
import { failingRows, forge, inverse } from '../nonnative/forge.js';

/** Two lookups of (a, b, a AND b) in the table of 2-bit operands; `pole` is an expression of x. */
const source = (pole: string) => `pragma circom 2.2.0;
include "lib/lookup/LookupPole.circom";
include "lib/lookup/TupleLookup.circom";
include "lib/lookup/TupleTable.circom";
template Main() {
    signal input value[2][3];
    signal input x;
    signal chPole <== ${pole};
    component lookup = TupleLookup(2, 3);
    lookup.value <== value;
    lookup.chX <== x;
    lookup.chPole <== chPole;
    component table = TupleTable(16, 3);
    table.chX <== x;
    table.chPole <== chPole;
    var seen[16];
    for (var j = 0; j < 16; j++) {
        table.value[j] <== [j % 4, j \\ 4, (j % 4) & (j \\ 4)];
        seen[j] = 0;
    }
    for (var i = 0; i < 2; i++) {
        if (value[i][0] < 4 && value[i][1] < 4) {
            seen[value[i][0] + 4 * value[i][1]] += 1;
        }
    }
    for (var j = 0; j < 16; j++) {
        table.count[j] <-- seen[j];
    }
    lookup.chInverse[0] + lookup.chInverse[1] === table.chSum;
}
component main {public [x]} = Main();`;

const X = 31415926535897932384626433832795n;
const fixed = 'LookupPole(24)(x)';

describe('TupleLookup, TupleTable', () => {
  it('accepts: rows of the table, one of them twice', async () => {
    const circuit = await compileCircuit(source(fixed));
    for (const value of [
      [
        [1n, 3n, 1n],
        [2n, 3n, 2n],
      ],
      [
        [3n, 3n, 3n],
        [3n, 3n, 3n],
      ],
    ])
      expect(circuit.failingRow(await circuit.witness({ value, x: X }))).toBeUndefined();
  });

  it.each([
    ['a wrong component', [1n, 3n, 2n]],
    ['operands outside the table', [4n, 0n, 0n]],
    ['components moved', [3n, 1n, 3n]],
    ['a negative component', [R - 1n, 1n, 1n]],
  ])('rejects: %s', async (_, tuple) => {
    const circuit = await compileCircuit(source(fixed));
    await expect(circuit.witness({ value: [tuple, [0n, 0n, 0n]], x: X })).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  // (λ·t1, 1 − λ·(1 − t2), λ·t3) has λ times the denominator of the row t for every x if the pole is x itself.
  const [row, scale] = [[1n, 3n, 1n] as const, 7n];
  const fake = [scale * row[0], 1n - scale * (1n - row[1]), scale * row[2]] as const;
  const changes = {
    'main.value[0][0]': fake[0],
    'main.value[0][1]': fake[1],
    'main.value[0][2]': fake[2],
    [`main.table.count[${1 + 4 * 3}]`]: inverse(scale),
  };

  it('behavior: with the pole at x a scaled row passes, for every challenge and one multiplicity', async () => {
    const circuit = await compileCircuit(source('x'));
    for (const x of [X, X * 3n + 1n]) {
      const honest = await circuit.witness({ value: [row, [0n, 0n, 0n]], x });
      expect(failingRows(circuit, forge(circuit, honest, changes))).toEqual([]);
    }
  });

  it('rejects: the scaled row, with the pole at x^(2^24)', async () => {
    const circuit = await compileCircuit(source(fixed));
    const honest = await circuit.witness({ value: [row, [0n, 0n, 0n]], x: X });
    expect(failingRows(circuit, forge(circuit, honest, changes))).toHaveLength(1);
  });

  it('rejects: every single altered wire', async () => {
    const circuit = await compileCircuit(source(fixed));
    const witness = await circuit.witness({ value: [row, [2n, 2n, 2n]], x: X });
    expect(circuit.sweep(witness)).toEqual([]);
  });
});

describe('LookupPole', () => {
  const pole = (log: number) => `pragma circom 2.2.0;
include "lib/lookup/LookupPole.circom";
component main = LookupPole(${log});`;

  it('accepts: x^(2^24)', async () => {
    const circuit = await compileCircuit(pole(24));
    expect(circuit.constraints).toBe(24);
    const witness = await circuit.witness({ chX: X });
    let expected = X;
    for (let i = 0; i < 24; i++) expected = (expected * expected) % R;
    expect(circuit.value(witness, 'main.chPole')).toBe(expected);
  });

  it('rejects: too low a power', async () => {
    await expect(compileCircuit(pole(23))).rejects.toMatchObject({ code: 'CIRCUIT_COMPILE_FAILED' });
  });
});
