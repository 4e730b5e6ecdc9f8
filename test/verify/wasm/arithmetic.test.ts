/** The two arithmetics that verifiers may have, function by function. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LINE_BYTES, PAGE_BYTES, TABLE_BYTES } from '../../../src/engine/pairing/layout.js';
import { LINE_COUNT } from '../../../src/engine/pairing/miller.js';
import { Fr } from '../../../src/math/field.js';
import * as noble from '../../../src/statement/arithmetic.js';
import {
  negateG1,
  negateG2,
  COORDINATE_MODULUS as Q,
  FIELD_MODULUS as R,
} from '../../../src/statement/curve.js';
import { toG1 } from '../../../src/statement/noble-points.js';
import type { G1, VerificationKey } from '../../../src/statement/types.js';
import * as wasm from '../../../src/verify/wasm/arithmetic.js';
import * as code from '../../../src/verify/wasm/code.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';
import { g2OutsideSubgroup, makeKey, secrets } from '../support.js';

const random = seededBytes(77);
const scalar = (): bigint => 1n + seededInteger(random, R - 1n);
const g1 = (k: bigint): G1 => toG1({ x: 1n, y: 2n }).multiplyUnsafe(k).toAffine();
const keys = [makeKey('groth16').verification, makeKey('ultragroth').verification];
const both = [noble, wasm];

describe('the two arithmetics', () => {
  it('default: one has every function of the other', () => {
    const functions = Object.keys(noble);
    expect(functions.length).toBeGreaterThan(4);
    expect(Object.entries(wasm).filter(([name]) => functions.includes(name))).toHaveLength(functions.length);
  });

  it('default: inverses modulo r', () => {
    for (const value of [1n, 2n, R - 1n, R - 2n, (R + 1n) / 2n, scalar()])
      expect([noble.invertScalar(value), wasm.invertScalar(value)]).toEqual([Fr.inv(value), Fr.inv(value)]);
  });

  it('default: multiples of the generator of G2', () => {
    for (const k of [1n, 2n, 3n, 2n ** 253n, R - 1n, scalar()])
      expect(wasm.g2Multiple(k)).toEqual(noble.g2Multiple(k));
  });

  it('error: points outside the subgroup, and those made of them', () => {
    for (let i = 0; i < runs(6, 300); i++) {
      const outside = g2OutsideSubgroup(seededInteger(random, Q));
      for (const point of [outside, negateG2(outside)])
        expect(both.map(({ isInG2 }) => isInG2(point))).toEqual([false, false]);
      const inside = noble.g2Multiple(scalar());
      expect(both.map(({ isInG2 }) => isInG2(inside))).toEqual([true, true]);
    }
  });

  it('default: pairings, in the order of vk_alphabeta_12', () => {
    for (const [a, b] of [
      [1n, 1n],
      [R - 1n, 1n],
      [scalar(), scalar()],
    ] as const)
      expect(wasm.pairing(g1(a), noble.g2Multiple(b))).toEqual(noble.pairing(g1(a), noble.g2Multiple(b)));
  });
});

describe.each(keys.map((key) => [key.system, key] as const))('the arithmetic of a %s key', (_, key) => {
  const prepared = both.map(({ prepareArithmetic }) => prepareArithmetic(key));
  const sums = (inputs: readonly bigint[]) => prepared.map(({ sumInputs }) => sumInputs(inputs));

  it('default: sums of inputs, at the edges and at random', () => {
    const count = key.publicCount;
    const fill = (value: bigint): bigint[] => Array.from({ length: count }, () => value);
    const cases = [fill(0n), fill(1n), fill(R - 1n), fill(16n), fill(2n ** 253n), fill(0n).with(-1, R - 1n)];
    for (let i = 0; i < runs(5, 200); i++) cases.push(fill(0n).map(scalar));
    for (const inputs of cases) {
      const [expected, found] = sums(inputs);
      expect(expected).toBeDefined();
      expect(found).toEqual(expected);
    }
    expect(sums(fill(0n))).toEqual([key.ic[0], key.ic[0]]);
  });

  it('behavior: a sum at infinity is undefined, one that passes through it is right', () => {
    const [p, minus] = [g1(9n), negateG1(g1(9n))];
    const changed: VerificationKey = { ...key, publicCount: 2, ic: [p, p, minus] };
    for (const { prepareArithmetic } of both) {
      const { sumInputs } = prepareArithmetic(changed);
      expect(sumInputs([0n, 1n])).toBeUndefined();
      expect(sumInputs([R - 1n, 0n])).toBeUndefined();
      expect(sumInputs([5n, 6n])).toBeUndefined();
      expect(sumInputs([0n, 2n])).toEqual(minus);
      expect(sumInputs([1n, 0n])).toEqual(g1(18n));
    }
  });

  it('behavior: an input sum at infinity leaves its term out, and the rest must hold by itself', () => {
    // a = α + kδ₂ and c = −kβ, by the secrets of the key: e(a, β)·e(−α, β)·e(c, δ₂) = 1
    const k = scalar();
    const a = toG1(key.alpha1)
      .add(toG1(g1((k * secrets.delta2) % R)))
      .toAffine();
    const c = g1(R - ((k * secrets.beta) % R));
    for (const { prepareArithmetic } of both) {
      const { isOne } = prepareArithmetic(key);
      expect(isOne(key.beta2, [a, undefined, c, undefined])).toBe(true);
      expect(isOne(key.beta2, [a, undefined, negateG1(c), undefined])).toBe(false);
      expect(isOne(key.beta2, [a, g1(1n), c, undefined])).toBe(false);
      expect(isOne(key.beta2, [a, c, c, undefined])).toBe(false);
    }
  });

  it('behavior: each point meets its own point of the key', () => {
    // Logarithms that sum to nothing: a·b − αβ + γ·p₁ + δ₂·p₂ + δ₁·p₃
    const twoRound = key.delta1 !== undefined;
    const logs = [scalar(), scalar(), scalar(), scalar()] as const;
    const [b, p1, p2] = logs;
    const p3 = twoRound ? logs[3] : 0n;
    const { alpha, beta, gamma, delta1, delta2 } = secrets;
    const rest = Fr.mod(alpha * beta - gamma * p1 - delta2 * p2 - delta1 * p3);
    const points = (order: readonly [bigint, bigint, bigint]) =>
      [g1(Fr.mul(rest, Fr.inv(b))), g1(order[0]), g1(order[1]), twoRound ? g1(order[2]) : undefined] as const;
    for (const { g2Multiple, prepareArithmetic } of both) {
      const { isOne } = prepareArithmetic(key);
      expect(isOne(g2Multiple(b), points([p1, p2, p3]))).toBe(true);
      expect(isOne(g2Multiple(b), points([p2, p1, p3]))).toBe(false);
      if (twoRound) {
        expect(isOne(g2Multiple(b), points([p1, p3, p2]))).toBe(false);
        expect(isOne(g2Multiple(b), points([p3, p2, p1]))).toBe(false);
      }
      expect(isOne(g2Multiple(b + 1n), points([p1, p2, p3]))).toBe(false);
    }
  });

  it('behavior: the equation holds exactly where it should', () => {
    // With γ = δ₂ the terms of a point and of its opposite cancel, and e(α, β)·e(−α, β) is left.
    const twin: VerificationKey = { ...key, gamma2: key.delta2 };
    const [p, q] = [g1(scalar()), g1(scalar())];
    for (const { prepareArithmetic } of both) {
      const { isOne } = prepareArithmetic(twin);
      expect(isOne(key.beta2, [key.alpha1, p, negateG1(p), undefined])).toBe(true);
      expect(isOne(key.beta2, [key.alpha1, p, p, undefined])).toBe(false);
      expect(isOne(key.beta2, [key.alpha1, p, negateG1(q), undefined])).toBe(false);
      expect(isOne(key.beta2, [key.alpha1, undefined, p, undefined])).toBe(false);
      expect(isOne(key.beta2, [negateG1(key.alpha1), p, negateG1(p), undefined])).toBe(false);
      expect(isOne(negateG2(key.beta2), [key.alpha1, p, negateG1(p), undefined])).toBe(false);
      expect(isOne(negateG2(key.beta2), [negateG1(key.alpha1), p, negateG1(p), undefined])).toBe(true);
      if (key.delta1) expect(isOne(key.beta2, [key.alpha1, p, negateG1(p), g1(5n)])).toBe(false);
    }
  });
});

describe('the memory of the module', () => {
  const [plain, twoRound] = keys as [VerificationKey, VerificationKey];

  it('behavior: keys keep their own: answers stay the same whatever was computed between', () => {
    const [first, second] = [wasm.prepareArithmetic(plain), wasm.prepareArithmetic(twoRound)];
    const inputs = [3n, 1n, 4n, 1n, 5n, 9n];
    const expected = noble.prepareArithmetic(plain).sumInputs(inputs);
    for (let i = 0; i < 3; i++) {
      expect(first.sumInputs(inputs)).toEqual(expected);
      second.sumInputs([...inputs, 2n]);
      wasm.isInG2(g2OutsideSubgroup(BigInt(i + 1)));
      expect(first.isOne(plain.beta2, [plain.alpha1, expected, negateG1(expected!), undefined])).toBe(false);
      wasm.prepareArithmetic(twoRound);
    }
  });

  it('behavior: grows for the largest key that a document may have', () => {
    const ic = Array.from({ length: 1025 }, (_, i) => g1(BigInt(i + 1)));
    const { sumInputs } = wasm.prepareArithmetic({ ...plain, publicCount: 1024, ic });
    const inputs = ic.slice(1).map((_, i) => BigInt(i) * (R >> 11n));
    const log = inputs.reduce((sum, input, i) => (sum + input * BigInt(i + 2)) % R, 1n);
    expect(sumInputs(inputs)).toEqual(g1(log));
  });

  it('default: sizes are those that the code was generated with', () => {
    expect([code.LINES_BYTES, code.TABLE_BYTES, PAGE_BYTES]).toEqual([
      LINE_COUNT * LINE_BYTES,
      TABLE_BYTES,
      65_536,
    ]);
    expect(code.G2_GENERATOR).toEqual(noble.g2Multiple(1n));
  });
});

describe('where WebAssembly cannot be had', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });
  const fresh = async (): Promise<typeof wasm> => {
    vi.resetModules();
    return import('../../../src/verify/wasm/arithmetic.js');
  };
  const forbidden = {
    Module: class {
      constructor() {
        throw new Error('Refused to compile');
      }
    },
    instantiate: () => Promise.reject(new Error('Refused to compile')),
  };

  it.each([
    ['forbidden', forbidden],
    ['missing', undefined],
  ])(
    'error: WASM_UNAVAILABLE where it is %s, at once and aside; nothing is answered instead',
    async (_, stub) => {
      vi.stubGlobal('WebAssembly', stub);
      const { isInG2, loadWasm, prepareArithmetic } = await fresh();
      const unavailable = expect.objectContaining({
        code: 'WASM_UNAVAILABLE',
        kind: 'environment',
        cause: expect.any(Error),
      });
      expect(() => isInG2(noble.g2Multiple(1n))).toThrow(unavailable);
      expect(() => prepareArithmetic(keys[0]!)).toThrow(unavailable);
      await expect(loadWasm()).rejects.toEqual(unavailable);
      vi.unstubAllGlobals();
      expect(isInG2(noble.g2Multiple(1n))).toBe(true);
    },
  );

  it('default: loadWasm compiles once, aside', async () => {
    const { isInG2, loadWasm } = await fresh();
    await loadWasm();
    vi.stubGlobal('WebAssembly', undefined);
    await loadWasm();
    expect(isInG2(noble.g2Multiple(5n))).toBe(true);
    expect(isInG2(g2OutsideSubgroup(5n))).toBe(false);
  });
});
