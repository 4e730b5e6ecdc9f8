/** The protocol `committee`: weighted EdDSA votes over BabyJubjub, sets that change by announcement. */
import { UsageError } from '../../statement/errors.js';
import { commitValidatorSet } from '../../statement/set-commitment.js';
import type { Statement, ValidatorSet } from '../../statement/types.js';
import type { Protocol } from '../types.js';
import type { CommitteeBlock } from './block.js';
import { createCircuitInput } from './circuit-input.js';
import { parse } from './parse.js';
import { verifyNatively } from './verify.js';

/**
 * The facts that a proof of this block attests. Trusted and signing set are the same.
 *
 * @throws {UsageError} The code of the verdict where the block does not pass native verification.
 */
export function statement(block: CommitteeBlock, trusted: ValidatorSet): Statement {
  const verdict = verifyNatively(block, trusted);
  if (!verdict.ok) throw new UsageError(verdict.code, verdict.message);
  const set = commitValidatorSet(trusted);
  return {
    trustedSet: set,
    signingSet: set,
    nextSet: block.nextSet,
    height: block.height,
    time: block.time,
    blockHash: block.blockHash,
    stateRoot: block.stateRoot,
  };
}

export const committee: Protocol<CommitteeBlock> = {
  id: 'committee',
  parse: (input, options = {}) => {
    if (options.variant !== undefined && options.variant !== 'committee')
      throw new UsageError(
        'VARIANT_MISMATCH',
        `variant: expected committee, got ${options.variant}. Use the protocol istanbul.`,
      );
    return parse(input);
  },
  verifyNatively: (block, trusted) => verifyNatively(block, trusted),
  statement: (block, trusted) => statement(block, trusted),
  circuitInput: (block, trusted, tier) => createCircuitInput(block, statement(block, trusted), trusted, tier),
};
