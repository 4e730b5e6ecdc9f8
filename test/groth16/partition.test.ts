import { describe, expect, it } from 'vitest';
import { createR1cs } from '../../src/formats/r1cs.js';
import { readSymbols } from '../../src/formats/symbols.js';
import {
  compareRuns,
  decodePartition,
  encodePartition,
  partitionByNames,
  partitionOf,
  wireLabel,
} from '../../src/groth16/partition.js';
import { checkPartition } from '../../src/groth16/partition-check.js';
import { bitCircuit, type Terms, type ToyCircuit, toyCircuit, toyPartition, toyR1cs } from './toy.js';

type ToyRow = readonly [Terms, Terms, Terms];

/** Runs the check on a toy; its symbols carry the toy's names. */
function check(circuit: ToyCircuit) {
  const lines = circuit.wires.slice(1).map((name, i) => `${i + 1},${i + 1},0,main.${name}`);
  const symbols = readSymbols(Buffer.from(lines.join('\n')));
  return checkPartition(toyR1cs(circuit), toyPartition(circuit), symbols);
}

function refusal(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    return error as { code: string; message: string };
  }
  return { code: 'accepted', message: '' };
}

/** The sound one-bit lookup with some rows and second-round wires more. */
function extended(
  second: readonly string[],
  rows: readonly ToyRow[],
  first: readonly string[] = [],
): ToyCircuit {
  return toyCircuit(
    { inputs: ['value', 'x'], first: ['c', 'm0', 'm1', ...first], second: ['y', 'y0', 'y1', ...second] },
    [
      [{ c: 1n }, { one: 1n }, { value: 1n }],
      [{ y: 1n }, { x: 1n, c: -1n }, { one: 1n }],
      [{ y0: 1n }, { x: 1n }, { m0: 1n }],
      [{ y1: 1n }, { x: 1n, one: -1n }, { m1: 1n }],
      [{ y: 1n, y0: -1n, y1: -1n }, { one: 1n }, {}],
      ...rows,
    ],
  );
}

describe('partitionByNames', () => {
  const r1cs = createR1cs({ wires: 6, publicOutputs: 0, publicInputs: 2, privateInputs: 0 }, []);
  const symbols = (...lines: string[]) => readSymbols(Buffer.from(lines.join('\n')));
  const common = ['1,1,0,main.total', '2,2,0,main.x', '3,3,0,main.a'];

  it('default: the last component decides, and any name of a wire', () => {
    const names = symbols(
      ...common,
      '4,4,0,main.chain.value',
      '5,4,0,main.sub.chSum',
      '6,5,0,main.chPower[2]',
    );
    const partition = partitionByNames(r1cs, names)!;
    expect([...partition.first]).toEqual([3]);
    expect([...partition.second]).toEqual([4, 5]);
    expect(wireLabel(4, names)).toBe('main.chain.value (wire 4)');
    expect(wireLabel(0, names)).toBe('one (wire 0)');
  });

  it('default: no such name is a plain circuit; names of components and eliminated signals do not count', () => {
    const names = symbols(...common, '4,4,0,main.chFold.value', '5,5,0,main.chain[2]', '6,-1,0,main.chSum');
    expect(partitionByNames(r1cs, names)).toBeUndefined();
  });

  it('error: second-round names without main.x as the last public input', () => {
    const names = symbols('1,1,0,main.x', '2,2,0,main.total', '3,3,0,main.chSum');
    expect(refusal(() => partitionByNames(r1cs, names))).toMatchObject({
      code: 'CHALLENGE_MISSING',
      message: expect.stringContaining('main.chSum'),
    });
  });
});

describe('encodePartition', () => {
  it('default: round trip, bit i for the i-th private wire', () => {
    const partition = partitionOf(200, 3, (wire) => wire % 3 === 0);
    const bits = encodePartition(partition);
    expect(bits.length).toBe(32);
    expect(bits[0]).toBe(0b11011011);
    expect(decodePartition(bits, 200, 3)).toEqual(partition);
  });

  it('error: wrong length, bits beyond the last wire', () => {
    const bits = encodePartition(partitionOf(20, 3, () => false));
    expect(bits.length).toBe(8);
    expect(refusal(() => decodePartition(bits.subarray(1), 20, 3)).code).toBe('PARTITION_BITMAP');
    const padded = bits.slice();
    padded[2] = 1;
    expect(refusal(() => decodePartition(padded, 20, 3)).code).toBe('PARTITION_BITMAP');
  });
});

