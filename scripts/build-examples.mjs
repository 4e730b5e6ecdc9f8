/**
 * Translates the Node examples to JavaScript in `build/examples`, file by file. They import the built package by its name.
 *
 *   npm run build:examples
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

const folders = ['node-app', 'withdrawals'].map((name) => join(root, 'examples', name));
await build({
  entryPoints: folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  ),
  outbase: join(root, 'examples'),
  outdir: join(root, 'build/examples'),
  bundle: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
