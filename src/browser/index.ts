/**
 * `zkfinality/browser`: proves blocks of committee chains in a browser, on all its threads, with the engine that Node uses.
 *
 * Threads share memory, which browsers give only to pages that are cross-origin isolated: serve the page and these scripts with
 * `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`. Verification, `zkfinality/verify`, needs neither.
 *
 * @module
 * @example
 * ```ts
 * import { canProve } from 'zkfinality/browser';
 *
 * // False outside isolated pages, in Node for instance.
 * console.log(canProve()); // false
 * ```
 */
import { EnvironmentError, UsageError, ZkFinalityError } from '../statement/errors.js';
import { wordToBytes } from '../statement/hash.js';
import type { FromWorker, ToWorker } from './messages.js';

export type BrowserProverOptions = {
  /** Such as `committee-4`. */
  readonly circuit: string;
  /** SHA-256 of the circuit's `.r1cs` file, as the key manifest has it: development keys for other circuits are refused. */
  readonly circuitHash: bigint;
  /** Content of the `.zkey` file. Its memory moves to the worker. */
  readonly provingKey: Uint8Array<ArrayBuffer>;
  /** Content of the circuit's witness program. Its memory moves to the worker. */
  readonly witnessProgram: Uint8Array<ArrayBuffer>;
  /** Default: as many as the browser names. */
  readonly threads?: number;
  readonly onStep?: OnBrowserStep;
  /** Aborting it ends the worker and its threads; whatever is pending fails with `CANCELLED`. */
  readonly signal?: AbortSignal;
};

/** Told what step is under way and what part of the whole is done, in [0, 1]. */
export type OnBrowserStep = (step: string, done: number) => void;

/** What to prove: content of a block file, and a trust anchor as `JSON.parse` gave it. */
export type BrowserProofRequest = { readonly block: string; readonly anchor: unknown };

export type BrowserProved = {
  /** A finality proof: an object for `JSON.stringify`, and for `verifyFinality`. */
  readonly proof: object;
  /** Milliseconds of each stage. */
  readonly timingsMs: { readonly [stage: string]: number };
};

/** An open prover; its owner calls `close()`. */
export type BrowserProver = {
  readonly threads: number;
  /** Time that starting threads and loading key and program took. */
  readonly loadMs: number;
  /**
   * Proves one block; one at a time. It is verified natively first, and the proof is verified before it is handed out.
   *
   * @throws {ZkFinalityError} The rule that the block breaks, what the readers of block and anchor throw, `WITNESS_BUSY` while another proof
   *   is made, `CANCELLED`, `WORKER_DIED`, `PROOF_SELF_CHECK`.
   */
  readonly prove: (request: BrowserProofRequest, onStep?: OnBrowserStep) => Promise<BrowserProved>;
  /** Ends the worker and its threads. Safe to call twice. */
  readonly close: () => void;
};

/**
 * Whether this page can prove: it is cross-origin isolated, so that its threads may share memory.
 *
 * @example
 * ```ts
 * import { canProve } from 'zkfinality/browser';
 *
 * console.log(canProve() ? 'prove here' : 'verify only'); // verify only
 * ```
 */
export function canProve(): boolean {
  return globalThis.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function';
}

/**
 * Opens a prover: a worker that holds key, witness program and engine, and the engine's threads.
 *
 * Cost: the key's length in memory twice while it loads.
 * @throws {EnvironmentError} `NOT_ISOLATED` where the page may not share memory; `WORKER_DIED` where the worker's script does not start;
 *   what engine, key and program throw; {UsageError} `CIRCUIT_UNKNOWN`, `CANCELLED`.
 * @example
 * ```ts
 * import { openBrowserProver } from 'zkfinality/browser';
 *
 * const bytes = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());
 * const proveInBrowser = async (block: string, anchor: unknown, circuitHash: bigint) => {
 *   const prover = await openBrowserProver({
 *     circuit: 'committee-4',
 *     circuitHash,
 *     provingKey: await bytes('committee-4.zkey'),
 *     witnessProgram: await bytes('committee-4.wasm'),
 *   });
 *   const { proof } = await prover.prove({ block, anchor });
 *   prover.close();
 *   return proof;
 * };
 * const none = { provingKey: new Uint8Array(0), witnessProgram: new Uint8Array(0) };
 * await openBrowserProver({ circuit: 'committee-4', circuitHash: 0n, ...none }).catch((error) => {
 *   console.log(error.code); // NOT_ISOLATED
 * });
 * console.log(typeof proveInBrowser); // function
 * ```
 */
