/**
 * Transforms over Fr and the quotient polynomial of Groth16.
 *
 * The kernels transform from natural to bit-reversed order with inverse roots, and back on a coset. So the quotient
 * needs no permutation and no pass of scaling: the coset's shift sits in the twiddles (stage with half-size h multiplies by odd powers
 * of the root of order 4h), the factors 1/n in the last step.
 */
import { rootOfUnity } from '../../math/bn254.js';
import { BN254_R, Fr } from '../../math/field.js';
import { type Session, withScratch, writeScalar } from '../session.js';
import type { EngineBuffer } from '../types.js';
import { BAND_ELEMENTS, POWERS_BYTES, SCALAR_BYTES, VECTOR_CHUNK } from './tasks.js';

/** Largest blocks of the narrow stages: 2^10 elements, 32 KiB. */
const MAX_BLOCK_LOG = 10;
const RADIX = (1n << 256n) % BN254_R;

/** One geometric sequence to be written. */
export type Powers = {
  readonly out: number;
  readonly count: number;
  readonly start: bigint;
  readonly ratio: bigint;
};

/** Writes geometric sequences (Montgomery), cut into chunks for all threads. */
export function writePowers(session: Session, sequences: readonly Powers[]): Promise<void> {
  return withScratch(session, async (reserve) => {
    const chunks: Powers[] = [];
    for (const { out, count, start, ratio } of sequences) {
      const jump = Fr.pow(ratio, BigInt(VECTOR_CHUNK));
      for (let first = 0, from = start; first < count; first += VECTOR_CHUNK, from = Fr.mul(from, jump)) {
        chunks.push({
          out: out + first * SCALAR_BYTES,
          count: Math.min(VECTOR_CHUNK, count - first),
          start: from,
          ratio,
        });
      }
    }
    const records = reserve(chunks.length * POWERS_BYTES);
    const words = session.words();
    chunks.forEach(({ out, count, start, ratio }, i) => {
      const record = records + i * POWERS_BYTES;
      words.set([out, count], record / 4);
      writeScalar(session, record + 16, Fr.mul(start, RADIX));
      writeScalar(session, record + 48, Fr.mul(ratio, RADIX));
    });
    await session.run('frPowers', [records], chunks.length);
  });
}

/** Transforms with their tables, which live as long as the engine. */
export type Transforms = {
  readonly ntt: (buffer: number, log: number) => Promise<void>;
  readonly intt: (buffer: number, log: number) => Promise<void>;
  readonly quotient: (a: number, b: number, c: number, log: number) => Promise<void>;
};

export function createTransforms(session: Session): Transforms {
  const { memory } = session;
  const cache = new Map<string, EngineBuffer>();

  /** The table of a size: half-size h begins at element h. */
  const tableOf = async (kind: 'inverse' | 'coset', log: number): Promise<number> => {
    const key = `${kind} ${log}`;
    const known = cache.get(key);
    if (known !== undefined) return known.ptr;
    const table = memory.alloc(2 ** log * SCALAR_BYTES);
    const sequences: Powers[] = Array.from({ length: log }, (_, stage) => {
      const [out, count] = [table.ptr + 2 ** stage * SCALAR_BYTES, 2 ** stage];
      return kind === 'inverse'
        ? { out, count, start: 1n, ratio: Fr.inv(rootOfUnity(stage + 1)) }
        : { out, count, start: rootOfUnity(stage + 2), ratio: rootOfUnity(stage + 1) };
    });
    try {
      await writePowers(session, sequences);
    } catch (error) {
      memory.free(table);
      throw error;
    }
    cache.set(key, table);
    return table.ptr;
  };

  const blockOf = (log: number): { columns: number; blocks: number; bands: number } => {
    const columns = 2 ** Math.min(log, MAX_BLOCK_LOG);
    const isWide = log > MAX_BLOCK_LOG;
    return { columns, blocks: 2 ** log / columns, bands: isWide ? columns / BAND_ELEMENTS : 0 };
  };

  /** Natural to bit-reversed order with inverse roots, times a factor, which also makes values canonical. */
  const inverseToReversed = (buffer: number, log: number, factor: bigint): Promise<void> =>
    withScratch(session, async (reserve) => {
      const table = await tableOf('inverse', log);
      const { columns, blocks, bands } = blockOf(log);
      const scalar = reserve(SCALAR_BYTES);
      writeScalar(session, scalar, Fr.mul(factor, RADIX));
      await session.run('transformWide', [log, columns, table, 0, buffer], bands);
      await session.run('transformBlock', [log, columns, table, 0, scalar, buffer], blocks);
    });
  const permute = (task: string, buffer: number, log: number): Promise<void> =>
    session.run(task, [buffer, log], Math.ceil(2 ** log / VECTOR_CHUNK));

  return {
    ntt: async (buffer, log) => {
      await permute('negateIndex', buffer, log);
      await inverseToReversed(buffer, log, 1n);
      await permute('reverseBits', buffer, log);
    },
    intt: async (buffer, log) => {
      await inverseToReversed(buffer, log, Fr.inv(2n ** BigInt(log)));
      await permute('reverseBits', buffer, log);
    },
    quotient: (a, b, c, log) =>
      withScratch(session, async (reserve) => {
        const inverse = await tableOf('inverse', log);
        const coset = await tableOf('coset', log);
        const { columns, blocks, bands } = blockOf(log);
        const buffers = [a, b, c];
        await session.run('transformWide', [log, columns, inverse, 0, ...buffers], bands * 3);
        await session.run('transformBlock', [log, columns, inverse, coset, 0, ...buffers], blocks * 3);
        await session.run('transformWide', [log, columns, coset, 1, ...buffers], bands * 3);
        const [abFactor, cFactor] = [reserve(SCALAR_BYTES), reserve(SCALAR_BYTES)];
        const scale = Fr.inv(2n ** BigInt(log));
        // Not in Montgomery form, so that the products leave it.
        writeScalar(session, abFactor, Fr.mul(scale, scale));
        writeScalar(session, cFactor, scale);
        await session.run('join', [a, b, c, 2 ** log, abFactor, cFactor], Math.ceil(2 ** log / VECTOR_CHUNK));
      }),
  };
}
