/** Where the package keeps its files and where builds are cached. */
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of `package.json`. */
export const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Library of Circom templates. */
export const circuitsFolder = join(packageRoot, 'circuits');
/** Committed verification keys, their manifest and the figures of the circuits. */
export const keysFolder = join(packageRoot, 'keys');

/**
 * Folder of compiled circuits and development keys: `ZKFINALITY_CACHE`, else `.cache` in a checkout, else
 * `~/.cache/zkfinality` for an installed package.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.ZKFINALITY_CACHE) return environment.ZKFINALITY_CACHE;
  const installed = packageRoot.split(sep).includes('node_modules');
  return installed
    ? join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'zkfinality')
    : join(packageRoot, '.cache');
}

/** Figures of all circuits that `npm run keys` has built. */
export const figuresPath = join(keysFolder, 'figures.json');
