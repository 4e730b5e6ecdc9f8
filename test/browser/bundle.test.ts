/** The scripts that browsers load: nothing of Node is left in them, and they are of a size to load. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { canProve, openBrowserProver } from '../../src/browser/index.js';

const NODE = /\bBuffer\b|\bprocess\s*\.|\brequire\s*\(|["']node:|__dirname/;

describe('bundles for browsers', () => {
  it.each([
    ['verify.js', 30],
    ['verify-wasm.js', 30],
    ['proving/index.js', 4],
    ['proving/prover.js', 80],
    ['proving/worker.js', 10],
  ])('default: %s has nothing of Node, and at most %i KiB compressed', (name, largestKiB) => {
    const text = readFileSync(`dist/browser/${name}`, 'utf8');
    expect(text.length).toBeGreaterThan(1000);
    expect(NODE.exec(text)?.[0]).toBeUndefined();
    expect(text).not.toMatch(/\beval\s*\(|new Function\b/);
    expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(largestKiB * 1024);
  });

  it('default: each verifier has its own arithmetic and nothing of the other', () => {
    const [noble, wasm] = ['verify.js', 'verify-wasm.js'].map((name) =>
      readFileSync(`dist/browser/${name}`, 'utf8'),
    );
    for (const [text, own, other] of [
      [noble, 'calcPairingPrecomputes', 'WebAssembly'],
      [wasm, 'WebAssembly', 'calcPairingPrecomputes'],
    ]) {
      expect(text).toContain(own);
      expect(text).not.toContain(other);
    }
    expect(wasm).not.toMatch(/^\s*import\b|\bfrom\s*["']/m);
  });

  it.each([
    [['verifyFinality', 'LightClient'], 30_000],
    [['verifyFinality'], 27_000],
    [['parseTrustAnchor'], 16_000],
  ])(
    'default: an app that imports %j takes what it needs of the verifier and no more: %i bytes',
    async (names, most) => {
      const stdin = {
        contents: `export { ${names.join(', ')} } from 'zkfinality/verify'`,
        resolveDir: process.cwd(),
      };
      const { outputFiles } = await build({
        ...{ stdin, bundle: true, minify: true, write: false, logLevel: 'error' },
        ...{ format: 'esm', platform: 'browser', target: 'es2022', legalComments: 'none' },
      });
      const { text } = outputFiles[0]!;
      for (const name of names) expect(text).toContain(name);
      expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(most);
    },
  );

  it('error: the check finds what it looks for', () => {
    for (const text of ['Buffer.from(a)', 'process.env', 'require("fs")', "import 'node:fs'"])
      expect(text).toMatch(NODE);
  });
});

describe('openBrowserProver', () => {
  const none = (): Uint8Array<ArrayBuffer> => new Uint8Array(0);
  const options = { circuit: 'committee-4', circuitHash: 0n, provingKey: none(), witnessProgram: none() };

  it('error: NOT_ISOLATED outside isolated pages, before anything starts', async () => {
    expect(canProve()).toBe(false);
    await expect(openBrowserProver(options)).rejects.toMatchObject({
      kind: 'environment',
      code: 'NOT_ISOLATED',
      message: expect.stringContaining('Cross-Origin-Opener-Policy'),
    });
  });
});
