/** Embedded development networks of every protocol. */
import type { Variant } from '../statement/types.js';
import { createCommitteeDevnet } from './committee.js';
import { createIstanbulDevnet } from './istanbul.js';
import type { Devnet, DevnetOptions } from './types.js';

export { createCommitteeDevnet } from './committee.js';
export { createIstanbulDevnet } from './istanbul.js';
export {
  type Devnet,
  type DevnetBlock,
  type DevnetOptions,
  MISBEHAVIOURS,
  type Misbehaviour,
} from './types.js';

/**
 * Creates a network of any variant.
 *
 * @throws {UsageError} `DEVNET_OPTIONS`.
 */
export function createDevnet(variant: Variant, options: DevnetOptions): Devnet<unknown> {
  return variant === 'committee'
    ? createCommitteeDevnet(options)
    : createIstanbulDevnet({ ...options, variant });
}
