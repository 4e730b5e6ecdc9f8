/**
 * The gate as an HTTP service:
 *
 *   POST /documents     a finality proof or a registration, as the package's tools write them: the light client goes on
 *   POST /withdrawals   {"finalHeight": "4", "logIndex": "0", "proof": {"format": "zkfinality-receipt/1", …}}
 *
 * 200 where it was accepted or let through, everything else refuses with `{"ok": false, "code", "message"}`: 400 unreadable, 404 and 405 nothing
 * there, 409 accepted or released before, 413 too large, 422 not what it has to be, 503 while the service cannot remember what it does, or
 * has seen two final blocks of one height. Anyone may bring anything; what a request costs is bounded by its size.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Withdrawal } from './bridge-event.js';
import type { Gate, ReleaseRequest } from './gate.js';

/** A proof is 2 kB, a header 1.5 kB, a node of a trie at most 1.1 kB beside its value; all of it in hexadecimal. */
const LARGEST_BODY_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

type Answer = { readonly status: number; readonly body: object };

/**
 * Makes the server; the caller lets it listen and closes it.
 *
 * @param gate - Decides.
 * @param pay - Called once for each withdrawal that is let through.
 */
export function createService(gate: Gate, pay: (withdrawal: Withdrawal) => Promise<void>): Server {
  const server = createServer((request, response) => {
    void answer(request, gate, pay)
      .catch((error: unknown): Answer => {
        console.error(error);
        return refusal(
          503,
          'SERVICE_FAILED',
          'something failed here. Nothing was let through twice; ask again later.',
        );
      })
      .then(({ status, body }) => {
        const text = JSON.stringify(body);
        response.writeHead(status, {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          ...(status === 413 ? { connection: 'close' } : {}),
        });
        response.end(text);
      });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

async function answer(
  request: IncomingMessage,
  gate: Gate,
  pay: (withdrawal: Withdrawal) => Promise<void>,
): Promise<Answer> {
  const path = request.url;
  if (path !== '/documents' && path !== '/withdrawals')
    return refusal(404, 'NOT_FOUND', 'POST to /documents or /withdrawals.');
  if (request.method !== 'POST') return refusal(405, 'METHOD', 'only POST does something here.');
  const text = await readBody(request);
  if (text === undefined)
    return refusal(413, 'BODY_TOO_LARGE', `expected at most ${LARGEST_BODY_BYTES} bytes.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refusal(400, 'REQUEST_FORMAT', 'the body is not JSON.');
  }
  return path === '/documents' ? follow(json, gate) : release(json, gate, pay);
}

async function follow(document: unknown, gate: Gate): Promise<Answer> {
  const result = await gate.follow(document);
  if (!result.ok) return refusal(statusOf(result.code), result.code, result.message);
  const { kind } = result;
  return {
    status: 200,
    body: { ok: true, kind, ...(kind === 'block' ? { height: String(result.statement.height) } : {}) },
  };
}

async function release(
  json: unknown,
  gate: Gate,
  pay: (withdrawal: Withdrawal) => Promise<void>,
): Promise<Answer> {
  const parsed = parseRequest(json);
  if (typeof parsed === 'string') return refusal(400, 'REQUEST_FORMAT', parsed);
  const decision = gate.release(parsed);
  if (!decision.ok) return refusal(statusOf(decision.code), decision.code, decision.message);
  const { withdrawal, height } = decision;
  await pay(withdrawal);
  return {
    status: 200,
    body: { ok: true, id: String(withdrawal.id), amount: String(withdrawal.amount), height: String(height) },
  };
}

const STATUS: { readonly [code: string]: number } = {
  ALREADY_RELEASED: 409,
  PROOF_REPLAYED: 409,
  CLIENT_FROZEN: 503,
  BLOCK_CONFLICT: 503,
  STATE_NOT_SAVED: 503,
};

function statusOf(code: string): number {
  return STATUS[code] ?? 422;
}

function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { ok: false, code, message } };
}

/** The body, or undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const FIELDS = ['finalHeight', 'logIndex', 'proof'];

/** Reads a request strictly: these fields and no others, each in its one spelling. Returns what is wrong otherwise. */
function parseRequest(json: unknown): ReleaseRequest | string {
  if (typeof json !== 'object' || json === null || Object.keys(json).sort().join() !== FIELDS.join())
    return `expected an object with exactly the fields ${FIELDS.join(', ')}.`;
  const { finalHeight, logIndex, proof } = json as { readonly [field: string]: unknown };
  if (typeof finalHeight !== 'string' || !/^(?:0|[1-9][0-9]{0,19})$/.test(finalHeight))
    return 'finalHeight: expected a decimal string.';
  if (typeof logIndex !== 'string' || !/^(?:0|[1-9][0-9]{0,5})$/.test(logIndex))
    return 'logIndex: expected a decimal string.';
  return { finalHeight: BigInt(finalHeight), logIndex: Number(logIndex), proof };
}
