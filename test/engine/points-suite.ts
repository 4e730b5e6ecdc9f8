/** What every engine must get right on points, against the bigint reference. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, EngineBuffer } from '../../src/engine/index.js';
import { encodeCanonical } from '../../src/math/bn254.js';
import { BN254_R, Fr } from '../../src/math/field.js';
import { EDGE_SCALARS, GROUPS, items, load, loadCanonical, mixedScalars, testLogs } from './support.js';

/** Runs on all engines that `create` gives; they must agree. The second one runs what is tested once. */
export function testPoints(create: () => Promise<Engine[]>): void {
  let engines: Engine[];
  let engine: Engine;

  beforeAll(async () => {
    engines = await create();
    engine = engines[1] as Engine;
  });
  afterAll(() => Promise.all(engines.map((each) => each.close())));

  const dot = (logs: readonly bigint[], scalars: readonly bigint[]): bigint =>
    logs.reduce((sum, log, i) => sum + log * (scalars[i] ?? 0n), 0n);

  describe.each(GROUPS)('msm$name', (group) => {
    const { multiple, pointBytes } = group;

    /** Points with these logarithms, made by the engine's own fixed-base multiplication (tested below). */
    const loadPoints = async (each: Engine, logs: readonly bigint[]): Promise<EngineBuffer> => {
      const scalars = loadCanonical(each, logs.map(Fr.mod));
      const points = each.alloc(logs.length * pointBytes);
      await group.fixedBase(each)(multiple(1n), scalars, points, logs.length);
      each.free(scalars);
      return points;
    };
    const msm = async (
      each: Engine,
      logs: readonly bigint[],
      values: readonly bigint[],
    ): Promise<Uint8Array> => {
      const points = await loadPoints(each, logs);
      const scalars = loadCanonical(each, values);
      const sum = await group.msm(each)(points, scalars, logs.length);
      each.free(points);
      each.free(scalars);
      return sum;
    };

    test.each([0, 1, 2, 15, 101, 1000])(
      'default: %i points, equal, opposite and infinite ones among them',
      async (count) => {
        const [logs, values] = [testLogs(count), mixedScalars(count, count)];
        for (const each of engines)
          expect(await msm(each, logs, values)).toEqual(multiple(dot(logs, values)));
      },
    );

    test('behavior: each edge scalar alone', async () => {
      for (const value of EDGE_SCALARS)
        expect(await msm(engine, [3n], [value])).toEqual(multiple(3n * value));
    });

    test.each([
      ['all zero', (): bigint => 0n],
      ['all one', (): bigint => 1n],
      ['all minus one', (): bigint => BN254_R - 1n],
      ['all the same', (): bigint => 0x1234567n],
      ['bits', (i: number): bigint => BigInt(i % 3 === 0 ? 1 : 0)],
      ['bytes', (i: number): bigint => BigInt((i * 37) % 256)],
    ] as const)('behavior: more points than a slice, scalars %s', async (_, scalarOf) => {
      const logs = testLogs(9000);
      const values = logs.map((__, i) => scalarOf(i));
      const expected = multiple(dot(logs, values));
      for (const each of engines) expect(await msm(each, logs, values)).toEqual(expected);
    });

    test('behavior: offsets skip points and scalars', async () => {
      const [logs, values] = [testLogs(50), mixedScalars(50, 9)];
      const [points, scalars] = [await loadPoints(engine, logs), loadCanonical(engine, values)];
      const sum = await group.msm(engine)(points, scalars, 20, { pointOffset: 5, scalarOffset: 30 });
      expect(sum).toEqual(multiple(dot(logs.slice(5, 25), values.slice(30))));
      engine.free(points);
      engine.free(scalars);
    });

    test('error: SCALAR_RANGE for scalars that are not canonical', async () => {
      const points = await loadPoints(engine, [1n, 2n]);
      for (const bad of [BN254_R, BN254_R + 1n, (1n << 256n) - 1n]) {
        const scalars = loadCanonical(engine, [1n, bad]);
        await expect(group.msm(engine)(points, scalars, 2)).rejects.toMatchObject({ code: 'SCALAR_RANGE' });
        engine.free(scalars);
      }
      engine.free(points);
    });

    test('error: BUFFER_TOO_SMALL', async () => {
      const [points, scalars] = [await loadPoints(engine, [1n, 2n]), loadCanonical(engine, [1n, 2n])];
      await expect(group.msm(engine)(points, scalars, 3)).rejects.toMatchObject({ code: 'BUFFER_TOO_SMALL' });
      await expect(group.msm(engine)(points, scalars, 1, { pointOffset: 2 })).rejects.toMatchObject({
        code: 'BUFFER_TOO_SMALL',
      });
      engine.free(points);
      engine.free(scalars);
    });
  });

  describe.each(GROUPS)('fixedBase$name', ({ fixedBase, multiple, pointBytes }) => {
    test.each([0, 1, 2, 61])('default: %i multiples', async (count) => {
      const values = mixedScalars(count, 11);
      const expected = values.map((value) => multiple(3n * value));
      for (const each of engines) {
        const [scalars, out] = [loadCanonical(each, values), each.alloc(count * pointBytes)];
        await fixedBase(each)(multiple(3n), scalars, out, count);
        expect(items(each, out, count, pointBytes)).toEqual(expected);
        each.free(scalars);
        each.free(out);
      }
    });

    test('behavior: infinity as base gives infinity', async () => {
      const [scalars, out] = [loadCanonical(engine, [5n]), engine.alloc(pointBytes)];
      await fixedBase(engine)(new Uint8Array(pointBytes), scalars, out, 1);
      expect(engine.bytes(out)).toEqual(new Uint8Array(pointBytes));
      engine.free(scalars);
      engine.free(out);
    });

    test('error: POINT_SIZE, SCALAR_RANGE', async () => {
      const [scalars, out] = [loadCanonical(engine, [BN254_R]), engine.alloc(pointBytes)];
      await expect(fixedBase(engine)(new Uint8Array(63), scalars, out, 1)).rejects.toMatchObject({
        code: 'POINT_SIZE',
      });
      await expect(fixedBase(engine)(multiple(1n), scalars, out, 1)).rejects.toMatchObject({
        code: 'SCALAR_RANGE',
      });
      engine.free(scalars);
      engine.free(out);
    });
  });

  describe.each(GROUPS)('scale$name', ({ scale, multiple, pointBytes }) => {
    test.each(EDGE_SCALARS)('default: edge scalar %i', async (value) => {
      const logs = testLogs(7);
      for (const each of engines) {
        const points = load(each, logs.map(multiple), pointBytes);
        await scale(each)(points, logs.length, value);
        expect(items(each, points, logs.length, pointBytes)).toEqual(
          logs.map((log) => multiple(log * value)),
        );
        each.free(points);
      }
    });

    test('behavior: no points; error: SCALAR_RANGE', async () => {
      const points = engine.alloc(pointBytes);
      await scale(engine)(points, 0, 5n);
      await expect(scale(engine)(points, 1, BN254_R)).rejects.toMatchObject({ code: 'SCALAR_RANGE' });
      engine.free(points);
    });
  });

  describe('addG1', () => {
    test('default: every pair of logarithms', async () => {
      const { multiple, pointBytes } = GROUPS[0] as (typeof GROUPS)[0];
      const logs = [0n, 1n, -1n, 5n];
      const pairs = logs.flatMap((a) => logs.map((b) => [a, b] as const));
      for (const each of engines) {
        const first = load(
          each,
          pairs.map(([a]) => multiple(a)),
          pointBytes,
        );
        const second = load(
          each,
          pairs.map(([, b]) => multiple(b)),
          pointBytes,
        );
        await each.addG1(first, second, pairs.length);
        expect(items(each, first, pairs.length, pointBytes)).toEqual(pairs.map(([a, b]) => multiple(a + b)));
        each.free(first);
        each.free(second);
      }
    });
  });

  describe.each(GROUPS)('combine$name', ({ combine, multiple, pointBytes }) => {
    type Term = readonly [output: number, point: number, scalar: bigint];
    const encode = ([output, point, scalar]: Term): Uint8Array => {
      const bytes = new Uint8Array(40);
      new Uint32Array(bytes.buffer, 0, 2).set([output, point]);
      bytes.set(encodeCanonical(scalar), 8);
      return bytes;
    };
    const logs = testLogs(12);
    const run = async (each: Engine, terms: readonly Term[], outputs: number): Promise<Uint8Array[]> => {
      const points = load(each, logs.map(multiple), pointBytes);
      const buffer = load(each, terms.map(encode), 40);
      const out = each.alloc(outputs * pointBytes);
      each.bytes(out).fill(0xff);
      try {
        await combine(each)(points, buffer, terms.length, out, outputs);
        return items(each, out, outputs, pointBytes);
      } finally {
        for (const held of [points, buffer, out]) each.free(held);
      }
    };

    test('default: sums of several chunks, one output over a chunk and more, some without terms', async () => {
      const values = mixedScalars(2600, 21);
      const terms = values.map(
        (value, i): Term => [i < 100 ? Math.floor(i / 9) : i < 2400 ? 20 : 22, i % 12, value],
      );
      const expected = Array.from({ length: 24 }, (_, output) =>
        multiple(
          terms
            .filter((term) => term[0] === output)
            .reduce((sum, [, point, scalar]) => sum + (logs[point] ?? 0n) * scalar, 0n),
        ),
      );
      for (const each of engines) expect(await run(each, terms, 24)).toEqual(expected);
    });

    test('behavior: equal coefficients, their negatives, sums of a group that vanish, zeros between them', async () => {
      const big = BN254_R / 3n;
      const pattern = [big, big, BN254_R - big, 5n, BN254_R - 5n, 0n, 0n, 1n, BN254_R - 1n, big, 1n];
      const terms = Array.from({ length: 330 }, (_, i): Term => {
        const value = pattern[i % 11] as bigint;
        // Every third output has one point only, so that groups cancel.
        const output = Math.floor(i / 11);
        return [output, output % 3 === 0 ? 4 : i % 12, value];
      });
      const expected = Array.from({ length: 31 }, (_, output) =>
        multiple(
          terms
            .filter((term) => term[0] === output)
            .reduce((sum, [, point, scalar]) => sum + (logs[point] ?? 0n) * scalar, 0n),
        ),
      );
      expect(await run(engine, terms, 31)).toEqual(expected);
    });

    test('behavior: no terms give infinity', async () => {
      expect(await run(engine, [], 2)).toEqual([new Uint8Array(pointBytes), new Uint8Array(pointBytes)]);
    });

    test.each([
      ['output index', [2, 0, 1n]],
      ['point index', [1, 12, 1n]],
      ['scalar', [1, 0, BN254_R]],
      ['order', [0, 0, 1n]],
    ] as const)('error: TERM_RANGE for a bad %s', async (_, bad) => {
      const terms: Term[] = [[0, 0, 1n], [1, 1, 2n], bad];
      await expect(run(engine, terms, 2)).rejects.toMatchObject({
        code: 'TERM_RANGE',
        message: expect.stringContaining('term 2') as unknown,
      });
    });
  });
}
