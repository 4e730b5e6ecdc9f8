import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.js';
import { type Constraint, createR1cs, encodeWitness, readR1cs } from '../../src/formats/r1cs.js';
import { readSymbols } from '../../src/formats/symbols.js';
import { type Partition, partitionByNames, partitionOf } from '../../src/groth16/partition.js';
import { prove } from '../../src/groth16/prove.js';
import { loadProvingKey } from '../../src/groth16/proving-key.js';
import { createSecondRound, type SecondRound } from '../../src/groth16/second-round.js';
import { developmentSetup } from '../../src/groth16/setup.js';
import { assertSatisfied } from '../../src/groth16/witness.js';
import { Fr } from '../../src/math/field.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import { compileCircuit, type TestCircuit } from '../support/circuit.js';
import { seededBytes, seededInteger } from '../support/runs.js';
import { lookupCircuitSource, lookupInput } from './lookup-circuit.js';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing thrown';
}

/** Wires: 0 one, 1 total (public), 2 x, then F up to `firstSecond`, then S. */
function toy(
  wires: number,
  firstSecond: number,
  rows: readonly (readonly [Terms, Terms, Terms])[],
): { readonly r1cs: ReturnType<typeof createR1cs>; readonly partition: Partition } {
  const terms = (list: Terms) => Object.entries(list).map(([wire, value]) => ({ wire: Number(wire), value }));
  const constraints = rows.map(([a, b, c]): Constraint => ({ a: terms(a), b: terms(b), c: terms(c) }));
  const r1cs = createR1cs(
    { wires, publicOutputs: 0, publicInputs: 2, privateInputs: wires - 3 },
    constraints,
  );
  return { r1cs, partition: partitionOf(wires, 2, (wire) => wire >= firstSecond) };
}
type Terms = { readonly [wire: number]: bigint };

