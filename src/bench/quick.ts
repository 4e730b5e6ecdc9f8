/**
 * The quick benchmark: setup, proof and verification of generated circuits, ours against snarkjs, side by side.
 *
 * Both provers run as whole processes that read the same key and witness from disk and write a proof, in turn, so that
 * both see the same state of the machine. Both verifiers run warm in processes of their own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readKeyOf } from '../build/artifacts.js';
import { createEngine } from '../engine/index.js';
import { writeR1cs } from '../formats/r1cs.js';
import { writeWitness } from '../formats/wtns.js';
import { developmentSetup } from '../groth16/setup.js';
import { snarkjsCli } from '../prover/snarkjs-process.js';
import { EnvironmentError } from '../statement/errors.js';
import { formatVerificationKey } from '../statement/keys.js';
import { bitCircuit, denseCircuit, type GeneratedCircuit } from './generated-circuits.js';
import {
  alternate,
  describeMachine,
  type Machine,
  type Ratio,
  ratioOf,
  type Summary,
  summarise,
} from './statistics.js';

export type Measurement = {
  readonly circuit: string;
  readonly constraints: number;
  /** Development setup, ours alone. */
  readonly setupMs: number;
  /** Whole processes. `ratio` is snarkjs's time over ours. */
  readonly prove: { readonly ours: Summary; readonly snarkjs: Summary; readonly ratio: Ratio };
  /** Whole processes too: start-up included. */
  readonly verify: { readonly ours: Summary; readonly snarkjs: Summary; readonly ratio: Ratio };
};

export type QuickReport = {
  readonly kind: 'zkfinality-bench/1';
  readonly machine: Machine;
  readonly threads: number;
  readonly measurements: readonly Measurement[];
};

export type QuickOptions = {
  readonly threads: number;
  /** Counted runs of each command. */
  readonly runs?: number;
  /** Base-two logarithm of the largest circuit. */
  readonly log?: number;
  readonly onStep?: (done: number, step?: string) => void;
  readonly signal?: AbortSignal;
};

/**
 * Runs the quick benchmark; about a minute on two cores.
 *
 * @throws {EnvironmentError} `SNARKJS_MISSING`, `BENCH_FAILED`, `CANCELLED`.
 */
export async function benchQuick(options: QuickOptions): Promise<QuickReport> {
  const { threads, runs = 3, log = 15, onStep, signal } = options;
  const circuits = [denseCircuit(2 ** log - 4), bitCircuit(2 ** log - 4)];
  const measurements: Measurement[] = [];
  for (const [index, circuit] of circuits.entries()) {
    onStep?.(index / circuits.length, circuit.name);
    measurements.push(await measure(circuit, threads, runs, signal));
  }
  return { kind: 'zkfinality-bench/1', machine: describeMachine(), threads, measurements };
}

async function measure(
  circuit: GeneratedCircuit,
  threads: number,
  runs: number,
  signal: AbortSignal | undefined,
): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'zkfinality-bench-'));
  const at = (name: string): string => join(folder, name);
  try {
    await writeR1cs(at('circuit.r1cs'), circuit.r1cs);
    await writeWitness(at('witness.wtns'), circuit.witness);
    const engine = await createEngine({ threads, ...(signal === undefined ? {} : { signal }) });
    const started = performance.now();
    try {
      await developmentSetup({
        r1csPath: at('circuit.r1cs'),
        zkeyPath: at('key.zkey'),
        engine,
        system: 'groth16',
      });
    } finally {
      await engine.close();
    }
    const setupMs = performance.now() - started;
    writeFileSync(at('key.json'), JSON.stringify(formatVerificationKey(readKeyOf(at('key.zkey')))));
    const child = fileURLToPath(new URL('./process.js', import.meta.url));
    const snarkjs = snarkjsCli();
    const files = (who: string): string[] => [at(`${who}-proof.json`), at(`${who}-public.json`)];
    const command =
      (...args: string[]) =>
      async (): Promise<void> =>
        runProcess(args, signal);
    const proved = await alternate(
      command(child, 'prove', at('key.zkey'), at('witness.wtns'), ...files('ours'), String(threads)),
      command(snarkjs, 'groth16', 'prove', at('key.zkey'), at('witness.wtns'), ...files('snarkjs')),
      runs,
    );
    const [ourProof, ourPublic] = files('ours') as [string, string];
    const verified = await alternate(
      command(child, 'verify', at('key.json'), ourPublic, ourProof),
      command(snarkjs, 'groth16', 'verify', at('key.json'), ourPublic, ourProof),
      runs,
    );
    const compare = (times: { first: number[]; second: number[] }) => ({
      ours: summarise(times.first),
      snarkjs: summarise(times.second),
      ratio: ratioOf(times.first, times.second),
    });
    return {
      circuit: circuit.name,
      constraints: circuit.r1cs.constraints,
      setupMs,
      prove: compare(proved),
      verify: compare(verified),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runProcess(args: readonly string[], signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new EnvironmentError('CANCELLED', 'the benchmark was cancelled');
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new EnvironmentError(
      'BENCH_FAILED',
      `${args.slice(0, 2).join(' ')} exited with code ${status}: ${(stderr || stdout).trim().slice(-500)}`,
    );
}
