/**
 * The main job, from a fresh clone: installs, builds, then proves blocks of embedded networks final and verifies the proofs.
 * Circuits and development keys are built the first time and kept in the cache.
 */
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

const cli = join(root, 'dist/cli/bin.js');
const cache = process.env.ZKFINALITY_CACHE ?? join(root, '.cache');
const started = Date.now();

function zkfinality(...args) {
  console.log(`\n$ zkfinality ${args.join(' ')}`);
  run(process.execPath, [cli, ...args]);
}

function proveBlock(variant, height) {
  const folder = join(cache, 'quick-start', variant);
  zkfinality(
    'devnet',
    '--variant',
    variant,
    '--validators',
    '4',
    '--blocks',
    String(height),
    '--out',
    folder,
  );
  const trust = join(folder, 'trust.json');
  const proof = join(folder, 'proof.json');
  zkfinality('prove', join(folder, `block-${height}.json`), '--trust', trust, '--out', proof);
  zkfinality('verify', proof, '--trust', trust);
}

installDependencies();
build();
for (const variant of ['committee', 'qbft']) proveBlock(variant, 2);
console.log(`\nDone in ${((Date.now() - started) / 1000).toFixed(0)} s. Next: node dist/cli/bin.js --help`);
