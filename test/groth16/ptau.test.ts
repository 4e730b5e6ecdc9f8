import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { openZkey } from '../../src/formats/zkey.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { fixturePath, fixturesAvailable } from '../support/fixtures.js';
import { randomR1cs, snarkjs } from './ceremony-support.js';

const folder = mkdtempSync(join(tmpdir(), 'ptau-test-'));
const ptauPath = fixturePath('vectors/snarkjs-files/powersOfTau28_hez_final_08.ptau');
const at = (name: string) => join(folder, name);
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!fixturesAvailable)('setupFromPtau', () => {
  const shapes = [
    { rows: 1, wires: 4, outputs: 0, inputs: 0 },
    { rows: 5, wires: 9, outputs: 1, inputs: 2 },
    { rows: 30, wires: 3, outputs: 1, inputs: 1 },
    { rows: 60, wires: 90, outputs: 0, inputs: 4 },
    { rows: 200, wires: 150, outputs: 3, inputs: 2 },
    { rows: 250, wires: 300, outputs: 2, inputs: 3 },
  ];
  for (const [index, shape] of shapes.entries()) {
    it(`default: ${JSON.stringify(shape)} gives the bytes of snarkjs groth16 setup`, async () => {
      const r1csPath = at(`${index}.r1cs`);
      await writeR1cs(r1csPath, randomR1cs(100 + index, shape));
      const zkeyPath = at(`${index}.zkey`);
      const { circuitHash } = await setupFromPtau({ r1csPath, ptauPath, zkeyPath, engine });
      const text = snarkjs('groth16', 'setup', r1csPath, ptauPath, at(`${index}.snarkjs.zkey`));
      expect(readFileSync(zkeyPath).equals(readFileSync(at(`${index}.snarkjs.zkey`)))).toBe(true);
      expect(text.replace(/[^0-9a-f]/g, '')).toContain(Buffer.from(circuitHash).toString('hex'));
      const zkey = openZkey(zkeyPath);
      expect(Buffer.from(zkey.contributions().circuitHash)).toEqual(Buffer.from(circuitHash));
      zkey.close();
    });
  }

  it('behavior: memory is given back, and cancelling leaves no file', async () => {
    const before = engine.memory().usedBytes;
    const r1csPath = at('cancel.r1cs');
    await writeR1cs(r1csPath, randomR1cs(1, shapes[4]!));
    const stop = new AbortController();
    const onProgress = ({ stage }: { stage: string }) => {
      if (stage === 'b1') stop.abort();
    };
    const job = setupFromPtau({
      r1csPath,
      ptauPath,
      zkeyPath: at('cancel.zkey'),
      engine,
      onProgress,
      signal: stop.signal,
    });
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(engine.memory().usedBytes).toBe(before);
    expect(readdirSync(folder).filter((name) => name.includes('cancel'))).toEqual(['cancel.r1cs']);
  });

  it('error: a circuit larger than the file is PTAU_TOO_SMALL', async () => {
    const r1csPath = at('large.r1cs');
    await writeR1cs(r1csPath, randomR1cs(2, { rows: 256, wires: 10, outputs: 0, inputs: 0 }));
    const job = setupFromPtau({ r1csPath, ptauPath, zkeyPath: at('large.zkey'), engine });
    await expect(job).rejects.toMatchObject({ code: 'PTAU_TOO_SMALL' });
    expect(existsSync(at('large.zkey'))).toBe(false);
  });

  it('error: a partition of another size is PARTITION_SIZE', async () => {
    const r1csPath = at('0.r1cs');
    const job = setupFromPtau({
      r1csPath,
      ptauPath,
      zkeyPath: at('x.zkey'),
      engine,
      partition: new Uint8Array(16),
    });
    await expect(job).rejects.toMatchObject({ code: 'PARTITION_SIZE' });
  });
});
