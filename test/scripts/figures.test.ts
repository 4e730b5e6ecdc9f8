/** The tables of the documents are those of docs/figures.json, and what suites record gets there whole or not at all. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Row = Record<string, string | number>;
type Tables = Record<string, Record<string, { measured: string; rows: Row[] }>>;
type Line = { table: string; file: string; row: Row };
type Script = {
  figurePages(): Map<string, string>;
  mergeFigures(before: Tables, lines: readonly Line[], measured: string, complete: boolean): Tables;
  renderPage(text: string, tables: Tables): string;
};
const { figurePages, mergeFigures, renderPage } = (await import(
  new URL('../../scripts/figures.mjs', import.meta.url).href
)) as Script;

const line = (table: string, file: string, name: string, cases: number): Line => ({
  table,
  file,
  row: { attack: name, cases },
});

describe('figures', () => {
  it('default: the pages are what docs/figures.json gives', () => {
    const pages = figurePages();
    expect(pages.size).toBeGreaterThan(0);
    for (const [path, text] of pages) expect(readFileSync(path, 'utf8'), path).toBe(text);
  });

  it('behavior: a file replaces all its rows, those of files that did not run stay', () => {
    const first = mergeFigures(
      {},
      [line('t', 'b', 'ten', 10), line('t', 'a', 'old', 1), line('t', 'b', 'two', 2), line('u', 'b', 'x', 3)],
      'first',
      true,
    );
    const second = mergeFigures(
      first,
      [line('t', 'b', 'case 10', 4), line('t', 'b', 'case 9', 5)],
      'second',
      false,
    );
    expect(second.t).toEqual({
      a: { measured: 'first', rows: [{ attack: 'old', cases: 1 }] },
      b: {
        measured: 'second',
        rows: [
          { attack: 'case 9', cases: 5 },
          { attack: 'case 10', cases: 4 },
        ],
      },
    });
    expect(second.u).toEqual(first.u);
    expect(Object.keys(first.t as object)).toEqual(['a', 'b']);
    // A complete run leaves nothing that it did not record.
    expect(mergeFigures(second, [line('v', 'a', 'y', 1)], 'third', true)).toEqual({
      v: { a: { measured: 'third', rows: [{ attack: 'y', cases: 1 }] } },
    });
  });

  it('behavior: a table in its place, with numbers to the right', () => {
    const place = '<!-- figures:t -->\nold\n<!-- /figures -->';
    const tables = mergeFigures({}, [line('t', 'a', 'flips', 12_345)], 'today', true);
    expect(renderPage(`before\n${place}\nafter`, tables)).toBe(
      [
        'before',
        '<!-- figures:t -->',
        '| attack | cases |',
        '|---|--:|',
        '| flips | 12,345 |',
        '',
        'Written by `npm run test:report`: today.',
        '<!-- /figures -->',
        'after',
      ].join('\n'),
    );
    expect(renderPage(place, {})).toContain('Not measured yet.');
  });

  it('error: rows with other columns, two rows of one name, two places of one table', () => {
    const place = '<!-- figures:t -->\n<!-- /figures -->';
    const other = { table: 't', file: 'b', row: { attack: 'y', seconds: 1 } };
    const tablesOf = (...lines: Line[]): Tables => mergeFigures({}, lines, 'today', true);
    expect(() => renderPage(place, tablesOf(line('t', 'a', 'x', 1), other))).toThrow('expected the columns');
    expect(() => renderPage(place, tablesOf(line('t', 'a', 'x', 1), line('t', 'b', 'x', 1)))).toThrow(
      'two rows are named x',
    );
    expect(() => renderPage(`${place}\n${place}`, tablesOf(line('t', 'a', 'x', 1)))).toThrow('two places');
  });
});
