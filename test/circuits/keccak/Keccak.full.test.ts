/** Keccak circuits at more than one block, every table row, and forged witnesses by the hundred thousand. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { compileCircuit, type Row, type TestCircuit } from '../../support/circuit.js';
import { seededBytes } from '../../support/runs.js';

/** Any challenge serves: soundness over all of them is the argument of `KeccakTable`, rows are checked for this one. */
const CHALLENGE = BigInt(`0x${'3c'.repeat(31)}`);
const TABLE_ROWS = 40_041;
const rejected = { code: 'CIRCUIT_ASSERTION' };
const toSignals = (bytes: Uint8Array, size: number): bigint[] =>
  Array.from({ length: size }, (_, i) => BigInt(bytes[i] ?? 0));

const lookupMain = (
  template: string,
  parameters: string,
  packed: string,
  inputs: string,
  outputs: string,
): string => `
pragma circom 2.2.0;
include "lib/lookup/LookupPole.circom";
include "lib/hash/${template}.circom";
include "lib/hash/KeccakTable.circom";
template Main() {
    ${inputs}
    signal input x;
    ${outputs}
    signal chPower2 <== x * x;
    signal chPole <== LookupPole(24)(x);
    component hash = ${template}(${parameters});
    hash.chPole <== chPole;
    hash.chX <== x;
    hash.chX2 <== chPower2;
    WIRING
    component table = KeccakTable(${packed});
    table.looked <== hash.looked;
    table.chPole <== chPole;
    table.chX <== x;
    table.chX2 <== chPower2;
    hash.chSum === table.chSum;
}
component main {public [x]} = Main();`;

describe('Keccak256Lookups of one block', () => {
  const MAX_BYTES = 3;
  let circuit: TestCircuit;
  let witness: bigint[];

  beforeAll(async () => {
    circuit = await compileCircuit(
      lookupMain(
        'Keccak256Lookups',
        `${MAX_BYTES}`,
        `keccak256Packed(${MAX_BYTES})`,
        `signal input bytes[${MAX_BYTES}]; signal input length;`,
        'signal output digest[32];',
      ).replace('WIRING', 'hash.bytes <== bytes; hash.length <== length; digest <== hash.digest;'),
    );
    witness = await circuit.witness({ bytes: [97n, 98n, 99n], length: 3n, x: CHALLENGE });
  });

  test('accepts: "abc", the published digest', () => {
    expect(witness.slice(1, 33)).toEqual(
      toSignals(Buffer.from('4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45', 'hex'), 32),
    );
    expect(circuit.failingRow(witness)).toBeUndefined();
  });

  test('default: the table rows of the circuit are those of the definition, each once', () => {
    const found = circuit.rows
      .filter((row) => isTableRow(circuit, row))
      .map((row) => tableTuple(circuit, row));
    expect(found.length).toBe(TABLE_ROWS);
    expect(new Set(found)).toEqual(new Set(definedTable()));
  });

  test('rejects: every single altered wire, digest included', () => {
    expect(circuit.sweep(witness, { includePublic: true })).toEqual([]);
  });

  test('rejects: a digest whose second-round wires are carried along: the balance alone refuses it', () => {
    const forged = [...witness];
    const at = (name: string): number => circuit.wire(name) as number;
    forged[at('main.digest[0]')] = (witness[at('main.digest[0]')] as bigint) ^ 1n;
    let running = 0n;
    for (let i = 0; i < 32; i++) {
      const fold = forged[at(`main.hash.digested.lookups.chFold[${i}]`)] as bigint;
      const denominator =
        POLE - (forged[at(`main.digest[${i}]`)] as bigint) - fold - 4n * CHALLENGE * CHALLENGE;
      running = (running + power(reduce(denominator), BN254_R - 2n)) % BN254_R;
      forged[at(`main.hash.digested.lookups.chRunning[${i}]`)] = running;
    }
    const broken = circuit.rows.filter((row) => circuitRowFails(row, forged));
    expect(broken.length).toBe(1);
  });
});

