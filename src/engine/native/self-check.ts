/**
 * What a native engine must get right before it is used: products, a transform and sums of points, each against a value by
 * the bigint reference. A few milliseconds.
 */
import {
  encodeCanonical,
  encodeG1,
  encodeG2,
  encodeMontgomery,
  G1_GENERATOR,
  G2_GENERATOR,
  rootOfUnity,
} from '../../math/bn254.js';
import { Fr } from '../../math/field.js';
import type { Engine, EngineBuffer } from '../types.js';

const TRANSFORM_LOG = 7;
/** More than one vector, and a rest. */
const COUNT = 19;

/** True if the engine's results are right. */
export async function passesSelfCheck(engine: Engine): Promise<boolean> {
  const held: EngineBuffer[] = [];
  const alloc = (sizeBytes: number): EngineBuffer => {
    const buffer = engine.alloc(sizeBytes);
    held.push(buffer);
    return buffer;
  };
  try {
    return (
      (await multipliesRight(engine, alloc)) &&
      (await transformsRight(engine, alloc)) &&
      (await sumsRight(engine, alloc))
    );
  } finally {
    for (const buffer of held) engine.free(buffer);
  }
}

type Alloc = (sizeBytes: number) => EngineBuffer;

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Values near both ends of the field and in between. */
function values(count: number): bigint[] {
  return Array.from({ length: count }, (_, i) =>
    Fr.mod(i % 2 === 0 ? BigInt(-i) - 1n : 3n ** BigInt(11 * i + 90)),
  );
}

async function multipliesRight(engine: Engine, alloc: Alloc): Promise<boolean> {
  const [a, b] = [alloc(COUNT * 32), alloc(COUNT * 32)];
  const [x, y] = [values(COUNT), values(COUNT).reverse()];
  x.forEach((value, i) => {
    engine.bytes(a, 32 * i, 32).set(encodeMontgomery(Fr, value));
    engine.bytes(b, 32 * i, 32).set(encodeMontgomery(Fr, y[i] ?? 0n));
  });
  await engine.frMultiply(a, a, b, COUNT);
  return x.every((value, i) =>
    isSame(engine.bytes(a, 32 * i, 32), encodeMontgomery(Fr, Fr.mul(value, y[i] ?? 0n))),
  );
}

/** The transform of 1, x, x², …: (x^n − 1)/(x·w^k − 1) at w^k; and back. */
async function transformsRight(engine: Engine, alloc: Alloc): Promise<boolean> {
  const size = 2 ** TRANSFORM_LOG;
  const buffer = alloc(size * 32);
  const x = 12345678901234567890n;
  await engine.frPowers(buffer, size, 1n, x);
  await engine.ntt(buffer, TRANSFORM_LOG);
  const numerator = Fr.sub(Fr.pow(x, BigInt(size)), 1n);
  const isRight = [0, 1, 2, 63, 64, 127].every((k) => {
    const denominator = Fr.sub(Fr.mul(x, Fr.pow(rootOfUnity(TRANSFORM_LOG), BigInt(k))), 1n);
    const expected = encodeMontgomery(Fr, Fr.mul(numerator, Fr.inv(denominator)));
    return isSame(engine.bytes(buffer, 32 * k, 32), expected);
  });
  await engine.intt(buffer, TRANSFORM_LOG);
  const last = encodeMontgomery(Fr, Fr.pow(x, BigInt(size - 1)));
  return isRight && isSame(engine.bytes(buffer, 32 * (size - 1), 32), last);
}

/** Σ s_i·(i + 1)·G with s_0 such that the sum is G itself; the first point also stands alone. */
async function sumsRight(engine: Engine, alloc: Alloc): Promise<boolean> {
  const scalars = values(COUNT);
  scalars[0] = Fr.mod(
    1n - scalars.reduce((sum, value, i) => (i === 0 ? 0n : sum + value * BigInt(i + 1)), 0n),
  );
  const logs = alloc(COUNT * 32);
  const factors = alloc(COUNT * 32);
  scalars.forEach((value, i) => {
    engine.bytes(logs, 32 * i, 32).set(encodeCanonical(BigInt(i + 1)));
    engine.bytes(factors, 32 * i, 32).set(encodeCanonical(value));
  });
  const [g1, g2] = [encodeG1(G1_GENERATOR), encodeG2(G2_GENERATOR)];
  const [first, second] = [alloc(COUNT * 64), alloc(COUNT * 128)];
  await engine.fixedBaseG1(g1, logs, first, COUNT);
  await engine.fixedBaseG2(g2, logs, second, COUNT);
  return (
    isSame(engine.bytes(first, 0, 64), g1) &&
    isSame(engine.bytes(second, 0, 128), g2) &&
    isSame(await engine.msmG1(first, factors, COUNT), g1) &&
    isSame(await engine.msmG2(second, factors, COUNT), g2)
  );
}
