/** What a full disk does to files and to the state of a light client: `DISK_FULL`, nothing left behind, and the old content stays. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

/** Which call finds the disk full. */
const disk = vi.hoisted(() => ({ full: 'nothing' as 'nothing' | 'lock' | 'write' | 'sync' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const fullError = (): Error => Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  const refuse = async (): Promise<never> => {
    throw fullError();
  };
  const open: typeof real.open = async (...args) => {
    const handle = await real.open(...args);
    if (disk.full === 'write') handle.write = refuse;
    if (disk.full === 'sync') handle.sync = refuse;
    return handle;
  };
  const writeFile: typeof real.writeFile = (...args) =>
    disk.full === 'lock' ? refuse() : real.writeFile(...args);
  return { ...real, open, writeFile };
});

const { writeFileAtomically } = await import('../../src/formats/atomic-file.js');
const { fileStorage } = await import('../../src/storage/index.js');

const folder = mkdtempSync(join(tmpdir(), 'full-disk-test-'));
afterEach(() => {
  disk.full = 'nothing';
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a full disk', () => {
  it.each(['write', 'sync'] as const)('error: DISK_FULL at %s of a file', async (call) => {
    const path = join(folder, call, 'file');
    await writeFileAtomically(path, 'old');
    disk.full = call;
    await expect(writeFileAtomically(path, 'new')).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(join(folder, call))).toEqual(['file']);
  });

  it.each(['lock', 'write', 'sync'] as const)(
    'error: DISK_FULL at %s of a state; the next save works',
    async (call) => {
      const path = join(folder, `state-${call}`, 'chain.json');
      const storage = fileStorage(path);
      await storage.save('one', undefined);
      disk.full = call;
      await expect(storage.save('two', 'one')).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(await storage.load()).toBe('one');
      expect(readdirSync(join(folder, `state-${call}`))).toEqual(['chain.json']);
      disk.full = 'nothing';
      await storage.save('two', 'one');
      expect(await storage.load()).toBe('two');
    },
  );
});
