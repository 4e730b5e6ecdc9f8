/** The same bytes as snarkjs's own arithmetic (ffjavascript), on random and edge inputs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/index.js';
import { createWasmEngine as createEngine } from '../../src/engine/wasm-engine.js';
import { encodeCanonical, encodeMontgomery } from '../../src/math/bn254.js';
import { BN254_R, Fr } from '../../src/math/field.js';
import {
  createRandom,
  GROUPS,
  load,
  loadCanonical,
  loadMontgomery,
  mixedScalars,
  testLogs,
} from './support.js';

type SnarkjsGroup = {
  readonly multiExpAffine: (points: Uint8Array, scalars: Uint8Array) => Promise<Uint8Array>;
  readonly toAffine: (point: Uint8Array) => Uint8Array;
};
type SnarkjsCurve = {
  readonly Fr: {
    readonly w: readonly Uint8Array[];
    readonly fft: (buffer: Uint8Array) => Promise<Uint8Array>;
    readonly ifft: (buffer: Uint8Array) => Promise<Uint8Array>;
    readonly batchApplyKey: (buffer: Uint8Array, first: Uint8Array, step: Uint8Array) => Promise<Uint8Array>;
    readonly e: (value: bigint) => Uint8Array;
    readonly mul: (a: Uint8Array, b: Uint8Array) => Uint8Array;
    readonly sub: (a: Uint8Array, b: Uint8Array) => Uint8Array;
    readonly add: (a: Uint8Array, b: Uint8Array) => Uint8Array;
    readonly fromMontgomery: (a: Uint8Array) => Uint8Array;
  };
  readonly G1: SnarkjsGroup;
  readonly G2: SnarkjsGroup;
  readonly terminate: () => Promise<void>;
};

let engine: Engine;
let curve: SnarkjsCurve;

beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
  const name = 'snarkjs';
  const { curves } = (await import(name)) as {
    curves: { getCurveFromName: (name: string, options: object) => Promise<SnarkjsCurve> };
  };
  curve = await curves.getCurveFromName('bn128', { singleThread: true });
});
afterAll(async () => {
  await engine.close();
  await curve.terminate();
});

/** A plain array: ffjavascript writes through a Buffer into the pool that it shares with others. */
const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const random = createRandom(31);
const randomValues = (count: number): bigint[] => Array.from({ length: count }, () => random(BN254_R));
const encodeAll = (values: readonly bigint[]): Uint8Array =>
  concat(values.map((value) => encodeMontgomery(Fr, value)));

describe('transforms', () => {
  test.each([1, 4, 12])('default: ntt and intt of 2^%i elements', async (log) => {
    const values = randomValues(2 ** log);
    const buffer = loadMontgomery(engine, values);
    await engine.ntt(buffer, log);
    expect(concat([engine.bytes(buffer)])).toEqual(concat([await curve.Fr.fft(encodeAll(values))]));
    await engine.intt(buffer, log);
    await engine.intt(buffer, log);
    expect(concat([engine.bytes(buffer)])).toEqual(concat([await curve.Fr.ifft(encodeAll(values))]));
    engine.free(buffer);
  });
});

describe('the way from coefficients to the scalars of section H', () => {
  test('default: as groth16_prove does it', async () => {
    const log = 5;
    const size = 2 ** log;
    const wires = [1n, ...mixedScalars(20, 41)];
    const records = Array.from({ length: 120 }, (_, i) => ({
      matrix: i % 2,
      row: (i * 7) % size,
      wire: i % wires.length,
      value: encodeCanonical(Fr.mod(random(BN254_R) << 512n)),
    }));
    const zeros = (): Uint8Array[] => Array.from({ length: size }, () => new Uint8Array(32));
    const rows = [zeros(), zeros()] as const;
    for (const { matrix, row, wire, value } of records) {
      const into = rows[matrix as 0 | 1];
      const term = curve.Fr.mul(value, encodeCanonical(wires[wire] ?? 0n));
      into[row] = curve.Fr.add(into[row] as Uint8Array, term);
    }
    const products = rows[0].map((a, i) => curve.Fr.mul(a, rows[1][i] as Uint8Array));
    const onCoset = async (values: readonly Uint8Array[]): Promise<Uint8Array> => {
      const coefficients = await curve.Fr.ifft(concat(values));
      const step = curve.Fr.w[log + 1] as Uint8Array;
      return curve.Fr.fft(await curve.Fr.batchApplyKey(coefficients, curve.Fr.e(1n), step));
    };
    const [u, v, w] = await Promise.all([onCoset(rows[0]), onCoset(rows[1]), onCoset(products)]);
    const expected = rows[0].map((_, i) => {
      const part = (all: Uint8Array): Uint8Array => all.slice(32 * i, 32 * i + 32);
      return curve.Fr.fromMontgomery(curve.Fr.sub(curve.Fr.mul(part(u), part(v)), part(w)));
    });

    const encoded = records.map(({ matrix, row, wire, value }) => {
      const bytes = new Uint8Array(44);
      new Uint32Array(bytes.buffer, 0, 3).set([matrix, row, wire]);
      bytes.set(value, 12);
      return bytes;
    });
    const [coefficients, witness] = [load(engine, encoded, 44), loadCanonical(engine, wires)];
    const [a, b, c] = [0, 1, 2].map(() => engine.alloc(size * 32)) as [never, never, never];
    await engine.applyRows(coefficients, records.length, witness, a, b, c, log);
    expect(concat([engine.bytes(c)])).toEqual(concat(products));
    await engine.quotient(a, b, c, log);
    expect(concat([engine.bytes(a)])).toEqual(concat(expected));
  });
});

describe.each(GROUPS)('msm$name', ({ name, msm, multiple, pointBytes }) => {
  test.each([1, 40, 300])('default: %i points', async (count) => {
    const points = testLogs(count).map(multiple);
    const values = mixedScalars(count, 51);
    const [pointBuffer, scalars] = [load(engine, points, pointBytes), loadCanonical(engine, values)];
    const theirs = await curve[name].multiExpAffine(concat(points), concat(values.map(encodeCanonical)));
    const ours = await msm(engine)(pointBuffer, scalars, count);
    expect(concat([ours])).toEqual(concat([curve[name].toAffine(theirs)]));
  });
});
