import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import type { TestCircuit } from '../../support/circuit.js';
import {
  alteredSource,
  compile,
  expectRejection,
  expectWitness,
  mainOf,
  wrapperOf,
} from '../../support/reject.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

const P = BN254_R;
const random = seededBytes(21);
const digits = (value: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => (value >> BigInt(i)) & 1n);

describe('Num2Bits', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/bits/Num2Bits.circom', 'Num2Bits(253)'));
  });

  it('accepts: 0, 1, 2^253 − 1 and numbers between', async () => {
    for (const value of [0n, 1n, (1n << 253n) - 1n, seededInteger(random, 1n << 253n)]) {
      const witness = await expectWitness(circuit, { in: value });
      expect(witness.slice(1, 254)).toEqual(digits(value, 253));
    }
  });

  it('rejects: 2^253, p − 1', async () => {
    for (const value of [1n << 253n, P - 1n]) await expectRejection(circuit, { in: value }, 'Num2Bits');
  });

  it('rejects: every other value of every wire', async () => {
    expect(circuit.sweep(await circuit.witness({ in: 5n }), { includePublic: true })).toEqual([]);
  });
});

describe('AssertBits', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/bits/AssertBits.circom', 'AssertBits(4)'));
  });

  it('accepts: exactly the numbers below 2^4', async () => {
    for (let value = 0n; value < 16n; value++) await expectWitness(circuit, { in: value });
  });

  it('rejects: 2^4 to 2^6, p − 16 to p − 1, fractions of small numbers', async () => {
    const large = Array.from({ length: 48 }, (_, i) => BigInt(i) + 16n);
    const negative = Array.from({ length: 16 }, (_, i) => P - 1n - BigInt(i));
    for (const value of [...large, ...negative, (P + 1n) / 2n])
      await expectRejection(circuit, { in: value }, 'AssertBits');
  });

  it('rejects: every other value of every wire', async () => {
    // With the same digits above it, in = 8 is the other number in range.
    const accepted = circuit.sweep(await circuit.witness({ in: 9n }));
    expect(accepted.map(({ names, value }) => [names[0], value])).toEqual([['main.in', 8n]]);
  });
});

describe('AssertCanonicalSplit', () => {
  const path = 'lib/bits/AssertCanonicalSplit.circom';
  const most = (P - 1n) >> 8n;
  const half = 1n << 245n;
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf(path, 'AssertCanonicalSplit(8)'));
  });
  const parts = (value: bigint) => ({ high: value >> 8n, low: value & 255n });

  it('accepts: the parts of 0, 1, p − 1, p − 2 and numbers between', async () => {
    const seeded = Array.from({ length: runs(20, 500) }, () => seededInteger(random, P));
    const edges = [0n, 1n, 255n, 256n, P - 1n, P - 2n, P - 256n, P - 257n, P >> 1n];
    for (const value of [...edges, ...seeded]) await expectWitness(circuit, parts(value));
  });

  it('accepts: both ends of what its digits reach, with and without the uppermost', async () => {
    for (const high of [half - 1n, half, half + 1n, most - half, most - half + 1n, most - 1n])
      for (const low of [0n, 255n]) await expectWitness(circuit, { high, low });
  });

  it('rejects: a number of p and above: p, p + 1, p + 254, the parts of value + p', async () => {
    for (const value of [P, P + 1n, P + 254n])
      await expectRejection(circuit, parts(value), 'AssertCanonicalSplit');
    for (const value of [255n, 256n, seededInteger(random, (1n << 254n) - P)])
      await expectRejection(circuit, parts(value + P), 'AssertCanonicalSplit');
  });

  it('rejects: a low part of 256 or below 0, a high part beyond its range or below 0', async () => {
    for (const low of [256n, 511n, P - 1n, P - 256n])
      await expectRejection(circuit, { high: 1n, low }, 'AssertBits');
    for (const high of [most + 1n, most + 2n, 2n * half, P - 1n, P - most, inverse256()])
      await expectRejection(circuit, { high, low: 0n }, 'AssertCanonicalSplit');
  });

  it('rejects: p − 1 + low whatever the digits of its high part', async () => {
    for (const [from, to] of [
      ['high >= (1 << WIDTH) ? 1 : 0', '0'],
      ['high != MOST ? low / (MOST - high) : 0', '1'],
    ] as const) {
      const forger = await compile(alteredSource(path, 'AssertCanonicalSplit(8)', [[from, to]]));
      for (const low of [1n, 255n])
        await expectRejection(forger, { high: most, low }, 'AssertCanonicalSplit');
    }
  });

  it('behavior: where two choices of digits reach a number it is the same one', async () => {
    const forger = await compile(
      alteredSource(path, 'AssertCanonicalSplit(8)', [['high >= (1 << WIDTH) ? 1 : 0', '1']]),
    );
    await expectWitness(forger, { high: half - 1n, low: 3n });
    await expectRejection(forger, { high: most - half, low: 3n }, 'AssertCanonicalSplit');
  });

  it('rejects: every other value of every private wire', async () => {
    const inputs = ['main.high', 'main.low'];
    for (const [value, free] of [
      [P >> 2n, false],
      [P - 2n, false],
      [P - 1n, true],
    ] as const) {
      const accepted = circuit
        .sweep(await circuit.witness(parts(value)))
        .filter(({ names }) => !names.some((name) => inputs.includes(name)));
      // At p − 1 the quotient multiplies 0.
      expect(accepted.length > 0).toBe(free);
      expect(accepted.filter(({ names }) => !names.includes('main.quotient'))).toEqual([]);
    }
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(255);
  });
});

