/** What the engine's tests share: seeded values, edges, and points by @noble/curves in the engine's layout. */
import { bn254 } from '@noble/curves/bn254.js';
import type { Engine, EngineBuffer } from '../../src/engine/index.js';
import {
  decodeCanonical,
  decodeMontgomery,
  encodeCanonical,
  encodeG1,
  encodeG2,
  encodeMontgomery,
} from '../../src/math/bn254.js';
import { BN254_R, Fr } from '../../src/math/field.js';

/** Seeded 32-bit generator (mulberry32), strung together to 256 bits. */
export function createRandom(seed: number): (below: bigint) => bigint {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return (below) => {
    let value = 0n;
    for (let i = 0; i < 10; i++) value = (value << 32n) | BigInt(next());
    return value % below;
  };
}

/** Scalars where sign, size or digits change. */
export const EDGE_SCALARS: readonly bigint[] = [
  0n,
  1n,
  2n,
  BN254_R - 1n,
  BN254_R - 2n,
  (BN254_R - 1n) / 2n,
  (BN254_R + 1n) / 2n,
  (1n << 253n) - 1n,
  (1n << 252n) + 1n,
  (1n << 128n) - 1n,
  (1n << 64n) - 1n,
  1n << 32n,
  255n,
  // The top word of (r−1)/2 with the rest zero or all ones: where the sign is decided.
  (((BN254_R - 1n) / 2n) >> 224n) << 224n,
  ((((BN254_R - 1n) / 2n) >> 224n) << 224n) | ((1n << 224n) - 1n),
];

/** Edge scalars, ones, small and random scalars in turn. */
export function mixedScalars(count: number, seed: number): bigint[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const edge = EDGE_SCALARS[i];
    if (edge !== undefined && count > 3) return edge;
    return [1n, random(BN254_R), random(65536n), BN254_R - random(256n), 0n, random(BN254_R)][
      i % 6
    ] as bigint;
  }).map((value) => value % BN254_R);
}

/** One of the two groups, in a shape that tests can loop over. */
export type Group = {
  readonly name: 'G1' | 'G2';
  readonly pointBytes: number;
  /** k·generator, encoded. */
  readonly multiple: (k: bigint) => Uint8Array;
  readonly msm: (engine: Engine) => Engine['msmG1'];
  readonly fixedBase: (engine: Engine) => Engine['fixedBaseG1'];
  readonly scale: (engine: Engine) => Engine['scaleG1'];
  readonly combine: (engine: Engine) => Engine['combineG1'];
};

/** k·generator of G1 by @noble/curves, encoded. */
export function multipleG1(k: bigint): Uint8Array {
  if (Fr.mod(k) === 0n) return encodeG1(undefined);
  const { x, y } = bn254.G1.Point.BASE.multiply(Fr.mod(k)).toAffine();
  return encodeG1({ x, y });
}

/** k·generator of G2 by @noble/curves, encoded. */
export function multipleG2(k: bigint): Uint8Array {
  if (Fr.mod(k) === 0n) return encodeG2(undefined);
  const { x, y } = bn254.G2.Point.BASE.multiply(Fr.mod(k)).toAffine();
  return encodeG2({ x: [x.c0, x.c1], y: [y.c0, y.c1] });
}

export const GROUPS: readonly Group[] = [
  {
    name: 'G1',
    pointBytes: 64,
    multiple: multipleG1,
    msm: (engine) => engine.msmG1,
    fixedBase: (engine) => engine.fixedBaseG1,
    scale: (engine) => engine.scaleG1,
    combine: (engine) => engine.combineG1,
  },
  {
    name: 'G2',
    pointBytes: 128,
    multiple: multipleG2,
    msm: (engine) => engine.msmG2,
    fixedBase: (engine) => engine.fixedBaseG2,
    scale: (engine) => engine.scaleG2,
    combine: (engine) => engine.combineG2,
  },
];

/** Discrete logarithms of test points: equal, opposite, infinity and ordinary ones. */
export function testLogs(count: number): bigint[] {
  return Array.from(
    { length: count },
    (_, i) => [BigInt(i + 1), 7n, -7n, 0n, 7n, BigInt(3 * i)][i % 6] as bigint,
  );
}

/** A new buffer with the items one after the other. */
export function load(engine: Engine, items: readonly Uint8Array[], itemBytes: number): EngineBuffer {
  const buffer = engine.alloc(items.length * itemBytes);
  const bytes = engine.bytes(buffer);
  items.forEach((item, i) => {
    bytes.set(item, i * itemBytes);
  });
  return buffer;
}

export const loadCanonical = (engine: Engine, values: readonly bigint[]): EngineBuffer =>
  load(engine, values.map(encodeCanonical), 32);
export const loadMontgomery = (engine: Engine, values: readonly bigint[]): EngineBuffer =>
  load(
    engine,
    values.map((value) => encodeMontgomery(Fr, value)),
    32,
  );

/** The items of a buffer, copied. */
export function items(engine: Engine, buffer: EngineBuffer, count: number, itemBytes: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => engine.bytes(buffer, i * itemBytes, itemBytes).slice());
}
export const canonicals = (engine: Engine, buffer: EngineBuffer, count: number): bigint[] =>
  items(engine, buffer, count, 32).map(decodeCanonical);
export const montgomeries = (engine: Engine, buffer: EngineBuffer, count: number): bigint[] =>
  items(engine, buffer, count, 32).map((bytes) => decodeMontgomery(Fr, bytes));

/** Canonical scalars one after the other. */
export const encodeScalars = (values: readonly bigint[]): Uint8Array =>
  new Uint8Array(Buffer.concat(values.map(encodeCanonical)));
