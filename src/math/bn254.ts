/**
 * BN254 in plain bigint arithmetic: groups, sums of products, transforms, and the byte layout of keys.
 *
 * Slow on purpose and never optimised: it is the oracle of the engine. y² = x³ + 3 over Fq for G1, y² = x³ + 3/(9+u) over
 * Fq2 = Fq[u]/(u²+1) for G2 (EIP-196, EIP-197). Points are affine; `undefined` is the point at infinity.
 */
import { BN254_Q, BN254_R, type Field, Fq, Fr } from './field.js';

/** An element c0 + c1·u of Fq2. */
export type Fq2Element = readonly [c0: bigint, c1: bigint];
/** An affine point with coordinates in `F`; undefined is infinity. */
export type AffinePoint<F> = { readonly x: F; readonly y: F } | undefined;
export type G1Point = AffinePoint<bigint>;
export type G2Point = AffinePoint<Fq2Element>;

/** What the group law needs of a coordinate field. */
type CoordinateField<F> = {
  readonly zero: F;
  readonly b: F;
  readonly add: (a: F, b: F) => F;
  readonly sub: (a: F, b: F) => F;
  readonly neg: (a: F) => F;
  readonly mul: (a: F, b: F) => F;
  readonly inv: (a: F) => F;
  readonly equals: (a: F, b: F) => boolean;
};

/** Arithmetic of Fq2. */
export const Fq2 = {
  add: (a: Fq2Element, b: Fq2Element): Fq2Element => [Fq.add(a[0], b[0]), Fq.add(a[1], b[1])],
  sub: (a: Fq2Element, b: Fq2Element): Fq2Element => [Fq.sub(a[0], b[0]), Fq.sub(a[1], b[1])],
  neg: (a: Fq2Element): Fq2Element => [Fq.neg(a[0]), Fq.neg(a[1])],
  mul: (a: Fq2Element, b: Fq2Element): Fq2Element => [
    Fq.mod(a[0] * b[0] - a[1] * b[1]),
    Fq.mod(a[0] * b[1] + a[1] * b[0]),
  ],
  inv: (a: Fq2Element): Fq2Element => {
    const norm = Fq.inv(Fq.mod(a[0] * a[0] + a[1] * a[1]));
    return [Fq.mul(a[0], norm), Fq.mul(Fq.neg(a[1]), norm)];
  },
  equals: (a: Fq2Element, b: Fq2Element): boolean => a[0] === b[0] && a[1] === b[1],
};

const G1_COORDINATES: CoordinateField<bigint> = {
  ...Fq,
  zero: 0n,
  b: 3n,
  equals: (a, b) => a === b,
};
const G2_COORDINATES: CoordinateField<Fq2Element> = {
  ...Fq2,
  zero: [0n, 0n],
  b: Fq2.mul([3n, 0n], Fq2.inv([9n, 1n])),
};

/** The group law of a curve y² = x³ + b. */
export type Curve<F> = {
  readonly add: (a: AffinePoint<F>, b: AffinePoint<F>) => AffinePoint<F>;
  readonly neg: (a: AffinePoint<F>) => AffinePoint<F>;
  /** Any non-negative integer, not reduced by the group's order. */
  readonly mul: (a: AffinePoint<F>, scalar: bigint) => AffinePoint<F>;
  readonly msm: (points: readonly AffinePoint<F>[], scalars: readonly bigint[]) => AffinePoint<F>;
  readonly equals: (a: AffinePoint<F>, b: AffinePoint<F>) => boolean;
  /** Infinity counts as on the curve. */
  readonly isOnCurve: (a: AffinePoint<F>) => boolean;
  /** On the curve and of order r (or infinity). */
  readonly isInSubgroup: (a: AffinePoint<F>) => boolean;
};

function createCurve<F>(field: CoordinateField<F>): Curve<F> {
  type Point = AffinePoint<F>;
  const add = (a: Point, b: Point): Point => {
    if (a === undefined) return b;
    if (b === undefined) return a;
    const isVertical = field.equals(a.x, b.x);
    if (isVertical && (!field.equals(a.y, b.y) || field.equals(a.y, field.zero))) return undefined;
    const xx = field.mul(a.x, a.x);
    const slope = isVertical
      ? field.mul(field.add(xx, field.add(xx, xx)), field.inv(field.add(a.y, a.y)))
      : field.mul(field.sub(b.y, a.y), field.inv(field.sub(b.x, a.x)));
    const x = field.sub(field.mul(slope, slope), field.add(a.x, b.x));
    return { x, y: field.sub(field.mul(slope, field.sub(a.x, x)), a.y) };
  };
  const neg = (a: Point): Point => (a === undefined ? undefined : { x: a.x, y: field.neg(a.y) });
  const mul = (a: Point, scalar: bigint): Point => {
    let sum: Point;
    for (let power = a, k = scalar; k > 0n; k >>= 1n) {
      if (k & 1n) sum = add(sum, power);
      power = add(power, power);
    }
    return sum;
  };
  const msm = (points: readonly Point[], scalars: readonly bigint[]): Point =>
    points.reduce<Point>((sum, point, i) => add(sum, mul(point, scalars[i] ?? 0n)), undefined);
  const equals = (a: Point, b: Point): boolean =>
    a === undefined || b === undefined ? a === b : field.equals(a.x, b.x) && field.equals(a.y, b.y);
  const isOnCurve = (a: Point): boolean =>
    a === undefined ||
    field.equals(field.mul(a.y, a.y), field.add(field.mul(a.x, field.mul(a.x, a.x)), field.b));
  const isInSubgroup = (a: Point): boolean => isOnCurve(a) && mul(a, BN254_R) === undefined;
  return { add, neg, mul, msm, equals, isOnCurve, isInSubgroup };
}

