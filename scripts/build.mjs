/** Compiles src/ to dist/, bundles for browsers, translates the examples. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
// npm marks a command as executable when it links the package, once: a tree that is built anew behind an old link has to do it itself.
chmodSync(join(root, 'dist/cli/bin.js'), 0o755);
for (const name of ['build-browser.mjs', 'build-examples.mjs'])
  run(process.execPath, [join(root, 'scripts', name)]);
