import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import type { Engine } from '../../src/engine/types.js';
import { encodeWitness, readR1cs, writeR1cs } from '../../src/formats/r1cs.js';
import { readSymbols } from '../../src/formats/symbols.js';
import { readWitness, writeWitness } from '../../src/formats/wtns.js';
import { developmentSecrets } from '../../src/groth16/development-secrets.js';
import { compareRuns, partitionByNames } from '../../src/groth16/partition.js';
import { checkPartition } from '../../src/groth16/partition-check.js';
import { PLACEHOLDER_CHALLENGE, type ProveOptions, prove } from '../../src/groth16/prove.js';
import { exportVerificationKey, loadProvingKey, type ProvingKey } from '../../src/groth16/proving-key.js';
import {
  type ReferenceCircuit,
  type Row,
  referenceProve,
  referenceSetup,
} from '../../src/groth16/reference.js';
import { developmentSetup, hashFile } from '../../src/groth16/setup.js';
import { assertSatisfied } from '../../src/groth16/witness.js';
import { Fr } from '../../src/math/field.js';
import {
  formatProof,
  formatVerificationKey,
  parseProof,
  parseVerificationKey,
} from '../../src/statement/keys.js';
import type { Groth16Proof, VerificationKey } from '../../src/statement/types.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { compileCircuit, type TestCircuit } from '../support/circuit.js';
import { fixturePath, fixturesAvailable, fixtureText } from '../support/fixtures.js';
import { seededBytes } from '../support/runs.js';
import { lookupCircuitSource, lookupInput, plainCircuitSource } from './lookup-circuit.js';
import {
  bitCircuit,
  bitWitness,
  productCircuit,
  productWitness,
  realChallenge,
  type ToyCircuit,
  toyR1cs,
} from './toy.js';

const folder = mkdtempSync(join(tmpdir(), 'groth16-test-'));
const at = (name: string): string => join(folder, name);
const snarkjs = (...args: string[]): string =>
  execFileSync(process.execPath, [join(process.cwd(), 'node_modules/snarkjs/build/cli.cjs'), ...args], {
    encoding: 'utf8',
  });

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing thrown';
}

/** Blinding that {@link prove} draws from `seededBytes(seed)`, as scalars. */
function blindingOf(seed: number): { r: bigint; s: bigint; kappa: bigint } {
  const random = seededBytes(seed);
  const [r, s, kappa] = [random(48), random(48), random(48)].map((bytes) =>
    Fr.mod(BigInt(`0x${Buffer.from(bytes).toString('hex')}`)),
  ) as [bigint, bigint, bigint];
  return { r, s, kappa };
}

/** Whether snarkjs accepts, run as a program. */
function snarkjsVerifies(
  key: VerificationKey,
  publicInputs: readonly bigint[],
  proof: Groth16Proof,
): boolean {
  writeFileSync(at('key.json'), JSON.stringify(formatVerificationKey(key)));
  writeFileSync(at('public.json'), JSON.stringify(publicInputs.map(String)));
  writeFileSync(at('proof.json'), JSON.stringify(formatProof(proof)));
  try {
    return snarkjs('groth16', 'verify', at('key.json'), at('public.json'), at('proof.json')).includes('OK!');
  } catch {
    return false;
  }
}

const verifies = (key: VerificationKey, inputs: readonly bigint[], proof: Groth16Proof): boolean =>
  verifyProof(prepareKey(key), proof, inputs).ok;

async function withKey<T>(path: string, body: (key: ProvingKey) => Promise<T>, on = engine): Promise<T> {
  const key = await loadProvingKey({ path, engine: on });
  try {
    return await body(key);
  } finally {
    key.close();
  }
}

/** The rows of a compiled circuit for the reference. */
function referenceCircuit(circuit: TestCircuit, firstRound?: ReadonlySet<number>): ReferenceCircuit {
  return {
    wireCount: circuit.wires,
    publicCount: circuit.publicOutputs + circuit.publicInputs,
    rows: circuit.rows.map(({ a, b, c }): Row => ({ a: new Map(a), b: new Map(b), c: new Map(c) })),
    ...(firstRound === undefined ? {} : { firstRound }),
  };
}