describe('Keccak256Lookups of three blocks', () => {
  const MAX_BYTES = 273;
  let circuit: TestCircuit;

  beforeAll(async () => {
    circuit = await compileCircuit(
      lookupMain(
        'Keccak256Lookups',
        `${MAX_BYTES}`,
        `keccak256Packed(${MAX_BYTES})`,
        `signal input bytes[${MAX_BYTES}]; signal input length;`,
        'signal output digest[32];',
      ).replace('WIRING', 'hash.bytes <== bytes; hash.length <== length; digest <== hash.digest;'),
    );
  });

  const random = seededBytes(3);
  for (const length of [0, 1, 135, 136, 137, 200, 271, 272, 273])
    test(`accepts: ${length} bytes, the digest of @noble/hashes`, async () => {
      const message = random(length);
      const witness = await circuit.witness({
        bytes: toSignals(message, MAX_BYTES),
        length: BigInt(length),
        x: CHALLENGE,
      });
      expect(witness.slice(1, 33)).toEqual(toSignals(keccak_256(message), 32));
    });

  test('rejects: the digest of a shorter or longer reading of the same bytes', async () => {
    const message = new Uint8Array(MAX_BYTES);
    const input = { bytes: toSignals(message, MAX_BYTES), length: 200n, x: CHALLENGE };
    const witness = await circuit.witness(input);
    for (const length of [199, 201, 136, 272]) {
      const forged = [...witness];
      toSignals(keccak_256(message.subarray(0, length)), 32).forEach((byte, i) => {
        forged[1 + i] = byte;
      });
      expect(circuit.failingRow(forged), `${length}`).toBeDefined();
    }
    await expect(circuit.witness({ ...input, length: 274n })).rejects.toMatchObject(rejected);
  });
});

describe('Keccak256Bits', () => {
  test('rejects: one altered wire in eleven of all', async () => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
      include "lib/hash/Keccak256Bits.circom";
      component main = Keccak256Bits(135);`);
    const witness = await circuit.witness({ bytes: toSignals(seededBytes(5)(135), 135), length: 135n });
    expect(circuit.sweep(witness, { every: 11 })).toEqual([]);
  });
});

const POLE = Array.from({ length: 24 }).reduce<bigint>((value) => (value * value) % BN254_R, CHALLENGE);

function reduce(value: bigint): bigint {
  return ((value % BN254_R) + BN254_R) % BN254_R;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % BN254_R;
    square = (square * square) % BN254_R;
  }
  return result;
}

function circuitRowFails(row: Row, witness: readonly bigint[]): boolean {
  const side = (terms: Row['a']): bigint =>
    terms.reduce((sum, [wire, coefficient]) => sum + (witness[wire] as bigint) * coefficient, 0n);
  return reduce(side(row.a) * side(row.b) - side(row.c)) !== 0n;
}

function isTableRow(circuit: TestCircuit, row: Row): boolean {
  const [only] = row.c;
  return (
    row.c.length === 1 &&
    only !== undefined &&
    circuit.names(only[0]).some((name) => name.startsWith('main.table.count'))
  );
}

/** `key,image,tag` of a row (…)·(z − key − image·x − tag·x²) = count, up to a common sign. */
function tableTuple(circuit: TestCircuit, row: Row): string {
  const coefficients = new Map(row.b.map(([wire, coefficient]) => [wire, coefficient]));
  const pole = poleOf(circuit, row);
  const sign = coefficients.get(pole) === 1n ? -1n : 1n;
  const at = (wire: number | undefined): bigint => reduce(sign * (coefficients.get(wire as number) ?? 0n));
  return `${at(0)},${at(circuit.wire('main.x'))},${at(circuit.wire('main.chPower2'))}`;
}

/** The one wire of a table row's second factor that is neither the constant nor a power that folds. */
function poleOf(circuit: TestCircuit, row: Row): number {
  const known = new Set([0, circuit.wire('main.x'), circuit.wire('main.chPower2')]);
  return (row.b.find(([wire]) => !known.has(wire)) as readonly [number, bigint])[0];
}

/** The table by its definition, written without bit tricks. */
function definedTable(): string[] {
  const rows: string[] = [];
  const digitTable = (tag: number, digits: number, radix: number, map: (digit: number) => number): void => {
    for (let row = 0; row < radix ** digits; row++) {
      let left = row;
      let key = 0;
      let image = 0;
      for (let i = 0; i < digits; i++) {
        key += (left % radix) * 8 ** i;
        image += map(left % radix) * 8 ** i;
        left = Math.floor(left / radix);
      }
      rows.push(`${key},${image},${tag}`);
    }
  };
  digitTable(1, 5, 6, (digit) => digit % 2);
  digitTable(2, 7, 4, (digit) => digit % 2);
  digitTable(3, 6, 5, (digit) => (digit === 2 || digit === 3 ? 1 : 0));
  for (let byte = 0; byte < 256; byte++)
    rows.push(
      `${byte},${[...byte.toString(2)].reverse().reduce((sum, bit, i) => sum + Number(bit) * 8 ** i, 0)},4`,
    );
  return rows;
}
