/** What every engine must get right on scalars, against the bigint reference. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/index.js';
import { encodeCanonical, intt, ntt, rootOfUnity } from '../../src/math/bn254.js';
import { BN254_R, Fr } from '../../src/math/field.js';
import {
  canonicals,
  createRandom,
  EDGE_SCALARS,
  items,
  load,
  loadCanonical,
  loadMontgomery,
  mixedScalars,
  montgomeries,
} from './support.js';

const COUNTS = [0, 1, 2, 15, 1000, 4097];

/** Runs on all engines that `create` gives; they must agree. The second one runs what is tested once. */
export function testScalars(create: () => Promise<Engine[]>): void {
  let engines: Engine[];
  let engine: Engine;

  beforeAll(async () => {
    engines = await create();
    engine = engines[1] as Engine;
  });
  afterAll(() => Promise.all(engines.map((each) => each.close())));

  /** Runs an operation on every engine and expects the same bytes. */
  async function onAll(operation: (engine: Engine) => Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    const [first = [], ...others] = await Promise.all(engines.map(operation));
    for (const other of others) expect(other).toEqual(first);
    return first;
  }

  describe('frToMontgomery and back', () => {
    test.each(COUNTS)('default: %i elements', async (count) => {
      const values = mixedScalars(count, 1);
      const buffer = loadCanonical(engine, values);
      await engine.frToMontgomery(buffer, count);
      expect(montgomeries(engine, buffer, count)).toEqual(values);
      await engine.frFromMontgomery(buffer, count);
      expect(canonicals(engine, buffer, count)).toEqual(values);
      engine.free(buffer);
    });
  });

  describe('frPowers', () => {
    test.each(COUNTS)('default: %i elements', async (count) => {
      const buffer = engine.alloc(count * 32);
      await engine.frPowers(buffer, count, 3n, BN254_R - 5n);
      const expected: bigint[] = [];
      for (let value = 3n; expected.length < count; value = Fr.mul(value, BN254_R - 5n)) expected.push(value);
      expect(montgomeries(engine, buffer, count)).toEqual(expected);
      engine.free(buffer);
    });

    test('behavior: zero start and zero ratio', async () => {
      const buffer = engine.alloc(96);
      await engine.frPowers(buffer, 3, 0n, 5n);
      expect(montgomeries(engine, buffer, 3)).toEqual([0n, 0n, 0n]);
      await engine.frPowers(buffer, 3, 5n, 0n);
      expect(montgomeries(engine, buffer, 3)).toEqual([5n, 0n, 0n]);
      engine.free(buffer);
    });

    test('error: SCALAR_RANGE', async () => {
      const buffer = engine.alloc(32);
      await expect(engine.frPowers(buffer, 1, BN254_R, 1n)).rejects.toMatchObject({ code: 'SCALAR_RANGE' });
      await expect(engine.frPowers(buffer, 1, 1n, -1n)).rejects.toMatchObject({ code: 'SCALAR_RANGE' });
      engine.free(buffer);
    });
  });

  describe('frMultiply', () => {
    test.each(COUNTS)('default: %i elements, in place too', async (count) => {
      const [x, y] = [mixedScalars(count, 2), mixedScalars(count, 3).reverse()];
      const [a, b, out] = [loadMontgomery(engine, x), loadMontgomery(engine, y), engine.alloc(count * 32)];
      const expected = x.map((value, i) => Fr.mul(value, y[i] ?? 0n));
      await engine.frMultiply(out, a, b, count);
      expect(montgomeries(engine, out, count)).toEqual(expected);
      await engine.frMultiply(a, a, b, count);
      expect(montgomeries(engine, a, count)).toEqual(expected);
      for (const buffer of [a, b, out]) engine.free(buffer);
    });
  });

  describe('frInvert', () => {
    test.each(COUNTS)('default: %i elements, zeros stay', async (count) => {
      const values = mixedScalars(count, 4);
      const buffer = loadMontgomery(engine, values);
      await engine.frInvert(buffer, count);
      expect(montgomeries(engine, buffer, count)).toEqual(
        values.map((value) => (value === 0n ? 0n : Fr.inv(value))),
      );
      engine.free(buffer);
    });
  });

  describe('ntt and intt', () => {
    test.each([0, 1, 2, 3, 10, 11])('default: size 2^%i agrees with the reference', async (log) => {
      const values = mixedScalars(2 ** log, 5);
      const expected = ntt(values);
      const bytes = await onAll(async (each) => {
        const buffer = loadMontgomery(each, values);
        await each.ntt(buffer, log);
        expect(montgomeries(each, buffer, 2 ** log)).toEqual(expected);
        const result = items(each, buffer, 2 ** log, 32);
        await each.intt(buffer, log);
        expect(montgomeries(each, buffer, 2 ** log)).toEqual(values);
        each.free(buffer);
        return result;
      });
      expect(bytes).toHaveLength(2 ** log);
    });

    test('error: DOMAIN_SIZE, BUFFER_TOO_SMALL', async () => {
      const buffer = engine.alloc(32 * 4);
      await expect(engine.ntt(buffer, 28)).rejects.toMatchObject({ code: 'DOMAIN_SIZE' });
      await expect(engine.ntt(buffer, -1)).rejects.toMatchObject({ code: 'DOMAIN_SIZE' });
      await expect(engine.intt(buffer, 3)).rejects.toMatchObject({ code: 'BUFFER_TOO_SMALL' });
      engine.free(buffer);
    });
  });

  describe('quotient', () => {
    /** Values of the polynomial with these values on the domain, on the domain shifted by the root of order 2n. */
    const shifted = (values: readonly bigint[], log: number): bigint[] => {
      const shift = rootOfUnity(log + 1);
      return ntt(intt(values).map((value, i) => Fr.mul(value, Fr.pow(shift, BigInt(i)))));
    };

    test.each([0, 1, 4, 11])('default: size 2^%i agrees with the reference', async (log) => {
      const random = createRandom(6);
      const size = 2 ** log;
      const [x, y, z] = [1, 2, 3].map(() => Array.from({ length: size }, () => random(BN254_R))) as [
        bigint[],
        bigint[],
        bigint[],
      ];
      const [u, v, w] = [shifted(x, log), shifted(y, log), shifted(z, log)];
      const expected = u.map((value, i) => Fr.sub(Fr.mul(value, v[i] ?? 0n), w[i] ?? 0n));
      await onAll(async (each) => {
        const [a, b, c] = [loadMontgomery(each, x), loadMontgomery(each, y), loadMontgomery(each, z)];
        await each.quotient(a, b, c, log);
        expect(canonicals(each, a, size)).toEqual(expected);
        const result = items(each, a, size, 32);
        for (const buffer of [a, b, c]) each.free(buffer);
        return result;
      });
    });

    test('behavior: vanishes nowhere off the domain unless c = a·b as polynomials; edges stay canonical', async () => {
      const values = EDGE_SCALARS.slice(0, 8);
      const ones = values.map(() => 1n);
      const [a, b, c] = [values, ones, values].map((each) => loadMontgomery(engine, each)) as [
        never,
        never,
        never,
      ];
      await engine.quotient(a, b, c, 3);
      expect(canonicals(engine, a, 8)).toEqual(values.map(() => 0n));
      for (const buffer of [a, b, c]) engine.free(buffer);
    });
  });

  describe('applyRows', () => {
    type Record = readonly [matrix: number, row: number, wire: number, value: bigint];
    const encode = ([matrix, row, wire, value]: Record): Uint8Array => {
      const bytes = new Uint8Array(44);
      new Uint32Array(bytes.buffer, 0, 3).set([matrix, row, wire]);
      bytes.set(encodeCanonical(Fr.mod(value << 512n)), 12);
      return bytes;
    };
    const wires = [1n, 0n, BN254_R - 1n, 5n, (1n << 253n) - 1n];
    const random = createRandom(7);
    const records = Array.from(
      { length: 700 },
      (_, i): Record => [i % 2, Number(random(100n)), i % wires.length, i % 3 === 0 ? 1n : random(BN254_R)],
    );

    test('default: sums of unordered records, and the product of the rows', async () => {
      const log = 7;
      const sums = [0, 1].map((matrix) =>
        Array.from({ length: 2 ** log }, (_, row) =>
          records
            .filter((record) => record[0] === matrix && record[1] === row)
            .reduce((sum, [, , wire, value]) => Fr.add(sum, Fr.mul(value, wires[wire] ?? 0n)), 0n),
        ),
      ) as [bigint[], bigint[]];
      await onAll(async (each) => {
        const coefficients = load(each, records.map(encode), 44);
        const witness = loadCanonical(each, wires);
        const [a, b, c] = [0, 1, 2].map(() => each.alloc(32 * 2 ** log)) as [never, never, never];
        each.bytes(a).fill(0xff);
        await each.applyRows(coefficients, records.length, witness, a, b, c, log);
        expect(montgomeries(each, a, 2 ** log)).toEqual(sums[0]);
        expect(montgomeries(each, b, 2 ** log)).toEqual(sums[1]);
        expect(montgomeries(each, c, 2 ** log)).toEqual(
          sums[0].map((value, i) => Fr.mul(value, sums[1][i] ?? 0n)),
        );
        const result = items(each, c, 2 ** log, 32);
        for (const buffer of [coefficients, witness, a, b, c]) each.free(buffer);
        return result;
      });
    });

    test.each([
      ['matrix', [2, 0, 0, 1n]],
      ['row', [0, 4, 0, 1n]],
      ['wire', [1, 0, 5, 1n]],
      ['wire far outside', [1, 0, 0xffffffff, 1n]],
    ] as const)('error: COEFFICIENT_RANGE for a bad %s', async (_, bad) => {
      const coefficients = load(engine, [[0, 0, 0, 1n] as const, bad].map(encode), 44);
      const witness = loadCanonical(engine, wires);
      const [a, b, c] = [0, 1, 2].map(() => engine.alloc(128)) as [never, never, never];
      await expect(engine.applyRows(coefficients, 2, witness, a, b, c, 2)).rejects.toMatchObject({
        code: 'COEFFICIENT_RANGE',
        message: expect.stringContaining('coefficients[1]') as unknown,
      });
      for (const buffer of [coefficients, witness, a, b, c]) engine.free(buffer);
    });
  });
}
