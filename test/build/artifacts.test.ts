import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeArtifacts } from '../../src/build/artifacts.js';
import type { CompiledCircuit } from '../../src/build/compile.js';
import { circuitById } from '../../src/build/registry.js';
import { createEngine } from '../../src/engine/index.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { randomR1cs } from '../groth16/ceremony-support.js';

const folder = mkdtempSync(join(tmpdir(), 'artifacts-test-'));
const at = (name: string): string => join(folder, name);
const spec = circuitById('committee-4');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Circuits that differ in wires or in public inputs from the first. */
const SHAPES = {
  own: { rows: 20, wires: 30, outputs: 1, inputs: 2 },
  wires: { rows: 20, wires: 31, outputs: 1, inputs: 2 },
  inputs: { rows: 20, wires: 30, outputs: 1, inputs: 3 },
};
const compiled = (name: keyof typeof SHAPES): CompiledCircuit => ({
  ...{ folder, r1csPath: at(`${name}.r1cs`), symPath: at('none.sym'), wasmPath: at('none.wasm') },
  ...{ sourceHash: '', fromCache: true },
});

beforeAll(async () => {
  const engine = await createEngine({ threads: 1 });
  try {
    for (const [name, shape] of Object.entries(SHAPES)) {
      await writeR1cs(at(`${name}.r1cs`), randomR1cs(1, shape));
      await developmentSetup({ r1csPath: at(`${name}.r1cs`), zkeyPath: at(`${name}.zkey`), engine });
    }
  } finally {
    await engine.close();
  }
});

describe('describeArtifacts', () => {
  it('default: a key from elsewhere with its circuit', async () => {
    const artifacts = await describeArtifacts(spec, compiled('own'), at('own.zkey'));
    expect(artifacts).toMatchObject({ provingKeyPath: at('own.zkey'), verificationKey: { publicCount: 3 } });
  });

  it.each(['wires', 'inputs'] as const)('error: KEY_OF_OTHER_CIRCUIT, which has other %s', async (name) => {
    await expect(describeArtifacts(spec, compiled('own'), at(`${name}.zkey`))).rejects.toMatchObject({
      code: 'KEY_OF_OTHER_CIRCUIT',
      message: expect.stringContaining(at(`${name}.zkey`)),
    });
  });

  it('error: KEY_OF_OTHER_CIRCUIT, which is of the other proof system; FILE_NOT_FOUND', async () => {
    const twoRound = { ...spec, system: 'ultragroth' as const };
    await expect(describeArtifacts(twoRound, compiled('own'), at('own.zkey'))).rejects.toMatchObject({
      code: 'KEY_OF_OTHER_CIRCUIT',
    });
    await expect(describeArtifacts(spec, compiled('own'), at('never.zkey'))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });
});
