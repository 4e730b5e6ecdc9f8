import { describe, expect, test } from 'vitest';
import { createWasmEngine as createEngine } from '../../src/engine/wasm-engine.js';
import { encodeCanonical } from '../../src/math/bn254.js';
import { BN254_R } from '../../src/math/field.js';
import { testPoints } from './points-suite.js';
import { GROUPS, items, load, loadCanonical, mixedScalars, testLogs } from './support.js';

testPoints(() => Promise.all([1, 2, 4].map((threads) => createEngine({ threads }))));

const dot = (logs: readonly bigint[], scalars: readonly bigint[]): bigint =>
  logs.reduce((sum, log, i) => sum + log * (scalars[i] ?? 0n), 0n);

describe('addresses above 2 GiB', () => {
  test('default: every operation on points works there', async () => {
    const high = await createEngine({ threads: 2 });
    try {
      high.alloc(2.25 * 2 ** 30);
      for (const group of GROUPS) {
        const { multiple, pointBytes } = group;
        const [logs, values] = [testLogs(40), mixedScalars(40, 61)];
        const points = load(high, logs.map(multiple), pointBytes);
        const scalars = loadCanonical(high, values);
        expect(points.ptr).toBeGreaterThan(2 ** 31);
        expect(await group.msm(high)(points, scalars, 40)).toEqual(multiple(dot(logs, values)));
        await group.scale(high)(points, 40, BN254_R - 3n);
        expect(items(high, points, 40, pointBytes)).toEqual(logs.map((log) => multiple(-3n * log)));
        await group.fixedBase(high)(multiple(5n), scalars, points, 40);
        expect(items(high, points, 40, pointBytes)).toEqual(values.map((value) => multiple(5n * value)));
        const terms = high.alloc(80);
        high.bytes(terms).set(encodeCanonical(BN254_R - 7n), 8);
        high.bytes(terms).set(encodeCanonical(9n << 200n), 48);
        new DataView(high.bytes(terms).buffer, terms.ptr).setUint32(4, 2, true);
        new DataView(high.bytes(terms).buffer, terms.ptr).setUint32(44, 3, true);
        const out = high.alloc(pointBytes);
        high.bytes(terms).fill(0, 40, 44);
        high.bytes(terms).fill(0, 0, 4);
        await group.combine(high)(points, terms, 2, out, 1);
        const [second = 0n, third = 0n] = values.slice(2, 4);
        expect(high.bytes(out).slice()).toEqual(multiple(5n * (-7n * second + (9n << 200n) * third)));
      }
    } finally {
      await high.close();
    }
  });
});
