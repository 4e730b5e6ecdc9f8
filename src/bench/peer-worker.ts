/**
 * snarkjs and its arithmetic library as a benchmark worker: `node peer-worker.js <1|all>`.
 *
 * A program of its own that finds snarkjs where it is installed when it starts; nothing of this package imports it or loads it
 * into its process. `1` computes in this thread, `all` in as many as the library starts by itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Prepared, readStart, serve, type Task, timed } from './worker-protocol.js';

/** What is used of the library's curve; buffers hold Montgomery coordinates and elements. */
type Group = {
  readonly multiExpAffine: (bases: Uint8Array, scalars: Uint8Array) => Promise<Uint8Array>;
  readonly toAffine: (point: Uint8Array) => Uint8Array;
};
type Curve = {
  readonly G1: Group;
  readonly G2: Group;
  readonly Fr: { readonly fft: (values: Uint8Array) => Promise<Uint8Array> };
  readonly tm: {
    readonly memory: WebAssembly.Memory;
    u8: Uint8Array;
    u32: Uint32Array;
    readonly instance: {
      readonly exports: { readonly frm_batchToMontgomery: (from: number, count: number, to: number) => void };
    };
  };
  readonly terminate: () => Promise<void>;
};
type Arithmetic = { readonly buildBn128: (singleThread: boolean) => Promise<Curve> };
type Snarkjs = {
  readonly groth16: {
    readonly verify: (key: unknown, publicInputs: unknown, proof: unknown) => Promise<boolean>;
  };
};

const PAGE_BYTES = 65536;
const fromHere = createRequire(import.meta.url);
const snarkjsPath = fromHere.resolve('snarkjs');
const load = async <Module>(path: string): Promise<Module> => {
  const module = (await import(pathToFileURL(path).href)) as Module & { readonly default?: Module };
  return module.default ?? module;
};

const { buildBn128 } = await load<Arithmetic>(createRequire(snarkjsPath).resolve('ffjavascript'));
const curve = await buildBn128(process.argv[2] === '1');

async function prepare(task: Task): Promise<Prepared> {
  switch (task.task) {
    case 'field': {
      const { tm } = curve;
      const { count, repeat } = task;
      // The library's own allocation does not grow its memory, and growing it ends the library's views.
      const at = tm.memory.grow(Math.ceil((count * 32) / PAGE_BYTES)) * PAGE_BYTES;
      tm.u8 = new Uint8Array(tm.memory.buffer);
      tm.u32 = new Uint32Array(tm.memory.buffer);
      new Uint8Array(tm.memory.buffer, at, count * 32).set(readStart(task.scalars, count * 32));
      const convert = (): void => tm.instance.exports.frm_batchToMontgomery(at, count, at);
      convert();
      return {
        result: new Uint8Array(tm.memory.buffer, at, count * 32).slice(),
        run: async () => {
          const ms = await timed(() => {
            for (let i = 0; i < repeat; i++) convert();
          });
          return { ms: ms / repeat };
        },
      };
    }
    case 'msm': {
      const group = curve[task.group];
      const points = readStart(task.points, task.count * (task.group === 'G1' ? 64 : 128));
      const scalars = readStart(task.scalars, task.count * 32);
      const sum = (): Promise<Uint8Array> => group.multiExpAffine(points, scalars);
      return { result: group.toAffine(await sum()), run: async () => ({ ms: await timed(sum) }) };
    }
    case 'fft': {
      const values = readStart(task.values, 2 ** task.log * 32);
      const transform = (): Promise<Uint8Array> => curve.Fr.fft(values);
      return { result: await transform(), run: async () => ({ ms: await timed(transform) }) };
    }
    case 'verify': {
      const { groth16 } = await load<Snarkjs>(snarkjsPath);
      const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
      const [key, publicInputs, proof] = [json(task.key), json(task.publicInputs), json(task.proof)];
      const once = async (): Promise<void> => {
        if (!(await groth16.verify(key, publicInputs, proof))) throw new Error('the proof does not verify');
      };
      await once();
      return {
        run: async () => {
          const ms = await timed(async () => {
            for (let i = 0; i < task.repeat; i++) await once();
          });
          return { ms: ms / task.repeat };
        },
      };
    }
    case 'prove':
      throw new Error('snarkjs proves as a whole process');
  }
}

await serve(prepare, () => curve.terminate());
process.exit();
