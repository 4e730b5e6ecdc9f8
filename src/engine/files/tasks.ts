/** What threads do with a proving key's file: pieces of it into memory, and the check of its coefficients. */
import { readSync } from 'node:fs';
import { kernel, type Task } from '../threads/task.js';
import { COEFFICIENT_BYTES } from '../wasm/layout.js';

/** Bytes that one chunk of a file covers. */
export const FILE_PIECE_BYTES = 1 << 22;
/** Records that one chunk of a check covers. */
export const COEFFICIENT_CHUNK = 1 << 16;

type Five = [number, number, number, number, number];

/** Reads one piece; sets the word at `failed` where it cannot. A descriptor counts in all threads of a process. */
const readFile: Task = ({ bytes, words }, args, chunk) => {
  const [descriptor, position, target, sizeBytes, failed] = args as Five;
  const end = Math.min(sizeBytes, (chunk + 1) * FILE_PIECE_BYTES);
  try {
    for (let done = chunk * FILE_PIECE_BYTES; done < end; ) {
      const count = readSync(descriptor, bytes, target + done, end - done, position + done);
      if (count === 0) throw new RangeError('the file ends early');
      done += count;
    }
  } catch {
    words[failed / 4] = 1;
  }
};

/** Notes the number of the first bad record of a chunk, plus 1; 0 if there is none. */
const checkCoefficients: Task = (context, args, chunk) => {
  const [records, count, wires, rows, results] = args as Five;
  const end = records + Math.min(count, (chunk + 1) * COEFFICIENT_CHUNK) * COEFFICIENT_BYTES;
  const first = records + chunk * COEFFICIENT_CHUNK * COEFFICIENT_BYTES;
  const bad = kernel(context, 'coefficientsCheck')(first, end, wires, rows) >>> 0;
  context.words[results / 4 + chunk] = bad === 0 ? 0 : (bad - records) / COEFFICIENT_BYTES + 1;
};

/** Tasks by name. */
export const FILE_TASKS: Readonly<Record<string, Task>> = { readFile, checkCoefficients };
