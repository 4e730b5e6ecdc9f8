/** Proves plain circuits with snarkjs, as a program of its own: a baseline, and a second opinion on our prover. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runNodeProgram } from '../build/node-program.js';
import { writeWitness } from '../formats/wtns.js';
import { EnvironmentError } from '../statement/errors.js';
import { parseProof } from '../statement/keys.js';
import type { Groth16Proof } from '../statement/types.js';

/**
 * Path of snarkjs's command line.
 *
 * @throws {EnvironmentError} `SNARKJS_MISSING`.
 */
export function snarkjsCli(): string {
  try {
    const main = createRequire(import.meta.url).resolve('snarkjs');
    return join(dirname(main), 'cli.cjs');
  } catch (cause) {
    throw new EnvironmentError(
      'SNARKJS_MISSING',
      'snarkjs is not installed. Install it with: npm install snarkjs',
      {
        cause,
      },
    );
  }
}

/**
 * Runs `snarkjs groth16 prove`.
 *
 * @param options.witness - All wires, canonical, 32 bytes each.
 * @throws {EnvironmentError} `SNARKJS_FAILED` with its last words; `SNARKJS_MISSING`; `CANCELLED`.
 */
export async function proveWithSnarkjs(options: {
  readonly provingKeyPath: string;
  readonly witness: Uint8Array;
  readonly signal?: AbortSignal;
}): Promise<Groth16Proof> {
  const { provingKeyPath, witness, signal } = options;
  const cli = snarkjsCli();
  const folder = mkdtempSync(join(tmpdir(), 'zkfinality-snarkjs-'));
  try {
    const [witnessPath, proofPath, publicPath] = ['witness.wtns', 'proof.json', 'public.json'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeWitness(witnessPath, witness);
    await runSnarkjs([cli, 'groth16', 'prove', provingKeyPath, witnessPath, proofPath, publicPath], signal);
    return parseProof(JSON.parse(readFileSync(proofPath, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runSnarkjs(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const cancelled = (): EnvironmentError =>
    new EnvironmentError('CANCELLED', 'proving with snarkjs was cancelled');
  if (signal?.aborted) throw cancelled();
  const options = signal === undefined ? {} : { signal };
  const { code, output } = await runNodeProgram(args, options).catch((cause: unknown) => {
    throw new EnvironmentError('SNARKJS_FAILED', 'snarkjs did not start', { cause });
  });
  if (signal?.aborted) throw cancelled();
  if (code !== 0)
    throw new EnvironmentError(
      'SNARKJS_FAILED',
      `snarkjs exited with code ${code}: ${output.trim().slice(-2000)}`,
    );
}