describe('plain', () => {
  let circuit: TestCircuit;
  let witness: Uint8Array;
  let values: bigint[];
  const zkeyPath = at('plain.zkey');

  beforeAll(async () => {
    circuit = await compileCircuit(plainCircuitSource);
    values = await circuit.witness({ a: 3n, b: 5n });
    witness = encodeWitness(values);
    await developmentSetup({ r1csPath: circuit.r1csPath, zkeyPath, engine });
  });

  it('default: our proof with our key, accepted by us and by snarkjs', async () => {
    const { proof, publicInputs } = await withKey(zkeyPath, (key) => prove({ key, witness }));
    const key = exportVerificationKey(zkeyPath);
    expect(publicInputs).toEqual([227n]);
    expect(verifies(key, publicInputs, proof)).toBe(true);
    expect(verifies(key, [228n], proof)).toBe(false);
    expect(snarkjsVerifies(key, publicInputs, proof)).toBe(true);
    expect(snarkjsVerifies(key, [228n], proof)).toBe(false);
  });

  it('behavior: snarkjs proves with our key, and exports the same verification key', async () => {
    await writeWitness(at('plain.wtns'), witness);
    snarkjs('groth16', 'prove', zkeyPath, at('plain.wtns'), at('theirs.json'), at('theirs-public.json'));
    const proof = parseProof(JSON.parse(readFileSync(at('theirs.json'), 'utf8')));
    const key = exportVerificationKey(zkeyPath);
    expect(verifies(key, [227n], proof)).toBe(true);
    expect(verifies(key, [226n], proof)).toBe(false);
    snarkjs('zkey', 'export', 'verificationkey', zkeyPath, at('theirs-key.json'));
    const theirs: unknown = JSON.parse(readFileSync(at('theirs-key.json'), 'utf8'));
    expect(JSON.parse(JSON.stringify(formatVerificationKey(key)))).toEqual(theirs);
  });

  it('behavior: equals the reference, key and proof', async () => {
    const secrets = developmentSecrets(await hashFile(circuit.r1csPath));
    const reference = referenceSetup(referenceCircuit(circuit), secrets);
    expect(exportVerificationKey(zkeyPath)).toEqual(reference.verification);
    const ours = await withKey(zkeyPath, (key) => prove({ key, witness, random: seededBytes(7) }));
    const theirs = referenceProve(reference, () => values, blindingOf(7), realChallenge);
    expect(ours.proof).toEqual(theirs.proof);
  });

  it('behavior: the same setup gives the same bytes', async () => {
    await developmentSetup({ r1csPath: circuit.r1csPath, zkeyPath: at('again.zkey'), engine });
    expect(readFileSync(at('again.zkey')).equals(readFileSync(zkeyPath))).toBe(true);
  });

  it('behavior: timings and progress of every stage', async () => {
    const seen: number[] = [];
    const { timings } = await withKey(zkeyPath, (key) =>
      prove({ key, witness, onProgress: ({ done }) => seen.push(done) }),
    );
    expect(Object.keys(timings)).toEqual([
      'witness',
      'rest of key',
      'rows',
      'quotient',
      'sum C',
      'sum A',
      'sum B2',
      'sum B1',
      'assemble',
      'total',
    ]);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
    expect(seen.at(-1)).toBe(1);
  });

  it('error: a wrong witness gives a proof that nobody accepts, and the check names the row', async () => {
    const r1cs = readR1cs(circuit.r1csPath);
    const symbols = readSymbols(circuit.symPath);
    const square = circuit.wire('main.square')!;
    const wrong = encodeWitness(values.map((value, wire) => (wire === square ? value + 1n : value)));
    const { proof, publicInputs } = await withKey(zkeyPath, (key) => prove({ key, witness: wrong }));
    expect(verifies(exportVerificationKey(zkeyPath), publicInputs, proof)).toBe(false);
    expect(() => assertSatisfied(r1cs, wrong, symbols)).toThrow(/row \d+ of \d+ does not hold.*main\.square/);
    expect(await codeOf(() => assertSatisfied(r1cs, wrong, symbols))).toBe('WITNESS_UNSATISFIED');
    expect(() => assertSatisfied(r1cs, witness, symbols)).not.toThrow();
    await withKey(zkeyPath, async (key) => {
      const circuit = { r1cs, symbols };
      expect(await codeOf(() => prove({ key, witness: wrong, circuit }))).toBe('WITNESS_UNSATISFIED');
      expect(Object.keys((await prove({ key, witness, circuit })).timings)).toContain('check');
    });
  });

  it('error: witnesses of another form', async () => {
    const attempt = (bad: Uint8Array): Promise<string> =>
      withKey(zkeyPath, (key) => codeOf(() => prove({ key, witness: bad })));
    expect(await attempt(witness.subarray(32))).toBe('WITNESS_SIZE');
    expect(await attempt(witness.subarray(1))).toBe('WITNESS_SIZE');
    expect(await attempt(encodeWitness([2n, ...values.slice(1)]))).toBe('WITNESS_CONSTANT');
    const large = witness.slice();
    large.fill(255, 64, 96);
    expect(await attempt(large)).toBe('WITNESS_NOT_CANONICAL');
    const atR = witness.slice();
    for (let i = 0; i < 32; i++) atR[64 + i] = Number((Fr.p >> BigInt(8 * i)) & 255n);
    expect(await attempt(atR)).toBe('WITNESS_NOT_CANONICAL');
  });

  it('error: keys that are cut, of another circuit, missing', async () => {
    const whole = readFileSync(zkeyPath);
    writeFileSync(at('cut.zkey'), whole.subarray(0, whole.length - 100));
    const load = (path: string, circuitHash?: Uint8Array): Promise<string> =>
      codeOf(async () =>
        (await loadProvingKey({ path, engine, ...(circuitHash && { circuitHash }) })).close(),
      );
    expect(await load(at('cut.zkey'))).toBe('FILE_TRUNCATED');
    expect(await load(at('nothing.zkey'))).toBe('FILE_NOT_FOUND');
    expect(await load(zkeyPath, new Uint8Array(32))).toBe('KEY_OF_OTHER_CIRCUIT');
    expect(await load(zkeyPath, await hashFile(circuit.r1csPath))).toBe('nothing thrown');
  });

  it('error: verification parts that are weak or damaged', async () => {
    const whole = readFileSync(zkeyPath);
    // Section 2: sections' heads are 12 bytes; header 84 bytes of primes and counts, then α₁ β₁ β₂ γ₂ δ₁ δ₂.
    const points = 12 + 12 + 4 + 12 + 84;
    const [beta2, gamma2, delta2] = [points + 128, points + 256, points + 448];
    const patched = async (change: (bytes: Buffer) => void): Promise<string> => {
      const copy = Buffer.from(whole);
      change(copy);
      writeFileSync(at('bad.zkey'), copy);
      return codeOf(async () => (await loadProvingKey({ path: at('bad.zkey'), engine })).close());
    };
    expect(await patched((key) => key.copy(key, delta2, gamma2, gamma2 + 128))).toBe('KEY_WEAK');
    expect(await patched((key) => key.copy(key, delta2, beta2, beta2 + 128))).toBe('KEY_WEAK');
    expect(await patched((key) => key.fill(0, delta2, delta2 + 128))).toBe('POINT_INVALID');
    expect(await patched((key) => key.writeUInt8(key[delta2]! ^ 1, delta2))).toBe('POINT_INVALID');
  });

  it('error: an aborted signal ends setup, loading and proving; nothing is left', async () => {
    const signal = AbortSignal.abort();
    // The engine keeps roots of unity from the first proof on.
    await withKey(zkeyPath, (key) => prove({ key, witness }));
    const before = engine.memory().usedBytes;
    expect(await codeOf(() => loadProvingKey({ path: zkeyPath, engine, signal }))).toBe('CANCELLED');
    expect(
      await codeOf(() =>
        developmentSetup({ r1csPath: circuit.r1csPath, zkeyPath: at('never.zkey'), engine, signal }),
      ),
    ).toBe('CANCELLED');
    const late = new AbortController();
    expect(
      await codeOf(() =>
        developmentSetup({
          r1csPath: circuit.r1csPath,
          zkeyPath: at('never.zkey'),
          engine,
          signal: late.signal,
          onProgress: ({ stage }) => stage === 'points' && late.abort(),
        }),
      ),
    ).toBe('CANCELLED');
    expect(() => readFileSync(at('never.zkey'))).toThrow();
    await withKey(zkeyPath, async (key) => {
      expect(await codeOf(() => prove({ key, witness, signal }))).toBe('CANCELLED');
      const controller = new AbortController();
      const options: ProveOptions = {
        key,
        witness,
        signal: controller.signal,
        onProgress: ({ stage }) => stage === 'sum A' && controller.abort(),
      };
      expect(await codeOf(() => prove(options))).toBe('CANCELLED');
    });
    expect(engine.memory().usedBytes).toBe(before);
  });
});

