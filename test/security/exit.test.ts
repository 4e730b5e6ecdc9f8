/** A process ends by itself within a second of its last promise, with nothing open: verifying, proving, setting up, cancelled. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeWitness, writeR1cs } from '../../src/formats/r1cs.js';
import { formatManifest, formatTrustAnchor } from '../../src/statement/documents.js';
import { formatVerificationKey } from '../../src/statement/keys.js';
import { productCircuit, productWitness, toyR1cs } from '../groth16/toy.js';
import { recordFigure } from '../support/figures.js';
import { scenario } from '../verify/support.js';

const folder = mkdtempSync(join(tmpdir(), 'exit-test-'));
const at = (name: string): string => JSON.stringify(join(folder, name));
const dist = (path: string): string => JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const { document, anchor, manifest, key } = scenario();
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write('proof.json', document);
  write('anchor.json', formatTrustAnchor(anchor));
  write('manifest.json', formatManifest(manifest));
  write('key.json', formatVerificationKey(key.verification));
  await writeR1cs(join(folder, 'toy.r1cs'), toyR1cs(productCircuit));
  writeFileSync(join(folder, 'toy.bin'), encodeWitness(productWitness(6n, 7n)));
});

const prelude = `
  import { readFileSync } from 'node:fs';
  import { createEngine } from ${dist('engine/index.js')};
  import { developmentSetup } from ${dist('groth16/setup.js')};
  import { loadProvingKey } from ${dist('groth16/proving-key.js')};
  import { prove } from ${dist('groth16/prove.js')};
  const witness = readFileSync(${at('toy.bin')});
  const setup = (engine, zkeyPath) => developmentSetup({ r1csPath: ${at('toy.r1cs')}, zkeyPath, engine });`;

const programs: readonly (readonly [string, string])[] = [
  [
    'verify',
    `import { readFileSync } from 'node:fs';
     import * as v from ${dist('verify/index.js')};
     const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
     const result = v.verifyFinality(read(${at('proof.json')}), {
       anchor: v.parseTrustAnchor(read(${at('anchor.json')})),
       verificationKeys: [v.parseVerificationKey(read(${at('key.json')}))],
       manifest: v.parseManifest(read(${at('manifest.json')})),
     });
     if (!result.ok) throw new Error(result.message);`,
  ],
  [
    'setup and prove, everything closed',
    `${prelude}
     const engine = await createEngine({ threads: 2 });
     await setup(engine, ${at('one.zkey')});
     const key = await loadProvingKey({ path: ${at('one.zkey')}, engine });
     await prove({ key, witness });
     key.close();
     await engine.close();`,
  ],
  [
    'setup and prove, nothing closed',
    `${prelude}
     const engine = await createEngine({ threads: 2 });
     await setup(engine, ${at('two.zkey')});
     await prove({ key: await loadProvingKey({ path: ${at('two.zkey')}, engine }), witness });`,
  ],
  [
    'cancelled while proving',
    `${prelude}
     const controller = new AbortController();
     const engine = await createEngine({ threads: 2, signal: controller.signal });
     await setup(engine, ${at('three.zkey')});
     const key = await loadProvingKey({ path: ${at('three.zkey')}, engine });
     const code = await prove({ key, witness, signal: controller.signal, onProgress: () => controller.abort() })
       .then(() => 'proved', (error) => error.code);
     if (code !== 'CANCELLED') throw new Error(code);
     key.close();
     await engine.close();`,
  ],
];

describe('the process', () => {
  it.each(programs)(
    'behavior: ends within a second of its last promise, nothing open: %s',
    async (name, program) => {
      // What keeps a process alive, but for the pipes that carry its output.
      const epilogue = `
     const open = process.getActiveResourcesInfo().filter((kind) => !/^(?:PipeWrap|TTYWrap|CloseReq)$/.test(kind));
     console.log(JSON.stringify({ at: String(process.hrtime.bigint()), open }));`;
      // The best of three: on a crowded machine the time to notice the exit is not the process's own.
      let seconds = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < 3 && seconds >= 1; attempt++) {
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--input-type=module', '-e', program + epilogue],
          { timeout: 60_000 },
        );
        const told = JSON.parse(stdout) as { readonly at: string; readonly open: readonly string[] };
        seconds = Number(process.hrtime.bigint() - BigInt(told.at)) / 1e9;
        if (!name.endsWith('nothing closed')) expect(told.open).toEqual([]);
      }
      expect(seconds).toBeLessThan(1);
      recordFigure('security-processes', {
        check: `process exit: ${name}`,
        cases: 1,
        failures: 0,
        means: name.endsWith('nothing closed')
          ? 'ends within 1 s of its last promise'
          : 'ends within 1 s of its last promise, 0 open handles',
        seed: 'none',
      });
    },
  );
});
