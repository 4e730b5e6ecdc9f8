import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAtomicFile, writeFileAtomically } from '../../src/formats/atomic-file.js';
import { encodeContributions, parseContributions } from '../../src/formats/contributions.js';
import { encodeG1, encodeG2 } from '../../src/formats/points.js';
import { openPtau } from '../../src/formats/ptau.js';
import { readWitness, writeWitness } from '../../src/formats/wtns.js';
import {
  checkAllCoefficients,
  createZkeyWriter,
  openZkey,
  readVerificationKey,
  readZkeyHeader,
  type ZkeyHeader,
} from '../../src/formats/zkey.js';
import { FileError } from '../../src/statement/errors.js';
import { fixture, fixturePath, fixturesAvailable, fixtureText } from '../support/fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'keys-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FILES = 'vectors/snarkjs-files';

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof FileError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe.skipIf(!fixturesAvailable)('openZkey on the rapidsnark key', () => {
  const bytes = fixturesAvailable ? fixture(`${FILES}/rapidsnark_circuit_final.zkey`) : Buffer.alloc(0);

  it('default: header and verification key agree with the exported JSON', async () => {
    const zkey = openZkey(fixturePath(`${FILES}/rapidsnark_circuit_final.zkey`));
    const json = JSON.parse(fixtureText(`${FILES}/rapidsnark_verification_key.json`));
    const key = readVerificationKey(zkey);
    expect(key.system).toBe('groth16');
    expect(key.publicCount).toBe(json.nPublic);
    expect([key.alpha1.x, key.alpha1.y]).toEqual(json.vk_alpha_1.slice(0, 2).map(BigInt));
    expect([key.beta2.x, key.beta2.y]).toEqual(
      json.vk_beta_2.slice(0, 2).map((c: string[]) => c.map(BigInt)),
    );
    expect([key.delta2.x, key.delta2.y]).toEqual(
      json.vk_delta_2.slice(0, 2).map((c: string[]) => c.map(BigInt)),
    );
    expect(key.ic.map(({ x, y }) => [x, y])).toEqual(json.IC.map((p: string[]) => p.slice(0, 2).map(BigInt)));
    expect(zkey.header).toMatchObject({ wires: 1003, publicCount: 1, domainLog: 10 });
    await checkAllCoefficients(zkey);
    zkey.close();
  });

  it('behavior: the contributions section round-trips byte for byte', () => {
    const zkey = openZkey(bytes);
    const section = zkey.container.read(10);
    const contributions = zkey.contributions();
    expect(contributions.list.length).toBe(3);
    expect(Buffer.from(encodeContributions(contributions))).toEqual(Buffer.from(section));
  });

  it('behavior: a key copied section by section has the same content', async () => {
    const zkey = openZkey(bytes);
    const path = join(folder, 'copy.zkey');
    const writer = await createZkeyWriter(path, zkey.header, zkey.coefficientCount);
    for (const section of ['ic', 'coefficients', 'a', 'b1', 'b2', 'privateBasis', 'h'] as const) {
      const content = new Uint8Array(zkey.sectionBytes(section));
      await zkey.load(section, content);
      await writer.section(section, content);
    }
    await writer.contributions(zkey.contributions());
    await writer.commit();
    const copy = openZkey(path);
    for (let id = 1; id <= 10; id++)
      expect(Buffer.from(copy.container.read(id))).toEqual(Buffer.from(zkey.container.read(id)));
    copy.close();
  });

  const at = (id: number): number => openZkey(bytes).container.section(id).offset;
  const spoiled: [string, string, (b: Buffer) => void][] = [
    ['another protocol', 'PROTOCOL_UNSUPPORTED', (b) => b.writeUInt32LE(2, at(1))],
    ['another base field', 'FIELD_MISMATCH', (b) => b.writeUInt8(0, at(2) + 4)],
    ['another scalar field', 'FIELD_MISMATCH', (b) => b.writeUInt8(0, at(2) + 40)],
    ['a wire more', 'SECTION_SIZE', (b) => b.writeUInt32LE(1004, at(2) + 72)],
    ['no wires', 'COUNT_MISMATCH', (b) => b.writeUInt32LE(0, at(2) + 72)],
    ['a public input more', 'SECTION_SIZE', (b) => b.writeUInt32LE(2, at(2) + 76)],
    ['a domain that is no power of two', 'COUNT_MISMATCH', (b) => b.writeUInt32LE(1025, at(2) + 80)],
    ['a domain of 0', 'COUNT_MISMATCH', (b) => b.writeUInt32LE(0, at(2) + 80)],
    ['another domain', 'SECTION_SIZE', (b) => b.writeUInt32LE(2048, at(2) + 80)],
    ['alpha off the curve', 'POINT_INVALID', (b) => b.writeUInt8(b[at(2) + 84]! ^ 1, at(2) + 84)],
    ['delta at infinity', 'POINT_INVALID', (b) => b.fill(0, at(2) + 468, at(2) + 532)],
    ['gamma off the curve', 'POINT_INVALID', (b) => b.writeUInt8(b[at(2) + 340]! ^ 1, at(2) + 340)],
    ['a coefficient more', 'SECTION_SIZE', (b) => b.writeUInt32LE(b.readUInt32LE(at(4)) + 1, at(4))],
    ['no partition in a two-round key', 'SECTION_MISSING', (b) => b.writeUInt32LE(1001, at(1))],
    ['contributions renamed to a first round', 'SECTION_UNKNOWN', (b) => b.writeUInt32LE(11, at(10) - 12)],
    ['two H sections', 'SECTION_DUPLICATE', (b) => b.writeUInt32LE(9, at(10) - 12)],
  ];
  for (const [what, code, spoil] of spoiled) {
    it(`error: ${what} is ${code}`, async () => {
      const changed = Buffer.from(bytes);
      spoil(changed);
      expect(await codeOf(() => openZkey(changed))).toBe(code);
    });
  }

  it('error: coefficients out of range', async () => {
    const spoil = async (offset: number, value: number) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt32LE(value, at(4) + 4 + 44 * 1000 + offset);
      return codeOf(() => checkAllCoefficients(openZkey(changed)));
    };
    expect(await spoil(0, 2)).toBe('INDEX_RANGE');
    expect(await spoil(4, 1024)).toBe('INDEX_RANGE');
    expect(await spoil(8, 1003)).toBe('INDEX_RANGE');
    expect(await spoil(40, 0xffffffff)).toBe('VALUE_NOT_CANONICAL');
    expect(await spoil(4, 1023)).toBe('accepted');
  });

  it('error: malformed contributions', async () => {
    const spoil = (offset: number, value: number) => {
      const changed = Buffer.from(bytes);
      changed.writeUInt32LE(value, at(10) + offset);
      return codeOf(() => openZkey(changed).contributions());
    };
    expect(await spoil(64, 4)).toBe('SECTION_SIZE');
    expect(await spoil(64, 2)).toBe('SECTION_SIZE');
    expect(await spoil(64, 0xffffffff)).toBe('SECTION_SIZE');
    const type = 68 + 3 * 64 + 128 + 64;
    expect(await spoil(type, 2)).toBe('CONTRIBUTION_INVALID');
    expect(await spoil(type, 1)).toBe('CONTRIBUTION_INVALID');
    expect(await spoil(type + 4, 0xffffff)).toBe('SECTION_SIZE');
    expect(await spoil(type + 8, 0x04040404)).toBe('CONTRIBUTION_INVALID');
  });
});

