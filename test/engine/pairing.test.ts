/** The generated pairing against bigint arithmetic and @noble/curves, and against the facts that its shortcuts stand on. */
import { readFileSync } from 'node:fs';
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, it } from 'vitest';
import { pairingCodeFile } from '../../src/engine/pairing/code-file.js';
import {
  encodeDigits,
  frobeniusFactor,
  signedDigits,
  BN254_X as X,
} from '../../src/engine/pairing/constants.js';
import { generatePairing, PAIRING_EXPORTS } from '../../src/engine/pairing/index.js';
import { CONSTANTS_ADDRESS, LINE_BYTES, PAGE_BYTES } from '../../src/engine/pairing/layout.js';
import { LINE_COUNT } from '../../src/engine/pairing/miller.js';
import { buildModule } from '../../src/engine/pairing/module.js';
import { call } from '../../src/engine/wasm/assembler.js';
import {
  Fq2,
  type Fq2Element,
  G1,
  G1_GENERATOR,
  type G1Point,
  G2,
  G2_GENERATOR,
  type G2Point,
  BN254_Q as Q,
  BN254_R as R,
} from '../../src/math/bn254.js';
import { Fq } from '../../src/math/field.js';
import type { G2 as PlainG2 } from '../../src/statement/types.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { g2OutsideSubgroup } from '../verify/support.js';
import { edges, type Fq12Element, loadPairing, mul12, ONE12, pow12 } from './pairing-support.js';

const random = seededBytes(254);
const element = (): bigint => seededInteger(random, Q);
const scalar = (): bigint => seededInteger(random, R);
const fq12Edges = edges(12, element);
const toBigints = (value: ReturnType<typeof bn254.pairing>): bigint[] =>
  [value.c0, value.c1].flatMap((half) => [half.c0, half.c1, half.c2].flatMap(({ c0, c1 }) => [c0, c1]));
const noble1 = (k: bigint) => bn254.G1.Point.BASE.multiplyUnsafe(k);
const noble2 = (k: bigint) => bn254.G2.Point.BASE.multiplyUnsafe(k);
/** An element of order q⁴ − q² + 1 or a divisor. */
const cyclotomic = (): Fq12Element =>
  toBigints(bn254.fields.Fp12.finalExponentiate(bn254.pairing(noble1(5n), noble2(7n), false)));

describe('the numbers that the shortcuts stand on', () => {
  const trace = 6n * X * X + 1n;
  it('default: q and r follow from x; 6x² + 1 is the trace', () => {
    expect(36n * X ** 4n + 36n * X ** 3n + 24n * X ** 2n + 6n * X + 1n).toBe(Q);
    expect(Q + 1n - trace).toBe(R);
  });

  it('default: the norm of ψ − 6x² is r, so that ψ(P) = [6x²]P has no solutions outside the subgroup', () => {
    const eigenvalue = 6n * X * X;
    expect(eigenvalue ** 2n - trace * eigenvalue + Q).toBe(R);
    expect(((Q % R) - eigenvalue) % R).toBe(0n);
    expect(eigenvalue < 1n << 127n).toBe(true);
  });

  it('default: the loop count ends where the optimal ate pairing needs it', () => {
    expect((6n * X + 2n + Q - Q ** 2n + Q ** 3n) % R).toBe(0n);
  });

  it('default: r does not divide the further factor of the exponent, so nothing else becomes 1', () => {
    const factor = 2n * X * (6n * X * X + 3n * X + 1n);
    expect(factor % R).not.toBe(0n);
    const hard = [-1n + 4n * X + 6n * X ** 2n + 12n * X ** 3n, 6n * X + 6n * X ** 2n + 12n * X ** 3n];
    const low = [4n * X + 6n * X ** 2n + 12n * X ** 3n, 1n + 6n * X + 12n * X ** 2n + 12n * X ** 3n];
    const exponent = hard[0]! * Q ** 3n + hard[1]! * Q ** 2n + low[0]! * Q + low[1]!;
    expect(exponent).toBe((factor * (Q ** 4n - Q ** 2n + 1n)) / R);
    expect((Q ** 4n - Q ** 2n + 1n) % R).toBe(0n);
  });

  it('default: both curves have odd order, so that no point has order two and the addition is complete', () => {
    expect(R & 1n).toBe(1n);
    expect((2n * Q - R) & 1n).toBe(1n);
    // The order of the twist is r·(2q − r).
    expect(G2.mul(outside(3n), R * (2n * Q - R))).toBeUndefined();
  });

  it('default: digits make their number; no two neighbours both count', () => {
    for (const value of [X, 6n * X + 2n, 1n, 2n, 3n, 7n]) {
      const digits = signedDigits(value);
      expect(digits.reduce((sum, digit, i) => sum + (BigInt(digit) << BigInt(i)), 0n)).toBe(value);
      expect(digits.at(-1)).toBe(1);
      expect(digits.some((digit, i) => digit !== 0 && (digits[i + 1] ?? 0) !== 0)).toBe(false);
      expect([...new Int32Array(encodeDigits(value).buffer)]).toEqual(digits.reverse().slice(1));
    }
  });
});

