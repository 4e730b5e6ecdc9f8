/**
 * Writes the figures of the documents.
 *
 *   node scripts/figures.mjs    writes the tables of docs/*.md from docs/figures.json
 *
 * `npm run test:report` calls `collectFigures` after a run without failures: it takes what suites recorded (`test/support/figures.ts`)
 * into docs/figures.json. There each table has its rows by the test file that recorded them, with date and machine; files that did not run keep
 * theirs. A table stands in one page, between `<!-- figures:name -->` and `<!-- /figures -->`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { root } from './prepare.mjs';

const docs = join(root, 'docs');
const store = join(docs, 'figures.json');
const PLACE = /<!-- figures:([a-z0-9-]+) -->\n[\s\S]*?<!-- \/figures -->/g;

/**
 * Takes recorded figures into docs/figures.json.
 *
 * @param {string} folder - Where suites wrote their lines.
 * @param {boolean} complete - Whether all files ran: what was not recorded then goes.
 */
export function collectFigures(folder, complete) {
  const lines = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line));
  const before = JSON.parse(readFileSync(store, 'utf8'));
  writeFileSync(
    store,
    `${JSON.stringify(mergeFigures(before, lines, measuredHere(), complete), undefined, 2)}\n`,
  );
}

/** Tables with the rows of these lines in place of what their files recorded before. */
export function mergeFigures(before, lines, measured, complete) {
  const tables = complete ? {} : structuredClone(before);
  const fresh = new Set();
  for (const { table, file, row } of lines) {
    tables[table] ??= {};
    if (!fresh.has(`${table} ${file}`)) tables[table][file] = { measured, rows: [] };
    fresh.add(`${table} ${file}`);
    tables[table][file].rows.push(row);
  }
  const sorted = (object, map) =>
    Object.fromEntries(
      Object.keys(object)
        .sort()
        .map((key) => [key, map(object[key])]),
    );
  return sorted(tables, (files) =>
    sorted(files, ({ measured: when, rows }) => ({ measured: when, rows: rows.sort(byFirstColumn) })),
  );
}

/** A page with its tables written anew. */
export function renderPage(text, tables, used = new Set()) {
  return text.replace(PLACE, (_, name) => {
    if (used.has(name)) throw new Error(`table ${name} has two places in docs/`);
    used.add(name);
    const files = Object.values(tables[name] ?? {});
    const body = files.length === 0 ? ['Not measured yet.'] : renderTable(name, files);
    return [`<!-- figures:${name} -->`, ...body, '<!-- /figures -->'].join('\n');
  });
}

function renderTable(name, files) {
  const rows = files.flatMap((file) => file.rows);
  const columns = Object.keys(rows[0]);
  const names = new Set();
  for (const row of rows) {
    if (Object.keys(row).join() !== columns.join())
      throw new Error(`table ${name}: expected the columns ${columns}, got ${Object.keys(row)}`);
    if (names.has(row[columns[0]])) throw new Error(`table ${name}: two rows are named ${row[columns[0]]}`);
    names.add(row[columns[0]]);
  }
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    `|${columns.map((column) => (typeof rows[0][column] === 'number' ? '--:' : '---')).join('|')}|`,
    ...rows.map((row) =>
      line(
        columns.map((column) =>
          typeof row[column] === 'number' ? row[column].toLocaleString('en') : row[column],
        ),
      ),
    ),
    '',
    `Written by \`npm run test:report\`: ${[...new Set(files.map((file) => file.measured))].sort().join('; ')}.`,
  ];
}

function byFirstColumn(a, b) {
  const name = (row) => String(Object.values(row)[0]);
  return name(a).localeCompare(name(b), 'en', { numeric: true });
}

function measuredHere() {
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${process.versions.node}, ${availableParallelism()} threads of ${cpus()[0]?.model ?? 'an unnamed processor'}`;
}

/** Contents of all pages with tables, by path, from docs/figures.json; every table must have its place. */
export function figurePages() {
  const tables = JSON.parse(readFileSync(store, 'utf8'));
  const used = new Set();
  const pages = new Map();
  for (const name of readdirSync(docs)
    .filter((file) => file.endsWith('.md'))
    .sort()) {
    const path = join(docs, name);
    const text = readFileSync(path, 'utf8');
    const rendered = renderPage(text, tables, used);
    if (text.match(PLACE)) pages.set(path, rendered);
  }
  const homeless = Object.keys(tables).filter((name) => !used.has(name));
  if (homeless.length > 0)
    throw new Error(`no page in docs/ has a place <!-- figures:… --> for: ${homeless.join(', ')}`);
  return pages;
}

export function writePages() {
  for (const [path, text] of figurePages()) writeFileSync(path, text);
}

if (argv[1] === fileURLToPath(import.meta.url)) writePages();
