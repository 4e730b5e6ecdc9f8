/** What threads do with a proving key's file: pieces of it into memory, and the check of its coefficients. */
import { readSync } from 'node:fs';
import { BN254_R } from '../../math/field.js';
import type { Task, TaskContext } from '../threads/task.js';

/** Bytes that one chunk of a file covers. */
export const FILE_PIECE_BYTES = 1 << 22;
/** Records that one chunk of a check covers. */
export const COEFFICIENT_CHUNK = 1 << 16;

const RECORD_WORDS = 11;
const VALUE_WORD = 3;
const VALUE_WORDS = 8;
const R_WORDS = Uint32Array.from({ length: VALUE_WORDS }, (_, i) =>
  Number((BN254_R >> BigInt(32 * i)) & 0xffffffffn),
);

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
const checkCoefficients: Task = ({ words }, args, chunk) => {
  const [records, count, wires, rows, results] = args as Five;
  const end = Math.min(count, (chunk + 1) * COEFFICIENT_CHUNK);
  let bad = 0;
  for (let i = chunk * COEFFICIENT_CHUNK; i < end; i++) {
    const at = records / 4 + i * RECORD_WORDS;
    const isGood =
      (words[at] as number) < 2 &&
      (words[at + 1] as number) < rows &&
      (words[at + 2] as number) < wires &&
      isBelowR(words, at + VALUE_WORD);
    if (isGood) continue;
    bad = i + 1;
    break;
  }
  words[results / 4 + chunk] = bad;
};

function isBelowR(words: TaskContext['words'], at: number): boolean {
  for (let i = VALUE_WORDS - 1; i >= 0; i--) {
    const [word, bound] = [words[at + i] as number, R_WORDS[i] as number];
    if (word !== bound) return word < bound;
  }
  return false;
}

/** Tasks by name. */
export const FILE_TASKS: Readonly<Record<string, Task>> = { readFile, checkCoefficients };