describe('IsZero, IsEqual, IsLessThan, Bits2Num, AssertNonZero, AssertLessThan', () => {
  let flags: TestCircuit;
  let nonZero: TestCircuit;
  let less: TestCircuit;
  beforeAll(async () => {
    flags = await compile(
      wrapperOf(
        ['lib/bits/IsEqual.circom', 'lib/bits/IsLessThan.circom', 'lib/bits/Bits2Num.circom'],
        `    signal input a;
    signal input b;
    signal output zero <== IsZero()(a);
    signal output equal <== IsEqual()(a, b);
    signal output smaller <== IsLessThan(4)(a, b);
    signal output again <== Bits2Num(4)(Num2Bits(4)(a));`,
      ),
    );
    nonZero = await compile(mainOf('lib/bits/AssertNonZero.circom', 'AssertNonZero()'));
    less = await compile(mainOf('lib/bits/AssertLessThan.circom', 'AssertLessThan(4)'));
  });

  it('accepts: all pairs of four digits', async () => {
    for (let a = 0n; a < 16n; a++)
      for (let b = 0n; b < 16n; b++) {
        const witness = await expectWitness(flags, { a, b });
        expect(witness.slice(1, 4)).toEqual([a === 0n, a === b, a < b].map((flag) => (flag ? 1n : 0n)));
        expect(witness[4]).toBe(a);
      }
  });

  it('accepts: AssertLessThan exactly a < b; rejects: all other pairs', async () => {
    for (let a = 0n; a < 16n; a++)
      for (let b = 0n; b < 16n; b++)
        if (a < b) await expectWitness(less, { a, b });
        else await expectRejection(less, { a, b }, 'AssertBits');
  });

  it('rejects: operands out of range on either side', async () => {
    for (const [a, b] of [
      [16n, 17n],
      [P - 1n, 3n],
      [3n, 16n],
      [3n, P - 1n],
      [P - 2n, P - 1n],
    ] as const) {
      await expectRejection(less, { a, b }, 'AssertBits');
      await expectRejection(flags, { a, b }, 'AssertBits');
    }
  });

  it('rejects: zero has no inverse', async () => {
    await expectWitness(nonZero, { in: 1n });
    await expectWitness(nonZero, { in: P - 1n });
    await expectRejection(nonZero, { in: 0n }, 'AssertNonZero');
    expect(nonZero.sweep(await nonZero.witness({ in: 7n }))).toEqual([]);
  });

  it('rejects: flags that were turned', async () => {
    for (const [a, b] of [
      [3n, 3n],
      [0n, 9n],
      [9n, 4n],
    ] as const) {
      const accepted = flags.sweep(await flags.witness({ a, b }), { includePublic: true });
      // The hint of IsZero is free where its input is 0.
      expect(accepted.filter(({ names }) => !names.some((name) => name.endsWith('.inverse')))).toEqual([]);
    }
  });
});

function inverse256(): bigint {
  let inverse = 1n;
  for (let i = 0; i < 8; i++) inverse = (inverse * ((P + 1n) / 2n)) % P;
  return inverse;
}
