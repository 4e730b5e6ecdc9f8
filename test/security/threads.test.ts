/** The number of threads changes no byte: keys and proofs by 1, 2, 4 and 8 threads with a fixed source of randomness. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import { encodeWitness } from '../../src/formats/r1cs.js';
import { prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey } from '../../src/groth16/proving-key.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { formatProof } from '../../src/statement/keys.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyProof } from '../../src/verify/verify-proof.js';
import { lookupCircuitSource, lookupInput, plainCircuitSource } from '../groth16/lookup-circuit.js';
import { compileCircuit } from '../support/circuit.js';
import { recordFigure } from '../support/figures.js';
import { seededBytes } from '../support/runs.js';

const SEED = 41;
const THREADS = [1, 2, 4, 8] as const;
const folder = mkdtempSync(join(tmpdir(), 'threads-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['plain', plainCircuitSource, { a: 3n, b: 5n }],
  ['two-round', lookupCircuitSource, lookupInput],
] as const)('threads, %s', (name, source, input) => {
  it('behavior: 1, 2, 4 and 8 threads write the same key and the same proof', async () => {
    const circuit = await compileCircuit(source);
    const twoRound = name === 'two-round';
    const seen = new Set<string>();
    for (const threads of THREADS) {
      const zkeyPath = join(folder, `${name}-${threads}.zkey`);
      const engine = await createEngine({ threads });
      try {
        const { r1csPath, symPath } = circuit;
        await developmentSetup({ r1csPath, ...(twoRound ? { symPath } : {}), zkeyPath, engine });
        const key = await loadProvingKey({ path: zkeyPath, engine });
        try {
          const witness = async (x: bigint): Promise<Uint8Array> =>
            encodeWitness(await circuit.witness({ ...input, ...(twoRound ? { x } : {}) } as never));
          const made = await prove({
            key,
            witness: twoRound ? witness : await witness(0n),
            random: seededBytes(SEED),
          });
          const verification = prepareKey(exportVerificationKey(zkeyPath));
          expect(verifyProof(verification, made.proof, made.publicInputs)).toEqual({ ok: true });
          seen.add(JSON.stringify([formatProof(made.proof), made.publicInputs.map(String)]));
        } finally {
          key.close();
        }
      } finally {
        await engine.close();
      }
      expect(readFileSync(zkeyPath).equals(readFileSync(join(folder, `${name}-1.zkey`)))).toBe(true);
    }
    expect(seen.size).toBe(1);
    recordFigure('security-processes', {
      check: `setup and proof by 1, 2, 4 and 8 threads, ${name}`,
      cases: THREADS.length,
      failures: 0,
      means: 'identical bytes of key and proof',
      seed: String(SEED),
    });
  });
});
