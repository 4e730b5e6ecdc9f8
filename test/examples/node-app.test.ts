/** The smallest program, run as its header says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runNode } from '../support/run-node.js';

const main = 'build/examples/node-app/main.js';
const proof = 'examples/demo/block-2.proof.json';
const trust = 'examples/demo/trust.json';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-node-app-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('examples/node-app', () => {
  it('accepts: a final block, and says that its key is for tests', async () => {
    const { code, stdout, stderr } = await runNode([main, proof, trust]);
    expect(code, stderr).toBe(0);
    const { statement } = JSON.parse(readFileSync(proof, 'utf8')) as { statement: { blockHash: string } };
    expect(stdout).toContain('block 2 of chain 1337 is final');
    expect(stdout).toContain(statement.blockHash);
    expect(stdout).toContain('development key');
  });

  it('rejects: an altered proof with 1 and the code', async () => {
    const altered = join(folder, 'altered.json');
    writeFileSync(altered, readFileSync(proof, 'utf8').replace('"height": "2"', '"height": "3"'));
    const { code, stdout, stderr } = await runNode([main, altered, trust]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^refused, PROOF_INVALID: /);
  });

  it('error: 2 for wrong calls and unreadable files', async () => {
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{');
    for (const args of [
      [],
      [proof],
      [join(folder, 'missing.json'), trust],
      [broken, trust],
      [proof, proof],
    ]) {
      const { code, stdout, stderr } = await runNode([main, ...args]);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});
