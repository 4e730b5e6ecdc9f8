/** The protocol `istanbul`: IBFT 1.0, IBFT 2.0 and QBFT. */
import { UsageError } from '../../statement/errors.js';
import { bytesToInteger } from '../../statement/hash.js';
import { commitValidatorSet } from '../../statement/set-commitment.js';
import type { Statement, ValidatorSet, Variant } from '../../statement/types.js';
import type { Protocol } from '../types.js';
import { createCircuitInput } from './circuit-input.js';
import type { IstanbulVariant } from './extra-data.js';
import type { IstanbulBlock } from './header.js';
import { parse } from './parse.js';
import { type VerifyOptions, verifyNatively } from './verify.js';

/**
 * The facts that a proof of this block attests. Istanbul blocks announce no set: nextSet is 0.
 *
 * @throws {UsageError} The code of the verdict where the block does not pass native verification.
 */
export function statement(
  block: IstanbulBlock,
  trusted: ValidatorSet,
  options: VerifyOptions = {},
): Statement {
  const verdict = verifyNatively(block, trusted, options);
  if (!verdict.ok) throw new UsageError(verdict.code, verdict.message);
  return {
    trustedSet: commitValidatorSet(trusted),
    signingSet: commitValidatorSet(verdict.signingSet),
    nextSet: 0n,
    height: block.number,
    time: block.time,
    blockHash: bytesToInteger(block.hash),
    stateRoot: bytesToInteger(block.stateRoot),
  };
}

export const istanbul: Protocol<IstanbulBlock> = {
  id: 'istanbul',
  parse: (input, options = {}) => {
    const variant = istanbulVariant(options.variant);
    return parse(input, variant === undefined ? {} : { variant });
  },
  verifyNatively,
  statement,
  circuitInput: (block, trusted, tier, options = {}) =>
    createCircuitInput(block, statement(block, trusted, options), trusted, tier, options),
};

function istanbulVariant(variant: Variant | undefined): IstanbulVariant | undefined {
  if (variant !== 'committee') return variant;
  throw new UsageError(
    'VARIANT_MISMATCH',
    'variant: expected ibft1, ibft2 or qbft, got committee. Use the protocol committee.',
  );
}
