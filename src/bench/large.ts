/** A generated circuit that fills a domain of 2^20: its development setup, and a proof with only full-size scalars. */
import { join } from 'node:path';
import { writeR1cs } from '../formats/r1cs.js';
import { writeWitness } from '../formats/wtns.js';
import { parseVerificationKey } from '../statement/keys.js';
import { prepareKey } from '../verify/prepared-key.js';
import { verifyProofJson } from '../verify/verify-proof.js';
import { type Bench, disagreement, measureSides, runOurs, type Side } from './bench.js';
import { denseCircuit } from './generated-circuits.js';
import type { RawEntry } from './report.js';
import { readJson, warmFile, writeKey } from './subjects.js';
import { LARGE_PROOF, LARGE_SETUP } from './targets.js';

const LOG = 20;

/** Setup and proof by each of our engines, whole processes; the last proof is verified. */
export async function measureLarge(bench: Bench): Promise<RawEntry[]> {
  const { engines, folder, stage, threads } = bench;
  // One row for the public input, one for the constant wire.
  const rows = 2 ** LOG - 2;
  const at = (name: string): string => join(folder, `large-${name}`);
  await stage(`preparing ${rows} rows`, async () => {
    const { r1cs, witness } = denseCircuit(rows);
    await writeR1cs(at('circuit.r1cs'), r1cs);
    await writeWitness(at('witness.wtns'), witness);
  });
  const runs = Math.ceil(bench.runs / 3);
  const sides = (task: string, ...files: readonly string[]): Side[] =>
    engines.map((kind) => ({
      contender: kind,
      threads,
      run: () => runOurs(bench, `${kind} ${task} of 2^${LOG}`, task, kind, String(threads), ...files),
    }));
  const setup = await measureSides(
    bench,
    { part: 'large', subject: LARGE_SETUP, size: rows },
    sides('develop', at('circuit.r1cs'), at('key.zkey')),
    { runs },
  );
  const key = prepareKey(parseVerificationKey(readJson(writeKey(at('key.zkey'), at('key.json')))));
  warmFile(at('key.zkey'));
  const proof = await measureSides(
    bench,
    { part: 'large', subject: LARGE_PROOF, size: rows },
    sides('prove', at('key.zkey'), at('witness.wtns'), at('proof.json'), at('public.json')),
    { runs },
  );
  if (!verifyProofJson(key, readJson(at('proof.json')), readJson(at('public.json'))).ok)
    throw disagreement(`prove: 2^${LOG}`, engines.join(' or '), 'the verifier');
  return [setup, proof];
}
