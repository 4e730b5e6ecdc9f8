/**
 * Lets a withdrawal through only where the bridge granted it in a final block.
 *
 * The gate believes nobody: not the user, not a node, not a record of its own. Three things lead from its trust anchor to a payment:
 *
 *     anchor ─► light client: finality proofs and registrations ─► hash of a final block
 *            ─► headers and a Merkle proof against it            ─► receipt of a transaction
 *            ─► an event of the bridge in it                     ─► who gets how much
 *
 * and the journal, which lets each withdrawal out once. Two final blocks of one height freeze the light client, and then nothing leaves.
 *
 * Order of the checks: cheap ones first, the claim after everything else. Nothing waits between the first and the last.
 */
import type { LightClient, LightClientResult } from 'zkfinality/verify';
import { verifyReceipt } from 'zkfinality/verify/inclusion';
import { readWithdrawal, type Withdrawal } from './bridge-event.js';
import type { ReleaseJournal } from './journal.js';

export type ReleaseRequest = {
  /** Height of a final block that the light client has accepted: that of the withdrawal, or one that builds on it. */
  readonly finalHeight: bigint;
  /** Place of the event among those of its transaction. */
  readonly logIndex: number;
  /** A receipt proof as `JSON.parse` gave it; nothing about it is trusted. */
  readonly proof: unknown;
};

export type Decision =
  | {
      readonly ok: true;
      readonly withdrawal: Withdrawal;
      /** The block with the event. */
      readonly height: bigint;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

export type Gate = {
  /** Takes a finality proof or a registration: the chain goes on. Anyone may bring one. */
  readonly follow: (document: unknown) => Promise<LightClientResult>;
  /**
   * Decides, and claims the withdrawal if the answer is yes: the same one is never let through twice, not even by another
   * process or after a crash. Who gets a yes pays.
   */
  readonly release: (request: ReleaseRequest) => Decision;
};

/**
 * Opens a gate.
 *
 * @param options.client - Follows the chain of the bridge. Its state is this gate's alone.
 * @param options.bridge - Address of the bridge contract on that chain.
 * @param options.journal - Remembers what was let through.
 */
export function openGate(options: {
  readonly client: LightClient;
  readonly bridge: bigint;
  readonly journal: ReleaseJournal;
}): Gate {
  const { client, bridge, journal } = options;
  /** Whether the client failed to save what it was shown last: it may have been a conflict. */
  let isUnsure = false;

  const follow = async (document: unknown): Promise<LightClientResult> => {
    try {
      const result = await client.update(document);
      isUnsure = false;
      return result;
    } catch (error) {
      isUnsure = true;
      throw error;
    }
  };

  const release = ({ finalHeight, logIndex, proof }: ReleaseRequest): Decision => {
    const { accepted, anchor, conflict } = client.state;
    if (conflict !== undefined)
      return refuse(
        'CLIENT_FROZEN',
        `two blocks of height ${conflict.statement.height} were proved final. Nothing leaves until people have looked at it.`,
      );
    if (isUnsure)
      return refuse(
        'STATE_NOT_SAVED',
        'the light client could not save its state. Nothing leaves until it has saved one again.',
      );
    const final = accepted.find(({ statement }) => statement.height === finalHeight)?.statement;
    if (final === undefined)
      return refuse(
        'BLOCK_NOT_FINAL',
        `block ${finalHeight} is not among the final blocks that are kept: ${accepted.map(({ statement }) => statement.height).join(', ') || 'none yet'}. Bring a finality proof, or name a later block.`,
      );
    const included = verifyReceipt(proof, final);
    if (!included.ok) return included;
    const log = included.receipt.logs[logIndex];
    if (log === undefined)
      return refuse(
        'EVENT_MISSING',
        `the transaction left ${included.receipt.logs.length} events, number ${logIndex} is none of them.`,
      );
    // Anyone can write a contract with such an event. Only those of the bridge count.
    if (log.address !== bridge)
      return refuse('EVENT_OF_OTHER_CONTRACT', 'the event is of another contract than the bridge.');
    const withdrawal = readWithdrawal(log);
    if (withdrawal === undefined) return refuse('EVENT_OF_OTHER_KIND', 'the event is not a withdrawal.');
    const name = `${anchor.chainId}-${bridge.toString(16).padStart(40, '0')}-${withdrawal.id}`;
    if (!journal.claim(name))
      return refuse(
        'ALREADY_RELEASED',
        `withdrawal ${withdrawal.id} was let through before. It is paid once.`,
      );
    return { ok: true, withdrawal, height: included.height };
  };
  return { follow, release };
}

function refuse(code: string, message: string): Decision {
  return { ok: false, code, message };
}
