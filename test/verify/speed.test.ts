/**
 * How long verification takes: 250 ms for the first proof in a fresh process, 60 ms for one when code and key are warm, on a quiet machine. Tests guard
 * three times that. They take the best of some runs, and of the clock and the processor's own time, because whatever else runs on a machine only ever adds.
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

const FIRST_LIMIT_MS = 250;
const WARM_LIMIT_MS = 60;
const GUARD = 3;
const folder = mkdtempSync(join(tmpdir(), 'verify-speed-'));
const script = join(folder, 'verify.mjs');
type Times = { readonly first: number; readonly warm: number };

beforeAll(async () => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { parseManifest, parseTrustAnchor, parseVerificationKey, verifyFinality } from ${JSON.stringify(join(process.cwd(), 'src/verify/index.ts'))};
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
    outfile: script,
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('verifyFinality', () => {
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
      () => JSON.parse(execFileSync(process.execPath, [script, input], { encoding: 'utf8' })) as Times,
    );
    const best = {
      first: Math.min(...times.map(({ first }) => first)),
      warm: Math.min(...times.map(({ warm }) => warm)),
    };
    console.info(
      `${system}: first ${best.first.toFixed(1)} ms in a fresh process, ${best.warm.toFixed(1)} ms warm`,
    );
    expect(best.first).toBeLessThan(GUARD * FIRST_LIMIT_MS);
    expect(best.warm).toBeLessThan(GUARD * WARM_LIMIT_MS);
    recordFigure('verify-speed', {
      'proof system': system,
      'first proof, ms': Number(best.first.toFixed(1)),
      'warm, ms': Number(best.warm.toFixed(1)),
    });
  });
});
