/**
 * Puts what the proving page needs into `build/web/prove`: proving key and witness program of `committee-4`, and a block of an
 * embedded network with its trust anchor. Builds circuit and key if the cache does not have them.
 *
 *   npm run web:prove
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './prepare.mjs';

const at = (path) => join(root, 'dist', path);
const { circuitById } = await import(at('build/registry.js'));
const { ensureArtifacts } = await import(at('build/artifacts.js'));
const { cacheFolder } = await import(at('build/paths.js'));
const { createEngine } = await import(at('engine/index.js'));

let engine;
const { compiled, provingKeyPath } = await ensureArtifacts(circuitById('committee-4'), {
  cacheFolder: cacheFolder(),
  engine: async () => (engine ??= await createEngine()),
  stage: (_, work) => work(() => {}),
});
await engine?.close();

const target = join(root, 'build/web/prove');
mkdirSync(target, { recursive: true });
copyFileSync(provingKeyPath, join(target, 'committee-4.zkey'));
copyFileSync(compiled.wasmPath, join(target, 'committee-4.wasm'));
const folder = mkdtempSync(join(tmpdir(), 'zkfinality-web-'));
try {
  const options = ['--variant', 'committee', '--validators', '4', '--blocks', '2', '--out', folder];
  run(process.execPath, [join(root, 'dist/cli/bin.js'), 'devnet', ...options]);
  copyFileSync(join(folder, 'block-2.json'), join(target, 'block.json'));
  copyFileSync(join(folder, 'trust.json'), join(target, 'trust.json'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
