/**
 * Figures that suites hand to the documents: counts of cases, times, sizes.
 *
 * Under `npm run test:report` each call appends a line to the folder named by `ZKFINALITY_FIGURES`, and after a run without failures
 * `scripts/figures.mjs` puts them into `docs/figures.json` and the tables of `docs/`. At other levels nothing is recorded.
 */
import { appendFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';

/** One row of a table: values by column. The first column names the row, once in a file. */
export type FigureRow = { readonly [column: string]: string | number };

/**
 * Records a row of a table. Call it where the checks it speaks of have passed.
 *
 * @param table - Such as `security-proofs`: a page of `docs/` holds the place `<!-- figures:security-proofs -->`.
 * @param row - The same columns in every call for a table. Numbers are shown with separators.
 * @example recordFigure('security-proofs', { attack: 'one bit of the proof', cases: 1_024, accepted: 0 });
 */
export function recordFigure(table: string, row: FigureRow): void {
  const folder = process.env.ZKFINALITY_FIGURES;
  const { testPath } = expect.getState();
  if (folder === undefined || testPath === undefined) return;
  const line = JSON.stringify({ table, file: relative(process.cwd(), testPath), row });
  appendFileSync(join(folder, `${process.pid}.jsonl`), `${line}\n`);
}
