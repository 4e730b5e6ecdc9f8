/** What the page and the worker that proves for it say to each other. */
import type { ErrorKind } from '../statement/errors.js';

export type OpenMessage = {
  readonly kind: 'open';
  readonly circuit: string;
  readonly circuitHash: Uint8Array;
  readonly provingKey: Uint8Array;
  readonly witnessProgram: Uint8Array;
  readonly threads: number | undefined;
};
export type ProveMessage = { readonly kind: 'prove'; readonly block: string; readonly anchor: unknown };

/** To the worker: `open` once, then `prove` one at a time. */
export type ToWorker = OpenMessage | ProveMessage;

/** From the worker: steps while it works, then one answer to each message. */
export type FromWorker =
  | { readonly kind: 'step'; readonly step: string; readonly done: number }
  | { readonly kind: 'opened'; readonly threads: number; readonly loadMs: number }
  | {
      readonly kind: 'proved';
      readonly proof: object;
      readonly timingsMs: { readonly [stage: string]: number };
    }
  | { readonly kind: 'failed'; readonly error: ErrorParts };

/** An error as it crosses between threads. */
export type ErrorParts = { readonly kind: ErrorKind; readonly code: string; readonly message: string };

/** The part of a worker's global scope that is used here. */
export type WorkerScope = {
  readonly postMessage: (message: unknown) => void;
  readonly addEventListener: (
    event: 'message',
    listener: (event: { readonly data: unknown }) => void,
    options?: { readonly once: boolean },
  ) => void;
};
