/** Inputs of circuits as JSON files, which witness programs of others read too: integers are decimal strings. */
import { FileError } from '../statement/errors.js';
import type { CircuitInput, CircuitValue } from '../statement/types.js';

/** JSON of an input. */
export function formatInput(input: CircuitInput): string {
  return JSON.stringify(input, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/**
 * Reads what {@link formatInput} wrote.
 *
 * @throws {FileError} `FIELD_TYPE`, `NUMBER_FORMAT`.
 */
export function parseInput(json: unknown): CircuitInput {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FileError('FIELD_TYPE', 'input: expected an object of input signals.');
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, parseValue(value, name)]));
}

function parseValue(value: unknown, path: string): CircuitValue {
  if (Array.isArray(value)) return value.map((part, i) => parseValue(part, `${path}[${i}]`));
  if (typeof value !== 'string')
    throw new FileError('FIELD_TYPE', `input ${path}: expected a decimal string or a list of them.`);
  if (!/^[0-9]{1,78}$/.test(value))
    throw new FileError(
      'NUMBER_FORMAT',
      `input ${path}: expected a decimal string, got ${value.slice(0, 40)}.`,
    );
  return BigInt(value);
}