describe.skipIf(!fixturesAvailable)('keys and witnesses of other provers', () => {
  const file = (name: string): string => fixturePath(`vectors/snarkjs-files/${name}`);

  it('default: a rapidsnark key and witness prove; its verification key accepts, for us and for snarkjs', async () => {
    const key = parseVerificationKey(
      JSON.parse(fixtureText('vectors/snarkjs-files/rapidsnark_verification_key.json')),
    );
    const witness = readWitness(file('rapidsnark_witness.wtns'));
    const { proof, publicInputs } = await withKey(file('rapidsnark_circuit_final.zkey'), (zkey) =>
      prove({ key: zkey, witness }),
    );
    expect(exportVerificationKey(file('rapidsnark_circuit_final.zkey'))).toEqual(key);
    expect(verifies(key, publicInputs, proof)).toBe(true);
    expect(snarkjsVerifies(key, publicInputs, proof)).toBe(true);
  });

  it('default: setup, proof and check of the snarkjs example circuit', async () => {
    await developmentSetup({
      r1csPath: file('snarkjs_groth16__circuit.r1cs'),
      zkeyPath: at('example.zkey'),
      engine,
    });
    const witness = readWitness(file('snarkjs_groth16__witness.wtns'));
    const { proof, publicInputs } = await withKey(at('example.zkey'), (key) => prove({ key, witness }));
    expect(verifies(exportVerificationKey(at('example.zkey')), publicInputs, proof)).toBe(true);
    // The other circuit of the folder has as many rows, but other wires.
    const other = readWitness(file('snarkjs_circuit2__witness.wtns'));
    expect(await withKey(at('example.zkey'), (key) => codeOf(() => prove({ key, witness: other })))).toBe(
      'WITNESS_SIZE',
    );
  });
});

