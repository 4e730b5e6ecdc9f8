/** Many proofs in one process: memory stays flat, in the engine and in the process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import { encodeWitness } from '../../src/formats/r1cs.js';
import { prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey } from '../../src/groth16/proving-key.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyProof } from '../../src/verify/verify-proof.js';
import { lookupCircuitSource, lookupInput } from '../groth16/lookup-circuit.js';
import { compileCircuit } from '../support/circuit.js';
import { recordFigure } from '../support/figures.js';
import { runs } from '../support/runs.js';

/** What the process may grow by, from when it is warm: well below one copy of a key and its tables a hundred proofs. */
const GROWTH_BYTES = 48 * 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'soak-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('soak', () => {
  it('behavior: memory stays flat over many two-round proofs, keys loaded and closed for each tenth', async () => {
    const circuit = await compileCircuit(lookupCircuitSource);
    const zkeyPath = join(folder, 'lookup.zkey');
    const engine = await createEngine({ threads: 2 });
    const total = runs(100, 1_000);
    const warm = total / 5;
    try {
      const { r1csPath, symPath } = circuit;
      await developmentSetup({ r1csPath, symPath, zkeyPath, engine });
      const verification = prepareKey(exportVerificationKey(zkeyPath));
      const witness = async (x: bigint): Promise<Uint8Array> =>
        encodeWitness(await circuit.witness({ ...lookupInput, x } as never));
      let base = { engine: 0, process: 0 };
      for (let done = 0; done < total; done += 10) {
        const key = await loadProvingKey({ path: zkeyPath, engine });
        for (let i = 0; i < 10; i++) {
          const { proof, publicInputs } = await prove({ key, witness });
          if (i === 0) expect(verifyProof(verification, proof, publicInputs)).toEqual({ ok: true });
        }
        key.close();
        if (done + 10 === warm)
          base = { engine: engine.memory().usedBytes, process: process.memoryUsage().rss };
      }
      expect(engine.memory().usedBytes).toBe(base.engine);
      expect(process.memoryUsage().rss - base.process).toBeLessThan(GROWTH_BYTES);
    } finally {
      await engine.close();
    }
    recordFigure('security-processes', {
      check: 'soak: proofs in one process',
      cases: total,
      failures: 0,
      means: 'engine memory the same to the byte, process grows by less than 48 MiB after the first fifth',
      seed: 'none',
    });
  }, 1_200_000);
});
