import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { createR1cs, encodeWitness, type R1cs, writeR1cs } from '../../src/formats/r1cs.js';
import { createZkeyWriter, openZkey, type ZkeyHeader, type ZkeySection } from '../../src/formats/zkey.js';
import { fromNobleG1, fromNobleG2, g1Multiple, toNobleG1, toNobleG2 } from '../../src/groth16/points.js';
import { prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey } from '../../src/groth16/proving-key.js';
import { developmentSetup, hashFile } from '../../src/groth16/setup.js';
import { g2Multiple } from '../../src/statement/arithmetic.js';
import { DEVELOPMENT_GAMMA, isDevelopmentKey } from '../../src/statement/keys.js';
import type { G1, G2 } from '../../src/statement/types.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { bitCircuit, bitWitness, productCircuit, type ToyCircuit, toyR1cs } from './toy.js';

const folder = mkdtempSync(join(tmpdir(), 'proving-key-test-'));
const at = (name: string): string => join(folder, name);

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function setupToy(name: string, circuit: ToyCircuit): Promise<string> {
  await writeR1cs(at(`${name}.r1cs`), toyR1cs(circuit));
  const isSecond = (wire: number): boolean =>
    circuit.firstRound !== undefined && wire > circuit.publicCount && !circuit.firstRound.has(wire);
  const lines = circuit.wires
    .slice(1)
    .map((wire, i) => `${i + 1},${i + 1},0,main.${isSecond(i + 1) ? `ch${wire.toUpperCase()}` : wire}`);
  writeFileSync(at(`${name}.sym`), lines.join('\n'));
  await developmentSetup({
    r1csPath: at(`${name}.r1cs`),
    symPath: at(`${name}.sym`),
    zkeyPath: at(`${name}.zkey`),
    engine,
  });
  return at(`${name}.zkey`);
}

const CONTENTS: readonly ZkeySection[] = ['ic', 'coefficients', 'a', 'b1', 'b2', 'privateBasis', 'h'];

type Change = {
  readonly header?: Partial<ZkeyHeader>;
  readonly section?: (name: ZkeySection, bytes: Uint8Array) => void;
};

/** A copy of a key with another header or other contents. */
async function altered(path: string, { header, section }: Change): Promise<string> {
  const key = openZkey(path);
  const target = at('altered.zkey');
  try {
    const writer = await createZkeyWriter(target, { ...key.header, ...header }, key.coefficientCount);
    for (const name of CONTENTS) {
      const bytes = key.read(name);
      section?.(name, bytes);
      await writer.section(name, bytes);
    }
    await writer.contributions(key.contributions());
    const bits = key.partition();
    if (bits !== undefined) {
      section?.('partition', bits);
      await writer.section('partition', bits);
    }
    await writer.commit();
  } finally {
    key.close();
  }
  return target;
}

async function loadCode(path: string, circuitHash?: Uint8Array): Promise<string> {
  const before = engine.memory().usedBytes;
  try {
    (await loadProvingKey({ path, engine, ...(circuitHash && { circuitHash }) })).close();
  } catch (error) {
    expect(engine.memory().usedBytes).toBe(before);
    return (error as { code?: string }).code ?? String(error);
  }
  return 'accepted';
}

const generator = g2Multiple(1n);
const negated = (point: G2): G2 => fromNobleG2(toNobleG2(point).negate());
const infinity1: G1 = { x: 0n, y: 0n };
const infinity2: G2 = { x: [0n, 0n], y: [0n, 0n] };
const offCurve1: G1 = { x: 1n, y: 3n };
const offCurve2: G2 = { x: generator.x, y: [generator.y[0] + 1n, generator.y[1]] };

