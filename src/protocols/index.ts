/** The protocols that there are, and how a block of any of them is described. */
import { VARIANT_PROTOCOLS } from '../statement/set-commitment.js';
import type { Variant } from '../statement/types.js';
import { committee } from './committee/index.js';
import { istanbul } from './istanbul/index.js';
import type { Protocol } from './types.js';

export type { ParseOptions, Protocol, TrustOptions, Verdict } from './types.js';

/**
 * The protocol of a variant.
 *
 * Blocks pass from one of its functions to another only, so their type stays hidden.
 *
 * @example
 * ```ts
 * import { protocolOf } from 'zkfinality';
 * import { createDevnet } from 'zkfinality/devnet';
 *
 * const network = createDevnet('ibft2', { seed: 'a', validators: 4, chainId: 1337n });
 * const protocol = protocolOf('ibft2');
 * const block = protocol.parse(network.block(5).text, { variant: 'ibft2' });
 * console.log(protocol.statement(block, network.validatorSet(5)).height); // 5n
 * ```
 */
export function protocolOf(variant: Variant): Protocol<unknown> {
  return VARIANT_PROTOCOLS[variant] === 'committee' ? opaque(committee) : opaque(istanbul);
}

function opaque<Block>(protocol: Protocol<Block>): Protocol<unknown> {
  return protocol as unknown as Protocol<unknown>;
}
