/** The withdrawal service over HTTP, in a process of its own, with the documents of the demonstration network. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIstanbulDevnet, type IstanbulDevnet } from '../../src/devnet/index.js';
import { formatReceiptProof, proveReceipt, type Receipt } from '../../src/ethereum/index.js';
import { type RunningServer, runNode, startServer } from '../support/run-node.js';

type Json = { readonly [field: string]: unknown };
type Demo = {
  readonly BRIDGE: string;
  readonly RECIPIENT: string;
  readonly RECEIPTS: { readonly [height: number]: readonly Receipt[] };
  readonly makeDemoNetwork: (create: typeof createIstanbulDevnet) => IstanbulDevnet;
};
const { BRIDGE, RECIPIENT, RECEIPTS, makeDemoNetwork } = (await import(
  new URL('../../scripts/demo-network.mjs', import.meta.url).href
)) as Demo;
const network = makeDemoNetwork(createIstanbulDevnet);
const read = (name: string): Json => JSON.parse(readFileSync(`examples/demo/${name}.json`, 'utf8')) as Json;
const trust = read('trust');

let folder: string;
let service: RunningServer;
let runs = 0;

/** Starts the service in a folder of its own, with the light client at a block. */
async function start(documents: readonly string[] = [], anchor: Json = trust): Promise<void> {
  await service?.close();
  runs += 1;
  await restart(anchor);
  for (const name of documents)
    expect(await post('documents', read(name))).toMatchObject([200, { ok: true }]);
}

