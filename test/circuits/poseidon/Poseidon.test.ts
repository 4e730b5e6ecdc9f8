import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { poseidon } from '../../../src/math/poseidon.js';
import type { TestCircuit } from '../../support/circuit.js';
import { compile, expectWitness, mainOf } from '../../support/reject.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

const random = seededBytes(31);

describe.each([
  [1, 213],
  [4, 297],
  [5, 321],
  [6, 354],
])('Poseidon(%i)', (arity, cost) => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/hash/Poseidon.circom', `Poseidon(${arity})`));
  });

  it('accepts: the reference hash', async () => {
    const edges = [0n, 1n, BN254_R - 1n].map((value) => Array<bigint>(arity).fill(value));
    const seeded = Array.from({ length: runs(10, 100) }, () =>
      Array.from({ length: arity }, () => seededInteger(random, BN254_R)),
    );
    for (const inputs of [...edges, ...seeded])
      expect((await expectWitness(circuit, { in: inputs }))[1]).toBe(poseidon(inputs));
  });

  it('rejects: every other value of every wire, the hash included', async () => {
    const inputs = Array.from({ length: arity }, (_, i) => BigInt(i) + 3n);
    const witness = await circuit.witness({ in: inputs });
    expect(circuit.sweep(witness, { includePublic: true })).toEqual([]);
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(cost + 1);
  });
});

describe('generated constants', () => {
  it('behavior: the script writes the committed files', async () => {
    const script = (await import(pathToFileURL(join('scripts', 'make-poseidon-constants.mjs')).href)) as {
      poseidonConstantFiles: () => Promise<Map<string, string>>;
    };
    const files = await script.poseidonConstantFiles();
    expect(files.size).toBeGreaterThan(0);
    for (const [path, text] of files) expect(readFileSync(path, 'utf8') === text, path).toBe(true);
  });
});
