/** Thread that runs one witness program: loads it, receives inputs, answers with wires or with the error's parts. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type CircuitInput, loadWitnessProgram, type WitnessProgram } from './program.js';
import { answerOf, type ThreadAnswer } from './thread.js';

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');
const { wasmPath } = workerData as { wasmPath: string };

let program: Promise<WitnessProgram> | undefined;
const load = (): Promise<WitnessProgram> => {
  program ??= Promise.resolve().then(() => loadWitnessProgram(readFileSync(wasmPath), wasmPath));
  return program;
};
// Before the first input is there. What is wrong is answered to the first request.
load().catch(() => undefined);

port.on('message', async (input: CircuitInput) => {
  try {
    const wires = (await load()).compute(input);
    port.postMessage({ result: wires } satisfies ThreadAnswer<Uint8Array>, [wires.buffer as ArrayBuffer]);
  } catch (error) {
    port.postMessage(answerOf(error));
  }
});
