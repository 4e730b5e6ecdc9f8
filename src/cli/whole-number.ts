/** Whole numbers on the command line. */
import { UsageError } from '../statement/errors.js';

/**
 * Reads a whole number written in decimal digits.
 *
 * @param option - What the message names.
 * @throws {UsageError} `OPTION_RANGE`.
 */
export function parseWhole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^[0-9]{1,16}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(
    'OPTION_RANGE',
    `${option}: expected a whole number from ${least} to ${most}, got "${text}".`,
  );
}
