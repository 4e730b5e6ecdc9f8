/** What the embedded networks of all protocols share: who sits in the set of a height, and the checks of options. */
import { UsageError } from '../statement/errors.js';
import type { Member } from '../statement/types.js';
import type { DevnetOptions } from './types.js';

/** Seconds from one block to the next. */
export const BLOCK_PERIOD_SECONDS = 2n;
/** Unix seconds of block 0 where the options say nothing. */
export const DEFAULT_GENESIS_TIME = 1_700_000_000n;
/** Validators of one network; blocks stay far below the largest that is read. */
export const MAX_VALIDATORS = 512;

const MAX_HEIGHT = 100_000;

/** Settings that every network has. */
export type CommonSettings = Required<DevnetOptions> & { readonly genesisTime: bigint };

/** A rule in words and whether the options keep it. */
export type Rule = readonly [words: string, holds: boolean];

/** Numbers of the validators that seal a height, in the order they joined. */
export function numbersAt({ validators, changes }: CommonSettings, height: number): readonly number[] {
  const numbers = new Set(Array.from({ length: validators }, (_, i) => i));
  for (const change of changes) {
    if (change.height > height) break;
    for (const number of change.remove ?? []) numbers.delete(number);
    for (const number of change.add ?? []) numbers.add(number);
  }
  return [...numbers];
}

/** In the order of a set: identities ascending. */
export function sortValidators<Validator extends { readonly member: Member }>(
  validators: readonly Validator[],
): readonly Validator[] {
  return validators.toSorted((a, b) => (a.member.identity < b.member.identity ? -1 : 1));
}

/** @throws {UsageError} `DEVNET_HEIGHT`. */
export function checkHeight(height: number): number {
  if (inRange(height, 0, MAX_HEIGHT)) return height;
  throw new UsageError('DEVNET_HEIGHT', `height: expected an integer in [0, ${MAX_HEIGHT}], got ${height}.`);
}

/** Whether a value is an integer in [from, to]. */
export function inRange(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}

/**
 * Checks the settings that all networks have, then a protocol's own rules.
 *
 * @param firstChange - First height at which the set may change, with the reason in words.
 * @throws {UsageError} `DEVNET_OPTIONS` naming the first rule that is broken.
 */
export function checkSettings(
  settings: CommonSettings,
  firstChange: { readonly height: number; readonly words: string },
  own: readonly Rule[],
): void {
  const { validators, chainId, genesisTime, seed, changes } = settings;
  const rules: readonly Rule[] = [
    [`validators in [1, ${MAX_VALIDATORS}]`, inRange(validators, 1, MAX_VALIDATORS)],
    ['chainId in [0, 2^64)', chainId >= 0n && chainId < 1n << 64n],
    ['genesisTime in [0, 2^63)', genesisTime >= 0n && genesisTime < 1n << 63n],
    ['a seed without the character U+0000', !seed.includes('\0')],
    [
      `changes at ascending heights from ${firstChange.words}`,
      changes.every(({ height }, i) =>
        inRange(height, (changes[i - 1]?.height ?? firstChange.height - 1) + 1, MAX_HEIGHT),
      ),
    ],
    [
      `changes that leave 1 to ${MAX_VALIDATORS} validators`,
      changes.every(({ height }) => inRange(numbersAt(settings, height).length, 1, MAX_VALIDATORS)),
    ],
    ...own,
  ];
  for (const [rule, holds] of rules)
    if (!holds)
      throw new UsageError('DEVNET_OPTIONS', `embedded network: expected ${rule}. Change the options.`);
}
