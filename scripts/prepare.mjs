/** What every script needs before the build exists: dependencies installed as locked, sources compiled to dist/. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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

/** Installs the locked dependencies unless exactly these are there already. */
export function installDependencies() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && sameVersions(installed)) return;
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
