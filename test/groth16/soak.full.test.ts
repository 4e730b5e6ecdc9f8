/** Many proofs in one process. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bitCircuit } from '../../src/bench/generated-circuits.js';
import { createWasmEngine } from '../../src/engine/wasm-engine.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { runs } from '../support/runs.js';

const folder = mkdtempSync(join(tmpdir(), 'soak-'));
const at = (name: string): string => join(folder, name);
const { r1cs, witness } = bitCircuit(3000);

beforeAll(async () => {
  const engine = await createWasmEngine({ threads: 2 });
  await writeR1cs(at('bits.r1cs'), r1cs);
  await developmentSetup({ r1csPath: at('bits.r1cs'), zkeyPath: at('bits.zkey'), engine });
  await engine.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a soak', () => {
  const dist = (path: string): string => JSON.stringify(pathToFileURL(join('dist', path)).href);

  it('behavior: memory stays flat, no thread is left, the process ends within a second', async () => {
    writeFileSync(at('bits.wtns.bin'), witness);
    const proofs = runs(200, 1000);
    const script = `
      import { readFileSync } from 'node:fs';
      import { createWasmEngine } from ${dist('engine/wasm-engine.js')};
      import { loadProvingKey } from ${dist('groth16/proving-key.js')};
      import { prove } from ${dist('groth16/prove.js')};
      const engine = await createWasmEngine({ threads: 2 });
      const key = await loadProvingKey({ path: ${JSON.stringify(at('bits.zkey'))}, engine });
      const witness = new Uint8Array(readFileSync(${JSON.stringify(at('bits.wtns.bin'))}));
      const samples = [];
      for (let i = 0; i < ${proofs}; i++) {
        await prove({ key, witness });
        if (i % 20 === 19) { gc(); samples.push({ rss: process.memoryUsage.rss(), used: engine.memory().usedBytes, peak: engine.memory().peakBytes }); }
      }
      key.close();
      await engine.close();
      console.log(JSON.stringify({ samples, end: String(process.hrtime.bigint()) }));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--input-type=module', '-e', script],
      { timeout: 600_000, maxBuffer: 1 << 24 },
    );
    const now = process.hrtime.bigint();
    type Sample = { readonly rss: number; readonly used: number; readonly peak: number };
    const { samples, end } = JSON.parse(stdout) as { samples: readonly Sample[]; end: string };
    expect(Number(now - BigInt(end)) / 1e9).toBeLessThan(1);
    expect(samples).toHaveLength(proofs / 20);
    const [first, last] = [samples[1]!, samples.at(-1)!];
    expect(last.used).toBe(first.used);
    expect(last.peak).toBe(first.peak);
    expect(last.rss - first.rss).toBeLessThan(24 * 2 ** 20);
  });
});
