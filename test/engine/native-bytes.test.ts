/** The native engine gives the bytes of the WASM engine, on random data of several sizes and numbers of threads. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine, EngineBuffer } from '../../src/engine/index.js';
import { createNativeEngine } from '../../src/engine/native/native-engine.js';
import { createWasmEngine } from '../../src/engine/wasm-engine.js';
import { encodeMontgomery } from '../../src/math/bn254.js';
import { BN254_R, Fr } from '../../src/math/field.js';
import { seededBytes } from '../support/runs.js';
import { hasNative, ISAS } from './native-support.js';
import { createRandom, encodeScalars, GROUPS } from './support.js';

describe.skipIf(!hasNative)('the same bytes as WASM', () => {
  let wasm: Engine;
  let engines: Engine[];
  beforeAll(async () => {
    wasm = await createWasmEngine({ threads: 2 });
    engines = await Promise.all(
      ISAS.flatMap((isa) => [1, 2, 5].map((threads) => createNativeEngine({ threads, isa }))),
    );
  });
  afterAll(() => Promise.all([wasm, ...engines].map((engine) => engine.close())));

  /** Runs on all engines; every result must be that of WASM. */
  const onAll = async (operation: (engine: Engine) => Promise<Uint8Array>): Promise<void> => {
    const expected = await operation(wasm);
    expect(expected.some((byte) => byte !== 0)).toBe(true);
    for (const engine of engines) {
      const used = engine.memory().usedBytes;
      expect(Buffer.compare(await operation(engine), expected)).toBe(0);
      expect(engine.memory().usedBytes).toBe(used);
    }
  };
  /** Gives a function its buffers, filled, and frees them. */
  const withBuffers = async (
    engine: Engine,
    contents: readonly Uint8Array[],
    use: (...buffers: EngineBuffer[]) => Promise<Uint8Array>,
  ): Promise<Uint8Array> => {
    const buffers = contents.map((content) => {
      const buffer = engine.alloc(content.length);
      engine.bytes(buffer).set(content);
      return buffer;
    });
    try {
      return await use(...buffers);
    } finally {
      for (const buffer of buffers) engine.free(buffer);
    }
  };
  const randomScalars = (count: number, seed: number): Uint8Array => {
    const random = createRandom(seed);
    return encodeScalars(Array.from({ length: count }, () => random(BN254_R)));
  };
  /** Like a witness: bits, bytes, small chunks, negatives, a few of full length. */
  const witnessScalars = (count: number, seed: number): Uint8Array => {
    const random = createRandom(seed);
    const bounds = [2n, 2n, 2n, 256n, 2n ** 32n, 2n, 2n ** 64n, 2n ** 128n, BN254_R];
    return encodeScalars(
      Array.from({ length: count }, (_, i) => {
        const value = random(bounds[i % bounds.length]!);
        return i % 11 === 0 ? Fr.neg(value) : value;
      }),
    );
  };

  test.each([3, 6, 7, 9, 12, 15])('transforms and quotient of 2^%i', async (log) => {
    const size = 2 ** log;
    const contents = [
      randomScalars(size, log),
      randomScalars(size, log + 50),
      randomScalars(size, log + 100),
    ];
    await onAll((engine) =>
      withBuffers(engine, contents, async (a, b, c) => {
        await engine.ntt(b!, log);
        await engine.intt(c!, log);
        const transformed = Buffer.concat([engine.bytes(b!), engine.bytes(c!)]);
        await engine.quotient(a!, b!, c!, log);
        return Buffer.concat([transformed, engine.bytes(a!)]);
      }),
    );
  });

  test.each([5, 4103, 20000])('element-wise operations on %i elements', async (count) => {
    await onAll((engine) =>
      withBuffers(engine, [randomScalars(count, 1), randomScalars(count, 2)], async (a, b) => {
        await engine.frToMontgomery(a!, count);
        await engine.frMultiply(b!, a!, b!, count);
        await engine.frInvert(b!, count);
        await engine.frFromMontgomery(a!, count);
        const before = Buffer.concat([engine.bytes(a!), engine.bytes(b!)]);
        await engine.frPowers(a!, count, 123n, BN254_R - 7n);
        return Buffer.concat([before, engine.bytes(a!)]);
      }),
    );
  });

  test.each([true, false])('rows, in order: %s', async (isSorted) => {
    const [log, count] = [10, 40_000];
    const bytes = seededBytes(9);
    const random = createRandom(10);
    const records = Buffer.alloc(count * 44);
    for (let i = 0; i < count; i++) {
      const row = isSorted ? Math.floor((i * 1000) / count) : Number(random(1000n));
      records.writeUInt32LE(bytes(1)[0]! % 2, 44 * i);
      records.writeUInt32LE(row, 44 * i + 4);
      records.writeUInt32LE(Number(random(500n)), 44 * i + 8);
      records.set(encodeMontgomery(Fr, random(BN254_R)), 44 * i + 12);
    }
    const empty = new Uint8Array(32 * 2 ** log).fill(0xff);
    await onAll((engine) =>
      withBuffers(engine, [records, witnessScalars(500, 3), empty, empty, empty], async (r, w, a, b, c) => {
        await engine.applyRows(r!, count, w!, a!, b!, c!, log);
        return Buffer.concat([engine.bytes(a!), engine.bytes(b!), engine.bytes(c!)]);
      }),
    );
  });

  describe.each(GROUPS)('$name', (group) => {
    const { multiple, pointBytes } = group;
    test.each([
      [7, 'random', randomScalars],
      [700, 'like a witness', witnessScalars],
      [2500, 'random', randomScalars],
      [6000, 'like a witness', witnessScalars],
    ] as const)('multiples and sums of %i points, scalars %s', async (count, _, scalarsOf) => {
      const contents = [
        randomScalars(count, count),
        scalarsOf(count, count + 1),
        new Uint8Array(count * pointBytes),
      ];
      await onAll((engine) =>
        withBuffers(engine, contents, async (logs, scalars, points) => {
          await group.fixedBase(engine)(multiple(3n), logs!, points!, count);
          return Buffer.concat([engine.bytes(points!), await group.msm(engine)(points!, scalars!, count)]);
        }),
      );
    });

    test('one scalar, and sparse sums over several chunks', async () => {
      const [count, outputs] = [300, 40];
      const random = createRandom(77);
      const terms = Buffer.alloc(5000 * 40);
      const scalars = witnessScalars(5000, 78);
      for (let i = 0; i < 5000; i++) {
        terms.writeUInt32LE(Math.floor((i * i * outputs) / 5000 ** 2), 40 * i);
        terms.writeUInt32LE(Number(random(BigInt(count))), 40 * i + 4);
        terms.set(scalars.subarray(32 * i, 32 * i + 32), 40 * i + 8);
      }
      const contents = [
        randomScalars(count, 79),
        new Uint8Array(count * pointBytes),
        terms,
        new Uint8Array(outputs * pointBytes),
      ];
      await onAll((engine) =>
        withBuffers(engine, contents, async (logs, points, list, out) => {
          await group.fixedBase(engine)(multiple(3n), logs!, points!, count);
          await group.scale(engine)(points!, count, 0x1234567890abcdefn << 130n);
          await group.combine(engine)(points!, list!, 5000, out!, outputs);
          return Buffer.concat([engine.bytes(points!), engine.bytes(out!)]);
        }),
      );
    });
  });
});
