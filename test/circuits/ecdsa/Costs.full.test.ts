import { describe, expect, it } from 'vitest';
import { compileCircuit } from '../../support/circuit.js';
import { batchSource, verifySource } from './main-source.js';

/** Rows of each template alone, linear ones included, at the shipped chunk width and others. */
const rows: readonly (readonly [folder: string, template: string, parameters: string, rows: number])[] = [
  ['curve', 'Secp256k1Double', '0', 1290],
  ['curve', 'Secp256k1Double', '13', 119],
  ['curve', 'Secp256k1Double', '16', 101],
  ['curve', 'Secp256k1OnCurve', '13', 61],
  ['curve', 'Secp256k1AddChain', '13, 1', 121],
  ['curve', 'Secp256k1AddChain', '13, 2', 206],
  ['curve', 'Secp256k1AddChain', '13, 15', 1311],
  ['curve', 'Secp256k1AddChain', '16, 2', 174],
  ['curve', 'Secp256k1OddMultiples', '13', 925],
  ['curve', 'Secp256k1WindowTable', '13, 1, 1', 93],
  ['curve', 'Secp256k1WindowTable', '13, 2, 1', 102],
  ['nonnative', 'AssertBelowOrder', '13', 21],
  ['signature', 'EcdsaSlot', '13', 1626],
  ['signature', 'EcdsaWeight', '13, 0', 266],
  ['signature', 'EcdsaGeneratorScalar', '13, 1', 76],
];

describe('rows of the secp256k1 templates', () => {
  it.each(rows)('default: %s/%s(%s): %i', async (folder, template, parameters, expected) => {
    const circuit = await compileCircuit(`pragma circom 2.2.0;
include "lib/${folder}/${template}.circom";
component main = ${template}(${parameters});`);
    expect(circuit.constraints).toBe(expected);
  });

  it('default: one more signature in a batch, and the whole of a single one', async () => {
    const [one, two] = [await compileCircuit(batchSource(13, 1)), await compileCircuit(batchSource(13, 2))];
    expect(two.constraints - one.constraints).toBe(12_998);
    // Pole and table: 25 + 8,192 + 129 rows.
    expect(one.constraints - 8_346).toBe(35_874);
    expect((await compileCircuit(verifySource(13))).constraints - 8_346).toBe(30_997);
    expect((await compileCircuit(verifySource(0))).constraints).toBe(324_800);
  });
});
