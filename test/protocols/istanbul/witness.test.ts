import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet, type IstanbulDevnetOptions } from '../../../src/devnet/istanbul.js';
import { signSeal } from '../../../src/devnet/istanbul-validators.js';
import { fieldIndex } from '../../../src/ethereum/header.js';
import { ISTANBUL_VARIANTS, type IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import { blockFromFields } from '../../../src/protocols/istanbul/header.js';
import { istanbul, statement } from '../../../src/protocols/istanbul/index.js';
import { createIstanbulSet, recoverMembers } from '../../../src/protocols/istanbul/members.js';
import { parse } from '../../../src/protocols/istanbul/parse.js';
import { ISTANBUL_TIERS, maxHeaderBytes } from '../../../src/protocols/istanbul/tiers.js';
import { verifyNatively } from '../../../src/protocols/istanbul/verify.js';
import {
  createWitness,
  SPARE_KEY,
  SPARE_SECRET,
  type Span,
  slotsOf,
} from '../../../src/protocols/istanbul/witness.js';
import { bytesToInteger } from '../../../src/statement/hash.js';
import { packStatement } from '../../../src/statement/packing.js';
import { commitValidatorSet, isKeyUnknown } from '../../../src/statement/set-commitment.js';
import type { ValidatorSet } from '../../../src/statement/types.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';
import { codeOf, withExtra, withField } from '../../support/istanbul.js';

const network = (variant: IstanbulVariant, options: Partial<IstanbulDevnetOptions> = {}) =>
  createIstanbulDevnet({ variant, seed: 'witness tests', validators: 4, chainId: 1337n, ...options });
const slice = (bytes: Uint8Array, { offset, length }: Span) => bytes.subarray(offset, offset + length);
const { Point } = secp256k1;
const Fn = Point.Fn;

/** The verification equation of ECDSA, s·R = z·G + r·Q, with the whole point R. */
const holds = (
  slot: { r: bigint; s: bigint; point: { x: bigint; y: bigint }; publicKey: { x: bigint; y: bigint } },
  z: bigint,
) =>
  Point.fromAffine(slot.point)
    .multiply(slot.s)
    .equals(Point.BASE.multiply(Fn.create(z)).add(Point.fromAffine(slot.publicKey).multiply(slot.r))) &&
  slot.point.x === slot.r;

const withoutKey = (set: ValidatorSet, index: number): ValidatorSet => ({
  ...set,
  members: set.members.map((member, i) =>
    i === index ? { ...member, publicKey: { x: 0n, y: 0n } } : member,
  ),
});

describe.each(ISTANBUL_VARIANTS)('createWitness, %s', (variant) => {
  const chain = network(variant, { forkFields: 6 });
  const { block } = chain.block(3);
  const trusted = chain.validatorSet(3);
  const silent = [0, 1, 2, 3].find((i) => isKeyUnknown(recoverMembers(block)[i]!))!;

  it('default: fills every slot with a signature of the message, spare ones with the published key', () => {
    for (const tier of [4, 8]) {
      const witness = createWitness(block, trusted, tier);
      expect(witness.slots).toHaveLength(slotsOf(tier));
      expect(witness.digest).toBe(bytesToInteger(block.sealDigest));
      for (const slot of witness.slots) expect(holds(slot, witness.digest)).toBe(true);
      const indices = witness.slots.flatMap((slot) => slot.memberIndex ?? []);
      expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
      expect(
        witness.slots
          .filter((slot) => slot.memberIndex === undefined)
          .every((slot) => slot.publicKey === SPARE_KEY),
      ).toBe(true);
      for (const slot of witness.slots) expect(slot.trustedIndex).toBe(slot.memberIndex);
    }
  });

  it('behavior: the layout finds every field in the hashed and in the sealed bytes', () => {
    const { hashedLayout, sealedLayout } = createWitness(block, trusted, 4);
    const sealedBytes = variant === 'ibft1' ? block.hashPreimage : block.sealPreimage;
    for (const [layout, bytes] of [
      [hashedLayout, block.hashPreimage],
      [sealedLayout, sealedBytes],
    ] as const) {
      expect(layout.sizeBytes).toBe(bytes.length);
      expect(slice(bytes, layout.payloads[fieldIndex('stateRoot')]!)).toEqual(block.stateRoot);
      expect(bytesToInteger(slice(bytes, layout.payloads[fieldIndex('number')]!))).toBe(block.number);
      expect(bytesToInteger(slice(bytes, layout.payloads[fieldIndex('timestamp')]!))).toBe(block.time);
      expect(layout.validators.map((span) => bytesToInteger(slice(bytes, span)))).toEqual(
        trusted.members.map((m) => m.identity),
      );
      // Items touch each other and fill the list.
      let at = layout.listPayload;
      for (const item of layout.items) {
        expect(item.offset).toBe(at);
        at += item.length;
      }
      expect(at).toBe(bytes.length);
      expect(layout.extraItems.at(-1)!.offset + layout.extraItems.at(-1)!.length).toBe(
        layout.extraList.offset + layout.extraList.length,
      );
    }
    expect(keccak_256(block.hashPreimage)).toEqual(block.hash);
  });

  it('behavior: QBFT hashes differ in the byte of the round only', () => {
    if (variant !== 'qbft') return;
    const later = network(variant, { round: 127 });
    const { block: rounds } = later.block(3);
    const { sealedLayout, hashedLayout } = createWitness(rounds, later.validatorSet(3), 4);
    expect(sealedLayout).toEqual(hashedLayout);
    const different = [...rounds.sealPreimage.keys()].filter(
      (i) => rounds.sealPreimage[i] !== rounds.hashPreimage[i],
    );
    expect(different).toEqual([hashedLayout.round!.offset]);
  });

  it('behavior: slots ascend by member in whatever order the header holds the seals', () => {
    const reversed = withExtra(block, { seals: [...block.extra.seals].reverse() });
    expect(createWitness(reversed, trusted, 8)).toEqual(createWitness(block, trusted, 8));
  });

  it('error: a block that native verification refuses keeps its code', () => {
    expect(codeOf(() => createWitness(chain.block(3, 'missing-votes').block, trusted, 4))).toBe(
      'TOO_FEW_SEALS',
    );
    expect(codeOf(() => statement(chain.block(3, 'foreign-vote').block, trusted))).toBe('FOREIGN_SEAL');
    expect(codeOf(() => istanbul.circuitInput(chain.block(0).block, trusted, 4))).toBe(
      'GENESIS_HAS_NO_SEALS',
    );
  });

  it('error: a set above the tier, a tier that is none', () => {
    const five = network(variant, { validators: 5 });
    expect(codeOf(() => createWitness(five.block(1).block, five.validatorSet(1), 4))).toBe('SET_TOO_LARGE');
    for (const tier of [0, -4, 1.5, Number.NaN])
      expect(codeOf(() => createWitness(block, trusted, tier))).toBe('TIER_RANGE');
    expect(codeOf(() => istanbul.circuitInput(block, trusted, 5))).toBe('TIER_RANGE');
  });

  it('behavior: a member whose key is not known is not needed where others make the quorum', () => {
    const all = network(variant, { seals: 4 });
    const set = withoutKey(all.validatorSet(3), 2);
    const witness = createWitness(all.block(3).block, set, 4);
    expect(witness.slots.flatMap((slot) => slot.memberIndex ?? [])).toEqual([0, 1, 3]);
    expect(witness.signingSet).toEqual(set);
  });

  it('error: a quorum that needs a member whose key is not known; a registered set with the key helps', () => {
    const signer = createWitness(block, trusted, 4).slots[0]!.memberIndex!;
    const partial = withoutKey(trusted, signer);
    expect(codeOf(() => createWitness(block, partial, 4))).toBe('MEMBER_KEY_UNKNOWN');
    const witness = createWitness(block, partial, 4, { registeredSets: [trusted] });
    expect(witness.signingSet).toEqual(trusted);
    expect(witness.slots.filter((slot) => slot.trustedIndex !== undefined)).toHaveLength(2);
  });

  it('error: a trusted set with too few known keys, and a registered one that lacks a member that is not needed', () => {
    const bare = [0, 1, 2].reduce(withoutKey, trusted);
    // Natively its members are matched by address; in a proof only whole members are.
    expect(verifyNatively(block, bare, { registeredSets: [trusted] }).ok).toBe(true);
    const registered = { registeredSets: [withoutKey(trusted, silent)] };
    expect(codeOf(() => createWitness(block, bare, 4, registered))).toBe('MEMBER_KEY_UNKNOWN');
    expect(codeOf(() => createWitness(block, trusted, 4, registered))).toBeUndefined();
  });
});

describe('createWitness, limits', () => {
  it('error: a QBFT round above 127; IBFT 2.0 has no such limit', () => {
    for (const [variant, round, code] of [
      ['qbft', 127, undefined],
      ['qbft', 128, 'ROUND_TOO_LARGE'],
      ['ibft2', 128, undefined],
    ] as const) {
      const chain = network(variant, { round });
      expect(codeOf(() => createWitness(chain.block(2).block, chain.validatorSet(2), 4))).toBe(code);
    }
  });

  it('error: another difficulty than 1, under seals of its own', () => {
    const chain = network('qbft', {});
    const other = withField(chain.block(2).block, 'difficulty', Uint8Array.of(2));
    const seals = chain.validators(2).map((validator) => signSeal(validator, other.sealDigest));
    const block = withExtra(other, { seals });
    expect(verifyNatively(block, chain.validatorSet(2)).ok).toBe(true);
    expect(codeOf(() => createWitness(block, chain.validatorSet(2), 4))).toBe('DIFFICULTY_NOT_ONE');
  });

  it('behavior: overlapping members come first where there are more seals than slots', () => {
    const changes = [{ height: 4, add: [8, 9, 10, 11, 12], remove: [0, 1, 2, 3, 4] }];
    for (const seed of ['a', 'b', 'c', 'd']) {
      const chain = network('qbft', { seed, validators: 8, seals: 8, changes });
      const before = chain.validatorSet(3);
      const witness = createWitness(chain.block(4).block, before, 8, { headerListAuthenticated: true });
      expect(witness.slots).toHaveLength(6);
      // Three of eight stayed: one fewer is no overlap.
      const overlapping = witness.slots.filter((slot) => slot.trustedIndex !== undefined);
      expect(overlapping).toHaveLength(3);
      for (const { memberIndex, trustedIndex } of overlapping)
        expect(before.members[trustedIndex!]).toEqual(witness.signingSet.members[memberIndex!]);
    }
  });

  it('default: the published spare key', () => {
    expect(SPARE_SECRET).toBe(
      bytesToInteger(keccak_256(new TextEncoder().encode('zkfinality/spare-slot/v1'))) % Fn.ORDER,
    );
    expect(Point.BASE.multiply(SPARE_SECRET).toAffine()).toEqual(SPARE_KEY);
  });
});

describe('createCircuitInput', () => {
  const shape = (value: unknown): unknown =>
    Array.isArray(value) ? [value.length, shape(value[0])] : typeof value;

  it('default: the same signals and lengths for every variant and block of a tier', () => {
    for (const tier of [4, 8]) {
      const shapes = ISTANBUL_VARIANTS.flatMap((variant) =>
        [network(variant), network(variant, { validators: 2, forkFields: 6 })].map((chain) => {
          const input = istanbul.circuitInput(chain.block(2).block, chain.validatorSet(2), tier);
          return JSON.stringify(Object.entries(input).map(([name, value]) => [name, shape(value)]));
        }),
      );
      expect(new Set(shapes).size).toBe(1);
    }
  });

  it('behavior: public inputs are the packed statement', () => {
    const chain = network('ibft2');
    const { block } = chain.block(2);
    const trusted = chain.validatorSet(2);
    const facts = statement(block, trusted);
    expect(facts).toEqual({
      trustedSet: commitValidatorSet(trusted),
      signingSet: commitValidatorSet(trusted),
      nextSet: 0n,
      height: 2n,
      time: block.time,
      blockHash: bytesToInteger(block.hash),
      stateRoot: bytesToInteger(block.stateRoot),
    });
    const input = istanbul.circuitInput(block, trusted, 4);
    expect([input.trustedSet, input.signingSet, input.nextSet, input.w1, input.w2, input.w3]).toEqual(
      packStatement(facts),
    );
  });

  it('behavior: headers with all fork fields and as many validators as the tier fit', () => {
    for (const tier of ISTANBUL_TIERS)
      for (const variant of ISTANBUL_VARIANTS) {
        const chain = network(variant, { validators: tier, forkFields: 6 });
        expect(
          Math.max(chain.block(2).block.hashPreimage.length, chain.block(2).block.sealPreimage.length),
        ).toBeLessThanOrEqual(maxHeaderBytes(tier));
      }
    expect(ISTANBUL_TIERS.map(maxHeaderBytes)).toEqual([815, 951, 1087, 1495]);
  });

  it('error: a header that is too long for the tier', () => {
    const chain = network('qbft', { forkFields: 6 });
    const { block } = chain.block(1);
    const trusted = chain.validatorSet(1);
    const inputWith = (laterField: number) => {
      const unsealed = blockFromFields([...block.fields, new Uint8Array(laterField)], 'qbft');
      const seals = chain.validators(1).map((validator) => signSeal(validator, unsealed.sealDigest));
      const longer = withExtra(unsealed, { seals });
      return istanbul.circuitInput(longer, trusted, 4);
    };
    const room = maxHeaderBytes(4) - block.hashPreimage.length;
    // A field of more than 55 bytes has a prefix of two.
    expect(codeOf(() => inputWith(room - 2))).toBeUndefined();
    expect(codeOf(() => inputWith(room - 1))).toBe('HEADER_TOO_LONG');
  });

  it('error: a QBFT header that goes on for too long behind its round', () => {
    const chain = network('qbft', { validators: 1 });
    const { block } = chain.block(1);
    const inputWith = (sizeBytes: number, tier: number) => {
      const field = new Uint8Array(sizeBytes - block.sealPreimage.length - 2);
      const unsealed = blockFromFields([...block.fields, field], 'qbft');
      expect(unsealed.sealPreimage.length).toBe(sizeBytes);
      const seals = chain.validators(1).map((validator) => signSeal(validator, unsealed.sealDigest));
      return istanbul.circuitInput(withExtra(unsealed, { seals }), chain.validatorSet(1), tier);
    };
    // The round stands in the fourth block of 136 bytes.
    for (const tier of [8, 16, 32]) {
      expect(codeOf(() => inputWith(6 * 136 - 1, tier))).toBeUndefined();
      expect(codeOf(() => inputWith(6 * 136, tier))).toBe('HEADER_TAIL_TOO_LONG');
    }
    expect(codeOf(() => inputWith(6 * 136 - 1, 4))).toBeUndefined();
    expect(codeOf(() => inputWith(6 * 136, 4))).toBe('HEADER_TOO_LONG');
  });
});

describe.skipIf(!fixturesAvailable)('recorded blocks', () => {
  it('default: blocks 1, 30 and 60 of GoQuorum at tier 8, block 7528 of Besu at tier 4', () => {
    const blocks = fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex')
      .trim()
      .split('\n')
      .map((line) => parse(line));
    const publicKeys = [
      ...new Set(
        blocks
          .flatMap(recoverMembers)
          .filter((m) => !isKeyUnknown(m))
          .map((m) => m.publicKey),
      ),
    ];
    const trusted = createIstanbulSet({ variant: 'ibft1', chainId: 1337n, publicKeys });
    for (const height of [1, 30, 60])
      expect(createWitness(blocks[height]!, trusted, 8).slots).toHaveLength(6);
    const qbft = parse(fixtureText('istanbul/besu-qbft-header-7528.hex'));
    const members = recoverMembers(qbft);
    const witness = createWitness(qbft, { variant: 'qbft', chainId: 1337n, members }, 4);
    expect(witness.slots.map((slot) => slot.memberIndex)).toEqual(
      members.flatMap((m, i) => (isKeyUnknown(m) ? [] : [i])),
    );
    expect(witness.hashedLayout.round).toEqual({ offset: 586, length: 1 });
  });
});
