import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import type { Contribution } from '../../src/formats/contributions.js';
import { decodeG1, type decodeG2, encodeG1, encodeG2 } from '../../src/formats/points.js';
import { writeR1cs } from '../../src/formats/r1cs.js';
import { createZkeyWriter, openZkey, type Zkey, type ZkeyHeader } from '../../src/formats/zkey.js';
import { beacon, contribute, deltasOf } from '../../src/groth16/ceremony.js';
import { contributionSeed, seededStream } from '../../src/groth16/ceremony-random.js';
import { createTranscript, drawFactors, factorBases } from '../../src/groth16/ceremony-transcript.js';
import { verifyCeremony } from '../../src/groth16/ceremony-verify.js';
import { fromNobleG1, fromNobleG2 } from '../../src/groth16/points.js';
import { setupFromPtau } from '../../src/groth16/ptau-setup.js';
import { hashFile } from '../../src/groth16/setup.js';
import { Fr } from '../../src/math/field.js';
import { fixturePath, fixturesAvailable } from '../support/fixtures.js';
import { randomR1cs } from './ceremony-support.js';

const folder = mkdtempSync(join(tmpdir(), 'ceremony-two-round-test-'));
const ptauPath = fixturePath('vectors/snarkjs-files/powersOfTau28_hez_final_08.ptau');
const at = (name: string) => join(folder, name);
const r1csPath = at('circuit.r1cs');
/** 70 wires, 3 public: 66 private, so 16 bytes of partition. */
const partition = Uint8Array.from(
  { length: 16 },
  (_, i) => [0b10110101, 0x0f, 0xff, 0, 1, 2, 3, 4, 1][i] ?? 0,
);
const beaconHash = new Uint8Array(32).fill(5);
const keep = ['ic', 'coefficients', 'a', 'b1', 'b2', 'privateBasis', 'h', 'partition'] as const;
let engine: Engine;

