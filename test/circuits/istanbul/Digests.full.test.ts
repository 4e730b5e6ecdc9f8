/** The hashes of Istanbul headers with lookups: three circuits of 280,000 to 400,000 rows. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { fieldIndex } from '../../../src/ethereum/header.js';
import type { IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import { blockFromFields, type IstanbulBlock, parseHeader } from '../../../src/protocols/istanbul/header.js';
import { VARIANT_NUMBERS } from '../../../src/statement/set-commitment.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';
import { withExtra, withField } from '../../support/istanbul.js';
import { runs } from '../../support/runs.js';

/** Rows are checked for one challenge; soundness over all of them is the argument of `KeccakTable`. */
const CHALLENGE = BigInt(`0x${'c3'.repeat(31)}`);

type Setup = {
  readonly tier: number;
  readonly maxBytes: number;
  readonly template: string;
  readonly parameters: string;
  readonly packed: string;
  readonly wiring: string;
};

const SETUPS: Record<IstanbulVariant, Setup> = {
  ibft1: {
    tier: 8,
    maxBytes: 951,
    template: 'DigestsIbft1',
    parameters: '951',
    packed: 'digestsIbft1Packed(951)',
    wiring:
      '_ <== walk.roundAt; _ <== walk.roundByte; _ <== walk.extraAt; _ <== walk.extraWide; _ <== walk.listAt; _ <== walk.listWide;',
  },
  ibft2: {
    tier: 4,
    maxBytes: 815,
    template: 'DigestsIbft2',
    parameters: '4, 815',
    packed: 'digestsIbft2Packed(815)',
    wiring: `digests.roundAt <== walk.roundAt; digests.extraAt <== walk.extraAt; digests.extraWide <== walk.extraWide;
      digests.listAt <== walk.listAt; digests.listWide <== walk.listWide; _ <== walk.roundByte;`,
  },
  qbft: {
    tier: 8,
    maxBytes: 951,
    template: 'DigestsQbft',
    parameters: '8, 951',
    packed: 'digestsQbftPacked(951)',
    wiring: `digests.roundAt <== walk.roundAt; digests.roundByte <== walk.roundByte;
      _ <== walk.extraAt; _ <== walk.extraWide; _ <== walk.listAt; _ <== walk.listWide;`,
  },
};

/** COST: rows with the table of Keccak (40,041) and the walk, at most. */
const MOST_ROWS: Record<IstanbulVariant, number> = { qbft: 340_000, ibft1: 281_000, ibft2: 401_500 };

const mainOf = (variant: IstanbulVariant): string => {
  const { tier, maxBytes, template, parameters, packed, wiring } = SETUPS[variant];
  return `pragma circom 2.2.0;
include "lib/lookup/LookupPole.circom";
include "lib/hash/KeccakTable.circom";
include "protocols/istanbul/HeaderWalk.circom";
include "protocols/istanbul/${template}.circom";
template Main() {
    signal input bytes[${maxBytes}];
    signal input length;
    signal input active[${tier}];
    signal input identity[${tier}];
    signal input x;
    signal output blockHash[32];
    signal output sealedHash[32];
    signal output height;
    signal output time;
    signal chPower2 <== x * x;
    signal chPole <== LookupPole(24)(x);
    component walk = HeaderWalk(${VARIANT_NUMBERS[variant]}, ${tier}, ${maxBytes});
    walk.bytes <== bytes;
    walk.length <== length;
    walk.active <== active;
    walk.identity <== identity;
    height <== walk.height;
    time <== walk.time;
    component digests = ${template}(${parameters});
    ${wiring}
    digests.bytes <== bytes;
    digests.length <== length;
    digests.chPole <== chPole;
    digests.chX <== x;
    digests.chX2 <== chPower2;
    blockHash <== digests.blockHash;
    sealedHash <== digests.sealedHash;
    component table = KeccakTable(${packed});
    table.looked <== digests.looked;
    table.chPole <== chPole;
    table.chX <== x;
    table.chX2 <== chPower2;
    digests.chSum === table.chSum;
}
component main {public [x]} = Main();`;
};

const pad = (values: readonly bigint[], size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => values[i] ?? 0n);

