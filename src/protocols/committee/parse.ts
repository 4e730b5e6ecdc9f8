/** `committee` blocks from bytes, text or a parsed object. */
import { FileError } from '../../statement/errors.js';
import type { CommitteeBlock } from './block.js';
import { parseJsonBlock } from './json-block.js';

/** Largest block file: some 500 bytes a vote and 300 a member. */
export const MAX_INPUT_BYTES = 1 << 22;

/**
 * Parses one block.
 *
 * @param input - JSON as bytes or text, or the object itself. See `json-block.ts` for the fields.
 * @throws {FileError} `INPUT_OVERSIZED`, `INPUT_EMPTY`, `JSON_SYNTAX`, and the codes of `parseJsonBlock`.
 */
export function parse(input: unknown): CommitteeBlock {
  if (!(input instanceof Uint8Array) && typeof input !== 'string') return parseJsonBlock(input);
  if (input.length > MAX_INPUT_BYTES)
    throw new FileError(
      'INPUT_OVERSIZED',
      `block: expected at most ${MAX_INPUT_BYTES} bytes, got ${input.length}. Give one block.`,
    );
  const text = (typeof input === 'string' ? input : new TextDecoder().decode(input)).trim();
  if (text === '') throw new FileError('INPUT_EMPTY', 'block: the input is empty. Give a block file.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FileError(
      'JSON_SYNTAX',
      `block: not valid JSON: ${(cause as Error).message}. Check that the file is whole.`,
      { cause },
    );
  }
  return parseJsonBlock(json);
}