describe('createSecondRound', () => {
  let circuit: TestCircuit;
  let round: SecondRound;
  const run = async (x: bigint): Promise<Uint8Array> =>
    encodeWitness(await circuit.witness({ ...lookupInput, x } as never));
  beforeAll(async () => {
    circuit = await compileCircuit(lookupCircuitSource);
    const r1cs = readR1cs(circuit.r1csPath);
    round = createSecondRound(r1cs, partitionByNames(r1cs, readSymbols(circuit.symPath))!)!;
  });

  it('default: the bytes of the program run with the same challenge, from a run with any other', async () => {
    const random = seededBytes(5);
    const [one, other] = [await run(5n), await run(6n)];
    for (const x of [300n, Fr.p - 2n, seededInteger(random, Fr.p), seededInteger(random, Fr.p)]) {
      const expected = await run(x);
      expect(Buffer.compare(round.solve(one, x), expected)).toBe(0);
      expect(Buffer.compare(round.solve(other, x), expected)).toBe(0);
      expect(Buffer.compare(one, expected)).not.toBe(0);
    }
  });

  it('error: a multiplicity that is off by one breaks a balance, whatever the challenge', async () => {
    const witness = await run(5n);
    for (const name of ['main.counts[3]', 'main.counts[4]', 'main.uses[0]']) {
      const forged = witness.slice();
      const at = 32 * circuit.wire(name)!;
      forged[at] = forged[at]! ^ 1;
      expect(codeOf(() => round.solve(forged, 12345n))).toBe('WITNESS_UNSATISFIED');
    }
    expect(codeOf(() => round.solve(witness, 12345n))).toBe('nothing thrown');
  });

  it('error: a challenge at which a denominator vanishes', () => {
    // y·(x − c) = 1 and y = total
    const { r1cs, partition } = toy(5, 4, [
      [{ 4: 1n }, { 2: 1n, 3: -1n }, { 0: 1n }],
      [{}, {}, { 4: 1n, 1: -1n }],
    ]);
    const toyRound = createSecondRound(r1cs, partition)!;
    const start = encodeWitness([1n, Fr.inv(2n), 0n, 7n, 0n]);
    expect(codeOf(() => toyRound.solve(start, 9n))).toBe('nothing thrown');
    expect(codeOf(() => toyRound.solve(start, 7n))).toBe('WITNESS_UNSATISFIED');
    expect(codeOf(() => toyRound.solve(start, 8n))).toBe('WITNESS_UNSATISFIED');
    // The pole of the real circuit is x^64.
    expect(codeOf(() => round.solve(new Uint8Array(32 * circuit.wires), Fr.p - 1n))).toBe(
      'WITNESS_UNSATISFIED',
    );
  });

  it('behavior: unknowns in every matrix, with any coefficient, chained over several inversions', () => {
    // F: 3, 4. S: 5 = fold, 6 and 7 = quotients (in A, in B), 8 = running sum on 7, 9 = sum, 10 = its inverse.
    const rows: [Terms, Terms, Terms][] = [
      [{ 2: 3n, 0: 5n }, { 3: 2n }, { 5: -7n, 4: 11n }],
      [
        { 6: 13n, 3: 2n },
        { 2: 1n, 5: 4n },
        { 4: 17n, 0: 1n },
      ],
      [{ 2: 5n, 4: -1n }, { 7: -1n, 0: 3n }, { 3: 19n }],
      [{ 8: 1n, 7: -1n }, { 2: 1n, 3: -1n }, { 4: 1n }],
      [{}, {}, { 9: 23n, 6: 1n, 8: -29n, 3: 1n }],
      [{ 10: 1n }, { 9: 31n }, { 0: 1n }],
      [{ 10: 1n }, { 9: 31n }, { 0: 1n }],
    ];
    const { r1cs, partition } = toy(11, 5, rows);
    const toyRound = createSecondRound(r1cs, partition)!;
    const random = seededBytes(9);
    const drawn = Array.from({ length: 4 }, () => seededInteger(random, Fr.p));
    const edges: [bigint, bigint][] = [
      [0n, 1n],
      [Fr.p - 1n, 1n],
      [1n, Fr.p - 1n],
      [drawn[0]!, drawn[1]!],
    ];
    for (const first of edges) {
      for (const x of [2n, Fr.p - 2n, drawn[2]!, drawn[3]!]) {
        const witness = encodeWitness([1n, 0n, 0n, ...first, ...Array.from({ length: 6 }, () => 0n)]);
        const solved = toyRound.solve(witness, x);
        expect(codeOf(() => assertSatisfied(r1cs, solved))).toBe('nothing thrown');
        expect(codeOf(() => assertSatisfied(r1cs, witness))).toBe('WITNESS_UNSATISFIED');
      }
    }
  });

  it('error: a wire that no row with one unknown determines gives no order', () => {
    const square = toy(4, 3, [[{ 3: 1n }, { 3: 1n }, { 2: 1n }]]);
    const absent = toy(4, 3, [[{ 2: 1n }, { 2: 1n }, { 1: 1n }]]);
    const zero = toy(5, 4, [[{ 2: 1n }, { 3: 1n }, { 4: 0n }]]);
    for (const { r1cs, partition } of [square, absent, zero])
      expect(createSecondRound(r1cs, partition)).toBeUndefined();
  });
});

describe('prove with a second round', () => {
  const folder = mkdtempSync(join(tmpdir(), 'second-round-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('default: the proof of two runs, from one', async () => {
    const engine = await createEngine({ threads: 2 });
    try {
      const circuit = await compileCircuit(lookupCircuitSource);
      const { r1csPath, symPath } = circuit;
      const zkeyPath = join(folder, 'lookup.zkey');
      const { verificationKey } = await developmentSetup({ r1csPath, symPath, zkeyPath, engine });
      const key = await loadProvingKey({ path: zkeyPath, engine });
      let asked = 0;
      const witness = async (x: bigint): Promise<Uint8Array> => {
        asked++;
        return encodeWitness(await circuit.witness({ ...lookupInput, x } as never));
      };
      const secondRound = () => createSecondRound(readR1cs(r1csPath), key.partition!);
      const twice = await prove({ key, witness, random: seededBytes(3) });
      expect(asked).toBe(2);
      const once = await prove({ key, witness, secondRound, random: seededBytes(3) });
      expect(asked).toBe(3);
      expect(once.proof).toEqual(twice.proof);
      expect(verifyProof(prepareKey(verificationKey), once.proof, once.publicInputs).ok).toBe(true);
      const without = await prove({ key, witness, secondRound: () => undefined, random: seededBytes(3) });
      expect(asked).toBe(5);
      expect(without.proof).toEqual(twice.proof);
      key.close();
    } finally {
      await engine.close();
    }
  });
});
