/**
 * Runs the tests, from a fresh clone too: installs what is missing, builds, then calls the test runner.
 *
 *   node scripts/test.mjs quick|full|report [arguments for vitest]
 */
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

const [level = 'quick', ...rest] = process.argv.slice(2);
if (!['quick', 'full', 'report'].includes(level)) {
  console.error(`unknown level "${level}": expected quick, full or report`);
  process.exit(2);
}
installDependencies();
build();
run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...rest], {
  env: { ...process.env, TEST_LEVEL: level },
});