const proveBlock = (circuit: TestCircuit, block: IstanbulBlock): Promise<bigint[]> => {
  const { tier, maxBytes } = SETUPS[block.variant];
  const header = block.variant === 'ibft1' ? block.hashPreimage : block.sealPreimage;
  return circuit.witness({
    bytes: pad(Array.from(header, BigInt), maxBytes),
    length: BigInt(header.length),
    active: pad(
      block.extra.validators.map(() => 1n),
      tier,
    ),
    identity: pad(block.extra.validators, tier),
    x: CHALLENGE,
  });
};

const expectHashes = async (circuit: TestCircuit, block: IstanbulBlock): Promise<bigint[]> => {
  const witness = await proveBlock(circuit, block);
  expect(witness.slice(1, 33)).toEqual(Array.from(block.hash, BigInt));
  expect(witness.slice(33, 65)).toEqual(Array.from(block.sealDigest, BigInt));
  expect(witness.slice(65, 67)).toEqual([block.number, block.time]);
  return witness;
};

const network = (
  variant: IstanbulVariant,
  validators: number,
  round: number,
  forkFields: number,
): IstanbulBlock =>
  createIstanbulDevnet({
    variant,
    seed: 'digests',
    validators,
    chainId: 1337n,
    forkFields,
    ...(variant === 'ibft1' ? {} : { round }),
  }).block(1).block;

for (const variant of ['qbft', 'ibft1', 'ibft2'] as const)
  describe(`${SETUPS[variant].template} behind HeaderWalk`, () => {
    let circuit: TestCircuit;

    beforeAll(async () => {
      circuit = await compileCircuit(mainOf(variant));
    });

    for (const [validators, round, forkFields] of [
      [1, 0, 0],
      [4, 127, 6],
      [3, 5, 2],
    ] as const)
      test(`accepts: ${validators} validators, round ${round}, ${forkFields} fork fields`, async () => {
        await expectHashes(circuit, network(variant, validators, round, forkFields));
      });

    test.runIf(fixturesAvailable && variant !== 'ibft2')('accepts: recorded blocks', async () => {
      for (const block of recordedBlocks(variant)) await expectHashes(circuit, block);
    });

    test('rejects: another hash, and every field altered under the same hashes', async () => {
      const block = network(variant, 4, 3, 3);
      const witness = await expectHashes(circuit, block);
      expect(circuit.failingRow(witness)).toBeUndefined();
      for (const wire of [1, 64, 65, 66]) {
        const forged = witness.with(wire, (witness[wire] as bigint) ^ 1n);
        expect(circuit.failingRow(forged), `output ${wire}`).toBeDefined();
      }
      // The witness of a header with one field changed, but with the outputs of the block.
      for (const name of ['stateRoot', 'number', 'extraData', 'nonce']) {
        const payload = Uint8Array.from(block.fields[fieldIndex(name)] as Uint8Array);
        const at = name === 'extraData' ? (variant === 'ibft1' ? 0 : 8) : payload.length - 1;
        payload[at] = (payload[at] as number) ^ 2;
        const forged = await proveBlock(circuit, withField(block, name, payload));
        for (let i = 1; i < 67; i++) forged[i] = witness[i] as bigint;
        expect(circuit.failingRow(forged), name).toBeDefined();
      }
    });

    if (variant === 'qbft') describeTail(() => circuit);

    test('default: size', () => {
      expect(circuit.constraints).toBeLessThan(MOST_ROWS[variant]);
      expect(circuit.constraints).toBeGreaterThan(MOST_ROWS[variant] - 3_000);
    });
  });

