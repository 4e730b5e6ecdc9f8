import { describe, expect, it } from 'vitest';
import { BN254_R as R } from '../../../src/math/field.js';
import { SECP256K1_N as N } from '../../../src/math/secp256k1.js';
import { fromLimbs, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit } from '../../support/circuit.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';
import { collect, withTable } from '../lookup/with-table.js';
import { failingRows, forge, forgeLookups } from './forge.js';

const POLE = 192837465564738291928374655647382919n;
const B = 2n ** 64n;

/** a·b ≡ rest modulo n, all limbs range-checked. */
const source = (c: number) =>
  withTable(c, {
    includes: ['lib/lookup/RangeCheck.circom', 'lib/nonnative/AssertZeroModN.circom'],
    signals: ['input a[4]', 'input b[4]', 'input rest[4]'],
    count: 'lookedCount(C, 12 * chunkCount(C, 64)) + lookedCount(C, chunksModN(C, 1, 1))',
    body: `component range = RangeCheck(C, 12, chunkCount(C, 64));
    component zero = AssertZeroModN(C, 1, 1, 1, [[-1, 0, 0, 0]], 1);
    for (var j = 0; j < 4; j++) {
        range.value[j] <== a[j];
        range.value[4 + j] <== b[j];
        range.value[8 + j] <== rest[j];
    }
    range.chPole <== chPole;
    for (var i = 0; i < 8; i++) {
        var atA = 0;
        var atB = 0;
        for (var j = 0; j < 4; j++) {
            atA += a[j] * orderPoint(i, j);
            atB += b[j] * orderPoint(i, j);
        }
        zero.product[0][i] <== atA * atB;
    }
    zero.linear[0] <== rest;
    zero.chPole <== chPole;
    ${collect('range', 'lookedCount(C, 12 * chunkCount(C, 64))')}
    ${collect('zero', 'lookedCount(C, chunksModN(C, 1, 1))', 'lookedCount(C, 12 * chunkCount(C, 64))')}`,
  });

const edges = [0n, 1n, 2n, N - 1n, N - 2n, N, N + 1n, 2n ** 256n - 1n, 2n ** 255n, 2n ** 128n, B - 1n];

