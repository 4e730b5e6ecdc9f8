/** Small constraint systems, snarkjs as a separate program, and an engine to share: for tests of setup and ceremony. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Constraint, createR1cs, type R1cs, type Term } from '../../src/formats/r1cs.js';
import { BN254_R } from '../../src/math/field.js';
import { seededBytes, seededInteger } from '../support/runs.js';

const bin = join(process.cwd(), 'node_modules/.bin/snarkjs');

/** Runs a command of snarkjs; its output, both streams. A failing exit code is reported as text too. */
export function snarkjs(...args: string[]): string {
  try {
    return execFileSync(bin, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `FAILED ${stdout ?? ''}${stderr ?? ''}`;
  }
}

/** Runs a script in a process of its own with snarkjs's library as `snarkjs`; `crypto.randomFillSync` gives `fill`. */
export function snarkjsScript(script: string, fill: number): string {
  const program = `
    const crypto = require('crypto');
    crypto.randomFillSync = (array) => array.fill(${fill});
    const snarkjs = require('snarkjs');
    (async () => { ${script} })().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });`;
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', cwd: process.cwd() });
}

/** `filled` rows have terms, all by default; the others are empty and only enlarge the domain. */
export type Counts = {
  readonly rows: number;
  readonly wires: number;
  readonly outputs: number;
  readonly inputs: number;
  readonly filled?: number;
};

/**
 * Rows that no witness needs to satisfy: setup does not care. Has rows of every shape: empty, one term, many terms,
 * coefficients 0, ±1, small and large, a wire in no row, the same wire twice in a row.
 */
export function randomR1cs(seed: number, counts: Counts): R1cs {
  const random = seededBytes(seed);
  const below = (bound: number): number => Number(seededInteger(random, BigInt(bound)));
  const value = (): bigint =>
    [1n, -1n, 0n, 2n, BigInt(below(1000)), seededInteger(random, BN254_R)][below(6)]!;
  const unused = counts.wires - 1;
  const terms = (): Term[] =>
    Array.from({ length: [0, 1, 1, 2, 3, 9][below(6)]! }, () => ({ wire: below(unused), value: value() }));
  const filled = counts.filled ?? counts.rows;
  const empty: Constraint = { a: [], b: [], c: [] };
  const full = (): Constraint => ({ a: terms(), b: terms(), c: terms() });
  const constraints = Array.from({ length: counts.rows }, (_, row) => (row < filled ? full() : empty));
  const { wires, outputs, inputs } = counts;
  return createR1cs({ wires, publicOutputs: outputs, publicInputs: inputs, privateInputs: 0 }, constraints);
}
