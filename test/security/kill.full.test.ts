/**
 * The command line killed at random instants: what it was to write is whole or not there, and the same command, given again,
 * ends well and leaves nothing else.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import { openPtau } from '../../src/formats/ptau.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { openZkey, readVerificationKey } from '../../src/formats/zkey.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { parseFinalityProof } from '../../src/statement/documents.js';
import { parseVerificationKey } from '../../src/statement/keys.js';
import { randomR1cs } from '../groth16/ceremony-support.js';
import { cli } from '../support/cli.js';
import { recordFigure } from '../support/figures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

const SEED = 20_261_122;
const folder = mkdtempSync(join(tmpdir(), 'zkfinality-kill-'));
const at = (...parts: string[]): string => join(folder, ...parts);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Kills the command line after a time. Tells whether it was still running. */
function killed(args: readonly string[], env: NodeJS.ProcessEnv, afterMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join('dist', 'cli', 'bin.js'), ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.once('error', reject);
    child.once('close', (_, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

/** A command with a folder of its own for what it writes. */
type Command = {
  readonly name: string;
  readonly args: (out: string) => readonly string[];
  readonly env?: (out: string) => NodeJS.ProcessEnv;
  /** Files that it writes, below `out`, each with a reader that throws at anything but a whole file. */
  readonly writes: { readonly [file: string]: (path: string) => unknown };
};

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8')) as unknown;
const wholeZkey = (path: string): void => {
  const zkey = openZkey(path);
  try {
    readVerificationKey(zkey);
    zkey.contributions();
  } finally {
    zkey.close();
  }
};
const wholeVerificationKey = (path: string): unknown => parseVerificationKey(json(path));

const initial = at('initial.zkey');
const commands: readonly Command[] = [
  {
    name: 'prove',
    args: (out) => [
      'prove',
      at('net', 'block-1.json'),
      '--trust',
      at('net', 'trust.json'),
      '--out',
      join(out, 'proof.json'),
    ],
    writes: { 'proof.json': (path) => parseFinalityProof(json(path)) },
  },
  {
    name: 'setup, circuit and key already built',
    args: (out) => ['setup', 'committee-4', '--out', out],
    writes: { 'committee-4.zkey': wholeZkey, 'committee-4.verification-key.json': wholeVerificationKey },
  },
  {
    name: 'setup from nothing',
    args: (out) => ['setup', 'committee-4', '--out', out],
    env: (out) => ({ ZKFINALITY_CACHE: join(dirname(out), 'own-cache') }),
    writes: { 'committee-4.zkey': wholeZkey, 'committee-4.verification-key.json': wholeVerificationKey },
  },
  {
    name: 'ceremony powers',
    args: (out) => ['ceremony', 'powers', '12', '--out', join(out, 'powers.ptau')],
    writes: { 'powers.ptau': (path) => openPtau(path).close() },
  },
  {
    name: 'ceremony contribute',
    args: (out) => [
      'ceremony',
      'contribute',
      initial,
      '--out',
      join(out, 'next.zkey'),
      '--name',
      'a',
      '--entropy',
      'some text',
    ],
    writes: { 'next.zkey': wholeZkey },
  },
  {
    name: 'ceremony beacon',
    args: (out) => [
      'ceremony',
      'beacon',
      initial,
      '--out',
      join(out, 'next.zkey'),
      '--hash',
      '0102030405',
      '--iterations',
      '10',
    ],
    writes: { 'next.zkey': wholeZkey },
  },
];

const shared: NodeJS.ProcessEnv = { ZKFINALITY_CACHE: at('cache') };
beforeAll(async () => {
  const made = await cli(['devnet', '--variant', 'committee', '--blocks', '1', '--out', at('net')]);
  expect(made.code, made.stderr).toBe(0);
  const engine = await createEngine({ threads: 2 });
  try {
    await writeR1cs(at('any.r1cs'), randomR1cs(1, { rows: 2000, wires: 2000, outputs: 1, inputs: 3 }));
    await writeDevelopmentPtau({ power: 11, path: at('powers.ptau'), engine });
    await setupFromPtau({ r1csPath: at('any.r1cs'), ptauPath: at('powers.ptau'), zkeyPath: initial, engine });
  } finally {
    await engine.close();
  }
}, 300_000);

describe('the command line, killed', () => {
  it('behavior: whole files or none; the same command again ends well and leaves nothing else', async () => {
    const random = seededBytes(SEED);
    const total = runs(commands.length, 50);
    const before = new Map<string, number>();
    let cut = 0;
    for (let index = 0; index < total; index++) {
      const { name, args, env, writes } = commands[index % commands.length]!;
      const out = at(`run-${index}`, 'out');
      mkdirSync(out, { recursive: true });
      const environment = env?.(out) ?? shared;
      const names = Object.keys(writes).sort();
      if (!before.has(name)) {
        const trial = at(`trial-${index}`, 'out');
        mkdirSync(trial, { recursive: true });
        const started = performance.now();
        const { code, stderr } = await cli(args(trial), { env: env?.(trial) ?? shared });
        expect(code, `${name}: ${stderr}`).toBe(0);
        before.set(name, performance.now() - started);
        expect(readdirSync(trial).sort()).toEqual(names);
      }
      const afterMs = Number(seededInteger(random, BigInt(Math.ceil(before.get(name)!))));
      if (await killed(args(out), environment, afterMs)) cut++;

      const label = `${name}, killed after ${afterMs} ms`;
      for (const [file, read] of Object.entries(writes))
        if (existsSync(join(out, file))) expect(() => read(join(out, file)), label).not.toThrow();
      for (const left of readdirSync(out))
        expect(names.includes(left) || /^\..+\.part$/.test(left), `${label}: ${left}`).toBe(true);
      const again = await cli(args(out), { env: environment });
      expect(again.code, `${label}: ${again.stderr}`).toBe(0);
      for (const [file, read] of Object.entries(writes)) read(join(out, file));
      expect(readdirSync(out).sort(), label).toEqual(names);
      rmSync(at(`run-${index}`), { recursive: true, force: true, maxRetries: 5 });
    }
    // Instants are spread over the whole run: most of them hit it.
    expect(cut).toBeGreaterThan(total / 2);
    recordFigure('security-processes', {
      check: `kill -9 at random instants of ${commands.length} commands`,
      cases: total,
      failures: 0,
      means: `${cut} while running; no partial file, the same command again ends well`,
      seed: String(SEED),
    });
  }, 1_200_000);
});
