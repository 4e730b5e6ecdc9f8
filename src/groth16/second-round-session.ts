/** The second round in a thread of its own: its order is found while the witness is computed, and no other work waits for it. */
import { PATIENCE_MS } from '../witness/session.js';
import { scriptBeside, startThread } from '../witness/thread.js';
import type { Partition } from './partition.js';

export type SecondRoundSession = {
  /** Finds the order, once. False where there is none: then the witness program must run again. */
  readonly prepare: () => Promise<boolean>;
  /** As `SecondRound.solve`, after {@link SecondRoundSession.prepare} said true. */
  readonly solve: (witness: Uint8Array, x: bigint) => Promise<Uint8Array>;
  /** Ends the thread. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/** What the thread is asked. */
export type SecondRoundRequest = { readonly witness: Uint8Array; readonly x: bigint } | 'prepare';

/**
 * Starts a thread for the second round of one circuit. Codes of errors are those of `readR1cs`, `SecondRound.solve` and `startThread`.
 *
 * @param options.r1csPath - The circuit's constraint system.
 * @param options.signal - Aborting it ends the thread at once.
 */
export async function createSecondRoundSession(options: {
  readonly r1csPath: string;
  readonly partition: Partition;
  readonly signal?: AbortSignal;
}): Promise<SecondRoundSession> {
  const { r1csPath, partition, signal } = options;
  const { ask, close } = await startThread<SecondRoundRequest, boolean | Uint8Array>({
    script: scriptBeside(import.meta.url, 'groth16', 'second-round-worker.js'),
    data: { r1csPath, partition },
    subject: `the second round of ${r1csPath}`,
    doing: 'computing the second round',
    patienceMs: PATIENCE_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  let prepared: Promise<boolean> | undefined;
  return {
    prepare: () => {
      prepared ??= ask('prepare') as Promise<boolean>;
      return prepared;
    },
    solve: (witness, x) => ask({ witness, x }) as Promise<Uint8Array>,
    close,
  };
}
