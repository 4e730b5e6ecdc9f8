/**
 * Remembers which withdrawals were let through: one file each, created exclusively, so that of two requests, two processes or
 * two runs after a crash exactly one wins. The file is on disk before anyone pays: a crash in between leaves a claimed
 * withdrawal that was not paid, for a person to look at, and never one that is paid twice.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type ReleaseJournal = {
  readonly has: (id: string) => boolean;
  /** Whether this call is the first to claim the withdrawal. */
  readonly claim: (id: string) => boolean;
};

/** Ids become file names: nothing but small letters, digits and hyphens. */
export function isWithdrawalId(id: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(id);
}

/**
 * Opens a journal.
 *
 * @param folder - Created if missing. Keep it for as long as the service pays.
 */
export function openJournal(folder: string): ReleaseJournal {
  mkdirSync(folder, { recursive: true });
  const fileOf = (id: string): string => {
    if (!isWithdrawalId(id)) throw new RangeError(`withdrawal id "${id}": not a plain name`);
    return join(folder, `${id}.released`);
  };
  return {
    has: (id) => existsSync(fileOf(id)),
    claim: (id) => {
      let file: number;
      try {
        file = openSync(fileOf(id), 'wx', 0o600);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      }
      try {
        writeSync(file, `${new Date().toISOString()}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      syncFolder(folder);
      return true;
    },
  };
}

/** A new name survives a power cut only when its folder was synced too. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
