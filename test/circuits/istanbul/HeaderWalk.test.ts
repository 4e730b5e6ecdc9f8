import { beforeAll, describe, expect, test } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { fieldIndex } from '../../../src/ethereum/header.js';
import { encodeRlp } from '../../../src/ethereum/rlp.js';
import { BN254_R } from '../../../src/math/field.js';
import type { IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import { type IstanbulBlock, parseHeader } from '../../../src/protocols/istanbul/header.js';
import { VARIANT_NUMBERS } from '../../../src/statement/set-commitment.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';
import { codeOf, withExtra } from '../../support/istanbul.js';
import { runs, seededBytes } from '../../support/runs.js';

const compileWalk = (variant: IstanbulVariant, tier: number, maxBytes: number): Promise<TestCircuit> =>
  compileCircuit(`pragma circom 2.2.0;
    include "protocols/istanbul/HeaderWalk.circom";
    component main = HeaderWalk(${VARIANT_NUMBERS[variant]}, ${tier}, ${maxBytes});`);

const pad = (values: readonly bigint[], size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => values[i] ?? 0n);

/** What validators hash: for IBFT 1.0 the header under its block hash. */
const sealedHeader = (block: IstanbulBlock): Uint8Array =>
  block.variant === 'ibft1' ? block.hashPreimage : block.sealPreimage;

type Walk = {
  readonly circuit: TestCircuit;
  readonly tier: number;
  readonly maxBytes: number;
};

const inputOf = (walk: Walk, header: Uint8Array, validators: readonly bigint[]) => ({
  bytes: pad(Array.from(header, BigInt), walk.maxBytes),
  length: BigInt(header.length),
  active: pad(
    validators.map(() => 1n),
    walk.tier,
  ),
  identity: pad(validators, walk.tier),
});

const accepts = async (walk: Walk, header: Uint8Array, validators: readonly bigint[]): Promise<boolean> => {
  try {
    const witness = await walk.circuit.witness(inputOf(walk, header, validators));
    return witness.length > 0;
  } catch (error) {
    if ((error as { code?: string }).code === 'CIRCUIT_ASSERTION') return false;
    throw error;
  }
};

const expectRead = async (walk: Walk, block: IstanbulBlock): Promise<void> => {
  const witness = await walk.circuit.witness(inputOf(walk, sealedHeader(block), block.extra.validators));
  expect(walk.circuit.value(witness, 'main.height')).toBe(block.number);
  expect(walk.circuit.value(witness, 'main.time')).toBe(block.time);
};

/** The strict parser's word on a header as validators hash it. */
const parses = (header: Uint8Array, variant: 'ibft1' | 'qbft', validators: readonly bigint[]): boolean => {
  let block: IstanbulBlock | undefined;
  if (codeOf(() => (block = parseHeader(header, variant))) !== undefined || block === undefined) return false;
  return (
    block.extra.seals.length === 0 &&
    block.extra.round < 128 &&
    Buffer.from(block.fields[fieldIndex('difficulty')] as Uint8Array).toString('hex') === '01' &&
    `${block.extra.validators}` === `${validators}` &&
    (variant !== 'ibft1' || block.extra.proposerSeal?.length === 65)
  );
};

const networks = (variant: IstanbulVariant, counts: readonly number[]): readonly IstanbulBlock[] =>
  counts.flatMap((validators) =>
    [0, 3, 6].map(
      (forkFields) =>
        createIstanbulDevnet({
          variant,
          seed: 'walk',
          validators,
          chainId: 1337n,
          forkFields,
          ...(variant === 'ibft1' ? {} : { round: forkFields }),
        }).block(forkFields === 3 ? 130 : 1).block,
    ),
  );

describe('HeaderWalk', () => {
  const walks = {} as Record<IstanbulVariant, Walk>;

  beforeAll(async () => {
    walks.qbft = { circuit: await compileWalk('qbft', 4, 815), tier: 4, maxBytes: 815 };
    walks.ibft1 = { circuit: await compileWalk('ibft1', 8, 951), tier: 8, maxBytes: 951 };
    walks.ibft2 = { circuit: await compileWalk('ibft2', 4, 815), tier: 4, maxBytes: 815 };
  });

  test('accepts: networks of every variant, 1 to TIER validators, with and without fork fields', async () => {
    for (const variant of ['ibft1', 'ibft2', 'qbft'] as const)
      for (const block of networks(variant, variant === 'ibft1' ? [1, 2, 3, 8] : [1, 2, 3, 4]))
        await expectRead(walks[variant], block);
  });

  test('accepts: votes, both kinds', async () => {
    for (const variant of ['ibft2', 'qbft'] as const)
      for (const add of [true, false]) {
        const [block] = networks(variant, [3]) as [IstanbulBlock];
        await expectRead(walks[variant], withExtra(block, { vote: { recipient: 5n, add } }));
      }
  });

  test.runIf(fixturesAvailable)(
    'accepts: the recorded QBFT block and 60 recorded IBFT 1.0 blocks',
    async () => {
      await expectRead(walks.qbft, recordedQbft());
      for (const block of recordedIbft1()) await expectRead(walks.ibft1, block);
    },
  );

  test('rejects: more validators than the set, fewer, another one, another order', async () => {
    const [block] = networks('qbft', [3]) as [IstanbulBlock];
    const [a, b, c] = block.extra.validators as [bigint, bigint, bigint];
    const header = sealedHeader(block);
    expect(await accepts(walks.qbft, header, [a, b, c])).toBe(true);
    for (const others of [
      [a, b],
      [a, b, c, c],
      [a, b, c, 0n],
      [a, b, c + 1n],
      [a, c, b],
      [a, a, c],
    ])
      expect(await accepts(walks.qbft, header, others), `${others}`).toBe(false);
  });

  test('rejects: a wrong length, and rounds above 127', async () => {
    const [block] = networks('qbft', [3]) as [IstanbulBlock];
    const header = sealedHeader(block);
    for (const changed of [header.subarray(0, -1), Buffer.concat([header, Buffer.from([0])])])
      expect(await accepts(walks.qbft, changed, block.extra.validators)).toBe(false);
    for (const round of [128, 255, 256]) {
      const late = createIstanbulDevnet({ variant: 'qbft', seed: 'walk', validators: 3, chainId: 1n, round });
      const other = late.block(1).block;
      expect(await accepts(walks.qbft, sealedHeader(other), other.extra.validators)).toBe(false);
    }
  });

  test('rejects: headers of another variant', async () => {
    for (const variant of ['ibft1', 'ibft2', 'qbft'] as const)
      for (const other of ['ibft1', 'ibft2', 'qbft'] as const) {
        if (other === variant) continue;
        const [block] = networks(other, [3]) as [IstanbulBlock];
        expect(await accepts(walks[variant], sealedHeader(block), block.extra.validators)).toBe(false);
      }
  });

  for (const variant of ['qbft', 'ibft1'] as const)
    test(`behavior: ${variant}: every byte altered: the circuit accepts what the strict parser does, but for fork fields`, async () => {
      const random = seededBytes(7);
      const block = networks(variant, [3])[1] as IstanbulBlock;
      const header = sealedHeader(block);
      const { validators } = block.extra;
      const forkFieldsStart = header.length - forkFieldsBytes(block);
      const looser: string[] = [];
      const stricter: string[] = [];
      let refused = 0;
      for (let i = 0; i < header.length; i++)
        for (const step of [1 + (random(1)[0] as number), 1, 255].slice(0, runs(1, 3))) {
          const value = (header[i] as number) + step;
          const altered = Uint8Array.from(header);
          altered[i] = value;
          if (altered[i] === header[i]) continue;
          const circuit = await accepts(walks[variant], altered, validators);
          const parser = parses(altered, variant, validators);
          if (!circuit) refused++;
          // Fork fields go into the hash unread: only the parser walks them.
          if (circuit && !parser && i < forkFieldsStart) looser.push(`${i}: ${header[i]} -> ${altered[i]}`);
          if (!circuit && parser) stricter.push(`${i}: ${header[i]} -> ${altered[i]}`);
        }
      expect(stricter).toEqual([]);
      expect(looser).toEqual([]);
      expect(refused).toBeGreaterThan(100);
    });

  test('rejects: one altered wire of the walk in three, but for bytes that have no shape', async () => {
    const block = networks('qbft', [3])[1] as IstanbulBlock;
    const witness = await walks.qbft.circuit.witness(
      inputOf(walks.qbft, sealedHeader(block), block.extra.validators),
    );
    const accepted = walks.qbft.circuit.sweep(witness, { every: 3 });
    const names = accepted
      .flatMap(({ names: list }) => list)
      .filter((name) => !name.startsWith('main.bytes['));
    expect(names).toEqual([]);
  });

  test('rejects: a field element where a byte is due, in places that the walk reads', async () => {
    const [block] = networks('qbft', [3]) as [IstanbulBlock];
    const input = inputOf(walks.qbft, sealedHeader(block), block.extra.validators);
    for (const i of [0, 1, 2, 3, 448]) {
      const bytes = input.bytes.with(i, BN254_R - 1n);
      await expect(walks.qbft.circuit.witness({ ...input, bytes })).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
    }
  });

  test('default: size', () => {
    expect(walks.qbft.circuit.constraints).toBeLessThan(2_500);
    expect(walks.ibft1.circuit.constraints).toBeLessThan(3_100);
    expect(walks.ibft2.circuit.constraints).toBeLessThan(2_500);
  });
});

/** Bytes of the items behind the 15 fields that every header has. */
function forkFieldsBytes(block: IstanbulBlock): number {
  return block.fields.slice(fieldIndex('nonce') + 1).reduce((sum, field) => sum + encodeRlp(field).length, 0);
}

function recordedQbft(): IstanbulBlock {
  return parseHeader(fromHex(fixtureText('istanbul/besu-qbft-header-7528.hex')), 'qbft');
}

/** Headers of blocks 1 to 60: the first item of each block. */
function recordedIbft1(): readonly IstanbulBlock[] {
  return fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const block = fromHex(line);
      // list(header, transactions, uncles) with two length bytes, the header with two as well.
      const start = 3;
      const end = start + 3 + 256 * (block[start + 1] as number) + (block[start + 2] as number);
      return parseHeader(block.subarray(start, end), 'ibft1');
    });
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.trim().replace(/^0x/, ''), 'hex'));
}
