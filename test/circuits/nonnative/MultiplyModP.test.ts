import { describe, expect, it } from 'vitest';
import { BN254_R as R } from '../../../src/math/field.js';
import { SECP256K1_P as P } from '../../../src/math/secp256k1.js';
import { fromLimbs, toLimbs } from '../../../src/math/secp256k1-limbs.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';
import { failingRows, forge, forgeLookups, inverse } from './forge.js';

const B = 2n ** 64n;
const KAPPA = 2n ** 32n + 977n;
const POLE = 123456789012345678901234567890n;

/** A product, with its range table where that is small. */
const source = (c: number) => `pragma circom 2.2.0;
include "lib/lookup/RangeTable.circom";
include "lib/nonnative/MultiplyModP.circom";
template Main(C) {
    signal input a[4];
    signal input b[4];
    signal input chPole;
    signal output out[4];
    component product = MultiplyModP(C);
    product.a <== a;
    product.b <== b;
    product.chPole <== chPole;
    out <== product.out;
    if (C == 0 || C > 5) {
        _ <== product.chSum;
    } else {
        var seen[1 << C];
        for (var j = 0; j < (1 << C); j++) {
            seen[j] = 0;
        }
        for (var i = 0; i < lookedMultiplyModP(C); i++) {
            if (product.looked[i] < (1 << C)) {
                seen[product.looked[i]] += 1;
            }
        }
        component table = RangeTable(C);
        for (var j = 0; j < (1 << C); j++) {
            table.count[j] <-- seen[j];
        }
        table.chPole <== chPole;
        table.chSum === product.chSum;
    }
}
component main {public [chPole]} = Main(${c});`;

const edges = [0n, 1n, 2n, P - 1n, P - 2n, P, 2n ** 256n - 1n, 2n ** 255n, 2n ** 192n - 1n, B];

const output = (circuit: TestCircuit, witness: readonly bigint[]): bigint[] =>
  [0, 1, 2, 3].map((i) => circuit.value(witness, `main.out[${i}]`));

/** Signed coefficients of a·b modulo t⁴ − κ. */
function fold(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  const e = [0n, 0n, 0n, 0n];
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      e[(i + j) % 4] = (e[(i + j) % 4] as bigint) + x * y * (i + j < 4 ? 1n : KAPPA);
    });
  });
  return e;
}

/** What a prover sets to claim a·b ≡ out with that quotient: the top chunk takes whatever is left over. */
function claim(
  c: number,
  a: bigint[],
  b: bigint[],
  out: bigint[],
  quotient: bigint,
): { [name: string]: bigint } {
  const width = BigInt(c === 0 ? 1 : c);
  const chunks = c === 4 ? [17, 25] : [68, 99];
  const e = fold(a, b).map((x, j) => x - (out[j] as bigint));
  const carry = ((e[0] as bigint) + KAPPA * quotient + (e[1] as bigint) * B) * inverse(B * B);
  const changes: { [name: string]: bigint } = {};
  out.forEach((limb, j) => {
    changes[`main.out[${j}]`] = limb;
    const count = Number(64n / width) + (64n % width === 0n ? 0 : 1);
    for (let k = 1; k < count; k++)
      changes[`main.product.range.upper[${j}][${k - 1}]`] = chunk(limb, k, count, width);
  });
  let wire = 0;
  [quotient, carry].forEach((value, v) => {
    const count = chunks[v] as number;
    const shifted = (((value + 2n ** (width * BigInt(count) - 1n)) % R) + R) % R;
    for (let k = 1; k < count; k++)
      changes[`main.product.zero.upper[${wire++}]`] = chunk(shifted, k, count, width);
  });
  return changes;
}

function chunk(value: bigint, k: number, count: number, width: bigint): bigint {
  const upper = value >> (width * BigInt(k));
  return k === count - 1 ? upper : upper & (2n ** width - 1n);
}

