/** Processes killed while they write: no part of a file ever has its final name, and the next write cleans up. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFileAtomically } from '../../src/formats/atomic-file.js';
import { recordFigure } from '../support/figures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

const folder = mkdtempSync(join(tmpdir(), 'atomic-kill-test-'));
const script = join(folder, 'writer.mjs');
const WHOLE_BYTES = 40 << 20;

beforeAll(async () => {
  const program = `
    import { createAtomicFile } from ${JSON.stringify(join(process.cwd(), 'src/formats/atomic-file.ts'))};
    const file = await createAtomicFile(process.argv[2]);
    for (let i = 0; i < 40; i++) {
      await file.write(new Uint8Array(1 << 20).fill(i));
      process.stdout.write('.');
    }
    await file.commit();
    process.stdout.write('!');`;
  const stdin = { contents: program, resolveDir: process.cwd(), loader: 'ts' } as const;
  await build({ stdin, bundle: true, format: 'esm', platform: 'node', outfile: script, logLevel: 'error' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('createAtomicFile in a process that is killed', () => {
  it('behavior: the file is whole or not there, and the next write removes what was left', async () => {
    const random = seededBytes(5);
    const target = join(folder, 'out', 'key.bin');
    mkdirSync(join(folder, 'out'));
    const total = runs(8, 50);
    for (let i = 0; i < total; i++) {
      const child = spawn(process.execPath, [script, target], { stdio: ['ignore', 'pipe', 'inherit'] });
      // Killed when so many pieces are known to be written; 41 is the end.
      const pieces = Number(seededInteger(random, 42n));
      let seen = 0;
      await new Promise((resolve) => {
        child.once('close', resolve);
        child.stdout.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          if (seen >= pieces) child.kill('SIGKILL');
        });
      });
      if (existsSync(target)) expect(readFileSync(target).length).toBe(WHOLE_BYTES);
      rmSync(target, { force: true });
    }
    await writeFileAtomically(target, 'next');
    expect(readdirSync(join(folder, 'out'))).toEqual(['key.bin']);
    recordFigure('security-processes', {
      check: 'kill -9 while a file of 40 MiB is written',
      cases: total,
      failures: 0,
      means: 'the file is whole or not there, and the next write removes what was left',
      seed: '5',
    });
  });
});
