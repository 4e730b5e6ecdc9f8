/** Kernels for pairs of elements, on relaxed SIMD: against the bigint reference at the edges, and against the plain kernels. */
import { execFileSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileKernels, computesRight } from '../../src/engine/threads/kernel-module.js';
import type { Kernels } from '../../src/engine/threads/task.js';
import { generateKernels, type KernelKind } from '../../src/engine/wasm/kernels.js';
import { MAXIMUM_PAGES } from '../../src/engine/wasm/layout.js';
import { PAIR_LIMB_BITS, PAIR_LIMBS } from '../../src/engine/wasm/pair-limbs.js';
import { createWasmEngine } from '../../src/engine/wasm-engine.js';
import { decodeCanonical, encodeCanonical, Fq2 } from '../../src/math/bn254.js';
import { BN254_Q, Fq } from '../../src/math/field.js';
import { runs } from '../support/runs.js';
import { createRandom, multipleG1, multipleG2 } from './support.js';

const SCRATCH = 65536;
const [A, B, OUT, OTHER] = [0x40000, 0x40100, 0x40200, 0x40300] as const;
const [X, Y, Z, W, RESULT] = [0x41000, 0x41200, 0x41400, 0x41600, 0x41800] as const;
const LIMB = 2n ** BigInt(PAIR_LIMB_BITS);
let shared: WebAssembly.Memory;
let memory: Uint8Array;
let pairs: Kernels;
let plain: Kernels;

// Node 20 has relaxed SIMD behind a flag; later versions ignore this one.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');

async function instantiate(wasm: Uint8Array<ArrayBuffer>): Promise<Kernels> {
  const scratch = new WebAssembly.Global({ value: 'i32' }, SCRATCH);
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory: shared, scratch } });
  return instance.exports as unknown as Kernels;
}
const generate = (kind: KernelKind): Promise<Kernels> => {
  const { wasm, scratchBytes } = generateKernels(kind);
  expect(scratchBytes).toBeLessThan(A - SCRATCH);
  return instantiate(wasm);
};

beforeAll(async () => {
  shared = new WebAssembly.Memory({ initial: 64, maximum: MAXIMUM_PAGES, shared: true });
  memory = new Uint8Array(shared.buffer);
  [pairs, plain] = [await generate('pairs'), await generate('plain')];
});

const call = (kernels: Kernels, name: string, ...args: number[]): void => {
  const found = kernels[name];
  if (found === undefined) throw new Error(`${name}: not exported`);
  found(...args);
};
const put = (address: number, value: bigint): void => memory.set(encodeCanonical(value), address);
const get = (address: number): bigint => decodeCanonical(memory.slice(address, address + 32));
const doubles = (address: number): Float64Array => new Float64Array(shared.buffer, address, 2 * PAIR_LIMBS);
const limbsOf = (value: bigint): bigint[] =>
  Array.from({ length: PAIR_LIMBS }, (_, i) => {
    const rest = value >> BigInt(PAIR_LIMB_BITS * i);
    return i === PAIR_LIMBS - 1 ? rest : BigInt.asUintN(PAIR_LIMB_BITS, rest);
  });
const numberOf = (limbs: readonly bigint[]): bigint =>
  limbs.reduceRight((sum, limb) => sum * LIMB + limb, 0n);
/** Writes limbs of both lanes as they are. */
const putLimbs = (address: number, lanes: readonly [readonly bigint[], readonly bigint[]]): void => {
  lanes.forEach((limbs, lane) => {
    for (const [i, limb] of limbs.entries()) doubles(address)[2 * i + lane] = Number(limb);
  });
};
const getLimbs = (address: number, lane: number): bigint[] =>
  Array.from({ length: PAIR_LIMBS }, (_, i) => BigInt(doubles(address)[2 * i + lane] as number));

const inverseRadix = Fq.inv(Fq.mod(1n << 256n));
const product = (a: bigint, b: bigint): bigint => Fq.mul(Fq.mul(Fq.mod(a), Fq.mod(b)), inverseRadix);
const random = createRandom(5);

