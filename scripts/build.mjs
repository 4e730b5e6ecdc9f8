/** Compiles src/ to dist/. */
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
