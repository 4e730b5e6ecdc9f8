/** The circuit hash of large domains, where snarkjs hashes past the end of the powers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { randomR1cs, snarkjs } from './ceremony-support.js';

const folder = mkdtempSync(join(tmpdir(), 'ptau-full-test-'));
const at = (name: string) => join(folder, name);
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('setupFromPtau on large domains', () => {
  const cases = [{ power: 15, rows: 20_000, what: 'two pieces, the second past the end of the powers' }];
  if (process.env.TEST_LEVEL === 'report') {
    cases.push({ power: 14, rows: 10_000, what: 'one piece of powers' });
    cases.push({ power: 16, rows: 20_000, what: 'two pieces, the second within the powers' });
  }
  for (const { power, rows, what } of cases) {
    it(`default: domain of ${rows} rows in a file of power ${power} (${what}) gives the bytes of snarkjs`, async () => {
      const ptauPath = at(`${power}.ptau`);
      const r1csPath = at(`${power}.r1cs`);
      await writeDevelopmentPtau({ path: ptauPath, power, engine });
      await writeR1cs(
        r1csPath,
        randomR1cs(power, { rows, wires: 3_000, outputs: 1, inputs: 3, filled: 500 }),
      );
      await setupFromPtau({ r1csPath, ptauPath, zkeyPath: at('ours.zkey'), engine });
      snarkjs('groth16', 'setup', r1csPath, ptauPath, at('theirs.zkey'));
      expect(readFileSync(at('ours.zkey')).equals(readFileSync(at('theirs.zkey')))).toBe(true);
    });
  }
});

describe('writeDevelopmentPtau', () => {
  it.skipIf(process.env.TEST_LEVEL !== 'report')(
    'default: snarkjs powersoftau verify accepts power 16',
    () => {
      expect(snarkjs('powersoftau', 'verify', at('16.ptau'))).toContain('Powers of Tau Ok!');
    },
  );
});
