import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { ISTANBUL_VARIANTS } from '../../../src/protocols/istanbul/extra-data.js';
import { createRegistrationInput } from '../../../src/protocols/istanbul/registration.js';
import { commitValidatorSet } from '../../../src/statement/set-commitment.js';
import type { Member, ValidatorSet } from '../../../src/statement/types.js';
import { codeOf } from '../../support/istanbul.js';

const network = (validators: number) =>
  createIstanbulDevnet({
    variant: 'qbft',
    seed: 'registration',
    validators,
    chainId: 1337n,
    changes: [{ height: 5, add: [validators], remove: [0] }],
  });
const full = network(3).validatorSet(1);
const unknown: Member['publicKey'] = { x: 0n, y: 0n };

const withKeys = (set: ValidatorSet, known: readonly boolean[]): ValidatorSet => ({
  ...set,
  members: set.members.map((member, i) => (known[i] ? member : { ...member, publicKey: unknown })),
});
const withMember = (set: ValidatorSet, index: number, change: Partial<Member>): ValidatorSet => ({
  ...set,
  members: set.members.map((member, i) => (i === index ? { ...member, ...change } : member)),
});
const none = withKeys(full, []);

describe('createRegistrationInput', () => {
  it('default: both commitments, the members once, zeros behind them', () => {
    const some = withKeys(full, [true, false, true]);
    const old = withKeys(full, [false, false, true]);
    const input = createRegistrationInput(old, some, 4);
    expect(input).toMatchObject({
      oldSet: commitValidatorSet(old),
      newSet: commitValidatorSet(some),
      variant: 4n,
      chainId: 1337n,
      active: [1n, 1n, 1n, 0n],
      identity: [...full.members.map((member) => member.identity), 0n],
      known: [1n, 0n, 1n, 0n],
      wasKnown: [0n, 0n, 1n, 0n],
    });
    const [first, second, , fourth] = input.key as bigint[][];
    expect(first![0]! + (first![1]! << 128n)).toBe(full.members[0]!.publicKey.x);
    expect(first![2]! + (first![3]! << 128n)).toBe(full.members[0]!.publicKey.y);
    expect(second).toEqual([0n, 0n, 0n, 0n]);
    expect(fourth).toEqual([0n, 0n, 0n, 0n]);
    expect(Object.keys(input).length).toBe(9);
  });

  it.each(ISTANBUL_VARIANTS)('default: sets of %s', (variant) => {
    const set = { ...full, variant };
    expect(createRegistrationInput(withKeys(set, []), set, 8).newSet).toBe(commitValidatorSet(set));
  });

  it('behavior: nothing new, and no key at all, may be registered', () => {
    expect(codeOf(() => createRegistrationInput(full, full, 4))).toBeUndefined();
    expect(codeOf(() => createRegistrationInput(none, none, 4))).toBeUndefined();
  });

  const other = full.members[1]!.publicKey;
  it.each<[string, string, ValidatorSet, ValidatorSet, number]>([
    ['a tier without circuit', 'TIER_RANGE', none, full, 5],
    [
      'more members than the tier',
      'SET_TOO_LARGE',
      network(5).validatorSet(1),
      network(5).validatorSet(1),
      4,
    ],
    ['committee sets', 'REGISTER_PROTOCOL', { ...none, variant: 'committee' }, full, 4],
    ['another variant', 'REGISTER_SETS_DIFFER', { ...none, variant: 'ibft2' }, full, 4],
    ['another chain', 'REGISTER_SETS_DIFFER', { ...none, chainId: 1n }, full, 4],
    ['a member fewer', 'REGISTER_SETS_DIFFER', { ...none, members: none.members.slice(1) }, full, 4],
    ['another member', 'REGISTER_SETS_DIFFER', withKeys(network(3).validatorSet(5), []), full, 4],
    ['another power', 'REGISTER_SETS_DIFFER', withMember(none, 0, { power: 2n }), full, 4],
    ['a known key removed', 'REGISTER_KEY_REPLACED', full, withKeys(full, [true, true]), 4],
    ['a key of another member', 'MEMBER_KEY_ADDRESS', none, withMember(full, 0, { publicKey: other }), 4],
    [
      'a foreign key in the old set',
      'MEMBER_KEY_ADDRESS',
      withMember(full, 0, { publicKey: other }),
      full,
      4,
    ],
    ['a point off the curve', 'MEMBER_KEY', none, withMember(full, 0, { publicKey: { x: 1n, y: 1n } }), 4],
    [
      'unsorted members',
      'SET_ORDER',
      { ...none, members: none.members.toReversed() },
      { ...full, members: full.members.toReversed() },
      4,
    ],
    ['an empty set', 'SET_EMPTY', { ...none, members: [] }, { ...full, members: [] }, 4],
  ])('error: %s: %s', (_, code, oldSet, newSet, tier) => {
    expect(codeOf(() => createRegistrationInput(oldSet, newSet, tier))).toBe(code);
  });
});
