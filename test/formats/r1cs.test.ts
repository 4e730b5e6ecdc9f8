import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createR1cs,
  encodeWitness,
  findFailingRow,
  publicCount,
  readR1cs,
  readR1csHeader,
  rowTerms,
  writeR1cs,
} from '../../src/formats/r1cs.js';
import { BN254_R } from '../../src/math/field.js';
import { FileError } from '../../src/statement/errors.js';
import { fixture, fixturePath, fixturesAvailable } from '../support/fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'r1cs-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const snarkjs = join(process.cwd(), 'node_modules/.bin/snarkjs');

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FileError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** w3 = w1·w2, (w1 + 2)·(w1 − w2) = w3 − 7·one: enough shapes for a layout test. */
function small() {
  return createR1cs({ wires: 4, publicOutputs: 0, publicInputs: 1, privateInputs: 1 }, [
    { a: [{ wire: 1, value: 1n }], b: [{ wire: 2, value: 1n }], c: [{ wire: 3, value: 1n }] },
    {
      a: [
        { wire: 1, value: 1n },
        { wire: 0, value: 2n },
      ],
      b: [
        { wire: 1, value: 1n },
        { wire: 2, value: -1n },
      ],
      c: [
        { wire: 3, value: 1n },
        { wire: 0, value: -7n },
      ],
    },
    { a: [], b: [], c: [] },
  ]);
}

/** The bytes of `small()`, sections in the order 1, 2, 3. */
async function smallBytes(): Promise<Buffer> {
  const path = join(folder, 'small.r1cs');
  await writeR1cs(path, small());
  return readFileSync(path);
}

