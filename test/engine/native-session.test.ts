/** The native engine's life: choice, memory, cancellation, its end, and many of them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { createEngine, type Engine, type EngineBuffer } from '../../src/engine/index.js';
import { createNativeEngine } from '../../src/engine/native/native-engine.js';
import { passesSelfCheck } from '../../src/engine/native/self-check.js';
import { encodeG2, G2_GENERATOR } from '../../src/math/bn254.js';
import { seededBytes } from '../support/runs.js';
import { hasNative, ISAS, PATIENCE } from './native-support.js';

const open: Engine[] = [];
const keep = <E extends Engine>(engine: E): E => {
  open.push(engine);
  return engine;
};
afterEach(() => Promise.all(open.splice(0).map((engine) => engine.close())));

const create = async (threads = 2): Promise<Engine> => keep(await createNativeEngine({ threads }));
/** Sums of G2 that make up one chunk and take longer than a test wants to wait: one product for each of 512 outputs. */
function longChunk(): { readonly points: Uint8Array; readonly terms: Uint8Array; readonly out: Uint8Array } {
  const outputs = 512;
  const terms = Buffer.alloc(40 * outputs);
  for (let i = 0; i < outputs; i++) {
    terms.writeUInt32LE(i, 40 * i);
    terms.set(seededBytes(i)(31), 40 * i + 8);
  }
  return { points: encodeG2(G2_GENERATOR), terms, out: new Uint8Array(128 * outputs) };
}
/** A call that takes long enough to be interrupted. */
const longCall = (engine: Engine): Promise<void> => {
  const buffer = engine.alloc(32 * 2 ** 21);
  return engine.intt(buffer, 21);
};

