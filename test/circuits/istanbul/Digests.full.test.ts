/** The hashes of Istanbul headers with lookups: three circuits of 290,000 to 400,000 rows. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import type { IstanbulVariant } from '../../../src/protocols/istanbul/extra-data.js';
import { fieldIndex, type IstanbulBlock, parseHeader } from '../../../src/protocols/istanbul/header.js';
import { VARIANT_NUMBERS } from '../../../src/statement/set-commitment.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';
import { withField } from '../../support/istanbul.js';

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
    tier: 4,
    maxBytes: 815,
    template: 'DigestsQbft',
    parameters: '4, 815',
    packed: 'digestsQbftPacked(815)',
    wiring: `digests.roundAt <== walk.roundAt; digests.roundByte <== walk.roundByte;
      _ <== walk.extraAt; _ <== walk.extraWide; _ <== walk.listAt; _ <== walk.listWide;`,
  },
};

/** COST: rows with the table of Keccak (40,041) and the walk, at most. */
const MOST_ROWS: Record<IstanbulVariant, number> = { qbft: 309_000, ibft1: 281_000, ibft2: 401_500 };

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

    test('default: size', () => {
      expect(circuit.constraints).toBeLessThan(MOST_ROWS[variant]);
      expect(circuit.constraints).toBeGreaterThan(MOST_ROWS[variant] - 3_000);
    });
  });

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