/** A point of the twist that is not in the subgroup. */
const outside = (start: bigint): G2Point => asG2(g2OutsideSubgroup(start));
const asG2 = ({ x, y }: PlainG2): G2Point => ({ x, y });

describe('the tower', () => {
  const pairing = loadPairing(
    'fq12Mul',
    'fq12Square',
    'fq12Invert',
    'fq12Conjugate',
    'fq12Frobenius',
    'fq12MulByLine',
    'fq12CyclotomicSquare',
    'fq12CyclotomicPower',
  );

  it('default: products and squares of all edges, in place too', () => {
    for (const a of fq12Edges) {
      expect(pairing.apply('fq12Square', 12, a)).toEqual(mul12(a, a));
      expect(pairing.applyOver('fq12Square', 0, a)).toEqual(mul12(a, a));
      for (const b of fq12Edges) {
        expect(pairing.apply('fq12Mul', 12, a, b)).toEqual(mul12(a, b));
        expect(pairing.applyOver('fq12Mul', 0, a, b)).toEqual(mul12(a, b));
        expect(pairing.applyOver('fq12Mul', 1, a, b)).toEqual(mul12(a, b));
      }
    }
    const same = pairing.put(fq12Edges[6]!);
    pairing.call('fq12Mul', same, same, same);
    expect(pairing.get(same, 12)).toEqual(mul12(fq12Edges[6]!, fq12Edges[6]!));
  });

  it('default: inverses; zero has the inverse zero', () => {
    for (const a of fq12Edges) {
      const inverse = pairing.apply('fq12Invert', 12, a);
      expect(mul12(a, inverse)).toEqual(a.some((c) => c !== 0n) ? ONE12 : a);
      expect(pairing.applyOver('fq12Invert', 0, a)).toEqual(inverse);
    }
  });

  it('default: the Frobenius endomorphism is the q-th power, conjugation its sixth iterate', () => {
    for (const a of [fq12Edges[4]!, fq12Edges[6]!]) {
      expect(pairing.apply('fq12Frobenius', 12, a)).toEqual(pow12(a, Q));
      let image = a;
      for (let i = 0; i < 6; i++) image = pairing.applyOver('fq12Frobenius', 0, image);
      expect(image).toEqual(pairing.apply('fq12Conjugate', 12, a));
      expect(pairing.applyOver('fq12Conjugate', 0, a)).toEqual(image);
    }
    expect(Fq2.mul(frobeniusFactor(3), frobeniusFactor(3))).toEqual(frobeniusFactor(6));
  });

  it('default: products with lines', () => {
    for (const a of fq12Edges)
      for (const l of edges(6, element)) {
        const full = [l[0]!, l[1]!, 0n, 0n, 0n, 0n, l[2]!, l[3]!, l[4]!, l[5]!, 0n, 0n];
        expect(pairing.apply('fq12MulByLine', 12, a, l)).toEqual(mul12(a, full));
        expect(pairing.applyOver('fq12MulByLine', 0, a, l)).toEqual(mul12(a, full));
      }
  });

  it('default: squares and x-th powers in the cyclotomic subgroup', () => {
    const a = cyclotomic();
    expect(pairing.apply('fq12CyclotomicSquare', 12, a)).toEqual(mul12(a, a));
    expect(pairing.applyOver('fq12CyclotomicSquare', 0, a)).toEqual(mul12(a, a));
    expect(pairing.apply('fq12CyclotomicSquare', 12, ONE12)).toEqual(ONE12);
    expect(pairing.apply('fq12CyclotomicPower', 12, a)).toEqual(pow12(a, X));
    expect(pairing.apply('fq12CyclotomicPower', 12, ONE12)).toEqual(ONE12);
  });
});

