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
import { seededBytes, seededInteger } from '../../support/runs.js';

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

describe('AssertBitsAtMost', () => {
  const BITS = 4;
  const bounds = Array.from({ length: 1 << BITS }, (_, i) => i);
  let circuit: TestCircuit;
  beforeAll(async () => {
    const body = bounds.map(
      (bound) => `
    signal tagged${bound}[${BITS}];
    component check${bound} = AssertBitsAtMost(${BITS}, ${bound});
    for (var i = 0; i < ${BITS}; i++) {
        check${bound}.in[i] <== Binary()(in[${bound}][i]);
        tagged${bound}[i] <== in[${bound}][i];
    }`,
    );
    circuit = await compile(
      wrapperOf(
        ['lib/bits/AssertBitsAtMost.circom'],
        `signal input in[${bounds.length}][${BITS}];${body.join('')}`,
      ),
    );
  });
  const input = (value: number, onlyAt?: number) => ({
    in: bounds.map((bound) =>
      digits(
        BigInt(
          onlyAt === undefined || bound === onlyAt
            ? Math.min(value, onlyAt === undefined ? bound : value)
            : 0,
        ),
        BITS,
      ),
    ),
  });

  it('accepts: every number up to every bound', async () => {
    for (const value of bounds) await expectWitness(circuit, input(value));
  });

  it('rejects: every number above every bound', async () => {
    for (const bound of bounds)
      for (const value of bounds)
        if (value > bound) await expectRejection(circuit, input(value, bound), 'AssertBitsAtMost');
  });
});

describe('Num2BitsStrict', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/bits/Num2BitsStrict.circom', 'Num2BitsStrict()'));
  });

  it('accepts: 0, 1, p − 1 and numbers between, with their canonical digits', async () => {
    for (const value of [0n, 1n, P - 1n, P >> 1n, 1n << 253n, seededInteger(random, P)]) {
      const witness = await expectWitness(circuit, { in: value });
      expect(witness.slice(1, 255)).toEqual(digits(value, 254));
    }
  });

  it('rejects: the digits of in + p, wherever they fit', async () => {
    const forger = await compile(
      alteredSource('lib/bits/Num2BitsStrict.circom', 'Num2BitsStrict()', [
        ['out[i] <-- (in >> i) & 1;', 'out[i] <-- i < 253 ? ((in - (1 << 253)) >> i) & 1 : 1;'],
      ]),
    );
    // in + p = 2^253 + (in + p − 2^253), for in < 2^254 − p
    for (const value of [0n, 1n, (1n << 254n) - P - 1n])
      await expectRejection(forger, { in: value }, 'AssertBitsAtMost');
  });

  it('rejects: every other value of every wire that matters', async () => {
    const accepted = circuit.sweep(await circuit.witness({ in: P >> 2n }), { includePublic: true });
    // Where no digit was missed yet the quotient of AssertBitsAtMost multiplies 0.
    expect(accepted.filter(({ names }) => !names.some((name) => name.includes('quotient')))).toEqual([]);
  });

  it('behavior: costs as documented', () => {
    expect(circuit.constraints).toBe(308);
  });
});

describe('SplitCanonical', () => {
  let circuit: TestCircuit;
  beforeAll(async () => {
    circuit = await compile(mainOf('lib/bits/SplitCanonical.circom', 'SplitCanonical(8)'));
  });

  it('accepts: low byte and rest', async () => {
    for (const value of [0n, 255n, 256n, P - 1n, seededInteger(random, P)]) {
      const witness = await expectWitness(circuit, { in: value });
      expect(witness.slice(1, 3)).toEqual([value & 255n, value >> 8n]);
    }
  });

  it('rejects: other halves of the same sum', async () => {
    const honest = await circuit.witness({ in: 1000n });
    for (const [low, high] of [
      [1000n, 0n],
      [232n - 256n + P, 4n],
      [0n, (1000n * inverse256()) % P],
    ] as const)
      expect(circuit.failingRow(circuit.alter(honest, { 'main.low': low, 'main.high': high }))).toBeDefined();
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