describe('weak and damaged keys', () => {
  let plain: string;
  let twoRound: string;
  beforeAll(async () => {
    plain = await setupToy('plain', productCircuit);
    twoRound = await setupToy('two-round', bitCircuit());
  });

  it('default: unaltered copies load', async () => {
    expect(await loadCode(await altered(plain, {}))).toBe('accepted');
    expect(await loadCode(await altered(twoRound, {}))).toBe('accepted');
    expect(readFileSync(at('altered.zkey')).length).toBe(readFileSync(twoRound).length);
  });

  it('error: plain keys with relations that forge', async () => {
    const { gamma2, beta2 } = openHeader(plain);
    const weak: readonly Partial<ZkeyHeader>[] = [
      { deltaG2: gamma2 },
      { deltaG2: negated(gamma2) },
      { deltaG2: generator },
      { deltaG2: negated(generator) },
      { deltaG2: beta2 },
      { gamma2: beta2 },
      { gamma2: negated(beta2) },
      { deltaG2: g2Multiple(DEVELOPMENT_GAMMA) },
    ];
    for (const header of weak) expect(await loadCode(await altered(plain, { header }))).toBe('KEY_WEAK');
    expect(await loadCode(await altered(plain, { header: { gamma2: generator } }))).toBe('accepted');
  });

  it('error: two-round keys with relations that forge', async () => {
    const { gamma2, deltaG2, firstRound } = openHeader(twoRound);
    for (const point of [deltaG2, negated(deltaG2), gamma2, negated(gamma2), generator, negated(generator)]) {
      const header = { firstRound: { ...firstRound!, deltaG2: point } };
      expect(await loadCode(await altered(twoRound, { header }))).toBe('KEY_WEAK');
    }
    expect(await loadCode(await altered(twoRound, { header: { deltaG2: gamma2 } }))).toBe('KEY_WEAK');
  });

  it('error: points at infinity or off the curve', async () => {
    const { firstRound } = openHeader(twoRound);
    const bad: readonly Partial<ZkeyHeader>[] = [
      ...[infinity1, offCurve1].flatMap((point) => [{ alpha1: point }, { beta1: point }, { deltaG1: point }]),
      ...[infinity2, offCurve2].flatMap((point) => [{ beta2: point }, { gamma2: point }, { deltaG2: point }]),
    ];
    for (const header of bad) expect(await loadCode(await altered(plain, { header }))).toBe('POINT_INVALID');
    for (const deltaG2 of [infinity2, offCurve2]) {
      const header = { firstRound: { ...firstRound!, deltaG2 } };
      expect(await loadCode(await altered(twoRound, { header }))).toBe('POINT_INVALID');
    }
    for (const deltaG1 of [infinity1, offCurve1]) {
      const header = { firstRound: { ...firstRound!, deltaG1 } };
      expect(await loadCode(await altered(twoRound, { header }))).toBe('POINT_INVALID');
    }
    const zeroIc: Change = { section: (name, bytes) => name === 'ic' && bytes.fill(0, 64, 128) };
    expect(await loadCode(await altered(plain, zeroIc))).toBe('POINT_INVALID');
  });

  it('error: coefficients that point outside the key, bits that mean no wire', async () => {
    const record =
      (change: (bytes: Uint8Array) => void): Change['section'] =>
      (name, bytes) => {
        if (name === 'coefficients') change(bytes);
      };
    const attempts: readonly [Change['section'], string][] = [
      [record((bytes) => bytes.fill(2, 0, 1)), 'INDEX_RANGE'],
      [record((bytes) => bytes.fill(255, 4, 8)), 'INDEX_RANGE'],
      [record((bytes) => bytes.fill(255, 8, 12)), 'INDEX_RANGE'],
      [record((bytes) => bytes.fill(255, 12, 44)), 'VALUE_NOT_CANONICAL'],
      [
        (name, bytes) => {
          if (name === 'partition') bytes[7] = 128;
        },
        'VALUE_NOT_CANONICAL',
      ],
    ];
    for (const [section, code] of attempts) {
      expect(await loadCode(await altered(twoRound, { section: section! }))).toBe(code);
    }
  });

  it('error: the key of another circuit', async () => {
    const [mine, other] = [await hashFile(at('two-round.r1cs')), await hashFile(at('plain.r1cs'))];
    expect(await loadCode(twoRound, mine)).toBe('accepted');
    expect(await loadCode(twoRound, other)).toBe('KEY_OF_OTHER_CIRCUIT');
    expect(await loadCode(plain, other)).toBe('accepted');
    expect(await loadCode(plain, mine)).toBe('KEY_OF_OTHER_CIRCUIT');
  });

  it('error: files cut anywhere', async () => {
    const whole = readFileSync(twoRound);
    for (let cut = 0; cut < whole.length; cut += 97) {
      writeFileSync(at('cut.zkey'), whole.subarray(0, cut));
      expect(await loadCode(at('cut.zkey'))).toMatch(/^FILE_/);
    }
    writeFileSync(at('cut.zkey'), Buffer.concat([whole, Buffer.alloc(1)]));
    expect(await loadCode(at('cut.zkey'))).toBe('FILE_TRAILING_BYTES');
  });

  it('error: a wire moved to the other round gives proofs that fail', async () => {
    const circuit = bitCircuit();
    const change: Change = {
      section: (name, bytes) => {
        if (name === 'partition') bytes[0]! ^= 0b100;
      },
    };
    const key = await loadProvingKey({ path: await altered(twoRound, change), engine });
    try {
      const { proof } = await prove({ key, witness: (x) => encodeWitness(bitWitness(circuit, 1n, x)) });
      expect(verifyProof(prepareKey(exportVerificationKey(twoRound)), proof, [1n])).toMatchObject({
        ok: false,
        code: 'PROOF_INVALID',
      });
    } finally {
      key.close();
    }
  });

  it('behavior: development keys carry the published gamma, others do not', async () => {
    expect(isDevelopmentKey(exportVerificationKey(plain))).toBe(true);
    expect(isDevelopmentKey(exportVerificationKey(twoRound))).toBe(true);
    const other = await altered(plain, { header: { gamma2: g2Multiple(77n) } });
    expect(isDevelopmentKey(exportVerificationKey(other))).toBe(false);
  });
});

