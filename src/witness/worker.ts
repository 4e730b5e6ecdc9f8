/** Thread that runs one witness program: receives inputs, answers with wires or with the error's parts. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorKind, ZkFinalityError } from '../statement/errors.js';
import { type CircuitInput, loadWitnessProgram, type WitnessProgram } from './program.js';

/** What the thread answers. */
export type WitnessAnswer =
  | { readonly wires: Uint8Array }
  | { readonly error: { readonly kind: ErrorKind; readonly code: string; readonly message: string } };

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');
let program: WitnessProgram | undefined;

port.on('message', async (input: CircuitInput) => {
  try {
    const { wasmPath } = workerData as { wasmPath: string };
    program ??= await loadWitnessProgram(readFileSync(wasmPath), wasmPath);
    const wires = program.compute(input);
    port.postMessage({ wires } satisfies WitnessAnswer, [wires.buffer as ArrayBuffer]);
  } catch (error) {
    const { kind, code } =
      error instanceof ZkFinalityError ? error : { kind: 'environment' as const, code: 'WITNESS_FAILED' };
    port.postMessage({ error: { kind, code, message: (error as Error).message } } satisfies WitnessAnswer);
  }
});