async function restart(anchor: Json = trust): Promise<void> {
  writeFileSync(join(folder, 'trust.json'), JSON.stringify(anchor));
  const state = join(folder, `run-${runs}`);
  service = await startServer([
    ...['build/examples/withdrawals/main.js', join(folder, 'trust.json'), BRIDGE, state, '0'],
  ]);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-withdrawals-'));
});
afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function post(path: string, body: unknown): Promise<readonly [number, Json]> {
  const response = await fetch(`${service.url}/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return [response.status, (await response.json()) as Json];
}

/** A request for an event: the way of heights goes from a final block to that of the event. */
function requestFor(way: readonly number[], transactionIndex: number, logIndex = 0): Json {
  const headers = way.map((height) => network.block(height).block.hashPreimage);
  const proof = formatReceiptProof(proveReceipt(headers, RECEIPTS[way.at(-1)!]!, transactionIndex));
  return { finalHeight: String(way[0]), logIndex: String(logIndex), proof };
}
const release = (request: unknown) => post('withdrawals', request);
const CHANGE = ['block-2.proof', 'registration', 'block-4.proof'];

describe('examples/withdrawals', () => {
  it('default: the committed receipts are those of the network, the topic is that of the event', () => {
    expect(read('block-2.receipt')).toEqual(requestFor([2], 1).proof);
    expect(read('block-3.receipt')).toEqual(requestFor([4, 3], 0).proof);
    const topic = bytesToHex(keccak_256(utf8ToBytes('Withdrawal(uint256,address,uint256)')));
    expect(RECEIPTS[2]![1]!.logs[0]!.topics[0]).toBe(BigInt(`0x${topic}`));
    for (const file of ['bridge-event.ts', 'README.md'])
      expect(readFileSync(`examples/withdrawals/${file}`, 'utf8')).toContain(
        file === 'README.md' ? BRIDGE : topic,
      );
  });

  it('accepts: a withdrawal of a final block, once, whoever asks', async () => {
    await start(['block-2.proof']);
    expect(await release(requestFor([2], 1))).toEqual([
      200,
      { ok: true, id: '1', amount: '250', height: '2' },
    ]);
    expect(service.output()).toContain(`paying 250 to ${RECIPIENT} for 1`);
    expect(await release(requestFor([2], 1))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
  });

  it('accepts: both events of one transaction', async () => {
    await start(['block-2.proof']);
    expect(await release(requestFor([2], 2, 0))).toMatchObject([200, { id: '2', amount: '40' }]);
    expect(await release(requestFor([2], 2, 1))).toMatchObject([200, { id: '3', amount: '2' }]);
    expect(await release(requestFor([2], 2, 1))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
    expect(await release(requestFor([2], 2, 2))).toMatchObject([422, { code: 'EVENT_MISSING' }]);
  });

  it('accepts: a block without a proof of its own, through one that builds on it and a change of the set', async () => {
    await start();
    expect(await release(requestFor([4, 3], 0))).toMatchObject([422, { code: 'BLOCK_NOT_FINAL' }]);
    expect(await post('documents', read('block-4.proof'))).toMatchObject([
      422,
      { code: 'SIGNING_SET_NOT_REGISTERED' },
    ]);
    for (const [name, answer] of [
      ['block-2.proof', { kind: 'block', height: '2' }],
      ['registration', { kind: 'registration' }],
      ['block-4.proof', { kind: 'block', height: '4' }],
    ] as const)
      expect(await post('documents', read(name))).toEqual([200, { ok: true, ...answer }]);
    expect(await release(requestFor([4, 3], 0))).toMatchObject([
      200,
      { id: '4', amount: '1000', height: '3' },
    ]);
    expect(await release(requestFor([4, 3, 2], 1))).toMatchObject([200, { id: '1', height: '2' }]);
    // The same id, in block 2 by its own proof and in an event of block 3.
    expect(await release(requestFor([2], 1))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
    expect(await release(requestFor([4, 3], 3))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
  });

  it('accepts: one of many requests at the same time', async () => {
    await start(['block-2.proof']);
    const answers = await Promise.all(Array.from({ length: 5 }, () => release(requestFor([2], 1))));
    expect(answers.map(([status]) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(service.output().match(/for 1$/gm)).toHaveLength(1);
  });

  it('accepts: a request made of what a node tells; rejects receipts that are not of the block', async () => {
    await start(CHANGE);
    const hex = (value: bigint, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;
    const receipts = RECEIPTS[3]!.map(({ type, succeeded, cumulativeGasUsed, logs }) => ({
      type: hex(BigInt(type), 1),
      status: succeeded ? '0x1' : '0x0',
      cumulativeGasUsed: hex(cumulativeGasUsed, 1),
      logs: logs.map(({ address, topics, data }) => ({
        address: hex(address, 40),
        topics: topics.map((topic) => hex(topic, 64)),
        data: `0x${bytesToHex(data)}`,
      })),
    }));
    const at = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const blocks = [4, 3].map((height) => at(`${height}.json`, network.block(height).text));
    const made = (result: unknown) =>
      runNode([
        ...['build/examples/withdrawals/request.js', at('receipts.json', JSON.stringify(result))],
        ...['0', '0', ...blocks],
      ]);
    const { code, stdout, stderr } = await made({ jsonrpc: '2.0', id: 1, result: receipts });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual(requestFor([4, 3], 0));
    expect(await release(stdout)).toMatchObject([200, { id: '4' }]);
    const wrong = await made(receipts.slice(1));
    expect([wrong.code, wrong.stdout]).toEqual([3, '']);
    expect(wrong.stderr).toContain('all receipts of');
    expect((await runNode(['build/examples/withdrawals/request.js'])).code).toBe(2);
  });

  it('rejects: a replay after a restart; the light client goes on where it was', async () => {
    await start(['block-2.proof']);
    expect(await release(requestFor([2], 1))).toMatchObject([200, { ok: true }]);
    expect(await service.close()).toBe(0);
    await restart();
    expect(await release(requestFor([2], 1))).toMatchObject([409, { code: 'ALREADY_RELEASED' }]);
    expect(await post('documents', read('block-2.proof'))).toMatchObject([409, { code: 'PROOF_REPLAYED' }]);
    expect(await release(requestFor([2], 2))).toMatchObject([200, { id: '2' }]);
    expect(service.output()).not.toContain('for 1');
  });

  it('rejects: everything where two final blocks of one height were seen', async () => {
    await start(CHANGE);
    expect(await service.close()).toBe(0);
    const path = join(folder, `run-${runs}`, 'light-client.json');
    const state = JSON.parse(readFileSync(path, 'utf8')) as { accepted: { statement: Json }[] };
    const [first] = state.accepted;
    const conflict = { ...first, statement: { ...first!.statement, blockHash: `0x${'22'.repeat(32)}` } };
    writeFileSync(path, JSON.stringify({ ...state, conflict }));
    await restart();
    expect(await release(requestFor([2], 1))).toMatchObject([503, { code: 'CLIENT_FROZEN' }]);
    expect(await release(requestFor([4, 3], 0))).toMatchObject([503, { code: 'CLIENT_FROZEN' }]);
    expect(await post('documents', read('registration'))).toMatchObject([503, { code: 'CLIENT_FROZEN' }]);
    expect(service.output()).not.toContain('paying');
  });

  it('rejects: nothing below a state that cannot be saved', async () => {
    await start(['block-2.proof']);
    rmSync(join(folder, `run-${runs}`), { recursive: true });
    writeFileSync(join(folder, `run-${runs}`), 'in the way of the folder');
    expect(await post('documents', read('registration'))).toMatchObject([503, { code: 'SERVICE_FAILED' }]);
    expect(await release(requestFor([2], 1))).toMatchObject([503, { code: 'STATE_NOT_SAVED' }]);
    expect(service.output()).not.toContain('paying');
  });

  describe('with blocks 2 and 4 final', () => {
    beforeAll(() => start(CHANGE));
    const good = requestFor([2], 1);
    const proof = good.proof as { headers: string[]; nodes: string[] };
    const fork = network.block(2, 'equivocation').block;
    const other = requestFor([4, 3], 0).proof as typeof proof;
    const changed = (of: Json): Json => ({ ...good, proof: { ...proof, ...of } });
    const cut = (hex: string): string => hex.slice(0, -2);

    it.each<[string, unknown, string]>([
      ['a block that is not final', { ...good, finalHeight: '3' }, 'BLOCK_NOT_FINAL'],
      ['a block above the newest', { ...good, finalHeight: '5' }, 'BLOCK_NOT_FINAL'],
      ['the proof of one block at the height of another', { ...good, finalHeight: '4' }, 'INCLUSION_HEADER'],
      [
        'the header of a fork',
        changed({ headers: [`0x${bytesToHex(fork.hashPreimage)}`] }),
        'INCLUSION_HEADER',
      ],
      ['a header that is cut', changed({ headers: proof.headers.map(cut) }), 'INCLUSION_HEADER'],
      ['a header too many', changed({ headers: [...proof.headers, ...proof.headers] }), 'INCLUSION_HEADER'],
      ['no header', changed({ headers: [] }), 'ARRAY_LENGTH'],
      ['nodes of another block', changed({ nodes: other.nodes }), 'TRIE_NODE_HASH'],
      [
        'a node that is cut',
        changed({ nodes: proof.nodes.with(-1, cut(proof.nodes.at(-1)!)) }),
        'TRIE_NODE_HASH',
      ],
      ['a node too few', changed({ nodes: proof.nodes.slice(0, -1) }), 'TRIE_NODE_MISSING'],
      ['a node too many', changed({ nodes: [...proof.nodes, proof.nodes[0]] }), 'TRIE_NODES_UNUSED'],
      ['the place of another receipt', changed({ transactionIndex: '2' }), 'TRIE_NODE_HASH'],
      [
        'a place that is absent, shown by a proof of absence',
        changed({ transactionIndex: '32', nodes: proof.nodes.slice(0, 1) }),
        'TRIE_KEY_ABSENT',
      ],
      ['an event of a transaction without any', requestFor([2], 0), 'EVENT_MISSING'],
      ['an event of another contract', requestFor([4, 3], 1), 'EVENT_OF_OTHER_CONTRACT'],
      ['an event of another kind', requestFor([4, 3], 2), 'EVENT_OF_OTHER_KIND'],
      ['no proof', { ...good, proof: null }, 'FIELD_TYPE'],
      ['a proof with a note', changed({ note: '' }), 'FIELD_UNKNOWN'],
      ['a finality proof in its place', { ...good, proof: read('block-2.proof') }, 'FIELD_MISSING'],
    ])('rejects: %s', async (_, request, code) => {
      expect(await release(request)).toMatchObject([422, { ok: false, code }]);
    });

    it.each([
      ['{', 400, 'REQUEST_FORMAT'],
      ['[]', 400, 'REQUEST_FORMAT'],
      [{ ...good, note: '' }, 400, 'REQUEST_FORMAT'],
      [{ ...good, finalHeight: 2 }, 400, 'REQUEST_FORMAT'],
      [{ ...good, finalHeight: '02' }, 400, 'REQUEST_FORMAT'],
      [{ ...good, logIndex: '-1' }, 400, 'REQUEST_FORMAT'],
      [{ ...good, logIndex: '__proto__' }, 400, 'REQUEST_FORMAT'],
      ['x'.repeat(300_000), 413, 'BODY_TOO_LARGE'],
    ])('rejects: a body that is not as it has to be (%#)', async (body, status, code) => {
      expect(await release(body)).toMatchObject([status, { ok: false, code }]);
    });

    const altered = (part: string, value: string): Json => ({
      ...read('block-4.proof'),
      statement: { ...(read('block-4.proof').statement as Json), [part]: value },
    });
    const { signingSet } = read('block-4.proof').statement as { readonly signingSet: string };
    const forged = altered('height', '9');
    (forged.statement as { trustedSet: string }).trustedSet = signingSet;
    it.each<[string, unknown, number, string]>([
      ['a forged block', altered('height', '9'), 422, 'TRUSTED_SET_MISMATCH'],
      ['a forged block of the trusted set', forged, 422, 'PROOF_INVALID'],
      ['another block of a final height', altered('blockHash', `0x${'33'.repeat(32)}`), 422, 'PROOF_INVALID'],
      ['a block of another chain', { ...forged, chainId: '1' }, 422, 'CHAIN_MISMATCH'],
      ['a document again', read('registration'), 409, 'PROOF_REPLAYED'],
      ['nothing', null, 422, 'FIELD_TYPE'],
    ])('rejects: %s as the next block', async (_, document, status, code) => {
      expect(await post('documents', document)).toMatchObject([status, { ok: false, code }]);
    });

    it('rejects: other paths and methods', async () => {
      for (const path of ['', 'withdrawals/1', 'documents/', 'documents?x'])
        expect(await post(path, good)).toMatchObject([404, { code: 'NOT_FOUND' }]);
      expect((await fetch(`${service.url}/withdrawals`)).status).toBe(405);
    });

    it('accepts: what was asked for after all these refusals', async () => {
      expect(await release(good)).toMatchObject([200, { ok: true, id: '1' }]);
      expect(service.output().match(/paying/g)).toHaveLength(1);
    });
  });

  it('rejects: proofs of development keys where the anchor is a real one', async () => {
    await start([], { ...trust, allowDevelopmentKeys: false });
    expect(await post('documents', read('block-2.proof'))).toMatchObject([422, { code: 'DEVELOPMENT_KEY' }]);
    expect(await release(requestFor([2], 1))).toMatchObject([422, { code: 'BLOCK_NOT_FINAL' }]);
  });
});
