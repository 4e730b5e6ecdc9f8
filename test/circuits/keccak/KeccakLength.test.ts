import { beforeAll, describe, expect, test } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';

const MAX_BYTES = 140;

describe('KeccakLength', () => {
  let circuit: TestCircuit;

  beforeAll(async () => {
    circuit = await compileCircuit(`pragma circom 2.2.0;
      include "lib/hash/KeccakLength.circom";
      component main = KeccakLength(${MAX_BYTES});`);
  });

  test('accepts: every length, exhaustively', async () => {
    for (let length = 0; length <= MAX_BYTES; length++) {
      const witness = await circuit.witness({ length: BigInt(length) });
      const inside = Array.from({ length: MAX_BYTES }, (_, i) => circuit.value(witness, `main.inside[${i}]`));
      expect(inside).toEqual(inside.map((_, i) => (i < length ? 1n : 0n)));
      const last = [0, 1].map((b) => circuit.value(witness, `main.last[${b}]`));
      expect(last).toEqual(length < 136 ? [1n, 0n] : [0n, 1n]);
    }
  });

  for (const length of [BigInt(MAX_BYTES) + 1n, BN254_R - 1n, 1n << 64n])
    test(`rejects: length ${length}`, async () => {
      await expect(circuit.witness({ length })).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
    });

  test('rejects: every single altered wire, inputs and outputs included', async () => {
    for (const length of [0n, 1n, 135n, 136n, BigInt(MAX_BYTES)])
      expect(circuit.sweep(await circuit.witness({ length }), { includePublic: true })).toEqual([]);
  });

  test('rejects: a gap, two steps, a step moved while the length stays', async () => {
    const witness = await circuit.witness({ length: 10n });
    for (const changes of [
      { 'main.inside[4]': 0n, 'main.inside[10]': 1n },
      { 'main.inside[139]': 1n, 'main.inside[9]': 0n },
      { 'main.inside[9]': BN254_R - 1n, 'main.inside[10]': 2n },
    ])
      expect(circuit.failingRow(circuit.alter(witness, changes))).toBeDefined();
  });

  test('default: size', () => {
    expect({ constraints: circuit.constraints, wires: circuit.wires }).toMatchInlineSnapshot(`
      {
        "constraints": 144,
        "wires": 144,
      }
    `);
  });
});
