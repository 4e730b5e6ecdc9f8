/** Field multiplication, sums of products and transforms: ours against the library that snarkjs computes with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/types.js';
import { encodeG1, encodeG2, G1_GENERATOR, G2_GENERATOR } from '../math/bn254.js';
import {
  type Bench,
  closeWorkers,
  measureWorkers,
  openEngineWorker,
  openPeerWorker,
  threadCounts,
  type WorkerSide,
} from './bench.js';
import type { Part, RawEntry } from './report.js';

export type Sizes = {
  /** Base-two logarithms of elements multiplied, of products summed, of elements transformed. */
  readonly field: number;
  readonly msm: number;
  readonly fft: number;
};

/** Rounds of the field's loop in one sample: a round alone is about as short as the clock is fine. */
const FIELD_REPEAT = 10;

const FILES = { values: 'values.bin', random: 'random.bin', bits: 'bits.bin', G1: 'g1.bin', G2: 'g2.bin' };

/** Writes what all contenders read: elements, scalars, points. */
export async function writeArithmeticInputs(engine: Engine, folder: string, sizes: Sizes): Promise<void> {
  const save = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes);
  const count = 2 ** Math.max(sizes.field, sizes.msm, sizes.fft);
  const points = 2 ** sizes.msm;
  const scalars = engine.alloc(count * 32);
  await engine.frPowers(scalars, count, 3n, 5n);
  save(FILES.values, engine.bytes(scalars, 0, 2 ** sizes.fft * 32));
  await engine.frFromMontgomery(scalars, count);
  save(FILES.random, engine.bytes(scalars, 0, 2 ** Math.max(sizes.msm, sizes.field) * 32));
  const bits = new Uint8Array(points * 32);
  // As in witnesses of hashes and range checks: bits, and now and then a byte.
  for (let i = 0; i < points; i++)
    bits[32 * i] = i % 16 === 0 ? i % 251 : (Math.imul(i, 0x9e3779b1) >>> 13) & 1;
  save(FILES.bits, bits);
  const first = engine.alloc(points * 64);
  await engine.fixedBaseG1(encodeG1(G1_GENERATOR), scalars, first, points);
  save(FILES.G1, engine.bytes(first));
  const second = engine.alloc(points * 128);
  await engine.fixedBaseG2(encodeG2(G2_GENERATOR), scalars, second, points);
  save(FILES.G2, engine.bytes(second));
  for (const buffer of [scalars, first, second]) engine.free(buffer);
}

/** Measures the arithmetic; inputs must have been written to the bench's folder. */
export async function measureArithmetic(
  bench: Bench,
  parts: readonly Part[],
  sizes: Sizes,
): Promise<RawEntry[]> {
  const at = (name: string): string => join(bench.folder, name);
  const entries: RawEntry[] = [];
  const counts = threadCounts(bench.threads);
  const sides: WorkerSide[] = [
    ...bench.engines.flatMap((kind) => counts.map((threads) => openEngineWorker(bench, kind, threads))),
    openPeerWorker(bench, 1),
    ...(bench.cores > 1 ? [openPeerWorker(bench, 'all')] : []),
  ];
  try {
    if (parts.includes('field')) {
      const size = 2 ** sizes.field;
      const task = { task: 'field', scalars: at(FILES.random), count: size, repeat: FIELD_REPEAT } as const;
      const single = sides.filter(({ threads }) => threads === 1);
      const what = { part: 'field', subject: 'multiplication in Fr', size } as const;
      entries.push(await measureWorkers(bench, what, single, task, { nanosecondsPerItem: true }));
    }
    if (parts.includes('msm'))
      for (const group of ['G1', 'G2'] as const)
        for (const kind of ['random', 'bits'] as const) {
          const size = 2 ** sizes.msm;
          const what = { part: 'msm', subject: `${group}, ${kind}, 2^${sizes.msm}`, size } as const;
          const files = { points: at(FILES[group]), scalars: at(FILES[kind]) };
          entries.push(
            await measureWorkers(bench, what, sides, { task: 'msm', group, ...files, count: size }),
          );
        }
    if (parts.includes('fft')) {
      const what = { part: 'fft', subject: `2^${sizes.fft}`, size: 2 ** sizes.fft } as const;
      const task = { task: 'fft', values: at(FILES.values), log: sizes.fft } as const;
      entries.push(await measureWorkers(bench, what, sides, task));
    }
  } finally {
    await closeWorkers(sides);
  }
  return entries;
}
