/**
 * The gate as an HTTP service:
 *
 *   POST /withdrawals/<id>/release   {"chainId": "1337", "blockHash": "0x…", "recipient": "0x…", "amount": "250", "proof": {…}}
 *
 * 200 lets the withdrawal through, everything else refuses with `{"ok": false, "code", "message"}`: 400 unreadable, 404 unknown,
 * 409 released before, 413 too large, 422 not what it has to be, 503 while the service cannot remember what it lets through.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Decision, Gate, ReleaseRequest, Withdrawal } from './gate.js';
import { isWithdrawalId } from './journal.js';

/** A proof is 2 kB. */
const LARGEST_BODY_BYTES = 16 * 1024;
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
  const id = /^\/withdrawals\/([^/]+)\/release$/.exec(request.url ?? '')?.[1];
  if (id === undefined || !isWithdrawalId(id))
    return refusal(404, 'NOT_FOUND', 'POST to /withdrawals/<id>/release.');
  if (request.method !== 'POST') return refusal(405, 'METHOD', 'only POST releases a withdrawal.');
  const body = await readBody(request);
  if (body === undefined)
    return refusal(413, 'BODY_TOO_LARGE', `expected at most ${LARGEST_BODY_BYTES} bytes.`);
  const parsed = parseRequest(body);
  if (typeof parsed === 'string') return refusal(400, 'REQUEST_FORMAT', parsed);
  const decision = gate.release(id, parsed);
  if (!decision.ok) return refusal(statusOf(decision), decision.code, decision.message);
  await pay(decision.withdrawal);
  return { status: 200, body: { ok: true, id, amount: decision.withdrawal.amount.toString() } };
}

function statusOf({ code }: Extract<Decision, { ok: false }>): number {
  if (code === 'WITHDRAWAL_UNKNOWN') return 404;
  return code === 'ALREADY_RELEASED' ? 409 : 422;
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

const FIELDS = ['amount', 'blockHash', 'chainId', 'proof', 'recipient'];

/** Reads a request strictly: these fields and no others, each in its one spelling. Returns what is wrong otherwise. */
function parseRequest(text: string): ReleaseRequest | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'the body is not JSON.';
  }
  if (typeof json !== 'object' || json === null || Object.keys(json).sort().join() !== FIELDS.join())
    return `expected an object with exactly the fields ${FIELDS.join(', ')}.`;
  const { amount, blockHash, chainId, proof, recipient } = json as { readonly [field: string]: unknown };
  if (typeof amount !== 'string' || !/^[1-9][0-9]{0,77}$/.test(amount))
    return 'amount: expected a decimal string above 0.';
  if (typeof chainId !== 'string' || !/^(?:0|[1-9][0-9]{0,19})$/.test(chainId))
    return 'chainId: expected a decimal string.';
  if (typeof blockHash !== 'string' || !/^0x[0-9a-f]{64}$/.test(blockHash))
    return 'blockHash: expected 0x and 64 lower-case hexadecimal digits.';
  if (typeof recipient !== 'string' || !/^0x[0-9a-f]{40}$/.test(recipient))
    return 'recipient: expected 0x and 40 lower-case hexadecimal digits.';
  return { amount: BigInt(amount), blockHash: BigInt(blockHash), chainId: BigInt(chainId), proof, recipient };
}
