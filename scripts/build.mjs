/** Compiles src/ to dist/ and writes the engine's WebAssembly kernels beside it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
const kernels = join(root, 'dist/engine/wasm/build-kernels.js');
if (existsSync(kernels)) run(process.execPath, [kernels]);