describe('checkPartition', () => {
  it('default: powers, folds, inverses, sums and a balance, in any order of rows', () => {
    const rows: ToyRow[] = [
      [{ s: 1n, y1: -1n, y0: -1n }, { one: 1n }, {}],
      [{}, {}, { y: 1n, s: -1n }],
      [{ y: 2n }, { z: 1n, fold: -1n }, { one: 2n }],
      [{ fold: 1n, c: -1n, t: -1n }, { one: 1n }, {}],
      [{ d: 1n }, { x: 1n }, { t: 1n }],
      [{ z: 1n, x: -1n }, { y0: 1n }, { m0: 1n }],
      [{ y1: 1n }, { z: 1n, x: -7n, one: -1n }, { m1: 1n }],
      [{ x: -1n }, { x: 1n }, { z2: -1n }],
      [{ z2: 1n }, { z2: 1n }, { z: 1n }],
    ];
    const circuit = toyCircuit(
      {
        inputs: ['x'],
        first: ['c', 'd', 'm0', 'm1'],
        second: ['z2', 'z', 't', 'fold', 'y', 'y0', 'y1', 's'],
      },
      rows,
    );
    const expected = { powers: 2, folds: 2, inverses: 3, sums: 1, balances: 1 };
    expect(check(circuit)).toEqual(expected);
    expect(check({ ...circuit, rows: [...circuit.rows].reverse() })).toEqual(expected);
  });

  it('error: wires in no round or in two', () => {
    const circuit = bitCircuit();
    const r1cs = toyR1cs(circuit);
    const partition = toyPartition(circuit);
    const broken = [
      { ...partition, first: partition.first.slice(1) },
      { ...partition, second: Uint32Array.of(...partition.second, partition.first[0]!) },
      { ...partition, first: Uint32Array.of(1, ...partition.first.slice(1)) },
      { ...partition, publicCount: 1 },
    ];
    for (const bad of broken) expect(refusal(() => checkPartition(r1cs, bad)).code).toBe('PARTITION_TOTAL');
  });

  it('error: a second-round wire that nothing determines', () => {
    expect(refusal(() => check(extended(['chFree'], [])))).toMatchObject({
      code: 'PARTITION_FREE_WIRE',
      message: expect.stringMatching(/main\.chFree \(wire 9\).*stands in no row/),
    });
    const product: ToyRow = [{ chFree: 1n }, { chOther: 1n }, { x: 1n }];
    expect(refusal(() => check(extended(['chFree', 'chOther'], [product])))).toMatchObject({
      code: 'PARTITION_FREE_WIRE',
      message: expect.stringMatching(/main\.chFree.*row 5 \(.*main\.chOther.*\[second round\]/),
    });
  });

  it.each<[string, ToyRow, readonly string[]]>([
    ['x in a row of first-round wires', [{ x: 1n }, { c: 1n }, { m0: 1n }], []],
    ['x in a linear row', [{ x: 1n, c: -1n }, { one: 1n }, { m0: 1n }], []],
    ['an inverse in a row of first-round wires', [{ y: 1n }, { c: 1n }, { m0: 1n }], []],
    ['a second-round wire computed without x', [{ c: 1n }, { m0: 1n }, { q: 1n }], ['q']],
    ['a second-round copy of a first-round wire', [{ c: 1n }, { one: 1n }, { q: 1n }], ['q']],
    ['an inverse of an inverse', [{ q: 1n }, { x: 1n, y: 1n }, { one: 1n }], ['q']],
    ['an inverse without a pole', [{ q: 1n }, { c: 1n }, { one: 1n }], ['q']],
    ['an inverse with x in the numerator', [{ q: 1n }, { x: 1n, c: -1n }, { x: 1n }], ['q']],
    ['an inverse beside a first-round wire', [{ q: 1n, c: 1n }, { x: 1n, c: -1n }, { one: 1n }], ['q']],
    ['an inverse beside a constant', [{ q: 1n, one: 1n }, { x: 1n, c: -1n }, { one: 1n }], ['q']],
    ['an inverse beside a power', [{ q: 1n, x: 1n }, { x: 1n, c: -1n }, { one: 1n }], ['q']],
    ['an inverse with itself on the right', [{ q: 1n }, { x: 1n, c: -1n }, { q: 2n }], ['q']],
    ['a product of inverses', [{ y: 1n }, { y0: 1n }, { q: 1n }], ['q']],
    ['an inverse on the right', [{ x: 1n }, { c: 1n }, { q: 1n, y: 1n }], ['q']],
    ['an inverse added to x', [{ x: 1n, y: 1n, q: 1n }, { one: 1n }, {}], ['q']],
    ['a product of folds', [{ x: 1n, c: 1n }, { x: 1n, m0: 1n }, { q: 1n }], ['q']],
    ['a fold as its own pole', [{ q: 1n }, { x: 1n, t: -1n }, { one: 1n }], ['q', 't']],
  ])('error: %s', (_, row, second) => {
    const fold: ToyRow[] = second.includes('t') ? [[{ x: 1n }, { c: 1n }, { t: 1n }]] : [];
    const circuit = extended(second, [row, ...fold]);
    expect(refusal(() => check(circuit))).toMatchObject({
      code: 'PARTITION_ROW',
      message: expect.stringContaining('row 5 ('),
    });
  });

  it('behavior: inverses added to a running sum are inverses of their own, and the sum needs a balance', () => {
    const lookups = { inputs: ['value', 'x'], first: ['c', 'd', 'm0', 'm1'] };
    const rows: ToyRow[] = [
      [{ chA: 1n }, { x: 1n, c: -1n }, { one: 1n }],
      [{ chB: 1n, chA: -1n }, { x: 1n, d: -1n }, { one: 1n }],
      [{ chRow: 1n }, { x: 1n }, { m0: 1n }],
      [{ chRows: 1n, chRow: -1n }, { x: 1n, one: -1n }, { m1: 1n }],
    ];
    const second = ['chA', 'chB', 'chRow', 'chRows'];
    const balance: ToyRow = [{ chB: 1n, chRows: -1n }, { one: 1n }, {}];
    const report = check(toyCircuit({ ...lookups, second }, [...rows, balance]));
    expect(report).toMatchObject({ inverses: 4, balances: 1 });
    expect(refusal(() => check(toyCircuit({ ...lookups, second }, rows)))).toMatchObject({
      code: 'PARTITION_UNBALANCED',
    });
    // A balance of the first part of the sum leaves the last inverse outside.
    const early: ToyRow = [{ chA: 1n, chRows: -1n }, { one: 1n }, {}];
    expect(refusal(() => check(toyCircuit({ ...lookups, second }, [...rows, early])))).toMatchObject({
      code: 'PARTITION_UNBALANCED',
      message: expect.stringContaining('main.chB'),
    });
  });

  it('error: an inverse outside every balance', () => {
    const row: ToyRow = [{ chLost: 1n }, { x: 1n, m0: -1n }, { one: 1n }];
    expect(refusal(() => check(extended(['chLost'], [row])))).toMatchObject({
      code: 'PARTITION_UNBALANCED',
      message: expect.stringContaining('main.chLost'),
    });
    const summed: ToyRow = [{ chLost: 1n, chSum: -1n }, { one: 1n }, {}];
    expect(refusal(() => check(extended(['chLost', 'chSum'], [row, summed]))).code).toBe(
      'PARTITION_UNBALANCED',
    );
  });

  it('error: an inverse in a sum that no balance uses, beside one that a balance uses', () => {
    const rows: ToyRow[] = [
      [{ chLost: 1n }, { x: 1n, m0: -1n }, { one: 1n }],
      [{ chLost: 1n, y: 1n, chSum: -1n }, { one: 1n }, {}],
    ];
    expect(refusal(() => check(extended(['chLost', 'chSum'], rows)))).toMatchObject({
      code: 'PARTITION_UNBALANCED',
      message: expect.stringContaining('main.chLost'),
    });
  });

  it('error: two poles in one balance', () => {
    const circuit = toyCircuit({ inputs: ['x'], first: ['c', 'm'], second: ['z', 'y', 'y0'] }, [
      [{ x: 1n }, { x: 1n }, { z: 1n }],
      [{ y: 1n }, { x: 1n, c: -1n }, { one: 1n }],
      [{ y0: 1n }, { z: 1n, one: -1n }, { m: 1n }],
      [{ y: 1n, y0: -1n }, { one: 1n }, {}],
    ]);
    expect(refusal(() => check(circuit))).toMatchObject({
      code: 'PARTITION_POLE',
      message: expect.stringContaining('two poles'),
    });
  });
});

describe('compareRuns', () => {
  const partition = partitionOf(5, 2, (wire) => wire === 4);
  const run = (...values: number[]): Uint8Array => {
    const bytes = new Uint8Array(32 * values.length);
    for (const [i, value] of values.entries()) bytes[32 * i] = value;
    return bytes;
  };

  it('default: counts what changed in the second round', () => {
    expect(compareRuns(partition, run(1, 7, 10, 3, 4), run(1, 7, 11, 3, 5))).toBe(1);
    expect(compareRuns(partition, run(1, 7, 10, 3, 4), run(1, 7, 11, 3, 4))).toBe(0);
  });

  it('error: other wires that change, equal challenges, other sizes', () => {
    const code = (other: Uint8Array): string =>
      refusal(() => compareRuns(partition, run(1, 7, 10, 3, 4), other)).code;
    expect(code(run(1, 8, 11, 3, 5))).toBe('FIRST_ROUND_CHANGED');
    expect(code(run(1, 7, 11, 2, 5))).toBe('FIRST_ROUND_CHANGED');
    expect(code(run(1, 7, 10, 3, 5))).toBe('CHALLENGES_EQUAL');
    expect(code(run(1, 7, 11, 3))).toBe('WITNESS_SIZE');
  });
});
