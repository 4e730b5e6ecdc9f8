/**
 * Every code that reading or writing a file can end with, in one place; `docs/FORMATS.md` lists the same table.
 * A reader given arbitrary bytes throws nothing else.
 */
import { FileError } from '../statement/errors.js';

/** Code → what it means. */
export const FORMAT_CODES = {
  FILE_NOT_FOUND: 'no file has this name',
  FILE_UNREADABLE: 'the system refuses to open or read the file',
  FILE_UNWRITABLE: 'the system refuses to create, write or rename the file',
  FILE_TRUNCATED: 'the file ends before what its headers announce',
  FILE_TRAILING_BYTES: 'bytes follow the last section',
  FILE_MAGIC: 'the first four bytes are not those of this kind of file',
  FILE_VERSION: 'the version is not one this reader knows',
  FILE_TOO_LARGE: 'a count or size is beyond what this reader takes',
  SECTION_MISSING: 'a section that this kind of file must have is not there',
  SECTION_DUPLICATE: 'a section occurs twice',
  SECTION_UNKNOWN: 'a section of a number that this kind of file does not have',
  SECTION_SIZE: 'the length of a section is not what the header announces or its content needs',
  FIELD_MISMATCH: 'the file is for another curve or field',
  VALUE_NOT_CANONICAL: 'a field element is not below its prime',
  INDEX_RANGE: 'an index points outside its range',
  COUNT_MISMATCH: 'counts that must agree do not',
  PROTOCOL_UNSUPPORTED: 'the key belongs to a proof system that is not supported',
  POINT_INVALID: 'the bytes are no point of the curve or of its subgroup',
  CONTRIBUTION_INVALID: 'a record of a ceremony contribution is malformed',
  PTAU_INCONSISTENT: 'the powers of tau contradict each other',
  PTAU_NOT_PREPARED: 'the file lacks the Lagrange sections that `prepare phase2` adds',
  PTAU_TOO_SMALL: 'the circuit needs a larger power of two than the file has',
  SYMBOL_LINE: 'a line is not `label,wire,component,name`',
  CUSTOM_GATES: 'the circuit uses custom gates, which Groth16 does not have',
} as const;

/** A code of {@link FORMAT_CODES}. */
export type FormatCode = keyof typeof FORMAT_CODES;

/** Place and expectation of a failed check; becomes the message `where: expected …, got …. Next step.` */
export type FormatProblem = {
  readonly file: string;
  /** Section or field, such as `section 2 (constraints)`. */
  readonly where?: string;
  readonly expected: string;
  readonly got: string;
  /** What the user should do next, a sentence. */
  readonly next?: string;
  readonly cause?: unknown;
};

/**
 * Builds the error of a malformed file.
 *
 * @returns A FileError whose message names file, place, expectation, finding and next step.
 */
export function formatError(code: FormatCode, problem: FormatProblem): FileError {
  const place = problem.where === undefined ? problem.file : `${problem.file}, ${problem.where}`;
  const next = problem.next ?? 'The file is damaged or of another kind: make it again or download it again.';
  return new FileError(code, `${place}: expected ${problem.expected}, got ${problem.got}. ${next}`, {
    cause: problem.cause,
  });
}
