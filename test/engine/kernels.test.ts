import { beforeAll, describe, expect, test } from 'vitest';
import { generateKernels } from '../../src/engine/wasm/kernels.js';
import { MAXIMUM_PAGES } from '../../src/engine/wasm/layout.js';
import { decodeCanonical, encodeCanonical, Fq2, type Fq2Element } from '../../src/math/bn254.js';
import { BN254_Q, type Field, Fq, Fr } from '../../src/math/field.js';
import { runs } from '../support/runs.js';
import { createRandom, multipleG1, multipleG2 } from './support.js';

const SCRATCH = 65536;
const [A, B, OUT] = [0x40000, 0x40100, 0x40200];
let exported: Record<string, (...args: number[]) => number>;
let memory: Uint8Array;

beforeAll(async () => {
  const { wasm, scratchBytes } = generateKernels('plain');
  expect(scratchBytes).toBeLessThan(A - SCRATCH);
  const shared = new WebAssembly.Memory({ initial: 32, maximum: MAXIMUM_PAGES, shared: true });
  const scratch = new WebAssembly.Global({ value: 'i32' }, SCRATCH);
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory: shared, scratch } });
  exported = instance.exports as typeof exported;
  memory = new Uint8Array(shared.buffer);
});

const put = (address: number, value: bigint): void => memory.set(encodeCanonical(value), address);
const get = (address: number): bigint => decodeCanonical(memory.slice(address, address + 32));
const call = (name: string, ...args: number[]): number => {
  const found = exported[name];
  if (found === undefined) throw new Error(`${name}: not exported`);
  return found(...args);
};

/** Edges: small, near the prime, limbs and words all ones, and their Montgomery forms. */
function edgesOf(field: Field): bigint[] {
  const plain = [0n, 1n, 2n, 3n, field.p - 1n, field.p - 2n, (field.p - 1n) / 2n, (field.p + 1n) / 2n];
  const ones = [29n, 32n, 58n, 64n, 87n, 128n, 192n, 232n, 253n].map((bits) => (1n << bits) - 1n);
  const holes = [29n, 64n, 128n, 192n, 232n].map((bits) => ((1n << 253n) - 1n) ^ (1n << bits));
  const forms = plain.map((value) => field.mod(value << 256n));
  return [...new Set([...plain, ...ones, ...holes, ...forms].map(field.mod))];
}

describe.each([
  ['fr', Fr],
  ['fq', Fq],
] as const)('%s kernels', (name, field) => {
  const inverseRadix = field.inv(field.mod(1n << 256n));
  const product = (a: bigint, b: bigint): bigint => field.mul(field.mul(a, b), inverseRadix);
  const random = createRandom(1);

  test('default: every pair of edges, result in a third place', () => {
    for (const a of edgesOf(field)) {
      for (const b of edgesOf(field)) {
        put(A, a);
        put(B, b);
        call(`${name}Mul`, OUT, A, B);
        expect(get(OUT)).toBe(product(a, b));
        call(`${name}Add`, OUT, A, B);
        expect(get(OUT)).toBe(field.add(a, b));
        call(`${name}Sub`, OUT, A, B);
        expect(get(OUT)).toBe(field.sub(a, b));
      }
    }
  });

  test('behavior: random pairs', () => {
    for (let i = 0; i < runs(2000, 1_000_000); i++) {
      const [a, b] = [random(field.p), random(field.p)];
      put(A, a);
      put(B, b);
      call(`${name}Mul`, OUT, A, B);
      if (get(OUT) !== product(a, b)) expect.fail(`${a} · ${b}`);
      call(`${name}Square`, OUT, A);
      if (get(OUT) !== product(a, a)) expect.fail(`${a}²`);
    }
  });

  test('behavior: one operand, and results in place', () => {
    for (const a of [...edgesOf(field), ...Array.from({ length: 20 }, () => random(field.p))]) {
      put(A, a);
      call(`${name}Neg`, OUT, A);
      expect(get(OUT)).toBe(field.neg(a));
      call(`${name}ToMontgomery`, OUT, A);
      expect(get(OUT)).toBe(field.mod(a << 256n));
      call(`${name}FromMontgomery`, OUT, OUT);
      expect(get(OUT)).toBe(a);
      call(`${name}Invert`, OUT, A);
      expect(get(OUT)).toBe(a === 0n ? 0n : field.inv(product(product(a, 1n), 1n)));
      call(`${name}Square`, A, A);
      expect(get(A)).toBe(product(a, a));
      put(A, a);
      call(`${name}Mul`, A, A, A);
      expect(get(A)).toBe(product(a, a));
      put(A, a);
      call(`${name}Sub`, A, A, A);
      expect(get(A)).toBe(0n);
    }
  });
});