describe('two-round keys', () => {
  const g1 = { x: 1n, y: 2n };
  const g2 = {
    x: [
      10857046999023057135944570762232829481370756359578518086990519993285655852781n,
      11559732032986387107991004021392285783925812861821192530917403151452391805634n,
    ],
    y: [
      8495653923123431417604973247489272438418190587263600148770280649306958101930n,
      4082367875863433681332203403145435568316851327593401208105741076214120093531n,
    ],
  } as const;
  const header: ZkeyHeader = {
    system: 'ultragroth',
    wires: 12,
    publicCount: 1,
    domainLog: 2,
    alpha1: g1,
    beta1: g1,
    beta2: g2,
    gamma2: g2,
    deltaG1: g1,
    deltaG2: g2,
    firstRound: { circuitHash: createHash('sha256').update('x').digest(), deltaG1: g1, deltaG2: g2 },
  };
  async function write(name: string, partition: Uint8Array): Promise<string> {
    const path = join(folder, name);
    const writer = await createZkeyWriter(path, header, 1);
    const points = (count: number) => Buffer.concat(Array.from({ length: count }, () => encodeG1(g1)));
    await writer.section('coefficients', new Uint8Array(44));
    await writer.section('ic', points(2));
    await writer.section('a', points(12));
    await writer.section('b1', points(12));
    await writer.section('b2', Buffer.concat(Array.from({ length: 12 }, () => encodeG2(g2))));
    await writer.section('privateBasis', points(10));
    await writer.section('h', points(4));
    await writer.contributions({ circuitHash: new Uint8Array(64), list: [] });
    await writer.section('partition', partition);
    await writer.commit();
    return path;
  }

  it('default: read back as written', async () => {
    const path = await write('two.zkey', Uint8Array.of(0b101, 0b10, 0, 0, 0, 0, 0, 0));
    const zkey = openZkey(path);
    expect(readZkeyHeader(path)).toEqual({
      ...header,
      firstRound: { ...header.firstRound, circuitHash: new Uint8Array(header.firstRound!.circuitHash) },
    });
    expect(zkey.partition()).toEqual(Uint8Array.of(5, 2, 0, 0, 0, 0, 0, 0));
    expect(readVerificationKey(zkey).delta1).toEqual(g2);
    expect(zkey.contributions().list).toEqual([]);
    zkey.close();
  });

  it('error: a padding bit of the partition, a wrong size, a section twice', async () => {
    const path = await write('padding.zkey', Uint8Array.of(0, 0b100, 0, 0, 0, 0, 0, 0));
    expect(await codeOf(() => openZkey(path).partition())).toBe('VALUE_NOT_CANONICAL');
    await expect(write('short.zkey', new Uint8Array(7))).rejects.toThrow(RangeError);
    expect(readdirSync(folder).filter((name) => name.includes('short'))).toEqual([]);
  });

  it('behavior: contributions of two factors round-trip', () => {
    const fill = (count: number, value: number) => new Uint8Array(count).fill(value);
    const proof = (value: number) => ({
      g1s: fill(64, value),
      g1sx: fill(64, value + 1),
      g2spx: fill(128, value + 2),
    });
    const contributions = {
      circuitHash: fill(64, 9),
      list: [
        {
          deltaAfter: [fill(64, 1), fill(64, 2)],
          proofs: [proof(3), proof(6)],
          transcript: fill(64, 10),
          kind: 'random' as const,
          name: 'Zoë',
        },
        {
          deltaAfter: [fill(64, 1), fill(64, 2)],
          proofs: [proof(3), proof(6)],
          transcript: fill(64, 10),
          kind: 'beacon' as const,
          iterationsExp: 10,
          beaconHash: fill(32, 11),
        },
      ],
    };
    const raise = (code: string) => new Error(code);
    expect(parseContributions(encodeContributions(contributions), 2, raise)).toEqual(contributions);
  });
});

