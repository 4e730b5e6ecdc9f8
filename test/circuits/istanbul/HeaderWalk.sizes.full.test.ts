/**
 * Headers whose lengths change their form: extraData around 256 bytes, validator lists of one, two and three prefix bytes, the longest
 * headers of the large tiers, and IBFT 2.0's second preimage where lengths have two bytes.
 */
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import type { IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import { blockFromFields, type IstanbulBlock } from '../../../src/protocols/istanbul/header.js';
import { maxHeaderBytes } from '../../../src/protocols/istanbul/tiers.js';
import { VARIANT_NUMBERS } from '../../../src/statement/set-commitment.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { withExtra, withField } from '../../support/istanbul.js';
import { outcomeOf } from '../../support/outcome.js';

const pad = (values: readonly bigint[], size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => values[i] ?? 0n);

const headerOf = (block: IstanbulBlock): Uint8Array =>
  block.variant === 'ibft1' ? block.hashPreimage : block.sealPreimage;

const inputOf = (block: IstanbulBlock, tier: number, maxBytes: number) => ({
  bytes: pad(Array.from(headerOf(block), BigInt), maxBytes),
  length: BigInt(headerOf(block).length),
  active: pad(
    block.extra.validators.map(() => 1n),
    tier,
  ),
  identity: pad(block.extra.validators, tier),
});

/** The plain block, and for Besu's variants one with each kind of vote. */
const blocksOf = (variant: IstanbulVariant, validators: number, forkFields: number): IstanbulBlock[] => {
  const { block } = createIstanbulDevnet({
    variant,
    seed: 'sizes',
    validators,
    chainId: 1337n,
    forkFields,
    ...(variant === 'ibft1' ? {} : { round: 5 }),
  }).block(1);
  if (variant === 'ibft1') return [block];
  const votes = [true, false].map((add) => withExtra(block, { vote: { recipient: 2n ** 159n + 7n, add } }));
  return [block, ...votes];
};

/** Every integer field that the walk passes as long as it may be. */
const widest = (block: IstanbulBlock): IstanbulBlock =>
  ['number', 'gasLimit', 'gasUsed', 'timestamp'].reduce(
    (wide, name) => withField(wide, name, new Uint8Array(8).fill(255)),
    block,
  );

const extraPrefix = (block: IstanbulBlock): number => {
  const header = headerOf(block);
  let at = 449;
  for (let i = 0; i < 4; i++) at += (header[at] as number) < 128 ? 1 : (header[at] as number) - 127;
  return header[at] as number;
};

describe('HeaderWalk: large sets', () => {
  for (const [variant, tier, sizes] of [
    ['qbft', 16, [8, 9, 10, 11, 12, 13, 16]],
    ['ibft2', 16, [8, 9, 10, 11, 12, 13, 16]],
    ['ibft1', 16, [6, 7, 8, 9, 12, 13, 16]],
    ['qbft', 32, [1, 13, 31, 32]],
  ] as const)
    it(`accepts: ${variant} at tier ${tier} with ${sizes.join(', ')} validators, votes, fork fields, the longest integers`, async () => {
      const maxBytes = maxHeaderBytes(tier);
      const circuit = await compileCircuit(`pragma circom 2.2.0;
include "protocols/istanbul/HeaderWalk.circom";
component main = HeaderWalk(${VARIANT_NUMBERS[variant]}, ${tier}, ${maxBytes});`);
      const prefixes = new Set<number>();
      let longest = 0;
      for (const validators of sizes)
        for (const plain of blocksOf(variant, validators, 6))
          for (const block of [plain, widest(plain)]) {
            prefixes.add(extraPrefix(block));
            longest = Math.max(longest, headerOf(block).length);
            const witness = await circuit.witness(inputOf(block, tier, maxBytes));
            expect(circuit.value(witness, 'main.height')).toBe(block.number);
            expect(circuit.value(witness, 'main.time')).toBe(block.time);
          }
      expect([...prefixes].sort()).toEqual([0xb8, 0xb9]);
      expect(longest).toBeLessThanOrEqual(maxBytes);
    });
});

describe('HeaderWalk: lists of more than twelve', () => {
  it('rejects: every byte of the list’s prefix and of the lengths around it altered', async () => {
    const maxBytes = maxHeaderBytes(16);
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "protocols/istanbul/HeaderWalk.circom";
component main = HeaderWalk(4, 16, ${maxBytes});`);
    const block = blocksOf('qbft', 13, 1)[0] as IstanbulBlock;
    const input = inputOf(block, 16, maxBytes);
    expect(await outcomeOf(circuit.witness(input))).toBe('accepted');
    const extra = headerOf(block).indexOf(0xb9, 449);
    // b9 and two bytes, f9 and two, the vanity, f9 and two, the first address.
    const places = [0, 1, 2, 3, 4, 5, 6, 39, 40, 41, 42].map((offset) => extra + offset);
    expect([0, 3, 6, 39, 42].map((offset) => input.bytes[extra + offset])).toEqual([
      0xb9n,
      0xf9n,
      0xa0n,
      0xf9n,
      0x94n,
    ]);
    for (const at of places)
      for (const by of [1n, 255n]) {
        const bytes = input.bytes.with(at, ((input.bytes[at] as bigint) + by) % 256n);
        expect(await outcomeOf(circuit.witness({ ...input, bytes })), `${at - extra}`).toBe(
          'CIRCUIT_ASSERTION',
        );
      }
  });
});

describe('DigestsIbft2: lengths of one and two bytes', () => {
  const TIER = 12;
  const MAX_BYTES = 951;

  const compile = (): Promise<TestCircuit> =>
    compileCircuit(`pragma circom 2.2.0;
include "protocols/istanbul/HeaderWalk.circom";
include "protocols/istanbul/DigestsIbft2.circom";
template Main() {
    signal input bytes[${MAX_BYTES}];
    signal input length;
    signal input active[${TIER}];
    signal input identity[${TIER}];
    signal input chPole;
    signal output blockHash[32];
    signal output sealedHash[32];
    component walk = HeaderWalk(3, ${TIER}, ${MAX_BYTES});
    walk.bytes <== bytes;
    walk.length <== length;
    walk.active <== active;
    walk.identity <== identity;
    _ <== walk.height;
    _ <== walk.time;
    _ <== walk.roundByte;
    component digests = DigestsIbft2(${TIER}, ${MAX_BYTES});
    digests.bytes <== bytes;
    digests.length <== length;
    digests.roundAt <== walk.roundAt;
    digests.extraAt <== walk.extraAt;
    digests.extraWide <== walk.extraWide;
    digests.listAt <== walk.listAt;
    digests.listWide <== walk.listWide;
    digests.chPole <== chPole;
    digests.chX <== 5;
    digests.chX2 <== 25;
    blockHash <== digests.blockHash;
    sealedHash <== digests.sealedHash;
    _ <== digests.chSum;
    _ <== digests.looked;
}
component main = Main();`);

  /** The block with a base fee field of as many bytes as give the outer length this low byte. */
  const withOuterLowByte = (block: IstanbulBlock, low: number): IstanbulBlock => {
    for (let size = 1; size < 270; size++) {
      const resized = blockFromFields(
        [...block.fields.slice(0, 15), new Uint8Array(size).fill(200)],
        'ibft2',
      );
      if (resized.sealPreimage[2] === low && resized.sealPreimage.length <= MAX_BYTES) return resized;
    }
    throw new Error(`no size gives ${low}`);
  };

  it('accepts: 1 to 12 validators, votes, and borrows of the outer length', async () => {
    const circuit = await compile();
    const expectHashes = async (block: IstanbulBlock): Promise<void> => {
      const witness = await circuit.witness({
        ...inputOf(block, TIER, MAX_BYTES),
        chPole: 2n ** 200n,
      });
      expect(witness.slice(1, 33)).toEqual(Array.from(block.hash, BigInt));
      expect(witness.slice(33, 65)).toEqual(Array.from(block.sealDigest, BigInt));
    };
    for (const validators of [1, 9, 10, 11, 12])
      for (const block of blocksOf('ibft2', validators, 1)) await expectHashes(block);
    for (const low of [0, 4, 5])
      await expectHashes(withOuterLowByte(blocksOf('ibft2', 4, 1)[0] as IstanbulBlock, low));
  });
});