/** A group of the module beside its reference. */
function describeGroup<F>(
  name: string,
  reference: {
    readonly add: (a: Point<F>, b: Point<F>) => Point<F>;
    readonly neg: (a: Point<F>) => Point<F>;
    readonly mul: (a: Point<F>, k: bigint) => Point<F>;
  },
  generator: Point<F>,
  flat: (coordinate: F) => readonly bigint[],
  others: readonly Point<F>[],
): void {
  describe(`${name}: one addition for all cases`, () => {
    const pairing = loadPairing(`${name}Add`, `${name}ToAffine`);
    const size = flat(generator!.x).length;
    const field = (value: bigint): bigint[] => [value, ...Array.from({ length: size - 1 }, () => 0n)];
    /** Projective coordinates with this z. */
    const projective = (point: Point<F>, z: bigint): bigint[] =>
      point === undefined
        ? [...field(0n), ...field(z), ...field(0n)]
        : [...[...flat(point.x), ...flat(point.y)].map((c) => Fq.mul(c, z)), ...field(z)];
    const affine = (point: Point<F>): bigint[] =>
      point === undefined ? [...field(0n), ...field(0n)] : [...flat(point.x), ...flat(point.y)];
    const sum = (a: readonly bigint[], b: readonly bigint[]): bigint[] =>
      pairing.apply(`${name}ToAffine`, 2 * size, pairing.apply(`${name}Add`, 3 * size, a, b));

    it('default: equal, opposite, infinite, small and large points, with any z, in place too', () => {
      const points = [
        undefined,
        generator,
        reference.mul(generator, 2n),
        reference.mul(generator, R - 1n),
        ...others,
      ];
      for (const p of points)
        for (const q of [...points, p, reference.neg(p)]) {
          const expected = affine(reference.add(p, q));
          const [a, b] = [projective(p, 1n), projective(q, 1n + (element() % (Q - 1n)))];
          expect(sum(a, b)).toEqual(expected);
          for (const over of [0, 1])
            expect(
              pairing.apply(`${name}ToAffine`, 2 * size, pairing.applyOver(`${name}Add`, over, a, b)),
            ).toEqual(expected);
        }
      const place = pairing.put(projective(generator, 7n));
      pairing.call(`${name}Add`, place, place, place);
      expect(pairing.apply(`${name}ToAffine`, 2 * size, pairing.get(place, 3 * size))).toEqual(
        affine(reference.add(generator, generator)),
      );
    });
  });
}
type Point<F> = { readonly x: F; readonly y: F } | undefined;

describeGroup<bigint>('g1', G1, G1_GENERATOR, (c) => [c], [G1.mul(G1_GENERATOR, scalar())]);
describeGroup<Fq2Element>('g2', G2, G2_GENERATOR, (c) => c, [
  G2.mul(G2_GENERATOR, scalar()),
  // Outside the subgroup, where its formulas must hold as well: an arbitrary point, one of order 10069, one of the cofactor's order.
  outside(1n),
  G2.mul(outside(2n), (R * (2n * Q - R)) / 10_069n),
  G2.mul(outside(5n), R),
]);

describe('sums of points of G1', () => {
  const pairing = loadPairing('g1Table', 'g1Sum');
  const flat = (point: G1Point): bigint[] => (point === undefined ? [0n, 0n] : [point.x, point.y]);
  const sum = (points: readonly G1Point[], scalars: readonly bigint[]): bigint[] => {
    pairing.clear();
    const sources = points.map((point) => pairing.put(flat(point)));
    const tables = pairing.take(48 * points.length);
    sources.forEach((source, i) => {
      pairing.call('g1Table', tables + 48 * 32 * i, source);
    });
    const out = pairing.take(2);
    pairing.call('g1Sum', out, tables, pairing.putIntegers(scalars), points.length);
    return pairing.get(out, 2);
  };
  const g = G1_GENERATOR;

  it('default: as the reference, for scalars at the edges and beyond the order', () => {
    const scalars = [0n, 1n, 2n, 15n, 16n, R - 1n, R, R + 1n, 2n ** 256n - 1n, 2n ** 255n, scalar()];
    for (const k of scalars) expect(sum([g], [k])).toEqual(flat(G1.mul(g, k)));
    const points = scalars.map((_, i) => G1.mul(g, BigInt(i + 1)));
    expect(sum(points, scalars)).toEqual(flat(G1.msm(points, scalars)));
    expect(sum([], [])).toEqual([0n, 0n]);
  });

  it('behavior: sums that meet equal points, opposite points and infinity on the way', () => {
    expect(sum([g, g], [5n, 5n])).toEqual(flat(G1.mul(g, 10n)));
    expect(sum([g, G1.neg(g)], [R - 1n, R - 1n])).toEqual([0n, 0n]);
    expect(sum([g, g], [1n, R - 1n])).toEqual([0n, 0n]);
    expect(sum([g, G1.mul(g, 2n)], [2n ** 200n, (R - 2n ** 199n) % R])).toEqual([0n, 0n]);
  });
});