describe.skipIf(!fixturesAvailable)('openPtau on the Hermez file', () => {
  const bytes = fixturesAvailable ? fixture(`${FILES}/powersOfTau28_hez_final_08.ptau`) : Buffer.alloc(0);
  const at = (id: number): number => openPtau(bytes).container.section(id).offset;

  it('default: power, ceremony power, prepared', () => {
    const ptau = openPtau(fixturePath(`${FILES}/powersOfTau28_hez_final_08.ptau`));
    expect(ptau).toMatchObject({ power: 8, ceremonyPower: 28, isPrepared: true });
    ptau.close();
  });

  const spoiled: [string, string, (b: Buffer) => void][] = [
    ['power 7', 'SECTION_SIZE', (b) => b.writeUInt32LE(7, at(1) + 36)],
    ['power 0', 'COUNT_MISMATCH', (b) => b.writeUInt32LE(0, at(1) + 36)],
    ['power 29', 'COUNT_MISMATCH', (b) => b.writeUInt32LE(29, at(1) + 36)],
    ['a ceremony smaller than the file', 'COUNT_MISMATCH', (b) => b.writeUInt32LE(7, at(1) + 40)],
    ['another curve', 'FIELD_MISMATCH', (b) => b.writeUInt8(0, at(1) + 4)],
    ['another first point', 'PTAU_INCONSISTENT', (b) => b.copy(b, at(2), at(2) + 64, at(2) + 128)],
    ['a τ of its own in G1', 'PTAU_INCONSISTENT', (b) => b.copy(b, at(2) + 64, at(2) + 128, at(2) + 192)],
    ['β for α', 'PTAU_INCONSISTENT', (b) => b.copy(b, at(4), at(5), at(5) + 64)],
    ['α for β', 'PTAU_INCONSISTENT', (b) => b.copy(b, at(5), at(4), at(4) + 128)],
    ['a point off the curve', 'POINT_INVALID', (b) => b.writeUInt8(b[at(6)]! ^ 1, at(6))],
    ['a Lagrange section twice', 'SECTION_DUPLICATE', (b) => b.writeUInt32LE(12, at(13) - 12)],
  ];
  for (const [what, code, spoil] of spoiled) {
    it(`error: ${what} is ${code}`, async () => {
      const changed = Buffer.from(bytes);
      spoil(changed);
      expect(await codeOf(() => openPtau(changed))).toBe(code);
    });
  }
});

