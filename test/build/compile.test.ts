import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCircuit, sourceHashOf } from '../../src/build/compile.js';

let folder: string;
let circuitsFolder: string;
let cacheFolder: string;
const mainSource = 'pragma circom 2.2.0;\ninclude "lib/Square.circom";\ncomponent main = Square();\n';
const square = (expression: string): string =>
  `pragma circom 2.2.0;\ntemplate Square() { signal input a; signal output b; b <== ${expression}; }\n`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-compile-'));
  circuitsFolder = join(folder, 'circuits');
  cacheFolder = join(folder, 'cache');
  mkdirSync(join(circuitsFolder, 'lib'), { recursive: true });
  writeFileSync(join(circuitsFolder, 'lib/Square.circom'), square('a * a'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('compileCircuit', () => {
  it('default: builds once, then takes it from the cache', async () => {
    const first = await compileCircuit({ mainSource, level: 'O1', circuitsFolder, cacheFolder });
    const second = await compileCircuit({ mainSource, level: 'O1', circuitsFolder, cacheFolder });
    expect([first.fromCache, second.fromCache]).toEqual([false, true]);
    expect(second.r1csPath).toBe(first.r1csPath);
    expect([first.r1csPath, first.symPath, first.wasmPath].every((path) => existsSync(path))).toBe(true);
    expect(readdirSync(cacheFolder)).toHaveLength(1);
  });

  it('behavior: unfinished builds that killed processes left go after two days, those of others stay', async () => {
    const old = join(cacheFolder, '.building-old');
    for (const path of [old, join(cacheFolder, '.building-new'), join(cacheFolder, 'a-finished-one')])
      mkdirSync(path, { recursive: true });
    const threeDaysAgo = Date.now() / 1000 - 3 * 24 * 3600;
    for (const path of [old, join(cacheFolder, 'a-finished-one')])
      utimesSync(path, threeDaysAgo, threeDaysAgo);
    const { folder: built } = await compileCircuit({ mainSource, level: 'O1', circuitsFolder, cacheFolder });
    expect(readdirSync(cacheFolder).sort()).toEqual(
      ['.building-new', 'a-finished-one', basename(built)].sort(),
    );
  });

  it('behavior: another included source or level is another build', () => {
    const options = { mainSource, level: 'O1', circuitsFolder } as const;
    const before = sourceHashOf(options);
    expect(sourceHashOf({ ...options, level: 'O2' })).not.toBe(before);
    writeFileSync(join(circuitsFolder, 'lib/Square.circom'), square('a * a + 1'));
    expect(sourceHashOf(options)).not.toBe(before);
  });

  it('error: CIRCUIT_COMPILE_FAILED tells what the compiler said, and leaves nothing', async () => {
    writeFileSync(join(circuitsFolder, 'lib/Square.circom'), square('a * c'));
    await expect(
      compileCircuit({ mainSource, level: 'O1', circuitsFolder, cacheFolder }),
    ).rejects.toMatchObject({
      code: 'CIRCUIT_COMPILE_FAILED',
      message: expect.stringContaining('Square.circom'),
    });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });

  it('error: CIRCUIT_INCLUDE_MISSING for files that are not there or lie outside', () => {
    for (const path of ['lib/Cube.circom', '../lib/Square.circom'])
      expect(() =>
        sourceHashOf({
          mainSource: `pragma circom 2.2.0;\ninclude "${path}";\n`,
          level: 'O1',
          circuitsFolder,
        }),
      ).toThrow(expect.objectContaining({ code: 'CIRCUIT_INCLUDE_MISSING' }));
  });

  it('error: CANCELLED ends the compiler and leaves nothing', async () => {
    const controller = new AbortController();
    const build = compileCircuit({
      mainSource,
      level: 'O1',
      circuitsFolder,
      cacheFolder,
      signal: controller.signal,
    });
    controller.abort();
    await expect(build).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
});
