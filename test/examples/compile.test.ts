/** The examples compile, strictly, against the types of the built package. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('examples', () => {
  it('default: compile against the package by its own name', () => {
    expect(existsSync('dist/verify/index.d.ts'), 'npm run build comes first').toBe(true);
    const { stdout, status } = spawnSync(
      process.execPath,
      ['node_modules/typescript/bin/tsc', '-p', 'examples', '--noEmit', '--listFiles'],
      { encoding: 'utf8' },
    );
    expect(status, stdout.slice(0, 4000)).toBe(0);
    const files = stdout.split('\n');
    for (const example of ['node-app/main.ts', 'withdrawals/main.ts', 'browser/page.ts'])
      expect(files.some((file) => file.endsWith(`/examples/${example}`))).toBe(true);
    expect(files.some((file) => file.endsWith('/dist/verify/index.d.ts'))).toBe(true);
    expect(files.some((file) => file.endsWith('/src/verify/index.ts'))).toBe(false);
  });
});
