import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { startTeam } from '../../src/engine/threads/team.js';
import type { Engine } from '../../src/engine/types.js';
import { createWasmEngine as createEngine } from '../../src/engine/wasm-engine.js';
import { watchWorkers } from '../support/workers.js';

const open: Engine[] = [];
const create = async (options: Parameters<typeof createEngine>[0] = { threads: 2 }): Promise<Engine> => {
  const engine = await createEngine(options);
  open.push(engine);
  return engine;
};
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((engine) => engine.close()));
});

/** A call that takes long enough to be interrupted. */
const longCall = (engine: Engine): Promise<void> => {
  const log = 19;
  const buffer = engine.alloc(32 * 2 ** log);
  return engine.intt(buffer, log);
};

describe('createEngine', () => {
  test('default: as many threads as asked for', async () => {
    expect((await create({ threads: 3 })).threads).toBe(3);
    expect((await create({})).threads).toBeGreaterThan(0);
  });

  test.each([0, -1, 65, 1.5, Number.NaN])('error: THREAD_COUNT for %d', async (threads) => {
    await expect(createEngine({ threads })).rejects.toMatchObject({ code: 'THREAD_COUNT' });
  });

  test('error: CANCELLED by a signal that is aborted already', async () => {
    await expect(createEngine({ threads: 2, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('memory', () => {
  test('default: buffers are aligned, separate, counted and reused', async () => {
    const engine = await create();
    const before = engine.memory().usedBytes;
    const [a, b] = [engine.alloc(100), engine.alloc(1)];
    expect([a.ptr % 64, b.ptr % 64]).toEqual([0, 0]);
    expect(Math.abs(a.ptr - b.ptr)).toBeGreaterThanOrEqual(64);
    engine.bytes(a).fill(7);
    expect(engine.bytes(a, 10, 5)).toEqual(new Uint8Array(5).fill(7));
    expect(engine.bytes(b)).toHaveLength(1);
    engine.free(a);
    expect(engine.alloc(128).ptr).toBe(a.ptr);
    expect(engine.memory().peakBytes).toBeGreaterThanOrEqual(before + 192);
  });

  test('behavior: calls give back what they took', async () => {
    const engine = await create();
    const buffer = engine.alloc(64 * 32);
    const before = engine.memory().usedBytes;
    await engine.frInvert(buffer, 64);
    expect(engine.memory().usedBytes).toBe(before);
  });

  test('behavior: a buffer that was made before the memory grew is still the same', async () => {
    const engine = await create();
    const buffer = engine.alloc(64);
    const view = engine.bytes(buffer);
    engine.alloc(64 * 2 ** 20);
    await engine.frPowers(buffer, 2, 1n, 1n);
    expect(view).toEqual(engine.bytes(buffer));
  });

  test('error: OUT_OF_MEMORY says how much', async () => {
    const engine = await create();
    expect(() => engine.alloc(5 * 2 ** 30)).toThrow(
      expect.objectContaining({
        code: 'OUT_OF_MEMORY',
        message: expect.stringMatching(/5120\.0 MiB.*of 4095\.9 MiB/) as unknown,
      }),
    );
    expect(engine.alloc(64).sizeBytes).toBe(64);
  });

  test('error: BUFFER_SIZE, BUFFER_UNKNOWN, BUFFER_RANGE', async () => {
    const engine = await create();
    const buffer = engine.alloc(64);
    expect(() => engine.alloc(-1)).toThrow(expect.objectContaining({ code: 'BUFFER_SIZE' }));
    expect(() => engine.bytes(buffer, 60, 5)).toThrow(expect.objectContaining({ code: 'BUFFER_RANGE' }));
    expect(() => engine.bytes({ ptr: buffer.ptr, sizeBytes: 65 })).toThrow(
      expect.objectContaining({ code: 'BUFFER_RANGE' }),
    );
    engine.free(buffer);
    expect(() => engine.free(buffer)).toThrow(expect.objectContaining({ code: 'BUFFER_UNKNOWN' }));
    expect(() => engine.bytes(buffer)).toThrow(expect.objectContaining({ code: 'BUFFER_RANGE' }));
    await expect(engine.ntt(buffer, 1)).rejects.toMatchObject({ code: 'BUFFER_RANGE' });
  });
});

describe('calls', () => {
  test('default: run in the order in which they were made', async () => {
    const engine = await create();
    const buffer = engine.alloc(32 * 8);
    const first = engine.frPowers(buffer, 8, 2n, 3n);
    const second = engine.frFromMontgomery(buffer, 8);
    await Promise.all([first, second]);
    expect(engine.bytes(buffer, 0, 65)[0]).toBe(2);
    expect(engine.bytes(buffer, 64, 1)[0]).toBe(18);
  });

  test('behavior: a call that fails does not stop the next one', async () => {
    const engine = await create();
    const buffer = engine.alloc(32);
    const failing = engine.ntt(buffer, 5);
    const next = engine.frPowers(buffer, 1, 1n, 1n);
    await expect(failing).rejects.toMatchObject({ code: 'BUFFER_TOO_SMALL' });
    await next;
  });

  test('behavior: progress ends at 1', async () => {
    const engine = await create();
    const [points, scalars] = [engine.alloc(64 * 100), engine.alloc(32 * 100)];
    engine.bytes(scalars).fill(1);
    engine.bytes(points).fill(0);
    const seen: number[] = [];
    await engine.msmG1(points, scalars, 100, { onProgress: (done) => seen.push(done) });
    expect(seen.at(-1)).toBe(1);
  });
});

describe('close', () => {
  test('default: twice is fine, pending and later calls get ENGINE_CLOSED, no thread is left', async () => {
    const started = watchWorkers();
    const engine = await create();
    const pending = longCall(engine);
    const queued = longCall(engine);
    const settled = Promise.allSettled([pending, queued]);
    await vi.waitUntil(() => started.length === 2);
    await Promise.all([engine.close(), engine.close()]);
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CLOSED' } });
    }
    await engine.close();
    const buffer = { ptr: 4096, sizeBytes: 64 };
    await expect(engine.ntt(buffer, 0)).rejects.toMatchObject({ code: 'ENGINE_CLOSED' });
    expect(() => engine.alloc(1)).toThrow(expect.objectContaining({ code: 'ENGINE_CLOSED' }));
    for (const worker of started) expect(worker.threadId).toBe(-1);
  });
});

describe('cancellation', () => {
  test('error: CANCELLED at once, for pending and later calls', async () => {
    const started = watchWorkers();
    const controller = new AbortController();
    const engine = await create({ threads: 2, signal: controller.signal });
    const settled = Promise.allSettled([longCall(engine), longCall(engine)]);
    await vi.waitUntil(() => started.length === 2);
    const begin = performance.now();
    controller.abort();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
    }
    expect(performance.now() - begin).toBeLessThan(500);
    await expect(engine.ntt({ ptr: 4096, sizeBytes: 64 }, 0)).rejects.toMatchObject({ code: 'CANCELLED' });
    await engine.close();
    for (const worker of started) expect(worker.threadId).toBe(-1);
  });
});

describe('a worker that dies', () => {
  test('error: WORKER_DIED for pending and later calls, the other threads end too', async () => {
    const started = watchWorkers();
    const engine = await create({ threads: 2 });
    const settled = Promise.allSettled([longCall(engine), longCall(engine)]);
    await vi.waitUntil(() => started.length === 2);
    await started[0]?.terminate();
    for (const result of await settled) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'WORKER_DIED', message: expect.stringContaining('Create a new engine') as unknown },
      });
    }
    await expect(engine.ntt({ ptr: 4096, sizeBytes: 64 }, 0)).rejects.toMatchObject({ code: 'WORKER_DIED' });
    await engine.close();
    for (const worker of started) expect(worker.threadId).toBe(-1);
  });

  test('error: WORKER_DIED while idle is told by the next call', async () => {
    const started = watchWorkers();
    const engine = await create({ threads: 1 });
    const buffer = engine.alloc(32);
    await engine.frPowers(buffer, 1, 1n, 1n);
    await started[0]?.terminate();
    await expect(engine.frPowers(buffer, 1, 1n, 1n)).rejects.toMatchObject({ code: 'WORKER_DIED' });
  });
});

describe('a worker that hangs', () => {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const team = (work: string, patienceMs = 400) =>
    startTeam(2, memory, () => 4096, undefined, { patienceMs, workerFile: workerOf(work) });
  const phase = { task: 'clear', args: [], chunks: 1000 };

  test.each([
    ['spins', 'for (;;) {}'],
    ['sleeps', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'],
    ['loses its work', ''],
  ])('error: WORKER_HUNG when it %s; no thread is left', async (_, work) => {
    const started = watchWorkers();
    const { run } = await team(work);
    await expect(run(phase)).rejects.toMatchObject({
      code: 'WORKER_HUNG',
      message: expect.stringContaining('2 of 2') as unknown,
    });
    await expect(run(phase)).rejects.toMatchObject({ code: 'WORKER_HUNG' });
    expect(started).toHaveLength(2);
    await vi.waitUntil(() => started.every((worker) => worker.threadId === -1));
  });

  test('error: WORKER_HUNG when it never gets ready', async () => {
    const silent = workerOf('', { ready: false });
    const start = startTeam(1, memory, () => 4096, undefined, { patienceMs: 400, workerFile: silent });
    await expect(start).rejects.toMatchObject({ code: 'WORKER_HUNG' });
  });

  test('behavior: one that is slow but claims chunks is waited for', async () => {
    const counter = 'new Int32Array(start.memory.buffer, 64, 1)';
    const slow = `for (let i = 0; i < 12; i++) { Atomics.wait(${counter}, 0, -1, 0); Atomics.add(${counter}, 0, 1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60); } parentPort.postMessage({ kind: 'done' });`;
    const { run, close } = await team(slow);
    await expect(run(phase)).resolves.toBeUndefined();
    await close();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'session-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A script for worker threads that gets ready and then does `work` for each phase. */
function workerOf(work: string, { ready = true } = {}): string {
  const file = join(folder, `worker-${files++}.mjs`);
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
     parentPort.once('message', (start) => {
       parentPort.on('message', () => { ${work} });
       ${ready ? "parentPort.postMessage({ kind: 'ready' });" : ''}
     });`,
  );
  return file;
}

describe('the process', () => {
  const script = (end: string): string => `
    import { createWasmEngine as createEngine } from ${JSON.stringify(new URL('../../dist/engine/wasm-engine.js', import.meta.url).href)};
    const engine = await createEngine({ threads: 2 });
    const buffer = engine.alloc(64);
    await engine.frPowers(buffer, 2, 3n, 5n);
    console.log(String(process.hrtime.bigint()));
    ${end}
  `;
  const timeToExit = async (end: string): Promise<number> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script(end)],
      {
        timeout: 20_000,
      },
    );
    return Number(process.hrtime.bigint() - BigInt(stdout.trim())) / 1e9;
  };

  test.each([
    ['after close', 'await engine.close();'],
    ['without close', ''],
  ])('behavior: ends within a second of its last promise, %s', async (_, end) => {
    expect(await timeToExit(end)).toBeLessThan(1);
  });
});
