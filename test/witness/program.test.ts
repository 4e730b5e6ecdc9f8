import { describe, expect, it } from 'vitest';
import { BN254_R } from '../../src/math/field.js';
import { loadWitnessProgram } from '../../src/witness/program.js';
import { compileCircuit } from '../support/circuit.js';

const source = `pragma circom 2.2.0;
template Main() {
    signal input factors[2];
    signal input product;
    signal output doubled;
    factors[0] * factors[1] === product;
    doubled <== 2 * product;
}
component main {public [product]} = Main();`;

describe('loadWitnessProgram', () => {
  it('default: computes wires that satisfy all rows', async () => {
    const circuit = await compileCircuit(source);
    const witness = await circuit.witness({ factors: [3n, 5n], product: 15n });
    expect(witness[0]).toBe(1n);
    expect(circuit.value(witness, 'main.doubled')).toBe(30n);
    expect(circuit.failingRow(witness)).toBeUndefined();
    expect(circuit.failingRow(circuit.alter(witness, { 'main.product': 16n }))).toBeDefined();
    expect(circuit.sweep(witness, { includePublic: true })).toEqual([]);
  });

  it('error: CIRCUIT_ASSERTION names template and line', async () => {
    const circuit = await compileCircuit(source);
    await expect(circuit.witness({ factors: [3n, 5n], product: 16n })).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
      message: expect.stringMatching(/Main.*line: 6/),
    });
  });

  it.each([
    ['INPUT_MISSING', { factors: [3n, 5n] }],
    ['INPUT_UNKNOWN', { factors: [3n, 5n], product: 15n, extra: 1n }],
    ['INPUT_SIZE', { factors: [3n], product: 15n }],
    ['INPUT_RANGE', { factors: [3n, 5n], product: BN254_R }],
    ['INPUT_RANGE', { factors: [3n, -1n], product: 15n }],
  ])('error: %s', async (code, input) => {
    const circuit = await compileCircuit(source);
    await expect(circuit.witness(input)).rejects.toMatchObject({ code });
  });

  it('error: WITNESS_PROGRAM_INVALID for bytes that are no program', async () => {
    await expect(loadWitnessProgram(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({
      code: 'WITNESS_PROGRAM_INVALID',
    });
    const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    await expect(loadWitnessProgram(empty)).rejects.toMatchObject({ code: 'WITNESS_PROGRAM_INVALID' });
  });
});
