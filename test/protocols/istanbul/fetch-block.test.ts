import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { type FetchOptions, fetchBlock } from '../../../src/protocols/istanbul/fetch-block.js';
import { formatJsonBlock } from '../../../src/protocols/istanbul/json-block.js';
import { codeOfAsync } from '../../support/istanbul.js';

const network = createIstanbulDevnet({
  variant: 'qbft',
  seed: 'fetch tests',
  validators: 4,
  chainId: 1337n,
  forkFields: 1,
});
type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A node on a free local port that answers with `handler`. */
async function serve(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => handler(request, response, body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A node that knows blocks 0 to 5. */
const node: Handler = (_, response, body) => {
  const { id, params } = JSON.parse(body) as { id: number; params: [string, boolean] };
  const height = params[0] === 'latest' ? 5 : Number(params[0]);
  const result = height <= 5 ? formatJsonBlock(network.block(height).block) : null;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
};
const answer =
  (value: unknown): Handler =>
  (_, response) =>
    void response.end(JSON.stringify(value));
const get = async (handler: Handler, options: Partial<FetchOptions> = {}) =>
  fetchBlock({ rpcUrl: await serve(handler), number: 3n, ...options });

describe('fetchBlock', () => {
  it('default: fetches a block by height, and the latest', async () => {
    const { block, json } = await get(node);
    expect(block).toEqual(network.block(3).block);
    expect(json).toEqual(formatJsonBlock(block));
    expect((await get(node, { number: 'latest' })).block.number).toBe(5n);
  });

  it('behavior: sends one JSON-RPC request; credentials go into a header', async () => {
    const seen: string[] = [];
    const url = await serve((request, response, body) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'} ${body}`);
      node(request, response, body);
    });
    await fetchBlock({ rpcUrl: `${url.replace('//', '//alice:p%40ss@')}/v3/key`, number: 0n });
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x0",false]}';
    expect(seen).toEqual([`POST /v3/key Basic ${Buffer.from('alice:p@ss').toString('base64')} ${body}`]);
  });

  it.each<[string, Handler, string]>([
    [
      'a block that the node does not have',
      answer({ jsonrpc: '2.0', id: 1, result: null }),
      'BLOCK_NOT_FOUND',
    ],
    [
      'another block than asked for',
      answer({ jsonrpc: '2.0', id: 1, result: formatJsonBlock(network.block(2).block) }),
      'BLOCK_NUMBER_MISMATCH',
    ],
    [
      'an error of the node',
      answer({ jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no' } }),
      'RPC_ERROR',
    ],
    ['an answer to another request', answer({ jsonrpc: '2.0', id: 2, result: null }), 'RPC_ANSWER_SHAPE'],
    ['an answer without result', answer({ jsonrpc: '2.0', id: 1 }), 'RPC_ANSWER_SHAPE'],
    ['a list', answer([]), 'RPC_ANSWER_SHAPE'],
    ['a word', answer('ok'), 'RPC_ANSWER_SHAPE'],
    ['a web page', (_, response) => void response.end('<html>'), 'RPC_NOT_JSON'],
    ['an empty answer', (_, response) => void response.end(), 'RPC_NOT_JSON'],
    ['a refusal', (_, response) => void response.writeHead(401).end('{}'), 'RPC_HTTP_STATUS'],
    ['a broken server', (_, response) => void response.writeHead(500).end('no'), 'RPC_HTTP_STATUS'],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'RPC_UNREACHABLE',
    ],
    ['a connection cut', (request) => void request.socket.destroy(), 'RPC_UNREACHABLE'],
    [
      'a changed block',
      answer({
        jsonrpc: '2.0',
        id: 1,
        result: { ...formatJsonBlock(network.block(3).block), gasUsed: '0x1' },
      }),
      'HASH_MISMATCH',
    ],
    ['half a block', answer({ jsonrpc: '2.0', id: 1, result: { number: '0x3' } }), 'JSON_FIELD_MISSING'],
  ])('error: %s', async (_, handler, code) => {
    expect(await codeOfAsync(() => get(handler))).toBe(code);
  });

  it('error: an endless answer is cut off', async () => {
    const endless: Handler = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    expect(await codeOfAsync(() => get(endless, { maxBytes: 1 << 20 }))).toBe('RPC_OVERSIZED');
  });

  it('error: a silent node, before and within the answer', async () => {
    expect(await codeOfAsync(() => get(() => undefined, { timeoutMs: 50 }))).toBe('RPC_TIMEOUT');
    expect(await codeOfAsync(() => get((_, response) => void response.write('{'), { timeoutMs: 50 }))).toBe(
      'RPC_TIMEOUT',
    );
  });

  it('error: cancelled by the caller, before and after it began', async () => {
    expect(await codeOfAsync(() => get(node, { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    const controller = new AbortController();
    expect(await codeOfAsync(() => get(() => controller.abort(), { signal: controller.signal }))).toBe(
      'CANCELLED',
    );
  });

  it('error: nobody listens', async () => {
    const url = await serve(node);
    for (const close of closers.splice(0)) close();
    expect(await codeOfAsync(() => fetchBlock({ rpcUrl: url, number: 1n }))).toBe('RPC_UNREACHABLE');
  });

  it('error: URLs, heights and times that cannot be', async () => {
    for (const rpcUrl of ['', 'localhost', 'file:///etc/passwd', 'ws://localhost:8546'])
      expect(await codeOfAsync(() => fetchBlock({ rpcUrl, number: 1n }))).toBe('RPC_URL');
    for (const number of [-1n, 1n << 64n])
      expect(await codeOfAsync(() => get(node, { number }))).toBe('BLOCK_NUMBER');
    for (const timeoutMs of [0, -1, 1.5, 2 ** 31, Number.NaN])
      expect(await codeOfAsync(() => get(node, { timeoutMs }))).toBe('RPC_TIMEOUT_RANGE');
  });

  it('behavior: messages never show paths or credentials', async () => {
    const url = (await serve((_, response) => void response.writeHead(403).end())).replace(
      '//',
      '//alice:secret@',
    );
    await expect(fetchBlock({ rpcUrl: `${url}/v3/token`, number: 1n })).rejects.toThrow(
      /^(?!.*(secret|alice|token)).*403/,
    );
  });
});
