/**
 * Bundles for browsers, after `npm run build`:
 *
 *   dist/browser/verify.js   `zkfinality/verify` with its dependencies as one ES module
 *   dist/browser/verify-wasm.js   `zkfinality/verify/wasm`, the same with its arithmetic in WebAssembly; Node loads this file too
 *   dist/browser/proving/    `zkfinality/browser`, and the scripts of its workers, which must stay beside it
 *   build/web/               the pages of `examples/browser`, with keys and demonstration documents
 *
 *   npm run build:browser
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Pages load the package's scripts as it ships them. */
const shipped = {
  name: 'shipped',
  setup({ onResolve }) {
    onResolve({ filter: /^zkfinality\/verify$/ }, () => ({ path: './verify.js', external: true }));
    onResolve({ filter: /^zkfinality\/browser$/ }, () => ({ path: './prove/index.js', external: true }));
  },
};

await build({
  ...shared,
  entryPoints: [join(root, 'dist/verify/index.js')],
  outfile: join(root, 'dist/browser/verify.js'),
});

/** The one module that the two verifiers do not share. */
const wasmArithmetic = {
  name: 'wasm-arithmetic',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/statement\/arithmetic\.js$/ }, () => ({
      contents: "export * from '../verify/wasm/arithmetic.js';",
      resolveDir: join(root, 'dist/statement'),
    }));
  },
};
const { metafile } = await build({
  ...shared,
  entryPoints: [join(root, 'dist/verify/wasm/index.js')],
  outfile: join(root, 'dist/browser/verify-wasm.js'),
  plugins: [wasmArithmetic],
  metafile: true,
});
const [used] = Object.values(metafile.outputs).map(({ inputs }) => Object.keys(inputs));
if (
  !used.some((path) => path.endsWith('verify/wasm/code.js')) ||
  used.some((path) => path.includes('@noble/curves'))
)
  throw new Error('verify-wasm.js: expected the code of the pairing and nothing of @noble/curves');

/** What the prover uses of Node, as browsers have it. */
const nodeModules = {
  name: 'node-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^node:|^worker-threads-pool$/ }, ({ path }) => ({
      path: join(root, `dist/browser/node/${path.replace('node:', '').replace(/[/_]/g, '-')}.js`),
      sideEffects: false,
    }));
  },
};
const proving = {
  index: 'browser/index.js',
  prover: 'browser/prover.js',
  worker: 'engine/threads/worker.js',
};
for (const [name, entry] of Object.entries(proving))
  await build({
    ...shared,
    entryPoints: [join(root, 'dist', entry)],
    outfile: join(root, `dist/browser/proving/${name}.js`),
    plugins: [nodeModules],
  });

rmSync(web, { recursive: true, force: true });
mkdirSync(web, { recursive: true });
await build({
  ...shared,
  entryPoints: [join(page, 'page.ts'), join(page, 'prove.ts')],
  outdir: web,
  plugins: [shipped],
});
/** Puts the parts that pages share in their places. */
const assemble = (text) =>
  text.replace(/^( *)<!-- part: ([a-z]+\.html) -->$/gm, (_, indent, name) =>
    readFileSync(join(page, 'parts', name), 'utf8')
      .trimEnd()
      .replace(/^/gm, indent),
  );
for (const name of ['index.html', 'prove.html'])
  writeFileSync(join(web, name), assemble(readFileSync(join(page, name), 'utf8')));
for (const name of ['style.css', 'icon.svg']) cpSync(join(page, name), join(web, name));
for (const name of ['verify.js', 'verify-wasm.js']) cpSync(join(root, 'dist/browser', name), join(web, name));
cpSync(join(root, 'dist/browser/proving'), join(web, 'prove'), { recursive: true });
cpSync(join(root, 'keys'), join(web, 'keys'), { recursive: true });
cpSync(join(root, 'examples/demo'), join(web, 'demo'), { recursive: true });
