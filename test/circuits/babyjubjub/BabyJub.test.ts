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
const pointAt = (witness: readonly bigint[]): EdwardsPoint => ({ x: witness[1]!, y: witness[2]! });
const small = smallOrderPoints();

describe('BabyJubAssertOnCurve', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/curve/BabyJubAssertOnCurve.circom', 'BabyJubAssertOnCurve()'));
  });

  it('accepts: points of every kind', async () => {
    for (const { x, y } of [BASE8, GENERATOR, ...small]) await expectWitness(circuit, { x, y });
  });

  it('rejects: (0, 0), neighbours of points, swapped coordinates', async () => {
    for (const { x, y } of [BASE8, GENERATOR])
      for (const point of [
        { x: x + 1n, y },
        { x, y: y + 1n },
        { x: y, y: x },
        { x: 0n, y },
        { x: 0n, y: 0n },
        { x: 1n, y: 0n },
      ])
        await expectRejection(circuit, point, 'BabyJubAssertOnCurve');
  });
});

describe('BabyJubAdd', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/curve/BabyJubAdd.circom', 'BabyJubAdd()'));
  });
  const input = (p: EdwardsPoint, q: EdwardsPoint) => ({ x1: p.x, y1: p.y, x2: q.x, y2: q.y });

  it('accepts: the reference sum of equal, opposite, neutral and small-order points', async () => {
    const points = [BASE8, negate(BASE8), GENERATOR, add(BASE8, small[2]!), ...small];
    for (const p of points)
      for (const q of points) expect(pointAt(await expectWitness(circuit, input(p, q)))).toEqual(add(p, q));
  });

  it('rejects: every other value of every wire, exceptional operands included', async () => {
    for (const [p, q] of [
      [BASE8, GENERATOR],
      [BASE8, BASE8],
      [BASE8, negate(BASE8)],
      [small[1]!, small[3]!],
    ] as const)
      expect(circuit.sweep(await circuit.witness(input(p, q)), { includePublic: true })).toEqual([]);
  });
});

describe('BabyJubDouble', () => {
  it('accepts: the reference double; rejects: altered wires', async () => {
    const circuit = await compile(mainOf('lib/curve/BabyJubDouble.circom', 'BabyJubDouble()'));
    for (const p of [BASE8, GENERATOR, ...small]) {
      const witness = await expectWitness(circuit, { x1: p.x, y1: p.y });
      expect(pointAt(witness)).toEqual(add(p, p));
    }
    const honest = await circuit.witness({ x1: BASE8.x, y1: BASE8.y });
    expect(circuit.sweep(honest, { includePublic: true })).toEqual([]);
  });
});

describe('BabyJubToMontgomery, BabyJubFromMontgomery', () => {
  it('accepts: there and back; rejects: the neutral point', async () => {
    const to = await compile(mainOf('lib/curve/BabyJubToMontgomery.circom', 'BabyJubToMontgomery()'));
    const from = await compile(mainOf('lib/curve/BabyJubFromMontgomery.circom', 'BabyJubFromMontgomery()'));
    for (const k of [1n, 2n, 3n, L - 1n, seededInteger(random, L)]) {
      const point = multiply(BASE8, k);
      const witness = await expectWitness(to, point);
      const { u, v } = toMontgomery(point);
      expect(witness.slice(1, 3)).toEqual([u, v]);
      expect(pointAt(await expectWitness(from, { u, v }))).toEqual(point);
    }
    await expectRejection(to, IDENTITY, 'BabyJubToMontgomery');
    await expectRejection(from, { u: P - 1n, v: 1n }, 'BabyJubFromMontgomery');
    expect(to.sweep(await to.witness(BASE8), { includePublic: true })).toEqual([]);
    expect(from.sweep(await from.witness(toMontgomery(BASE8)), { includePublic: true })).toEqual([]);
  });
});

describe('BabyJubMultiplyBase', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/curve/BabyJubMultiplyBase.circom', 'BabyJubMultiplyBase()'));
  });

  it('accepts: 0, 1, l − 1, scalars whose last window meets its opposite, seeded scalars', async () => {
    const meets = ((1n << 251n) - 1n - L) / 2n;
    const seeded = Array.from({ length: runs(5, 100) }, () => seededInteger(random, L));
    const edges = [0n, 1n, 2n, 7n, 8n, (1n << 249n) - 1n, 1n << 249n, 1n << 250n, L - 1n, L >> 1n];
    for (const scalar of [...edges, meets, meets + 1n, meets - 1n, ...seeded])
      expect(pointAt(await expectWitness(circuit, { scalar }))).toEqual(multiply(BASE8, scalar));
  });

  it('rejects: l, l + 1, 2^251 − 1, 2^251, p − 1', async () => {
    for (const scalar of [L, L + 1n, (1n << 251n) - 1n])
      await expectRejection(circuit, { scalar }, 'AssertBitsAtMost');
    for (const scalar of [1n << 251n, P - 1n]) await expectRejection(circuit, { scalar }, 'Num2Bits');
  });

  it('rejects: every other value of every wire', async () => {
    const honest = await circuit.witness({ scalar: seededInteger(random, L) });
    const accepted = circuit.sweep(honest, { includePublic: true });
    // The quotient of AssertBitsAtMost is free where no digit was missed yet.
    expect(accepted.filter(({ names }) => !names.some((name) => name.includes('quotient')))).toEqual([]);
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(732 + 3);
  });
});

describe('BabyJubMultiply', () => {
  const path = 'lib/curve/BabyJubMultiply.circom';
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf(path, 'BabyJubMultiply()'));
  });
  const input = (scalar: bigint, { x, y }: EdwardsPoint) => ({ scalar, x1: x, y1: y });
  const low = 1n << 128n;
  /** The least and the greatest (scalar mod l) with a witness. */
  const least = ((3n * L + low - 1n) / low) * low - 3n * L;
  const most = ((P - 4n * L) / low) * low - 1n - 3n * L;

  it('accepts: seeded scalars and points', async () => {
    for (let i = 0; i < runs(5, 100); i++) {
      const point = multiply(BASE8, seededInteger(random, L));
      const scalar = seededInteger(random, P);
      expect(pointAt(await expectWitness(circuit, input(scalar, point)))).toEqual(multiply(point, scalar));
    }
  });

  it('accepts: the least and the greatest remainder with every quotient, odd and even', async () => {
    for (let quotient = 0n; quotient < 8n; quotient++)
      for (const remainder of quotient % 4n === 0n ? [least, most] : [least + quotient]) {
        const scalar = quotient * L + remainder;
        expect(pointAt(await expectWitness(circuit, input(scalar, BASE8)))).toEqual(multiply(BASE8, scalar));
      }
  });

  it('rejects: remainders beyond them, a fraction 2^-121 of all scalars', async () => {
    for (const remainder of [0n, 1n, least - 1n, most + 1n, L - 1n])
      await expect(circuit.witness(input(remainder, BASE8))).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
    expect((least + L - most) << 121n).toBeLessThan(L);
  });

  it('rejects: the neutral point', async () => {
    await expectRejection(circuit, input(5n * low, IDENTITY), 'BabyJubToMontgomery');
  });

  it('rejects: every other value of every wire', async () => {
    const honest = await circuit.witness(input(seededInteger(random, P), multiply(BASE8, 77n)));
    const accepted = circuit.sweep(honest, { includePublic: true });
    expect(accepted.filter(({ names }) => !names.some((name) => name.includes('Quotient')))).toEqual([]);
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(1591);
  });
});
