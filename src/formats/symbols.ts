/**
 * Signal names as circom writes them: `.sym`, one line `label,wire,component,name` for each signal. Wire −1 means that
 * simplification eliminated the signal.
 *
 * Files reach hundreds of megabytes, so lines are indexed in flat arrays and names are decoded on request.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { formatError } from './codes.js';
import { readError } from './container.js';

/** The lines of a `.sym` file, in its order. */
export type Symbols = {
  readonly count: number;
  readonly labels: Uint32Array;
  /** Wire of each signal, −1 where it was eliminated. */
  readonly wires: Int32Array;
  readonly components: Uint32Array;
  /** Full name of line `index`, such as `main.hash.out[3]`. */
  name(index: number): string;
};

const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const MINUS = 45;
const MAX_BYTES = 2 ** 32 - 1;

/**
 * Reads a symbol file.
 *
 * @param source - Path of a `.sym` file, or its content.
 * @param name - Name for messages when `source` is bytes.
 * @throws {FileError} `SYMBOL_LINE` with the line's number, `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_TOO_LARGE`.
 */
export function readSymbols(
  source: string | Uint8Array,
  name = typeof source === 'string' ? source : 'symbols',
): Symbols {
  const text = typeof source === 'string' ? readWhole(source) : source;
  let lines = 0;
  for (let i = text.indexOf(NEWLINE); i >= 0; i = text.indexOf(NEWLINE, i + 1)) lines++;
  if (text.length > 0 && text[text.length - 1] !== NEWLINE) lines++;
  const labels = new Uint32Array(lines);
  const wires = new Int32Array(lines);
  const components = new Uint32Array(lines);
  const starts = new Uint32Array(lines);
  const ends = new Uint32Array(lines);
  let position = 0;
  let line = 0;

  /** Reads digits up to the next comma; leaves `position` behind it. */
  const integer = (limit: number): number => {
    const first = position;
    let value = 0;
    for (let digit = text[position]! - 48; digit >= 0 && digit <= 9; digit = text[++position]! - 48)
      value = 10 * value + digit;
    if (position === first || position - first > 10 || text[position] !== COMMA || value >= limit)
      throw malformed();
    position++;
    return value;
  };
  const malformed = (): Error => {
    const end = text.indexOf(NEWLINE, position);
    const got = new TextDecoder().decode(
      text.subarray(lineStart, Math.min(end < 0 ? text.length : end, lineStart + 80)),
    );
    return formatError('SYMBOL_LINE', {
      file: name,
      where: `line ${line + 1}`,
      expected: 'label,wire,component,name',
      got: JSON.stringify(got),
    });
  };
  let lineStart = 0;
  for (; line < lines; line++) {
    lineStart = position;
    labels[line] = integer(2 ** 32);
    if (text[position] === MINUS) {
      position++;
      if (integer(2) !== 1) throw malformed();
      wires[line] = -1;
    } else {
      wires[line] = integer(2 ** 31);
    }
    components[line] = integer(2 ** 32);
    const newline = text.indexOf(NEWLINE, position);
    const end = newline < 0 ? text.length : newline;
    const trimmed = text[end - 1] === RETURN ? end - 1 : end;
    if (trimmed <= position) throw malformed();
    starts[line] = position;
    ends[line] = trimmed;
    position = end + 1;
  }
  const decoder = new TextDecoder();
  return {
    count: lines,
    labels,
    wires,
    components,
    name: (index) => decoder.decode(text.subarray(starts[index], ends[index])),
  };
}

function readWhole(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const { size } = fstatSync(descriptor);
    if (size > MAX_BYTES)
      throw formatError('FILE_TOO_LARGE', {
        file: path,
        expected: `at most ${MAX_BYTES} bytes`,
        got: `${size}`,
      });
    const text = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const count = readSync(descriptor, text, done, Math.min(size - done, 1 << 30), done);
      if (count === 0) break;
      done += count;
    }
    return text.subarray(0, done);
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
