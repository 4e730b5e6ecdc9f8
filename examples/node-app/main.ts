/**
 * Checks a finality proof against a trust anchor: the smallest useful program.
 *
 *   npm run build
 *   node build/examples/node-app/main.js examples/demo/block-2.proof.json examples/demo/trust.json
 *
 * Exit codes: 0 final, 1 refused, 2 the program was called wrongly or a file of its own is unreadable.
 */
import { readFileSync } from 'node:fs';
import { parseTrustAnchor, verifyFinality } from 'zkfinality/verify';
import { packageKeys } from './package-keys.js';

const [proofPath, trustPath] = process.argv.slice(2);
if (proofPath === undefined || trustPath === undefined) {
  console.error('usage: main.js <proof.json> <trust.json>');
  process.exit(2);
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
try {
  const result = verifyFinality(readJson(proofPath), {
    // Yours: made once, out of sources you trust, and kept where nobody else writes.
    anchor: parseTrustAnchor(readJson(trustPath)),
    ...packageKeys(),
  });
  if (result.ok) {
    const { height, blockHash, stateRoot, time } = result.statement;
    const hex = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;
    console.log(`block ${height} of chain ${result.chainId} is final`);
    console.log(`  hash        ${hex(blockHash)}`);
    console.log(`  state root  ${hex(stateRoot)}`);
    console.log(`  time        ${new Date(Number(time) * 1000).toISOString()}`);
    if (result.developmentKey)
      console.log('  made with a development key: this shows nothing, it is for tests');
  } else {
    console.error(`refused, ${result.code}: ${result.message}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
