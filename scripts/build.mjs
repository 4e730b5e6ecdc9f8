/** Compiles src/ to dist/, bundles for browsers, translates the examples. */
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
for (const name of ['build-browser.mjs', 'build-examples.mjs'])
  run(process.execPath, [join(root, 'scripts', name)]);
