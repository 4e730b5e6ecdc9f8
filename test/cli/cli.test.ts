import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.js';

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
const trust = (): string => at('net', 'trust.json');
const proof = (): string => at('proof.json');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-cli-'));
  const made = await cli(['devnet', '--variant', 'committee', '--blocks', '2', '--out', at('net')]);
  expect(made.code, made.stderr).toBe(0);
  const proved = await cli([
    '--json',
    'prove',
    at('net', 'block-2.json'),
    '--trust',
    trust(),
    '--out',
    proof(),
  ]);
  expect(proved.code, proved.stderr).toBe(0);
  expect(proved.json()).toMatchObject({ ok: true, file: proof() });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a changed copy of a JSON document. */
function changed(path: string, name: string, change: (document: Record<string, unknown>) => object): string {
  const target = at(name);
  const document = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(target, JSON.stringify(change(document)));
  return target;
}

describe('usage', () => {
  it('default: help and version end with 0', async () => {
    const help = await cli(['--help']);
    expect(help.code).toBe(0);
    for (const command of [
      'setup',
      'prove',
      'verify',
      'follow',
      'inspect',
      'circuits',
      'trust',
      'devnet',
      'fetch',
      'ceremony',
      'export',
      'bench',
    ])
      expect(help.stdout).toContain(command);
    expect((await cli(['--version'])).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('behavior: the built file is executable, however often the tree is built anew behind one link', () => {
    expect(execFileSync(resolve('dist/cli/bin.js'), ['--version'], { encoding: 'utf8' })).toMatch(
      /^\d+\.\d+\.\d+\n$/,
    );
  });

  it.each([
    [['unknown']],
    [['prove']],
    [['prove', 'block.json']],
    [['verify', 'proof.json', '--unknown']],
    [['devnet', '--validators', 'many', '--out', 'never']],
    [['setup', 'committee-5']],
  ])('error: %j ends with 2', async (args) => {
    const { code, stdout } = await cli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync('never')).toBe(false);
  });
});

describe('verify', () => {
  it('default: 0, with the statement; --json prints exactly one document', async () => {
    const { code, json } = await cli(['--json', 'verify', proof(), '--trust', trust()]);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ ok: true, circuit: 'committee-4', statement: { height: '2' } });
    const text = await cli(['verify', proof(), '--trust', trust()]);
    expect(text.stdout).toMatch(/^FINAL/);
  });

  it('behavior: NOT_ANCHORED without an anchor, though the proof holds', async () => {
    const { code, json } = await cli(['--json', 'verify', proof()]);
    expect(code).toBe(1);
    expect(json()).toMatchObject({ ok: false, code: 'NOT_ANCHORED', proof: 'valid' });
  });

  it.each([
    ['CHAIN_MISMATCH', (anchor: Record<string, unknown>) => ({ ...anchor, chainId: '1338' })],
    ['DEVELOPMENT_KEY', (anchor: Record<string, unknown>) => ({ ...anchor, allowDevelopmentKeys: false })],
    ['MANIFEST_MISMATCH', (anchor: Record<string, unknown>) => ({ ...anchor, manifest: 'other' })],
    [
      'TRUSTED_SET_MISMATCH',
      (anchor: Record<string, unknown>) => ({
        ...anchor,
        validators: (anchor.validators as unknown[]).slice(1),
      }),
    ],
    ['HEIGHT_WENT_BACK', (anchor: Record<string, unknown>) => ({ ...anchor, height: '3' })],
  ])('error: %s under another anchor', async (code, change) => {
    const result = await cli([
      '--json',
      'verify',
      proof(),
      '--trust',
      changed(trust(), `${code}.json`, change),
    ]);
    expect(result.code).toBe(1);
    expect(result.json()).toMatchObject({ ok: false, code });
  });

  it('error: PROOF_INVALID for another height or point', async () => {
    const forged = [
      changed(proof(), 'height.json', (document) => ({
        ...document,
        statement: { ...(document.statement as object), height: '3' },
      })),
      changed(proof(), 'point.json', (document) => {
        const inner = document.proof as Record<string, unknown>;
        return { ...document, proof: { ...inner, pi_a: inner.pi_c, pi_c: inner.pi_a } };
      }),
    ];
    for (const path of forged) {
      const { code, json } = await cli(['--json', 'verify', path, '--trust', trust()]);
      expect(code).toBe(1);
      expect(json()).toMatchObject({ ok: false, code: 'PROOF_INVALID' });
    }
  });

  it('error: bad files end with 3 and name the file', async () => {
    writeFileSync(at('broken.json'), '{');
    for (const [path, code] of [
      [at('missing.json'), 'FILE_NOT_FOUND'],
      [at('broken.json'), 'JSON_INVALID'],
    ] as const) {
      const result = await cli(['--json', 'verify', path, '--trust', trust()]);
      expect(result.code).toBe(3);
      expect(result.json()).toMatchObject({ ok: false, code, message: expect.stringContaining(path) });
    }
    expect((await cli(['verify', proof(), '--trust', proof()])).code).toBe(3);
  });
});

