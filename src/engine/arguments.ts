/** What every engine asks of the arguments of its calls, with the same errors. */
import { availableParallelism } from 'node:os';
import { BN254_R } from '../math/field.js';
import { UsageError } from '../statement/errors.js';
import type { SharedMemory } from './memory.js';
import type { EngineBuffer, EngineOptions } from './types.js';

const MAX_THREADS = 64;
/** The quotient needs the root of order 2^(log+1), and r − 1 has 28 factors of 2. */
const MAX_LOG = 27;

/** The number of threads to start. @throws UsageError `THREAD_COUNT`. */
export function threadCount(options: EngineOptions): number {
  const threads = options.threads ?? Math.min(availableParallelism(), MAX_THREADS);
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new UsageError('THREAD_COUNT', `threads: expected 1 to ${MAX_THREADS}, got ${threads}.`);
  }
  return threads;
}

/** Sizes of buffers. @throws UsageError `BUFFER_SIZE`. */
export function checkSize(sizeBytes: number): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new UsageError('BUFFER_SIZE', `alloc: expected a whole number of bytes, got ${sizeBytes}.`);
  }
}

/**
 * A part of a buffer. Absent, `sizeBytes` is the rest.
 *
 * @param liveBytes - Size of the live buffer at that address, if there is one.
 * @returns The part's size.
 * @throws UsageError `BUFFER_RANGE`.
 */
export function checkPart(
  buffer: EngineBuffer,
  liveBytes: number | undefined,
  offsetBytes: number,
  sizeBytes: number = buffer.sizeBytes - offsetBytes,
): number {
  const areWhole = [offsetBytes, sizeBytes].every((value) => Number.isSafeInteger(value) && value >= 0);
  const isInside = areWhole && offsetBytes + sizeBytes <= buffer.sizeBytes;
  if (!isInside || liveBytes === undefined || buffer.sizeBytes > liveBytes) {
    throw new UsageError(
      'BUFFER_RANGE',
      `bytes: expected a part of a live buffer of ${buffer.sizeBytes} bytes, got offset ${offsetBytes}, size ${sizeBytes}.`,
    );
  }
  return sizeBytes;
}

/** The address of element `first` of a buffer that must hold `count` more of `size` bytes. @throws UsageError `BUFFER_TOO_SMALL`, `BUFFER_RANGE`. */
export function checkRange(
  memory: Pick<SharedMemory, 'bytes'>,
  name: string,
  buffer: EngineBuffer,
  count: number,
  size: number,
  first: number,
): number {
  const areWhole = [count, first].every((value) => Number.isSafeInteger(value) && value >= 0);
  if (!areWhole || (first + count) * size > buffer.sizeBytes) {
    throw new UsageError(
      'BUFFER_TOO_SMALL',
      `${name}: expected a buffer of at least ${first} + ${count} elements of ${size} bytes, got ${buffer.sizeBytes} bytes.`,
    );
  }
  memory.bytes(buffer, 0, 0);
  return buffer.ptr + first * size;
}

/** Sizes of transforms. @throws UsageError `DOMAIN_SIZE`. */
export function checkLog(log: number): void {
  if (!Number.isInteger(log) || log < 0 || log > MAX_LOG) {
    throw new UsageError('DOMAIN_SIZE', `log: expected 0 to ${MAX_LOG}, got ${log}.`);
  }
}

/** Scalars given as bigints. @throws UsageError `SCALAR_RANGE`. */
export function checkScalar(name: string, value: bigint): void {
  if (value < 0n || value >= BN254_R) {
    throw new UsageError('SCALAR_RANGE', `${name}: expected 0 ≤ value < r, got ${value}. Reduce it first.`);
  }
}

/** The error for a record of `applyRows` that points outside. */
export function badCoefficient(index: number, rows: number, wires: number): UsageError {
  return new UsageError(
    'COEFFICIENT_RANGE',
    `coefficients[${index}]: expected matrix 0 or 1, row below ${rows}, wire below ${wires}. The key and the witness belong to different circuits, or the key is damaged.`,
  );
}
