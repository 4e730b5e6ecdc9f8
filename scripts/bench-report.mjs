/**
 * Measures, and writes docs/BENCHMARKS.md with the JSON it comes from, docs/benchmarks.json.
 *
 *   npm run bench:report                                      everything, about ten minutes once circuits and keys are built
 *   npm run bench:report -- --rapidsnark PATH --html r.html   options of `zkfinality bench`
 *   npm run bench:report -- --from docs/benchmarks.json       the page alone, from figures measured before
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

installDependencies();
build();

const options = process.argv.slice(2);
const data = join(root, 'docs/benchmarks.json');
// The figures stay as they were when the run fails: the command writes whole files only.
run(process.execPath, [join(root, 'dist/cli/bin.js'), 'bench', ...options, '--out', data]);

const at = (path) => join(root, 'dist', path);
const { parseReport } = await import(at('bench/report.js'));
const { reportMarkdown } = await import(at('bench/markdown.js'));
const page = reportMarkdown(parseReport(JSON.parse(readFileSync(data, 'utf8'))), {
  dataFile: 'docs/benchmarks.json',
  regenerate: 'npm run bench:report',
});
writeFileSync(join(root, 'docs/BENCHMARKS.md'), page);
console.log('docs/BENCHMARKS.md');
