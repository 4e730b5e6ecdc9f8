/** With the same randomness, key and proof have the same bytes whether the WASM or the native engine computes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/index.js';
import { createNativeEngine } from '../../src/engine/native/native-engine.js';
import { createWasmEngine } from '../../src/engine/wasm-engine.js';
import { encodeWitness, writeR1cs } from '../../src/formats/r1cs.js';
import { beacon, contribute } from '../../src/groth16/ceremony.js';
import { prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey } from '../../src/groth16/proving-key.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { hasNative, ISAS } from '../engine/native-support.js';
import { seededBytes } from '../support/runs.js';
import { randomR1cs } from './ceremony-support.js';
import { productCircuit, productWitness, toyR1cs } from './toy.js';

const folder = mkdtempSync(join(tmpdir(), 'native-proof-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasNative)('the native engine', () => {
  it('default: gives the key and the proof that WASM gives', async () => {
    const r1csPath = join(folder, 'circuit.r1cs');
    await writeR1cs(r1csPath, toyR1cs(productCircuit));
    const witness = encodeWitness(productWitness(6n, 7n));
    const run = async (name: string, engine: Engine) => {
      const zkeyPath = join(folder, `${name}.zkey`);
      try {
        await developmentSetup({ r1csPath, zkeyPath, engine });
        const key = await loadProvingKey({ path: zkeyPath, engine });
        try {
          const { proof, publicInputs } = await prove({ key, witness, random: seededBytes(5) });
          return {
            zkey: readFileSync(zkeyPath),
            proof,
            publicInputs,
            verificationKey: exportVerificationKey(zkeyPath),
          };
        } finally {
          key.close();
        }
      } finally {
        await engine.close();
      }
    };
    const expected = await run('wasm', await createWasmEngine({ threads: 2 }));
    for (const isa of ISAS) {
      const found = await run(isa, await createNativeEngine({ threads: 2, isa }));
      expect(found.zkey.equals(expected.zkey)).toBe(true);
      expect(found.proof).toEqual(expected.proof);
      const key = prepareKey(found.verificationKey);
      expect(verifyProof(key, found.proof, found.publicInputs)).toEqual({ ok: true });
      expect(verifyProof(key, found.proof, [found.publicInputs[0]! + 1n])).toMatchObject({
        ok: false,
        code: 'PROOF_INVALID',
      });
    }
  });

  it('default: gives the powers, the initial key and the ceremony that WASM gives', async () => {
    const r1csPath = join(folder, 'ceremony.r1cs');
    await writeR1cs(r1csPath, randomR1cs(7, { rows: 60, wires: 90, outputs: 1, inputs: 3 }));
    const run = async (name: string, engine: Engine): Promise<Buffer[]> => {
      const at = (file: string): string => join(folder, `${name}-${file}`);
      try {
        await writeDevelopmentPtau({ path: at('ptau'), power: 7, engine });
        await setupFromPtau({ r1csPath, ptauPath: at('ptau'), zkeyPath: at('0'), engine });
        const random = seededBytes(3);
        await contribute({ zkeyPath: at('0'), outPath: at('1'), engine, random });
        const beaconHash = Uint8Array.of(1, 2, 3);
        await beacon({ zkeyPath: at('1'), outPath: at('2'), engine, beaconHash, iterationsExp: 10 });
        return ['ptau', '0', '1', '2'].map((file) => readFileSync(at(file)));
      } finally {
        await engine.close();
      }
    };
    const expected = await run('wasm-ceremony', await createWasmEngine({ threads: 2 }));
    for (const isa of ISAS) {
      const found = await run(`${isa}-ceremony`, await createNativeEngine({ threads: 2, isa }));
      expect(found.map((file, i) => file.equals(expected[i]!))).toEqual([true, true, true, true]);
    }
  });
});
