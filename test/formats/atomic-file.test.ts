import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assertWritable, createAtomicFile, writeFileAtomically } from '../../src/formats/atomic-file.js';
import { makeFolder } from '../../src/formats/folder.js';

const folder = mkdtempSync(join(tmpdir(), 'atomic-file-test-'));
const at = (...parts: string[]): string => join(folder, ...parts);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('createAtomicFile', () => {
  it('default: nothing is there before commit, the whole after it', async () => {
    const file = await createAtomicFile(at('a', 'b', 'file'));
    await file.write(new Uint8Array([1, 2]));
    expect(existsSync(at('a', 'b', 'file'))).toBe(false);
    await file.commit();
    expect([...readFileSync(at('a', 'b', 'file'))]).toEqual([1, 2]);
    expect(readdirSync(at('a', 'b'))).toEqual(['file']);
    await expect(file.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });

  it('behavior: a link stays, the file it points to is replaced', async () => {
    mkdirSync(at('data'));
    writeFileSync(at('data', 'state'), 'old');
    symlinkSync(at('data', 'state'), at('link'));
    await writeFileAtomically(at('link'), 'new');
    expect(readlinkSync(at('link'))).toBe(at('data', 'state'));
    expect(readFileSync(at('data', 'state'), 'utf8')).toBe('new');
    expect(readdirSync(at('data'))).toEqual(['state']);
  });

  it('error: FILE_UNWRITABLE for a folder, below a file; nothing is left', async () => {
    mkdirSync(at('taken'));
    writeFileSync(at('plain'), '');
    for (const path of [at('taken'), at('plain', 'file'), '/'])
      await expect(createAtomicFile(path), path).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect(readdirSync(at('taken'))).toEqual([]);
  });
});

describe('assertWritable', () => {
  it('default: makes the folder and leaves an older file as it was; error: FILE_UNWRITABLE', async () => {
    await assertWritable(at('new', 'file'));
    expect(readdirSync(at('new'))).toEqual([]);
    writeFileSync(at('new', 'file'), 'old');
    await assertWritable(at('new', 'file'));
    expect(readFileSync(at('new', 'file'), 'utf8')).toBe('old');
    await expect(assertWritable(at('new'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});

describe('makeFolder', () => {
  it('default: with those above it, and again; error: FILE_UNWRITABLE below a file', () => {
    makeFolder(at('x', 'y', 'z'));
    makeFolder(at('x', 'y', 'z'));
    expect(readdirSync(at('x', 'y'))).toEqual(['z']);
    writeFileSync(at('x', 'file'), '');
    expect(() => makeFolder(at('x', 'file', 'z'))).toThrow(
      expect.objectContaining({ code: 'FILE_UNWRITABLE', message: expect.stringContaining('in its place') }),
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'error: FILE_UNWRITABLE, and an end, where no name can be made',
    () => {
      expect(() => makeFolder('/proc/nowhere/below')).toThrow(
        expect.objectContaining({ code: 'FILE_UNWRITABLE' }),
      );
    },
  );
});
