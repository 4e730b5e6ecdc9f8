import { grainGenConstants, poseidon as noblePoseidon } from '@noble/curves/abstract/poseidon.js';
import { bn254_Fr } from '@noble/curves/bn254.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R, Fr } from '../../src/math/field.js';
import { poseidon, poseidonConstants, sparsePoseidonConstants } from '../../src/math/poseidon.js';
import { loadOracle, type Oracle } from '../support/circomlibjs.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

const ARITIES = [1, 2, 3, 4, 5, 6];
let oracle: Oracle;
beforeAll(async () => {
  oracle = await loadOracle();
});

const random = seededBytes(11);
const element = (): bigint => seededInteger(random, BN254_R);

describe('poseidon', () => {
  it('default: the published value of circomlib for 1, 2', () => {
    expect(poseidon([1n, 2n])).toBe(
      7853200120776062878684798364095072458815029376092732009249414926327459813530n,
    );
  });

  it.each(ARITIES)('behavior: agrees with circomlibjs and @noble/curves at arity %i', (arity) => {
    const options = {
      Fp: bn254_Fr,
      t: arity + 1,
      roundsFull: 8,
      roundsPartial: poseidonConstants(arity).partialRounds,
    };
    const noble = noblePoseidon({ ...options, ...grainGenConstants(options), sboxPower: 5 });
    const edges = [0n, 1n, BN254_R - 1n].map((value) => Array<bigint>(arity).fill(value));
    const seeded = Array.from({ length: runs(30, 500) }, () => Array.from({ length: arity }, element));
    for (const inputs of [...edges, ...seeded]) {
      const hash = poseidon(inputs);
      expect(hash).toBe(oracle.poseidon(inputs));
      expect(hash).toBe(noble([0n, ...inputs])[0]);
    }
  });

  it('behavior: depends on every input and on their order', () => {
    const inputs = [1n, 2n, 3n, 4n, 5n, 6n];
    const hash = poseidon(inputs);
    inputs.forEach((value, i) => {
      expect(poseidon(inputs.with(i, value + 1n))).not.toBe(hash);
    });
    expect(poseidon(inputs.toReversed())).not.toBe(hash);
    expect(poseidon([...inputs.slice(0, 5)])).not.toBe(hash);
  });

  it('error: no inputs, more than 16', () => {
    expect(() => poseidon([])).toThrow(RangeError);
    expect(() => poseidon(Array<bigint>(17).fill(0n))).toThrow(RangeError);
  });
});

describe('poseidonConstants', () => {
  it.each(ARITIES)('behavior: equal to those of @noble/curves at arity %i', (arity) => {
    const ours = poseidonConstants(arity);
    const theirs = grainGenConstants({
      Fp: bn254_Fr,
      t: ours.width,
      roundsFull: 8,
      roundsPartial: ours.partialRounds,
    });
    expect(ours.roundConstants).toEqual(theirs.roundConstants);
    expect(ours.matrix).toEqual(theirs.mds);
  });
});

describe('sparsePoseidonConstants', () => {
  it.each(ARITIES)('behavior: the same permutation at arity %i', (arity) => {
    const c = sparsePoseidonConstants(arity);
    const dot = (row: readonly bigint[], s: readonly bigint[]): bigint =>
      row.reduce((sum, value, i) => Fr.add(sum, Fr.mul(value, s[i] as bigint)), 0n);
    const full = (s: bigint[], round: number): bigint[] => {
      const boxed = s.map((x, i) => Fr.pow(Fr.add(x, c.fullConstants[round]?.[i] as bigint), 5n));
      return (round === 3 ? c.matrixBeforePartial : c.matrix).map((row) => dot(row, boxed));
    };
    const inputs = Array.from({ length: arity }, element);
    let state = [0n, ...inputs];
    for (let round = 0; round < 4; round++) state = full(state, round);
    state = state.map((x, i) => Fr.add(x, c.partialStart[i] as bigint));
    c.sparse.forEach(({ row, column }, round) => {
      const boxed = Fr.add(Fr.pow(state[0] as bigint, 5n), c.partialConstants[round] as bigint);
      const before = [boxed, ...state.slice(1)];
      state = before.map((x, i) =>
        i === 0 ? dot(row, before) : Fr.add(x, Fr.mul(column[i] as bigint, boxed)),
      );
    });
    for (let round = 4; round < 8; round++) state = full(state, round);
    expect(state[0]).toBe(poseidon(inputs));
  });
});
