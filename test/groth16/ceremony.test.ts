import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { FORMAT_CODES } from '../../src/formats/codes.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { openZkey } from '../../src/formats/zkey.js';
import { beacon, contribute } from '../../src/groth16/ceremony.js';
import { CEREMONY_CODES, verifyCeremony } from '../../src/groth16/ceremony-verify.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { FileError } from '../../src/statement/errors.js';
import { fixturePath, fixturesAvailable } from '../support/fixtures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { randomR1cs, snarkjs, snarkjsScript } from './ceremony-support.js';

const folder = mkdtempSync(join(tmpdir(), 'ceremony-test-'));
const ptauPath = fixturePath('vectors/snarkjs-files/powersOfTau28_hez_final_08.ptau');
const at = (name: string) => join(folder, name);
const r1csPath = at('circuit.r1cs');
const beaconHash = Buffer.from('0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
let engine: Engine;

beforeAll(async () => {
  if (!fixturesAvailable) return;
  engine = await createEngine({ threads: 2 });
  await writeR1cs(r1csPath, randomR1cs(7, { rows: 60, wires: 70, outputs: 1, inputs: 2 }));
  await setupFromPtau({ r1csPath, ptauPath, zkeyPath: at('initial.zkey'), engine });
  // Two random contributions and a beacon, ours; the second in snarkjs's hands below has the same bytes.
  const random = (count: number) => new Uint8Array(count).fill(7);
  const one = {
    zkeyPath: at('initial.zkey'),
    outPath: at('one.zkey'),
    engine,
    name: 'Åse ☂',
    entropy: 'some text',
    random,
  };
  await contribute(one);
  await contribute({ zkeyPath: at('one.zkey'), outPath: at('two.zkey'), engine });
  await beacon({
    zkeyPath: at('two.zkey'),
    outPath: at('final.zkey'),
    engine,
    name: 'final',
    beaconHash,
    iterationsExp: 10,
  });
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const verify = (zkeyPath: string) => verifyCeremony({ zkeyPath, r1csPath, ptauPath, engine });

describe.skipIf(!fixturesAvailable)('contribute', () => {
  it('default: with the same randomness, the bytes of snarkjs zkey contribute', () => {
    const script = `await snarkjs.zKey.contribute(${JSON.stringify(at('initial.zkey'))}, ${JSON.stringify(at('one.snarkjs.zkey'))}, 'Åse ☂', 'some text');`;
    snarkjsScript(script, 7);
    expect(readFileSync(at('one.zkey')).equals(readFileSync(at('one.snarkjs.zkey')))).toBe(true);
  });

  it('behavior: without a name, the bytes of snarkjs as well; the secret differs from run to run', async () => {
    const random = (count: number) => new Uint8Array(count).fill(9);
    const result = await contribute({
      zkeyPath: at('one.zkey'),
      outPath: at('b.zkey'),
      engine,
      entropy: 'x',
      random,
    });
    expect(result.count).toBe(2);
    snarkjsScript(
      `await snarkjs.zKey.contribute(${JSON.stringify(at('one.zkey'))}, ${JSON.stringify(at('b.snarkjs.zkey'))}, '', 'x');`,
      9,
    );
    expect(readFileSync(at('b.zkey')).equals(readFileSync(at('b.snarkjs.zkey')))).toBe(true);
    const other = await contribute({ zkeyPath: at('one.zkey'), outPath: at('c.zkey'), engine, entropy: 'x' });
    expect(other.contributionHash).not.toEqual(result.contributionHash);
  });

  it('error: points off the curve would reveal the secret: POINT_INVALID', async () => {
    for (const section of [8, 9]) {
      const bytes = readFileSync(at('one.zkey'));
      const { container } = openZkey(at('one.zkey'));
      const { offset } = container.section(section);
      container.close();
      bytes.writeUInt8(bytes[offset + 64]! ^ 1, offset + 64);
      writeFileSync(at('planted.zkey'), bytes);
      const planted = contribute({ zkeyPath: at('planted.zkey'), outPath: at('f.zkey'), engine });
      await expect(planted).rejects.toMatchObject({ code: 'POINT_INVALID' });
      expect(existsSync(at('f.zkey'))).toBe(false);
    }
  });

  it('error: SAME_FILE, and a missing key', async () => {
    const same = contribute({ zkeyPath: at('one.zkey'), outPath: at('one.zkey'), engine });
    await expect(same).rejects.toMatchObject({ code: 'SAME_FILE' });
    const missing = contribute({ zkeyPath: at('none.zkey'), outPath: at('d.zkey'), engine });
    await expect(missing).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(existsSync(at('d.zkey'))).toBe(false);
  });
});

describe.skipIf(!fixturesAvailable)('beacon', () => {
  it('default: the bytes of snarkjs zkey beacon', () => {
    snarkjs(
      'zkey',
      'beacon',
      at('two.zkey'),
      at('final.snarkjs.zkey'),
      beaconHash.toString('hex'),
      '10',
      '-n=final',
    );
    expect(readFileSync(at('final.zkey')).equals(readFileSync(at('final.snarkjs.zkey')))).toBe(true);
  });

  it('error: BEACON_HASH and BEACON_ITERATIONS', async () => {
    const run = (hash: Uint8Array, iterationsExp: number) =>
      beacon({ zkeyPath: at('two.zkey'), outPath: at('e.zkey'), engine, beaconHash: hash, iterationsExp });
    await expect(run(new Uint8Array(0), 10)).rejects.toMatchObject({ code: 'BEACON_HASH' });
    await expect(run(new Uint8Array(256), 10)).rejects.toMatchObject({ code: 'BEACON_HASH' });
    for (const exponent of [9, 64, 10.5, Number.NaN]) {
      await expect(run(beaconHash, exponent)).rejects.toMatchObject({ code: 'BEACON_ITERATIONS' });
    }
  });
});

describe.skipIf(!fixturesAvailable)('verifyCeremony', () => {
  it('default: accepts the ceremony and lists it', async () => {
    const result = await verify(at('final.zkey'));
    expect(result).toMatchObject({
      ok: true,
      hasDevelopmentPowers: false,
      contributions: [
        { kind: 'random', name: 'Åse ☂' },
        { kind: 'random' },
        { kind: 'beacon', name: 'final', iterationsExp: 10 },
      ],
    });
  });

  it('behavior: accepts the initial key, with no contributions', async () => {
    expect(await verify(at('initial.zkey'))).toMatchObject({ ok: true, contributions: [] });
  });

  it('behavior: snarkjs zkey verify accepts our key', () => {
    expect(snarkjs('zkey', 'verify', r1csPath, ptauPath, at('final.zkey'))).toContain('ZKey Ok!');
  });

  it('behavior: nothing is left in the work folder', async () => {
    const workFolder = mkdtempSync(join(folder, 'work-'));
    await verifyCeremony({ zkeyPath: at('one.zkey'), r1csPath, ptauPath, engine, workFolder });
    expect(readdirSync(workFolder)).toEqual([]);
  });

  /** Changes bytes of a section, verifies, and expects a code. */
  async function tampered(
    section: number,
    change: (content: Buffer, whole: Buffer) => void,
    path = 'final.zkey',
  ): Promise<string> {
    copyFileSync(at(path), at('tampered.zkey'));
    const whole = readFileSync(at('tampered.zkey'));
    const { container } = openZkey(at(path));
    const { offset, sizeBytes } = container.section(section);
    container.close();
    change(whole.subarray(offset, offset + sizeBytes), whole);
    writeFileSync(at('tampered.zkey'), whole);
    const result = await verify(at('tampered.zkey'));
    return result.ok ? 'accepted' : result.code;
  }
  /** Exchanges two points that lie `a` and `b` points into a section. */
  const swap = (a: number, b: number) => (content: Buffer) => {
    const first = Buffer.from(content.subarray(64 * a, 64 * a + 64));
    content.copy(content, 64 * a, 64 * b, 64 * b + 64);
    first.copy(content, 64 * b);
  };
  const record = (index: number) => 68 + index * 392 + (index > 0 ? 10 : 0);

  it.each([
    ['IC points exchanged', 3, swap(0, 1), 'SECTION_MISMATCH'],
    ['a coefficient changed', 4, (c: Buffer) => c.writeUInt8(c[20]! ^ 1, 20), 'SECTION_MISMATCH'],
    ['A points exchanged', 5, swap(1, 2), 'SECTION_MISMATCH'],
    ['B1 changed', 6, (c: Buffer) => c.writeUInt8(c[70]! ^ 1, 70), 'SECTION_MISMATCH'],
    ['B2 changed', 7, (c: Buffer) => c.writeUInt8(c[300]! ^ 1, 300), 'SECTION_MISMATCH'],
    ['private points exchanged', 8, swap(0, 1), 'BASIS_RATIO'],
    ['a private point off the curve', 8, (c: Buffer) => c.writeUInt8(c[64]! ^ 1, 64), 'BASIS_POINT'],
    ['H points exchanged', 9, swap(3, 4), 'H_RATIO'],
    ['an H point off the curve', 9, (c: Buffer) => c.fill(1, 64, 128), 'BASIS_POINT'],
    ['an H point at infinity', 9, (c: Buffer) => c.fill(0, 64, 128), 'H_RATIO'],
    ['another circuit hash', 10, (c: Buffer) => c.writeUInt8(c[0]! ^ 1, 0), 'CONTRIBUTION_TRANSCRIPT'],
    [
      'a proof off the curve',
      10,
      (c: Buffer) => c.writeUInt8(c[record(0) + 64]! ^ 1, record(0) + 64),
      'CONTRIBUTION_POINT',
    ],
    [
      'another s',
      10,
      (c: Buffer) => c.copy(c, record(0) + 64, record(0), record(0) + 64),
      'CONTRIBUTION_TRANSCRIPT',
    ],
    [
      'another delta after',
      10,
      (c: Buffer) => c.copy(c, record(0), record(0) + 64, record(0) + 128),
      'CONTRIBUTION_PROOF',
    ],
  ] as const)('error: %s', async (_, section, change, code) => {
    expect(await tampered(section, change)).toBe(code);
  });

  it('error: a key whose contributions were stripped keeps the scaled bases', async () => {
    const header = Buffer.from(readFileSync(at('initial.zkey')));
    const first = openZkey(at('initial.zkey')).container.section(2);
    const delta = header.subarray(first.offset + 84 + 384, first.offset + first.sizeBytes);
    const code = await tampered(2, (content) => delta.copy(content, 84 + 384));
    expect(code).toBe('DELTA_MISMATCH');
  });

  it('error: bases of a key whose delta was replaced', async () => {
    const other = openZkey(at('b.zkey')).container;
    expect(await tampered(8, (content) => Buffer.from(other.read(8)).copy(content))).toBe('BASIS_RATIO');
    expect(await tampered(9, (content) => Buffer.from(other.read(9)).copy(content))).toBe('H_RATIO');
  });

  it('error: a random contribution that claims to be a beacon', async () => {
    // The last record is the beacon; another hash determines another secret.
    const code = await tampered(10, (content) =>
      content.writeUInt8(content[content.length - 1]! ^ 1, content.length - 1),
    );
    expect(code).toBe('BEACON_MISMATCH');
  });

  it('error: more beacon work than allowed', async () => {
    const result = await verifyCeremony({
      zkeyPath: at('final.zkey'),
      r1csPath,
      ptauPath,
      engine,
      maxIterationsExp: 9,
    });
    expect(result).toMatchObject({ ok: false, code: 'BEACON_ITERATIONS' });
  });

  it('error: any bit changed, but for names, which nothing binds', async () => {
    const original = readFileSync(at('final.zkey'));
    const names = ['Åse ☂', 'final'].map((name) => original.indexOf(name));
    const random = seededBytes(77);
    for (let i = 0; i < runs(8, 300); i++) {
      const place = Number(seededInteger(random, BigInt(original.length)));
      if (names.some((start) => place >= start && place < start + 8)) continue;
      const changed = Buffer.from(original);
      changed.writeUInt8(changed[place]! ^ (1 << (i & 7)), place);
      writeFileSync(at('bit.zkey'), changed);
      let outcome: string;
      try {
        const result = await verify(at('bit.zkey'));
        outcome = result.ok ? 'accepted' : result.code;
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        outcome = error.code;
      }
      expect([...Object.keys(FORMAT_CODES), ...Object.keys(CEREMONY_CODES)], `byte ${place}`).toContain(
        outcome,
      );
    }
  });

  it('error: another circuit', async () => {
    await writeR1cs(at('other.r1cs'), randomR1cs(8, { rows: 60, wires: 70, outputs: 1, inputs: 2 }));
    const result = await verifyCeremony({
      zkeyPath: at('final.zkey'),
      r1csPath: at('other.r1cs'),
      ptauPath,
      engine,
    });
    expect(result).toMatchObject({ ok: false, code: 'CIRCUIT_MISMATCH' });
  });
});
