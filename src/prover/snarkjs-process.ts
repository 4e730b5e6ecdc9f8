/** Proves plain circuits with snarkjs, as a program of its own: a baseline, and a second opinion on our prover. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
    await runNode([cli, 'groth16', 'prove', provingKeyPath, witnessPath, proofPath, publicPath], signal);
    return parseProof(JSON.parse(readFileSync(proofPath, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runNode(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): EnvironmentError =>
      new EnvironmentError('CANCELLED', 'proving with snarkjs was cancelled');
    if (signal?.aborted) return reject(cancelled());
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-2000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stop = (): void => void child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    child.once('error', (cause) =>
      reject(new EnvironmentError('SNARKJS_FAILED', 'snarkjs did not start', { cause })),
    );
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) return reject(cancelled());
      if (code === 0) return resolve();
      reject(new EnvironmentError('SNARKJS_FAILED', `snarkjs exited with code ${code}: ${output.trim()}`));
    });
  });
}
