/** Parts of files into engine memory, the check of coefficients, and sums in both groups: every engine, any number of threads. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNativeEngine } from '../../src/engine/native/native-engine.js';
import type { Engine } from '../../src/engine/types.js';
import { createWasmEngine } from '../../src/engine/wasm-engine.js';
import { BN254_R } from '../../src/math/field.js';
import { seededBytes } from '../support/runs.js';
import { hasNative, ISAS } from './native-support.js';
import { encodeScalars, load, mixedScalars, multipleG1, multipleG2, testLogs } from './support.js';

const RECORD_BYTES = 44;
const folder = mkdtempSync(join(tmpdir(), 'files-'));
const path = join(folder, 'content');
const content = seededBytes(1)(9 * 2 ** 20 + 3);
let descriptor: number;
let engines: Engine[];

beforeAll(async () => {
  writeFileSync(path, content);
  descriptor = openSync(path, 'r');
  engines = await Promise.all([
    ...[1, 3].map((threads) => createWasmEngine({ threads })),
    ...(hasNative ? ISAS : []).flatMap((isa) =>
      [1, 3].map((threads) => createNativeEngine({ threads, isa })),
    ),
  ]);
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

/** Runs on every engine, which must hold no more memory afterwards. */
async function onAll(check: (engine: Engine) => Promise<void>): Promise<void> {
  for (const engine of engines) {
    const before = engine.memory().usedBytes;
    await check(engine);
    expect(engine.memory().usedBytes).toBe(before);
  }
}

describe('readFile', () => {
  test.each([
    ['all', 0, 0, content.length],
    ['nothing', 5, 5, 0],
    ['a byte', 77, 1, 1],
    ['odd borders', 12345, 4099, 5 * 2 ** 20 + 1],
    ['the end', content.length - 70_001, 64, 70_001],
  ])('default: %s', async (_, position, offset, sizeBytes) => {
    await onAll(async (engine) => {
      const buffer = engine.alloc(offset + sizeBytes + 100);
      const bytes = engine.bytes(buffer).fill(0xaa);
      expect(await engine.readFile(descriptor, position, buffer, offset, sizeBytes)).toBe(true);
      const expected = Buffer.alloc(bytes.length, 0xaa);
      expected.set(content.subarray(position, position + sizeBytes), offset);
      expect(Buffer.compare(bytes, expected)).toBe(0);
      engine.free(buffer);
    });
  });

  test('error: false past the end, and where nothing is open; the engine goes on', async () => {
    await onAll(async (engine) => {
      const buffer = engine.alloc(2 ** 23);
      expect(await engine.readFile(descriptor, content.length - 2 ** 22, buffer, 0, 2 ** 23)).toBe(false);
      expect(await engine.readFile(descriptor, content.length, buffer, 0, 1)).toBe(false);
      expect(await engine.readFile(1_000_000, 0, buffer, 0, 1)).toBe(false);
      expect(await engine.readFile(descriptor, 0, buffer, 0, 8)).toBe(true);
      expect(engine.bytes(buffer, 0, 8)).toEqual(new Uint8Array(content.subarray(0, 8)));
      engine.free(buffer);
    });
  });

  test('error: BUFFER_TOO_SMALL', async () => {
    await onAll(async (engine) => {
      const buffer = engine.alloc(64);
      for (const [offset, sizeBytes] of [
        [0, 65],
        [60, 5],
        [-1, 1],
        [0.5, 1],
      ] as const) {
        await expect(engine.readFile(descriptor, 0, buffer, offset, sizeBytes)).rejects.toMatchObject({
          code: 'BUFFER_TOO_SMALL',
        });
      }
      engine.free(buffer);
    });
  });
});

describe('findBadCoefficient', () => {
  const [count, wires, log] = [70_000, 500, 10];
  const good = Buffer.alloc(count * RECORD_BYTES);
  for (let i = 0; i < count; i++) {
    good.writeUInt32LE(i % 2, RECORD_BYTES * i);
    good.writeUInt32LE((i * 7) % 2 ** log, RECORD_BYTES * i + 4);
    good.writeUInt32LE((i * 13) % wires, RECORD_BYTES * i + 8);
    good.writeUInt32LE(i, RECORD_BYTES * i + 12);
  }
  good.writeUInt32LE(2 ** log - 1, 4);
  good.writeUInt32LE(wires - 1, 8);
  good.set(encodeScalars([BN254_R - 1n]), 12);
  const r = Buffer.from(encodeScalars([BN254_R - 1n]));
  r[0]! += 1;

  const find = async (engine: Engine, records: Uint8Array): Promise<number | undefined> => {
    const buffer = load(engine, [records], records.length);
    const found = await engine.findBadCoefficient(buffer, records.length / RECORD_BYTES, wires, log);
    engine.free(buffer);
    return found;
  };

  test('default: undefined where all are good, and where there are none', async () => {
    await onAll(async (engine) => {
      expect(await find(engine, good)).toBeUndefined();
      const one = engine.alloc(1);
      expect(await engine.findBadCoefficient(one, 0, wires, log)).toBeUndefined();
      engine.free(one);
    });
  });

  test.each([
    ['matrix 2', 0, [2, 0, 0, 0]],
    ['row 2^log', 4, [0, 4, 0, 0]],
    ['wire beyond', 8, [500 & 255, 500 >> 8, 0, 0]],
    ['value r', 12, [...r]],
    ['value of all ones', 12, Array.from({ length: 32 }, () => 255)],
  ])('error: %s, anywhere; the first of two', async (_, offset, bytes) => {
    await onAll(async (engine) => {
      for (const index of [0, 16_383, 65_536, count - 1]) {
        const records = Buffer.from(good);
        records.set(bytes, RECORD_BYTES * index + offset);
        records.set(bytes, RECORD_BYTES * (count - 1) + offset);
        expect(await find(engine, records)).toBe(index);
      }
    });
  });
});

describe('msmG1G2', () => {
  test.each([1, 40, 700])('default: the sums of msmG1 and msmG2, %i pairs', async (count) => {
    const logs = testLogs(count);
    // Infinity at different places of the two lists.
    const first = logs.map((log, i) => multipleG1(i % 5 === 0 ? 0n : log));
    const second = logs.map((log, i) => multipleG2(i % 7 === 3 ? 0n : log));
    const scalars = mixedScalars(count, 3);
    const results: Uint8Array[][] = [];
    await onAll(async (engine) => {
      const buffers = [
        load(engine, first, 64),
        load(engine, second, 128),
        load(engine, [encodeScalars(scalars)], 32 * count),
      ] as const;
      const { g1, g2, g2Ms } = await engine.msmG1G2(...buffers, count);
      expect(g1).toEqual(await engine.msmG1(buffers[0], buffers[2], count));
      expect(g2).toEqual(await engine.msmG2(buffers[1], buffers[2], count));
      expect(g2Ms).toBeGreaterThan(0);
      results.push([g1.slice(), g2.slice()]);
      for (const buffer of buffers) engine.free(buffer);
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('error: BUFFER_TOO_SMALL', async () => {
    await onAll(async (engine) => {
      const buffer = engine.alloc(64);
      await expect(engine.msmG1G2(buffer, buffer, buffer, 1)).rejects.toMatchObject({
        code: 'BUFFER_TOO_SMALL',
      });
      engine.free(buffer);
    });
  });
});
