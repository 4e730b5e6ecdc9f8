import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { outcomeOf } from '../../support/outcome.js';
import { seededBytes } from '../../support/runs.js';

const FIRST = 5;
const COUNT = 4;
const N = 2;
const STRIDE = 3;
const WIDTH = 2;
const BYTES = COUNT - 1 + (N - 1) * STRIDE + WIDTH;

const packed = (bytes: readonly bigint[], place: number, n: number): bigint =>
  bytes.slice(place + n * STRIDE, place + n * STRIDE + WIDTH).reduce((sum, byte) => 256n * sum + byte, 0n);

describe('PackedAt', () => {
  let circuit: TestCircuit;
  const bytes = Array.from(seededBytes(3)(BYTES), BigInt);
  const run = (position: bigint): Promise<bigint[]> => circuit.witness({ position, bytes });
  const compile = (parameters: string): Promise<TestCircuit> =>
    compileCircuit(
      `pragma circom 2.2.0;\ninclude "protocols/istanbul/PackedAt.circom";\ncomponent main = PackedAt(${parameters});`,
    );

  beforeAll(async () => {
    circuit = await compile(`${FIRST}, ${COUNT}, ${N}, ${STRIDE}, ${WIDTH}`);
  });

  it('accepts: every position, and reads there', async () => {
    for (let place = 0; place < COUNT; place++) {
      const witness = await run(BigInt(FIRST + place));
      expect(circuit.failingRow(witness)).toBeUndefined();
      for (let i = 0; i < COUNT; i++)
        expect(circuit.value(witness, `main.at[${i}]`)).toBe(i === place ? 1n : 0n);
      for (let n = 0; n < N; n++)
        expect(circuit.value(witness, `main.out[${n}]`)).toBe(packed(bytes, place, n));
    }
  });

  it('accepts: one position, one byte; 31 bytes', async () => {
    const one = await compile('7, 1, 1, 1, 1');
    expect(one.value(await one.witness({ position: 7n, bytes: [200n] }), 'main.out[0]')).toBe(200n);
    expect(await outcomeOf(one.witness({ position: 8n, bytes: [200n] }))).toBe('CIRCUIT_ASSERTION');
    const wide = await compile('0, 2, 1, 1, 31');
    const full = Array.from({ length: 32 }, () => 255n);
    expect(wide.value(await wide.witness({ position: 1n, bytes: full }), 'main.out[0]')).toBe(
      256n ** 31n - 1n,
    );
  });

  it.each([
    ['before the first', BigInt(FIRST - 1)],
    ['behind the last', BigInt(FIRST + COUNT)],
    ['zero', 0n],
    ['minus one', BN254_R - 1n],
    ['between two', (BigInt(2 * FIRST + 1) * ((BN254_R + 1n) / 2n)) % BN254_R],
  ])('rejects: a position %s', async (_what, position) => {
    expect(await outcomeOf(run(position))).toBe('CIRCUIT_ASSERTION');
  });

  it('rejects: every other choice of places, for positions inside and outside, with sums to match', async () => {
    const half = (BN254_R + 1n) / 2n;
    const digits = [0n, 1n, half, BN254_R - 1n, 2n];
    const witness = await run(BigInt(FIRST));
    for (const position of [FIRST - 1, FIRST, FIRST + 1, FIRST + COUNT - 1, FIRST + COUNT])
      for (let choice = 0; choice < digits.length ** COUNT; choice++) {
        const at = Array.from(
          { length: COUNT },
          (_, i) => digits[Math.floor(choice / digits.length ** i) % digits.length] as bigint,
        );
        const honest = at.every((digit, i) => digit === (FIRST + i === position ? 1n : 0n));
        if (honest && position >= FIRST && position < FIRST + COUNT) continue;
        const changes: Record<string, bigint> = { 'main.position': BigInt(position) };
        for (let n = 0; n < N; n++) {
          let sum = 0n;
          for (let i = 0; i < COUNT; i++) {
            changes[`main.at[${i}]`] = at[i] as bigint;
            sum = (sum + (at[i] as bigint) * packed(bytes, i, n)) % BN254_R;
            // The last partial sum is the output.
            if (i < COUNT - 1) changes[`main.partial[${n}][${i}]`] = sum;
          }
          changes[`main.out[${n}]`] = sum;
        }
        expect(circuit.failingRow(circuit.alter(witness, changes)), `${position}: ${at}`).toBeDefined();
      }
  });

  it('rejects: every wire altered alone, but bytes that are not read', async () => {
    for (let place = 0; place < COUNT; place++) {
      const witness = await run(BigInt(FIRST + place));
      const read = Array.from(
        { length: N * WIDTH },
        (_, i) => place + Math.floor(i / WIDTH) * STRIDE + (i % WIDTH),
      );
      const free = Array.from({ length: BYTES }, (_, i) => i).filter((i) => !read.includes(i));
      const names = new Set(circuit.sweep(witness).map(({ names: list }) => list[0]));
      expect([...names].sort()).toEqual(free.map((i) => `main.bytes[${i}]`).sort());
    }
  });

  it('default: size', () => {
    expect(circuit.constraints).toBe((N + 1) * COUNT + 1);
  });
});
