/** Real data and published vectors, read from a folder beside the checkout and never copied into it. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(process.env.FINALITY_FIXTURES ?? '../shared/data');

/** Whether the fixtures are there. Under CI=true their absence is an error, elsewhere tests that need them skip. */
export const fixturesAvailable: boolean = (() => {
  if (existsSync(root)) return true;
  if (process.env.CI === 'true')
    throw new Error(`test data not found at ${root}: set FINALITY_FIXTURES to the folder with real blocks`);
  console.warn(`test data not found at ${root}: tests on real blocks are skipped`);
  return false;
})();

/** Absolute path of a fixture. */
export function fixturePath(path: string): string {
  return resolve(root, path);
}

/** Bytes of a fixture. */
export function fixture(path: string): Buffer {
  return readFileSync(fixturePath(path));
}

/** Text of a fixture. */
export function fixtureText(path: string): string {
  return readFileSync(fixturePath(path), 'utf8');
}
