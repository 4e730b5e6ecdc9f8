/**
 * Runs the service on this machine alone:
 *
 *   npm run build
 *   node build/examples/withdrawals/main.js <trust.json> <bridge 0x…> <folder> [port]
 *
 * The folder keeps the light client's state and the journal of what was let through; it belongs to this one process. The anchor is read for the first run;
 * later ones must name the same.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LightClient, parseTrustAnchor } from 'zkfinality/verify';
import { fileStorage } from 'zkfinality/verify/node';
import { packageKeys } from '../node-app/package-keys.js';
import { openGate } from './gate.js';
import { openJournal } from './journal.js';
import { createService } from './service.js';

const [trustPath, bridge, folder, port = '8090'] = process.argv.slice(2);
if (trustPath === undefined || folder === undefined || !/^0x[0-9a-f]{40}$/.test(bridge ?? '')) {
  console.error('usage: main.js <trust.json> <bridge, 0x and 40 lower-case digits> <folder> [port]');
  process.exit(2);
}

const anchor = parseTrustAnchor(JSON.parse(readFileSync(trustPath, 'utf8')));
if (anchor.allowDevelopmentKeys)
  console.error(
    'This anchor accepts development keys, for which anyone can forge proofs: a demonstration, not a service.',
  );
const gate = openGate({
  client: await LightClient.open({
    storage: fileStorage(join(folder, 'light-client.json')),
    anchor,
    ...packageKeys(),
  }),
  bridge: BigInt(bridge!),
  journal: openJournal(join(folder, 'released')),
});
const server = createService(gate, async ({ id, amount, recipient }) => {
  console.log(`paying ${amount} to 0x${recipient.toString(16).padStart(40, '0')} for ${id}`);
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