describe('fused fq kernels', () => {
  const inverseRadix = Fq.inv(Fq.mod(1n << 256n));
  const product = (a: bigint, b: bigint): bigint => Fq.mul(Fq.mul(a, b), inverseRadix);
  const [C, D] = [0x40300, 0x40400];

  test('default: loose operands up to twice the prime, results canonical or loose', () => {
    const canonical = [0n, 1n, BN254_Q - 1n, (1n << 253n) - 1n];
    const loose = [0n, 1n, BN254_Q - 1n, BN254_Q, BN254_Q + 1n, 2n * BN254_Q - 1n];
    for (const c of loose) {
      for (const a of canonical) {
        for (const b of canonical) {
          put(A, a);
          put(B, b);
          put(C, c);
          call('fqSubMulLoose', OUT, A, B, C);
          expect(get(OUT)).toBeLessThan(2n * BN254_Q);
          expect(Fq.mod(get(OUT))).toBe(product(Fq.sub(a, b), Fq.mod(c)));
          call('fqSquareSubSub', OUT, C, A, B);
          expect(get(OUT)).toBe(Fq.mod(product(Fq.mod(c), Fq.mod(c)) - a - b));
          for (const d of canonical) {
            put(D, d);
            call('fqSubMulSub', OUT, A, B, C, D);
            expect(get(OUT)).toBe(Fq.sub(product(Fq.sub(a, b), Fq.mod(c)), d));
          }
        }
      }
      for (const other of loose) {
        put(A, other);
        put(C, c);
        call('fqMulLoose', OUT, A, C);
        expect(get(OUT)).toBeLessThan(2n * BN254_Q);
        expect(Fq.mod(get(OUT))).toBe(product(Fq.mod(other), Fq.mod(c)));
      }
      put(C, c);
      call('fqInvert', OUT, C);
      const value = product(product(Fq.mod(c), 1n), 1n);
      expect(get(OUT)).toBe(value === 0n ? 0n : Fq.inv(value));
    }
  });
});

describe('fq2 kernels', () => {
  const radix = Fq.mod(1n << 256n);
  const inverseRadix = Fq.inv(radix);
  const put2 = (address: number, [c0, c1]: Fq2Element): void => {
    put(address, Fq.mul(c0, radix));
    put(address + 32, Fq.mul(c1, radix));
  };
  const get2 = (address: number): Fq2Element => [
    Fq.mul(get(address), inverseRadix),
    Fq.mul(get(address + 32), inverseRadix),
  ];

  test('default: pairs of edges agree with the reference, in place too', () => {
    const coordinates = [0n, 1n, BN254_Q - 1n, (1n << 253n) - 1n, 5n];
    const elements = coordinates.flatMap((c0) => coordinates.map((c1): Fq2Element => [c0, c1]));
    for (const a of elements) {
      for (const b of elements) {
        put2(A, a);
        put2(B, b);
        call('fq2Mul', OUT, A, B);
        expect(get2(OUT)).toEqual(Fq2.mul(a, b));
        call('fq2Add', OUT, A, B);
        expect(get2(OUT)).toEqual(Fq2.add(a, b));
        call('fq2Sub', OUT, A, B);
        expect(get2(OUT)).toEqual(Fq2.sub(a, b));
        call('fq2Mul', B, A, B);
        expect(get2(B)).toEqual(Fq2.mul(a, b));
      }
      call('fq2Neg', OUT, A);
      expect(get2(OUT)).toEqual(Fq2.neg(a));
      call('fq2Invert', OUT, A);
      const isZero = a[0] === 0n && a[1] === 0n;
      expect(get2(OUT)).toEqual(isZero ? [0n, 0n] : Fq2.inv(a));
      call('fq2Square', A, A);
      expect(get2(A)).toEqual(Fq2.mul(a, a));
    }
  });
});

describe.each([
  ['g1', 64, multipleG1],
  ['g2', 128, multipleG2],
] as const)('%s batch addition', (name, size, encode) => {
  const RECORDS = 0x50000;
  const POINTS = 0x60000;
  const RESULTS = 0x80000;
  const WORK = 0xa0000;

  test('default: equal, opposite, infinite and negated operands in one batch', () => {
    const logs = [0n, 1n, -1n, 2n, 5n, 5n];
    logs.forEach((k, i) => {
      memory.set(encode(k), POINTS + i * size);
    });
    const view = new DataView(memory.buffer);
    const expected: Uint8Array[] = [];
    for (const [i, first] of logs.entries()) {
      for (const [j, second] of logs.entries()) {
        for (const signs of [0, 1, 2, 3]) {
          const record = RECORDS + 16 * expected.length;
          view.setUint32(record, (POINTS + i * size) | (signs & 1), true);
          view.setUint32(record + 4, (POINTS + j * size) | (signs >> 1), true);
          view.setUint32(record + 8, RESULTS + expected.length * size, true);
          expected.push(encode((signs & 1 ? -first : first) + (signs & 2 ? -second : second)));
        }
      }
    }
    call(`${name}BatchAdd`, RECORDS, expected.length, WORK);
    expected.forEach((want, i) => {
      expect(memory.slice(RESULTS + i * size, RESULTS + (i + 1) * size)).toEqual(want);
    });
  });

  test('behavior: a result may overwrite its operands', () => {
    memory.set(encode(3n), POINTS);
    const view = new DataView(memory.buffer);
    for (let word = 0; word < 3; word++) view.setUint32(RECORDS + 4 * word, POINTS, true);
    call(`${name}BatchAdd`, RECORDS, 1, WORK);
    expect(memory.slice(POINTS, POINTS + size)).toEqual(encode(6n));
    call(`${name}BatchAdd`, RECORDS, 0, WORK);
    expect(memory.slice(POINTS, POINTS + size)).toEqual(encode(6n));
  });
});
