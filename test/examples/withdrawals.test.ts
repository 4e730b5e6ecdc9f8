/** The withdrawal service over HTTP, in a process of its own, with proofs of the demonstration network. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../support/run-node.js';

type Json = { readonly [field: string]: unknown };
const read = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json;
const proofs = { 2: read('examples/demo/block-2.proof.json'), 4: read('examples/demo/block-4.proof.json') };
const trust = read('examples/demo/trust.json');
const recipient = `0x${'ab'.repeat(20)}`;

/** What the service's own node saw. */
const withdrawals = (['once', 'race', 'later', 'kept'] as const).map((id) => {
  const { height, blockHash } = proofs[id === 'later' ? 4 : 2].statement as Json;
  return { id, chainId: '1337', height, blockHash, recipient, amount: '250' };
});
const reorganised = { ...withdrawals[0]!, id: 'reorganised', blockHash: `0x${'11'.repeat(32)}` };
const elsewhere = { ...withdrawals[0]!, id: 'elsewhere', chainId: '1338' };

let folder: string;
let service: RunningServer;

function start(anchor: Json = trust): Promise<RunningServer> {
  writeFileSync(join(folder, 'trust.json'), JSON.stringify(anchor));
  writeFileSync(join(folder, 'withdrawals.json'), JSON.stringify([...withdrawals, reorganised, elsewhere]));
  return startServer([
    'build/examples/withdrawals/main.js',
    join(folder, 'trust.json'),
    join(folder, 'withdrawals.json'),
    join(folder, 'journal'),
    '0',
  ]);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-withdrawals-'));
  service = await start();
});
afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An honest request for a withdrawal, with some fields replaced. */
function requestFor(id: string, changes: Json = {}): Json {
  const { chainId, blockHash, height, amount } = [...withdrawals, reorganised, elsewhere].find(
    (withdrawal) => withdrawal.id === id,
  )!;
  return { chainId, blockHash, recipient, amount, proof: proofs[height === '4' ? 4 : 2], ...changes };
}

async function release(id: string, body: unknown): Promise<readonly [number, Json]> {
  const response = await fetch(`${service.url}/withdrawals/${id}/release`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return [response.status, (await response.json()) as Json];
}

describe('examples/withdrawals', () => {
  it('accepts: a withdrawal of a final block, once', async () => {
    expect(await release('once', requestFor('once'))).toEqual([200, { ok: true, id: 'once', amount: '250' }]);
    expect(service.output()).toContain(`paying 250 to ${recipient} for once`);
    expect(await release('once', requestFor('once'))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
  });

  it('accepts: one of many requests at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => release('race', requestFor('race'))));
    expect(answers.map(([status]) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(service.output().match(/for race/g)).toHaveLength(1);
  });

  it('rejects: a replay after a restart', async () => {
    expect(await service.close()).toBe(0);
    service = await start();
    expect(await release('once', requestFor('once'))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
    expect(await release('later', requestFor('later'))).toMatchObject([200, { ok: true }]);
    expect(service.output()).not.toContain('for once');
  });

  const forged = (statement: Json): Json => ({
    ...proofs[2],
    statement: { ...(proofs[2].statement as Json), ...statement },
  });

  it.each([
    ['another amount', 'kept', { amount: '251' }, 'WITHDRAWAL_MISMATCH'],
    ['another chain', 'kept', { chainId: '1' }, 'WITHDRAWAL_MISMATCH'],
    ['another recipient', 'kept', { recipient: `0x${'cd'.repeat(20)}` }, 'WITHDRAWAL_MISMATCH'],
    ['another block', 'kept', { blockHash: `0x${'22'.repeat(32)}` }, 'WITHDRAWAL_MISMATCH'],
    ['the proof of another final block', 'kept', { proof: proofs[4] }, 'BLOCK_MISMATCH'],
    ['a block that was replaced', 'reorganised', {}, 'BLOCK_MISMATCH'],
    [
      'a proof rewritten for it',
      'reorganised',
      { proof: forged({ blockHash: reorganised.blockHash }) },
      'PROOF_INVALID',
    ],
    ['a proof renamed to another chain', 'kept', { proof: { ...proofs[2], chainId: '1' } }, 'CHAIN_MISMATCH'],
    ['a withdrawal of a chain without anchor', 'elsewhere', {}, 'CHAIN_NOT_SERVED'],
    ['no proof', 'kept', { proof: null }, 'FIELD_TYPE'],
    ['a proof with a note', 'kept', { proof: { ...proofs[2], note: '' } }, 'FIELD_UNKNOWN'],
  ])('rejects: %s', async (_, id, changes, code) => {
    expect(await release(id, requestFor(id, changes))).toMatchObject([422, { ok: false, code }]);
  });

  it.each([
    ['{', 400, 'REQUEST_FORMAT'],
    ['[]', 400, 'REQUEST_FORMAT'],
    [requestFor('kept', { amount: 250 }), 400, 'REQUEST_FORMAT'],
    [requestFor('kept', { amount: '0250' }), 400, 'REQUEST_FORMAT'],
    [requestFor('kept', { amount: '0' }), 400, 'REQUEST_FORMAT'],
    [requestFor('kept', { blockHash: '0xAB' }), 400, 'REQUEST_FORMAT'],
    [requestFor('kept', { note: '' }), 400, 'REQUEST_FORMAT'],
    ['x'.repeat(20_000), 413, 'BODY_TOO_LARGE'],
  ])('rejects: a body that is not as it has to be (%#)', async (body, status, code) => {
    expect(await release('kept', body)).toMatchObject([status, { ok: false, code }]);
  });

  it('rejects: unknown withdrawals, paths and methods', async () => {
    expect(await release('other', requestFor('kept'))).toMatchObject([404, { code: 'WITHDRAWAL_UNKNOWN' }]);
    for (const id of ['..%2fkept', 'Kept', 'a'.repeat(65)])
      expect(await release(id, requestFor('kept'))).toMatchObject([404, { code: 'NOT_FOUND' }]);
    expect((await fetch(`${service.url}/withdrawals/kept/release`)).status).toBe(405);
  });

  it('rejects: proofs of development keys where the anchor is a real one', async () => {
    await service.close();
    service = await start({ ...trust, allowDevelopmentKeys: false });
    expect(await release('kept', requestFor('kept'))).toMatchObject([422, { code: 'DEVELOPMENT_KEY' }]);
    await service.close();
    service = await start();
    // All refusals above left it where it was.
    expect(await release('kept', requestFor('kept'))).toMatchObject([200, { ok: true, id: 'kept' }]);
  });
});
