/** What goes wrong while proving, and that the next proof works. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bitCircuit } from '../../src/bench/generated-circuits.js';
import type { Engine } from '../../src/engine/types.js';
import { createWasmEngine } from '../../src/engine/wasm-engine.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { type ProveResult, prove } from '../../src/groth16/prove.js';
import { loadProvingKey, openProvingKey, type ProvingKey } from '../../src/groth16/proving-key.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import type { VerificationKey } from '../../src/statement/types.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { runs, seededBytes } from '../support/runs.js';
import { watchWorkers } from '../support/workers.js';

const folder = mkdtempSync(join(tmpdir(), 'faults-'));
const at = (name: string): string => join(folder, name);
const { r1cs, witness } = bitCircuit(3000);
const open: Engine[] = [];
const create = async (signal?: AbortSignal): Promise<Engine> => {
  const engine = await createWasmEngine({ threads: 2, ...(signal === undefined ? {} : { signal }) });
  open.push(engine);
  return engine;
};
let engine: Engine;
let key: ProvingKey;
let verificationKey: VerificationKey;

beforeAll(async () => {
  engine = await create();
  await writeR1cs(at('bits.r1cs'), r1cs);
  const setup = await developmentSetup({ r1csPath: at('bits.r1cs'), zkeyPath: at('bits.zkey'), engine });
  verificationKey = setup.verificationKey;
  key = await loadProvingKey({ path: at('bits.zkey'), engine });
  await prove({ key, witness });
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing thrown';
}

const isValid = ({ proof, publicInputs }: ProveResult): boolean =>
  verifyProof(prepareKey(verificationKey), proof, publicInputs).ok;

describe('cancellation', () => {
  it('error: CANCELLED at any moment; memory is given back and the same engine proves', async () => {
    const before = engine.memory().usedBytes;
    const start = performance.now();
    await prove({ key, witness });
    const wholeMs = performance.now() - start;
    const random = seededBytes(11);
    let cancelled = 0;
    for (let i = 0; i < runs(12, 100); i++) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), (wholeMs * random(1)[0]!) / 256);
      const code = await codeOf(() => prove({ key, witness, signal: controller.signal }));
      clearTimeout(timer);
      expect(['CANCELLED', 'nothing thrown']).toContain(code);
      if (code === 'CANCELLED') cancelled++;
      expect(engine.memory().usedBytes).toBe(before);
    }
    expect(cancelled).toBeGreaterThan(0);
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });

  it('error: CANCELLED by the signal of the engine, which ends its threads; a new engine proves', async () => {
    for (const part of [0, 0.3, 0.7]) {
      const controller = new AbortController();
      const started = watchWorkers();
      const own = await create(controller.signal);
      const ownKey = await loadProvingKey({ path: at('bits.zkey'), engine: own });
      const job = codeOf(() =>
        prove({
          key: ownKey,
          witness,
          onProgress: ({ done }) => {
            if (done >= part) controller.abort();
          },
        }),
      );
      expect(await job).toBe('CANCELLED');
      await own.close();
      for (const worker of started) expect(worker.threadId).toBe(-1);
      vi.restoreAllMocks();
    }
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });
});

describe('a worker that dies', () => {
  it('error: WORKER_DIED, no thread is left, and a new engine proves', async () => {
    const started = watchWorkers();
    const own = await create();
    const ownKey = await loadProvingKey({ path: at('bits.zkey'), engine: own });
    const job = codeOf(() =>
      prove({
        key: ownKey,
        witness,
        onProgress: ({ stage }) => {
          if (stage === 'quotient') void started[0]?.terminate();
        },
      }),
    );
    expect(await job).toBe('WORKER_DIED');
    await vi.waitUntil(() => started.every((worker) => worker.threadId === -1));
    vi.restoreAllMocks();
    expect(await codeOf(() => prove({ key: ownKey, witness }))).toBe('WORKER_DIED');
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });
});

describe('memory that runs out', () => {
  it('error: OUT_OF_MEMORY while loading and while proving; later the same engine proves', async () => {
    const before = engine.memory().usedBytes;
    const filling: { ptr: number; sizeBytes: number }[] = [];
    for (let size = 2 ** 31; size >= 2 ** 16; size /= 2) {
      for (let isFull = false; !isFull; ) {
        try {
          filling.push(engine.alloc(size));
        } catch (error) {
          expect(error).toMatchObject({ code: 'OUT_OF_MEMORY', kind: 'environment' });
          isFull = true;
        }
      }
    }
    const full = engine.memory().usedBytes;
    expect(await codeOf(() => prove({ key, witness }))).toBe('OUT_OF_MEMORY');
    expect(await codeOf(() => loadProvingKey({ path: at('bits.zkey'), engine }))).toBe('OUT_OF_MEMORY');
    const setup = { r1csPath: at('bits.r1cs'), zkeyPath: at('never.zkey'), engine };
    expect(await codeOf(() => developmentSetup(setup))).toBe('OUT_OF_MEMORY');
    expect(readdirSync(folder).filter((name) => name.includes('never'))).toEqual([]);
    expect(engine.memory().usedBytes).toBe(full);
    for (const buffer of filling) engine.free(buffer);
    expect(engine.memory().usedBytes).toBe(before);
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });
});

describe('input that does not fit', () => {
  it('error: a witness of another size, out of range, or that breaks a row, which is named', async () => {
    expect(await codeOf(() => prove({ key, witness: witness.slice(32) }))).toBe('WITNESS_SIZE');
    const large = witness.slice().fill(255, 64, 96);
    expect(await codeOf(() => prove({ key, witness: large }))).toBe('WITNESS_NOT_CANONICAL');
    const two = witness.slice();
    two[32 * 7] = 2;
    const job = prove({ key, witness: two, circuit: { r1cs } });
    await expect(job).rejects.toMatchObject({
      code: 'WITNESS_UNSATISFIED',
      message: expect.stringContaining('row 5 of 3000') as unknown,
    });
    const unchecked = await prove({ key, witness: two });
    expect(isValid(unchecked)).toBe(false);
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });

  it('error: a key that is cut while the witness runs: the proof ends with its code, not with the witness', async () => {
    const before = engine.memory().usedBytes;
    for (const part of [0.3, 0.9]) {
      writeFileSync(at('cut.zkey'), readFileSync(at('bits.zkey')));
      let opened = (): void => undefined;
      const isOpen = new Promise<void>((resolve) => {
        opened = resolve;
      });
      const cutting: Engine = {
        ...engine,
        readFile: async (...args) => {
          await isOpen;
          truncateSync(at('cut.zkey'), Math.floor(readFileSync(at('bits.zkey')).length * part));
          return engine.readFile(...args);
        },
      };
      const bad = await openProvingKey({ path: at('cut.zkey'), engine: cutting });
      opened();
      const never = new Promise<Uint8Array>(() => undefined);
      await expect(prove({ key: bad, witness: () => never })).rejects.toMatchObject({
        code: 'FILE_TRUNCATED',
        kind: 'file',
        message: expect.stringContaining('cut.zkey'),
      });
      await expect(bad.loaded).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
      await bad.close();
      expect(engine.memory().usedBytes).toBe(before);
    }
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });

  it('error: CANCELLED while the key loads beside the witness, by signal and by close; memory is given back', async () => {
    const before = engine.memory().usedBytes;
    for (const end of ['signal', 'close'] as const) {
      const controller = new AbortController();
      let calls = 0;
      const slow: Engine = {
        ...engine,
        readFile: async (...args) => {
          const isRead = await engine.readFile(...args);
          if (++calls === 3) {
            if (end === 'signal') controller.abort();
            else void loading.close();
          }
          return isRead;
        },
      };
      const { signal } = controller;
      const loading = await openProvingKey({ path: at('bits.zkey'), engine: slow, signal });
      const never = new Promise<Uint8Array>(() => undefined);
      expect(await codeOf(() => prove({ key: loading, witness: () => never, signal }))).toBe('CANCELLED');
      await loading.close();
      expect(engine.memory().usedBytes).toBe(before);
    }
    expect(isValid(await prove({ key, witness }))).toBe(true);
  });

  it('error: WORKER_DIED while the key loads beside the witness', async () => {
    const started = watchWorkers();
    const own = await create();
    const dying: Engine = {
      ...own,
      readFile: async (...args) => {
        await started[0]?.terminate();
        return own.readFile(...args);
      },
    };
    const bad = await openProvingKey({ path: at('bits.zkey'), engine: dying });
    const never = new Promise<Uint8Array>(() => undefined);
    expect(await codeOf(() => prove({ key: bad, witness: () => never }))).toBe('WORKER_DIED');
    await bad.close();
    await vi.waitUntil(() => started.every((worker) => worker.threadId === -1));
    vi.restoreAllMocks();
  });

  it('error: a key cut short anywhere, or of another circuit', async () => {
    const before = engine.memory().usedBytes;
    const bytes = readFileSync(at('bits.zkey'));
    for (const part of [0, 0.001, 0.3, 0.9, 0.9999]) {
      writeFileSync(at('cut.zkey'), bytes);
      truncateSync(at('cut.zkey'), Math.floor(bytes.length * part));
      const code = await codeOf(() => loadProvingKey({ path: at('cut.zkey'), engine }));
      expect(code).toMatch(/^(FILE|SECTION|MAGIC|HEADER)/);
    }
    const circuitHash = new Uint8Array(32).fill(1);
    expect(await codeOf(() => loadProvingKey({ path: at('bits.zkey'), engine, circuitHash }))).toBe(
      'KEY_OF_OTHER_CIRCUIT',
    );
    expect(engine.memory().usedBytes).toBe(before);
  });
});
