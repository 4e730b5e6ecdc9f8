/** What unkind users and machines do to the command line: readers that go away, full disks, devices, folders, wrong texts. */
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from '../support/cli.js';

const PROOF = resolve('examples/demo/block-2.proof.json');
const TRUST = resolve('examples/demo/trust.json');
let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkfinality-unkind-'));
  const made = await cli(['devnet', '--variant', 'committee', '--blocks', '1', '--out', at('net')]);
  expect(made.code, made.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command line with a standard output of our choice. */
function withOutput(
  args: readonly string[],
  output: number | 'closed',
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [join('dist', 'cli', 'bin.js'), ...args], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', output === 'closed' ? 'pipe' : output, 'pipe'],
    });
    let stderr = '';
    child.stdout?.destroy();
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.once('error', reject);
    child.once('close', (code) => done({ code, stderr }));
  });
}

describe('standard output', () => {
  it('behavior: a reader that goes away changes no exit code', async () => {
    expect(await withOutput(['verify', PROOF, '--trust', TRUST], 'closed')).toEqual({ code: 0, stderr: '' });
    expect(await withOutput(['verify', PROOF], 'closed')).toEqual({ code: 1, stderr: '' });
  });

  it.skipIf(process.platform !== 'linux')(
    'error: OUTPUT_FAILED on a full disk, never a verdict',
    async () => {
      const full = openSync('/dev/full', 'w');
      try {
        const { code, stderr } = await withOutput(['verify', PROOF, '--trust', TRUST], full);
        expect(code).toBe(4);
        expect(stderr).toMatch(/^OUTPUT_FAILED: standard output: [^\n]*ENOSPC[^\n]*\n$/);
      } finally {
        closeSync(full);
      }
    },
  );

  it.each([[['verify']], [['nonsense']], [['verify', 'proof.json', '--nope']], [[]]])(
    'error: --json %j is one document too: COMMAND_LINE',
    async (args) => {
      const { code, json } = await cli(['--json', ...args]);
      expect(code).toBe(2);
      expect(json()).toMatchObject({ ok: false, code: 'COMMAND_LINE', message: expect.any(String) });
    },
  );
});

describe('what is read', () => {
  const bytes = (name: string, content: string | Uint8Array): string => {
    writeFileSync(at(name), content);
    return at(name);
  };

  it.each<[string, () => string, number, string]>([
    ['a folder', () => at('net'), 3, 'FILE_UNREADABLE'],
    ['an empty file', () => bytes('empty', ''), 3, 'JSON_INVALID'],
    ['no UTF-8', () => bytes('latin', Buffer.from('{"format":"\xff"}', 'latin1')), 3, 'TEXT_ENCODING'],
    ['one byte too many', () => bytes('large', new Uint8Array((1 << 24) + 1).fill(32)), 3, 'FILE_TOO_LARGE'],
    ['objects in objects', () => bytes('deep', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`), 3, 'JSON_INVALID'],
    ['a long string', () => bytes('string', `{"a":"${'\\n'.repeat(8_000_000)}"}`), 1, 'FIELD_MISSING'],
    ['another document', () => TRUST, 1, 'FORMAT_UNKNOWN'],
  ])('error: %s in the place of a proof', async (_name, path, exit, expected) => {
    const { code, json, stderr } = await cli(['--json', 'verify', path(), '--trust', TRUST]);
    expect([code, json().code], stderr).toEqual([exit, expected]);
  });

  it.skipIf(process.platform !== 'linux')('error: FILE_TOO_LARGE for a device without an end', async () => {
    for (const command of ['verify', 'inspect']) {
      const { code, json } = await cli(['--json', command, '/dev/zero'], { timeoutMs: 30_000 });
      expect([code, json().code]).toEqual([3, 'FILE_TOO_LARGE']);
    }
  });

  it('error: JSON_REPEATED_FIELD, wherever it stands and however it is spelt; the same name elsewhere is none', async () => {
    const text = readFileSync(PROOF, 'utf8');
    const repeated = [
      text.replace('"height": "2"', '"height": "2", "height": "3"'),
      text.replace('"height": "2"', '"height" : "2", "heigh\\u0074" : "2"'),
      text.replace('{', '{ "format": "zkfinality-proof/1",'),
    ];
    for (const [index, changed] of repeated.entries()) {
      expect(changed).not.toBe(text);
      const { code, json } = await cli(['--json', 'verify', bytes(`repeated-${index}`, changed)]);
      expect([code, json().code]).toEqual([3, 'JSON_REPEATED_FIELD']);
    }
    const strings = bytes('strings', '[{"a":"b","b":"\\"a\\":"},{"a":"}{","c":{"a":1}}]');
    expect((await cli(['--json', 'verify', strings])).json().code).toBe('FIELD_TYPE');
  });

  it('behavior: control characters of a file never reach the terminal', async () => {
    const { code, stderr } = await cli(['verify', bytes('escape', '\u001b[2J\u009b1m{')]);
    expect(code).toBe(3);
    expect(stderr).toContain('\\x1b[2J');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
    expect(stderr).not.toMatch(/[\u001b\u009b]/);
  });

  it('error: a bad block is named by its file', async () => {
    for (const args of [
      ['prove', TRUST, '--trust', at('net', 'trust.json')],
      ['inspect', bytes('no-block', 'hello')],
      ['trust', 'make', '--variant', 'qbft', '--chain-id', '1', '--out', at('no.json'), '--block', PROOF],
    ]) {
      const { code, json } = await cli(['--json', ...args]);
      expect(code).toBe(3);
      expect(json().message).toMatch(/^\/.*: /);
    }
    expect(existsSync(at('no.json'))).toBe(false);
  });
});

describe('what is written', () => {
  const prove = (out: string): readonly string[] => [
    ...['--json', 'prove', at('net', 'block-1.json'), '--trust', at('net', 'trust.json'), '--out', out],
  ];

  it('error: FILE_UNWRITABLE before anything is proved: a folder, a device, a file in the place of a folder', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    mkdirSync(at('out'));
    const places = [at('out'), at('pipe'), at('net', 'trust.json', 'proof.json')];
    // Nothing answers in such a folder, and Node's own `mkdir` never comes back from it.
    if (process.platform === 'linux') places.push('/proc/nowhere/proof.json');
    for (const place of places) {
      const { code, json, stderr } = await cli(prove(place), { timeoutMs: 60_000 });
      expect([code, json().code], place).toEqual([3, 'FILE_UNWRITABLE']);
      expect(stderr).not.toContain('proving committee-4 …');
    }
    expect(statSync(at('pipe')).isFIFO()).toBe(true);
    expect(readdirSync(at('out'))).toEqual([]);
  });

  it('error: FILE_UNWRITABLE where the cache cannot be made', async () => {
    const env = { ZKFINALITY_CACHE: at('net', 'trust.json') };
    for (const args of [prove(at('never.json')), ['--json', 'setup', 'committee-4']]) {
      const { code, json } = await cli(args, { env });
      expect([code, json().code]).toEqual([3, 'FILE_UNWRITABLE']);
    }
    expect(existsSync(at('never.json'))).toBe(false);
  });
});
