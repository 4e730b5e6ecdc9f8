import { describe, expect, it } from 'vitest';
import { smallestGroups } from '../../src/cli/groups.js';
import type { ValidatorSet, Variant } from '../../src/statement/types.js';

const set = (variant: Variant, powers: readonly bigint[]): ValidatorSet => ({
  variant,
  chainId: 1n,
  members: powers.map((power, i) => ({ identity: BigInt(i + 1), power, publicKey: { x: 1n, y: 2n } })),
});

describe('smallestGroups', () => {
  it.each([
    [1, { halt: 1, finalise: 1 }],
    [3, { halt: 2, finalise: 2 }],
    [4, { halt: 2, finalise: 3 }],
    [5, { halt: 2, finalise: 4 }],
    [7, { halt: 3, finalise: 5 }],
  ])('default: %i members with ⌈2N/3⌉ seals', (size, groups) => {
    expect(smallestGroups(set('qbft', Array(size).fill(1n)))).toEqual(groups);
  });

  it('behavior: exactly two thirds of the power are no committee quorum', () => {
    expect(smallestGroups(set('committee', [1n, 1n, 1n]))).toEqual({ halt: 1, finalise: 3 });
  });

  it('behavior: one member with most of the power halts and finalises alone', () => {
    expect(smallestGroups(set('committee', [1n, 7n, 1n]))).toEqual({ halt: 1, finalise: 1 });
  });
});
