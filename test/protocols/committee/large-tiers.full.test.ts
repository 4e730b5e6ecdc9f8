/**
 * Blocks of 64 and 128 validators, proved and verified in the largest circuits: only at `TEST_LEVEL=report`, minutes and about
 * 2 GB of memory each.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { circuitById } from '../../../src/build/registry.js';
import { createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { createEngine } from '../../../src/engine/index.js';
import type { Engine } from '../../../src/engine/types.js';
import { encodeWitness } from '../../../src/formats/r1cs.js';
import { prove } from '../../../src/groth16/prove.js';
import { loadProvingKey } from '../../../src/groth16/proving-key.js';
import { developmentSetup } from '../../../src/groth16/setup.js';
import { committee } from '../../../src/protocols/committee/index.js';
import { packStatement } from '../../../src/statement/packing.js';
import { prepareKey, verifyProof } from '../../../src/verify/index.js';
import { compileCircuit } from '../../support/circuit.js';
import { runs } from '../../support/runs.js';

describe.skipIf(runs(0, 1) === 0)('the largest tiers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'committee-large-'));
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ threads: 2 });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  // One member fewer than the tier at 64: a spare slot; the whole tier at 128.
  it.each([
    [64, 63],
    [128, 128],
  ])(
    'accepts: a block at tier %i of %i validators; rejects: its proof for another statement, too few votes',
    async (tier, validators) => {
      const { mainSource, level } = circuitById(`committee-${tier}`);
      const circuit = await compileCircuit(mainSource, { level });
      expect(circuit.constraints).toBe(2_911 * tier + 1_509);
      const powers = Array.from({ length: validators }, (_, i) => (1n << 64n) - 1n - BigInt(i));
      const net = createCommitteeDevnet({ seed: `tier ${tier}`, validators, chainId: 7n, powers });
      const set = net.validatorSet(1);
      const { block } = net.block(1);
      const input = committee.circuitInput(block, set, tier);
      const witness = await circuit.witness(input);

      const silent = { ...input, signs: (input.signs as readonly bigint[]).map(() => 0n) };
      await expect(circuit.witness(silent)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });

      const zkeyPath = join(folder, `committee-${tier}.zkey`);
      const { verificationKey } = await developmentSetup({ r1csPath: circuit.r1csPath, zkeyPath, engine });
      const key = await loadProvingKey({ path: zkeyPath, engine });
      const { proof, publicInputs } = await prove({ key, witness: encodeWitness(witness) }).finally(() =>
        key.close(),
      );
      const prepared = prepareKey(verificationKey);
      const packed = packStatement(committee.statement(block, set));
      expect(publicInputs).toEqual(packed);
      expect(verifyProof(prepared, proof, packed)).toMatchObject({ ok: true });
      for (const i of packed.keys())
        expect(verifyProof(prepared, proof, packed.with(i, packed[i]! + 1n))).toMatchObject({ ok: false });
    },
  );
});
