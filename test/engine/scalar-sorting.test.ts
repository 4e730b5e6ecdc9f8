import { beforeAll, describe, expect, test } from 'vitest';
import {
  addOffset,
  digitCount,
  digitField,
  digitOffset,
  NOT_CANONICAL,
  readMagnitude,
} from '../../src/engine/points/digits.js';
import { generateKernels } from '../../src/engine/wasm/kernels.js';
import { COEFFICIENT_BYTES, MAXIMUM_PAGES, WINDOW, WINDOW_BYTES } from '../../src/engine/wasm/layout.js';
import { BN254_R } from '../../src/math/field.js';
import { createRandom, EDGE_SCALARS } from './support.js';

const SCRATCH = 65536;
const [SCALARS, OUT, PLAN, OFFSET, ORDER, DIGITS] = [0x40000, 0x50000, 0x51000, 0x52000, 0x53000, 0x60000];
let kernels: Record<string, (...args: number[]) => number>;
let words: Uint32Array;
let halves: Uint16Array;

beforeAll(async () => {
  const { wasm } = generateKernels('plain');
  const memory = new WebAssembly.Memory({ initial: 32, maximum: MAXIMUM_PAGES, shared: true });
  const scratch = new WebAssembly.Global({ value: 'i32' }, SCRATCH);
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory, scratch } });
  kernels = instance.exports as typeof kernels;
  words = new Uint32Array(memory.buffer);
  halves = new Uint16Array(memory.buffer);
});

const call = (name: string, ...args: number[]): number => {
  const found = kernels[name];
  if (found === undefined) throw new Error(`${name}: not exported`);
  return found(...args);
};
const put = (value: bigint, at: number): void => {
  for (let i = 0; i < 8; i++) words[at / 4 + i] = Number((value >> BigInt(32 * i)) & 0xffffffffn);
};
const random = createRandom(5);
const SCALARS_TRIED = [
  ...EDGE_SCALARS,
  ...Array.from({ length: 200 }, (_, i) => random(i % 2 === 0 ? BN254_R : 1n << BigInt(i))),
].map((scalar) => scalar % BN254_R);

describe('scalarMagnitude', () => {
  const magnitude = new Uint32Array(8);
  test.each([
    ['canonical', SCALARS_TRIED],
    ['not canonical', [BN254_R, BN254_R + 1n, 2n * BN254_R, (1n << 256n) - 1n, 1n << 255n]],
  ])('behavior: as in JavaScript, %s', (label, scalars) => {
    for (const scalar of scalars) {
      put(scalar, SCALARS);
      const kind = call('scalarMagnitude', SCALARS, OUT);
      expect(kind).toBe(readMagnitude(words, SCALARS / 4, magnitude));
      expect(kind === NOT_CANONICAL).toBe(label !== 'canonical');
      if (kind !== NOT_CANONICAL) expect(words.slice(OUT / 4, OUT / 4 + 8)).toEqual(magnitude);
    }
  });
});

describe('scalarsRecode', () => {
  const [magnitude, shifted] = [new Uint32Array(8), new Uint32Array(9)];
  test.each([2, 3, 7, 8, 13, 15, 16])('behavior: digits of %i bits as in JavaScript', (windowBits) => {
    const windows = digitCount(254, windowBits);
    const offset = digitOffset(windowBits, windows);
    words.fill(0, OFFSET / 4, OFFSET / 4 + 10);
    words.set(offset, OFFSET / 4);
    SCALARS_TRIED.forEach((scalar, i) => {
      put(scalar, SCALARS + 32 * i);
      words[ORDER / 4 + i] = i | ((i % 2) << 31);
    });
    for (let w = 0; w < windows; w++)
      words[(PLAN + w * WINDOW_BYTES + WINDOW.digits) / 4] = DIGITS + w * 1024;
    call('scalarsRecode', ORDER, 0, SCALARS_TRIED.length, SCALARS, windowBits, OFFSET, PLAN);
    SCALARS_TRIED.forEach((_, i) => {
      const kind = readMagnitude(words, SCALARS / 4 + 8 * i, magnitude);
      addOffset(magnitude, offset, shifted);
      for (let w = 0; w < digitCount(kind >>> 1, windowBits); w++)
        expect(halves[(DIGITS + w * 1024) / 2 + i]).toBe(digitField(shifted, windowBits, w));
    });
  });
});

describe('coefficientsCheck', () => {
  const [wires, rows, count] = [10, 16, 5];
  const write = (index: number, matrix: number, row: number, wire: number, value: bigint): void => {
    const record = SCALARS + index * COEFFICIENT_BYTES;
    words.set([matrix, row, wire], record / 4);
    put(value, record + 12);
  };
  const check = (): number =>
    call('coefficientsCheck', SCALARS, SCALARS + count * COEFFICIENT_BYTES, wires, rows);

  test.each([
    ['the matrix', 2, 0, 0, 1n],
    ['the row', 0, rows, 0, 1n],
    ['the wire', 1, 0, wires, 1n],
    ['a value of r', 0, 0, 0, BN254_R],
    ['a value with its top bits set', 1, 0, 0, (1n << 256n) - 1n],
  ] as const)('error: names the record where %s is out of range', (_, matrix, row, wire, value) => {
    for (let i = 0; i < count; i++) write(i, i % 2, rows - 1, wires - 1, i === 0 ? 0n : BN254_R - 1n);
    expect(check()).toBe(0);
    for (const bad of [count - 1, 2, 0]) {
      write(bad, matrix, row, wire, value);
      expect(check()).toBe(SCALARS + bad * COEFFICIENT_BYTES);
    }
  });
});
