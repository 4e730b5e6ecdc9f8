/**
 * A light client's state in a file: written aside, flushed, renamed, and the folder flushed. A process that dies at any instant leaves the old state or
 * the new one.
 *
 * Two processes on one file do not undo each other: a save compares what stands there with what its client saw last, under a lock that lives for
 * the save only. The lock is a file with the process's number in it; one whose process has died is taken over.
 */
import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomically } from '../formats/atomic-file.js';
import { makeFolder, writeError } from '../formats/folder.js';
import { EnvironmentError, FileError, ZkFinalityError } from '../statement/errors.js';
import { assertUnchanged, type StateStorage } from '../verify/state-storage.js';

/** How long a save waits for another process's lock; saves take milliseconds. */
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_RETRY_MS = 20;

/**
 * Keeps a state in a file.
 *
 * @param path - Its folder is created when missing.
 * @returns A storage. `load` throws {FileError} `FILE_UNREADABLE`; `save` {UsageError} `STATE_CHANGED`, {FileError} `FILE_UNWRITABLE`,
 *   {EnvironmentError} `DISK_FULL`, `STATE_LOCKED`.
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { fileStorage } from 'zkfinality/verify/node';
 *
 * const storage = fileStorage(join(mkdtempSync(join(tmpdir(), 'chain-')), 'state.json'));
 * console.log(await storage.load()); // undefined
 * await storage.save('a state', undefined);
 * console.log(await storage.load()); // a state
 * ```
 */
export function fileStorage(path: string): StateStorage {
  const target = resolve(path);
  return {
    load: () => read(target),
    save: async (text, previous) => {
      const unlock = await lock(target);
      try {
        assertUnchanged(await read(target), previous);
        await writeFileAtomically(target, text);
      } finally {
        await unlock();
      }
    },
  };
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw new FileError('FILE_UNREADABLE', `${path}: the system refuses to read it. Check its permissions.`, {
      cause,
    });
  }
}

/** Takes the lock; returns how to give it back. */
async function lock(target: string): Promise<() => Promise<void>> {
  const path = `${target}.lock`;
  const owner = `${asideName(path)} is held by process ${process.pid} of ${hostname()}`;
  const aside = asideName(path);
  try {
    makeFolder(dirname(path));
    await removeStale(path);
    await writeFile(aside, owner, { flag: 'wx' });
    const until = Date.now() + LOCK_TIMEOUT_MS;
    // A link appears with its content or not at all, and never over another.
    while (!(await succeeds(link(aside, path), 'EEXIST'))) {
      const holder = await read(path);
      if (holder !== undefined && isDead(holder)) await removeLock(path, holder);
      else if (Date.now() > until)
        throw new EnvironmentError(
          'STATE_LOCKED',
          `${path}: another process holds the lock. If none is running, remove the file.`,
        );
      else await new Promise((wake) => setTimeout(wake, LOCK_RETRY_MS));
    }
  } catch (cause) {
    if (cause instanceof ZkFinalityError) throw cause;
    const told = writeError(target, cause);
    if (told.code === 'DISK_FULL') throw told;
    throw new FileError(
      'FILE_UNWRITABLE',
      `${path}: the lock cannot be made. Check the folder, its permissions, and that its file system has hard links.`,
      { cause },
    );
  } finally {
    await unlink(aside).catch(() => undefined);
  }
  return () => removeLock(path, owner);
}

/** A name of nobody else's, which tells whose it is. */
function asideName(path: string): string {
  return `${path}.${machine()}.${process.pid}.${randomBytes(8).toString('hex')}`;
}

function machine(): string {
  return hostname().replace(/[^A-Za-z0-9-]/g, '-');
}

/** Removes a lock if it is still that one; one that was taken meanwhile is put back. */
async function removeLock(path: string, owner: string): Promise<void> {
  const taken = asideName(path);
  if (!(await succeeds(rename(path, taken), 'ENOENT'))) return;
  if ((await read(taken)) !== owner) await link(taken, path).catch(() => undefined);
  await unlink(taken).catch(() => undefined);
}

/** Removes what processes left that were killed beside their lock. */
async function removeStale(path: string): Promise<void> {
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(`${basename(path)}.`) && isDead(name))
      await unlink(join(dirname(path), name)).catch(() => undefined);
}

/** Whether the owner that a name tells was a process of this machine that is no more. */
function isDead(name: string): boolean {
  const [, host, pid] = /\.lock\.([A-Za-z0-9-]+)\.([0-9]+)\.[0-9a-f]{16}(?: |$)/.exec(name) ?? [];
  if (host !== machine()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH');
  }
}

/** Whether an action succeeds rather than fails with this code. */
async function succeeds(action: Promise<void>, code: string): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (cause) {
    if (isCode(cause, code)) return false;
    throw cause;
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