describe('two-round', () => {
  let circuit: TestCircuit;
  const zkeyPath = at('lookup.zkey');
  const source =
    (change: { readonly [name: string]: unknown } = {}) =>
    async (x: bigint): Promise<Uint8Array> =>
      encodeWitness(await circuit.witness({ ...lookupInput, ...change, x } as never));

  beforeAll(async () => {
    circuit = await compileCircuit(lookupCircuitSource);
    const result = await developmentSetup({
      r1csPath: circuit.r1csPath,
      symPath: circuit.symPath,
      zkeyPath,
      engine,
    });
    expect(result.verificationKey.system).toBe('ultragroth');
    expect(result.partitionReport).toEqual({
      powers: 6,
      folds: 2,
      inverses: 4 + 256 + 1 + 16,
      sums: 0,
      balances: 2,
    });
  });

  it('default: lookups in tables of 2^8 and 16 rows prove and verify', async () => {
    const { proof, publicInputs, challenge } = await withKey(zkeyPath, (key) =>
      prove({ key, witness: source() }),
    );
    const key = exportVerificationKey(zkeyPath);
    expect(publicInputs).toEqual([lookupInput.total]);
    expect(challenge).toBe(realChallenge(key, publicInputs, proof.d!));
    expect(verifies(key, publicInputs, proof)).toBe(true);
    expect(verifies(key, [lookupInput.total + 1n], proof)).toBe(false);
    const again = parseProof(JSON.parse(JSON.stringify(formatProof(proof))));
    expect(
      verifies(
        parseVerificationKey(JSON.parse(JSON.stringify(formatVerificationKey(key)))),
        publicInputs,
        again,
      ),
    ).toBe(true);
  });

  it('behavior: only second-round wires change with the challenge', async () => {
    const r1cs = readR1cs(circuit.r1csPath);
    const symbols = readSymbols(circuit.symPath);
    const partition = partitionByNames(r1cs, symbols)!;
    const [one, other] = [await source()(5n), await source()(6n)];
    expect(compareRuns(partition, one, other, symbols)).toBeGreaterThan(6 + 2 + 4 + 1);
    expect(await codeOf(() => compareRuns(partition, one, one))).toBe('CHALLENGES_EQUAL');
    const moved = other.slice();
    moved[32 * circuit.wire('main.counts[3]')!]! ^= 1;
    expect(() => compareRuns(partition, one, moved, symbols)).toThrow(/main\.counts\[3\]/);
    expect(checkPartition(r1cs, partition).inverses).toBe(277);
  });

  it('error: values outside the table fail in the witness program, and forged wires in the verifier', async () => {
    await withKey(zkeyPath, async (key) => {
      const bad = { values: [256n, 255n, 0n, 3n], total: 256n + 255n + 3n + 1n };
      expect(await codeOf(() => prove({ key, witness: source(bad) }))).toBe('CIRCUIT_ASSERTION');
      const inverse = circuit.wire('main.chInverse[0]')!;
      const forged = async (x: bigint): Promise<Uint8Array> => {
        const witness = await source()(x);
        witness[32 * inverse]! ^= 1;
        return witness;
      };
      const { proof, publicInputs } = await prove({ key, witness: forged });
      expect(verifies(exportVerificationKey(zkeyPath), publicInputs, proof)).toBe(false);
    });
  });

  it('error: sources that do not play by the rules', async () => {
    await withKey(zkeyPath, async (key) => {
      const attempt = (witness: ProveOptions['witness']): Promise<string> =>
        codeOf(() => prove({ key, witness }));
      const fixed = await source()(PLACEHOLDER_CHALLENGE);
      expect(await attempt(fixed)).toBe('WITNESS_SOURCE');
      expect(await attempt(() => fixed)).toBe('WITNESS_NOT_REPEATABLE');
      let calls = 0;
      const changing = (x: bigint): Promise<Uint8Array> =>
        source(calls++ === 0 ? {} : { values: [255n, 3n, 0n, 3n] })(x);
      expect(await attempt(changing)).toBe('WITNESS_NOT_REPEATABLE');
      expect(await attempt(() => fixed.subarray(32))).toBe('WITNESS_SIZE');
    });
  });

  it('error: setup that is not what the caller expects', async () => {
    const { r1csPath, symPath } = circuit;
    const attempt = (options: object): Promise<string> =>
      codeOf(() => developmentSetup({ r1csPath, zkeyPath: at('never.zkey'), engine, ...options }));
    expect(await attempt({ symPath, system: 'groth16' })).toBe('SYSTEM_MISMATCH');
    expect(await attempt({ system: 'ultragroth' })).toBe('SYSTEM_MISMATCH');
    const names = readFileSync(symPath, 'utf8').replaceAll('.ch', '.unmarked');
    writeFileSync(at('unmarked.sym'), names);
    const unmarked = { symPath: at('unmarked.sym') };
    expect(await attempt(unmarked)).toBe('SYSTEM_UNCLEAR');
    expect(await attempt({ ...unmarked, system: 'ultragroth' })).toBe('SYSTEM_MISMATCH');
  });
});