describe('membership in G2', () => {
  const pairing = loadPairing('g2IsMember', 'g2Multiply');
  const isMember = (point: G2Point): boolean => {
    pairing.clear();
    return pairing.call('g2IsMember', pairing.put([...point!.x, ...point!.y])) === 1;
  };
  const multiply = (point: G2Point, k: bigint): bigint[] => {
    pairing.clear();
    const out = pairing.take(4);
    pairing.call('g2Multiply', out, pairing.put([...point!.x, ...point!.y]), pairing.putIntegers([k]));
    return pairing.get(out, 4);
  };
  const flat = (point: G2Point): bigint[] =>
    point === undefined ? [0n, 0n, 0n, 0n] : [...point.x, ...point.y];

  it('default: multiples of the generator are members', () => {
    for (const k of [1n, 2n, R - 1n, X, scalar(), scalar()])
      expect(isMember(G2.mul(G2_GENERATOR, k))).toBe(true);
  });

  it('error: points outside, of every order that the cofactor has, alone or added to a member', () => {
    const cofactor = 2n * Q - R;
    const start = outside(11n);
    const divisors = [10_069n, 5_864_401n, 1_875_725_156_269n];
    for (const divisor of divisors) expect(cofactor % divisor).toBe(0n);
    const strangers = [
      start,
      G2.mul(start, R),
      ...divisors.flatMap((divisor) => [
        G2.mul(start, (R * cofactor) / divisor),
        G2.mul(start, cofactor / divisor),
        G2.mul(start, R * divisor),
      ]),
    ];
    for (const stranger of strangers) {
      expect(stranger).toBeDefined();
      for (const point of [stranger, G2.neg(stranger), G2.add(stranger, G2_GENERATOR)]) {
        expect(G2.isInSubgroup(point)).toBe(false);
        expect(isMember(point)).toBe(false);
      }
    }
    expect(isMember(G2.mul(start, cofactor))).toBe(true);
  });

  it('error: random points of the twist are refused as the reference refuses them', () => {
    for (let i = 0; i < runs(5, 200); i++) {
      const point = outside(element());
      expect([isMember(point), G2.isInSubgroup(point)]).toEqual([false, false]);
    }
  });

  it('default: multiples as the reference has them, in the subgroup and outside', () => {
    for (const point of [G2_GENERATOR, outside(21n)])
      for (const k of [0n, 1n, 2n, R - 1n, R, 2n ** 256n - 1n, scalar()])
        expect(multiply(point, k)).toEqual(flat(G2.mul(point, k)));
  });
});

