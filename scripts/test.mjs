/**
 * Runs the tests, from a fresh clone too: installs what is missing, builds, then calls the test runner.
 *
 *   node scripts/test.mjs quick|full|report [arguments for vitest]
 *
 * `report` runs everything at full counts, with the large tiers, and then writes the figures of docs/. A run with failures writes nothing. With
 * files as arguments only their figures are written anew.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { collectFigures, writePages } from './figures.mjs';
import { build, installDependencies, root, run } from './prepare.mjs';

const [level = 'quick', ...rest] = process.argv.slice(2);
if (!['quick', 'full', 'report'].includes(level)) {
  console.error(`unknown level "${level}": expected quick, full or report`);
  process.exit(2);
}
if (level === 'report' && rest.some((argument) => /^(-t|--testNamePattern)/.test(argument))) {
  console.error('report: figures are those of whole files. Choose files, not tests.');
  process.exit(2);
}
installDependencies();
build();
const folder = join(root, 'build/figures');
const env = { ...process.env, TEST_LEVEL: level };
delete env.ZKFINALITY_FIGURES;
if (level === 'report') {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  env.ZKFINALITY_FIGURES = folder;
}
// Ends this process where a test fails.
run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...rest], { env });
if (level === 'report') {
  const complete = rest.length === 0;
  collectFigures(folder, complete);
  writePages();
  if (complete) run(process.execPath, [join(root, 'scripts/circuits-report.mjs')]);
}
