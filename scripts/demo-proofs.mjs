/**
 * Makes the documents of `examples/demo` from an embedded QBFT network: a trust anchor, two finality proofs with a change of the set between them,
 * the registration of the new set, and proofs of receipts in final blocks.
 *
 *   npm run demo-proofs
 *
 * Run it again whenever the key of a circuit changes; `test/examples/demo.test.ts` says when. Takes a minute once the circuits are
 * built. Every seed and key is public: the proofs show how things look and prove nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDemoNetwork, RECEIPTS } from './demo-network.mjs';
import { build, installDependencies, root, run } from './prepare.mjs';

const cli = join(root, 'dist/cli/bin.js');
const target = join(root, 'examples/demo');
const zkfinality = (...args) => run(process.execPath, [cli, ...args]);

installDependencies();
build();
const at = (path) => join(root, 'dist', path);
const { createIstanbulDevnet } = await import(at('devnet/index.js'));
const { formatReceiptProof, proveReceipt } = await import(at('ethereum/index.js'));
const { formatTrustAnchor } = await import(at('statement/documents.js'));
const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

const folder = mkdtempSync(join(tmpdir(), 'zkfinality-demo-'));
try {
  const network = makeDemoNetwork(createIstanbulDevnet);
  const headers = (...heights) => heights.map((height) => network.block(height).block.hashPreimage);
  const trust = join(target, 'trust.json');
  const anchor = {
    protocol: network.protocol,
    variant: network.variant,
    chainId: network.chainId,
    headerListAuthenticated: true,
    allowDevelopmentKeys: true,
    manifest: 'zkfinality-development',
    members: network.validatorSet(1).members,
    registeredSets: [],
  };
  write(trust, formatTrustAnchor(anchor));

  // Block 4 is the first that four validators seal: one of them is new, the others are the trusted three.
  const next = join(folder, 'next.json');
  const both = join(folder, 'both.json');
  write(next, formatTrustAnchor({ ...anchor, members: network.validatorSet(4).members }).validators);
  const registration = join(target, 'registration.json');
  zkfinality('trust', 'register', trust, '--validators', next, '--out', both, '--prove', registration);
  for (const height of [2, 4]) {
    const block = join(folder, `block-${height}.json`);
    writeFileSync(block, network.block(height).text);
    zkfinality('prove', block, '--trust', both, '--out', join(target, `block-${height}.proof.json`));
  }

  // Block 3 has no proof of its own: block 4 builds on it.
  for (const [name, way, index] of [
    ['block-2', [2], 1],
    ['block-3', [4, 3], 0],
  ]) {
    const proof = proveReceipt(headers(...way), RECEIPTS[way.at(-1)], index);
    write(join(target, `${name}.receipt.json`), formatReceiptProof(proof));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
