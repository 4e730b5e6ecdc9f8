/** Seeded damage to files of every format: readers accept it or throw a listed code, and never hang. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FORMAT_CODES } from '../../src/formats/codes.js';
import { openPtau } from '../../src/formats/ptau.js';
import { createR1cs, readR1cs, writeR1cs } from '../../src/formats/r1cs.js';
import { readSymbols } from '../../src/formats/symbols.js';
import { readWitness } from '../../src/formats/wtns.js';
import { checkAllCoefficients, openZkey, readVerificationKey } from '../../src/formats/zkey.js';
import { FileError } from '../../src/statement/errors.js';
import { countMalformed } from '../security/malformed.js';
import { fixture, fixturesAvailable } from '../support/fixtures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

const folder = mkdtempSync(join(tmpdir(), 'fuzz-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FILES = 'vectors/snarkjs-files';

/** Values that lie at the edges of counts and lengths. */
const EDGES = [
  0, 1, 2, 3, 4, 7, 8, 10, 31, 32, 33, 64, 255, 256, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
];

/** Where the sections of a container begin, their headers included. */
function boundaries(bytes: Buffer): number[] {
  const found = [0, 4, 8];
  let position = 12;
  for (let i = 0; i < bytes.readUInt32LE(8); i++) {
    found.push(position, position + 4, position + 8, position + 12);
    position += 12 + Number(bytes.readBigUInt64LE(position + 4));
  }
  return found;
}

/** One to three changes: bytes, words, cuts, insertions, copied pieces; mostly near the places that `hot` names. */
function damage(original: Buffer, hot: readonly number[], seed: number): Buffer {
  const random = seededBytes(seed);
  const below = (bound: number): number => Number(seededInteger(random, BigInt(Math.max(1, bound))));
  let bytes = Buffer.from(original);
  const place = (width: number): number => {
    const near = hot[below(hot.length)]! + below(96);
    return Math.max(0, Math.min(below(5) > 0 ? near : below(bytes.length), bytes.length - width));
  };
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const kind = below(7);
    const at = place(4);
    if (bytes.length < 8) return bytes;
    if (kind === 0) bytes.writeUInt8(bytes[at]! ^ (1 << below(8)), at);
    else if (kind <= 2) bytes.writeUInt32LE(EDGES[below(EDGES.length)]!, at);
    else if (kind === 3) bytes = bytes.subarray(0, at);
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), random(1 + below(40)), bytes.subarray(at)]);
    else if (kind === 5) bytes.copy(bytes, at, place(64), place(64) + below(64));
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(bytes.length, at + 1 + below(64))),
      ]);
  }
  return bytes;
}

async function survives(
  name: string,
  original: Buffer,
  hot: readonly number[],
  read: (bytes: Buffer) => unknown,
): Promise<void> {
  await read(Buffer.from(original));
  const codes = new Map<string, number>();
  const total = runs(100, 1000);
  const count = countMalformed(name, `1 to ${total}`);
  for (let seed = 1; seed <= total; seed++) {
    const end = count.start();
    let code = 'accepted';
    try {
      await read(damage(original, hot, seed));
    } catch (error) {
      if (!(error instanceof FileError))
        throw new Error(`${name}, seed ${seed}: not a FileError`, { cause: error });
      code = error.code;
      expect(Object.keys(FORMAT_CODES), `${name}, seed ${seed}`).toContain(code);
      expect(error.message, `${name}, seed ${seed}`).toMatch(/expected .+, got .+\. .+\.$/);
    }
    end(code !== 'accepted');
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  // The damage is not all of one kind.
  expect(codes.size).toBeGreaterThan(1);
  count.record();
}

describe('malformed files end with a listed code', () => {
  it('error: .r1cs', async () => {
    const path = join(folder, 'x.r1cs');
    const term = (wire: number, value: bigint) => ({ wire, value });
    const rows = Array.from({ length: 20 }, (_, i) => ({
      a: [term(i % 9, 1n), term(0, BigInt(i))],
      b: [term((i + 1) % 9, -1n)],
      c: i % 3 === 0 ? [] : [term((i + 2) % 9, 5n)],
    }));
    await writeR1cs(
      path,
      createR1cs({ wires: 9, publicOutputs: 1, publicInputs: 1, privateInputs: 2 }, rows),
    );
    const bytes = readFileSync(path);
    await survives('.r1cs', bytes, boundaries(bytes), (damaged) => readR1cs(damaged));
  });

  it.skipIf(!fixturesAvailable)('error: .sym', async () => {
    const bytes = fixture(`${FILES}/snarkjs_groth16__circuit.sym`).subarray(0, 2000);
    await survives('.sym', bytes, [0, 20, 500, 1900], (damaged) => readSymbols(damaged));
  });

  it.skipIf(!fixturesAvailable)('error: .wtns', async () => {
    const bytes = fixture(`${FILES}/snarkjs_groth16__witness.wtns`);
    await survives('.wtns', bytes, boundaries(bytes), (damaged) => readWitness(damaged));
  });

  it.skipIf(!fixturesAvailable)('error: .zkey', async () => {
    const bytes = fixture(`${FILES}/rapidsnark_circuit_final.zkey`);
    await survives('.zkey', bytes, boundaries(bytes), async (damaged) => {
      const zkey = openZkey(damaged);
      zkey.contributions();
      zkey.partition();
      readVerificationKey(zkey);
      await checkAllCoefficients(zkey);
    });
  });

  it.skipIf(!fixturesAvailable)('error: .ptau', async () => {
    const bytes = fixture(`${FILES}/powersOfTau28_hez_final_08.ptau`);
    await survives('.ptau', bytes, boundaries(bytes), (damaged) => openPtau(damaged));
  });
});
