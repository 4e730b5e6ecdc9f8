/** The worker's side of bulk operations on scalars. Arguments are addresses and counts, see each task. */
import { kernel, type Task, type TaskContext } from '../threads/task.js';

/** Bytes of one scalar. */
export const SCALAR_BYTES = 32;
/** Elements that one chunk of an element-wise operation covers. */
export const VECTOR_CHUNK = 4096;
/** Bytes that one chunk of the task `clear` covers. */
export const CLEAR_CHUNK_BYTES: number = VECTOR_CHUNK * SCALAR_BYTES;
/** Bytes of a record of the task `frPowers`: address, count, padding, start, ratio. */
export const POWERS_BYTES = 80;
/** Elements of a row that one band of a wide transform covers. */
export const BAND_ELEMENTS = 16;

type Slice = { readonly offset: number; readonly count: number };

/** The part of `count` elements that a chunk covers. */
function sliceOf(count: number, chunk: number): Slice {
  const first = chunk * VECTOR_CHUNK;
  return { offset: first * SCALAR_BYTES, count: Math.min(VECTOR_CHUNK, count - first) };
}

function arg(args: readonly number[], i: number): number {
  const value = args[i];
  if (value === undefined) throw new RangeError(`task argument ${i}: missing`);
  return value;
}

/** (buffer, count) with one in-place kernel. */
const inPlace =
  (name: string): Task =>
  (context, args, chunk) => {
    const { offset, count } = sliceOf(arg(args, 1), chunk);
    kernel(context, name)(arg(args, 0) + offset, count);
  };

function reverseBits(value: number, bits: number): number {
  let x = value;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  x = (x >>> 16) | (x << 16);
  return bits === 0 ? 0 : x >>> (32 - bits);
}

function swapScalars(words: Uint32Array, buffer: number, i: number, j: number): void {
  const a = buffer / 4 + i * 8;
  const b = buffer / 4 + j * 8;
  for (let k = 0; k < 8; k++) {
    const word = words[a + k] as number;
    words[a + k] = words[b + k] as number;
    words[b + k] = word;
  }
}

/** Swaps i with its partner; each pair belongs to its smaller member, so chunks do not meet. */
function permute(
  context: TaskContext,
  args: readonly number[],
  chunk: number,
  partner: (i: number, log: number) => number,
): void {
  const [buffer, log] = [arg(args, 0), arg(args, 1)];
  const end = Math.min(2 ** log, (chunk + 1) * VECTOR_CHUNK);
  for (let i = chunk * VECTOR_CHUNK; i < end; i++) {
    const j = partner(i, log);
    if (i < j) swapScalars(context.words, buffer, i, j);
  }
}

/** Tasks by name. */
export const SCALAR_TASKS: Readonly<Record<string, Task>> = {
  frToMontgomery: inPlace('frVectorToMontgomery'),
  frFromMontgomery: inPlace('frVectorFromMontgomery'),
  /** (buffer, sizeBytes): zeros */
  clear: (context, args, chunk) => {
    const start = chunk * CLEAR_CHUNK_BYTES;
    const end = Math.min(arg(args, 1), start + CLEAR_CHUNK_BYTES);
    context.bytes.fill(0, arg(args, 0) + start, arg(args, 0) + end);
  },
  /** (out, a, b, count) */
  frMultiply: (context, args, chunk) => {
    const { offset, count } = sliceOf(arg(args, 3), chunk);
    kernel(context, 'frVectorMultiply')(
      arg(args, 0) + offset,
      arg(args, 1) + offset,
      arg(args, 2) + offset,
      count,
    );
  },
  /** (records): a geometric sequence a chunk */
  frPowers: (context, args, chunk) => {
    const record = arg(args, 0) + chunk * POWERS_BYTES;
    const [out = 0, count = 0] = context.words.subarray(record / 4, record / 4 + 2);
    kernel(context, 'frVectorPowers')(out, count, record + 16, record + 48);
  },
  /** (buffer, count, scratch): a chunk's worth of scratch a thread */
  frInvert: (context, args, chunk) => {
    const { offset, count } = sliceOf(arg(args, 1), chunk);
    const scratch = arg(args, 2) + context.thread * VECTOR_CHUNK * SCALAR_BYTES;
    kernel(context, 'frVectorInvert')(arg(args, 0) + offset, count, scratch);
  },
  /** (coefficients, count, witness, wireCount, a, b, rowCount, results): a chunk is one part of the rows */
  applyRows: (context, args, chunk) => {
    const [coefficients, count, witness, wireCount, a, b, rowCount, results] = args as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const bad = kernel(context, 'frApplyRows')(
      coefficients,
      count,
      witness,
      wireCount,
      a,
      b,
      rowCount,
      chunk,
      context.threads,
    );
    context.words[results / 4 + chunk] = bad >>> 0;
  },
  /** (a, b, c, count, abFactor, cFactor) */
  join: (context, args, chunk) => {
    const { offset, count } = sliceOf(arg(args, 3), chunk);
    kernel(context, 'frVectorJoin')(
      arg(args, 0) + offset,
      arg(args, 1) + offset,
      arg(args, 2) + offset,
      count,
      arg(args, 4),
      arg(args, 5),
    );
  },
  /** (log, columns, twiddles, isTime, buffers…): wide stages; a chunk is one band of one buffer */
  transformWide: (context, args, chunk) => {
    const [log, columns, twiddles, isTime] = [arg(args, 0), arg(args, 1), arg(args, 2), arg(args, 3)];
    const bands = columns / BAND_ELEMENTS;
    const buffer = arg(args, 4 + Math.floor(chunk / bands));
    const from = (chunk % bands) * BAND_ELEMENTS * SCALAR_BYTES;
    const name = isTime === 1 ? 'frTimeWide' : 'frFrequencyWide';
    const size = 2 ** log * SCALAR_BYTES;
    kernel(context, name)(
      buffer,
      size,
      columns * SCALAR_BYTES,
      from,
      from + BAND_ELEMENTS * SCALAR_BYTES,
      twiddles,
    );
  },
  /** (log, columns, frequencyTwiddles, timeTwiddles or 0, factor or 0, buffers…): narrow stages, there and back; a chunk is one block */
  transformBlock: (context, args, chunk) => {
    const [log, columns, frequency, time, factor] = [
      arg(args, 0),
      arg(args, 1),
      arg(args, 2),
      arg(args, 3),
      arg(args, 4),
    ];
    const blocks = 2 ** log / columns;
    const size = columns * SCALAR_BYTES;
    const data = arg(args, 5 + Math.floor(chunk / blocks)) + (chunk % blocks) * size;
    kernel(context, 'frFrequencyBlock')(data, size, frequency);
    if (factor !== 0) kernel(context, 'frVectorScale')(data, columns, factor);
    if (time !== 0) kernel(context, 'frTimeBlock')(data, size, time);
  },
  /** (buffer, log): natural to bit-reversed order and back */
  reverseBits: (context, args, chunk) => permute(context, args, chunk, reverseBits),
  /** (buffer, log): index i to −i modulo the size */
  negateIndex: (context, args, chunk) =>
    permute(context, args, chunk, (i, log) => (i === 0 ? 0 : 2 ** log - i)),
};
