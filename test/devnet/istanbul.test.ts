import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import {
  createIstanbulDevnet,
  formatHeaderHex,
  type IstanbulDevnetOptions,
} from '../../src/devnet/istanbul.js';
import { createValidator, signSeal } from '../../src/devnet/istanbul-validators.js';
import { MISBEHAVIOURS } from '../../src/devnet/types.js';
import { ISTANBUL_VARIANTS } from '../../src/protocols/istanbul/extra-data.js';
import { parse } from '../../src/protocols/istanbul/parse.js';
import { verifyNatively } from '../../src/protocols/istanbul/verify.js';
import { assertValidatorSet } from '../../src/statement/set-commitment.js';
import { codeOf } from '../support/istanbul.js';

const base = { variant: 'qbft', seed: 'devnet tests', validators: 4, chainId: 1337n } as const;
const create = (options: Partial<IstanbulDevnetOptions> = {}) =>
  createIstanbulDevnet({ ...base, ...options });

describe('createIstanbulDevnet', () => {
  it('default: a chain of final blocks whose files read back', () => {
    for (const variant of ISTANBUL_VARIANTS) {
      const chain = create({ variant, forkFields: 6 });
      for (let height = 1; height <= 5; height++) {
        const { block, text } = chain.block(height);
        expect(block.parentHash).toEqual(chain.block(height - 1).block.hash);
        expect(block.number).toBe(BigInt(height));
        expect(block.time).toBe(chain.block(height - 1).block.time + 2n);
        expect(parse(text)).toEqual(block);
        expect(parse(formatHeaderHex(block))).toEqual(block);
        expect(verifyNatively(block, chain.validatorSet(height))).toMatchObject({ ok: true, sameSet: true });
      }
    }
  });

  it('behavior: the same options give the same blocks, whatever was asked before', () => {
    const chain = create();
    chain.block(7, 'equivocation');
    expect(chain.block(3)).toEqual(create().block(3));
    expect(bytesToHex(create().block(1).block.hash)).not.toBe(
      bytesToHex(create({ seed: 'other' }).block(1).block.hash),
    );
  });

  it('behavior: sets change at their heights and not before', () => {
    const chain = create({
      changes: [
        { height: 3, add: [4] },
        { height: 5, add: [5], remove: [0, 4] },
      ],
    });
    const sizes = [0, 1, 2, 3, 4, 5, 6].map((height) => chain.validatorSet(height).members.length);
    expect(sizes).toEqual([4, 4, 4, 5, 5, 4, 4]);
    for (let height = 1; height <= 6; height++) {
      assertValidatorSet(chain.validatorSet(height));
      expect(verifyNatively(chain.block(height).block, chain.validatorSet(height)).ok).toBe(true);
    }
    expect(chain.validatorSet(3).members).not.toEqual(chain.validatorSet(2).members);
  });

  it('behavior: honest blocks go on after misbehaviour', () => {
    const chain = create({ changes: [{ height: 2, add: [4] }] });
    for (const misbehaviour of MISBEHAVIOURS) {
      expect(chain.block(4, misbehaviour).block.rlp).not.toEqual(chain.block(4).block.rlp);
      expect(chain.block(5).block.parentHash).toEqual(chain.block(4).block.hash);
    }
  });

  it('behavior: the takeover by an own list seals with more than a third of the honest set and with own keys', () => {
    for (const validators of [1, 2, 3, 4, 7, 12]) {
      const chain = create({ validators });
      const honest = new Set(chain.validatorSet(1).members.map((m) => m.identity));
      const verdict = verifyNatively(chain.block(1, 'own-list').block, chain.validatorSet(1), {
        headerListAuthenticated: true,
      });
      if (!verdict.ok) throw new Error(verdict.message);
      const genuine = verdict.seals.filter((seal) => honest.has(seal.address)).length;
      expect(3 * genuine).toBeGreaterThan(validators);
      expect(3 * (verdict.seals.length - genuine)).toBeGreaterThanOrEqual(
        2 * verdict.signingSet.members.length,
      );
    }
  });

  it('error: options that cannot be', () => {
    const bad: readonly Partial<IstanbulDevnetOptions>[] = [
      { validators: 0 },
      { validators: 513 },
      { validators: 1.5 },
      { chainId: -1n },
      { chainId: 1n << 64n },
      { round: -1 },
      { round: 2 ** 31 },
      { variant: 'ibft1', round: 1 },
      { forkFields: 7 },
      { seals: -1 },
      { seed: 'a\0b' },
      { genesisTime: -1n },
      { changes: [{ height: 0 }] },
      { changes: [{ height: 2 }, { height: 2 }] },
      { changes: [{ height: 2, remove: [0, 1, 2, 3] }] },
    ];
    for (const options of bad)
      expect(
        codeOf(() => create(options)),
        JSON.stringify(Object.keys(options)),
      ).toBe('DEVNET_OPTIONS');
  });

  it('error: heights and misbehaviour that cannot be', () => {
    for (const height of [-1, 1.5, Number.NaN, 100_001])
      expect(codeOf(() => create().block(height))).toBe('DEVNET_HEIGHT');
    expect(codeOf(() => create().block(0, 'equivocation'))).toBe('DEVNET_HEIGHT');
    expect(codeOf(() => create().block(3, 'foreign-keys'))).toBe('DEVNET_MISBEHAVIOUR');
  });
});

describe('signSeal', () => {
  it('default: r ‖ s ‖ v that an independent check accepts', () => {
    const validator = createValidator('seed', 'validator 0');
    const digest = new Uint8Array(32).fill(7);
    const seal = signSeal(validator, digest);
    expect(seal).toHaveLength(65);
    expect([0, 1]).toContain(seal[64]);
    const key = secp256k1.Point.fromAffine(validator.member.publicKey).toBytes(false);
    expect(secp256k1.verify(seal.slice(0, 64), digest, key, { prehash: false })).toBe(true);
    expect(signSeal(validator, digest)).toEqual(seal);
  });
});
