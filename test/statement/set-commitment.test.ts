import { beforeAll, describe, expect, it } from 'vitest';
import { COORDINATE_MODULUS, FIELD_MODULUS } from '../../src/statement/curve.js';
import {
  addressOfKey,
  assertValidatorSet,
  commitValidatorSet,
  hasQuorum,
  quorumRule,
} from '../../src/statement/set-commitment.js';
import type { Member, ValidatorSet } from '../../src/statement/types.js';
import { istanbulSet } from '../verify/support.js';
import { circomlibPoseidon, commitByFormula, committeeSet, istanbulSetWithUnknown } from './vectors.js';

const istanbul = istanbulSet();
const unknown = { x: 0n, y: 0n };

const withMember = (set: ValidatorSet, index: number, changes: Partial<Member>): ValidatorSet => ({
  ...set,
  members: set.members.map((member, i) => (i === index ? { ...member, ...changes } : member)),
});

const refusal = (set: ValidatorSet): string => {
  try {
    commitValidatorSet(set);
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('commitValidatorSet', () => {
  let poseidon: (inputs: readonly bigint[]) => bigint;
  beforeAll(async () => {
    poseidon = await circomlibPoseidon();
  });

  it('default: equals the formula over circomlibjs, for every variant and size', () => {
    const sets = [committeeSet, istanbulSetWithUnknown];
    for (const variant of ['ibft1', 'ibft2', 'qbft'] as const)
      for (const size of [1, 2, 7]) {
        const keys = Array.from({ length: size }, (_, i) => BigInt(i + 1));
        sets.push({ ...istanbulSet(keys), variant });
      }
    sets.push({ ...committeeSet, members: committeeSet.members.slice(0, 1) });
    for (const set of sets) expect(commitValidatorSet(set)).toBe(commitByFormula(set, poseidon));
  });

  it('behavior: every part of a set changes it', () => {
    const commitments = [
      istanbul,
      { ...istanbul, chainId: istanbul.chainId + 1n },
      { ...istanbul, variant: 'ibft2' as const },
      { ...istanbul, members: istanbul.members.slice(1) },
      istanbulSet([11n, 12n, 13n, 15n]),
      withMember(istanbul, 1, { publicKey: unknown }),
    ].map(commitValidatorSet);
    expect(new Set(commitments).size).toBe(commitments.length);
    expect(commitValidatorSet(withMember(committeeSet, 0, { power: 1n }))).not.toBe(
      commitValidatorSet(committeeSet),
    );
    expect(commitValidatorSet(withMember(committeeSet, 0, { identity: 0n }))).not.toBe(
      commitValidatorSet(committeeSet),
    );
  });

  it.each<[string, ValidatorSet, string]>([
    ['no member', { ...istanbul, members: [] }, 'SET_EMPTY'],
    ['members out of order', { ...istanbul, members: istanbul.members.toReversed() }, 'SET_ORDER'],
    ['a member twice', { ...istanbul, members: [istanbul.members[0]!, ...istanbul.members] }, 'SET_ORDER'],
    ['identity of 161 bits', withMember(committeeSet, 1, { identity: 2n ** 160n }), 'MEMBER_IDENTITY'],
    ['negative identity', withMember(committeeSet, 0, { identity: -1n }), 'MEMBER_IDENTITY'],
    ['power 0', withMember(committeeSet, 0, { power: 0n }), 'MEMBER_POWER'],
    ['negative power', withMember(committeeSet, 0, { power: -1n }), 'MEMBER_POWER'],
    ['power 2^64', withMember(committeeSet, 0, { power: 2n ** 64n }), 'MEMBER_POWER'],
    ['Istanbul power 2', withMember(istanbul, 0, { power: 2n }), 'MEMBER_POWER'],
    ['unknown key in a committee', withMember(committeeSet, 0, { publicKey: unknown }), 'MEMBER_KEY'],
    ['BabyJubjub identity point', withMember(committeeSet, 0, { publicKey: { x: 0n, y: 1n } }), 'MEMBER_KEY'],
    [
      'BabyJubjub point of order 2',
      withMember(committeeSet, 0, { publicKey: { x: 0n, y: FIELD_MODULUS - 1n } }),
      'MEMBER_KEY',
    ],
    [
      'BabyJubjub x + r',
      withMember(committeeSet, 0, {
        publicKey: {
          ...committeeSet.members[0]!.publicKey,
          x: committeeSet.members[0]!.publicKey.x + FIELD_MODULUS,
        },
      }),
      'MEMBER_KEY',
    ],
    ['key off secp256k1', withMember(istanbul, 0, { publicKey: { x: 1n, y: 1n } }), 'MEMBER_KEY'],
    [
      'key of another member',
      withMember(istanbul, 0, { publicKey: istanbul.members[1]!.publicKey }),
      'MEMBER_KEY_ADDRESS',
    ],
    [
      'committee key twice',
      withMember(committeeSet, 1, { publicKey: committeeSet.members[0]!.publicKey }),
      'MEMBER_KEY_DUPLICATE',
    ],
    ['chain id 2^64', { ...istanbul, chainId: 2n ** 64n }, 'CHAIN_ID_RANGE'],
    ['negative chain id', { ...istanbul, chainId: -1n }, 'CHAIN_ID_RANGE'],
    ['unknown variant', { ...istanbul, variant: 'toString' as 'qbft' }, 'VARIANT_UNKNOWN'],
  ])('error: %s', (_, set, code) => {
    expect(refusal(set)).toBe(code);
  });

  it('behavior: several members may have unknown keys', () => {
    const set = withMember(withMember(istanbul, 0, { publicKey: unknown }), 3, { publicKey: unknown });
    expect(() => assertValidatorSet(set)).not.toThrow();
  });
});

describe('addressOfKey', () => {
  it('default: the address of secret key 1', () => {
    const generator = {
      x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
      y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
    };
    expect(addressOfKey(generator)).toBe(0x7e5f4552091a69125d5dfcb7b8c2659029395bdfn);
  });

  it('error: a coordinate beyond 256 bits', () => {
    expect(() => addressOfKey({ x: 2n ** 256n, y: 0n })).toThrow(
      expect.objectContaining({ code: 'NUMBER_RANGE' }),
    );
    expect(COORDINATE_MODULUS).toBeLessThan(2n ** 256n);
  });
});

describe('hasQuorum', () => {
  it('default: power rule is strict, exactly two thirds is not enough', () => {
    const count = (signedPower: bigint, total: bigint) =>
      hasQuorum(1, { signedPower, totalPower: total, signers: 1, members: 1 });
    expect(count(2n, 3n)).toBe(false);
    expect(count(3n, 4n)).toBe(true);
    expect(count(6n, 9n)).toBe(false);
    expect(count(7n, 9n)).toBe(true);
    expect(count(0n, 0n)).toBe(false);
    expect(count(2n * 2n ** 64n, 3n * 2n ** 64n)).toBe(false);
    expect(count(2n * 2n ** 64n + 1n, 3n * 2n ** 64n)).toBe(true);
  });

  it('default: seal rule is the ceiling of two thirds for every size up to 256', () => {
    for (let members = 1; members <= 256; members++)
      for (const signers of [0, Math.ceil((2 * members) / 3) - 1, Math.ceil((2 * members) / 3), members])
        expect(hasQuorum(2, { signedPower: 0n, totalPower: BigInt(members), signers, members })).toBe(
          signers >= Math.ceil((2 * members) / 3),
        );
    expect(hasQuorum(2, { signedPower: 0n, totalPower: 0n, signers: 0, members: 0 })).toBe(false);
  });

  it('behavior: each variant has its rule', () => {
    expect((['committee', 'ibft1', 'ibft2', 'qbft'] as const).map(quorumRule)).toEqual([1, 2, 2, 2]);
  });
});
