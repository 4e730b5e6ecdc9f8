/**
 * Our engine as a benchmark worker: `node engine-worker.js <wasm|native> <threads>`.
 */
import type { Engine, EngineBuffer } from '../engine/types.js';
import { readWitness } from '../formats/wtns.js';
import { prove } from '../groth16/prove.js';
import { loadProvingKey } from '../groth16/proving-key.js';
import { startEngine } from './engines.js';
import { type Prepared, readStart, serve, type Task, timed } from './worker-protocol.js';

type Prepare<Name extends Task['task']> = (
  engine: Engine,
  task: Extract<Task, { task: Name }>,
) => Promise<Prepared>;

const PREPARE: { readonly [Name in Task['task']]: Prepare<Name> } = {
  field: async (engine, { scalars, count, repeat }) => {
    const buffer = loadFile(engine, scalars, count * 32);
    await engine.frToMontgomery(buffer, count);
    return {
      result: engine.bytes(buffer).slice(),
      run: async () => {
        const ms = await timed(async () => {
          for (let i = 0; i < repeat; i++) await engine.frToMontgomery(buffer, count);
        });
        return { ms: ms / repeat };
      },
      close: () => engine.free(buffer),
    };
  },
  msm: async (engine, { group, points, scalars, count }) => {
    const bases = loadFile(engine, points, count * (group === 'G1' ? 64 : 128));
    const factors = loadFile(engine, scalars, count * 32);
    const sum = (): Promise<Uint8Array> => engine[`msm${group}`](bases, factors, count);
    return {
      result: await sum(),
      run: async () => ({ ms: await timed(sum) }),
      close: () => {
        engine.free(bases);
        engine.free(factors);
      },
    };
  },
  fft: async (engine, { values, log }) => {
    const buffer = loadFile(engine, values, 2 ** log * 32);
    await engine.ntt(buffer, log);
    return {
      result: engine.bytes(buffer).slice(),
      run: async () => ({ ms: await timed(() => engine.ntt(buffer, log)) }),
      close: () => engine.free(buffer),
    };
  },
  prove: async (engine, { key: path, witness: witnessPath }) => {
    const key = await loadProvingKey({ path, engine });
    const witness = readWitness(witnessPath);
    await prove({ key, witness });
    return {
      run: async () => {
        const { timings } = await prove({ key, witness });
        const { total = 0, witness: asked = 0 } = timings;
        return { ms: total - asked };
      },
      close: () => key.close(),
    };
  },
  verify: async () => {
    throw new Error('verifiers are programs of their own');
  },
};

/** The first `sizeBytes` of a file in the engine's memory. */
function loadFile(engine: Engine, path: string, sizeBytes: number): EngineBuffer {
  const buffer = engine.alloc(sizeBytes);
  engine.bytes(buffer).set(readStart(path, sizeBytes));
  return buffer;
}

const [kind = '', threads = ''] = process.argv.slice(2);
const engine = await startEngine(kind, Number(threads));
await serve(
  (task) => PREPARE[task.task](engine, task as never),
  () => engine.close(),
);