/** Canonical elements whose limbs or words are at their ends. */
const ELEMENTS: readonly bigint[] = [
  ...[0n, 1n, 2n, BN254_Q - 1n, BN254_Q - 2n, (BN254_Q - 1n) / 2n],
  ...[51n, 64n, 102n, 128n, 153n, 192n, 204n, 253n].map((bits) => (1n << bits) - 1n),
  ...[50n, 51n, 101n, 102n, 153n, 203n, 204n].map((bits) => 1n << bits),
  Fq.mod(1n << 256n),
];
const MOST = LIMB - 1n;
/** Limbs of factors: canonical ones, differences of those, and every limb at its end. */
const FACTORS: readonly (readonly bigint[])[] = [
  ...ELEMENTS.map(limbsOf),
  ...ELEMENTS.map((a, i) =>
    limbsOf(a).map((limb, j) => limb - (limbsOf(ELEMENTS[(i * 7 + 3) % ELEMENTS.length] ?? 0n)[j] ?? 0n)),
  ),
  Array.from({ length: PAIR_LIMBS }, () => MOST),
  Array.from({ length: PAIR_LIMBS }, () => -MOST),
  Array.from({ length: PAIR_LIMBS }, (_, i) => (i % 2 === 0 ? MOST : -MOST)),
];

/** A result is the number modulo p, settled, and no larger than the reduction promises. */
function expectProduct(address: number, lane: number, sum: bigint, expected: bigint): void {
  const limbs = getLimbs(address, lane);
  const value = numberOf(limbs);
  expect(Fq.mod(value)).toBe(expected);
  for (const limb of limbs.slice(0, -1)) {
    expect(limb).toBeGreaterThanOrEqual(0n);
    expect(limb).toBeLessThan(LIMB);
  }
  const excess = 4n * (value * 2n ** 256n - sum);
  const bound = 3n * BN254_Q * 2n ** 256n + BN254_Q * 2n ** 208n;
  expect(excess < bound && excess > -bound).toBe(true);
}

describe('pairs of fq', () => {
  test('default: elements go in and out unchanged, both lanes', () => {
    for (const [i, a] of ELEMENTS.entries()) {
      const b = ELEMENTS[(i + 5) % ELEMENTS.length] as bigint;
      put(A, a);
      put(B, b);
      call(pairs, 'fqPairLoad', X, A, B);
      expect([0, 1].map((lane) => numberOf(getLimbs(X, lane)))).toEqual([a, b]);
      call(pairs, 'fqPairStore', OUT, OTHER, X);
      expect([get(OUT), get(OTHER)]).toEqual([a, b]);
    }
  });

  test('default: products and squares of factors with limbs at their ends, in place too', () => {
    for (const [i, x] of FACTORS.entries()) {
      for (const [j, y] of FACTORS.entries()) {
        const lanes = [
          [x, y],
          [FACTORS[(i + 1) % FACTORS.length] ?? [], FACTORS[(j + 2) % FACTORS.length] ?? []],
        ] as const;
        putLimbs(X, [lanes[0][0], lanes[1][0]]);
        putLimbs(Y, [lanes[0][1], lanes[1][1]]);
        call(pairs, 'fqPairMul', Z, X, Y);
        lanes.forEach(([first, second], lane) => {
          const [a, b] = [numberOf(first), numberOf(second)];
          expectProduct(Z, lane, a * b, product(a, b));
        });
      }
      putLimbs(X, [x, x.map((limb) => -limb)]);
      call(pairs, 'fqPairSquare', X, X);
      const a = numberOf(x);
      for (const lane of [0, 1]) expectProduct(X, lane, a * a, product(a, a));
    }
  });

  test('default: sums and differences of two products', () => {
    for (const [i, x] of FACTORS.entries()) {
      const [y = [], z = [], w = []] = [1, 4, 9].map((step) => FACTORS[(i * step + step) % FACTORS.length]);
      [X, Y, Z, W].forEach((address, k) => {
        const limbs = [x, y, z, w][k] ?? [];
        putLimbs(address, [limbs, limbs.map((limb) => -limb)]);
      });
      const [first, second] = [numberOf(x) * numberOf(y), numberOf(z) * numberOf(w)];
      for (const [name, sum] of [
        ['fqPairDot', first + second],
        ['fqPairDotSub', first - second],
      ] as const) {
        call(pairs, name, RESULT, X, Y, Z, W);
        for (const lane of [0, 1]) expectProduct(RESULT, lane, sum, product(sum, 1n));
      }
    }
  });

  test('behavior: random products', () => {
    for (let i = 0; i < runs(2000, 1_000_000); i++) {
      const [a, b, c] = [random(BN254_Q), random(BN254_Q), random(BN254_Q)];
      putLimbs(X, [limbsOf(a), limbsOf(c)]);
      putLimbs(Y, [limbsOf(b), limbsOf(b)]);
      call(pairs, 'fqPairMul', Z, X, Y);
      call(pairs, 'fqPairReduce', Z);
      call(pairs, 'fqPairStore', OUT, OTHER, Z);
      if (get(OUT) !== product(a, b) || get(OTHER) !== product(c, b)) expect.fail(`${a}, ${b}, ${c}`);
    }
  });

  test('default: numbers around multiples of the prime become canonical, settled or not', () => {
    const near = [-4n, -3n, -2n, -1n, 0n, 1n, 2n, 3n].flatMap((k) =>
      [-2n, -1n, 0n, 1n, 2n, BN254_Q / 2n, LIMB ** 4n, -(LIMB ** 4n)].map((e) => k * BN254_Q + e),
    );
    const values = near.filter((value) => value >= -4n * BN254_Q && value < 4n * BN254_Q);
    expect(values.length).toBeGreaterThan(40);
    for (const [i, value] of values.entries()) {
      const other = values[(i * 5 + 1) % values.length] as bigint;
      // Limbs as a sum or difference leaves them: one limb gives what the next one owes.
      const loosened = limbsOf(value).map((limb, j, all) =>
        value < 0n && j < 4
          ? limb - (j === 0 ? LIMB : LIMB - 1n)
          : limb + (value < 0n && j === all.length - 1 ? 1n : 0n),
      );
      expect(numberOf(loosened)).toBe(value);
      putLimbs(X, [loosened, limbsOf(other)]);
      call(pairs, 'fqPairReduce', X);
      call(pairs, 'fqPairStore', OUT, OTHER, X);
      expect([get(OUT), get(OTHER)]).toEqual([Fq.mod(value), Fq.mod(other)]);
    }
  });
});

