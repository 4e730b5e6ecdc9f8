import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { circuitById } from '../../../src/build/registry.js';
import { createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { createEngine } from '../../../src/engine/index.js';
import type { Engine } from '../../../src/engine/types.js';
import { encodeWitness } from '../../../src/formats/r1cs.js';
import { type ProveResult, prove } from '../../../src/groth16/prove.js';
import { loadProvingKey, type ProvingKey } from '../../../src/groth16/proving-key.js';
import { developmentSetup } from '../../../src/groth16/setup.js';
import { committee } from '../../../src/protocols/committee/index.js';
import { formatProof, formatVerificationKey } from '../../../src/statement/keys.js';
import { packStatement } from '../../../src/statement/packing.js';
import type { VerificationKey } from '../../../src/statement/types.js';
import { prepareKey, verifyProof } from '../../../src/verify/index.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';

describe('a chain of committee blocks in zero knowledge, tier 4', () => {
  const folder = mkdtempSync(join(tmpdir(), 'committee-test-'));
  const at = (name: string): string => join(folder, name);
  const net = createCommitteeDevnet({
    seed: 'prove',
    validators: 3,
    chainId: 7n,
    powers: [5n, (1n << 64n) - 1n, 1n << 63n],
    changes: [{ height: 2, add: [3], remove: [0] }],
  });
  let engine: Engine;
  let circuit: TestCircuit;
  let key: ProvingKey;
  let verificationKey: VerificationKey;
  const proofs: ProveResult[] = [];

  beforeAll(async () => {
    engine = await createEngine({ threads: 2 });
    const { mainSource, level } = circuitById('committee-4');
    circuit = await compileCircuit(mainSource, { level });
    const zkeyPath = at('committee-4.zkey');
    ({ verificationKey } = await developmentSetup({ r1csPath: circuit.r1csPath, zkeyPath, engine }));
    key = await loadProvingKey({ path: zkeyPath, engine });
    for (const height of [1, 2]) {
      const input = committee.circuitInput(net.block(height).block, net.validatorSet(height), 4);
      proofs.push(await prove({ key, witness: encodeWitness(await circuit.witness(input)) }));
    }
  });
  afterAll(async () => {
    await key?.close();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('accepts: both blocks, each for its own statement', () => {
    const prepared = prepareKey(verificationKey);
    proofs.forEach(({ proof, publicInputs }, i) => {
      const packed = packStatement(committee.statement(net.block(i + 1).block, net.validatorSet(i + 1)));
      expect(publicInputs).toEqual(packed);
      expect(verifyProof(prepared, proof, packed)).toMatchObject({ ok: true });
    });
    expect(proofs[0]?.publicInputs[2]).toBe(proofs[1]?.publicInputs[0]);
  });

  it('rejects: the proof of one block for the statement of the other, and statements that were altered', () => {
    const prepared = prepareKey(verificationKey);
    const [first, second] = proofs as [ProveResult, ProveResult];
    expect(verifyProof(prepared, first.proof, second.publicInputs)).toMatchObject({ ok: false });
    first.publicInputs.forEach((value, i) => {
      const altered = first.publicInputs.with(i, value + 1n);
      expect(verifyProof(prepared, first.proof, altered)).toMatchObject({ ok: false });
    });
  });

  it('accepts: snarkjs verifies the same proofs', () => {
    writeFileSync(at('vk.json'), JSON.stringify(formatVerificationKey(verificationKey)));
    proofs.forEach(({ proof, publicInputs }, i) => {
      writeFileSync(at(`public-${i}.json`), JSON.stringify(publicInputs.map(String)));
      writeFileSync(at(`proof-${i}.json`), JSON.stringify(formatProof(proof)));
      const output = execFileSync(
        process.execPath,
        [
          'node_modules/snarkjs/build/cli.cjs',
          'groth16',
          'verify',
          at('vk.json'),
          at(`public-${i}.json`),
          at(`proof-${i}.json`),
        ],
        { encoding: 'utf8' },
      );
      expect(output).toContain('OK');
    });
    expect(readFileSync(at('vk.json'), 'utf8')).toContain('bn128');
  });
});
