/** The whole way of a production key, on the command line: powers, initial key, contribution, beacon, verification, use. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.js';

const MINUTES = 60_000;
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-ceremony-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ok(...args: string[]): Promise<Record<string, unknown>> {
  const { code, json, stdout, stderr } = await cli(['--json', ...args], { timeoutMs: 10 * MINUTES });
  expect(code, stderr + stdout).toBe(0);
  return json();
}

describe('setup from powers of tau', () => {
  it(
    'default: a key with a contribution and a beacon verifies, proves, and is accepted by its manifest alone',
    async () => {
      const ptau = at('powers.ptau');
      await ok('ceremony', 'powers', '14', '--out', ptau);
      await ok('setup', 'committee-4', '--ptau', ptau, '--out', at('initial'));
      const initial = at('initial', 'committee-4.zkey');
      const early = await ok('ceremony', 'verify', 'committee-4', initial, '--ptau', ptau);
      expect(early).toMatchObject({ contributions: 0, fitForProduction: false });

      await ok(
        'ceremony',
        'contribute',
        initial,
        '--out',
        at('one.zkey'),
        '--name',
        'first',
        '--entropy',
        'some text',
      );
      await ok(
        'ceremony',
        'beacon',
        at('one.zkey'),
        '--out',
        at('final.zkey'),
        '--hash',
        '0102030405',
        '--iterations',
        '10',
      );
      const verified = await ok('ceremony', 'verify', 'committee-4', at('final.zkey'), '--ptau', ptau);
      expect(verified).toMatchObject({ contributions: 2, fitForProduction: false });

      const damaged = Buffer.from(readFileSync(at('final.zkey')));
      damaged[damaged.length - 200]! ^= 1;
      writeFileSync(at('damaged.zkey'), damaged);
      const refused = await cli([
        '--json',
        'ceremony',
        'verify',
        'committee-4',
        at('damaged.zkey'),
        '--ptau',
        ptau,
      ]);
      expect([1, 3]).toContain(refused.code);
      expect(refused.json()).toMatchObject({ ok: false, code: expect.stringMatching(/^[A-Z_]+$/) });

      // A proof under the new key: the package's own manifest refuses it, a manifest that lists the key accepts it.
      await ok('devnet', '--variant', 'committee', '--blocks', '1', '--out', at('net'));
      const block = at('net', 'block-1.json');
      const trust = at('net', 'trust.json');
      await ok('prove', block, '--trust', trust, '--key', at('final.zkey'), '--out', at('proof.json'));
      const unknown = await cli(['--json', 'verify', at('proof.json'), '--trust', trust]);
      expect(unknown.json()).toMatchObject({ ok: false, code: 'KEY_MISSING' });

      const { key: keyJson, hash } = await exportKey(at('final.zkey'));
      writeFileSync(at('committee-4.json'), keyJson);
      const manifest = {
        format: 'zkfinality-manifest/1',
        name: 'test-ceremony',
        keys: [
          {
            circuit: 'committee-4',
            verificationKeyHash: hash,
            kind: 'production',
            circuitHash: `0x${'00'.repeat(32)}`,
            file: 'committee-4.json',
          },
        ],
      };
      writeFileSync(at('manifest.json'), JSON.stringify(manifest));
      const anchor = JSON.parse(readFileSync(trust, 'utf8')) as object;
      const production = { ...anchor, manifest: 'test-ceremony', allowDevelopmentKeys: false };
      writeFileSync(at('production.json'), JSON.stringify(production));
      const accepted = await cli([
        '--json',
        ...['verify', at('proof.json'), '--trust', at('production.json'), '--manifest', at('manifest.json')],
      ]);
      expect(accepted.code, accepted.stdout).toBe(0);
      expect(accepted.json()).toMatchObject({ ok: true, developmentKey: false });
    },
    20 * MINUTES,
  );

  it('error: an initial key is refused for proving, and nothing is written', async () => {
    const initial = at('initial', 'committee-4.zkey');
    const out = at('never.json');
    const { code, json } = await cli([
      '--json',
      ...[
        'prove',
        at('net', 'block-1.json'),
        '--trust',
        at('net', 'trust.json'),
        '--key',
        initial,
        '--out',
        out,
      ],
    ]);
    expect(code).toBe(3);
    expect(json()).toMatchObject({ ok: false, code: 'KEY_WEAK' });
    expect(existsSync(out)).toBe(false);
  });

  it('error: a key of another circuit is refused', async () => {
    await ok('devnet', '--variant', 'committee', '--validators', '8', '--blocks', '1', '--out', at('eight'));
    const { code, json } = await cli(
      [
        '--json',
        ...['prove', at('eight', 'block-1.json'), '--trust', at('eight', 'trust.json')],
        ...['--key', at('final.zkey'), '--out', at('never.json')],
      ],
      { timeoutMs: 10 * MINUTES },
    );
    expect(code).toBe(3);
    expect(json()).toMatchObject({ ok: false, code: 'KEY_OF_OTHER_CIRCUIT' });
    expect(existsSync(at('never.json'))).toBe(false);
  });
});

/** The verification key of a proving key, through the library that users import. */
async function exportKey(zkey: string): Promise<{ key: string; hash: string }> {
  const { openZkey, readVerificationKey } = await import('../../src/formats/zkey.js');
  const { formatVerificationKey } = await import('../../src/statement/keys.js');
  const { verificationKeyHash } = await import('../../src/statement/transcript.js');
  const opened = openZkey(zkey);
  try {
    const key = readVerificationKey(opened);
    const hash = `0x${verificationKeyHash(key).toString(16).padStart(64, '0')}`;
    return { key: JSON.stringify(formatVerificationKey(key)), hash };
  } finally {
    opened.close();
  }
}