describe('pairs of fq2', () => {
  test('default: products and squares of edges, in place too', () => {
    const radix = Fq.mod(1n << 256n);
    const put2 = (address: number, c0: bigint, c1: bigint): void => {
      put(address, Fq.mul(c0, radix));
      put(address + 32, Fq.mul(c1, radix));
    };
    const get2 = (address: number): bigint[] =>
      [get(address), get(address + 32)].map((value) => Fq.mul(value, inverseRadix));
    for (const [i, a] of ELEMENTS.entries()) {
      for (const b of ELEMENTS) {
        const c = ELEMENTS[(i + 3) % ELEMENTS.length] as bigint;
        put2(A, a, b);
        put2(B, c, a);
        call(pairs, 'fq2PairLoad', X, A, B);
        call(pairs, 'fq2PairLoad', Y, B, A);
        call(pairs, 'fq2PairMul', Y, X, Y);
        call(pairs, 'fq2PairReduce', Y);
        call(pairs, 'fq2PairStore', OUT, OTHER, Y);
        const expected = Fq2.mul([a, b], [c, a]);
        expect([get2(OUT), get2(OTHER)]).toEqual([expected, expected]);
        call(pairs, 'fq2PairSquare', X, X);
        call(pairs, 'fq2PairReduce', X);
        call(pairs, 'fq2PairStore', OUT, OTHER, X);
        expect([get2(OUT), get2(OTHER)]).toEqual([Fq2.mul([a, b], [a, b]), Fq2.mul([c, a], [c, a])]);
      }
    }
  });
});

describe.each([
  ['g1', 64, multipleG1],
  ['g2', 128, multipleG2],
] as const)('%s batch addition of pairs', (name, size, encode) => {
  const [RECORDS, POINTS, RESULTS, WORK] = [0x50000, 0x80000, 0x100000, 0x200000];
  const view = (): DataView => new DataView(shared.buffer);
  /** Runs the additions of numbered points on both kinds of kernels; infinity is point 0. */
  const addBoth = (operands: readonly (readonly [number, number])[]): [Uint8Array, Uint8Array] => {
    const [first, second] = [plain, pairs].map((kernels) => {
      memory.fill(0x5a, RESULTS, RESULTS + operands.length * size);
      operands.forEach(([a, b], i) => {
        const record = RECORDS + 16 * i;
        view().setUint32(record, POINTS + Math.abs(a) * size + (a < 0 ? 1 : 0), true);
        view().setUint32(record + 4, POINTS + Math.abs(b) * size + (b < 0 ? 1 : 0), true);
        view().setUint32(record + 8, RESULTS + i * size, true);
      });
      call(kernels, `${name}BatchAdd`, RECORDS, operands.length, WORK);
      return memory.slice(RESULTS, RESULTS + operands.length * size);
    });
    return [first as Uint8Array, second as Uint8Array];
  };
  beforeAll(() => {
    for (let k = 0; k < 24; k++) memory.set(encode(BigInt(k)), POINTS + k * size);
  });

  test('default: every kind of addition beside every other kind in the other lane', () => {
    const kinds = [
      [3, 7],
      [-3, 7],
      [3, -7],
      [-3, -7],
      [5, 5],
      [5, -5],
      [-5, -5],
      [0, 4],
      [4, 0],
      [0, 0],
      [-4, 0],
    ] as const;
    for (const first of kinds) {
      for (const second of kinds) {
        const [want, got] = addBoth([first, second]);
        expect(got).toEqual(want);
        const logs = [first, second].map(([a, b]) => a + b);
        logs.forEach((log, i) => {
          expect(got.slice(i * size, (i + 1) * size)).toEqual(encode(BigInt(log)));
        });
      }
    }
  });

  test('behavior: odd and even counts, around the blocks that are touched together', () => {
    for (const count of [1, 2, 3, 15, 16, 17, 31, 32, 33, 64, 101]) {
      const operands = Array.from({ length: count }, () => {
        const pick = (): number => Number(random(47n)) - 23;
        return [pick(), pick()] as const;
      });
      const [want, got] = addBoth(operands);
      expect(got).toEqual(want);
      expect(want.some((byte) => byte !== 0x5a)).toBe(true);
    }
  });

  test('behavior: results may overwrite their own operands, in both lanes and with an odd count', () => {
    for (const count of [1, 2, 3, 5]) {
      const at = (i: number): number => RESULTS + i * size;
      for (let i = 0; i < count; i++) {
        memory.set(encode(BigInt(i + 2)), at(i));
        const operand = i % 2 === 0 ? at(i) : POINTS + 9 * size;
        [at(i), operand, at(i)].forEach((address, word) => {
          view().setUint32(RECORDS + 16 * i + 4 * word, address, true);
        });
      }
      call(pairs, `${name}BatchAdd`, RECORDS, count, WORK);
      for (let i = 0; i < count; i++) {
        const log = i % 2 === 0 ? 2 * (i + 2) : i + 11;
        expect(memory.slice(at(i), at(i) + size)).toEqual(encode(BigInt(log)));
      }
    }
  });
});

