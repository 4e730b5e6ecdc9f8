/**
 * The large tiers, at level `report` only: sets as large as a circuit takes, proved and verified through the command line, as a user does.
 * What is not in the cache is compiled first; with keys of 300 MB to 1 GB a circuit that takes minutes each.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.js';
import { measuredCli, recordProof } from '../support/measured-cli.js';
import { runs } from '../support/runs.js';

const MINUTES = 60_000;
const TIMEOUT = { timeoutMs: 40 * MINUTES };
const ZERO = `0x${'0'.repeat(64)}`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-tiers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks of a full set. */
async function network(variant: string, validators: number): Promise<string> {
  const net = join(folder, `${variant}-${validators}`);
  const options = ['--variant', variant, '--validators', String(validators), '--blocks', '2', '--out', net];
  const made = await cli(['devnet', ...options]);
  expect(made.code, made.stderr).toBe(0);
  return net;
}

async function buildKey(circuit: string): Promise<void> {
  const built = await cli(['setup', circuit], TIMEOUT);
  expect(built.code, built.stderr).toBe(0);
}

async function expectVerdict(proof: string, trust: string, verdict: object): Promise<void> {
  const verified = await cli(['--json', 'verify', proof, '--trust', trust]);
  expect(verified.json(), verified.stderr).toMatchObject(verdict);
}

describe.runIf(runs(0, 1) === 1)('large tiers', () => {
  it.each([16, 32].flatMap((tier) => ['qbft', 'ibft1', 'ibft2'].map((variant) => [variant, tier] as const)))(
    'accepts: %s, a block of %s validators',
    async (variant, tier) => {
      const circuit = `istanbul-${variant}-${tier}`;
      await buildKey(circuit);
      const net = await network(variant, tier);
      const [proof, trust] = [join(net, 'proof.json'), join(net, 'trust.json')];
      const proved = await measuredCli(
        ['--json', 'prove', join(net, 'block-2.json'), '--trust', trust, '--out', proof],
        TIMEOUT,
      );
      expect(proved.code, proved.stderr + proved.stdout).toBe(0);
      await expectVerdict(proof, trust, { ok: true, circuit });
      const document = JSON.parse(readFileSync(proof, 'utf8'));
      const statement = { ...document.statement, height: '1' };
      writeFileSync(join(net, 'forged.json'), JSON.stringify({ ...document, statement }));
      await expectVerdict(join(net, 'forged.json'), trust, { ok: false, code: 'PROOF_INVALID' });
      recordProof(`${variant}, ${tier} validators`, circuit, proved);
    },
    60 * MINUTES,
  );

  it.each([8, 16, 32])(
    'accepts: a registration of %s validators, one key filled in',
    async (tier) => {
      const circuit = `istanbul-registration-${tier}`;
      await buildKey(circuit);
      const net = await network('qbft', tier);
      const anchor = JSON.parse(readFileSync(join(net, 'trust.json'), 'utf8'));
      const { publicKey } = anchor.validators[tier - 1];
      const keys = join(net, 'keys.txt');
      writeFileSync(keys, `${publicKey.x.slice(2)}${publicKey.y.slice(2)}\n`);
      anchor.validators[tier - 1].publicKey = { x: ZERO, y: ZERO };
      const partial = join(net, 'partial.json');
      writeFileSync(partial, JSON.stringify(anchor));
      const proof = join(net, 'registration.json');
      const out = ['--out', join(net, 'whole.json'), '--prove', proof];
      const proved = await measuredCli(
        ['--json', 'trust', 'register', partial, '--keys', keys, ...out],
        TIMEOUT,
      );
      expect(proved.code, proved.stderr + proved.stdout).toBe(0);
      await expectVerdict(proof, partial, { ok: true, circuit, extendsTrustedSet: true });
      const document = JSON.parse(readFileSync(proof, 'utf8'));
      writeFileSync(join(net, 'forged.json'), JSON.stringify({ ...document, newSet: ZERO }));
      await expectVerdict(join(net, 'forged.json'), partial, { ok: false, code: 'PROOF_INVALID' });
      recordProof(`registration of ${tier} validators`, circuit, proved);
    },
    60 * MINUTES,
  );
});
