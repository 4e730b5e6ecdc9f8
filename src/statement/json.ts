/**
 * Strict readers for documents that strangers send: every value has exactly one accepted spelling.
 *
 * A record has exactly the fields it should have; integers are decimal strings without sign, leading zeros, spaces or
 * exponent; hashes and field elements are `0x` and a fixed number of lower-case hexadecimal digits. JSON numbers are
 * refused: they lose digits above 2^53. Each reader takes the path of the value, which its error names.
 */
import { FileError } from './errors.js';

/** A record whose field names were checked; its values were not. */
export type JsonRecord = { readonly [field: string]: unknown };

/**
 * A plain object with all `required` fields, perhaps some of `optional`, and no others.
 *
 * @throws {FileError} `FIELD_TYPE`, `FIELD_MISSING`, `FIELD_UNKNOWN`.
 */
export function readRecord(
  value: unknown,
  path: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw typeError(path, 'an object', value);
  for (const field of required)
    if (!Object.hasOwn(value, field))
      throw new FileError(
        'FIELD_MISSING',
        `${path}: field "${field}" is missing. Check that the document is whole and of this format.`,
      );
  for (const field of Object.keys(value))
    if (!required.includes(field) && !optional.includes(field))
      throw new FileError(
        'FIELD_UNKNOWN',
        `${path}: unknown field ${quote(field)}; known are ${[...required, ...optional].join(', ')}. Remove it.`,
      );
  // A copy without prototype: an absent field reads as undefined whatever others put on Object.prototype.
  return Object.assign(Object.create(null) as JsonRecord, value);
}

/**
 * An array, of an exact length if one is given.
 *
 * @throws {FileError} `FIELD_TYPE`, `ARRAY_LENGTH`.
 */
export function readArray(value: unknown, path: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value)) throw typeError(path, 'an array', value);
  if (length !== undefined && value.length !== length)
    throw new FileError(
      'ARRAY_LENGTH',
      `${path}: expected ${length} entries, got ${value.length}. Check that the document is whole.`,
    );
  // A dense copy: holes become undefined, which every reader refuses.
  return Array.from(value);
}

/** @throws {FileError} `FIELD_TYPE`. */
export function readString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw typeError(path, 'a string', value);
  return value;
}

/** @throws {FileError} `FIELD_TYPE`. */
export function readBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw typeError(path, 'true or false', value);
  return value;
}

/**
 * One of a few strings.
 *
 * @param code - Code of the error for any other string.
 * @throws {FileError} `FIELD_TYPE` or `code`.
 */
export function readChoice<Choice extends string>(
  value: unknown,
  path: string,
  choices: readonly Choice[],
  code: string,
): Choice {
  const text = readString(value, path);
  const choice = choices.find((known) => known === text);
  if (choice === undefined)
    throw new FileError(
      code,
      `${path}: expected ${choices.map((known) => `"${known}"`).join(' or ')}, got ${quote(text)}.`,
    );
  return choice;
}

/** Longest decimal that any field takes: 2^256 has 78 digits. */
const DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;

/**
 * A decimal string of an integer in [0, bound).
 *
 * @throws {FileError} `FIELD_TYPE`, `NUMBER_FORMAT`, `NUMBER_RANGE`.
 */
export function readDecimal(value: unknown, path: string, bound: bigint): bigint {
  const text = readString(value, path);
  if (!DECIMAL.test(text))
    throw new FileError(
      'NUMBER_FORMAT',
      `${path}: expected a decimal string without sign, leading zeros, spaces or prefix, got ${quote(text)}.`,
    );
  const integer = BigInt(text);
  if (integer >= bound)
    throw new FileError('NUMBER_RANGE', `${path}: expected less than ${bound}, got ${integer}.`);
  return integer;
}

/**
 * `0x` and exactly 2·sizeBytes lower-case hexadecimal digits.
 *
 * @throws {FileError} `FIELD_TYPE`, `NUMBER_FORMAT`.
 */
export function readHex(value: unknown, path: string, sizeBytes: number): bigint {
  const text = readString(value, path);
  if (text.length !== 2 + 2 * sizeBytes || !/^0x[0-9a-f]+$/.test(text))
    throw new FileError(
      'NUMBER_FORMAT',
      `${path}: expected 0x and ${2 * sizeBytes} lower-case hexadecimal digits, got ${quote(text)}.`,
    );
  return BigInt(text);
}

/**
 * As {@link readHex} with 32 bytes, below `bound`.
 *
 * @throws {FileError} `FIELD_TYPE`, `NUMBER_FORMAT`, `NUMBER_RANGE`.
 */
export function readWord(value: unknown, path: string, bound: bigint): bigint {
  const word = readHex(value, path, 32);
  if (word >= bound)
    throw new FileError('NUMBER_RANGE', `${path}: expected less than ${bound}, got ${word}.`);
  return word;
}

/** `0x` and 2·sizeBytes lower-case hexadecimal digits. */
export function formatHex(value: bigint, sizeBytes: number): string {
  return `0x${value.toString(16).padStart(2 * sizeBytes, '0')}`;
}

/** A string as an error shows it: quoted, escaped and cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

function typeError(path: string, expected: string, value: unknown): FileError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  const hint =
    typeof value === 'string' && expected === 'an object' ? ' Parse the text with JSON.parse first.' : '';
  return new FileError('FIELD_TYPE', `${path}: expected ${expected}, got ${got}.${hint}`);
}
