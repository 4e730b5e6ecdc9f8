import { defineConfig } from 'vitest/config';

/**
 * `TEST_LEVEL` picks the files: `quick` (*.test.ts), `full` (*.full.test.ts), `report` (both, with full counts).
 * Two files run at a time, in child processes: compiling circuits takes one core each.
 */
const level = process.env.TEST_LEVEL ?? 'quick';
const quick = ['test/**/*.test.ts'];
const full = ['test/**/*.full.test.ts'];

export default defineConfig({
  test: {
    include: level === 'quick' ? quick : level === 'full' ? full : [...quick, ...full],
    exclude: level === 'quick' ? full : [],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: level === 'quick' ? 120_000 : 1_200_000,
    hookTimeout: level === 'quick' ? 120_000 : 1_200_000,
    passWithNoTests: false,
    reporters: ['default'],
  },
});