describe('prove', () => {
  it.each([['missing-votes'], ['wrong-height'], ['foreign-vote'], ['duplicate-vote']])(
    'error: %s is refused natively, and nothing is written',
    async (kind) => {
      const made = await cli([
        'devnet',
        '--variant',
        'committee',
        '--blocks',
        '2',
        '--misbehave',
        kind,
        '--out',
        at(kind),
      ]);
      expect(made.code, made.stderr).toBe(0);
      const out = at(`${kind}-proof.json`);
      const block = at(kind, `block-2-${kind}.json`);
      const { code, json, stderr } = await cli([
        '--json',
        'prove',
        block,
        '--trust',
        at(kind, 'trust.json'),
        '--out',
        out,
      ]);
      expect(code, stderr).toBe(1);
      expect(json()).toMatchObject({ ok: false, code: expect.any(String), message: expect.any(String) });
      expect(existsSync(out)).toBe(false);
    },
  );

  const timed = (engine: string, ...more: readonly string[]): readonly string[] => [
    ...['prove', at('net', 'block-1.json'), '--trust', trust(), '--out', at(`${engine}.json`)],
    ...['--engine', engine, '--timings', ...more],
  ];

  it.each([
    [
      'wasm',
      ['load key', 'witness', 'rest of key', 'rows', 'quotient', 'sum C', 'sum A', 'sum B2', 'sum B1'],
    ],
    ['snarkjs', ['witness', 'snarkjs', 'verify']],
  ])('default: --engine %s proves, --timings has a line for each stage', async (engine, stages) => {
    const { code, stderr, json } = await cli(['--json', ...timed(engine)]);
    expect(code, stderr).toBe(0);
    expect(json()).toMatchObject({ ok: true, engine });
    const timings = json().timingsMs as { readonly [stage: string]: number };
    expect(Object.keys(timings)).toEqual(expect.arrayContaining(stages));
    for (const stage of stages) expect(timings[stage], stage).toBeGreaterThanOrEqual(0);
    expect((await cli(['verify', at(`${engine}.json`), '--trust', trust()])).code).toBe(0);
  });

  it('default: --timings names FFTs and sums as other provers do', async () => {
    const { code, stdout } = await cli(timed('wasm', '--threads', '1'));
    expect(code).toBe(0);
    for (const line of ['load key', 'witness', 'quotient (FFTs)', 'sum A (MSM in G1)', 'sum B2 (MSM in G2)'])
      expect(stdout).toMatch(new RegExp(`^  ${line.replace(/[()]/g, '\\$&')} +[0-9.]+ m?s$`, 'm'));
  });

  it('error: ENGINE_PLAIN_ONLY for a two-round circuit by snarkjs, before anything is built', async () => {
    const made = await cli(['devnet', '--variant', 'qbft', '--blocks', '1', '--out', at('qbft')]);
    expect(made.code, made.stderr).toBe(0);
    const args = ['prove', at('qbft', 'block-1.json'), '--trust', at('qbft', 'trust.json')];
    const { code, json } = await cli(['--json', ...args, '--engine', 'snarkjs', '--out', at('no.json')], {
      env: { ZKFINALITY_CACHE: at('no-cache') },
    });
    expect([code, json().code]).toEqual([2, 'ENGINE_PLAIN_ONLY']);
    expect(existsSync(at('no-cache'))).toBe(false);
    expect(existsSync(at('no.json'))).toBe(false);
  });

  it('error: NATIVE_MISSING where it was asked for by name, before anything is built', async () => {
    const { code, json } = await cli(['--json', ...timed('native')], {
      env: { ZKFINALITY_CACHE: at('no-cache'), ZKFINALITY_ADDON: at('no-addon.node') },
    });
    expect([code, json().code]).toEqual([4, 'NATIVE_MISSING']);
    expect(existsSync(at('no-cache'))).toBe(false);
  });

  it('error: SET_TOO_LARGE for a set beyond the largest tier', async () => {
    await cli([
      'devnet',
      '--variant',
      'committee',
      '--validators',
      '129',
      '--blocks',
      '1',
      '--out',
      at('large'),
    ]);
    const { code, json } = await cli([
      '--json',
      'prove',
      at('large', 'block-1.json'),
      '--trust',
      at('large', 'trust.json'),
    ]);
    expect(code).toBe(2);
    expect(json()).toMatchObject({ ok: false, code: 'SET_TOO_LARGE' });
  });

  it('behavior: Ctrl-C ends with 130 and leaves nothing half-written', async () => {
    const cache = at('cache');
    const out = at('interrupted.json');
    const { code, stderr } = await cli(
      ['prove', at('net', 'block-1.json'), '--trust', trust(), '--out', out],
      {
        env: { ZKFINALITY_CACHE: cache },
        onStart: (child) => child.stderr?.once('data', () => setTimeout(() => child.kill('SIGINT'), 200)),
      },
    );
    expect(code, stderr).toBe(130);
    expect(existsSync(out)).toBe(false);
    const left = existsSync(cache) ? readdirSync(cache, { recursive: true }) : [];
    expect(left.filter((name) => String(name) !== 'circuits')).toEqual([]);
  });
});

