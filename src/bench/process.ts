/**
 * One prover or verifier run as a whole process, for benchmarks.
 *
 *     node process.js prove <zkey> <wtns> <proof.json> <public.json> <threads>
 *     node process.js verify <key.json> <public.json> <proof.json>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createEngine } from '../engine/index.js';
import { readWitness } from '../formats/wtns.js';
import { prove } from '../groth16/prove.js';
import { loadProvingKey } from '../groth16/proving-key.js';
import { formatProof, parseVerificationKey } from '../statement/keys.js';
import { prepareKey } from '../verify/prepared-key.js';
import { verifyProofJson } from '../verify/verify-proof.js';

const [task, ...files] = process.argv.slice(2);
const json = (path: string | undefined): unknown => JSON.parse(readFileSync(path ?? '', 'utf8'));

if (task === 'prove') {
  const [keyPath = '', witnessPath = '', proofPath = '', publicPath = '', threads = '1'] = files;
  const engine = await createEngine({ threads: Number(threads) });
  const key = await loadProvingKey({ path: keyPath, engine });
  const { proof, publicInputs } = await prove({ key, witness: readWitness(witnessPath) });
  writeFileSync(proofPath, JSON.stringify(formatProof(proof)));
  writeFileSync(publicPath, JSON.stringify(publicInputs.map(String)));
  key.close();
  await engine.close();
} else if (task === 'verify') {
  const [keyPath, publicPath, proofPath] = files;
  const key = prepareKey(parseVerificationKey(json(keyPath)));
  const verdict = verifyProofJson(key, json(proofPath), json(publicPath));
  if (!verdict.ok) {
    console.error(verdict.code);
    process.exitCode = 1;
  }
} else {
  console.error('expected prove or verify');
  process.exitCode = 2;
}