describe.each<[string, ToyCircuit, (x: bigint) => bigint[]]>([
  ['plain', productCircuit, () => productWitness(6n, 7n)],
  ['two-round', bitCircuit(), (x) => bitWitness(bitCircuit(), 1n, x)],
])('against the reference, %s', (name, toy, values) => {
  const r1csPath = at(`toy-${name}.r1cs`);
  const symPath = at(`toy-${name}.sym`);
  const zkeyPath = at(`toy-${name}.zkey`);
  const witness = (x: bigint): Uint8Array => encodeWitness(values(x));

  beforeAll(async () => {
    await writeR1cs(r1csPath, toyR1cs(toy));
    const isSecond = (wire: number): boolean =>
      toy.firstRound !== undefined && wire > toy.publicCount && !toy.firstRound.has(wire);
    const lines = toy.wires
      .slice(1)
      .map((wire, i) => `${i + 1},${i + 1},0,main.${isSecond(i + 1) ? `ch${wire.toUpperCase()}` : wire}`);
    writeFileSync(symPath, lines.join('\n'));
    await developmentSetup({ r1csPath, symPath, zkeyPath, engine });
  });

  it('default: the same key and the same proof, for 1, 2 and 4 threads', async () => {
    const reference = referenceSetup(toy, developmentSecrets(await hashFile(r1csPath)));
    expect(exportVerificationKey(zkeyPath)).toEqual(reference.verification);
    const expected = referenceProve(reference, values, blindingOf(99), realChallenge);
    for (const threads of [1, 2, 4]) {
      const other = await createEngine({ threads });
      try {
        const result = await withKey(
          zkeyPath,
          (key) => prove({ key, witness, random: seededBytes(99) }),
          other,
        );
        expect(result.proof).toEqual(expected.proof);
        expect(result.publicInputs).toEqual(expected.publicInputs);
      } finally {
        await other.close();
      }
    }
    expect(verifies(reference.verification, expected.publicInputs, expected.proof)).toBe(true);
  });
});
