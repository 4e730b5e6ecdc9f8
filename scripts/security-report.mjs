/**
 * Writes docs/SECURITY_TESTS.md: runs its suites at full counts. A run that fails, or that leaves anything out, writes nothing.
 *
 *   npm run security-report
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';
import { missingFigures } from './security-aims.mjs';

const SUITES = [
  'test/security/',
  'test/verify/verify-proof.test.ts',
  'test/verify/malformed.test.ts',
  'test/verify/wasm/verify-proof.test.ts',
  'test/verify/wasm/malformed.test.ts',
  'test/formats/fuzz.test.ts',
  'test/formats/atomic-kill.test.ts',
  'test/ethereum/malformed.test.ts',
  'test/onchain/solidity-verifier.test.ts',
  'test/protocols/committee/parse.test.ts',
  'test/protocols/istanbul/parse.test.ts',
];

const files = ['docs/figures.json', 'docs/SECURITY_TESTS.md'].map((path) => join(root, path));
const before = files.map((path) => readFileSync(path, 'utf8'));
// Under CI=true a part that is not installed fails instead of being skipped.
const { status } = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), 'report', ...SUITES], {
  cwd: root,
  env: { ...process.env, CI: 'true' },
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 4);
const { length } = JSON.parse(readFileSync(join(root, 'test/security/known-mistakes.json'), 'utf8'));
const missing = missingFigures(JSON.parse(readFileSync(files[0], 'utf8')), length);
if (missing.length > 0) {
  for (const [index, path] of files.entries()) writeFileSync(path, before[index]);
  console.error(`nothing written, the run lacks: ${missing.join('; ')}`);
  process.exit(1);
}
