import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet, type IstanbulDevnetOptions } from '../../../src/devnet/istanbul.js';
import { createValidator, signSeal } from '../../../src/devnet/istanbul-validators.js';
import type { Misbehaviour } from '../../../src/devnet/types.js';
import { ISTANBUL_VARIANTS, type IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import type { IstanbulBlock } from '../../../src/protocols/istanbul/header.js';
import { createIstanbulSet, recoverMembers, setOfBlock } from '../../../src/protocols/istanbul/members.js';
import { parse } from '../../../src/protocols/istanbul/parse.js';
import {
  ISTANBUL_VERDICT_CODES,
  quorumOf,
  type VerifyOptions,
  verifyNatively,
} from '../../../src/protocols/istanbul/verify.js';
import { bytesToInteger, wordToBytes } from '../../../src/statement/hash.js';
import { isKeyUnknown } from '../../../src/statement/set-commitment.js';
import type { ValidatorSet } from '../../../src/statement/types.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';
import { codeOf, withExtra, withField } from '../../support/istanbul.js';

const N = secp256k1.Point.Fn.ORDER;
const network = (variant: IstanbulVariant, options: Partial<IstanbulDevnetOptions> = {}) =>
  createIstanbulDevnet({ variant, seed: 'verify tests', validators: 4, chainId: 1337n, ...options });
const verdictOf = (block: IstanbulBlock, trusted: ValidatorSet, options: VerifyOptions = {}): string => {
  const verdict = verifyNatively(block, trusted, options);
  if (verdict.ok) return 'ok';
  expect(ISTANBUL_VERDICT_CODES).toContain(verdict.code);
  expect(verdict.message).toMatch(new RegExp(`^block ${block.number} \\(${block.variant}\\): .*\\.$`, 's'));
  return verdict.code;
};
const authenticated = { headerListAuthenticated: true };
const addressesOnly = (set: ValidatorSet): ValidatorSet => ({
  ...set,
  members: set.members.map((member) => ({ ...member, publicKey: { x: 0n, y: 0n } })),
});
/** The block with its seals changed one by one. */
const mapSeals = (
  block: IstanbulBlock,
  change: (seal: Uint8Array, index: number) => Uint8Array,
): IstanbulBlock => withExtra(block, { seals: block.extra.seals.map(change) });

describe.each(ISTANBUL_VARIANTS)('verifyNatively, %s', (variant) => {
  const chain = network(variant);
  const trusted = chain.validatorSet(5);
  const { block } = chain.block(5);
  const misbehaved = (misbehaviour: Misbehaviour, height = 5) => chain.block(height, misbehaviour).block;

  it('default: a block with exactly a quorum of seals', () => {
    const verdict = verifyNatively(block, trusted);
    expect(verdict).toMatchObject({ ok: true, sameSet: true, quorum: 3, signingSet: trusted });
    if (!verdict.ok) return;
    expect(verdict.seals.map((seal) => seal.sealIndex)).toEqual([0, 1, 2]);
    for (const { memberIndex, address, publicKey } of verdict.seals)
      expect(trusted.members[memberIndex]).toMatchObject({ identity: address, publicKey });
  });

  it('behavior: sets of 1 to 12 validators are final with ⌈2N/3⌉ seals and not with one fewer', () => {
    for (let validators = 1; validators <= 12; validators++) {
      const larger = network(variant, { validators });
      const set = larger.validatorSet(1);
      expect(verdictOf(larger.block(1).block, set)).toBe('ok');
      expect(larger.block(1).block.extra.seals).toHaveLength(quorumOf(validators));
      expect(verdictOf(larger.block(1, 'missing-votes').block, set), `${validators} validators`).toBe(
        'TOO_FEW_SEALS',
      );
    }
  });

  it('behavior: more seals than a quorum, in any order, v in {27, 28}, high s', () => {
    const full = network(variant, { seals: 4 });
    const { block: all } = full.block(5);
    expect(verdictOf(all, full.validatorSet(5))).toBe('ok');
    expect(verdictOf(withExtra(all, { seals: [...all.extra.seals].reverse() }), full.validatorSet(5))).toBe(
      'ok',
    );
    expect(
      verdictOf(
        mapSeals(block, (seal) => seal.with(64, seal[64]! + 27)),
        trusted,
      ),
    ).toBe('ok');
    const high = (seal: Uint8Array) =>
      new Uint8Array([
        ...seal.slice(0, 32),
        ...wordToBytes(N - bytesToInteger(seal.slice(32, 64))),
        1 - seal[64]!,
      ]);
    expect(verdictOf(mapSeals(block, high), trusted)).toBe('ok');
  });

  it('behavior: a set without keys recognises its members by address', () => {
    expect(verdictOf(block, addressesOnly(trusted))).toBe('ok');
  });

  it('behavior: an equivocating quorum makes two final blocks of one height', () => {
    const other = misbehaved('equivocation');
    expect(verdictOf(other, trusted)).toBe('ok');
    expect(other.number).toBe(block.number);
    expect(other.hash).not.toEqual(block.hash);
  });

  it('error: block 0', () => {
    expect(verdictOf(chain.block(0).block, trusted)).toBe('GENESIS_HAS_NO_SEALS');
  });

  it('error: too few seals, none at all', () => {
    expect(verdictOf(misbehaved('missing-votes'), trusted)).toBe('TOO_FEW_SEALS');
    expect(verdictOf(withExtra(block, { seals: [] }), trusted)).toBe('TOO_FEW_SEALS');
  });

  it('error: one validator sealed twice: the same bytes, and the same signature with the other s', () => {
    expect(verdictOf(misbehaved('duplicate-vote'), trusted)).toBe('DUPLICATE_SEAL');
    const [first, second] = block.extra.seals as [Uint8Array, Uint8Array];
    const twin = new Uint8Array([
      ...first.slice(0, 32),
      ...wordToBytes(N - bytesToInteger(first.slice(32, 64))),
      1 - first[64]!,
    ]);
    expect(verdictOf(withExtra(block, { seals: [first, second, twin] }), trusted)).toBe('DUPLICATE_SEAL');
  });

  it('error: a seal by a key outside the set', () => {
    expect(verdictOf(misbehaved('foreign-vote'), trusted)).toBe('FOREIGN_SEAL');
  });

  it('error: seals of another height', () => {
    const moved = misbehaved('wrong-height');
    const expected = variant === 'ibft2' ? 'FOREIGN_SEAL' : 'SEAL_OF_OTHER_HEIGHT';
    expect(verdictOf(moved, trusted)).toBe(expected);
    // With the parent at hand every variant can tell.
    expect(verdictOf(moved, trusted, { otherBlocks: [chain.block(4).block] })).toBe('SEAL_OF_OTHER_HEIGHT');
    const later = withExtra(block, { seals: chain.block(6).block.extra.seals });
    expect(verdictOf(later, trusted)).toBe('FOREIGN_SEAL');
    expect(verdictOf(later, trusted, { otherBlocks: [chain.block(6).block] })).toBe('SEAL_OF_OTHER_HEIGHT');
  });

  it('error: seals of another block of the height', () => {
    const other = misbehaved('equivocation');
    const mixed = withExtra(block, { seals: [block.extra.seals[0]!, ...other.extra.seals.slice(1)] });
    expect(verdictOf(mixed, trusted, { otherBlocks: [other] })).toBe('SEAL_OF_OTHER_BLOCK');
    expect(verdictOf(mixed, trusted)).toBe('FOREIGN_SEAL');
  });

  it.each<[string, string, (seal: Uint8Array) => Uint8Array]>([
    ['64 bytes', 'SEAL_LENGTH', (seal) => seal.slice(0, 64)],
    ['66 bytes', 'SEAL_LENGTH', (seal) => new Uint8Array([...seal, 0])],
    ['no bytes', 'SEAL_LENGTH', () => new Uint8Array(0)],
    ['v = 2, the recovery id of r + n', 'SEAL_RECOVERY_ID', (seal) => seal.with(64, 2)],
    ['v = 26', 'SEAL_RECOVERY_ID', (seal) => seal.with(64, 26)],
    ['v = 29', 'SEAL_RECOVERY_ID', (seal) => seal.with(64, 29)],
    ['v = 255', 'SEAL_RECOVERY_ID', (seal) => seal.with(64, 255)],
    ['r = 0', 'SEAL_SCALAR_RANGE', (seal) => new Uint8Array([...wordToBytes(0n), ...seal.slice(32)])],
    ['r = n', 'SEAL_SCALAR_RANGE', (seal) => new Uint8Array([...wordToBytes(N), ...seal.slice(32)])],
    [
      'r = 2^256 − 1',
      'SEAL_SCALAR_RANGE',
      (seal) => new Uint8Array([...new Uint8Array(32).fill(255), ...seal.slice(32)]),
    ],
    [
      's = 0',
      'SEAL_SCALAR_RANGE',
      (seal) => new Uint8Array([...seal.slice(0, 32), ...wordToBytes(0n), seal[64]!]),
    ],
    [
      's = n',
      'SEAL_SCALAR_RANGE',
      (seal) => new Uint8Array([...seal.slice(0, 32), ...wordToBytes(N), seal[64]!]),
    ],
    [
      'r = 5, no x coordinate',
      'SEAL_UNRECOVERABLE',
      (seal) => new Uint8Array([...wordToBytes(5n), ...seal.slice(32)]),
    ],
    ['the other parity', 'FOREIGN_SEAL', (seal) => seal.with(64, 1 - seal[64]!)],
    [
      's + 1',
      'FOREIGN_SEAL',
      (seal) =>
        new Uint8Array([
          ...seal.slice(0, 32),
          ...wordToBytes(bytesToInteger(seal.slice(32, 64)) + 1n),
          seal[64]!,
        ]),
    ],
  ])('error: a seal of %s', (_, code, change) => {
    expect(
      verdictOf(
        mapSeals(block, (seal, i) => (i === 1 ? change(seal) : seal)),
        trusted,
      ),
    ).toBe(code);
  });

  it('error: a valid seal too many by a foreign key spoils the block, as for chain clients', () => {
    const stranger = signSeal(createValidator('elsewhere', 'stranger'), block.sealDigest);
    expect(verdictOf(withExtra(block, { seals: [...block.extra.seals, stranger] }), trusted)).toBe(
      'FOREIGN_SEAL',
    );
  });

  it('error: any changed header field makes the seals foreign', () => {
    for (const name of ['parentHash', 'stateRoot', 'transactionsRoot', 'nonce'])
      expect(
        verdictOf(
          withField(block, name, block.fields[0]!.slice(0, name === 'nonce' ? 8 : 32).fill(1)),
          trusted,
        ),
      ).toMatch(/^(FOREIGN_SEAL|SEAL_OF_OTHER_ROUND)$/);
    for (const name of ['number', 'timestamp'])
      expect(verdictOf(withField(block, name, Uint8Array.of(9)), trusted)).toBe('FOREIGN_SEAL');
  });

  it('error: a validator list other than the trusted one', () => {
    expect(verdictOf(misbehaved('list-mismatch'), trusted)).toBe('VALIDATOR_LIST_MISMATCH');
    expect(verdictOf(block, network(variant, { validators: 5 }).validatorSet(1))).toBe(
      'VALIDATOR_LIST_MISMATCH',
    );
    expect(verdictOf(block, network(variant, { validators: 3 }).validatorSet(1))).toBe(
      'VALIDATOR_LIST_MISMATCH',
    );
    expect(verdictOf(block, network(variant, { seed: 'another chain' }).validatorSet(1))).toBe(
      'VALIDATOR_LIST_MISMATCH',
    );
  });

  it('error: a list that repeats a validator or is not in order', () => {
    const { validators } = block.extra;
    expect(verdictOf(withExtra(block, { validators: [...validators, validators[0]!] }), trusted)).toBe(
      'VALIDATOR_DUPLICATE',
    );
    expect(verdictOf(withExtra(block, { validators: [...validators].reverse() }), trusted)).toBe(
      'VALIDATORS_NOT_SORTED',
    );
  });

  it('error: no validators in the header', () => {
    const empty = withExtra(block, { validators: [] });
    expect(verdictOf(empty, trusted)).toBe(
      variant === 'qbft' ? 'VALIDATORS_IN_CONTRACT' : 'VALIDATOR_LIST_EMPTY',
    );
  });

  it('error: a trust anchor of another variant', () => {
    for (const other of ISTANBUL_VARIANTS)
      if (other !== variant)
        expect(verdictOf(block, { ...trusted, variant: other })).toBe('VARIANT_MISMATCH');
  });

  it('error: a trusted set that is none', () => {
    const [first, ...rest] = trusted.members;
    expect(codeOf(() => verifyNatively(block, { ...trusted, members: [] }))).toBe('SET_EMPTY');
    expect(codeOf(() => verifyNatively(block, { ...trusted, members: [...rest, first!] }))).toBe('SET_ORDER');
    expect(
      codeOf(() => verifyNatively(block, { ...trusted, members: [{ ...first!, power: 2n }, ...rest] })),
    ).toBe('MEMBER_POWER');
    expect(codeOf(() => verifyNatively(block, { ...trusted, variant: 'committee' }))).toBe(
      'NOT_AN_ISTANBUL_SET',
    );
    const swapped = [{ ...first!, publicKey: rest[0]!.publicKey }, ...rest];
    expect(codeOf(() => verifyNatively(block, { ...trusted, members: swapped }))).toBe('MEMBER_KEY_ADDRESS');
  });
});

describe('verifyNatively, rounds', () => {
  it('default: blocks of any round', () => {
    for (const variant of ['qbft', 'ibft2'] as const)
      for (const round of [1, 127, 128, 2 ** 31 - 1]) {
        const chain = network(variant, { round });
        expect(verdictOf(chain.block(2).block, chain.validatorSet(2))).toBe('ok');
      }
  });

  it('error: seals of another round', () => {
    for (const variant of ['qbft', 'ibft2'] as const) {
      const chain = network(variant, { round: 3 });
      const moved = withExtra(chain.block(2).block, { round: 0 });
      expect(verdictOf(moved, chain.validatorSet(2))).toBe('SEAL_OF_OTHER_ROUND');
      const mixed = withExtra(moved, {
        round: 3,
        seals: [
          chain.block(2).block.extra.seals[0]!,
          ...network(variant).block(2).block.extra.seals.slice(1),
        ],
      });
      expect(verdictOf(mixed, chain.validatorSet(2))).toBe('SEAL_OF_OTHER_ROUND');
    }
  });
});

describe('verifyNatively, the proposer seal of IBFT 1.0', () => {
  const chain = network('ibft1');
  const { block } = chain.block(3);
  const reseal = (proposerSeal: Uint8Array): IstanbulBlock => {
    const changed = withExtra(block, { proposerSeal });
    return withExtra(changed, {
      seals: chain
        .validators(3)
        .slice(0, 3)
        .map((v) => signSeal(v, changed.sealDigest)),
    });
  };

  it('error: missing, damaged or foreign', () => {
    const trusted = chain.validatorSet(3);
    expect(verdictOf(reseal(block.extra.proposerSeal!), trusted)).toBe('ok');
    expect(verdictOf(reseal(new Uint8Array(0)), trusted)).toBe('PROPOSER_SEAL');
    expect(verdictOf(reseal(block.extra.proposerSeal!.with(64, 9)), trusted)).toBe('PROPOSER_SEAL');
    expect(
      verdictOf(reseal(block.extra.proposerSeal!.with(64, 1 - block.extra.proposerSeal![64]!)), trusted),
    ).toBe('PROPOSER_SEAL');
  });
});

describe('set changes by overlap', () => {
  // Validators 0–5, then two leave and two join at height 4.
  const changes = [{ height: 4, add: [6, 7], remove: [0, 1] }];
  const chain = network('qbft', { validators: 6, changes, seals: 6 });
  const [before, after] = [chain.validatorSet(3), chain.validatorSet(4)];
  const { block } = chain.block(4);

  it('default: accepted where the chain authenticates lists, with the keys that the block shows', () => {
    const verdict = verifyNatively(block, before, authenticated);
    expect(verdict).toMatchObject({ ok: true, sameSet: false, registered: false, signingSet: after });
    expect(setOfBlock(block, 1337n, [before])).toEqual(after);
  });

  it('behavior: a registered set supplies keys that the block does not show', () => {
    const known = new Set(before.members.map((member) => member.identity));
    const verdict = verifyNatively(block, before, authenticated);
    if (!verdict.ok) throw new Error(verdict.message);
    const silent = verdict.seals.find((seal) => !known.has(seal.address))!;
    const fewer = withExtra(block, { seals: block.extra.seals.toSpliced(silent.sealIndex, 1) });
    const shown = verifyNatively(fewer, before, authenticated);
    expect(shown.ok && shown.signingSet.members.filter(isKeyUnknown).map((m) => m.identity)).toEqual([
      silent.address,
    ]);
    const registered = verifyNatively(fewer, before, { ...authenticated, registeredSets: [before, after] });
    expect(registered).toMatchObject({ ok: true, registered: true, signingSet: after });
  });

  it('behavior: a registered set of another chain or variant is not the signing set', () => {
    for (const other of [
      { ...after, chainId: 1n },
      { ...after, variant: 'ibft2' as const },
    ]) {
      const verdict = verifyNatively(block, before, { ...authenticated, registeredSets: [other] });
      expect(verdict).toMatchObject({ ok: true, registered: false, signingSet: after });
    }
  });

  it('error: without that property only the trusted list is accepted', () => {
    expect(verdictOf(block, before)).toBe('VALIDATOR_LIST_MISMATCH');
    expect(verdictOf(block, before, { registeredSets: [after] })).toBe('VALIDATOR_LIST_MISMATCH');
  });

  it('error: exactly a third of the trusted set is not enough', () => {
    // Of six trusted validators 4, 5 remain.
    const drastic = network('qbft', {
      validators: 6,
      changes: [{ height: 4, add: [6, 7], remove: [0, 1, 2, 3] }],
      seals: 4,
    });
    expect(verdictOf(drastic.block(4).block, before, authenticated)).toBe('OVERLAP_TOO_SMALL');
    const milder = network('qbft', {
      validators: 6,
      changes: [{ height: 4, add: [6, 7], remove: [0, 1, 2] }],
      seals: 5,
    });
    expect(verdictOf(milder.block(4).block, before, authenticated)).toBe('ok');
  });

  it('error: trusted members whose key is not known do not count', () => {
    expect(verdictOf(block, addressesOnly(before), authenticated)).toBe('OVERLAP_TOO_SMALL');
  });

  it('error: the overlap does not replace the quorum of the signing set', () => {
    expect(verdictOf(chain.block(4, 'missing-votes').block, before, authenticated)).toBe('TOO_FEW_SEALS');
  });
});

describe('takeovers', () => {
  it('error: a proposer lists keys of his own (chains that do not compare lists)', () => {
    for (const variant of ISTANBUL_VARIANTS) {
      const chain = network(variant);
      const trusted = chain.validatorSet(5);
      const { block } = chain.block(5, 'own-list');
      expect(verdictOf(block, trusted)).toBe('VALIDATOR_LIST_MISMATCH');
      expect(verdictOf(block, trusted, { registeredSets: [chain.attackerSet(5, 'own-list')] })).toBe(
        'VALIDATOR_LIST_MISMATCH',
      );
      // Why the property is needed: on such a chain the rule would hand over the set.
      expect(verifyNatively(block, trusted, authenticated)).toMatchObject({
        ok: true,
        signingSet: chain.attackerSet(5, 'own-list'),
      });
    }
  });

  it('error: foreign keys beside the addresses of a genuine new set', () => {
    for (const variant of ISTANBUL_VARIANTS) {
      const chain = network(variant, { changes: [{ height: 4, add: [4, 5] }] });
      const trusted = chain.validatorSet(3);
      const { block } = chain.block(4, 'foreign-keys');
      const foreign = chain.attackerSet(4, 'foreign-keys');
      expect(foreign.members.map((m) => m.identity)).toEqual(
        chain.validatorSet(4).members.map((m) => m.identity),
      );
      expect(verdictOf(block, trusted, authenticated)).toBe('FOREIGN_SEAL');
      expect(
        codeOf(() => verifyNatively(block, trusted, { ...authenticated, registeredSets: [foreign] })),
      ).toBe('MEMBER_KEY_ADDRESS');
    }
  });

  it('error: a block of another chain with the same validators is told apart by its set only', () => {
    // Seals of Istanbul carry no chain id: a known limit. The commitment of the set binds it for proofs.
    const [here, there] = [network('qbft'), network('qbft', { chainId: 1n })];
    expect(verdictOf(there.block(2).block, here.validatorSet(2))).toBe('ok');
    expect(here.validatorSet(2).chainId).not.toBe(there.validatorSet(2).chainId);
  });
});

describe('known mistakes of others', () => {
  const chain = network('qbft');
  const trusted = chain.validatorSet(1);

  it('error: exactly two thirds rounded down is no quorum', () => {
    for (const [validators, quorum] of [
      [2, 2],
      [3, 2],
      [4, 3],
      [5, 4],
      [6, 4],
      [7, 5],
      [8, 6],
      [9, 6],
      [11, 8],
      [12, 8],
    ] as const)
      expect(quorumOf(validators)).toBe(quorum);
  });

  it('behavior: two quorums always share an honest validator', () => {
    for (let n = 1; n <= 1000; n++) expect(2 * quorumOf(n) - n).toBeGreaterThan(Math.floor((n - 1) / 3));
  });

  it('error: an empty trusted set has no quorum of zero', () => {
    expect(codeOf(() => verifyNatively(chain.block(1).block, { ...trusted, members: [] }))).toBe('SET_EMPTY');
  });

  it('error: two members with one key', () => {
    const [first, second, ...rest] = trusted.members;
    const members = [first!, { ...second!, publicKey: first!.publicKey }, ...rest];
    expect(codeOf(() => verifyNatively(chain.block(1).block, { ...trusted, members }))).toBe(
      'MEMBER_KEY_ADDRESS',
    );
  });

  it('error: a power that is not one vote', () => {
    for (const power of [0n, -1n, 2n, 1n << 64n]) {
      const members = trusted.members.map((member) => ({ ...member, power }));
      expect(codeOf(() => verifyNatively(chain.block(1).block, { ...trusted, members }))).toBe(
        'MEMBER_POWER',
      );
    }
  });
});

describe('members', () => {
  const chain = network('qbft', { validators: 5 });

  it('default: seals show the keys of those who sealed', () => {
    const members = recoverMembers(chain.block(2).block);
    const all = chain.validatorSet(2).members;
    expect(members.map((m) => m.identity)).toEqual(all.map((m) => m.identity));
    expect(members.filter((m) => !isKeyUnknown(m))).toHaveLength(4);
    for (const [i, member] of members.entries()) if (!isKeyUnknown(member)) expect(member).toEqual(all[i]);
  });

  it('error: a key of nobody in the list', () => {
    const [first, ...rest] = chain.validatorSet(1).members;
    const source = {
      variant: 'qbft',
      chainId: 1n,
      addresses: rest.map((m) => m.identity),
      publicKeys: [first!.publicKey],
    } as const;
    expect(codeOf(() => createIstanbulSet(source))).toBe('KEY_OF_NO_MEMBER');
  });
});

describe.skipIf(!fixturesAvailable)('recorded blocks, altered', () => {
  const block = () => parse(fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex').split('\n')[30]!);
  const next = () => parse(fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex').split('\n')[31]!);
  const trusted = () =>
    createIstanbulSet({ variant: 'ibft1', chainId: 1337n, addresses: block().extra.validators });

  it('error: each kind of bad seal', () => {
    const { seals } = block().extra;
    expect(verdictOf(block(), trusted())).toBe('ok');
    expect(verdictOf(withExtra(block(), { seals: seals.slice(1) }), trusted())).toBe('TOO_FEW_SEALS');
    expect(verdictOf(withExtra(block(), { seals: [...seals, seals[2]!] }), trusted())).toBe('DUPLICATE_SEAL');
    expect(verdictOf(withExtra(next(), { seals }), trusted())).toBe('SEAL_OF_OTHER_HEIGHT');
    expect(verdictOf(withExtra(block(), { seals: next().extra.seals }), trusted())).toBe('FOREIGN_SEAL');
    expect(verdictOf(withExtra(block(), { seals: [...seals, block().extra.proposerSeal!] }), trusted())).toBe(
      'FOREIGN_SEAL',
    );
  });
});
