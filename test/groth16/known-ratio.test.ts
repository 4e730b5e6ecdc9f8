/**
 * The last contributor makes δ₁ a known multiple of δ₂ (see "a known ratio of the two deltas" in `malicious.test.ts` for
 * the forgery). The points alone do not show it; the ceremony's transcript does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { encodeWitness, writeR1cs } from '../../src/formats/r1cs.js';
import { createZkeyWriter, openZkey } from '../../src/formats/zkey.js';
import { contribute } from '../../src/groth16/ceremony.js';
import { verifyCeremony } from '../../src/groth16/ceremony-verify.js';
import { encodePartition } from '../../src/groth16/partition.js';
import { fromNobleG1, fromNobleG2, toNobleG1, toNobleG2 } from '../../src/groth16/points.js';
import { prove } from '../../src/groth16/prove.js';
import { loadProvingKey } from '../../src/groth16/proving-key.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { fixturePath, fixturesAvailable } from '../support/fixtures.js';
import { bitCircuit, bitWitness, toyPartition, toyR1cs } from './toy.js';

const RATIO = 5n;
const folder = mkdtempSync(join(tmpdir(), 'known-ratio-test-'));
const at = (name: string): string => join(folder, name);
const ptauPath = fixturePath('vectors/snarkjs-files/powersOfTau28_hez_final_08.ptau');
const circuit = bitCircuit();
const partition = encodePartition(toyPartition(circuit));

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A key whose δ₁ is RATIO·δ₂; everything else as it was. */
async function withKnownRatio(source: string, target: string): Promise<void> {
  const key = openZkey(source);
  const { header } = key;
  const firstRound = {
    ...header.firstRound!,
    deltaG1: fromNobleG1(toNobleG1(header.deltaG1).multiply(RATIO)),
    deltaG2: fromNobleG2(toNobleG2(header.deltaG2).multiply(RATIO)),
  };
  const writer = await createZkeyWriter(target, { ...header, firstRound }, key.coefficientCount);
  const sections = ['ic', 'coefficients', 'a', 'b1', 'b2', 'privateBasis', 'h', 'partition'] as const;
  for (const section of sections) await writer.section(section, key.read(section));
  await writer.contributions(key.contributions());
  await writer.commit();
  key.close();
}

describe.skipIf(!fixturesAvailable)('δ₁ a known multiple of δ₂', () => {
  const check = (zkeyPath: string) =>
    verifyCeremony({ zkeyPath, r1csPath: at('bits.r1cs'), ptauPath, engine, partition });

  beforeAll(async () => {
    await writeR1cs(at('bits.r1cs'), toyR1cs(circuit));
    const common = { engine, ptauPath, partition };
    await setupFromPtau({ ...common, r1csPath: at('bits.r1cs'), zkeyPath: at('initial.zkey') });
    await contribute({ zkeyPath: at('initial.zkey'), outPath: at('final.zkey'), engine, name: 'test' });
    await withKnownRatio(at('final.zkey'), at('ratio.zkey'));
  });

  it('default: the honest key proves and its ceremony verifies', async () => {
    const key = await loadProvingKey({ path: at('final.zkey'), engine });
    const { proof } = await prove({ key, witness: (x) => encodeWitness(bitWitness(circuit, 1n, x)) });
    expect(verifyProof(prepareKey(key.verificationKey), proof, [1n]).ok).toBe(true);
    key.close();
    expect((await check(at('final.zkey'))).ok).toBe(true);
  });

  it('error: the changed key passes the checks of its points, not the transcript', async () => {
    (await loadProvingKey({ path: at('ratio.zkey'), engine })).close();
    expect(await check(at('ratio.zkey'))).toMatchObject({ ok: false, code: 'DELTA_MISMATCH' });
  });
});