describe('circuits at the edge', () => {
  const one = { wire: 0, value: 1n };
  const square = { a: [{ wire: 1, value: 1n }], b: [{ wire: 1, value: 1n }], c: [one] };
  const cases: readonly [string, R1cs, readonly bigint[], readonly bigint[]][] = [
    [
      'no private wire',
      createR1cs({ wires: 2, publicOutputs: 0, publicInputs: 1, privateInputs: 0 }, [square]),
      [1n, 1n],
      [1n],
    ],
    [
      'no public input',
      createR1cs({ wires: 2, publicOutputs: 0, publicInputs: 0, privateInputs: 1 }, [square]),
      [1n, 1n],
      [],
    ],
    [
      'no row',
      createR1cs({ wires: 3, publicOutputs: 0, publicInputs: 1, privateInputs: 1 }, []),
      [1n, 5n, 6n],
      [5n],
    ],
    [
      'only the constant',
      createR1cs({ wires: 1, publicOutputs: 0, publicInputs: 0, privateInputs: 0 }, []),
      [1n],
      [],
    ],
    [
      'empty rows and zero coefficients',
      createR1cs({ wires: 3, publicOutputs: 1, publicInputs: 0, privateInputs: 1 }, [
        { a: [], b: [], c: [] },
        { a: [{ wire: 2, value: 0n }], b: [one], c: [] },
        { a: [{ wire: 2, value: 3n }], b: [one, one], c: [{ wire: 1, value: 6n }] },
      ]),
      [1n, 4n, 4n],
      [4n],
    ],
  ];

  it.each(cases)('default: %s', async (name, r1cs, witness, publicInputs) => {
    const path = at(`${name.replaceAll(' ', '-')}.r1cs`);
    await writeR1cs(path, r1cs);
    await developmentSetup({ r1csPath: path, zkeyPath: at('edge.zkey'), engine });
    const key = await loadProvingKey({ path: at('edge.zkey'), engine });
    try {
      const result = await prove({ key, witness: encodeWitness(witness), circuit: { r1cs } });
      expect(result.publicInputs).toEqual(publicInputs);
      const prepared = prepareKey(key.verificationKey);
      expect(verifyProof(prepared, result.proof, publicInputs).ok).toBe(true);
      const wrong = publicInputs.length === 0 ? [1n] : publicInputs.map((input) => input + 1n);
      expect(verifyProof(prepared, result.proof, wrong).ok).toBe(false);
    } finally {
      key.close();
    }
  });
});

describe('points', () => {
  it('behavior: plain data, library and back, infinity included', () => {
    for (const point of [g1Multiple(5n), infinity1]) expect(fromNobleG1(toNobleG1(point))).toEqual(point);
    for (const point of [g2Multiple(5n), infinity2]) expect(fromNobleG2(toNobleG2(point))).toEqual(point);
  });
});

function openHeader(path: string): ZkeyHeader {
  const key = openZkey(path);
  key.close();
  return key.header;
}
