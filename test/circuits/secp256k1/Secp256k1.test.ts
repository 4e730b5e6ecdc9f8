import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import {
  addSecp256k1,
  SECP256K1_G as G,
  isOnSecp256k1,
  multiplySecp256k1,
  SECP256K1_N as N,
  SECP256K1_P as P,
  type Secp256k1Point,
} from '../../../src/math/secp256k1.js';
import { fromLimbs, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { failingRows, forge } from '../nonnative/forge.js';

const POLE = 98765432198765432198765n;

const main = (template: string, parameters: string) => `pragma circom 2.2.0;
include "lib/curve/${template}.circom";
component main = ${template}(${parameters});`;

const values = (circuit: TestCircuit, witness: readonly bigint[], name: string): bigint =>
  fromLimbs([0, 1, 2, 3].map((i) => circuit.value(witness, `main.${name}[${i}]`)));

const point = (scalar: bigint): Secp256k1Point => multiplySecp256k1(G, scalar) as Secp256k1Point;
const negate = ({ x, y }: Secp256k1Point): Secp256k1Point => ({ x, y: P - y });
const mod = (k: bigint): bigint => ((k % N) + N) % N;

describe.each([0, 13, 16])('Secp256k1AddUnchecked(%i)', (c) => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compileCircuit(main('Secp256k1AddUnchecked', `${c}`));
  });
  const input = (p: Secp256k1Point, q: Secp256k1Point) => ({
    x1: toLimbs(p.x),
    y1: toLimbs(p.y),
    x2: toLimbs(q.x),
    y2: toLimbs(q.y),
    chPole: c === 0 ? 0n : POLE,
  });

  it.each([
    [1n, 2n],
    [5n, 7n ** 80n],
    [3n ** 150n, 11n],
  ])('accepts: %i·G + %i·G as the reference', async (a, b) => {
    const [p, q] = [point(a), point(b)];
    const witness = await circuit.witness(input(p, q));
    expect(circuit.failingRow(witness)).toBeUndefined();
    const sum = { x: values(circuit, witness, 'x3'), y: values(circuit, witness, 'y3') };
    expect(sum).toEqual(addSecp256k1(p, q));
  });
});

describe('Secp256k1AddUnchecked(0)', () => {
  it('rejects: opposite points, which have no slope', async () => {
    const circuit = await compileCircuit(main('Secp256k1AddUnchecked', '0'));
    const { x, y } = point(9n);
    const input = { x1: toLimbs(x), y1: toLimbs(y), x2: toLimbs(x), y2: toLimbs(P - y), chPole: 0n };
    await expect(circuit.witness(input)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });
});

describe.each([0, 13, 16])('Secp256k1Double(%i)', (c) => {
  it('accepts: doubles as the reference', async () => {
    const circuit = await compileCircuit(main('Secp256k1Double', `${c}`));
    for (const a of [1n, 2n, 5n ** 90n, N - 1n]) {
      const p = point(mod(a));
      const witness = await circuit.witness({
        x: toLimbs(p.x),
        y: toLimbs(p.y),
        chPole: c === 0 ? 0n : POLE,
      });
      expect(circuit.failingRow(witness)).toBeUndefined();
      const twice = { x: values(circuit, witness, 'x3'), y: values(circuit, witness, 'y3') };
      expect(twice).toEqual(addSecp256k1(p, p));
    }
  });
});

describe('Secp256k1OnCurve(0)', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compileCircuit(main('Secp256k1OnCurve', '0'));
  });
  const check = (x: bigint, y: bigint) => circuit.witness({ x: toLimbs(x), y: toLimbs(y), chPole: 0n });

  it.each([1n, 2n, N - 1n, 7n ** 77n])('accepts: %i·G', async (k) => {
    const { x, y } = point(mod(k));
    expect(circuit.failingRow(await check(x, y))).toBeUndefined();
  });

  it.each([
    ['the origin', 0n, 0n],
    ['(p, 0)', P, 0n],
    ['y + 1', G.x, G.y + 1n],
    ['x + 1', G.x + 1n, G.y],
    ['coordinates swapped', G.y, G.x],
    ['a point of the twist', 5n, 1n],
    ['(1, 1)', 1n, 1n],
  ])('rejects: %s', async (_, x, y) => {
    expect(isOnSecp256k1({ x, y })).toBe(false);
    await expect(check(x, y)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });
});

