import { beforeAll, describe, expect, it } from 'vitest';
import { type CommitteeDevnetOptions, createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { BABYJUBJUB_ORDER, BASE8, multiply, negate } from '../../../src/math/babyjubjub.js';
import { BN254_R } from '../../../src/math/field.js';
import {
  blockHashOf,
  type CommitteeBlock,
  TAG_BLOCK,
  TAG_VOTE,
  voteMessage,
} from '../../../src/protocols/committee/block.js';
import { committee } from '../../../src/protocols/committee/index.js';
import { sign } from '../../../src/protocols/committee/signature.js';
import { type CommitteeVerdict, verifyNatively } from '../../../src/protocols/committee/verify.js';
import { packStatement } from '../../../src/statement/packing.js';
import { commitValidatorSet } from '../../../src/statement/set-commitment.js';
import type { ValidatorSet } from '../../../src/statement/types.js';
import { smallOrderPoints } from '../../support/babyjubjub.js';
import { loadOracle, type Oracle } from '../../support/circomlibjs.js';

const base = { seed: 'verify', validators: 4, chainId: 7n } as const;
const create = (options: Partial<CommitteeDevnetOptions> = {}) =>
  createCommitteeDevnet({ ...base, ...options });
const net = create();
const set = net.validatorSet(1);
const { block } = net.block(1);
const verify = (altered: Partial<CommitteeBlock>, trusted: ValidatorSet = set): CommitteeVerdict =>
  verifyNatively({ ...block, ...altered }, trusted);
const refused = (code: string, text = '') => ({ ok: false, code, message: expect.stringContaining(text) });

let oracle: Oracle;
beforeAll(async () => {
  oracle = await loadOracle();
});

describe('blockHashOf, voteMessage', () => {
  it('default: the formulas, with the hash of circomlibjs', () => {
    const { chainId, height, time, parentHash, stateRoot, nextSet, blockHash, round } = block;
    const packed = height * 2n ** 72n + time * 256n + (stateRoot % 256n);
    expect(blockHash).toBe(
      oracle.poseidon([TAG_BLOCK, chainId, packed, parentHash, stateRoot / 256n, nextSet]),
    );
    expect(voteMessage(block)).toBe(
      oracle.poseidon([TAG_VOTE, chainId, height * 2n ** 64n + round, blockHash]),
    );
  });

  it('behavior: every field changes them', () => {
    for (const field of ['chainId', 'height', 'time', 'parentHash', 'stateRoot', 'nextSet'] as const)
      expect(blockHashOf({ ...block, [field]: block[field] + 1n }), field).not.toBe(block.blockHash);
    for (const field of ['chainId', 'height', 'round', 'blockHash'] as const)
      expect(voteMessage({ ...block, [field]: block[field] + 1n }), field).not.toBe(voteMessage(block));
  });
});

describe('verifyNatively', () => {
  it('default: a quorum of the set, and all of it', () => {
    const verdict = verify({});
    expect(verdict).toMatchObject({ ok: true, signedPower: 3n, totalPower: 4n });
    expect(verdict.ok && new Set(verdict.signers).size).toBe(3);
    const all = create({ everybodyVotes: true }).block(1).block;
    expect(verifyNatively(all, set)).toMatchObject({ ok: true, signedPower: 4n });
    expect(verify({ votes: block.votes.toReversed() })).toMatchObject({ ok: true });
  });

  it('behavior: the votes are signatures that circomlibjs accepts', () => {
    for (const { validator, r8, s } of block.votes) {
      const member = set.members.find(({ identity }) => identity === validator)!;
      expect(oracle.verify(voteMessage(block), { r8, s }, member.publicKey)).toBe(true);
      expect(oracle.verify(voteMessage(block) + 1n, { r8, s }, member.publicKey)).toBe(false);
    }
  });

  it('error: each misbehaviour has the code of the rule that it breaks', () => {
    const expected = {
      'missing-votes': ['QUORUM_NOT_REACHED', 'got 2 from 2 of 4'],
      'wrong-height': ['VOTE_OF_OTHER_HEIGHT', 'validator'],
      'duplicate-vote': ['DUPLICATE_VOTE', 'validator'],
      'foreign-vote': ['FOREIGN_VOTE', 'vote 2'],
      'wrong-chain': ['SIGNATURE_INVALID', 'validator'],
      'wrong-round': ['VOTE_OF_OTHER_ROUND', 'round 1'],
      'mixed-rounds': ['VOTE_OF_OTHER_ROUND', 'round 1'],
      'nil-vote': ['NIL_VOTE', 'no block'],
      'forged-signature': ['SIGNATURE_INVALID', 'validator'],
    } as const;
    for (const [misbehaviour, [code, text]] of Object.entries(expected)) {
      const bad = net.block(1, misbehaviour as keyof typeof expected).block;
      expect(verifyNatively(bad, set), misbehaviour).toMatchObject(refused(code, text));
    }
  });

  it('error: exactly 2/3 of the power', () => {
    const chain = create({ validators: 3, everybodyVotes: true });
    const whole = chain.block(1).block;
    const trusted = chain.validatorSet(1);
    expect(verifyNatively(whole, trusted)).toMatchObject({ ok: true });
    const two = { ...whole, votes: whole.votes.slice(0, 2) };
    expect(verifyNatively(two, trusted)).toMatchObject(refused('QUORUM_NOT_REACHED'));
    expect(verifyNatively({ ...whole, votes: [] }, trusted)).toMatchObject(refused('QUORUM_NOT_REACHED'));
  });

  it('behavior: power counts, not heads', () => {
    const chain = create({ powers: [1n, 1n, 1n, (1n << 64n) - 1n], everybodyVotes: true });
    const trusted = chain.validatorSet(1);
    const { votes, ...header } = chain.block(1).block;
    const strong = trusted.members.find(({ power }) => power > 1n)!.identity;
    const alone = votes.filter(({ validator }) => validator === strong);
    const others = votes.filter(({ validator }) => validator !== strong);
    expect(verifyNatively({ ...header, votes: alone }, trusted)).toMatchObject({ ok: true });
    expect(verifyNatively({ ...header, votes: others }, trusted)).toMatchObject(
      refused('QUORUM_NOT_REACHED'),
    );
  });

  it('error: votes of the other block of an equivocation', () => {
    const other = net.block(1, 'equivocation').block;
    expect(verifyNatively(other, set)).toMatchObject({ ok: true });
    expect(verify({ votes: other.votes })).toMatchObject(refused('VOTE_OF_OTHER_BLOCK', 'equivocation'));
    const relabelled = other.votes.map((vote) => ({ ...vote, blockHash: block.blockHash }));
    expect(verify({ votes: relabelled })).toMatchObject(refused('SIGNATURE_INVALID'));
  });

  it('error: another chain, an altered header, another set', () => {
    const chain = create({ chainId: 8n });
    expect(verifyNatively(chain.block(1).block, set)).toMatchObject(refused('CHAIN_MISMATCH', 'chain 8'));
    expect(verify({ height: 2n })).toMatchObject(refused('BLOCK_HASH_MISMATCH'));
    expect(verify({ nextSet: 1n })).toMatchObject(refused('BLOCK_HASH_MISMATCH'));
    expect(verify({}, create({ seed: 'other' }).validatorSet(1))).toMatchObject(
      refused('FOREIGN_VOTE', 'vote 0'),
    );
  });

  it('error: votes that only claim height, round and hash', () => {
    for (const misbehaviour of ['wrong-height', 'wrong-round'] as const) {
      const { height, round, blockHash } = block;
      const votes = net
        .block(1, misbehaviour)
        .block.votes.map((vote) => ({ ...vote, height, round, blockHash }));
      expect(verify({ votes })).toMatchObject(refused('SIGNATURE_INVALID'));
    }
  });

  it('error: R8 off the curve or shifted by a point of small order, s + 1', () => {
    const [first, ...others] = block.votes;
    const off = { x: first!.r8.x, y: (first!.r8.y + 1n) % BN254_R };
    for (const change of [
      { r8: off },
      { r8: { x: 0n, y: 0n } },
      { r8: smallOrderPoints()[3]! },
      { s: first!.s + 1n },
    ])
      expect(verify({ votes: [{ ...first!, ...change }, ...others] })).toMatchObject(
        refused('SIGNATURE_INVALID'),
      );
  });

  it('error: trusted sets that are none', () => {
    const [first, ...others] = set.members;
    const withFirst = (change: object): ValidatorSet => ({
      ...set,
      members: [{ ...first!, ...change }, ...others],
    });
    const torsion = smallOrderPoints()[2]!;
    const eighth = multiply(BASE8, (7n * BABYJUBJUB_ORDER + 1n) / 8n);
    expect(() => verify({}, { ...set, variant: 'qbft' })).toThrow(
      expect.objectContaining({ code: 'VARIANT_MISMATCH' }),
    );
    expect(() => verify({}, { ...set, members: [] })).toThrow(expect.objectContaining({ code: 'SET_EMPTY' }));
    for (const [change, code] of [
      [{ power: 0n }, 'MEMBER_POWER'],
      [{ power: 1n << 64n }, 'MEMBER_POWER'],
      [{ power: -1n }, 'MEMBER_POWER'],
      [{ identity: set.members[1]!.identity }, 'SET_ORDER'],
      [{ publicKey: { x: 0n, y: 0n } }, 'MEMBER_KEY'],
      [{ publicKey: { x: 1n, y: 1n } }, 'MEMBER_KEY'],
      [{ publicKey: torsion }, 'MEMBER_KEY_SUBGROUP'],
      [{ publicKey: eighth }, 'MEMBER_KEY_KNOWN'],
      [{ publicKey: negate(eighth) }, 'MEMBER_KEY_KNOWN'],
      [{ publicKey: set.members[1]!.publicKey }, 'MEMBER_KEY_DUPLICATE'],
    ] as const)
      expect(() => verify({}, withFirst(change)), code).toThrow(expect.objectContaining({ code }));
  });
});

describe('statement', () => {
  it('default: what the block says, of the trusted set', () => {
    const commitment = commitValidatorSet(set);
    const { nextSet, height, time, blockHash, stateRoot } = block;
    const statement = committee.statement(block, set);
    expect(statement).toEqual({
      trustedSet: commitment,
      signingSet: commitment,
      nextSet,
      height,
      time,
      blockHash,
      stateRoot,
    });
    expect(packStatement(statement)).toHaveLength(6);
  });

  it('behavior: an announced set', () => {
    const chain = create({ changes: [{ height: 2, add: [4], remove: [1] }] });
    const announcing = chain.block(1).block;
    expect(committee.statement(announcing, set).nextSet).toBe(commitValidatorSet(chain.validatorSet(2)));
    expect(announcing.announced).toEqual(chain.validatorSet(2));
  });

  it('error: the code of the verdict', () => {
    for (const [misbehaviour, code] of [
      ['missing-votes', 'QUORUM_NOT_REACHED'],
      ['nil-vote', 'NIL_VOTE'],
    ] as const)
      expect(() => committee.statement(net.block(1, misbehaviour as 'missing-votes').block, set)).toThrow(
        expect.objectContaining({ code }),
      );
  });
});

describe('circuitInput', () => {
  it('default: a slot a member, spare slots empty', () => {
    const input = committee.circuitInput(block, set, 8) as { [name: string]: bigint[] };
    expect(input.present).toEqual([1n, 1n, 1n, 1n, 0n, 0n, 0n, 0n]);
    expect(input.signs?.filter((flag) => flag === 1n)).toHaveLength(3);
    expect(input.power?.slice(4)).toEqual([0n, 0n, 0n, 0n]);
    expect(input.identity?.slice(4)).toEqual(Array(4).fill(set.members[3]!.identity));
  });

  it('error: a tier that does not exist, a set larger than the tier, a block that is not final', () => {
    expect(() => committee.circuitInput(block, set, 5)).toThrow(
      expect.objectContaining({ code: 'TIER_RANGE' }),
    );
    const five = create({ validators: 5 });
    expect(() => committee.circuitInput(five.block(1).block, five.validatorSet(1), 4)).toThrow(
      expect.objectContaining({ code: 'SET_TOO_LARGE' }),
    );
    expect(() => committee.circuitInput(net.block(1, 'missing-votes').block, set, 4)).toThrow(
      expect.objectContaining({ code: 'QUORUM_NOT_REACHED' }),
    );
  });
});

describe('sign', () => {
  it('behavior: equal votes are equal signatures', () => {
    const [validator] = net.validators(1);
    expect(sign(validator!.key, 5n)).toEqual(sign(validator!.key, 5n));
    expect(sign(validator!.key, 5n)).not.toEqual(sign(validator!.key, 6n));
  });
});
