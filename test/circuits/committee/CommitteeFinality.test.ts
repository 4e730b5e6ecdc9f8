import { beforeAll, describe, expect, it } from 'vitest';
import { circuitById } from '../../../src/build/registry.js';
import { type CommitteeDevnetOptions, createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { BABYJUBJUB_ORDER } from '../../../src/math/babyjubjub.js';
import { BN254_R as P } from '../../../src/math/field.js';
import { TAG_BLOCK, TAG_VOTE, voteMessage } from '../../../src/protocols/committee/block.js';
import { committee } from '../../../src/protocols/committee/index.js';
import { sign } from '../../../src/protocols/committee/signature.js';
import { packStatement } from '../../../src/statement/packing.js';
import { commitValidatorSet, TAG_SET } from '../../../src/statement/set-commitment.js';
import type { ValidatorSet } from '../../../src/statement/types.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { type CommitteeInput, claimOf, commitAnything, inputOf, patch } from '../../support/committee.js';
import { compile, expectRejection, expectWitness } from '../../support/reject.js';

const base = { seed: 'committee circuit', validators: 4, chainId: 7n } as const;
const create = (options: Partial<CommitteeDevnetOptions> = {}) =>
  createCommitteeDevnet({ ...base, ...options });
const MAX_POWER = (1n << 64n) - 1n;

describe('CommitteeFinality(4)', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    const spec = circuitById('committee-4');
    circuit = await compileCircuit(spec.mainSource, { level: spec.level });
  });
  const accepts = (input: CommitteeInput) => expectWitness(circuit, input);
  const rejects = (input: CommitteeInput, template: string) => expectRejection(circuit, input, template);
  const net = create();
  const set = net.validatorSet(1);
  const honest = inputOf(net.block(1).block, set, 4);
  const signers = (honest.signs as readonly bigint[]).flatMap((flag, slot) => (flag === 1n ? [slot] : []));
  const silent = (honest.signs as readonly bigint[]).indexOf(0n);

  it('accepts: sets of one to four members; the public inputs are the packed statement', async () => {
    for (const validators of [1, 2, 3, 4]) {
      const chain = create({ validators });
      const trusted = chain.validatorSet(1);
      const { block } = chain.block(1);
      const witness = await accepts(committee.circuitInput(block, trusted, 4) as CommitteeInput);
      expect(witness.slice(1, 7)).toEqual(packStatement(committee.statement(block, trusted)));
      expect(witness[1]).toBe(commitValidatorSet(trusted));
    }
  });

  it('accepts: the largest powers, heights, times, rounds and chain ids', async () => {
    const chain = create({
      chainId: MAX_POWER,
      powers: Array<bigint>(4).fill(MAX_POWER),
      round: (1n << 32n) - 1n,
      genesisTime: (1n << 63n) - 1n,
    });
    const trusted = chain.validatorSet(1);
    const [voter] = chain.validators(1);
    await accepts(inputOf(chain.block(1).block, trusted, 4));
    expect(voter?.member.power).toBe(MAX_POWER);
  });

  it('accepts: one member with more than 2/3 of the power alone', async () => {
    const chain = create({ powers: [1n, 1n, 1n, 7n] });
    const all = create({ powers: [1n, 1n, 1n, 7n], everybodyVotes: true });
    const trusted = chain.validatorSet(1);
    const strongest = trusted.members.findIndex(({ power }) => power === 7n);
    const input = inputOf(all.block(1).block, trusted, 4);
    await accepts(
      patch(input, { signs: Object.fromEntries([0, 1, 2, 3].map((i) => [i, i === strongest ? 1n : 0n])) }),
    );
  });

  it('accepts: a block that announces a set, and the first one of that set', async () => {
    const chain = create({ validators: 3, changes: [{ height: 3, add: [3], remove: [0] }] });
    const announcing = chain.block(2).block;
    const witness = await accepts(inputOf(announcing, chain.validatorSet(2), 4));
    expect(witness[3]).toBe(commitValidatorSet(chain.validatorSet(3)));
    const next = await accepts(inputOf(chain.block(3).block, chain.validatorSet(3), 4));
    expect(next[1]).toBe(witness[3]);
  });

  it('rejects: too few votes, exactly 2/3 of the power, no votes', async () => {
    await rejects(inputOf(net.block(1, 'missing-votes').block, set, 4), 'AssertBits');
    const thirds = create({ validators: 3, everybodyVotes: true });
    const input = inputOf(thirds.block(1).block, thirds.validatorSet(1), 4);
    await accepts(input);
    await rejects(patch(input, { signs: { 1: 0n } }), 'AssertBits');
    await rejects(patch(honest, { signs: { 0: 0n, 1: 0n, 2: 0n, 3: 0n } }), 'AssertBits');
  });

  it('rejects: one vote counted for two members', async () => {
    const from = signers[0]!;
    const slot = { r8x: honest.r8x, r8y: honest.r8y, s: honest.s } as { [name: string]: readonly bigint[] };
    const copied = Object.fromEntries(
      Object.entries(slot).map(([name, values]) => [name, { [silent]: values[from]! }]),
    );
    const few = inputOf(net.block(1, 'missing-votes').block, set, 4);
    const counted = (few.signs as readonly bigint[]).indexOf(1n);
    await rejects(patch(few, { ...copied, signs: { [silent]: 1n } }), 'EdDSAPoseidonAssert');
    await rejects(patch(few, { signs: { [counted]: 2n } }), 'Binary');
    await rejects(patch(few, { signs: { [counted]: 3n } }), 'Binary');
  });

  it('rejects: votes of another height, round or chain, for no block, for another block', async () => {
    for (const misbehaviour of [
      'wrong-height',
      'wrong-round',
      'wrong-chain',
      'mixed-rounds',
      'nil-vote',
    ] as const)
      await rejects(inputOf(net.block(1, misbehaviour).block, set, 4), 'EdDSAPoseidonAssert');
    const { votes } = net.block(1, 'equivocation').block;
    await rejects(inputOf({ ...net.block(1).block, votes }, set, 4), 'EdDSAPoseidonAssert');
  });

  it('rejects: votes of two rounds that make a quorum only together', async () => {
    const { block } = net.block(1);
    const later = create({ round: 1n }).block(1).block;
    const [first, ...others] = block.votes;
    expect(first).toBeDefined();
    const mixed = { ...block, votes: [later.votes[0]!, ...others] };
    for (const round of [0n, 1n]) await rejects({ ...inputOf(mixed, set, 4), round }, 'EdDSAPoseidonAssert');
  });

  it('rejects: a forged signature, one by a key outside the set', async () => {
    await rejects(inputOf(net.block(1, 'forged-signature').block, set, 4), 'EdDSAPoseidonAssert');
    const outsider = create({ seed: 'outsider' }).validators(1)[0]!;
    const forged = sign(outsider.key, voteMessage(net.block(1).block));
    const slot = signers[0]!;
    const signature = { r8x: { [slot]: forged.r8.x }, r8y: { [slot]: forged.r8.y }, s: { [slot]: forged.s } };
    await rejects(patch(honest, signature), 'EdDSAPoseidonAssert');
    const { x, y } = outsider.key.publicKey;
    await rejects(
      patch(honest, { ...signature, keyX: { [slot]: x }, keyY: { [slot]: y } }),
      'CommitteeFinality',
    );
  });

  it('rejects: s + l', async () => {
    const slot = signers[0]!;
    const s = (honest.s as readonly bigint[])[slot]! + BABYJUBJUB_ORDER;
    await expect(circuit.witness(patch(honest, { s: { [slot]: s } }))).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  it('rejects: another trusted set, a signing set that is not the trusted one', async () => {
    const { trustedSet } = claimOf(net.block(1).block, set);
    await rejects(
      patch(honest, { trustedSet: trustedSet + 1n, signingSet: trustedSet + 1n }),
      'CommitteeFinality',
    );
    await rejects(patch(honest, { signingSet: trustedSet + 1n }), 'CommitteeFinality');
    await rejects(patch(honest, { trustedSet: trustedSet + 1n }), 'CommitteeFinality');
    await rejects(patch(honest, { trustedSet: 0n, signingSet: 0n }), 'CommitteeFinality');
    const other = create({ seed: 'other' }).validatorSet(1);
    const commitment = commitValidatorSet(other);
    await rejects(patch(honest, { trustedSet: commitment, signingSet: commitment }), 'CommitteeFinality');
  });

  it('rejects: a next set that nobody signed', async () => {
    const announcing = create({ changes: [{ height: 2, add: [4] }] });
    const input = inputOf(announcing.block(1).block, announcing.validatorSet(1), 4);
    await accepts(input);
    for (const nextSet of [0n, 1n, (input.nextSet as bigint) + 1n])
      await expect(circuit.witness(patch(input, { nextSet }))).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
  });

  it('rejects: public words of other facts, and other words of the same facts', async () => {
    const { w1, w2, w3 } = honest as { [word: string]: bigint };
    for (const change of [
      { w1: w1! + 1n },
      { w2: w2! + 1n },
      { w3: w3! + 1n },
      { w3: w3! + (1n << 8n) },
      { w3: w3! + (1n << 16n) },
      { w3: w3! + (1n << 80n) },
      { w1: 0n, w2: 0n, w3: 0n },
    ])
      await expect(circuit.witness(patch(honest, change))).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
  });

  it('rejects: a height that borrows from the time, parts out of range', async () => {
    const { height, time, stateLow, round } = honest as { [name: string]: bigint };
    await rejects(patch(honest, { height: height! - 1n, time: time! + (1n << 64n) }), 'AssertBits');
    await rejects(patch(honest, { height: height! + 1n, time: P - (1n << 64n) + time! }), 'AssertBits');
    await rejects(patch(honest, { time: time! - 1n, stateLow: stateLow! + 256n }), 'AssertBits');
    await rejects(patch(honest, { height: height! - 1n, round: round! + (1n << 64n) }), 'AssertBits');
    await rejects(patch(honest, { round: 1n << 32n }), 'AssertBits');
  });

  it('rejects: the hash + p in the packed words', async () => {
    const { blockHash } = claimOf(net.block(1).block, set);
    const forged = blockHash + P;
    expect(forged).toBeLessThan(1n << 256n);
    const w3 = (honest.w3 as bigint) + ((forged & 255n) - (blockHash & 255n)) * 256n;
    await rejects(patch(honest, { w1: forged >> 8n, w3 }), 'AssertCanonicalSplit');
  });
});

