import { keccak_256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { seededBytes } from '../../support/runs.js';

const MAX_BYTES = 137;
/** Any challenge serves: soundness over all of them is `KeccakTable`'s argument, rows are checked for this one. */
const CHALLENGE = BigInt(`0x${'5a'.repeat(31)}`);
const toSignals = (bytes: Uint8Array, size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => BigInt(bytes[i] ?? 0));

const main = `pragma circom 2.2.0;
include "lib/lookup/LookupPole.circom";
include "lib/hash/Keccak256Lookups.circom";
include "lib/hash/KeccakTable.circom";
template Main(MAX_BYTES) {
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input x;
    signal output digest[32];
    signal chPower2 <== x * x;
    signal chPole <== LookupPole(24)(x);
    component hash = Keccak256Lookups(MAX_BYTES);
    hash.bytes <== bytes;
    hash.length <== length;
    hash.chPole <== chPole;
    hash.chX <== x;
    hash.chX2 <== chPower2;
    component table = KeccakTable(keccak256Packed(MAX_BYTES));
    table.looked <== hash.looked;
    table.chPole <== chPole;
    table.chX <== x;
    table.chX2 <== chPower2;
    hash.chSum === table.chSum;
    digest <== hash.digest;
}
component main {public [x]} = Main(${MAX_BYTES});`;

describe('Keccak256Lookups and KeccakTable', () => {
  let circuit: TestCircuit;
  const prove = (message: Uint8Array): Promise<bigint[]> =>
    circuit.witness({
      bytes: toSignals(message, MAX_BYTES),
      length: BigInt(message.length),
      x: CHALLENGE,
    });

  beforeAll(async () => {
    circuit = await compileCircuit(main);
  }, 600_000);

  const random = seededBytes(2);
  for (const length of [0, 1, 134, 135, 136, 137]) {
    test(`accepts: ${length} bytes, the digest of @noble/hashes`, async () => {
      const message = random(length);
      expect((await prove(message)).slice(1, 33)).toEqual(toSignals(keccak_256(message), 32));
    });
  }

  test('accepts: bytes 255 and 0 throughout', async () => {
    for (const value of [0, 255]) {
      const message = new Uint8Array(136).fill(value);
      expect((await prove(message)).slice(1, 33)).toEqual(toSignals(keccak_256(message), 32));
    }
  });

  const rejected = { code: 'CIRCUIT_ASSERTION' };
  const wrongInputs: readonly (readonly [string, number, bigint, bigint])[] = [
    ['a byte beyond the length', 2, 1n, 2n],
    ['byte 256', 0, 256n, 2n],
    ['byte −1', 0, BN254_R - 1n, 2n],
    ['byte 255 beyond the length, which the padding would turn into 256', 2, 255n, 2n],
    ['byte −1 beyond the length, which the padding would cancel', 2, BN254_R - 1n, 2n],
    ['a length above the bound', 0, 0n, BigInt(MAX_BYTES) + 1n],
    ['a negative length', 0, 0n, BN254_R - 1n],
  ];
  for (const [name, index, value, length] of wrongInputs)
    test(`rejects: ${name}`, async () => {
      const bytes = toSignals(new Uint8Array(0), MAX_BYTES);
      bytes[index] = value;
      await expect(circuit.witness({ bytes, length, x: CHALLENGE })).rejects.toMatchObject(rejected);
    });

  test('rejects: altered digests, chunks, images, multiplicities and sums', async () => {
    const witness = await prove(random(137));
    expect(circuit.failingRow(witness)).toBeUndefined();
    const names = [
      'main.digest[0]',
      'main.hash.message.spread[0]',
      'main.hash.message.spread[137]',
      'main.hash.message.inside[136]',
      'main.hash.first.key[0]',
      'main.hash.first.image[0]',
      'main.hash.first.image[7000]',
      'main.hash.first.key[12900]',
      'main.hash.first.chFold[5]',
      'main.hash.first.chRunning[14000]',
      'main.hash.next[0].key[3][4]',
      'main.hash.next[0].image[16][9]',
      'main.hash.next[0].permutation.image[14350]',
      'main.hash.digested.spread[31]',
      'main.table.count[0]',
      'main.table.count[40040]',
      'main.table.chRunning[17]',
    ];
    for (const name of names) {
      const forged = circuit.alter(witness, { [name]: circuit.value(witness, name) + 1n });
      expect(circuit.failingRow(forged), name).toBeDefined();
    }
  });

  test('rejects: an image that its table does not hold, sums carried along to the balance', async () => {
    const witness = await prove(random(20));
    const forged = forgeImage(circuit, witness, 'main.hash.digested', 32);
    const row = circuit.failingRow(forged);
    expect(row).toBeDefined();
  });

  test('default: size', () => {
    expect({ constraints: circuit.constraints, wires: circuit.wires }).toMatchInlineSnapshot(`
      {
        "constraints": 98681,
        "wires": 193865,
      }
    `);
  });
});

/**
 * Swaps digest bits 0 of two lanes' first bytes in images only, and recomputes every later second-round wire of that
 * component, so that only a recomposition row or the balance can refuse it.
 */
function forgeImage(
  circuit: TestCircuit,
  witness: readonly bigint[],
  component: string,
  count: number,
): bigint[] {
  const forged = [...witness];
  const wire = (name: string): number => circuit.wire(name) as number;
  const p = BN254_R;
  const x = CHALLENGE;
  const square = (x * x) % p;
  let pole = x;
  for (let i = 0; i < 24; i++) pole = (pole * pole) % p;
  const spread = wire(`${component}.spread[0]`);
  forged[spread] = (forged[spread] as bigint) ^ 1n;
  let running = 0n;
  for (let i = 0; i < count; i++) {
    const image = forged[wire(`${component}.spread[${i}]`)] as bigint;
    const key = forged[wire(`main.digest[${i}]`)] as bigint;
    const fold = (x * image) % p;
    forged[wire(`${component}.lookups.chFold[${i}]`)] = fold;
    const denominator = (((pole - key - fold - 4n * square) % p) + p) % p;
    running = (running + inverse(denominator)) % p;
    forged[wire(`${component}.lookups.chRunning[${i}]`)] = running;
  }
  return forged;
}

function inverse(value: bigint): bigint {
  let result = 1n;
  let base = value;
  for (let exponent = BN254_R - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % BN254_R;
    base = (base * base) % BN254_R;
  }
  return result;
}