beforeAll(async () => {
  if (!fixturesAvailable) return;
  engine = await createEngine({ threads: 2 });
  await writeR1cs(r1csPath, randomR1cs(21, { rows: 60, wires: 70, outputs: 0, inputs: 3 }));
  await setupFromPtau({ r1csPath, ptauPath, zkeyPath: at('initial.zkey'), engine, partition });
  const random = (count: number) => new Uint8Array(count).fill(3);
  await contribute({ zkeyPath: at('initial.zkey'), outPath: at('one.zkey'), engine, name: 'first', random });
  await contribute({ zkeyPath: at('one.zkey'), outPath: at('two.zkey'), engine, name: 'second' });
  await beacon({
    zkeyPath: at('two.zkey'),
    outPath: at('final.zkey'),
    engine,
    beaconHash,
    iterationsExp: 10,
  });
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const verify = (zkeyPath: string, given = partition) =>
  verifyCeremony({ zkeyPath, r1csPath, ptauPath, engine, partition: given });

type Changes = {
  header?: (header: ZkeyHeader) => ZkeyHeader;
  sections?: { [section in (typeof keep)[number]]?: (content: Uint8Array) => void };
  list?: (list: readonly Contribution[]) => readonly Contribution[];
};

/** Writes a changed copy of a key and verifies it. */
async function outcome(source: string, changes: Changes): Promise<string> {
  const zkey = openZkey(at(source));
  const header = changes.header?.(zkey.header) ?? zkey.header;
  const writer = await createZkeyWriter(at('changed.zkey'), header, zkey.coefficientCount);
  for (const section of keep) {
    const content = zkey.read(section);
    changes.sections?.[section]?.(content);
    await writer.section(section, content);
  }
  const { circuitHash, list } = zkey.contributions();
  await writer.contributions({ circuitHash, list: changes.list?.(list) ?? list });
  await writer.commit();
  zkey.close();
  const result = await verify(at('changed.zkey'));
  return result.ok ? 'accepted' : result.code;
}

describe.skipIf(!fixturesAvailable)('two-round keys from powers of tau', () => {
  it('default: header, circuit hash and partition as given; all else as in the plain key', async () => {
    await setupFromPtau({ r1csPath, ptauPath, zkeyPath: at('plain.zkey'), engine });
    const [two, plain] = [openZkey(at('initial.zkey')), openZkey(at('plain.zkey'))];
    expect(two.header.system).toBe('ultragroth');
    expect(two.header.firstRound?.circuitHash).toEqual(await hashFile(r1csPath));
    expect(two.partition()).toEqual(partition);
    for (const section of keep.slice(0, -1)) expect(two.read(section)).toEqual(plain.read(section));
    expect(two.contributions().circuitHash).not.toEqual(plain.contributions().circuitHash);
    two.close();
    plain.close();
  });

  it('behavior: first-round points are divided by y1, second-round points and H by y2', () => {
    const [before, after] = [openZkey(at('initial.zkey')), openZkey(at('one.zkey'))];
    const deltas = deltasOf(after.header);
    // The factors of 'one.zkey', drawn again from the injected randomness.
    const stream = seededStream(seedOf(3));
    const first = stream.scalar();
    stream.pointG1();
    const secrets = [first, stream.scalar()] as const;
    for (const [j, secret] of secrets.entries()) {
      expect(fromNobleG1(bn254.G1.Point.BASE.multiply(secret))).toEqual(deltas[j]);
    }
    const inverse = secrets.map((secret) => Fr.inv(secret));
    for (const i of [0, 1, 2, 3, 7, 8, 12, 40, 64, 65]) {
      const round = (partition[i >> 3]! >> (i & 7)) & 1 ? 0 : 1;
      const stored = before.read('privateBasis', 64 * i, 64);
      const point = decodeG1(stored);
      const expected =
        point.x === 0n
          ? stored
          : encodeG1(fromNobleG1(bn254.G1.Point.fromAffine(point).multiply(inverse[round]!)));
      expect(after.read('privateBasis', 64 * i, 64)).toEqual(expected);
    }
    const h = bn254.G1.Point.fromAffine(decodeG1(before.read('h', 64 * 5, 64)));
    expect(decodeG1(after.read('h', 64 * 5, 64))).toEqual(fromNobleG1(h.multiply(inverse[1]!)));
  });

  it('default: the ceremony verifies', async () => {
    expect(await verify(at('initial.zkey'))).toMatchObject({ ok: true, contributions: [] });
    expect(await verify(at('final.zkey'))).toMatchObject({
      ok: true,
      contributions: [{ name: 'first' }, { name: 'second' }, { kind: 'beacon', iterationsExp: 10 }],
    });
  });

  it('error: PARTITION_MISSING, and a partition that is not the circuit’s', async () => {
    const without = verifyCeremony({ zkeyPath: at('one.zkey'), r1csPath, ptauPath, engine });
    await expect(without).rejects.toMatchObject({ code: 'PARTITION_MISSING' });
    const other = Uint8Array.from(partition);
    other[0]! ^= 2;
    expect(await verify(at('one.zkey'), other)).toMatchObject({ ok: false, code: 'CIRCUIT_MISMATCH' });
  });

  it('error: the partition of the key changed', async () => {
    const flip = (bits: Uint8Array): void => {
      bits[0]! ^= 2;
    };
    expect(await outcome('one.zkey', { sections: { partition: flip } })).toBe('SECTION_MISMATCH');
  });

  it('error: a first-round point scaled as a second-round one, and the other way round', async () => {
    const exchange = (a: number, b: number) => (content: Uint8Array) => {
      const first = content.slice(64 * a, 64 * a + 64);
      content.copyWithin(64 * a, 64 * b, 64 * b + 64);
      content.set(first, 64 * b);
    };
    expect(await outcome('final.zkey', { sections: { privateBasis: exchange(0, 2) } })).toBe('BASIS_RATIO');
    expect(await outcome('final.zkey', { sections: { privateBasis: exchange(1, 3) } })).toBe('BASIS_RATIO');
    expect(await outcome('final.zkey', { sections: { h: exchange(1, 3) } })).toBe('H_RATIO');
  });

  it('error: halves of two contributions spliced', async () => {
    await contribute({ zkeyPath: at('one.zkey'), outPath: at('other.zkey'), engine, name: 'second' });
    const other = openZkey(at('other.zkey'));
    const theirs = other.contributions().list[1]!;
    const spliced = ([first, second]: readonly Contribution[]): Contribution[] => [
      first!,
      {
        ...second!,
        proofs: [theirs.proofs[0]!, second!.proofs[1]!],
        deltaAfter: [theirs.deltaAfter[0]!, second!.deltaAfter[1]!],
      },
    ];
    const header = (h: ZkeyHeader): ZkeyHeader => ({
      ...h,
      firstRound: {
        ...h.firstRound!,
        deltaG1: other.header.firstRound!.deltaG1,
        deltaG2: other.header.firstRound!.deltaG2,
      },
    });
    expect(await outcome('two.zkey', { list: spliced, header })).toBe('CONTRIBUTION_TRANSCRIPT');
    other.close();
  });

  it('error: the factors exchanged', async () => {
    const exchanged = (list: readonly Contribution[]): Contribution[] =>
      list.map((c) => ({ ...c, proofs: [...c.proofs].reverse(), deltaAfter: [...c.deltaAfter].reverse() }));
    expect(await outcome('one.zkey', { list: exchanged })).toBe('CONTRIBUTION_TRANSCRIPT');
  });

  it('error: the last contributor copies delta 2 into delta 1, with whatever proof he can make', async () => {
    const zkey = openZkey(at('one.zkey'));
    const forged = copyDelta(zkey);
    expect(await outcome('one.zkey', forged)).toBe('CONTRIBUTION_PROOF');
    zkey.close();
  });

  it('error: a first contributor who takes the same factor twice', async () => {
    const zkey = openZkey(at('initial.zkey'));
    const { circuitHash } = zkey.contributions();
    const stream = { ...seededStream(seedOf(8)), scalar: () => 12345n };
    const factors = drawFactors(stream, createTranscript(circuitHash), deltasOf(zkey.header));
    const record: Contribution = { kind: 'random', ...factors };
    const [g1, g2] = [decodeG1(factors.deltaAfter[0]!), fromNobleG2(bn254.G2.Point.BASE.multiply(12345n))];
    const header = (h: ZkeyHeader): ZkeyHeader => ({
      ...h,
      deltaG1: g1,
      deltaG2: g2,
      firstRound: { ...h.firstRound!, deltaG1: g1, deltaG2: g2 },
    });
    expect(await outcome('initial.zkey', { header, list: () => [record] })).toBe('DELTA_RELATION');
    zkey.close();
  });

  it('error: delta 1 of the header is another in G2, or in G1', async () => {
    const one = { g1: fromNobleG1(bn254.G1.Point.BASE), g2: fromNobleG2(bn254.G2.Point.BASE) };
    const inG2 = (h: ZkeyHeader): ZkeyHeader => ({ ...h, firstRound: { ...h.firstRound!, deltaG2: one.g2 } });
    const inG1 = (h: ZkeyHeader): ZkeyHeader => ({ ...h, firstRound: { ...h.firstRound!, deltaG1: one.g1 } });
    expect(await outcome('final.zkey', { header: inG2 })).toBe('DELTA_MISMATCH');
    expect(await outcome('final.zkey', { header: inG1 })).toBe('DELTA_MISMATCH');
  });

  it('error: another circuit hash in section 11', async () => {
    const header = (h: ZkeyHeader): ZkeyHeader => ({
      ...h,
      firstRound: { ...h.firstRound!, circuitHash: new Uint8Array(32) },
    });
    expect(await outcome('final.zkey', { header })).toBe('CIRCUIT_MISMATCH');
  });
});

/** The seed that `contribute` makes of constant random bytes and no entropy. */
function seedOf(fill: number): Uint8Array {
  return contributionSeed(new Uint8Array(64).fill(fill), '');
}

/** A contribution with δ₁ := δ₂: y₂ is honest, and the proof for δ₁ is made with y₂ under the label of δ₁. */
function copyDelta(zkey: Zkey): Changes {
  const { circuitHash, list } = zkey.contributions();
  const transcript = createTranscript(circuitHash);
  for (const contribution of list) transcript.append(contribution);
  const factors = drawFactors(seededStream(seedOf(8)), transcript, deltasOf(zkey.header));
  const copied = [factors.deltaAfter[1]!, factors.deltaAfter[1]!];
  const proofs = [factors.proofs[1]!, factors.proofs[1]!];
  const digest = transcript.next(proofs, copied);
  const y2 = factors.secrets[1]!;
  const proved = factorBases(digest, 2).map((base, j) => ({
    ...proofs[j]!,
    g2spx: encodeG2(fromNobleG2(toNoble(base).multiply(y2))),
  }));
  const deltaG2 = fromNobleG2(toNoble(zkey.header.deltaG2).multiply(y2));
  const deltaG1 = decodeG1(copied[0]!);
  return {
    list: (old) => [...old, { kind: 'random', deltaAfter: copied, proofs: proved, transcript: digest }],
    header: (h) => ({ ...h, deltaG1, deltaG2, firstRound: { ...h.firstRound!, deltaG1, deltaG2 } }),
  };
}

function toNoble(point: ReturnType<typeof decodeG2>) {
  const [x, y] = [point.x, point.y];
  return bn254.G2.Point.fromAffine({ x: { c0: x[0], c1: x[1] }, y: { c0: y[0], c1: y[1] } });
}
