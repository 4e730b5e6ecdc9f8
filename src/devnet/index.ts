/**
 * Embedded development networks of every protocol.
 *
 * @module
 * @example
 * ```ts
 * import { createDevnet } from 'zkfinality/devnet';
 * import { protocolOf } from 'zkfinality';
 *
 * const network = createDevnet('qbft', { seed: 'a', validators: 4, chainId: 1337n });
 * const { verifyNatively } = protocolOf(network.variant);
 * const verdict = (misbehaviour?: 'missing-votes') =>
 *   verifyNatively(network.block(3, misbehaviour).block, network.validatorSet(3));
 * console.log(verdict().ok); // true
 * const bad = verdict('missing-votes');
 * console.log(bad.ok || bad.code); // TOO_FEW_SEALS
 * ```
 */
import type { Variant } from '../statement/types.js';
import { createCommitteeDevnet } from './committee.js';
import { createIstanbulDevnet } from './istanbul.js';
import type { Devnet, DevnetOptions } from './types.js';

export {
  type CommitteeDevnet,
  type CommitteeDevnetOptions,
  type CommitteeMisbehaviour,
  type CommitteeValidator,
  createCommitteeDevnet,
} from './committee.js';
export { createIstanbulDevnet, type IstanbulDevnet, type IstanbulDevnetOptions } from './istanbul.js';
export {
  type Devnet,
  type DevnetBlock,
  type DevnetOptions,
  MISBEHAVIOURS,
  type Misbehaviour,
  type SetChange,
} from './types.js';

/**
 * Creates a network of any variant.
 *
 * @throws {UsageError} `DEVNET_OPTIONS`.
 * @example
 * ```ts
 * import { createDevnet } from 'zkfinality/devnet';
 * import { protocolOf } from 'zkfinality';
 *
 * const network = createDevnet('qbft', { seed: 'a', validators: 4, chainId: 1337n });
 * const { verifyNatively } = protocolOf(network.variant);
 * const verdict = (misbehaviour?: 'missing-votes') =>
 *   verifyNatively(network.block(3, misbehaviour).block, network.validatorSet(3));
 * console.log(verdict().ok); // true
 * const bad = verdict('missing-votes');
 * console.log(bad.ok || bad.code); // TOO_FEW_SEALS
 * ```
 */
export function createDevnet(variant: Variant, options: DevnetOptions): Devnet<unknown> {
  return variant === 'committee'
    ? createCommitteeDevnet(options)
    : createIstanbulDevnet({ ...options, variant });
}
