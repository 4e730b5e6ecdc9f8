import { beforeAll, describe, expect, it } from 'vitest';
import {
  add,
  BASE8,
  type EdwardsPoint,
  IDENTITY,
  BABYJUBJUB_ORDER as L,
  multiply,
  negate,
  toMontgomery,
} from '../../../src/math/babyjubjub.js';
import { BN254_R as P } from '../../../src/math/field.js';
import { GENERATOR, smallOrderPoints } from '../../support/babyjubjub.js';
import type { TestCircuit } from '../../support/circuit.js';
import { compile, expectRejection, expectWitness, mainOf } from '../../support/reject.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

const random = seededBytes(41);
const small = smallOrderPoints();
const seededPoint = (): EdwardsPoint => multiply(BASE8, seededInteger(random, L));

describe('constants', () => {
  it('default: BASE8 + O2, O4 and O4 ± BASE8 in Montgomery form', async () => {
    const circuit = await compile(`pragma circom 2.2.0;
include "lib/curve/BabyJubConstants.circom";
template Constants() {
    var base[2] = babyJubBase8();
    var shifted[2] = babyJubBase8PlusO2();
    signal output order <== babyJubOrder();
    signal output points[5][2];
    for (var i = 0; i < 2; i++) {
        points[0][i] <== base[i];
        points[1][i] <== shifted[i];
    }
    for (var factor = -1; factor <= 1; factor++) {
        var sum[2] = babyJubO4PlusBase8(factor);
        for (var i = 0; i < 2; i++) {
            points[factor + 3][i] <== sum[i];
        }
    }
}
component main = Constants();
`);
    const montgomery = (point: EdwardsPoint) => Object.values(toMontgomery(point));
    const [order2] = small.filter((point) => point.x === 0n && point.y !== 1n);
    const [order4] = small.filter(
      (point) => point.y === 0n && toMontgomery(point).v < P - toMontgomery(point).v,
    );
    expect((await circuit.witness({})).slice(1, 12)).toEqual([
      L,
      BASE8.x,
      BASE8.y,
      ...montgomery(add(BASE8, order2!)),
      ...montgomery(add(order4!, negate(BASE8))),
      ...montgomery(order4!),
      ...montgomery(add(order4!, BASE8)),
    ]);
  });
});

describe('BabyJubEightfold', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/curve/BabyJubEightfold.circom', 'BabyJubEightfold()'));
  });

  it('accepts: the reference multiple of points inside and outside the subgroup', async () => {
    const points = [BASE8, GENERATOR, negate(BASE8), seededPoint(), ...small.map((t) => add(BASE8, t))];
    for (const { x, y } of points) {
      const { u, v } = toMontgomery(multiply({ x, y }, 8n));
      expect((await expectWitness(circuit, { x, y })).slice(1, 3)).toEqual([u, v]);
    }
  });

  it('rejects: the eight points of small order', async () => {
    for (const { x, y } of small) await expectRejection(circuit, { x, y }, 'BabyJubEightfold');
  });

  it('rejects: (0, 0), neighbours of points, swapped coordinates, x = 0 or y = ±1 off the curve', async () => {
    for (const { x, y } of [BASE8, GENERATOR])
      for (const point of [
        { x: x + 1n, y },
        { x, y: y + 1n },
        { x: y, y: x },
        { x: 0n, y },
        { x: 0n, y: 0n },
        { x: 1n, y: 0n },
        { x, y: 1n },
        { x, y: P - 1n },
      ])
        await expectRejection(circuit, point, 'BabyJubEightfold');
  });

  it('rejects: every other value of every wire, the ordinate of (0, −1) included', async () => {
    for (const { x, y } of [BASE8, GENERATOR, add(BASE8, small[1]!)])
      expect(circuit.sweep(await circuit.witness({ x, y }), { includePublic: true })).toEqual([]);
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(16);
  });
});

describe('BabyJubCombination', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/curve/BabyJubCombination.circom', 'BabyJubCombination()'));
  });
  const input = (baseScalar: bigint, pointScalar: bigint, point: EdwardsPoint) => ({
    baseScalar,
    pointScalar,
    ...toMontgomery(point),
  });
  const accepts = async (baseScalar: bigint, pointScalar: bigint, point: EdwardsPoint): Promise<void> => {
    const witness = await expectWitness(circuit, input(baseScalar, pointScalar, point));
    const expected = add(multiply(BASE8, baseScalar), negate(multiply(point, pointScalar)));
    expect({ x: witness[1], y: witness[2] }).toEqual(expected);
  };
  const half = 1n << 250n;
  const slack = 1n << 126n;

  it('accepts: seeded scalars and points', async () => {
    for (let i = 0; i < runs(10, 200); i++)
      await accepts(seededInteger(random, L), seededInteger(random, P), seededPoint());
  });

  it('accepts: every end of the range of the base scalar, odd and even', async () => {
    const edges = [0n, 1n, 2n, 3n, half - 1n, half, half + 1n, L - half - 1n, L - half, L - 2n, L - 1n];
    for (const scalar of edges) await accepts(scalar, seededInteger(random, P), seededPoint());
  });

  it('accepts: the ends of the remainders of the point scalar, with every quotient', async () => {
    const remainders = [0n, 1n, 2n, half - slack - 2n, half - slack - 1n, half, half + 1n, L - slack - 1n];
    for (let quotient = 0n; quotient < 8n; quotient++)
      for (const remainder of quotient % 7n === 0n ? remainders : [remainders[Number(quotient)]!])
        await accepts(seededInteger(random, L), quotient * L + remainder, BASE8_TIMES_7);
  });

  it('accepts: points of which a chain with plain additions would meet its own multiples', async () => {
    for (const factor of [2n, 4n, 6n, 8n, L - 2n, L - 8n, half, L - half, (L + 1n) / 2n, (L - 1n) / 2n]) {
      const point = multiply(BASE8, factor);
      for (const [base, scalar] of [
        [0n, 0n],
        [0n, 1n],
        [1n, 0n],
        [1n, 1n],
        [5n, 12n],
        [(5n * factor + 1n) % L, 5n],
      ] as const)
        await accepts(base, scalar, point);
    }
  });

  it('rejects: a chain that passes through the neutral point', async () => {
    await expectRejection(circuit, input(half, 1n, multiply(BASE8, half)), 'BabyJubCombination');
  });

  it('rejects: base scalars of l and above', async () => {
    for (const scalar of [L, L + 1n, half + L, (1n << 251n) - 1n, 1n << 251n, 1n << 253n, P - 1n, P - L])
      await expectRejection(circuit, input(scalar, 3n, BASE8_TIMES_7), 'BabyJubCombination');
  });

  it('rejects: point scalars beyond those ends, a fraction 2^-123 of all', async () => {
    const refused = [half - slack, half - 1n, L - slack, L - 1n, 7n * L + half - 1n, P - 1n];
    for (const scalar of refused)
      await expectRejection(circuit, input(3n, scalar, BASE8_TIMES_7), 'BabyJubCombination');
    expect((2n * slack) << 123n).toBeLessThan(L);
  });

  it('rejects: P = ±B', async () => {
    for (const point of [BASE8, negate(BASE8)])
      await expectRejection(circuit, input(5n, 1n << 200n, point), 'BabyJubCombination');
    expect(() => toMontgomery(IDENTITY)).toThrow(RangeError);
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(2038);
  });
});

const BASE8_TIMES_7 = multiply(BASE8, 7n * ((L + 1n) / 2n));
