/** The worker that proves for a page: opens a session, then answers one request after the other. */
import { ZkFinalityError } from '../statement/errors.js';
import type { ErrorParts, FromWorker, ToWorker, WorkerScope } from './messages.js';
import { openSession, type Session } from './session.js';

const scope = globalThis as unknown as WorkerScope;
const tell = (message: FromWorker): void => scope.postMessage(message);
const onStep = (step: string, done: number): void => tell({ kind: 'step', step, done });
let session: Session | undefined;

async function answer(message: ToWorker): Promise<FromWorker> {
  if (message.kind === 'open') {
    session = await openSession(message, onStep);
    return { kind: 'opened', threads: session.threads, loadMs: session.loadMs };
  }
  if (session === undefined) throw new Error('the session is not open');
  return { kind: 'proved', ...(await session.prove(message, onStep)) };
}

function parts(error: unknown): ErrorParts {
  if (error instanceof ZkFinalityError) return { kind: error.kind, code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'environment', code: 'WORKER_DIED', message: `the proving worker failed: ${message}.` };
}

scope.addEventListener('message', ({ data }) => {
  answer(data as ToWorker).then(tell, (error: unknown) => tell({ kind: 'failed', error: parts(error) }));
});
