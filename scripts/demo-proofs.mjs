/**
 * Makes the documents of `examples/demo`: a trust anchor and two finality proofs of an embedded QBFT network.
 *
 *   npm run demo-proofs
 *
 * Run it again whenever the key of the circuit changes; `test/examples/demo.test.ts` says when. Takes half a minute once
 * the circuit is built. Every seed and key is public: the proofs show how things look and prove nothing.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, installDependencies, root, run } from './prepare.mjs';

const cli = join(root, 'dist/cli/bin.js');
const target = join(root, 'examples/demo');
const zkfinality = (...args) => run(process.execPath, [cli, ...args]);

installDependencies();
build();
const folder = mkdtempSync(join(tmpdir(), 'zkfinality-demo-'));
try {
  const network = [
    '--variant',
    'qbft',
    '--validators',
    '3',
    '--blocks',
    '4',
    '--join',
    '4',
    '--chain-id',
    '1337',
  ];
  zkfinality('devnet', ...network, '--seed', 'zkfinality demonstration', '--out', folder);
  const trust = join(folder, 'trust.json');
  // Block 4 is the first that four validators seal: one of them is new, the others are the trusted three.
  for (const height of [2, 4])
    zkfinality(
      'prove',
      join(folder, `block-${height}.json`),
      '--trust',
      trust,
      '--out',
      join(target, `block-${height}.proof.json`),
    );
  copyFileSync(trust, join(target, 'trust.json'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
