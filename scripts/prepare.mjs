/** What every script needs before the build exists: dependencies installed as locked, sources compiled to dist/. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the package's folder and ends this process with its code when it fails. */
export function run(command, args, options = {}) {
  const { env = process.env } = options;
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  if (result.error) {
    console.error(`${command}: ${result.error.message}`);
    process.exit(4);
  }
  if (result.status !== 0) process.exit(result.status ?? 4);
}

/** Installs the locked dependencies unless exactly these are there already. A linked folder belongs to another tree: it is left as it is. */
export function installDependencies() {
  const folder = join(root, 'node_modules');
  const installed = join(folder, '.package-lock.json');
  if (existsSync(installed) && sameVersions(installed)) return;
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    console.error(
      `${folder}: a link to a folder that does not hold the locked dependencies. Remove the link, and run this again.`,
    );
    process.exit(4);
  }
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

function sameVersions(installedPath) {
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedPath, 'utf8')).packages;
  return (
    Object.entries(installed).every(([path, entry]) => locked[path]?.version === entry.version) &&
    Object.entries(locked).every(
      ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
    )
  );
}

/** Compiles src/ to dist/. */
export function build() {
  run(process.execPath, [join(root, 'scripts/build.mjs')]);
}