describe('the pairing', () => {
  const pairing = loadPairing('lines', 'miller', 'finalExponentiation', 'fq12Mul');
  type Noble1 = ReturnType<typeof noble1>;
  type Noble2 = ReturnType<typeof noble2>;
  const miller = (pairs: readonly (readonly [Noble1, Noble2])[]): bigint[] => {
    pairing.clear();
    const places = pairs.map(([p, q]) => {
      const [{ x, y }, point] = [q.toAffine(), p.toAffine()];
      const lines = pairing.take((LINE_COUNT * LINE_BYTES) / 32);
      pairing.call('lines', lines, pairing.put([x.c0, x.c1, y.c0, y.c1]));
      return [lines, pairing.put([point.x, point.y])];
    });
    const [list, out] = [pairing.take(pairs.length), pairing.take(12)];
    places.flat().forEach((address, i) => {
      pairing.view.setUint32(list + 4 * i, address, true);
    });
    pairing.call('miller', out, list, pairs.length);
    return pairing.get(out, 12);
  };
  const raise = (value: readonly bigint[]): bigint[] => {
    pairing.clear();
    const place = pairing.put(value);
    pairing.call('finalExponentiation', place);
    return pairing.get(place, 12);
  };
  const product = (pairs: readonly (readonly [Noble1, Noble2])[]): bigint[] => raise(miller(pairs));

  it('default: values of @noble/curves, for points at the edges', () => {
    for (const [a, b] of [
      [1n, 1n],
      [R - 1n, 1n],
      [1n, R - 1n],
      [2n, X],
      [scalar(), scalar()],
    ] as const)
      expect(product([[noble1(a), noble2(b)]])).toEqual(toBigints(bn254.pairing(noble1(a), noble2(b))));
  });

  it('default: the final exponentiation is a power, of any element', () => {
    const exponent = ((Q ** 12n - 1n) / R) * 2n * X * (6n * X * X + 3n * X + 1n);
    for (const value of [fq12Edges[5]!, fq12Edges[6]!, ONE12, miller([[noble1(3n), noble2(4n)]])])
      expect(raise(value)).toEqual(pow12(value, exponent));
    expect(raise(fq12Edges[0]!)).toEqual(fq12Edges[0]!);
  });

  it('behavior: bilinear, not degenerate, of order r', () => {
    const e = product([[noble1(1n), noble2(1n)]]);
    expect(e).not.toEqual(ONE12);
    expect(pow12(e, R)).toEqual(ONE12);
    const [a, b] = [scalar(), scalar()];
    expect(product([[noble1(a), noble2(b)]])).toEqual(pow12(e, (a * b) % R));
    expect(product([[noble1((a * b) % R), noble2(1n)]])).toEqual(pow12(e, (a * b) % R));
  });

  it('behavior: products of one to five pairs share their squarings; the empty one is 1', () => {
    expect(product([])).toEqual(ONE12);
    const pairs = Array.from(
      { length: 5 },
      () => [noble1(1n + scalar() / 2n), noble2(1n + scalar() / 2n)] as const,
    );
    for (let count = 1; count <= 5; count++)
      expect(product(pairs.slice(0, count))).toEqual(
        pairs.slice(0, count).reduce<Fq12Element>((all, pair) => mul12(all, product([pair])), ONE12),
      );
    const [[p, q]] = pairs as [readonly [Noble1, Noble2]];
    expect(
      product([
        [p, q],
        [p.negate(), q],
      ]),
    ).toEqual(ONE12);
    expect(
      product([
        [p, q],
        [p, q.negate()],
      ]),
    ).toEqual(ONE12);
    expect(
      product([
        [p, q],
        [p, q],
      ]),
    ).not.toEqual(ONE12);
  });
});

describe('the module as verifiers have it', () => {
  it('default: src/verify/wasm/code.ts is what the generator writes; if not, run `npm run build && npm run pairing-code`', () => {
    expect(pairingCodeFile() === readFileSync('src/verify/wasm/code.ts', 'utf8')).toBe(true);
  });

  it('default: nothing is imported, only what verifiers call is exported, constants stay within the first page', () => {
    const module = new WebAssembly.Module(generatePairing());
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual([
      'memory',
      ...PAIRING_EXPORTS,
    ]);
    const { memory } = new WebAssembly.Instance(module).exports as { memory: WebAssembly.Memory };
    expect(memory.buffer.byteLength).toBe(PAGE_BYTES);
    expect(memory.buffer).toBeInstanceOf(ArrayBuffer);
    expect(new Uint8Array(memory.buffer, 0, CONSTANTS_ADDRESS).every((byte) => byte === 0)).toBe(true);
  });

  it('error: exports that are none, names that stand twice, too much of either memory', () => {
    expect(() => generatePairing(['nothing'])).toThrow('export: no function nothing');
    const none = () => [];
    expect(() =>
      buildModule(
        (module) => {
          module.define('twice', 0, undefined, none);
          module.define('twice', 0, undefined, none);
        },
        ['twice'],
      ),
    ).toThrow('defined twice');
    expect(() => buildModule((module) => void module.reserve(PAGE_BYTES), [])).toThrow('scratch');
    expect(() => buildModule((module) => void module.constant(new Uint8Array(8192)), [])).toThrow(
      'constants',
    );
  });

  it('behavior: functions that nothing calls are left out, those that are called stay', () => {
    const wasm = buildModule(
      (module) => {
        const callee = module.define('callee', 0, undefined, () => []);
        module.define('unused', 0, undefined, () => call(callee));
        module.define('used', 0, undefined, () => call(callee));
      },
      ['used'],
    );
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
    expect((exports.used as () => void)()).toBeUndefined();
    expect(Object.keys(exports)).toEqual(['memory', 'used']);
  });
});
