/**
 * Remembers which withdrawals were let through: one file each, created exclusively, so that of two requests, two processes or
 * two runs after a crash exactly one wins. The file is on disk before anyone pays: a crash in between leaves a claimed
 * withdrawal that was not paid, for a person to look at, and never one that is paid twice.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type ReleaseJournal = {
  /** Whether this call is the first to claim the withdrawal. Names are of small letters, digits and hyphens. */
  readonly claim: (name: string) => boolean;
};

/**
 * Opens a journal.
 *
 * @param folder - Created if missing. Keep it for as long as the service pays.
 */
export function openJournal(folder: string): ReleaseJournal {
  mkdirSync(folder, { recursive: true });
  return {
    claim: (name) => {
      if (!/^[a-z0-9][a-z0-9-]{0,199}$/.test(name))
        throw new RangeError(`withdrawal "${name}": not a plain name`);
      let file: number;
      try {
        file = openSync(join(folder, `${name}.released`), 'wx', 0o600);
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
