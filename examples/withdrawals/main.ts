/**
 * Runs the service on this machine alone:
 *
 *   npm run build
 *   node build/examples/withdrawals/main.js <trust.json> <withdrawals.json> <folder of the journal> [port]
 *
 * `withdrawals.json` stands for what a real service reads from its own node: a list of
 * {"id", "chainId", "height", "blockHash", "recipient", "amount"}, integers as decimal strings.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { parseTrustAnchor } from 'zkfinality/verify';
import { packageKeys } from '../node-app/package-keys.js';
import { openGate, type Withdrawal } from './gate.js';
import { isWithdrawalId, openJournal } from './journal.js';
import { createService } from './service.js';

const [trustPath, withdrawalsPath, journalFolder, port = '8090'] = process.argv.slice(2);
if (trustPath === undefined || withdrawalsPath === undefined || journalFolder === undefined) {
  console.error('usage: main.js <trust.json> <withdrawals.json> <journal folder> [port]');
  process.exit(2);
}

type WithdrawalJson = { readonly [field in keyof Withdrawal]: string };

function readWithdrawals(path: string): Map<string, Withdrawal> {
  const list = JSON.parse(readFileSync(path, 'utf8')) as readonly WithdrawalJson[];
  return new Map(
    list.map(({ id, chainId, height, blockHash, recipient, amount }) => {
      if (!isWithdrawalId(id)) throw new RangeError(`${path}: id "${id}" is not a plain name`);
      const withdrawal: Withdrawal = {
        id,
        chainId: BigInt(chainId),
        height: BigInt(height),
        blockHash: BigInt(blockHash),
        recipient,
        amount: BigInt(amount),
      };
      return [id, withdrawal];
    }),
  );
}

const anchor = parseTrustAnchor(JSON.parse(readFileSync(trustPath, 'utf8')));
if (anchor.allowDevelopmentKeys)
  console.error(
    'This anchor accepts development keys, for which anyone can forge proofs: a demonstration, not a service.',
  );
const gate = openGate({
  trust: { anchor, ...packageKeys() },
  withdrawals: readWithdrawals(withdrawalsPath),
  journal: openJournal(journalFolder),
});
const server = createService(gate, async ({ id, amount, recipient }) => {
  console.log(`paying ${amount} to ${recipient} for ${id}`);
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