/** The group G1; every point of the curve is in it. */
export const G1 = createCurve(G1_COORDINATES);
/** The group G2, a subgroup of the twist. */
export const G2 = createCurve(G2_COORDINATES);

export const G1_GENERATOR: G1Point = { x: 1n, y: 2n };
/** EIP-197's generator of G2. */
export const G2_GENERATOR: G2Point = {
  x: [
    10857046999023057135944570762232829481370756359578518086990519993285655852781n,
    11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  ],
  y: [
    8495653923123431417604973247489272438418190587263600148770280649306958101930n,
    4082367875863433681332203403145435568316851327593401208105741076214120093531n,
  ],
};

/** Largest log of a transform's size: r − 1 is divisible by 2^28. */
export const FR_TWO_ADICITY = 28;

/** The root of unity of order 2^log that snarkjs uses: 5^((r−1)/2^log). */
export function rootOfUnity(log: number): bigint {
  return Fr.pow(5n, (BN254_R - 1n) >> BigInt(log));
}

/** Values of the polynomial with these coefficients at the powers of the root of unity; the length is a power of two. */
export function ntt(coefficients: readonly bigint[]): bigint[] {
  const n = coefficients.length;
  if (n === 1) return [...coefficients];
  const even = ntt(coefficients.filter((_, i) => i % 2 === 0));
  const odd = ntt(coefficients.filter((_, i) => i % 2 === 1));
  const root = rootOfUnity(Math.log2(n));
  let power = 1n;
  const twisted = odd.map((value) => {
    const product = Fr.mul(value, power);
    power = Fr.mul(power, root);
    return product;
  });
  return [
    ...even.map((value, i) => Fr.add(value, twisted[i] ?? 0n)),
    ...even.map((value, i) => Fr.sub(value, twisted[i] ?? 0n)),
  ];
}

/** Inverse of {@link ntt}. */
export function intt(values: readonly bigint[]): bigint[] {
  const scale = Fr.inv(BigInt(values.length));
  const [first = 0n, ...rest] = ntt(values).map((value) => Fr.mul(value, scale));
  return [first, ...rest.reverse()];
}

const MONTGOMERY = 1n << 256n;

/** 32 bytes, little endian. */
export function encodeCanonical(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** Inverse of {@link encodeCanonical}; not reduced, not checked. */
export function decodeCanonical(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** value·2^256 modulo the field's prime, 32 bytes, little endian. */
export function encodeMontgomery(field: Field, value: bigint): Uint8Array {
  return encodeCanonical(field.mod(value * MONTGOMERY));
}

/** 2^−256 modulo the two primes. */
const INVERSE_RADIX = new Map([Fq, Fr].map((field) => [field.p, field.inv(field.mod(MONTGOMERY))]));

/** Inverse of {@link encodeMontgomery}. */
export function decodeMontgomery(field: Field, bytes: Uint8Array): bigint {
  const inverse = INVERSE_RADIX.get(field.p) ?? field.inv(field.mod(MONTGOMERY));
  return field.mul(decodeCanonical(bytes) % field.p, inverse);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function decodeCoordinates(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    decodeMontgomery(Fq, bytes.subarray(32 * i, 32 * i + 32)),
  );
}

/** x ‖ y, Montgomery, 64 bytes; zeros for infinity. */
export function encodeG1(point: G1Point): Uint8Array {
  if (point === undefined) return new Uint8Array(64);
  return concat([encodeMontgomery(Fq, point.x), encodeMontgomery(Fq, point.y)]);
}

/** x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1, Montgomery, 128 bytes; zeros for infinity. */
export function encodeG2(point: G2Point): Uint8Array {
  if (point === undefined) return new Uint8Array(128);
  return concat([...point.x, ...point.y].map((value) => encodeMontgomery(Fq, value)));
}

/** Inverse of {@link encodeG1}; the curve equation is not checked. */
export function decodeG1(bytes: Uint8Array): G1Point {
  const [x = 0n, y = 0n] = decodeCoordinates(bytes);
  return bytes.every((byte) => byte === 0) ? undefined : { x, y };
}

/** Inverse of {@link encodeG2}; the curve equation is not checked. */
export function decodeG2(bytes: Uint8Array): G2Point {
  const [x0 = 0n, x1 = 0n, y0 = 0n, y1 = 0n] = decodeCoordinates(bytes);
  return bytes.every((byte) => byte === 0) ? undefined : { x: [x0, x1], y: [y0, y1] };
}

export { BN254_Q, BN254_R };
