import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { decodeG1, decodeG2, encodeG1, encodeG2 } from '../../src/formats/points.js';
import { openPtau, PTAU_SECTIONS } from '../../src/formats/ptau.js';
import { verifyPowers } from '../../src/groth16/ptau-verify.js';
import { writeDevelopmentPtau } from '../../src/groth16/ptau-write.js';
import { Fq2, G1, G1_GENERATOR, G2 } from '../../src/math/bn254.js';
import { BN254_Q, BN254_R, Fq } from '../../src/math/field.js';
import { fixture, fixturesAvailable } from '../support/fixtures.js';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => engine.close());

const original = fixturesAvailable
  ? fixture('vectors/snarkjs-files/powersOfTau28_hez_final_08.ptau')
  : Buffer.alloc(0);

async function outcome(
  domainLog: number,
  change: (bytes: Buffer, at: (section: keyof typeof PTAU_SECTIONS) => number) => void,
): Promise<string> {
  const bytes = Buffer.from(original);
  const { container } = openPtau(original);
  change(bytes, (section) => container.section(PTAU_SECTIONS[section]).offset);
  const fault = await verifyPowers({ ptau: openPtau(bytes), domainLog, engine });
  return fault?.code ?? 'accepted';
}

const G1_SECTIONS = ['tauG1', 'alphaTauG1', 'betaTauG1'] as const;
const LAGRANGE = ['lagrangeTauG1', 'lagrangeAlphaTauG1', 'lagrangeBetaTauG1'] as const;

/** A point of the twist of order 10069, the least prime factor of its cofactor. */
function torsionPoint() {
  const cofactor = 2n * BN254_Q - BN254_R;
  expect(cofactor % 10069n).toBe(0n);
  for (let c0 = 1n; ; c0++) {
    // y² = x³ + 3/(9 + u), by the complex method: a root exists where its norm and then a part are squares.
    const x = [c0, 0n] as const;
    const right = Fq2.add(Fq2.mul(x, Fq2.mul(x, x)), Fq2.mul([3n, 0n], Fq2.inv([9n, 1n])));
    const y = squareRoot(right);
    if (y === undefined) continue;
    const point = G2.mul({ x, y }, (cofactor / 10069n) * BN254_R);
    if (point !== undefined) return point;
  }
}

function squareRoot([a, b]: readonly [bigint, bigint]): readonly [bigint, bigint] | undefined {
  const norm = Fq.sqrt(Fq.mod(a * a + b * b));
  if (norm === undefined) return undefined;
  for (const root of [norm, Fq.neg(norm)]) {
    const real = Fq.sqrt(Fq.mul(Fq.add(a, root), Fq.inv(2n)));
    if (real !== undefined && real !== 0n) return [real, Fq.mul(b, Fq.inv(Fq.mul(2n, real)))];
  }
  return undefined;
}

describe.skipIf(!fixturesAvailable)('verifyPowers', () => {
  it('default: the Hermez file, for domains up to its own', async () => {
    for (const log of [1, 3, 8]) expect(await outcome(log, () => {})).toBe('accepted');
  });

  it('behavior: memory is given back, after a fault too', async () => {
    // The first run may leave the engine its tables of roots.
    await outcome(4, () => {});
    const before = engine.memory().usedBytes;
    await outcome(4, () => {});
    await outcome(4, (bytes, at) => bytes.fill(2, at('tauG2') + 128 * 7, at('tauG2') + 128 * 8));
    expect(engine.memory().usedBytes).toBe(before);
  });

  it('behavior: points that the domain does not use do not matter', async () => {
    expect(await outcome(4, (bytes, at) => bytes.fill(1, at('tauG1') + 64 * 32, at('tauG1') + 64 * 40))).toBe(
      'accepted',
    );
  });

  for (const section of G1_SECTIONS) {
    it(`error: another power in ${section}, or a point off the curve`, async () => {
      const other = encodeG1(G1.mul(G1_GENERATOR, 77n)!);
      expect(await outcome(4, (bytes, at) => bytes.set(other, at(section) + 64 * 9))).toBe('POWERS_CHAIN');
      expect(
        await outcome(4, (bytes, at) => bytes.fill(1, at(section) + 64 * 9, at(section) + 64 * 10)),
      ).toBe('POWERS_POINT');
    });
  }

  for (const section of LAGRANGE) {
    it(`error: another point in ${section}, or one off the curve`, async () => {
      const start = 64 * (15 + 6);
      const negated = (bytes: Buffer, place: number) => {
        const { x, y } = decodeG1(bytes, place);
        bytes.set(encodeG1({ x, y: Fq.neg(y) }), place);
      };
      expect(await outcome(4, (bytes, at) => negated(bytes, at(section) + start))).toBe('POWERS_LAGRANGE');
      expect(
        await outcome(4, (bytes, at) => bytes.fill(1, at(section) + start, at(section) + start + 64)),
      ).toBe('POWERS_POINT');
    });
  }

  it('error: another point of the doubled domain, which H is made of', async () => {
    const place = (at: number) => at + 64 * (31 + 21);
    const swap = (bytes: Buffer, at: number) => bytes.copy(bytes, place(at), place(at) + 64, place(at) + 128);
    expect(await outcome(4, (bytes, at) => swap(bytes, at('lagrangeTauG1')))).toBe('POWERS_LAGRANGE');
  });

  it('default: a file that was not cut, for its own domain', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'ptau-verify-test-')), '4.ptau');
    await writeDevelopmentPtau({ path, power: 4, engine });
    const ptau = openPtau(path);
    expect(await verifyPowers({ ptau, domainLog: 4, engine })).toBeUndefined();
    ptau.close();
    rmSync(dirname(path), { recursive: true });
  });

  it('error: another point of the largest doubled domain', async () => {
    const place = (at: number) => at + 64 * (511 + 100);
    const swap = (bytes: Buffer, at: number) => bytes.copy(bytes, place(at), place(at) + 64, place(at) + 128);
    expect(await outcome(8, (bytes, at) => swap(bytes, at('lagrangeTauG1')))).toBe('POWERS_LAGRANGE');
  });

  it('error: another power in G2, another Lagrange point, one off the curve', async () => {
    const exchange = (bytes: Buffer, place: number) => bytes.copy(bytes, place, place + 128, place + 256);
    expect(await outcome(4, (bytes, at) => exchange(bytes, at('tauG2') + 128 * 7))).toBe('POWERS_CHAIN');
    expect(await outcome(4, (bytes, at) => exchange(bytes, at('lagrangeTauG2') + 128 * (15 + 7)))).toBe(
      'POWERS_LAGRANGE',
    );
    expect(await outcome(4, (bytes, at) => bytes.fill(2, at('tauG2') + 128 * 7, at('tauG2') + 128 * 8))).toBe(
      'POWERS_POINT',
    );
  });

  it('error: a component of small order in G2', async () => {
    const torsion = torsionPoint();
    for (const [section, index] of [
      ['tauG2', 5],
      ['lagrangeTauG2', 15 + 3],
    ] as const) {
      const plant = (bytes: Buffer, place: number) =>
        bytes.set(encodeG2(G2.add(decodeG2(bytes, place), torsion)!), place);
      expect(await outcome(4, (bytes, at) => plant(bytes, at(section) + 128 * index))).toBe('POWERS_POINT');
    }
  });
});
