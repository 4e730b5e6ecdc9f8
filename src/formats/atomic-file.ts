/**
 * Files that appear under their final name only when whole: written aside in the same folder, flushed to disk, then
 * renamed. A process that dies half-way leaves at most a hidden `.part` file, which the next write of the same file removes.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError, ZkFinalityError } from '../statement/errors.js';
import { formatError } from './codes.js';
import { makeFolder, writeError } from './folder.js';

/** A file under construction. Exactly one of `commit` and `abort` ends it; `abort` after either does nothing. */
export type AtomicFile = {
  /** Final name. */
  readonly path: string;
  /** Bytes accepted so far. */
  readonly sizeBytes: number;
  /** Appends; the chunk may be reused once the promise has resolved. */
  write(chunk: Uint8Array): Promise<void>;
  /** Flushes to disk and gives the file its name, replacing an older one. */
  commit(): Promise<void>;
  /** Removes what was written. Never throws. */
  abort(): Promise<void>;
};

const STAGE_BYTES = 1 << 20;

/**
 * Starts a file that becomes visible at `commit()`. Its folder is created when missing.
 *
 * @param path - Final name.
 * @returns The file; its owner must call `commit()` or `abort()`.
 * @throws {FileError} `FILE_UNWRITABLE`; {EnvironmentError} `DISK_FULL`.
 */
export async function createAtomicFile(path: string): Promise<AtomicFile> {
  let target: string;
  let aside: string;
  let handle: FileHandle;
  try {
    target = await nameToReplace(path);
    aside = join(
      dirname(target),
      `${asidePrefix(target)}${process.pid}.${randomBytes(6).toString('hex')}.part`,
    );
    makeFolder(dirname(target));
    await removeStaleParts(target);
    handle = await open(aside, 'wx');
  } catch (cause) {
    throw cause instanceof ZkFinalityError ? cause : writeError(path, cause);
  }
  const stage = new Uint8Array(STAGE_BYTES);
  let staged = 0;
  let sizeBytes = 0;
  let state: 'open' | 'done' = 'open';

  const writeAll = async (chunk: Uint8Array): Promise<void> => {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, done, chunk.length - done);
      done += bytesWritten;
    }
  };
  const flushStage = async (): Promise<void> => {
    const length = staged;
    staged = 0;
    await writeAll(stage.subarray(0, length));
  };
  const abort = async (): Promise<void> => {
    if (state === 'done') return;
    state = 'done';
    await handle.close().catch(() => undefined);
    await unlink(aside).catch(() => undefined);
  };
  const guarded = async (action: () => Promise<void>): Promise<void> => {
    if (state === 'done')
      throw new UsageError('FILE_CLOSED', `${path}: written to after commit or abort. Create a new file.`);
    try {
      await action();
    } catch (cause) {
      await abort();
      throw writeError(path, cause);
    }
  };

  return {
    path,
    get sizeBytes() {
      return sizeBytes;
    },
    write: (chunk) =>
      guarded(async () => {
        sizeBytes += chunk.length;
        if (staged + chunk.length > STAGE_BYTES) await flushStage();
        if (chunk.length > STAGE_BYTES) return writeAll(chunk);
        stage.set(chunk, staged);
        staged += chunk.length;
      }),
    commit: () =>
      guarded(async () => {
        await flushStage();
        await handle.sync();
        await handle.close();
        await rename(aside, target);
        state = 'done';
        await syncFolder(dirname(target));
      }),
    abort,
  };
}

/**
 * Writes a whole file so that readers see the old content or the new, never a part.
 *
 * @throws {FileError} `FILE_UNWRITABLE`; {EnvironmentError} `DISK_FULL`.
 */
export async function writeFileAtomically(path: string, data: Uint8Array | string): Promise<void> {
  const file = await createAtomicFile(path);
  await file.write(typeof data === 'string' ? new TextEncoder().encode(data) : data);
  await file.commit();
}

/**
 * Finds out whether a file can be written, before the work that is to fill it. Makes its folder, and nothing else.
 *
 * @throws {FileError} `FILE_UNWRITABLE`; {EnvironmentError} `DISK_FULL`.
 */
export async function assertWritable(path: string): Promise<void> {
  const file = await createAtomicFile(path);
  await file.abort();
}

/**
 * Runs `body` on a new file; commits it when the promise resolves, removes it when it rejects.
 */
export async function withAtomicFile<T>(path: string, body: (file: AtomicFile) => Promise<T>): Promise<T> {
  const file = await createAtomicFile(path);
  try {
    const result = await body(file);
    await file.commit();
    return result;
  } finally {
    await file.abort();
  }
}

/**
 * Copies a file so that readers see the old content or the new, never a part.
 *
 * @throws {FileError} `FILE_UNWRITABLE`; {EnvironmentError} `DISK_FULL`.
 */
export async function copyFileAtomically(from: string, to: string): Promise<void> {
  await withAtomicFile(to, async (file) => {
    for await (const chunk of createReadStream(from, { highWaterMark: STAGE_BYTES }))
      await file.write(chunk as Uint8Array);
  });
}

/**
 * The name that a rename is to replace: what a link points to, and never a folder or a device, which a privileged process could replace by a file.
 */
async function nameToReplace(path: string): Promise<string> {
  const target = resolve(path);
  const found = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (found === undefined) return target;
  if (found.isFile()) return realpath(target);
  throw formatError('FILE_UNWRITABLE', {
    file: path,
    expected: 'the name of a file',
    got: found.isDirectory() ? 'a folder' : 'a device or pipe',
    next: 'Name a file.',
  });
}

function asidePrefix(target: string): string {
  const machine = hostname()
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 40);
  return `.${basename(target).slice(0, 120)}.${machine}.`;
}

/** Parts that processes of this machine left when they were killed. Those of living processes stay. */
async function removeStaleParts(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = asidePrefix(target);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith('.part')) continue;
    const pid = Number(name.slice(prefix.length).split('.')[0]);
    if (Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid))
      await unlink(join(folder, name)).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Makes the rename durable. Some systems cannot open folders; the rename itself is atomic everywhere. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
