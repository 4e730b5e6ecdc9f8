/**
 * Our verifiers for benchmarks, each alone in its process: on `@noble/curves` or on WebAssembly, as they ship.
 *
 *     node verifier.js <noble|wasm> <key.json> <public.json> <proof.json>    one verification, then the end
 *     node verifier.js <noble|wasm>                                          a benchmark worker
 */
import { readFileSync } from 'node:fs';
import { type Prepared, serve, type Task, timed } from './worker-protocol.js';

type Verifier = typeof import('../verify/index.js');

const [arithmetic, keyPath, publicPath = '', proofPath = ''] = process.argv.slice(2);
const { parseVerificationKey, prepareKey, verifyProofJson } = (await import(
  new URL(arithmetic === 'wasm' ? '../browser/verify-wasm.js' : '../browser/verify.js', import.meta.url).href
)) as Verifier;
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** A verification that can be repeated, its key prepared; throws where the proof does not verify. */
function verification(keyFile: string, publicFile: string, proofFile: string): () => void {
  const key = prepareKey(parseVerificationKey(json(keyFile)));
  const [proof, publicInputs] = [json(proofFile), json(publicFile)];
  return () => {
    const verdict = verifyProofJson(key, proof, publicInputs);
    if (!verdict.ok) throw new Error(`the proof does not verify: ${verdict.code}`);
  };
}

async function prepare(task: Task): Promise<Prepared> {
  if (task.task !== 'verify') throw new Error(`a verifier does nothing but verify, asked: ${task.task}`);
  const once = verification(task.key, task.publicInputs, task.proof);
  once();
  return {
    run: async () => {
      const ms = await timed(() => {
        for (let i = 0; i < task.repeat; i++) once();
      });
      return { ms: ms / task.repeat };
    },
  };
}

if (keyPath === undefined) await serve(prepare, async () => {});
else verification(keyPath, publicPath, proofPath)();