// Limbs of 64 and, with 5-bit chunks as with 13-bit ones, of 65 bits.
describe.each([0, 5])('AssertZeroModN(%i)', (c) => {
  const pole = c === 0 ? 0n : POLE;

  it('accepts: products agree with bigint arithmetic', async () => {
    const circuit = await compileCircuit(source(c));
    const random = seededBytes(31 + c);
    const pairs: [bigint, bigint][] = edges.map((a, i) => [a, edges[(i * 4 + 3) % edges.length] as bigint]);
    for (let i = 0; i < runs(20, 500); i++)
      pairs.push([seededInteger(random, 2n ** 256n), seededInteger(random, 2n ** 256n)]);
    for (const [a, b] of pairs) {
      const input = { a: toLimbs(a), b: toLimbs(b), rest: toLimbs((a * b) % N), chPole: pole };
      expect(circuit.failingRow(await circuit.witness(input))).toBeUndefined();
    }
  });

  it('accepts: operands with the widest allowed limbs', async () => {
    const circuit = await compileCircuit(source(c));
    const widest = Array.from({ length: 4 }, () => 2n ** (c === 5 ? 65n : 64n) - 1n);
    const rest = toLimbs(fromLimbs(widest) ** 2n % N);
    const witness = await circuit.witness({ a: widest, b: widest, rest, chPole: pole });
    expect(circuit.failingRow(witness)).toBeUndefined();
  });

  it.each([1n, -1n, B, 2n ** 255n])('rejects: a remainder off by %i', async (error) => {
    const circuit = await compileCircuit(source(c));
    const [a, b] = [N - 12345n, 2n ** 255n - 19n];
    const input = {
      a: toLimbs(a),
      b: toLimbs(b),
      rest: toLimbs((((a * b + error) % N) + N) % N),
      chPole: pole,
    };
    await expect(circuit.witness(input)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });
});

/** Sets the chunks of a value: all in range but the top one, which takes whatever is left. */
function setChunks(
  changes: { [name: string]: bigint },
  name: (k: number) => string,
  value: bigint,
  c: number,
  count: number,
) {
  const width = BigInt(c || 1);
  const canonical = ((value % R) + R) % R;
  for (let k = 1; k < count; k++) {
    const upper = canonical >> (width * BigInt(k));
    changes[name(k - 1)] = k === count - 1 ? upper : upper & (2n ** width - 1n);
  }
}

describe.each([0, 4])('AssertZeroModN(%i) against a forging prover', (c) => {
  const pole = c === 0 ? 0n : POLE;
  const [a, b] = [N - 12345n, 2n ** 255n - 19n];

  /** The rows that break when a prover claims a·b ≡ rest with the quotient of a·b − `multiple` as best as it can. */
  const attack = async (multiple: bigint): Promise<{ rest: bigint; failing: string[] }> => {
    const circuit = await compileCircuit(source(c));
    const input = { a: toLimbs(a), b: toLimbs(b), rest: toLimbs((a * b) % N), chPole: pole };
    const honest = await circuit.witness(input);
    const integer = a * b - multiple;
    const rest = ((integer % N) + N) % N;
    const shifted = (integer - rest) / N + B ** 3n;
    const q = [0n, 1n, 2n].map((i) => (shifted >> (64n * i)) & (B - 1n));
    q.push((shifted - fromLimbs(q)) / B ** 3n);
    // Coefficients of a·b − rest + B³·n − q'·n, and the carries they ask for.
    const e = new Array<bigint>(8).fill(0n);
    const [x, y, order] = [toLimbs(a), toLimbs(b), toLimbs(N)] as [bigint[], bigint[], bigint[]];
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++)
        e[i + j] =
          (e[i + j] as bigint) +
          (x[i] as bigint) * (y[j] as bigint) -
          (q[i] as bigint) * (order[j] as bigint);
      e[i] = (e[i] as bigint) - (toLimbs(rest)[i] as bigint);
      e[3 + i] = (e[3 + i] as bigint) + (order[i] as bigint);
    }
    const [e0, e1, e2, e3, e4] = e as [bigint, bigint, bigint, bigint, bigint];
    const carries = [(e0 + e1 * B) / B ** 2n];
    carries.push((e2 + e3 * B + (carries[0] as bigint)) / B ** 2n);
    carries.push((e4 + (carries[1] as bigint)) / B);
    const changes: { [name: string]: bigint } = {};
    const limbChunks = c === 0 ? 64 : 16;
    toLimbs(rest).forEach((limb, j) => {
      changes[`main.rest[${j}]`] = limb;
      setChunks(changes, (k) => `main.range.upper[${8 + j}][${k}]`, limb, c, limbChunks);
    });
    for (const i of [1, 2, 3])
      changes[`main.zero.quotientUpper[${i - 1}]`] = (((q[i] as bigint) % R) + R) % R;
    const [top, carry] = c === 0 ? [66, 70] : [17, 18];
    let wire = 0;
    [...q, ...carries].forEach((value, v) => {
      const count = v < 3 ? limbChunks : v === 3 ? top : carry;
      const first = wire;
      const offset = v < 4 ? 0n : 2n ** (BigInt(c || 1) * BigInt(count) - 1n);
      setChunks(changes, (k) => `main.zero.upper[${first + k}]`, value + offset, c, count);
      wire += count - 1;
    });
    const forged = c === 0 ? forge(circuit, honest, changes) : forgeLookups(circuit, honest, pole, changes);
    return { rest, failing: failingRows(circuit, forged).map((row) => circuit.describeRow(row)) };
  };

  it('accepts: the honest claim in the same words', async () => {
    expect(await attack(0n)).toEqual({ rest: (a * b) % N, failing: [] });
  });

  it('rejects: forge280, a false product that only the widths refuse', async () => {
    // a·b − B⁵·r ≡ rest: both congruences hold for the false rest, but the quotient has 318 bits and the top limb 126.
    const { rest, failing } = await attack(B ** 5n * R);
    expect(rest).not.toBe((a * b) % N);
    // With bits: the top bits of the top limb and of two carries. With lookups: the balance.
    expect(failing).toHaveLength(c === 0 ? 3 : 1);
    if (c === 0) for (const row of failing) expect(row).toMatch(/zero\.upper/);
  });
});
