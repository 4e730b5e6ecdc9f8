/** Folders that files are written to. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EnvironmentError, type ZkFinalityError } from '../statement/errors.js';
import { formatError } from './codes.js';

/**
 * Makes a folder, and those above it, unless it is there.
 *
 * One step at a time: `mkdir` with `recursive` never returns in Node 20 where the system answers ENOENT for a name in a folder that exists, as procfs does.
 *
 * @throws {FileError} `FILE_UNWRITABLE`; {EnvironmentError} `DISK_FULL`.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  try {
    for (let folder = resolve(path); !isFolder(folder); folder = dirname(folder)) missing.push(folder);
    for (const folder of missing.reverse()) makeOne(folder);
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Turns a system error of making, writing or renaming a file into ours. */
export function writeError(path: string, cause: unknown): ZkFinalityError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EnvironmentError(
      'DISK_FULL',
      `${path}: no space left on the disk. Free some space, then run the same command again.`,
      { cause },
    );
  }
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return formatError('FILE_UNWRITABLE', {
      file: path,
      expected: 'a folder to write in',
      got: 'a file in its place',
      next: 'Name a folder, or move that file away.',
      cause,
    });
  return formatError('FILE_UNWRITABLE', {
    file: path,
    expected: 'a name that can be written',
    got: `system error ${code}`,
    next: 'Check the folder and its permissions.',
    cause,
  });
}