describe('Secp256k1AddChain(0, 3)', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compileCircuit(main('Secp256k1AddChain', '0, 3'));
  });
  const input = (start: Secp256k1Point, points: readonly Secp256k1Point[]) => ({
    x: toLimbs(start.x),
    y: toLimbs(start.y),
    pointX: points.map(({ x }) => toLimbs(x)),
    pointY: points.map(({ y }) => toLimbs(y)),
    factor: 1n,
    chPole: 0n,
  });
  const run = async (start: Secp256k1Point, points: readonly Secp256k1Point[]) => {
    const witness = await circuit.witness(input(start, points));
    expect(circuit.failingRow(witness)).toBeUndefined();
    return {
      sum: { x: values(circuit, witness, 'outX'), y: values(circuit, witness, 'outY') },
      nonZero: circuit.value(witness, 'main.nonZero'),
    };
  };

  it('accepts: three additions as the reference', async () => {
    const points = [point(5n ** 60n), point(77n), point(mod(-(3n ** 99n)))];
    const { sum, nonZero } = await run(point(2n), points);
    expect(sum).toEqual([point(2n), ...points].reduce<Secp256k1Point | undefined>(addSecp256k1, undefined));
    expect(nonZero).not.toBe(0n);
  });

  it('accepts: negative y limbs', async () => {
    const points = [point(5n), point(7n), point(11n)];
    const witness = await circuit.witness({
      ...input(point(2n), points),
      pointY: points.map(({ y }) => toLimbs(y).map((limb) => (limb === 0n ? 0n : BN254_R - limb))),
    });
    expect(circuit.failingRow(witness)).toBeUndefined();
    const sum = { x: values(circuit, witness, 'outX'), y: values(circuit, witness, 'outY') };
    expect(sum).toEqual(
      [point(2n), ...points.map(negate)].reduce<Secp256k1Point | undefined>(addSecp256k1, undefined),
    );
  });

  it('rejects: an equal point leaves the slope free, but makes nonZero 0', async () => {
    // The sum before the second step is 5·G, and 5·G is added: slope 0 satisfies the first assertion, and x, y leave the curve.
    const { sum, nonZero } = await run(point(2n), [point(3n), point(5n), point(7n)]);
    expect(nonZero).toBe(0n);
    expect(isOnSecp256k1(sum)).toBe(false);
  });

  it.each([
    ['an opposite point at the start', 2n, [N - 2n, 3n, 7n]],
    ['an opposite point in the middle', 2n, [3n, N - 5n, 7n]],
  ] as const)('rejects: %s', async (_, start, scalars) => {
    await expect(circuit.witness(input(point(start), scalars.map(point)))).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  it.each(['slope[0][0]', 'slope[1][2]', 'abscissa[1][0]', 'abscissa[2][3]', 'outX[0]', 'outY[1]'])(
    'rejects: %s altered, with all that follows from the rows recomputed',
    async (name) => {
      const honest = await circuit.witness(input(point(2n), [point(3n), point(7n), point(13n)]));
      const wire = circuit.wire(`main.${name}`) as number;
      const forged = forge(circuit, honest, { [`main.${name}`]: (honest[wire] as bigint) ^ 1n }, [
        'product',
        'square',
        'ordinate',
        'out',
      ]);
      expect(failingRows(circuit, forged).length).toBeGreaterThan(0);
    },
  );
});

describe.each([0, 13])('Secp256k1WindowTable(%i)', (c) => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compileCircuit(main('Secp256k1WindowTable', `${c}, 16, -1`));
  });
  const base = point(123456789n);
  const odd = Array.from(
    { length: 8 },
    (_, m) => multiplySecp256k1(base, BigInt(2 * m + 1)) as Secp256k1Point,
  );
  const input = (digit: readonly bigint[]) => ({
    multipleX: odd.map(({ x }) => toLimbs(x)),
    multipleY: odd.map(({ y }) => toLimbs(y)),
    digit,
    chX: c === 0 ? 0n : 77n,
    chPole: c === 0 ? 0n : POLE,
  });
  const digits = Array.from({ length: 16 }, (_, b) => BigInt(b));

  it('accepts: each digit b selects (15 − 2b)·P', async () => {
    const witness = await circuit.witness(input(digits));
    expect(circuit.failingRow(witness)).toBeUndefined();
    for (const b of digits) {
      const get = (name: string) =>
        fromLimbs(
          [0, 1, 2, 3].map((j) => {
            const limb = circuit.value(witness, `main.${name}[${b}][${j}]`);
            return limb > 2n ** 200n ? limb - BN254_R : limb;
          }),
        );
      const y = get('y');
      expect({ x: get('x'), y: y < 0n ? y + P : y }).toEqual(multiplySecp256k1(base, mod(15n - 2n * b)));
    }
  });

  it.each([16n, 255n, BN254_R - 1n])('rejects: digit %i', async (digit) => {
    await expect(circuit.witness(input([digit, ...digits.slice(1)]))).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  it('rejects: another multiple, its opposite, or a changed limb', async () => {
    const honest = await circuit.witness(input(digits));
    const forgeries = [
      { 'main.x[3][0]': circuit.value(honest, 'main.x[5][0]') },
      { 'main.y[3][0]': -circuit.value(honest, 'main.y[3][0]') },
      { 'main.x[0][1]': circuit.value(honest, 'main.x[0][1]') + 1n },
    ];
    for (const changes of forgeries) {
      const forged = forge(circuit, honest, changes, ['ch', 'part']);
      expect(failingRows(circuit, forged)).not.toEqual([]);
    }
  });
});
