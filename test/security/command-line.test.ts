/** The command line on damaged files of every kind: one document, a listed code, an exit code that fits; never a raw exception. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import { createEngine } from '../../src/engine/index.js';
import { encodeWitness, writeR1cs } from '../../src/formats/r1cs.js';
import { writeWitness } from '../../src/formats/wtns.js';
import { writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { formatManifest, formatTrustAnchor } from '../../src/statement/documents.js';
import { formatVerificationKey } from '../../src/statement/keys.js';
import { productCircuit, productWitness, toyR1cs } from '../groth16/toy.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { scenario } from '../verify/support.js';
import { countMalformed } from './malformed.js';

const SEED = 77;
const folder = mkdtempSync(join(tmpdir(), 'command-line-test-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listed = new Set(
  [...readFileSync('docs/ERRORS.md', 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map(([, code]) => code!),
);

/** Runs the command line in this process. */
async function run(
  ...args: string[]
): Promise<{ readonly exit: number; readonly document: { ok: boolean; code?: string } }> {
  let stdout = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += String(chunk);
    return true;
  });
  const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const exit = await main(['--json', '--quiet', ...args]);
    return { exit, document: JSON.parse(stdout) as { ok: boolean; code?: string } };
  } finally {
    write.mockRestore();
    quiet.mockRestore();
  }
}

beforeAll(async () => {
  const { document, anchor, manifest, key } = scenario();
  const write = (name: string, value: unknown): void =>
    writeFileSync(at(name), JSON.stringify(value, undefined, 1));
  write('proof.json', document);
  write('trust.json', formatTrustAnchor(anchor));
  write('manifest.json', formatManifest(manifest));
  write(manifest.keys[0]!.file, formatVerificationKey(key.verification));
  expect(
    (await run('devnet', '--variant', 'committee', '--blocks', '1', '--out', at('committee'))).exit,
  ).toBe(0);
  expect((await run('devnet', '--variant', 'qbft', '--blocks', '1', '--out', at('qbft'))).exit).toBe(0);
  await writeR1cs(at('toy.r1cs'), toyR1cs(productCircuit));
  await writeWitness(at('toy.wtns'), encodeWitness(productWitness(6n, 7n)));
  const engine = await createEngine({ threads: 1 });
  try {
    await developmentSetup({ r1csPath: at('toy.r1cs'), zkeyPath: at('toy.zkey'), engine });
    await writeDevelopmentPtau({ path: at('toy.ptau'), power: 2, engine });
  } finally {
    await engine.close();
  }
});

describe('the command line', () => {
  it('error: damaged files end with a listed code and an exit code that fits', async () => {
    const manifest = ['--manifest', at('manifest.json')];
    const commands: readonly (readonly [string, (file: string) => string[]])[] = [
      ['proof.json', (file) => ['verify', file, '--trust', at('trust.json'), ...manifest]],
      ['trust.json', (file) => ['verify', at('proof.json'), '--trust', file, ...manifest]],
      [
        'manifest.json',
        (file) => ['verify', at('proof.json'), '--trust', at('trust.json'), '--manifest', file],
      ],
      ...['proof.json', 'trust.json', 'istanbul-4.json', 'toy.r1cs', 'toy.wtns', 'toy.zkey', 'toy.ptau'].map(
        (name) => [name, (file: string) => ['inspect', file]] as const,
      ),
      ['committee/block-1.json', (file) => ['inspect', file]],
      ['qbft/block-1.json', (file) => ['inspect', file]],
    ];
    for (const [name, args] of commands) {
      const { exit, document } = await run(...args(at(name)));
      expect(`${args(name).join(' ')}: ${exit} ${document.code}`).toBe(
        `${args(name).join(' ')}: 0 undefined`,
      );
    }
    expect(listed.size).toBeGreaterThan(100);
    const random = seededBytes(SEED);
    const below = (bound: number): number => Number(seededInteger(random, BigInt(bound)));
    const count = countMalformed('any file, by the command line', String(SEED));
    for (let i = 0; i < runs(5 * commands.length, 1_000); i++) {
      const [name, args] = commands[i % commands.length]!;
      const bytes = Buffer.from(readFileSync(at(name)));
      const place = below(bytes.length);
      const kind = below(4);
      const damaged =
        kind === 0
          ? bytes.subarray(0, place)
          : kind === 1
            ? Buffer.concat([bytes.subarray(0, place), random(1 + below(8)), bytes.subarray(place)])
            : kind === 2
              ? Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1 + below(16))])
              : bytes.fill(below(256), place, place + 1 + below(4));
      // Beside the others, so that a manifest finds its keys.
      writeFileSync(at('damaged'), damaged);
      const end = count.start();
      const { exit, document } = await run(...args(at('damaged')));
      end(!document.ok);
      const label = `case ${i}, ${args(name)[0]} ${name}: ${document.code}`;
      expect([0, 1, 3], label).toContain(exit);
      expect(document.ok, label).toBe(exit === 0);
      if (!document.ok) expect(listed.has(document.code!), label).toBe(true);
    }
    count.record();
  });
});