describe('inspect', () => {
  it('default: block, proof, anchor, key and circuit, each by its kind', async () => {
    const kinds = [
      [at('net', 'block-1.json'), 'block'],
      [proof(), 'finality proof'],
      [trust(), 'trust anchor'],
      ['keys/committee-4.json', 'verification key'],
      ['committee-4', 'circuit'],
    ] as const;
    for (const [target, kind] of kinds) {
      const { code, json, stderr } = await cli(['--json', 'inspect', target]);
      expect(code, stderr).toBe(0);
      expect(json()).toMatchObject({ ok: true, kind });
    }
  });

  it('behavior: a set shows the smallest groups that can halt or finalise alone', async () => {
    const { json } = await cli(['--json', 'inspect', trust()]);
    expect(json()).toMatchObject({
      set: { size: 4, smallestHalting: expect.any(Number), smallestFinalising: expect.any(Number) },
    });
  });

  it('error: files that are nothing we know end with 3', async () => {
    writeFileSync(at('nothing.bin'), 'hello');
    writeFileSync(at('cut.zkey'), 'zkey');
    expect((await cli(['inspect', at('nothing.bin')])).code).toBe(3);
    expect((await cli(['inspect', at('cut.zkey')])).code).toBe(3);
  });
});

describe('other commands', () => {
  it('default: circuits lists all tiers as one document', async () => {
    const { code, json } = await cli(['--json', 'circuits']);
    expect(code).toBe(0);
    expect((json().circuits as unknown[]).length).toBeGreaterThan(5);
  });

  it('default: powers of tau are the same with every engine; error: an engine that there is not', async () => {
    const files = await Promise.all(
      ['wasm', 'auto'].map(async (engine) => {
        const path = at(`powers-${engine}.ptau`);
        const { code } = await cli(['--json', 'ceremony', 'powers', '4', '--out', path, '--engine', engine]);
        expect(code).toBe(0);
        return readFileSync(path);
      }),
    );
    expect(files[0]!.equals(files[1]!)).toBe(true);
    for (const command of [
      ['ceremony', 'powers', '4', '--out', at('no.ptau')],
      ['setup', 'committee-4'],
    ]) {
      expect((await cli([...command, '--engine', 'snarkjs'])).code).toBe(2);
    }
    expect(existsSync(at('no.ptau'))).toBe(false);
  });

  it('default: trust make and show agree on the set', async () => {
    const anchor = JSON.parse(readFileSync(trust(), 'utf8')) as { validators: unknown };
    writeFileSync(at('validators.json'), JSON.stringify(anchor.validators));
    const made = await cli([
      '--json',
      'trust',
      'make',
      '--variant',
      'committee',
      '--chain-id',
      '1337',
      '--validators',
      at('validators.json'),
      '--out',
      at('made.json'),
    ]);
    expect(made.code, made.stderr).toBe(0);
    const shown = await cli(['--json', 'trust', 'show', at('made.json')]);
    expect(shown.json().set).toEqual(made.json().set);
    // Without allowDevelopmentKeys the proof is refused: the flag is never implied.
    expect((await cli(['--json', 'verify', proof(), '--trust', at('made.json')])).json()).toMatchObject({
      code: 'DEVELOPMENT_KEY',
    });
  });

  it('default: export writes calldata and, asked for by name, a verifier for a development key', async () => {
    const refused = await cli(['--json', 'export', 'solidity', 'committee-4', '--out', at('V.sol')]);
    expect(refused.code).not.toBe(0);
    expect(existsSync(at('V.sol'))).toBe(false);
    const written = await cli([
      'export',
      'solidity',
      'committee-4',
      '--allow-development-key',
      '--out',
      at('V.sol'),
    ]);
    expect(written.code, written.stderr).toBe(0);
    expect(readFileSync(at('V.sol'), 'utf8')).toContain('contract Committee4Verifier');
    expect((await cli(['export', 'calldata', proof()])).stdout.trim()).not.toBe('');
  });
});
