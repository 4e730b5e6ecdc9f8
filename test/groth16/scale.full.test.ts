/** A circuit of some size with dense rows and full-size wires: threads, snarkjs, memory. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import { createR1cs, encodeWitness, type Term, writeR1cs } from '../../src/formats/r1cs.js';
import { writeWitness } from '../../src/formats/wtns.js';
import { type ProveResult, prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey } from '../../src/groth16/proving-key.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { Fr } from '../../src/math/field.js';
import { formatProof, formatVerificationKey, parseProof } from '../../src/statement/keys.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { seededBytes, seededInteger } from '../support/runs.js';

const LOG_ROWS = 13;
const folder = mkdtempSync(join(tmpdir(), 'groth16-scale-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const snarkjs = (...args: string[]): string =>
  execFileSync(process.execPath, [join(process.cwd(), 'node_modules/snarkjs/build/cli.cjs'), ...args], {
    encoding: 'utf8',
  });

/** Row i makes wire i + 3 out of two sums of five earlier wires with seeded coefficients; one public wire. */
function buildCircuit(rows: number) {
  const random = seededBytes(2024);
  const values = [1n, 3n, 5n];
  const sum = (): { terms: Term[]; total: bigint } => {
    const terms = Array.from({ length: 5 }, () => ({
      wire: Number(seededInteger(random, BigInt(values.length))),
      value: seededInteger(random, 2n) === 0n ? 1n : seededInteger(random, Fr.p),
    }));
    return { terms, total: terms.reduce((total, { wire, value }) => total + values[wire]! * value, 0n) };
  };
  const constraints = Array.from({ length: rows }, () => {
    const [a, b] = [sum(), sum()];
    values.push(Fr.mod(a.total * b.total));
    return { a: a.terms, b: b.terms, c: [{ wire: values.length - 1, value: 1n }] };
  });
  const counts = { wires: values.length, publicOutputs: 0, publicInputs: 1, privateInputs: 1 };
  return { r1cs: createR1cs(counts, constraints), witness: encodeWitness(values) };
}

describe(`2^${LOG_ROWS} rows`, () => {
  const { r1cs, witness } = buildCircuit(2 ** LOG_ROWS - 2);
  const zkeyPath = at('scale.zkey');

  beforeAll(async () => {
    await writeR1cs(at('scale.r1cs'), r1cs);
    await writeWitness(at('scale.wtns'), witness);
    const engine = await createEngine({ threads: 2 });
    await developmentSetup({ r1csPath: at('scale.r1cs'), zkeyPath, engine });
    expect(engine.memory().usedBytes).toBeLessThan(engine.memory().peakBytes);
    await engine.close();
  });

  it('default: the same proof and the same key for 1, 2 and 4 threads', async () => {
    const results: ProveResult[] = [];
    for (const threads of [1, 2, 4]) {
      const engine = await createEngine({ threads });
      try {
        const used: number[] = [];
        for (let run = 0; run < 2; run++) {
          const key = await loadProvingKey({ path: zkeyPath, engine });
          results.push(await prove({ key, witness, random: seededBytes(5) }));
          key.close();
          key.close();
          used.push(engine.memory().usedBytes);
        }
        // The engine keeps roots of unity after the first proof and nothing more after the second.
        expect(used[1]).toBe(used[0]);
        await developmentSetup({ r1csPath: at('scale.r1cs'), zkeyPath: at('again.zkey'), engine });
        expect(readFileSync(at('again.zkey')).equals(readFileSync(zkeyPath))).toBe(true);
      } finally {
        await engine.close();
      }
    }
    const [first, ...others] = results.map(({ proof }) => proof);
    for (const other of others) expect(other).toEqual(first);
    const key = prepareKey(exportVerificationKey(zkeyPath));
    expect(verifyProof(key, first!, results[0]!.publicInputs).ok).toBe(true);
    expect(verifyProof(key, first!, [4n]).ok).toBe(false);
  });

  it('behavior: snarkjs accepts our proof and proves with our key', async () => {
    const engine = await createEngine({ threads: 2 });
    try {
      const key = await loadProvingKey({ path: zkeyPath, engine });
      const { proof, publicInputs } = await prove({ key, witness });
      writeFileSync(at('key.json'), JSON.stringify(formatVerificationKey(key.verificationKey)));
      writeFileSync(at('public.json'), JSON.stringify(publicInputs.map(String)));
      writeFileSync(at('proof.json'), JSON.stringify(formatProof(proof)));
      expect(snarkjs('groth16', 'verify', at('key.json'), at('public.json'), at('proof.json'))).toContain(
        'OK!',
      );
      snarkjs('groth16', 'prove', zkeyPath, at('scale.wtns'), at('theirs.json'), at('theirs-public.json'));
      const theirs = parseProof(JSON.parse(readFileSync(at('theirs.json'), 'utf8')));
      expect(verifyProof(prepareKey(key.verificationKey), theirs, publicInputs).ok).toBe(true);
      key.close();
    } finally {
      await engine.close();
    }
  });
});
