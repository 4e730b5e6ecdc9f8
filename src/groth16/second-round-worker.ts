/** Thread of `second-round-session.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { readR1cs } from '../formats/r1cs.js';
import { answerOf, type ThreadAnswer } from '../witness/thread.js';
import type { Partition } from './partition.js';
import { createSecondRound, type SecondRound } from './second-round.js';
import type { SecondRoundRequest } from './second-round-session.js';

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');
const { r1csPath, partition } = workerData as { r1csPath: string; partition: Partition };
let round: SecondRound | undefined;

port.on('message', (request: SecondRoundRequest) => {
  try {
    if (request === 'prepare') {
      round = createSecondRound(readR1cs(r1csPath), partition);
      port.postMessage({ result: round !== undefined } satisfies ThreadAnswer<boolean>);
      return;
    }
    if (round === undefined) throw new Error('no order of the second round was found');
    const wires = round.solve(request.witness, request.x);
    port.postMessage({ result: wires } satisfies ThreadAnswer<Uint8Array>, [wires.buffer as ArrayBuffer]);
  } catch (error) {
    port.postMessage(answerOf(error));
  }
});
