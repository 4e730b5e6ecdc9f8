/**
 * Recorded blocks and blocks of embedded networks, proved and verified through the command line, as a user does.
 * The first proof of each circuit compiles it and makes its development key.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.js';
import { fixturePath, fixturesAvailable, fixtureText } from '../support/fixtures.js';
import { expectForetold, measuredCli, recordProof } from '../support/measured-cli.js';
import { runs } from '../support/runs.js';

const MINUTES = 60_000;
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-real-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Statement = Record<
  'height' | 'time' | 'blockHash' | 'stateRoot' | 'trustedSet' | 'signingSet' | 'nextSet',
  string
>;

/** Proves a block, verifies the proof, and returns what it states. What a figure is named for records what the proof took. */
async function proveAndVerify(
  block: string,
  trust: string,
  name: string,
  figure?: { readonly what: string; readonly circuit: string },
): Promise<Statement> {
  const proof = at(`${name}.json`);
  const timeout = { timeoutMs: 18 * MINUTES };
  if (figure) expect((await cli(['setup', figure.circuit], timeout)).code).toBe(0);
  const proved = await measuredCli(['--json', 'prove', block, '--trust', trust, '--out', proof], timeout);
  expect(proved.code, proved.stderr + proved.stdout).toBe(0);
  const verified = await cli(['--json', 'verify', proof, '--trust', trust]);
  expect(verified.code, verified.stdout).toBe(0);
  const { statement } = verified.json() as { statement: Statement };
  // The proof is about this statement and no other.
  const document = JSON.parse(readFileSync(proof, 'utf8')) as { statement: Statement };
  const forged = at(`${name}-forged.json`);
  const height = String(BigInt(document.statement.height) + 1n);
  writeFileSync(forged, JSON.stringify({ ...document, statement: { ...document.statement, height } }));
  const refused = await cli(['--json', 'verify', forged, '--trust', trust]);
  expect(refused.json()).toMatchObject({ ok: false, code: 'PROOF_INVALID' });
  if (figure) {
    expectForetold(figure.circuit, 'auto', proved);
    recordProof(figure.what, figure.circuit, proved);
  }
  return statement;
}

async function trustFromBlocks(
  variant: string,
  blocks: readonly string[],
  name: string,
  more: readonly string[] = [],
): Promise<string> {
  const trust = at(`${name}-trust.json`);
  const made = await cli([
    '--json',
    ...['trust', 'make', '--variant', variant, '--chain-id', '10', '--allow-development-keys'],
    ...blocks.flatMap((block) => ['--block', block]),
    ...more,
    ...['--out', trust],
  ]);
  expect(made.code, made.stderr + made.stdout).toBe(0);
  return trust;
}

describe.skipIf(!fixturesAvailable)('recorded blocks', () => {
  it(
    'accepts: QBFT block 7528, whose seals show three of four keys',
    async () => {
      const block = fixturePath('istanbul/besu-qbft-header-7528.hex');
      const trust = await trustFromBlocks('qbft', [block], 'qbft');
      const figure = { what: 'QBFT block 7528 of Besu, 4 validators', circuit: 'istanbul-qbft-4' };
      const statement = await proveAndVerify(block, trust, 'qbft-7528', figure);
      expect(statement).toMatchObject({ height: '7528', time: '1715495307', nextSet: `0x${'0'.repeat(64)}` });
      expect(statement.signingSet).toBe(statement.trustedSet);
    },
    25 * MINUTES,
  );

  it(
    'accepts: IBFT 1.0 block 30 of GoQuorum, five validators',
    async () => {
      const lines = fixtureText('istanbul/goquorum-ibft1-blocks-0-60.hex').trim().split('\n');
      const heights = runs(0, 1) === 1 ? [30, 1, 60] : [30];
      for (const height of heights) {
        const block = at(`ibft1-${height}.hex`);
        writeFileSync(block, lines[height] as string);
        const keys = at('keys.txt');
        writeFileSync(keys, publicKeys(fixtureText('istanbul/goquorum-ibft1-validator-keys.hex')));
        const trust = await trustFromBlocks('ibft1', [block], 'ibft1', ['--keys', keys]);
        const statement = await proveAndVerify(block, trust, `ibft1-${height}`, {
          what: `IBFT 1.0 block ${height} of GoQuorum, 5 validators`,
          circuit: 'istanbul-ibft1-8',
        });
        expect(statement.height).toBe(String(height));
      }
    },
    45 * MINUTES,
  );
});

describe('blocks of embedded networks', () => {
  // Five validators take the circuit that the recorded IBFT 1.0 block takes.
  it.each([
    ['qbft', '3'],
    ['ibft2', '3'],
    ['ibft1', '5'],
  ] as const)(
    'accepts: %s, a block of the trusted set of %s and one behind a change of the set',
    async (variant, validators) => {
      const net = at(variant);
      const options = [
        '--variant',
        variant,
        '--validators',
        validators,
        '--blocks',
        '3',
        '--join',
        '3',
        '--out',
        net,
      ];
      const made = await cli(['devnet', ...options]);
      expect(made.code, made.stderr).toBe(0);
      const trust = join(net, 'trust.json');
      const same = await proveAndVerify(join(net, 'block-2.json'), trust, `${variant}-2`);
      expect(same.signingSet).toBe(same.trustedSet);
      const changed = await proveAndVerify(join(net, 'block-3.json'), trust, `${variant}-3`);
      expect(changed.signingSet).not.toBe(changed.trustedSet);
      expect(changed.trustedSet).toBe(same.trustedSet);
      // Where headers do not vouch for their lists, the same proof is refused.
      const anchor = JSON.parse(readFileSync(trust, 'utf8')) as object;
      const strict = at(`${variant}-strict.json`);
      writeFileSync(strict, JSON.stringify({ ...anchor, headerListAuthenticated: false }));
      const refused = await cli(['--json', 'verify', at(`${variant}-3.json`), '--trust', strict]);
      expect(refused.json()).toMatchObject({ ok: false, code: 'SIGNING_SET_CHANGED' });
    },
    30 * MINUTES,
  );

  // `foreign-keys` needs a change of the set to hide in.
  it.each([
    ['missing-votes', []],
    ['duplicate-vote', []],
    ['foreign-vote', []],
    ['wrong-height', []],
    ['list-mismatch', []],
    ['own-list', []],
    ['foreign-keys', ['--join', '2']],
  ])('rejects: %s, before any circuit is built', async (kind, more) => {
    const net = at(`qbft-${kind}`);
    const options = ['--variant', 'qbft', '--blocks', '2', '--misbehave', kind, ...more, '--out', net];
    const made = await cli(['devnet', ...options]);
    expect(made.code, made.stderr).toBe(0);
    const out = at(`${kind}.json`);
    const block = join(net, `block-2-${kind}.json`);
    const { code, json, stderr } = await cli([
      '--json',
      'prove',
      block,
      '--trust',
      join(net, 'trust.json'),
      '--out',
      out,
    ]);
    expect(code, stderr).toBe(1);
    expect(json()).toMatchObject({ ok: false, code: expect.stringMatching(/^[A-Z_]+$/) });
    expect(existsSync(out)).toBe(false);
  });
});

/** Keys of the recorded file, one a line, whatever separates them there. */
function publicKeys(text: string): string {
  return [...text.matchAll(/[0-9a-fA-F]{128,130}/g)].map((match) => match[0]).join('\n');
}