/** The second QBFT hash leaves the first one's chain at the round's block and absorbs at most three blocks from there. */
function describeTail(circuitOf: () => TestCircuit): void {
  const RATE = 136;
  /** The block of the round, and how many from there to the last. */
  const tailOf = (block: IstanbulBlock): { readonly first: number; readonly count: number } => {
    const { sealPreimage } = block;
    const differs = sealPreimage.findIndex((byte, i) => byte !== block.hashPreimage[i]);
    const first = Math.floor(differs / RATE);
    return { first, count: Math.floor(sealPreimage.length / RATE) - first + 1 };
  };
  const vote = { recipient: 7n, add: true };
  const withLaterField = (block: IstanbulBlock, sizeBytes: number): IstanbulBlock =>
    blockFromFields([...block.fields, new Uint8Array(sizeBytes)], 'qbft');
  /** The block with a later field that brings its header to so many bytes. */
  const lengthened = (block: IstanbulBlock, bytes: number): IstanbulBlock => {
    // A field of more than 55 bytes has a prefix of two, from 256 on of three.
    const size = bytes - block.sealPreimage.length - 2;
    const longer = withLaterField(block, size < 256 ? size : size - 1);
    expect(longer.sealPreimage.length).toBe(bytes);
    return longer;
  };

  test('accepts: the round in each block where it can stand, the header ending one to three blocks on', async () => {
    const one = network('qbft', 1, 9, 0);
    const eight = network('qbft', 8, 9, 0);
    const blocks = [
      one,
      lengthened(one, 5 * RATE),
      lengthened(one, 6 * RATE - 1),
      eight,
      withExtra(eight, { vote }),
      lengthened(eight, 7 * RATE - 1),
      lengthened(withExtra(eight, { vote }), 7 * RATE - 1),
    ];
    for (const block of blocks) await expectHashes(circuitOf(), block);
    expect(blocks.map(tailOf)).toEqual(
      [
        [3, 2],
        [3, 3],
        [3, 3],
        [4, 2],
        [5, 1],
        [4, 3],
        [5, 2],
      ].map(([first, count]) => ({ first, count })),
    );
  });

  test('rejects: a header that ends four blocks on, by the row that asks for one end', async () => {
    for (const bytes of [6 * RATE, 7 * RATE - 1]) {
      const long = lengthened(network('qbft', 1, 9, 0), bytes);
      expect(tailOf(long)).toEqual({ first: 3, count: 4 });
      await expect(proveBlock(circuitOf(), long), `${bytes}`).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
        message: expect.stringMatching(/circuit: Error in template DigestsQbft_/),
      });
    }
  });

  test('rejects: another place for the round, another start, block or end of the second chain', async () => {
    const circuit = circuitOf();
    const witness = await expectHashes(circuit, network('qbft', 8, 9, 3));
    for (const names of [
      ['inBlock[0]', 'inBlock[1]'],
      ['inBlock[2]'],
      ['entry[3][1]'],
      ['entry[24][2]'],
      ['changed[5]'],
      ['block[0][16][2]'],
      ['block[2][4][1]'],
      ['ends[0][2]', 'ends[1][2]'],
      ['ends[2][0]'],
      ['hashedLane[0][1]'],
      ['hashedLane[2][3]'],
    ]) {
      const changes = Object.fromEntries(
        names.map((name) => `main.digests.${name}`).map((name) => [name, 1n - circuit.value(witness, name)]),
      );
      expect(circuit.failingRow(circuit.alter(witness, changes)), names.join()).toBeDefined();
    }
  });

  test.runIf(runs(0, 1) === 1)('rejects: without that row, a block hash of zero', async () => {
    const include = 'include "protocols/istanbul/DigestsQbft.circom";';
    const row = '    endings === 1;';
    const source = readFileSync('circuits/protocols/istanbul/DigestsQbft.circom', 'utf8');
    expect([mainOf('qbft').split(include).length, source.split(row).length]).toEqual([2, 2]);
    const altered = source.replace('pragma circom 2.2.0;', '').replace(row, '');
    const mutant = await compileCircuit(mainOf('qbft').replace(include, () => altered));
    const witness = await proveBlock(mutant, lengthened(network('qbft', 1, 9, 0), 6 * RATE));
    expect(witness.slice(1, 33)).toEqual(Array.from({ length: 32 }, () => 0n));
    expect(mutant.failingRow(witness)).toBeUndefined();
  });
}

/** QBFT block 7528, or blocks 1, 30 and 60 of the recorded IBFT 1.0 chain. */
function recordedBlocks(variant: IstanbulVariant): readonly IstanbulBlock[] {
  if (variant === 'qbft')
    return [parseHeader(fromHex(fixtureText('istanbul/besu-qbft-header-7528.hex')), variant)];
  const lines = fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex').trim().split('\n');
  return [1, 30, 60].map((number) => {
    const block = fromHex(lines[number] as string);
    // list(header, transactions, uncles) with two length bytes, the header with two as well.
    const start = 3;
    const end = start + 3 + 256 * (block[start + 1] as number) + (block[start + 2] as number);
    return parseHeader(block.subarray(start, end), variant);
  });
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.trim().replace(/^0x/, ''), 'hex'));
}
