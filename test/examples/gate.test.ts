/** The gate of the withdrawal service inside a process: conflicts by real proofs, and storages that fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../src/devnet/index.js';
import { formatReceiptProof, proveReceipt, type Receipt } from '../../src/ethereum/index.js';
import { bytesToInteger } from '../../src/statement/hash.js';
import { type LightClient, memoryStorage } from '../../src/verify/index.js';
import { block, open } from '../verify/light-client-support.js';

type Decision = { readonly ok: boolean; readonly code?: string };
type Gate = {
  readonly follow: (document: unknown) => Promise<Decision>;
  readonly release: (request: object) => Decision;
};
type Modules = {
  readonly openGate: (options: { client: LightClient; bridge: bigint; journal: object }) => Gate;
  readonly openJournal: (folder: string) => object;
};
const load = async (name: string): Promise<Modules> =>
  (await import(new URL(`../../build/examples/withdrawals/${name}.js`, import.meta.url).href)) as Modules;
const { openGate } = await load('gate');
const { openJournal } = await load('journal');

const folder = mkdtempSync(join(tmpdir(), 'zkfinality-gate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bridge = 0xbbn;
const topic = 0x37e8063b72a944a76de602f32b82fd8c2a1c6f99564c727ffaf913c7762cd420n;
const event = (topics: readonly bigint[], sizeBytes = 32, address = bridge): Receipt['logs'][number] => ({
  ...{ address, topics, data: new Uint8Array(sizeBytes).fill(1, Math.max(0, sizeBytes - 1)) },
});
const logs = [
  event([topic, 1n, 7n]),
  event([topic, 2n, 7n]),
  // What only contracts that are not the bridge's could leave.
  event([topic, 3n, 7n], 31),
  event([topic, 3n, 7n], 33),
  event([topic, 3n]),
  event([topic, 3n, 7n, 8n]),
  event([topic, 3n, 1n << 160n]),
  event([topic + 1n, 3n, 7n]),
  event([]),
  event([topic, 3n, 7n], 32, bridge + 1n),
];
const receipts: readonly Receipt[] = [{ type: 0, succeeded: true, cumulativeGasUsed: 1n, logs }];
const chain = createIstanbulDevnet({
  ...{ variant: 'qbft', seed: 'gate', validators: 4, chainId: 1337n, receipts: { 5: receipts } },
}).block(5).block;
const final = block(5n, {
  ...{ time: chain.time, blockHash: bytesToInteger(chain.hash), stateRoot: bytesToInteger(chain.stateRoot) },
});
const proof = formatReceiptProof(proveReceipt([chain.hashPreimage], receipts, 0));
const request = (logIndex: number): object => ({ finalHeight: 5n, logIndex, proof });
let journals = 0;
const gateOf = (client: LightClient): Gate =>
  openGate({ client, bridge, journal: openJournal(join(folder, String(journals++))) });

describe('openGate', () => {
  it('default: what the bridge granted leaves, once; what is no such event stays', async () => {
    const gate = gateOf(await open());
    expect(gate.release(request(0))).toMatchObject({ code: 'BLOCK_NOT_FINAL' });
    expect(await gate.follow(final)).toMatchObject({ ok: true });
    expect(gate.release(request(0))).toEqual({
      ok: true,
      withdrawal: { id: 1n, recipient: 7n, amount: 1n },
      height: 5n,
    });
    expect(gate.release(request(0))).toMatchObject({ code: 'ALREADY_RELEASED' });
    for (const index of [2, 3, 4, 5, 6, 7, 8])
      expect([index, gate.release(request(index)).code]).toEqual([index, 'EVENT_OF_OTHER_KIND']);
    expect(gate.release(request(9))).toMatchObject({ code: 'EVENT_OF_OTHER_CONTRACT' });
    for (const index of [10, -1, 0.5])
      expect(gate.release(request(index))).toMatchObject({ code: 'EVENT_MISSING' });
    expect(gate.release(request(1))).toMatchObject({ ok: true });
  });

  it('error: a proof of another block of a final height stops everything, forged ones nothing', async () => {
    const gate = gateOf(await open());
    expect(await gate.follow(final)).toMatchObject({ ok: true });
    const rival = block(5n, { time: chain.time, blockHash: 1n });
    const { statement } = rival as { statement: object };
    expect(await gate.follow({ ...rival, statement: { ...statement, height: '6' } })).toMatchObject({
      code: 'PROOF_INVALID',
    });
    expect(gate.release(request(0))).toMatchObject({ ok: true });
    expect(await gate.follow(rival)).toMatchObject({ code: 'BLOCK_CONFLICT' });
    expect(gate.release(request(1))).toMatchObject({ code: 'CLIENT_FROZEN' });
    expect(await gate.follow(final)).toMatchObject({ code: 'CLIENT_FROZEN' });
  });

  it('error: nothing leaves while the state cannot be saved; it goes on once it can', async () => {
    const storage = memoryStorage();
    let fails = false;
    const client = await open(undefined, {
      storage: {
        load: () => storage.load(),
        save: async (text, previous) => {
          if (fails) throw new Error('disk full');
          await storage.save(text, previous);
        },
      },
    });
    const gate = gateOf(client);
    expect(await gate.follow(final)).toMatchObject({ ok: true });
    fails = true;
    const rival = block(5n, { time: chain.time, blockHash: 1n });
    await expect(gate.follow(rival)).rejects.toThrow('disk full');
    expect(gate.release(request(0))).toMatchObject({ code: 'STATE_NOT_SAVED' });
    fails = false;
    expect(await gate.follow(final)).toMatchObject({ code: 'PROOF_REPLAYED' });
    expect(gate.release(request(0))).toMatchObject({ ok: true });
    expect(await gate.follow(rival)).toMatchObject({ code: 'BLOCK_CONFLICT' });
    expect(gate.release(request(1))).toMatchObject({ code: 'CLIENT_FROZEN' });
  });

  it('error: names in the journal that are none of a withdrawal', () => {
    const journal = openJournal(join(folder, 'names')) as { claim: (name: string) => boolean };
    expect([journal.claim('1-a-2'), journal.claim('1-a-2')]).toEqual([true, false]);
    for (const name of ['', '../1', 'A', 'a/b', '-1', 'a'.repeat(201)])
      expect(() => journal.claim(name)).toThrow(RangeError);
  });
});
