/**
 * Follows a chain: takes finality proofs and registrations in any number, moves on through changes of the validator set, and remembers where it is in a
 * file, across restarts.
 *
 *   npm run build
 *   cd examples/demo
 *   node ../../build/examples/node-app/follow.js state.json trust.json block-2.proof.json registration.json block-4.proof.json
 *
 * The anchor is read for the first run; later ones must name the same. Exit codes: 0 all accepted, 1 one was refused, 2 the program
 * was called wrongly or a file of its own is unreadable.
 */
import { readFileSync } from 'node:fs';
import { LightClient, parseTrustAnchor } from 'zkfinality/verify';
import { fileStorage } from 'zkfinality/verify/node';
import { packageKeys } from './package-keys.js';

const [statePath, trustPath, ...proofPaths] = process.argv.slice(2);
if (statePath === undefined || trustPath === undefined) {
  console.error('usage: follow.js <state.json> <trust.json> [proof.json …]');
  process.exit(2);
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
try {
  const client = await LightClient.open({
    storage: fileStorage(statePath),
    anchor: parseTrustAnchor(readJson(trustPath)),
    ...packageKeys(),
  });
  for (const path of proofPaths) {
    const result = await client.update(readJson(path));
    if (result.ok)
      console.log(
        `${path}: accepted, ${result.kind === 'registration' ? 'a set is registered' : `block ${result.statement.height}${result.setChanged ? ', the set has changed' : ''}`}`,
      );
    else {
      console.log(`${path}: refused, ${result.code}`);
      process.exitCode = 1;
    }
  }
  console.log(client.newest === undefined ? 'at the anchor' : `at block ${client.newest.height}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
