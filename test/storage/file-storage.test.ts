/** The state file of a light client: processes killed while they save, and two processes on one file. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileStorage } from '../../src/storage/index.js';
import { LightClient } from '../../src/verify/index.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { anchor, block, keys, open, statement, verdict } from '../verify/light-client-support.js';

const folder = mkdtempSync(join(tmpdir(), 'light-client-test-'));
const script = join(folder, 'saver.mjs');
let count = 0;
const fresh = (): string => join(folder, `state-${++count}`, 'chain.json');

beforeAll(async () => {
  // Saves states 1, 2, 3, …, each some pages long, and tells each before and after.
  const program = `
    import { fileStorage } from ${JSON.stringify(join(process.cwd(), 'src/storage/index.ts'))};
    const storage = fileStorage(process.argv[2]);
    const text = (i) => String(i).padEnd(20000, '.') + '|';
    let previous = await storage.load();
    for (let i = previous === undefined ? 1 : parseInt(previous) + 1; ; i++) {
      await storage.save(text(i), previous);
      previous = text(i);
      process.stdout.write(i + '\\n');
    }`;
  const stdin = { contents: program, resolveDir: process.cwd(), loader: 'ts' } as const;
  await build({ stdin, bundle: true, format: 'esm', platform: 'node', outfile: script, logLevel: 'error' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the script until it has told so many saves and some more milliseconds have passed; the last save that it told. */
async function saveUntilKilled(path: string, saves: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  await new Promise((resolve) => {
    child.once('close', resolve);
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.split('\n').length > saves) setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
  });
  return Number(output.trimEnd().split('\n').at(-1));
}

describe('fileStorage', () => {
  it('default: nothing, then what was saved', async () => {
    const storage = fileStorage(fresh());
    expect(await storage.load()).toBeUndefined();
    await storage.save('one', undefined);
    await storage.save('two', 'one');
    expect(await storage.load()).toBe('two');
  });

  it('behavior: a process killed at any instant leaves the last state or the next, whole; the next process goes on', async () => {
    const random = seededBytes(21);
    const path = fresh();
    let told = 0;
    for (let i = 0; i < runs(8, 200); i++) {
      const last = await saveUntilKilled(
        path,
        1 + Number(seededInteger(random, 5n)),
        Number(seededInteger(random, 8n)),
      );
      const found = readFileSync(path, 'utf8');
      expect(found).toMatch(/^[1-9][0-9]*\.*\|$/);
      expect(found.length).toBe(20001);
      // A state that was told to be saved is never lost, and nothing goes back.
      expect(last).toBeGreaterThan(told);
      expect([last, last + 1]).toContain(Number.parseInt(found, 10));
      told = last;
    }
    // Whatever lock the last one left does not stop the next.
    const storage = fileStorage(path);
    const before = await storage.load();
    await storage.save('end', before);
    expect(readdirSync(join(path, '..'))).toEqual(['chain.json']);
  });

  it('error: a state that another process wrote is not overwritten', async () => {
    const path = fresh();
    const [first, second] = [fileStorage(path), fileStorage(path)];
    await first.save('one', undefined);
    await expect(second.save('two', undefined)).rejects.toMatchObject({ code: 'STATE_CHANGED' });
    expect(await second.load()).toBe('one');
    const saves = await Promise.allSettled([first.save('left', 'one'), second.save('right', 'one')]);
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(['left', 'right']).toContain(await first.load());
    expect(readdirSync(join(path, '..'))).toEqual(['chain.json']);
  });

  it('behavior: the lock of a dead process is taken over, that of a living one is waited for', async () => {
    const path = fresh();
    await fileStorage(path).save('one', undefined);
    // No process has this number: Linux counts to 2^22 at most.
    const owner = (machine: string, pid: number): string =>
      `${path}.lock.${machine}.${pid}.${'0'.repeat(16)} …`;
    const here = hostname().replace(/[^A-Za-z0-9-]/g, '-');
    writeFileSync(`${path}.lock`, owner(here, 4_194_999));
    await fileStorage(path).save('two', 'one');
    writeFileSync(`${path}.lock`, owner(here, process.pid));
    await expect(fileStorage(path).save('three', 'two')).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    writeFileSync(`${path}.lock`, owner('elsewhere', 4_194_999));
    setTimeout(() => rmSync(`${path}.lock`), 100);
    await fileStorage(path).save('three', 'two');
    expect(await fileStorage(path).load()).toBe('three');
  });

  it('error: a folder in the place of the file, a file in the place of the folder', async () => {
    const path = fresh();
    mkdirSync(path, { recursive: true });
    await expect(fileStorage(path).load()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    const file = fresh();
    await fileStorage(file).save('one', undefined);
    const below = join(file, 'below.json');
    await expect(fileStorage(below).save('one', undefined)).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    });
  });

  it('default: a light client goes on where it was', async () => {
    const storage = fileStorage(fresh());
    const client = await open(anchor, { storage });
    expect(await verdict(client, block(5n))).toBe('ok');
    const again = await LightClient.open({ ...keys, storage });
    expect(again.newest).toEqual(statement(5n));
    expect(await verdict(again, block(6n))).toBe('ok');
    // The first client notices that it is behind, and catches up with the next document.
    await expect(client.update(block(7n))).rejects.toMatchObject({ code: 'STATE_CHANGED' });
    expect(await verdict(client, block(6n))).toBe('PROOF_REPLAYED unchecked');
    expect(await verdict(client, block(7n))).toBe('ok');
  });
});