describe.each([0, 4, 5, 13, 16])('MultiplyModP(%i)', (c) => {
  const pole = c === 0 ? 0n : POLE;

  it('accepts: products agree with bigint arithmetic', async () => {
    const circuit = await compileCircuit(source(c));
    // With a table for 4 and 5 bits; 38 + 1 beside it at C = 13, 32 + 1 at C = 16.
    const own = { 0: 427, 4: 112 + 16, 5: 4 + 52 + 35 + 34, 13: 39, 16: 33 }[c];
    expect(circuit.constraints).toBe(own);
    const random = seededBytes(7 + c);
    const pairs = edges.map((a, i) => [a, edges[(i * 3) % edges.length] as bigint]);
    for (let i = 0; i < runs(20, 1000); i++)
      pairs.push([seededInteger(random, 2n ** 256n), seededInteger(random, 2n ** 256n)]);
    for (const [a, b] of pairs as [bigint, bigint][]) {
      const witness = await circuit.witness({ a: toLimbs(a), b: toLimbs(b), chPole: pole });
      expect(circuit.failingRow(witness)).toBeUndefined();
      expect(fromLimbs(output(circuit, witness))).toBe((a * b) % P);
    }
  });

  it('accepts: operands with the widest allowed limbs', async () => {
    const circuit = await compileCircuit(source(c));
    const widest = 2n ** (c === 13 || c === 5 ? 65n : 64n) - 1n;
    const a = [widest, widest, widest, widest];
    const witness = await circuit.witness({ a, b: a, chPole: pole });
    expect(circuit.failingRow(witness)).toBeUndefined();
    expect(fromLimbs(output(circuit, witness))).toBe(fromLimbs(a) ** 2n % P);
  });
});

describe.each([0, 4])('MultiplyModP(%i) against a forging prover', (c) => {
  const pole = c === 0 ? 0n : POLE;
  const random = seededBytes(99);
  const [a, b] = [seededInteger(random, P), seededInteger(random, P)];
  const [aLimbs, bLimbs] = [toLimbs(a), toLimbs(b)];
  const integer = fromLimbs(fold(aLimbs, bLimbs));
  const attack = async (out: bigint[], quotient: bigint, more: { [name: string]: bigint } = {}) => {
    const circuit = await compileCircuit(source(c));
    const honest = await circuit.witness({ a: aLimbs, b: bLimbs, chPole: pole });
    const changes = { ...claim(c, aLimbs, bLimbs, out, quotient), ...more };
    const forged = c === 0 ? forge(circuit, honest, changes) : forgeLookups(circuit, honest, pole, changes);
    return failingRows(circuit, forged).map((row) => circuit.describeRow(row));
  };

  it('accepts: the remainder plus p, which is not canonical', async () => {
    const small = 2n ** 256n - P - 5n;
    const circuit = await compileCircuit(source(c));
    const honest = await circuit.witness({ a: toLimbs(small), b: toLimbs(1n), chPole: pole });
    const out = toLimbs(small + P);
    const changes = claim(c, toLimbs(small), toLimbs(1n), out, -1n);
    const forged = c === 0 ? forge(circuit, honest, changes) : forgeLookups(circuit, honest, pole, changes);
    expect(failingRows(circuit, forged)).toEqual([]);
  });

  it('rejects: a remainder that is off by one, with the rational quotient', async () => {
    const out = toLimbs((integer % P) + 1n);
    const quotient = ((integer - fromLimbs(out)) * inverse(P)) % R;
    expect(await attack(out, quotient)).not.toEqual([]);
  });

  it('rejects: a quotient that is off by one', async () => {
    const out = toLimbs(integer % P);
    expect(await attack(out, integer / P + 1n)).not.toEqual([]);
  });

  it('rejects: a carry that is off by one', async () => {
    const out = toLimbs(integer % P);
    const honest = claim(c, aLimbs, bLimbs, out, integer / P);
    const name = Object.keys(honest).at(-2) as string;
    expect(await attack(out, integer / P, { [name]: (honest[name] as bigint) ^ 1n })).not.toEqual([]);
  });

  it('rejects: forge280, a false product that only the width of the quotient refuses', async () => {
    // (a·b + m·B²·r) mod p with the quotient of the shifted integer satisfies both identities, but needs 126 bits.
    const shifted = integer - B * B * R;
    const out = toLimbs(((shifted % P) + P) % P);
    const quotient = (shifted - fromLimbs(out)) / P;
    expect(fromLimbs(out)).not.toBe(integer % P);
    expect(quotient.toString(2).length).toBeGreaterThan(120);
    const failing = await attack(out, quotient);
    expect(failing).toHaveLength(1);
    if (c === 0) expect(failing[0]).toMatch(/zero\.upper\[66\]/);
    else expect(failing[0]).toMatch(/chSum|chRow|chBlock|chInverse/);
  });

  it('rejects: a limb one bit too wide', async () => {
    const out = toLimbs(integer % P);
    const wide = [(out[0] as bigint) + B, (out[1] as bigint) - 1n, out[2] as bigint, out[3] as bigint];
    expect(await attack(wide, integer / P)).toHaveLength(1);
  });
});
