/**
 * One block from a node: `eth_getBlockByNumber` over HTTP.
 *
 * The answer is read like any other stranger's input: it is bounded in size and time and parsed strictly, and the header must hash to the
 * hash beside it. A node can still withhold blocks or show another chain's; that is what the trust anchor is for.
 */
import { EnvironmentError, UsageError, ZkFinalityError } from '../../statement/errors.js';
import type { IstanbulVariant } from './extra-data.js';
import type { IstanbulBlock } from './header.js';
import { parseJsonBlock } from './json-block.js';

export type FetchOptions = {
  /** `http:` or `https:` URL of the node's JSON-RPC endpoint; credentials in it go into the request, never into messages. */
  readonly rpcUrl: string;
  /** Height, or `latest`. */
  readonly number: bigint | 'latest';
  /** Time for the whole request. Default 10,000. */
  readonly timeoutMs?: number;
  /** Most bytes of an answer. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Cancels the request. */
  readonly signal?: AbortSignal;
  /** The chain's variant, if known. */
  readonly variant?: IstanbulVariant;
};

/** A block, and the JSON object it was read from: what a block file holds. */
export type FetchedBlock = { readonly block: IstanbulBlock; readonly json: unknown };

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BYTES = 1 << 24;
/** Longest timer that Node keeps: 2^31 − 1 ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const REQUEST_ID = 1;

/**
 * Fetches one block by its height.
 *
 * @param options - See {@link FetchOptions}.
 * @returns The block, parsed but not verified, and its JSON.
 * @throws {UsageError} `RPC_URL`, `BLOCK_NUMBER`, `RPC_TIMEOUT_RANGE`.
 * @throws {EnvironmentError} `RPC_UNREACHABLE`, `RPC_TIMEOUT`, `CANCELLED`, `RPC_HTTP_STATUS`, `RPC_OVERSIZED`, `RPC_NOT_JSON`, `RPC_ERROR`,
 *   `RPC_ANSWER_SHAPE`, `BLOCK_NOT_FOUND`, `BLOCK_NUMBER_MISMATCH`.
 * @throws {FileError} The codes of `parseJsonBlock`.
 */
export async function fetchBlock(options: FetchOptions): Promise<FetchedBlock> {
  const url = parseUrl(options.rpcUrl);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (!Number.isInteger(timeoutMs) || timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS)
    throw new UsageError(
      'RPC_TIMEOUT_RANGE',
      `timeoutMs: expected an integer in [1, ${MAX_TIMEOUT_MS}], got ${timeoutMs}.`,
    );
  const { number } = options;
  if (number !== 'latest' && (number < 0n || number >= 1n << 64n))
    throw new UsageError('BLOCK_NUMBER', `block number: expected [0, 2^64) or latest, got ${number}.`);

  const text = await post(url, requestBody(number), timeoutMs, options);
  const json = readAnswer(text, url, number);
  const block = parseJsonBlock(json, options.variant);
  if (number !== 'latest' && block.number !== number)
    throw new EnvironmentError(
      'BLOCK_NUMBER_MISMATCH',
      `${origin(url)}: asked for block ${number}, got block ${block.number}. The node is faulty: ask another.`,
    );
  return { block, json };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new UsageError('RPC_URL', 'rpcUrl: expected an http: or https: URL such as http://localhost:8545.');
  return url;
}

function requestBody(number: bigint | 'latest'): string {
  const tag = number === 'latest' ? number : `0x${number.toString(16)}`;
  return JSON.stringify({
    jsonrpc: '2.0',
    id: REQUEST_ID,
    method: 'eth_getBlockByNumber',
    params: [tag, false],
  });
}

/** Sends the request and reads a bounded answer; every failure of the network has its code. */
async function post(url: URL, body: string, timeoutMs: number, options: FetchOptions): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const { target, headers } = withoutCredentials(url);
    const response = await fetch(target, { method: 'POST', headers, body, signal, redirect: 'error' });
    const text = await readBounded(response, url, options.maxBytes ?? DEFAULT_MAX_BYTES);
    if (!response.ok)
      throw new EnvironmentError(
        'RPC_HTTP_STATUS',
        `${origin(url)}: expected HTTP status 200, got ${response.status} ${response.statusText}. Check the URL and its access rights.`,
      );
    return text;
  } catch (error) {
    if (error instanceof ZkFinalityError) throw error;
    if (options.signal?.aborted === true)
      throw new EnvironmentError('CANCELLED', `${origin(url)}: the request was cancelled.`, { cause: error });
    if (timeout.aborted)
      throw new EnvironmentError(
        'RPC_TIMEOUT',
        `${origin(url)}: no answer within ${timeoutMs} ms. Check that the node is in sync, or allow more time.`,
        { cause: error },
      );
    throw new EnvironmentError(
      'RPC_UNREACHABLE',
      `${origin(url)}: the request failed: ${reason(error)}. Check that the node runs and its JSON-RPC port is open.`,
      { cause: error },
    );
  }
}

/** fetch() refuses URLs with credentials: they belong into a header. */
function withoutCredentials(url: URL): {
  readonly target: URL;
  readonly headers: { readonly [name: string]: string };
} {
  const headers: { [name: string]: string } = {
    'content-type': 'application/json',
    accept: 'application/json',
  };
  const target = new URL(url);
  if (url.username !== '' || url.password !== '') {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(credentials)))}`;
    target.username = '';
    target.password = '';
  }
  return { target, headers };
}

async function readBounded(response: Response, url: URL, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  if (response.body === null) return '';
  // Leaving the loop by an error cancels the stream, so that an endless answer ends here.
  for await (const chunk of response.body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new EnvironmentError(
        'RPC_OVERSIZED',
        `${origin(url)}: expected an answer of at most ${maxBytes} bytes, got more. Check that the URL is a JSON-RPC endpoint.`,
      );
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return new TextDecoder().decode(bytes);
}

function readAnswer(text: string, url: URL, number: bigint | 'latest'): unknown {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new EnvironmentError(
      'RPC_NOT_JSON',
      `${origin(url)}: expected a JSON answer, got ${text.length === 0 ? 'nothing' : JSON.stringify(text.slice(0, 40))}. Check that the URL is a JSON-RPC endpoint.`,
      { cause },
    );
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
    throw answerError(url, 'an object');
  if ('error' in answer && answer.error !== null && answer.error !== undefined)
    throw new EnvironmentError(
      'RPC_ERROR',
      `${origin(url)}: the node reported ${JSON.stringify(answer.error).slice(0, 200)}. Check that it serves the eth methods.`,
    );
  if (!('result' in answer)) throw answerError(url, 'a result');
  if (!('id' in answer) || answer.id !== REQUEST_ID) throw answerError(url, `id ${REQUEST_ID}`);
  if (answer.result === null)
    throw new EnvironmentError(
      'BLOCK_NOT_FOUND',
      `${origin(url)}: the node has no block ${number}. Ask for a lower one, or wait until it is sealed.`,
    );
  return answer.result;
}

function answerError(url: URL, expected: string): EnvironmentError {
  return new EnvironmentError(
    'RPC_ANSWER_SHAPE',
    `${origin(url)}: JSON-RPC answer: expected ${expected}, got none. Check that the URL is a JSON-RPC endpoint.`,
  );
}

/** Scheme, host and port: what may stand in a message. Paths and credentials may hold secrets. */
function origin(url: URL): string {
  return url.origin;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