export async function openBrowserProver(options: BrowserProverOptions): Promise<BrowserProver> {
  const { circuit, circuitHash, provingKey, witnessProgram, threads, onStep, signal } = options;
  if (!canProve())
    throw new EnvironmentError(
      'NOT_ISOLATED',
      'this page is not cross-origin isolated, so its threads cannot share memory. Serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp. Verification works without.',
    );
  const channel = openChannel(signal);
  const opened = await channel.ask(
    { kind: 'open', circuit, circuitHash: wordToBytes(circuitHash), provingKey, witnessProgram, threads },
    [provingKey.buffer, witnessProgram.buffer],
    onStep,
  );
  if (opened.kind !== 'opened') throw new Error(`unexpected answer ${opened.kind}`);
  return {
    threads: opened.threads,
    loadMs: opened.loadMs,
    prove: async ({ block, anchor }, onProofStep) => {
      const proved = await channel.ask({ kind: 'prove', block, anchor }, [], onProofStep);
      if (proved.kind !== 'proved') throw new Error(`unexpected answer ${proved.kind}`);
      return { proof: proved.proof, timingsMs: proved.timingsMs };
    },
    close: channel.close,
  };
}

type Answer = Exclude<FromWorker, { kind: 'step' | 'failed' }>;
type Channel = {
  readonly ask: (message: ToWorker, transfer: ArrayBuffer[], onStep?: OnBrowserStep) => Promise<Answer>;
  readonly close: () => void;
};

/** One worker, one question at a time. */
function openChannel(signal: AbortSignal | undefined): Channel {
  const worker = new Worker(new URL('./prover.js', import.meta.url), { type: 'module' });
  let ended: ZkFinalityError | undefined;
  let pending:
    | {
        readonly resolve: (answer: Answer) => void;
        readonly reject: (error: ZkFinalityError) => void;
        readonly onStep: OnBrowserStep | undefined;
      }
    | undefined;
  const end = (error: ZkFinalityError): void => {
    if (ended !== undefined) return;
    ended = error;
    signal?.removeEventListener('abort', cancel);
    worker.terminate();
    pending?.reject(error);
    pending = undefined;
  };
  const cancel = (): void =>
    end(new UsageError('CANCELLED', 'proving was cancelled. Open another prover to go on.'));
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    const call = pending;
    if (data.kind === 'step') return call?.onStep?.(data.step, data.done);
    pending = undefined;
    if (data.kind !== 'failed') return call?.resolve(data);
    const { kind, code, message } = data.error;
    call?.reject(new ZkFinalityError(kind, code, message));
  });
  worker.addEventListener('error', ({ message }) =>
    end(
      new EnvironmentError(
        'WORKER_DIED',
        `the proving worker ended: ${message || 'its script did not start'}. Check that the scripts are served with the page's own headers.`,
      ),
    ),
  );
  signal?.addEventListener('abort', cancel);
  if (signal?.aborted) cancel();
  return {
    ask: (message, transfer, onStep) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        if (pending !== undefined)
          return reject(
            new EnvironmentError('WITNESS_BUSY', 'this prover is making a proof already. Wait for it.'),
          );
        pending = { resolve, reject, onStep };
        worker.postMessage(message, transfer);
      }),
    close: () => end(new UsageError('WITNESS_CLOSED', 'this prover was closed. Open another one.')),
  };
}
