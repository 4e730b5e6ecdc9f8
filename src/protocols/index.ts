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
 */
export function protocolOf(variant: Variant): Protocol<unknown> {
  return VARIANT_PROTOCOLS[variant] === 'committee' ? opaque(committee) : opaque(istanbul);
}

function opaque<Block>(protocol: Protocol<Block>): Protocol<unknown> {
  return protocol as unknown as Protocol<unknown>;
}
