import { keccak_256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { seededBytes } from '../../support/runs.js';

const MAX_BYTES = 135;
const toSignals = (bytes: Uint8Array, size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => BigInt(bytes[i] ?? 0));

describe('Keccak256Bits', () => {
  let circuit: TestCircuit;
  const hash = async (message: Uint8Array): Promise<bigint[]> => {
    const witness = await circuit.witness({
      bytes: toSignals(message, MAX_BYTES),
      length: BigInt(message.length),
    });
    return witness.slice(1, 33);
  };

  beforeAll(async () => {
    circuit = await compileCircuit(
      `pragma circom 2.2.0;
      include "lib/hash/Keccak256Bits.circom";
      component main = Keccak256Bits(${MAX_BYTES});`,
    );
  }, 600_000);

  const random = seededBytes(1);
  for (const length of [0, 1, 31, 134, 135]) {
    test(`accepts: ${length} bytes, the digest of @noble/hashes`, async () => {
      const message = random(length);
      expect(await hash(message)).toEqual(toSignals(keccak_256(message), 32));
    });
  }

  test('accepts: bytes 255 and 0 throughout', async () => {
    for (const value of [0, 255])
      expect(await hash(new Uint8Array(135).fill(value))).toEqual(
        toSignals(keccak_256(new Uint8Array(135).fill(value)), 32),
      );
  });

  const rejected = { code: 'CIRCUIT_ASSERTION' };

  test('rejects: a byte beyond the length', async () => {
    const bytes = toSignals(random(20), MAX_BYTES);
    await expect(circuit.witness({ bytes, length: 19n })).rejects.toMatchObject(rejected);
  });

  test('rejects: a length beyond the bound, a negative length', async () => {
    const bytes = toSignals(new Uint8Array(0), MAX_BYTES);
    await expect(circuit.witness({ bytes, length: BigInt(MAX_BYTES + 1) })).rejects.toMatchObject(rejected);
    await expect(circuit.witness({ bytes, length: BN254_R - 1n })).rejects.toMatchObject(rejected);
  });

  test('rejects: bytes outside 0..255, inside and at the padding', async () => {
    for (const [index, value] of [
      [0, 256n],
      [0, BN254_R - 1n],
      [2, 255n],
      [2, BN254_R - 1n],
    ] as const) {
      const bytes = toSignals(random(2), MAX_BYTES);
      bytes[index] = value;
      await expect(circuit.witness({ bytes, length: 2n })).rejects.toMatchObject(rejected);
    }
  });

  test('rejects: another digest, a shorter or longer extent, a flipped gate', async () => {
    const message = random(100);
    const witness = await circuit.witness({ bytes: toSignals(message, MAX_BYTES), length: 100n });
    expect(circuit.failingRow(witness)).toBeUndefined();
    const flips = [
      'main.digest[0]',
      'main.digest[31]',
      'main.extent.inside[99]',
      'main.extent.inside[100]',
      'main.bits[100][0]',
      'main.bits[135][7]',
      'main.permutation[0].partial[0][0][0]',
      'main.permutation[0].parity[3][4][63]',
      'main.permutation[0].mixed[7][0][5]',
      'main.permutation[0].mixed[23][24][63]',
      'main.permutation[0].round[1][0][0]',
      'main.permutation[0].round[12][24][1]',
    ];
    for (const name of flips) {
      const forged = circuit.alter(witness, { [name]: 1n - circuit.value(witness, name) });
      expect(circuit.failingRow(forged), name).toBeDefined();
    }
  });

  test('default: size', () => {
    expect({ constraints: circuit.constraints, wires: circuit.wires }).toMatchInlineSnapshot(`
      {
        "constraints": 93688,
        "wires": 93552,
      }
    `);
  });
});
