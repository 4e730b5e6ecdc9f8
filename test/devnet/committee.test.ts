import { describe, expect, it } from 'vitest';
import {
  COMMITTEE_MISBEHAVIOURS,
  type CommitteeDevnetOptions,
  createCommitteeDevnet,
} from '../../src/devnet/committee.js';
import { MISBEHAVIOURS } from '../../src/devnet/types.js';
import { committee } from '../../src/protocols/committee/index.js';
import { assertValidatorSet, commitValidatorSet } from '../../src/statement/set-commitment.js';
import { loadOracle } from '../support/circomlibjs.js';

const base = { seed: 'devnet', validators: 4, chainId: 7n } as const;
const create = (options: Partial<CommitteeDevnetOptions> = {}) =>
  createCommitteeDevnet({ ...base, ...options });

describe('createCommitteeDevnet', () => {
  it('default: a chain of final blocks whose files read back', () => {
    const chain = create();
    for (let height = 1; height <= 4; height++) {
      const { block, text } = chain.block(height);
      expect(committee.parse(text)).toEqual(block);
      expect(block.height).toBe(BigInt(height));
      expect(block.parentHash).toBe(chain.block(height - 1).block.blockHash);
      expect(block.time).toBe(chain.block(height - 1).block.time + 2n);
      expect(committee.verifyNatively(block, chain.validatorSet(height))).toMatchObject({ ok: true });
    }
    expect(chain.block(0).block).toMatchObject({ parentHash: 0n, votes: [] });
  });

  it('behavior: the same options give the same blocks, whatever was asked before', () => {
    const chain = create();
    chain.block(4, 'equivocation');
    expect(chain.block(2)).toEqual(create().block(2));
    expect(create({ seed: 'other' }).block(1).block.blockHash).not.toBe(chain.block(1).block.blockHash);
    expect(create({ chainId: 8n }).block(1).block.blockHash).not.toBe(chain.block(1).block.blockHash);
  });

  it('behavior: sets change where they were announced', () => {
    const chain = create({
      changes: [
        { height: 2, add: [4] },
        { height: 4, add: [5], remove: [0, 1] },
      ],
    });
    expect([1, 2, 3, 4, 5].map((height) => chain.validatorSet(height).members.length)).toEqual([
      4, 5, 5, 4, 4,
    ]);
    for (let height = 1; height <= 5; height++) {
      const { block } = chain.block(height);
      const next = chain.validatorSet(height + 1);
      assertValidatorSet(chain.validatorSet(height));
      expect(committee.verifyNatively(block, chain.validatorSet(height))).toMatchObject({ ok: true });
      const changes = height === 1 || height === 3;
      expect(block.nextSet).toBe(changes ? commitValidatorSet(next) : 0n);
      expect(block.announced).toEqual(changes ? next : undefined);
    }
    expect(committee.verifyNatively(chain.block(4).block, chain.validatorSet(3))).toMatchObject({
      ok: false,
    });
  });

  it('behavior: keys and signatures are those of circomlibjs', async () => {
    const oracle = await loadOracle();
    for (const { key, member } of create().validators(1))
      expect(oracle.publicKey(key.privateKey)).toEqual(member.publicKey);
  });

  it('behavior: every misbehaviour but the equivocation is no final block', () => {
    const chain = create({ powers: [3n, 1n, 4n, 1n] });
    for (const misbehaviour of COMMITTEE_MISBEHAVIOURS) {
      const { block, text } = chain.block(2, misbehaviour);
      expect(committee.parse(text)).toEqual(block);
      const verdict = committee.verifyNatively(block, chain.validatorSet(2));
      expect(verdict.ok, misbehaviour).toBe(misbehaviour === 'equivocation');
    }
    const [a, b] = [chain.block(2).block, chain.block(2, 'equivocation').block];
    expect(a.height).toBe(b.height);
    expect(a.blockHash).not.toBe(b.blockHash);
  });

  it('error: misbehaviour that the protocol has no place for, or at block 0', () => {
    const chain = create();
    const known: readonly string[] = COMMITTEE_MISBEHAVIOURS;
    for (const misbehaviour of MISBEHAVIOURS.filter((one) => !known.includes(one)))
      expect(() => chain.block(1, misbehaviour)).toThrow(
        expect.objectContaining({ code: 'DEVNET_MISBEHAVIOUR' }),
      );
    expect(() => chain.block(0, 'nil-vote')).toThrow(expect.objectContaining({ code: 'DEVNET_HEIGHT' }));
    for (const height of [-1, 0.5, 1e9])
      expect(() => chain.block(height)).toThrow(expect.objectContaining({ code: 'DEVNET_HEIGHT' }));
  });

  it.each<[string, Partial<CommitteeDevnetOptions>]>([
    ['no validators', { validators: 0 }],
    ['half a validator', { validators: 1.5 }],
    ['too many validators', { validators: 513 }],
    ['negative chain id', { chainId: -1n }],
    ['chain id 2^64', { chainId: 1n << 64n }],
    ['power 0', { powers: [0n] }],
    ['power 2^64', { powers: [1n << 64n] }],
    ['round 2^32', { round: 1n << 32n }],
    ['negative time', { genesisTime: -1n }],
    ['seed with U+0000', { seed: 'a\0b' }],
    ['change at height 1', { changes: [{ height: 1, add: [4] }] }],
    ['two changes at one height', { changes: [{ height: 3 }, { height: 3 }] }],
    ['change that leaves nobody', { changes: [{ height: 2, remove: [0, 1, 2, 3] }] }],
  ])('error: %s', (_, options) => {
    expect(() => create(options)).toThrow(expect.objectContaining({ code: 'DEVNET_OPTIONS' }));
  });
});