describe('choice of the kernels', () => {
  const reserve = (): number => 0x300000;

  test('default: the check passes for right pairs and fails for another multiply-add', async () => {
    expect(computesRight(pairs, shared, 0x300000)).toBe(true);
    // Turns every a·b + c into c − a·b, by its opcode: valid code that computes something else.
    const wasm = generateKernels('pairs').wasm.slice();
    let changed = 0;
    for (let i = 0; i + 2 < wasm.length; i++) {
      if (wasm[i] === 0xfd && wasm[i + 1] === 0x87 && wasm[i + 2] === 0x02) {
        wasm[i + 1] = 0x88;
        changed++;
      }
    }
    expect(changed).toBeGreaterThan(100);
    expect(computesRight(await instantiate(wasm), shared, 0x300000)).toBe(false);
  });

  test('default: pairs where they run, plain ones on request', async () => {
    expect((await compileKernels(shared, reserve, true)).isPaired).toBe(true);
    expect((await compileKernels(shared, reserve, false)).isPaired).toBe(false);
  });

  test('behavior: engines that start together do not disturb each other, nor leave the flag set', () => {
    const engineFile = new URL('../../dist/engine/wasm-engine.js', import.meta.url).href;
    const code = `
      import { createWasmEngine } from ${JSON.stringify(engineFile)};
      const engines = await Promise.all([1, 1, 1].map((threads) => createWasmEngine({ threads })));
      for (const engine of engines) await engine.close();
      const vector = [0xfd, 12, ...new Array(16).fill(0)];
      const body = [0, ...vector, ...vector, ...vector, 0xfd, 0x87, 0x02, 0x1a, 0x0b];
      const section = (id, ...content) => [id, content.length, ...content];
      const wasm = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section(1, 1, 0x60, 0, 0), ...section(3, 1, 0), ...section(10, 1, body.length, ...body)];
      console.log(engines.length, WebAssembly.validate(new Uint8Array(wasm)));
    `;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(printed.trim()).toBe(`3 ${!process.versions.node.startsWith('20.')}`);
  });

  test('behavior: an engine without relaxed SIMD gives the same sums', async () => {
    const engines = await Promise.all(
      [true, false].map((relaxedSimd) => createWasmEngine({ threads: 2, relaxedSimd })),
    );
    try {
      const sums = await Promise.all(
        engines.map(async (engine) => {
          const count = 300;
          const [scalars, points] = [engine.alloc(count * 32), engine.alloc(count * 64)];
          await engine.frPowers(scalars, count, 3n, 5n);
          await engine.frFromMontgomery(scalars, count);
          await engine.fixedBaseG1(multipleG1(1n), scalars, points, count);
          return engine.msmG1(points, scalars, count);
        }),
      );
      expect(sums[0]).toEqual(sums[1]);
      expect(sums[0]?.some((byte) => byte !== 0)).toBe(true);
    } finally {
      await Promise.all(engines.map((engine) => engine.close()));
    }
  });
});