describe('readWitness', () => {
  const values = Buffer.concat([Uint8Array.of(1), new Uint8Array(31), new Uint8Array(32).fill(7)]);

  it.skipIf(!fixturesAvailable)('default: writes the bytes that circom wrote', async () => {
    const original = fixture(`${FILES}/snarkjs_groth16__witness.wtns`);
    const path = join(folder, 'again.wtns');
    await writeWitness(path, readWitness(original));
    expect(readFileSync(path)).toEqual(original);
  });

  it('error: each malformed part', async () => {
    const path = join(folder, 'w.wtns');
    await writeWitness(path, values);
    const bytes = readFileSync(path);
    expect(Buffer.from(readWitness(path))).toEqual(values);
    const spoil = (change: (b: Buffer) => unknown) => {
      const changed = Buffer.from(bytes);
      change(changed);
      return codeOf(() => readWitness(changed));
    };
    expect(await spoil((b) => b.writeUInt32LE(1, 4))).toBe('FILE_VERSION');
    expect(await spoil((b) => b.writeUInt32LE(3, 60))).toBe('SECTION_SIZE');
    expect(await spoil((b) => b.writeUInt32LE(0, 60))).toBe('COUNT_MISMATCH');
    expect(await spoil((b) => b.writeUInt8(2, 76))).toBe('VALUE_NOT_CANONICAL');
    expect(await spoil((b) => b.fill(255, 108, 140))).toBe('VALUE_NOT_CANONICAL');
    expect(await spoil((b) => b.writeUInt8(0, 28))).toBe('FIELD_MISMATCH');
    await expect(writeWitness(path, new Uint8Array(33))).rejects.toThrow(RangeError);
  });
});

describe('atomic files', () => {
  it('default: appears at commit, whole', async () => {
    const path = join(folder, 'sub/atomic.bin');
    const file = await createAtomicFile(path);
    const chunk = Buffer.alloc(700_000, 5);
    for (let i = 0; i < 4; i++) await file.write(chunk);
    expect(await codeOf(() => readWitness(path))).toBe('FILE_NOT_FOUND');
    await file.commit();
    expect(readFileSync(path).length).toBe(2_800_000);
    expect(readdirSync(join(folder, 'sub'))).toEqual(['atomic.bin']);
  });

  it('behavior: abort leaves the old file and nothing else', async () => {
    const path = join(folder, 'sub2/kept.txt');
    await writeFileAtomically(path, 'old');
    const file = await createAtomicFile(path);
    await file.write(Buffer.from('new'));
    await file.abort();
    await file.abort();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(join(folder, 'sub2'))).toEqual(['kept.txt']);
    await expect(file.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });

  it('error: a folder in the way is FILE_UNWRITABLE', async () => {
    expect(await codeOf(() => writeFileAtomically(folder, 'x'))).toBe('FILE_UNWRITABLE');
    expect(
      readdirSync(join(folder, '..')).filter((n) => n.includes('keys-test') && n.endsWith('.part')),
    ).toEqual([]);
  });
});