describe.skipIf(!hasNative)('choice', () => {
  test('default: auto is native where it works, wasm is WASM', async () => {
    expect(keep(await createEngine({ threads: 1 })).name).toBe('native');
    expect(keep(await createEngine({ threads: 1, kind: 'native' })).name).toBe('native');
    expect(keep(await createEngine({ threads: 1, kind: 'wasm' })).name).toBe('wasm');
  });

  test('default: auto takes the fastest instruction set', async () => {
    expect(keep(await createNativeEngine({ threads: 1 })).isa).toBe(ISAS.at(-1));
  });

  test('behavior: the self-check finds an engine that is wrong', async () => {
    const engine = await create(1);
    expect(await passesSelfCheck(engine)).toBe(true);
    const lies: Partial<Engine>[] = [
      { frMultiply: async (out) => void engine.bytes(out).fill(0) },
      { ntt: async () => {} },
      { intt: async () => {} },
      { msmG1: async () => new Uint8Array(64) },
      { msmG2: async () => new Uint8Array(128) },
      { fixedBaseG1: async (_, __, out) => void engine.bytes(out).fill(1) },
    ];
    for (const lie of lies) expect(await passesSelfCheck({ ...engine, ...lie })).toBe(false);
    expect(engine.memory().usedBytes).toBe(0);
  });

  test.each(['auto', 'native', 'wasm'] as const)('error: THREAD_COUNT with %s', async (kind) => {
    await expect(createEngine({ threads: 0, kind })).rejects.toMatchObject({ code: 'THREAD_COUNT' });
  });

  test('error: CANCELLED by a signal that is aborted already', async () => {
    const signal = AbortSignal.abort();
    await expect(createEngine({ threads: 1, signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('without the addon', () => {
  test('error: NATIVE_MISSING when forced, WASM when not', async () => {
    // The compiled sources beside no addon.
    const script = `
      import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
      const folder = mkdtempSync('${process.cwd()}/.cache/no-addon-');
      try {
        cpSync('dist', folder + '/dist', { recursive: true });
        cpSync('package.json', folder + '/package.json');
        const { createEngine } = await import(folder + '/dist/engine/index.js');
        const code = await createEngine({ threads: 1, kind: 'native' }).catch((error) => error.code);
        const engine = await createEngine({ threads: 1 });
        console.log(code, engine.name);
        await engine.close();
      } finally {
        rmSync(folder, { recursive: true });
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ZKFINALITY_ADDON: undefined },
    });
    expect(stdout.trim()).toBe('NATIVE_MISSING wasm');
  });
});

describe.skipIf(!hasNative)('memory', () => {
  test('default: buffers are aligned, separate and counted', async () => {
    const engine = await create();
    const [a, b] = [engine.alloc(100), engine.alloc(0)];
    expect([a.ptr % 64, b.ptr % 64]).toEqual([0, 0]);
    expect(engine.bytes(a)).toEqual(new Uint8Array(100));
    engine.bytes(a).fill(7);
    expect(engine.bytes(a, 10, 5)).toEqual(new Uint8Array(5).fill(7));
    expect(engine.bytes(b)).toHaveLength(0);
    engine.free(a);
    expect(engine.memory()).toEqual({ usedBytes: 0, peakBytes: 100 });
  });

  test('behavior: views of a freed buffer are empty, even while an operation uses it', async () => {
    const engine = await create();
    const buffer = engine.alloc(32 * 2 ** 18);
    const view = engine.bytes(buffer).fill(0);
    const running = engine.intt(buffer, 18);
    await new Promise((resolve) => setImmediate(resolve));
    engine.free(buffer);
    expect(view).toHaveLength(0);
    expect(view[0]).toBeUndefined();
    await running;
  });

  test('behavior: thousands of buffers do not add up', async () => {
    const engine = await create();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 2000; i++) {
      const buffer = engine.alloc(2 ** 20);
      engine.bytes(buffer).fill(1);
      engine.free(buffer);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  test('error: OUT_OF_MEMORY, BUFFER_SIZE, BUFFER_UNKNOWN, BUFFER_RANGE', async () => {
    const engine = await create();
    const other = await create();
    const code = (name: string) => expect.objectContaining({ code: name });
    expect(() => engine.alloc(2 ** 50)).toThrow(code('OUT_OF_MEMORY'));
    expect(() => engine.alloc(-1)).toThrow(code('BUFFER_SIZE'));
    const buffer = engine.alloc(64);
    expect(() => engine.bytes(buffer, 60, 5)).toThrow(code('BUFFER_RANGE'));
    expect(() => engine.bytes({ ptr: buffer.ptr, sizeBytes: 65 })).toThrow(code('BUFFER_RANGE'));
    expect(() => other.bytes(buffer)).toThrow(code('BUFFER_RANGE'));
    expect(() => other.free(buffer)).toThrow(code('BUFFER_UNKNOWN'));
    engine.free(buffer);
    expect(() => engine.free(buffer)).toThrow(code('BUFFER_UNKNOWN'));
    await expect(engine.ntt(buffer, 1)).rejects.toMatchObject({ code: 'BUFFER_RANGE' });
  });
});

describe.skipIf(!hasNative)('calls', () => {
  test('default: run in order; one that fails does not stop the next; progress ends at 1', async () => {
    const engine = await create();
    const buffer = engine.alloc(32 * 8);
    const first = engine.frPowers(buffer, 8, 2n, 3n);
    const failing = engine.ntt(buffer, 5);
    const last = engine.frFromMontgomery(buffer, 8);
    await expect(failing).rejects.toMatchObject({ code: 'BUFFER_TOO_SMALL' });
    await Promise.all([first, last]);
    expect([engine.bytes(buffer)[0], engine.bytes(buffer)[64]]).toEqual([2, 18]);
    const seen: number[] = [];
    await engine.msmG1(engine.alloc(6400), engine.alloc(3200), 100, {
      onProgress: (done) => seen.push(done),
    });
    expect(seen.at(-1)).toBe(1);
  });

  test('behavior: the event loop runs on', async () => {
    const engine = await create(1);
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await longCall(engine);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

describe.skipIf(!hasNative)('the end', () => {
  test('default: close twice; pending and later calls get ENGINE_CLOSED', async () => {
    const engine = await create();
    const settled = Promise.allSettled([longCall(engine), longCall(engine)]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all([engine.close(), engine.close()]);
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CLOSED' } });
    }
    expect(engine.memory().usedBytes).toBe(0);
    expect(() => engine.alloc(1)).toThrow(expect.objectContaining({ code: 'ENGINE_CLOSED' }));
    await expect(engine.ntt({ ptr: 4096, sizeBytes: 64 }, 0)).rejects.toMatchObject({
      code: 'ENGINE_CLOSED',
    });
  });

  test('error: CANCELLED at once, for pending and later calls; close still works', async () => {
    const controller = new AbortController();
    const engine = keep(await createNativeEngine({ threads: 2, signal: controller.signal }));
    const settled = Promise.allSettled([longCall(engine), longCall(engine)]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const begin = performance.now();
    controller.abort();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
    }
    await engine.close();
    expect(performance.now() - begin).toBeLessThan(500 * PATIENCE);
    await expect(engine.ntt({ ptr: 4096, sizeBytes: 64 }, 0)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('error: WORKER_HUNG where no thread does anything for long; the next engine works', async () => {
    // One chunk of multiplications that takes longer than the engine is patient.
    const { terms, points, out } = longChunk();
    const hung = keep(await createNativeEngine({ threads: 2, isa: 'portable', patienceMs: 16 }));
    const buffers = [points, terms, out].map((content) => {
      const buffer = hung.alloc(content.length);
      hung.bytes(buffer).set(content);
      return buffer;
    });
    const [at, list, to] = buffers as [EngineBuffer, EngineBuffer, EngineBuffer];
    const view = hung.bytes(at);
    const calls = await Promise.allSettled([
      hung.combineG2(at, list, terms.length / 40, to, out.length / 128),
      hung.combineG2(at, list, terms.length / 40, to, out.length / 128),
    ]);
    for (const call of calls) {
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { code: 'WORKER_HUNG', kind: 'environment' },
      });
    }
    await expect(hung.frInvert(at, 1)).rejects.toMatchObject({ code: 'WORKER_HUNG' });
    expect(() => hung.alloc(1)).toThrow(expect.objectContaining({ code: 'WORKER_HUNG' }));
    expect(view).toHaveLength(0);
    for (const buffer of buffers) hung.free(buffer);
    await Promise.all([hung.close(), hung.close()]);
    expect(await passesSelfCheck(await create())).toBe(true);
  });

  test('behavior: long operations of short chunks are not hung', async () => {
    const engine = keep(await createNativeEngine({ threads: 2, patienceMs: 2000 }));
    const start = performance.now();
    while (performance.now() - start < 2500) await longCall(engine);
  });

  test('behavior: a process with an engine whose threads were left behind ends within a second', async () => {
    const { points, terms, out } = longChunk();
    const script = `
      import { createNativeEngine } from ${JSON.stringify(new URL('../../dist/engine/native/native-engine.js', import.meta.url).href)};
      const engine = await createNativeEngine({ threads: 2, isa: 'portable', patienceMs: 16 });
      const [points, terms, out] = ['${Buffer.from(points).toString('hex')}', '${Buffer.from(terms).toString('hex')}', ${out.length}].map((content) => {
        const bytes = typeof content === 'number' ? Buffer.alloc(content) : Buffer.from(content, 'hex');
        const buffer = engine.alloc(bytes.length);
        engine.bytes(buffer).set(bytes);
        return buffer;
      });
      const code = await engine.combineG2(points, terms, 512, out, 512).catch((error) => error.code);
      await engine.close();
      console.log(code, String(process.hrtime.bigint()));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 20_000 * PATIENCE,
    });
    const [code, time = ''] = stdout.trim().split(' ');
    expect(code).toBe('WORKER_HUNG');
    expect(Number(process.hrtime.bigint() - BigInt(time)) / 1e9).toBeLessThan(PATIENCE);
  });

  const load = `import { createEngine } from ${JSON.stringify(new URL('../../dist/engine/index.js', import.meta.url).href)};`;
  const work = `
    const engine = await createEngine({ threads: 2, kind: 'native' });
    const buffer = engine.alloc(64);
    await engine.frPowers(buffer, 2, 3n, 5n);`;

  test.each([
    ['after close', 'await engine.close();'],
    ['without close', ''],
    ['with an operation that nobody waits for', 'void engine.intt(engine.alloc(32 * 2 ** 18), 18);'],
    ['by process.exit in the middle', 'void engine.intt(engine.alloc(32 * 2 ** 21), 21); process.exit(0);'],
  ])('behavior: the process ends within a second, %s', async (_, end) => {
    const script = `${load}${work} console.log(String(process.hrtime.bigint())); ${end}`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 20_000 * PATIENCE,
    });
    expect(Number(process.hrtime.bigint() - BigInt(stdout.trim())) / 1e9).toBeLessThan(PATIENCE);
  });

  test('behavior: close resolves though the engine is garbage by then', async () => {
    // Enough of them that collections fall between a call and its answer.
    const script = `
      import { createNativeEngine } from ${JSON.stringify(new URL('../../dist/engine/native/native-engine.js', import.meta.url).href)};
      for (let i = 0; i < 1500; i++) {
        const engine = await createNativeEngine({ threads: 2 });
        engine.alloc(100);
        await engine.close();
      }
      console.log('all closed');`;
    const args = ['--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 * PATIENCE });
    expect(stdout.trim()).toBe('all closed');
  });

  test('behavior: in several worker threads at once, ended in any way', async () => {
    const ends = ['await engine.close(); parentPort.postMessage("done");', 'parentPort.postMessage("done");'];
    const bodies = [...ends, `${ends[1]} void engine.intt(engine.alloc(32 * 2 ** 21), 21);`];
    await Promise.all(
      bodies.map(async (end) => {
        const code = `import { parentPort } from 'node:worker_threads'; ${load}${work} ${end}`;
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`));
        const message = await new Promise((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
        });
        expect(message).toBe('done');
        await worker.terminate();
      }),
    );
    expect(await passesSelfCheck(await create())).toBe(true);
  });
});
