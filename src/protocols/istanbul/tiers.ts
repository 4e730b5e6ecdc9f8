/** Tiers of the Istanbul circuits and the longest headers they take. */
import { UsageError } from '../../statement/errors.js';

/** Keccak-256 absorbs so many bytes a permutation. */
export const KECCAK_RATE_BYTES = 136;

/** Keccak blocks of the longest header of a tier: 815 bytes at tier 4, 951 at 8, 1,087 at 16, 1,495 at 32. */
const HEADER_KECCAK_BLOCKS: { readonly [tier: number]: number } = { 4: 6, 8: 7, 16: 8, 32: 11 };

/** Tiers with a circuit. */
export const ISTANBUL_TIERS: readonly number[] = Object.keys(HEADER_KECCAK_BLOCKS).map(Number);

/**
 * Longest header, as hashed, that a tier's circuit takes: its Keccak blocks less one byte of padding.
 *
 * @throws {UsageError} `TIER_RANGE`.
 */
export function maxHeaderBytes(tier: number): number {
  const blocks = HEADER_KECCAK_BLOCKS[tier];
  if (blocks === undefined)
    throw new UsageError(
      'TIER_RANGE',
      `tier: expected one of ${ISTANBUL_TIERS.join(', ')}, got ${tier}. See \`zkfinality circuits\`.`,
    );
  return KECCAK_RATE_BYTES * blocks - 1;
}

/** Keccak blocks from the one that holds the round to the header's last that the QBFT circuits take (`DigestsQbft`). */
export const QBFT_TAIL_BLOCKS = 3;