describe('readR1cs', () => {
  it('default: reads what writeR1cs wrote', async () => {
    const again = readR1cs(await smallBytes());
    expect(again).toEqual(small());
    expect(publicCount(again)).toBe(1);
    expect(rowTerms(again, 'c', 1)).toEqual([
      { wire: 3, value: 1n },
      { wire: 0, value: BN254_R - 7n },
    ]);
  });

  it.skipIf(!fixturesAvailable)('behavior: agrees with the snarkjs example circuit', () => {
    const path = fixturePath('vectors/snarkjs-files/snarkjs_groth16__circuit.r1cs');
    const r1cs = readR1cs(path);
    expect(r1cs).toMatchObject({
      wires: 1003,
      publicOutputs: 1,
      publicInputs: 1,
      privateInputs: 1,
      constraints: 1000,
    });
    expect(readR1csHeader(path)).toMatchObject({ wires: 1003, constraints: 1000 });
    const witness = fixture('vectors/snarkjs-files/snarkjs_groth16__witness.wtns').subarray(76);
    expect(findFailingRow(r1cs, witness)).toBeUndefined();
    const wrong = Uint8Array.from(witness);
    wrong[32 * 500]! ^= 1;
    expect(findFailingRow(r1cs, wrong)).toBeTypeOf('number');
  });

  it.skipIf(!existsSync(snarkjs))('behavior: snarkjs reads what writeR1cs wrote', async () => {
    await smallBytes();
    const text = execFileSync(snarkjs, ['r1cs', 'info', join(folder, 'small.r1cs')], { encoding: 'utf8' });
    expect(text).toContain('# of Constraints: 3');
    expect(text).toContain('# of Wires: 4');
  });

  it('behavior: a term may stand in a window boundary of the reader', async () => {
    const rows = 60_000;
    const r1cs = createR1cs(
      { wires: rows + 2, publicOutputs: 1, publicInputs: 0, privateInputs: 0 },
      Array.from({ length: rows }, (_, i) => ({
        a: [{ wire: i, value: 1n }],
        b: [{ wire: i + 1, value: BigInt(i % 97) }],
        c: [{ wire: i + 2, value: -1n }],
      })),
    );
    const path = join(folder, 'large.r1cs');
    await writeR1cs(path, r1cs);
    expect(readR1cs(path)).toEqual(r1cs);
  });

  // Offsets in smallBytes(): 12 header of section 1, 24 its content, 88 header of section 2, 100 its content.
  const spoiled: [string, string, (bytes: Buffer) => Buffer | undefined][] = [
    ['an empty file', 'FILE_MAGIC', () => Buffer.alloc(0)],
    ['another magic', 'FILE_MAGIC', (b) => void b.write('zkey', 0)],
    ['another version', 'FILE_VERSION', (b) => void b.writeUInt32LE(2, 4)],
    ['too many sections', 'FILE_TOO_LARGE', (b) => void b.writeUInt32LE(1000, 8)],
    ['a section less than announced', 'FILE_TRUNCATED', (b) => void b.writeUInt32LE(4, 8)],
    ['a section more than announced', 'FILE_TRAILING_BYTES', (b) => void b.writeUInt32LE(2, 8)],
    ['a cut-off file', 'FILE_TRUNCATED', (b) => b.subarray(0, b.length - 1)],
    ['bytes behind the end', 'FILE_TRAILING_BYTES', (b) => Buffer.concat([b, Buffer.from([0])])],
    ['a duplicate section', 'SECTION_DUPLICATE', (b) => void b.writeUInt32LE(1, 88)],
    ['an unknown section', 'SECTION_UNKNOWN', (b) => void b.writeUInt32LE(9, 88)],
    ['a missing section', 'SECTION_MISSING', (b) => void b.writeUInt32LE(4, 88)],
    ['a section length beyond 2^53', 'FILE_TRUNCATED', (b) => void b.writeUInt32LE(0xffffffff, 96)],
    ['another element size', 'FIELD_MISMATCH', (b) => void b.writeUInt32LE(48, 24)],
    ['another prime', 'FIELD_MISMATCH', (b) => void b.writeUInt8(b[28]! ^ 2, 28)],
    ['more named wires than wires', 'COUNT_MISMATCH', (b) => void b.writeUInt32LE(9, 64)],
    ['a wire count that the labels contradict', 'SECTION_SIZE', (b) => void b.writeUInt32LE(5, 60)],
    ['more wires than any machine proves', 'FILE_TOO_LARGE', (b) => void b.writeUInt32LE(0xffffffff, 60)],
    ['2^32 labels', 'FILE_TOO_LARGE', (b) => void b.writeUInt32LE(1, 80)],
    ['a constraint more', 'SECTION_SIZE', (b) => void b.writeUInt32LE(4, 84)],
    ['a constraint less', 'SECTION_SIZE', (b) => void b.writeUInt32LE(2, 84)],
    ['2^32 − 1 constraints', 'SECTION_SIZE', (b) => void b.writeUInt32LE(0xffffffff, 84)],
    ['a row of 2^32 − 1 terms', 'SECTION_SIZE', (b) => void b.writeUInt32LE(0xffffffff, 100)],
    ['a wire out of range', 'INDEX_RANGE', (b) => void b.writeUInt32LE(4, 104)],
    ['a coefficient not below r', 'VALUE_NOT_CANONICAL', (b) => void b.fill(255, 108, 140)],
    ['a label out of range', 'INDEX_RANGE', (b) => void b.writeUInt32LE(4, b.length - 8)],
  ];
  for (const [what, code, spoil] of spoiled) {
    it(`error: ${what} is ${code}`, async () => {
      const bytes = await smallBytes();
      const changed = spoil(bytes) ?? bytes;
      expect(codeOf(() => readR1cs(changed))).toBe(code);
    });
  }

  it('error: a missing file, and a folder', () => {
    expect(codeOf(() => readR1cs(join(folder, 'none.r1cs')))).toBe('FILE_NOT_FOUND');
    expect(codeOf(() => readR1cs(folder))).toBe('FILE_UNREADABLE');
  });
});

describe('findFailingRow', () => {
  it('default: names the first row that fails', () => {
    // (w1 + 2)(w1 − w2) = w1·w2 − 7 has no solution at (3, 4): row 1 fails; row 0 fails where w3 is wrong.
    expect(findFailingRow(small(), encodeWitness([1n, 3n, 4n, 12n]))).toBe(1);
    expect(findFailingRow(small(), encodeWitness([1n, 3n, 4n, 13n]))).toBe(0);
    expect(findFailingRow(small(), encodeWitness([1n, 0n, 2n, 0n]))).toBe(1);
  });
});
