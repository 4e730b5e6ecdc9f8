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

describe('examples/node-app/follow', () => {
  const follow = 'build/examples/node-app/follow.js';
  const registration = 'examples/demo/registration.json';
  const later = 'examples/demo/block-4.proof.json';

  it('accepts: moves forward, and remembers where it stands', async () => {
    const state = join(folder, 'forward.json');
    const first = await runNode([follow, state, trust, proof]);
    expect([first.code, first.stdout], first.stderr).toEqual([
      0,
      `${proof}: accepted, block 2\nat block 2\n`,
    ]);
    const second = await runNode([follow, state, trust, registration, later]);
    expect([second.code, second.stdout], second.stderr).toEqual([
      0,
      `${registration}: accepted, a set is registered\n${later}: accepted, block 4, the set has changed\nat block 4\n`,
    ]);
    const third = await runNode([follow, state, trust]);
    expect([third.code, third.stdout]).toEqual([0, 'at block 4\n']);
  });

  it('rejects: a set that is not registered yet, a replay, and a block below the newest one', async () => {
    const state = join(folder, 'backward.json');
    const { code, stdout } = await runNode([
      ...[follow, state, trust, later, registration, later, later, proof],
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${later}: refused, SIGNING_SET_NOT_REGISTERED`);
    expect(stdout).toContain(`${later}: refused, PROOF_REPLAYED`);
    expect(stdout).toContain(`${proof}: refused, `);
    expect(stdout).toMatch(/at block 4\n$/);
  });

  it('error: 2 for a damaged state, another anchor and wrong calls', async () => {
    const state = join(folder, 'damaged.json');
    writeFileSync(state, '{}');
    const other = join(folder, 'other-trust.json');
    writeFileSync(other, readFileSync(trust, 'utf8').replace('"chainId": "1337"', '"chainId": "1"'));
    const good = join(folder, 'good.json');
    expect((await runNode([follow, good, trust])).code).toBe(0);
    for (const args of [[], [state], [state, trust], [good, other]]) {
      const { code, stdout, stderr } = await runNode([follow, ...args]);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});
