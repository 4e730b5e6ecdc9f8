/** Whole circuits: the fast arithmetic gives the wires that the compiler's own gives, in less time. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planSubject } from '../../src/bench/subjects.js';
import { loadWitnessProgram } from '../../src/witness/program.js';
import { compileCircuit } from '../support/circuit.js';
import { runs } from '../support/runs.js';

const CIRCUITS = ['committee-4', 'istanbul-ibft1-4', 'istanbul-ibft2-4', 'istanbul-qbft-4'];
const LARGE = ['committee-32', 'keccak-5', 'istanbul-ibft2-8'];

describe('witnesses with fast arithmetic', () => {
  it.each([...CIRCUITS, ...LARGE.slice(0, runs(0, LARGE.length))])('default: %s', async (id) => {
    const plan = planSubject(id);
    const { wasmPath } = await compileCircuit(plan.mainSource, { level: plan.level });
    const wasm = readFileSync(wasmPath);
    const input = plan.input();
    const compute = async (fastArithmetic: boolean): Promise<[wires: Uint8Array, ms: number]> => {
      const program = await loadWitnessProgram(wasm, id, { fastArithmetic });
      const start = performance.now();
      return [program.compute(input), performance.now() - start];
    };
    const [expected, slowMs] = await compute(false);
    const [wires, fastMs] = await compute(true);
    expect(Buffer.compare(wires, expected)).toBe(0);
    // Two to eight times as fast; small circuits are mostly start-up.
    if (wires.length > 2 ** 22) expect(fastMs).toBeLessThan(slowMs);
  });
});
