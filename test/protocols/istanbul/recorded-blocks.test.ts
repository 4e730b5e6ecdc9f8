/** Blocks that real networks sealed. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { headerPreimage } from '../../../src/protocols/istanbul/header.js';
import { formatJsonBlock } from '../../../src/protocols/istanbul/json-block.js';
import {
  createIstanbulSet,
  parsePublicKey,
  recoverMembers,
} from '../../../src/protocols/istanbul/members.js';
import { parse } from '../../../src/protocols/istanbul/parse.js';
import { verifyNatively } from '../../../src/protocols/istanbul/verify.js';
import { isKeyUnknown } from '../../../src/statement/set-commitment.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';

const lines = (path: string): string[] => fixtureText(path).trim().split(/\s+/);

describe.skipIf(!fixturesAvailable)('IBFT 1.0, GoQuorum, blocks 0 to 60', () => {
  const blocks = fixturesAvailable
    ? lines('istanbul/goquorum-ibft1-blocks-0-60.hex').map((hex) => parse(hex))
    : [];
  const publicKeys = fixturesAvailable
    ? lines('istanbul/goquorum-ibft1-validator-keys.hex').map(parsePublicKey)
    : [];
  const trusted = () => createIstanbulSet({ variant: 'ibft1', chainId: 1337n, publicKeys });

  it('default: blocks 1 to 60 are sealed by 4 of the 5 validators whose keys are recorded', () => {
    expect(blocks).toHaveLength(61);
    for (const [height, block] of blocks.entries()) {
      expect(block.number).toBe(BigInt(height));
      expect(block.variant).toBe('ibft1');
      if (height === 0) continue;
      expect(verifyNatively(block, trusted())).toMatchObject({ ok: true, sameSet: true, quorum: 4 });
      expect(block.extra.seals).toHaveLength(4);
    }
  });

  it('behavior: each block names the hash of the one before', () => {
    for (let i = 1; i < blocks.length; i++)
      expect(bytesToHex(blocks[i]!.parentHash)).toBe(bytesToHex(blocks[i - 1]!.hash));
  });

  it('behavior: the recorded keys are those that the seals show', () => {
    const shown = new Map(
      blocks
        .slice(1)
        .flatMap(recoverMembers)
        .filter((m) => !isKeyUnknown(m))
        .map((m) => [m.identity, m]),
    );
    expect([...shown.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1))).toEqual(trusted().members);
  });

  it('error: block 0 gets GENESIS_HAS_NO_SEALS', () => {
    expect(verifyNatively(blocks[0]!, trusted())).toMatchObject({ ok: false, code: 'GENESIS_HAS_NO_SEALS' });
  });
});

describe.skipIf(!fixturesAvailable)('QBFT, Besu, block 7528', () => {
  const text = (name: string) => fixtureText(`istanbul/${name}`).trim();
  const block = () => parse(text('besu-qbft-header-7528.hex'));

  it('default: three of four validators sealed it in round 1', () => {
    const trusted = createIstanbulSet({
      variant: 'qbft',
      chainId: 1337n,
      addresses: block().extra.validators,
      publicKeys: recoverMembers(block())
        .filter((m) => !isKeyUnknown(m))
        .map((m) => m.publicKey),
    });
    expect(trusted.members.filter(isKeyUnknown)).toHaveLength(1);
    expect(block()).toMatchObject({ variant: 'qbft', number: 7528n });
    expect(block().extra.round).toBe(1);
    expect(verifyNatively(block(), trusted)).toMatchObject({ ok: true, sameSet: true, quorum: 3 });
  });

  it('behavior: its validators hashed the recorded preimage', () => {
    expect(bytesToHex(block().sealPreimage)).toBe(text('besu-qbft-header-7528-commit-preimage.hex'));
    const { fields, extra } = block();
    expect(bytesToHex(headerPreimage(fields, extra, 'chain'))).toBe(text('besu-qbft-header-7528.hex'));
    expect(bytesToHex(fields[12]!)).toBe(text('besu-qbft-extra-data.hex'));
  });

  it('behavior: its JSON form reproduces the hash', () => {
    expect(parse(JSON.stringify(formatJsonBlock(block())))).toEqual(block());
  });

  it('behavior: sealed and hashed bytes differ in byte 586 of 630 only', () => {
    const { sealPreimage, hashPreimage } = block();
    expect([sealPreimage.length, hashPreimage.length]).toEqual([630, 630]);
    const different = [...sealPreimage.keys()].filter((i) => sealPreimage[i] !== hashPreimage[i]);
    expect(different).toEqual([586]);
  });
});
