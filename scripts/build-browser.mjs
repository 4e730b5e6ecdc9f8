/**
 * Bundles for browsers, after `npm run build`:
 *
 *   dist/browser/verify.js   `zkfinality/verify` with its dependencies as one ES module
 *   build/web/               the page of `examples/browser`, with keys and demonstration documents
 *
 *   npm run build:browser
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

const page = join(root, 'examples/browser');
const web = join(root, 'build/web');
const shared = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
};

/** The page loads the verifier as the file that the package ships. */
const shippedVerifier = {
  name: 'shipped-verifier',
  setup({ onResolve }) {
    onResolve({ filter: /^zkfinality\/verify$/ }, () => ({ path: './verify.js', external: true }));
  },
};

await build({
  ...shared,
  entryPoints: [join(root, 'dist/verify/index.js')],
  outfile: join(root, 'dist/browser/verify.js'),
});

rmSync(web, { recursive: true, force: true });
mkdirSync(web, { recursive: true });
await build({
  ...shared,
  entryPoints: [join(page, 'page.ts')],
  outfile: join(web, 'page.js'),
  plugins: [shippedVerifier],
});
for (const name of ['index.html', 'style.css', 'icon.svg']) cpSync(join(page, name), join(web, name));
cpSync(join(root, 'dist/browser/verify.js'), join(web, 'verify.js'));
cpSync(join(root, 'keys'), join(web, 'keys'), { recursive: true });
cpSync(join(root, 'examples/demo'), join(web, 'demo'), { recursive: true });
