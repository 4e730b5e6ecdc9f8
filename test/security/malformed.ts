/** Counts what became of damaged files and documents of one format, each within a time limit. */
import { expect } from 'vitest';
import { recordFigure } from '../support/figures.js';

/** Far above what any case takes; a case that takes longer hangs. */
const LIMIT_MS = 10_000;

/**
 * A counter for one format. Codes are for the suite to check.
 *
 * @param format - Names the row of the report.
 * @param seed - Of the damage.
 */
export function countMalformed(format: string, seed: string) {
  const counts = { cases: 0, refused: 0 };
  return {
    counts,
    /** Starts a case; call what it returns with whether the reader refused. */
    start: (): ((refused: boolean) => void) => {
      const started = performance.now();
      return (refused) => {
        counts.cases++;
        if (refused) counts.refused++;
        expect(performance.now() - started, `${format}, case ${counts.cases}`).toBeLessThan(LIMIT_MS);
      };
    },
    /** Records the row. A quarter of the damage at least must have been refused (names in symbol files are free): a suite that damages nothing fails. */
    record: (): void => {
      expect(counts.refused, format).toBeGreaterThan(counts.cases / 4);
      recordFigure('security-malformed', { format, ...counts, 'unlisted codes': 0, hangs: 0, seed });
    },
  };
}