describe('CommitteeSet in CommitteeFinality(4)', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    const spec = circuitById('committee-4');
    circuit = await compileCircuit(spec.mainSource, { level: spec.level });
  });
  const rejects = (input: CommitteeInput, template: string) => expectRejection(circuit, input, template);
  const net = create({ validators: 3, everybodyVotes: true });
  const set = net.validatorSet(1);
  const { block } = net.block(1);
  const honest = inputOf(block, set, 4);

  /** Input for a set that is not well-formed, with a commitment that fits. */
  const withSet = (members: ValidatorSet['members'], totalPower?: bigint): CommitteeInput => {
    const commitment = commitAnything(set.chainId, members, totalPower);
    return { ...inputOf(block, { ...set, members }, 4), trustedSet: commitment, signingSet: commitment };
  };

  it('accepts: spare slots with any key, and identities that go on', async () => {
    await expectWitness(circuit, honest);
    await expectWitness(circuit, patch(honest, { keyX: { 3: 1n }, keyY: { 3: 2n } }));
    const last = (honest.identity as readonly bigint[])[3]!;
    await expectWitness(circuit, patch(honest, { identity: { 3: last + 5n } }));
  });

  it('rejects: power in a spare slot, a vote from it', async () => {
    await rejects(patch(honest, { power: { 3: 1n } }), 'CommitteeSet');
    const outsider = create({ seed: 'outsider' }).validators(1)[0]!;
    const { r8, s } = sign(outsider.key, voteMessage(block));
    const { x, y } = outsider.key.publicKey;
    const vote = {
      keyX: { 3: x },
      keyY: { 3: y },
      r8x: { 3: r8.x },
      r8y: { 3: r8.y },
      s: { 3: s },
      signs: { 3: 1n },
    };
    await rejects(patch(honest, vote), 'CommitteeFinality');
    await rejects(patch(honest, { ...vote, power: { 3: 1n << 60n } }), 'CommitteeSet');
  });

  it('rejects: members left out, a hole, no members, presence that is not binary', async () => {
    await expect(
      circuit.witness(patch(honest, { present: { 2: 0n }, power: { 2: 0n }, signs: { 2: 0n } })),
    ).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
    await rejects(patch(honest, { present: { 1: 0n } }), 'CommitteeSet');
    await rejects(patch(honest, { present: { 0: 0n } }), 'CommitteeSet');
    await rejects(patch(honest, { present: { 2: 2n } }), 'Binary');
    const none = {
      present: { 0: 0n, 1: 0n, 2: 0n },
      power: { 0: 0n, 1: 0n, 2: 0n },
      signs: { 0: 0n, 1: 0n, 2: 0n },
    };
    const empty = poseidonOfEmptySet();
    await rejects({ ...patch(honest, none), trustedSet: empty, signingSet: empty }, 'CommitteeSet');
  });

  it('rejects: another reading of the same packed word: power + 2^64, negative power', async () => {
    const [identity] = honest.identity as readonly bigint[];
    await rejects(
      patch(honest, { identity: { 0: identity! - 1n }, power: { 0: 1n + (1n << 64n) } }),
      'AssertBits',
    );
    await rejects(
      patch(honest, { identity: { 0: identity! + 1n }, power: { 0: P + 1n - (1n << 64n) } }),
      'AssertBits',
    );
  });

  it('rejects: another reading through the field: power 2 and the identity that makes up for it', async () => {
    const [identity] = honest.identity as readonly bigint[];
    let inverse = 1n;
    for (let i = 0; i < 64; i++) inverse = (inverse * ((P + 1n) / 2n)) % P;
    const moved = (identity! + P - inverse) % P;
    await rejects(patch(honest, { identity: { 0: moved }, power: { 0: 2n } }), 'AssertBits');
  });

  it('rejects: powers that wrap around the field in the committed total', async () => {
    const [first, ...others] = set.members;
    const wrapped = [{ ...first!, power: (1n << 64n) + 1n }, ...others];
    await rejects(withSet(wrapped), 'AssertBits');
    await rejects(withSet(set.members, 1n), 'CommitteeFinality');
    await rejects(withSet(set.members, P - 3n), 'CommitteeFinality');
  });

  it('rejects: a set whose powers are all 0, with no votes', async () => {
    const members = set.members.map((member) => ({ ...member, power: 0n }));
    await rejects(patch(withSet(members), { signs: { 0: 0n, 1: 0n, 2: 0n } }), 'AssertNonZero');
    await rejects(withSet(members), 'AssertNonZero');
  });

  it('rejects: a member twice, members out of order', async () => {
    const [a, b, c] = set.members;
    await rejects(withSet([a!, a!, b!]), 'AssertBits');
    await rejects(withSet([b!, a!, c!]), 'AssertBits');
    await rejects(withSet([a!, c!, b!]), 'AssertBits');
  });

  it('rejects: identities of 2^161 and above', async () => {
    const [a, b, c] = set.members;
    await rejects(withSet([{ ...a!, identity: 1n << 160n }, b!, c!]), 'AssertBits');
    await rejects(withSet([a!, b!, { ...c!, identity: 1n << 162n }]), 'AssertBits');
  });
});

describe('tiers and tags', () => {
  it('behavior: the commitment does not depend on the tier', async () => {
    const chain = create({ validators: 4 });
    const { block } = chain.block(1);
    const set = chain.validatorSet(1);
    for (const tier of [4, 8, 128])
      expect(inputOf(block, set, tier).trustedSet).toBe(commitValidatorSet(set));
  });

  it('behavior: the tags of the circuit are those of the statement', async () => {
    const circuit = await compile(`pragma circom 2.2.0;
include "protocols/committee/CommitteeTags.circom";
template Tags() {
    signal output tags[3] <== [committeeSetTag(), committeeBlockTag(), committeeVoteTag()];
}
component main = Tags();
`);
    expect((await circuit.witness({})).slice(1, 4)).toEqual([TAG_SET, TAG_BLOCK, TAG_VOTE]);
  });
});

function poseidonOfEmptySet(): bigint {
  return commitAnything(base.chainId, []);
}
