/**
 * Lets a withdrawal through only once its block is final.
 *
 * The service knows each withdrawal from its own node: chain, block, recipient, amount. What it cannot know from there is
 * whether the block will stay. A finality proof settles that, and whoever wants the money brings it. The gate believes
 * nothing else that a request says: every field must equal the service's own record, and each withdrawal leaves once.
 *
 * Order of the checks: cheap ones first, the pairing last, the claim after everything else.
 */
import { type FinalityOptions, verifyFinality } from 'zkfinality/verify';
import type { ReleaseJournal } from './journal.js';

/** A withdrawal as the service's own node saw it. */
export type Withdrawal = {
  readonly id: string;
  readonly chainId: bigint;
  /** Height and hash of the block that contains it. */
  readonly height: bigint;
  readonly blockHash: bigint;
  readonly recipient: string;
  /** Smallest units. */
  readonly amount: bigint;
};

/** What a request says about itself, beside its proof. */
export type ReleaseRequest = {
  readonly chainId: bigint;
  readonly blockHash: bigint;
  readonly recipient: string;
  readonly amount: bigint;
  /** A finality proof as `JSON.parse` gave it; nothing about it is trusted. */
  readonly proof: unknown;
};

export type Decision =
  | { readonly ok: true; readonly withdrawal: Withdrawal }
  | { readonly ok: false; readonly code: string; readonly message: string };

export type Gate = {
  /**
   * Decides, and claims the withdrawal if the answer is yes: the same one is never let through twice, not even by another
   * process or after a crash. Who gets a yes pays.
   */
  readonly release: (id: string, request: ReleaseRequest) => Decision;
};

/**
 * Opens a gate.
 *
 * @param options.trust - Anchor, manifest and keys; the anchor is required and its chain is the only one served.
 * @param options.withdrawals - By id, from the service's own node.
 * @param options.journal - Remembers what was let through.
 */
export function openGate(options: {
  readonly trust: FinalityOptions & Required<Pick<FinalityOptions, 'anchor' | 'manifest'>>;
  readonly withdrawals: ReadonlyMap<string, Withdrawal>;
  readonly journal: ReleaseJournal;
}): Gate {
  const { trust, withdrawals, journal } = options;

  const release = (id: string, request: ReleaseRequest): Decision => {
    const withdrawal = withdrawals.get(id);
    if (withdrawal === undefined)
      return refuse('WITHDRAWAL_UNKNOWN', 'no such withdrawal. Wait until our node has seen its block.');
    if (journal.has(id)) return released(id);
    const differing = differingField(withdrawal, request);
    if (differing !== undefined)
      return refuse(
        'WITHDRAWAL_MISMATCH',
        `${differing}: expected ${withdrawal[differing]}, got ${request[differing]}. Send the withdrawal as it stands on chain.`,
      );
    if (withdrawal.chainId !== trust.anchor.chainId)
      return refuse(
        'CHAIN_NOT_SERVED',
        `chain ${withdrawal.chainId} is not the one this service has an anchor for.`,
      );

    const verdict = verifyFinality(request.proof, trust);
    if (!verdict.ok) return refuse(verdict.code, verdict.message);
    // The proof is valid, of this chain, by these validators. It must also be of this block and no other.
    const { statement } = verdict;
    if (statement.blockHash !== withdrawal.blockHash || statement.height !== withdrawal.height)
      return refuse(
        'BLOCK_MISMATCH',
        `the proof is of block ${statement.height}, the withdrawal is in block ${withdrawal.height}, or their hashes differ. Prove the withdrawal's own block.`,
      );
    return journal.claim(id) ? { ok: true, withdrawal } : released(id);
  };
  return { release };
}

function differingField(
  withdrawal: Withdrawal,
  request: ReleaseRequest,
): 'chainId' | 'blockHash' | 'recipient' | 'amount' | undefined {
  return (['chainId', 'blockHash', 'recipient', 'amount'] as const).find(
    (field) => withdrawal[field] !== request[field],
  );
}

function released(id: string): Decision {
  return refuse('ALREADY_RELEASED', `withdrawal ${id} was let through before. It is paid once.`);
}

function refuse(code: string, message: string): Decision {
  return { ok: false, code, message };
}
