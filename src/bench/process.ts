/**
 * One run of ours as a whole process, for benchmarks. Prints what its stages took, as JSON.
 *
 *     node process.js prove <wasm|native> <threads> <key.zkey> <witness.wtns> <proof.json> <public.json>
 *     node process.js setup <wasm|native> <threads> <circuit.r1cs> <powers.ptau> <key.zkey>
 *     node process.js witness <program.wasm> <input.json> <witness.wtns>
 *     node process.js verify <key.json> <public.json> <proof.json>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { readWitness, writeWitness } from '../formats/wtns.js';
import { prove } from '../groth16/prove.js';
import { openProvingKey } from '../groth16/proving-key.js';
import { setupFromPtau } from '../groth16/ptau-setup.js';
import { formatProof, parseVerificationKey } from '../statement/keys.js';
import { prepareKey } from '../verify/prepared-key.js';
import { verifyProofJson } from '../verify/verify-proof.js';
import { createWitnessSession } from '../witness/session.js';
import { startEngine } from './engines.js';
import { parseInput } from './inputs.js';

const [task, ...rest] = process.argv.slice(2);
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const tell = (stagesMs: { readonly [stage: string]: number }): void => {
  process.stdout.write(`${JSON.stringify({ stagesMs })}\n`);
};

if (task === 'prove') {
  const [kind = '', threads = '', keyPath = '', witnessPath = '', proofPath = '', publicPath = ''] = rest;
  const started = performance.now();
  const engine = await startEngine(kind, Number(threads));
  const engineMs = performance.now() - started;
  const key = await openProvingKey({ path: keyPath, engine });
  const { proof, publicInputs, timings } = await prove({ key, witness: readWitness(witnessPath) });
  writeFileSync(proofPath, JSON.stringify(formatProof(proof)));
  writeFileSync(publicPath, JSON.stringify(publicInputs.map(String)));
  const { loadMs } = await key.loaded;
  await key.close();
  await engine.close();
  const { total: _, ...stages } = timings;
  tell({ 'start engine': engineMs, 'load key': loadMs, ...stages });
} else if (task === 'setup') {
  const [kind = '', threads = '', r1csPath = '', ptauPath = '', zkeyPath = ''] = rest;
  const engine = await startEngine(kind, Number(threads));
  await setupFromPtau({ r1csPath, ptauPath, zkeyPath, engine });
  await engine.close();
} else if (task === 'witness') {
  const [wasmPath = '', inputPath = '', witnessPath = ''] = rest;
  const session = await createWitnessSession({ wasmPath });
  await writeWitness(witnessPath, await session.compute(parseInput(json(inputPath))));
  await session.close();
} else if (task === 'verify') {
  const [keyPath = '', publicPath = '', proofPath = ''] = rest;
  const key = prepareKey(parseVerificationKey(json(keyPath)));
  const verdict = verifyProofJson(key, json(proofPath), json(publicPath));
  if (!verdict.ok) {
    console.error(verdict.code);
    process.exitCode = 1;
  }
} else {
  console.error('expected prove, setup, witness or verify');
  process.exitCode = 2;
}
