import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { openPtau } from '../../src/formats/ptau.js';
import { isDevelopmentPtau, writeBeaconPtau, writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { fixturePath, fixturesAvailable } from '../support/fixtures.js';
import { runs } from '../support/runs.js';
import { snarkjs } from './ceremony-support.js';

const folder = mkdtempSync(join(tmpdir(), 'ptau-write-test-'));
const at = (name: string) => join(folder, name);
const beaconHash = Buffer.from('aabbccdd00112233', 'hex');
let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('writeBeaconPtau', () => {
  for (const power of runs(0, 1) ? [1, 4, 7] : [1, 4]) {
    it(`default: power ${power} has the bytes of snarkjs powersoftau new, beacon, prepare phase2`, async () => {
      await writeBeaconPtau(
        { path: at('ours.ptau'), power, engine },
        { name: 'test', beaconHash, iterationsExp: 10 },
      );
      snarkjs('powersoftau', 'new', 'bn128', String(power), at('new.ptau'));
      snarkjs(
        'powersoftau',
        'beacon',
        at('new.ptau'),
        at('beacon.ptau'),
        beaconHash.toString('hex'),
        '10',
        '-n=test',
      );
      snarkjs('powersoftau', 'prepare', 'phase2', at('beacon.ptau'), at('theirs.ptau'));
      expect(readFileSync(at('ours.ptau')).equals(readFileSync(at('theirs.ptau')))).toBe(true);
    });
  }

  it('error: a power out of range is PTAU_POWER', async () => {
    for (const power of [0, 23, 1.5, Number.NaN]) {
      await expect(writeDevelopmentPtau({ path: at('x.ptau'), power, engine })).rejects.toMatchObject({
        code: 'PTAU_POWER',
      });
    }
  });
});

describe('writeDevelopmentPtau', () => {
  it('default: snarkjs powersoftau verify accepts the file, and it is recognised', async () => {
    const path = at('development.ptau');
    await writeDevelopmentPtau({ path, power: 5, engine });
    expect(snarkjs('powersoftau', 'verify', path)).toContain('Powers of Tau Ok!');
    const ptau = openPtau(path);
    expect(ptau).toMatchObject({ power: 5, ceremonyPower: 5, isPrepared: true });
    expect(await isDevelopmentPtau(ptau)).toBe(true);
    ptau.close();
  });

  it.skipIf(!fixturesAvailable)('behavior: the Hermez file is not one', async () => {
    const ptau = openPtau(fixturePath('vectors/snarkjs-files/powersOfTau28_hez_final_08.ptau'));
    expect(await isDevelopmentPtau(ptau)).toBe(false);
    ptau.close();
  });
});
