/**
 * How long verification takes: 250 ms for the first proof in a fresh process, 60 ms for one when code and key are warm, on a quiet machine; in
 * WebAssembly 100 ms and 15 ms. Tests guard three times that. They take the best of some runs, and of the clock and the processor's own time, because whatever else runs on a machine only ever adds.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatManifest, formatTrustAnchor } from '../../src/statement/documents.js';
import { formatVerificationKey } from '../../src/statement/keys.js';
import { recordFigure } from '../support/figures.js';
import { runs } from '../support/runs.js';
import { scenario } from './support.js';

/** By entry point: its module, and the limits. */
const ENTRIES = {
  verify: { module: 'src/verify/index.ts', firstMs: 250, warmMs: 60, suffix: '' },
  'verify/wasm': { module: 'dist/browser/verify-wasm.js', firstMs: 100, warmMs: 15, suffix: ', WASM' },
} as const;
type Entry = keyof typeof ENTRIES;
const GUARD = 3;
const folder = mkdtempSync(join(tmpdir(), 'verify-speed-'));
const scriptOf = (entry: Entry): string => join(folder, `${entry.replace('/', '-')}.mjs`);
type Times = { readonly first: number; readonly warm: number };

async function buildScript(entry: Entry): Promise<void> {
  const program = `
    import { readFileSync } from 'node:fs';
    import { parseManifest, parseTrustAnchor, parseVerificationKey, verifyFinality } from ${JSON.stringify(join(process.cwd(), ENTRIES[entry].module))};
    const { document, anchor, manifest, key } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
    const verifyOnce = (options) => {
      const [started, used] = [performance.now(), process.cpuUsage()];
      const result = verifyFinality(document, options());
      if (!result.ok) throw new Error(result.code);
      const { user, system } = process.cpuUsage(used);
      return Math.min(performance.now() - started, (user + system) / 1000);
    };
    let options;
    const read = () => ({ anchor: parseTrustAnchor(anchor), manifest: parseManifest(manifest), verificationKeys: [parseVerificationKey(key)] });
    const first = verifyOnce(() => (options = read()));
    const warm = Array.from({ length: 12 }, () => verifyOnce(() => options));
    console.log(JSON.stringify({ first, warm: Math.min(...warm) }));`;
  const stdin = { contents: program, resolveDir: process.cwd(), loader: 'ts' } as const;
  await build({
    stdin,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    outfile: scriptOf(entry),
    logLevel: 'error',
  });
}

beforeAll(async () => {
  for (const entry of Object.keys(ENTRIES) as Entry[]) await buildScript(entry);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.keys(ENTRIES) as Entry[])('verifyFinality of zkfinality/%s', (entry) => {
  const { firstMs, warmMs, suffix } = ENTRIES[entry];
  it.each(['groth16', 'ultragroth'] as const)('default: %s, reading of all documents included', (system) => {
    const { document, anchor, manifest, key } = scenario({ system });
    const input = join(folder, `${system}.json`);
    writeFileSync(
      input,
      JSON.stringify({
        document,
        anchor: formatTrustAnchor(anchor),
        manifest: formatManifest(manifest),
        key: formatVerificationKey(key.verification),
      }),
    );
    const times = Array.from(
      { length: runs(4, 10) },
      () =>
        JSON.parse(execFileSync(process.execPath, [scriptOf(entry), input], { encoding: 'utf8' })) as Times,
    );
    const best = {
      first: Math.min(...times.map(({ first }) => first)),
      warm: Math.min(...times.map(({ warm }) => warm)),
    };
    console.info(
      `${system}${suffix}: first ${best.first.toFixed(1)} ms in a fresh process, ${best.warm.toFixed(1)} ms warm`,
    );
    expect(best.first).toBeLessThan(GUARD * firstMs);
    expect(best.warm).toBeLessThan(GUARD * warmMs);
    recordFigure('verify-speed', {
      'proof system': `${system}${suffix}`,
      'first proof, ms': Number(best.first.toFixed(1)),
      'warm, ms': Number(best.warm.toFixed(1)),
    });
  });
});
