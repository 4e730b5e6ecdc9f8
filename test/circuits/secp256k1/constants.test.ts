import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BN254_R, createField } from '../../../src/math/field.js';
import {
  SECP256K1_G as G,
  isOnSecp256k1,
  multiplySecp256k1,
  SECP256K1_N as N,
  SECP256K1_P as P,
} from '../../../src/math/secp256k1.js';
import { fromLimbs } from '../../../src/math/secp256k1-limbs.js';

const source = readFileSync(
  fileURLToPath(new URL('../../../circuits/lib/curve/Secp256k1Constants.circom', import.meta.url)),
  'utf8',
);

/** Value that a constant function of the file returns, with numbers as bigints. */
function constant(name: string): bigint | bigint[] | bigint[][] {
  const body = new RegExp(`function secp256k1${name}\\(\\) \\{\\s*return ([^;]*);`).exec(source)?.[1];
  const quoted = (body as string).replace(/-?\d+/g, '"$&"');
  const revive = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(revive) : BigInt(value as string);
  return revive(JSON.parse(quoted)) as bigint;
}
const scalar = (name: string): bigint => constant(name) as bigint;
const value = (name: string): bigint => fromLimbs(constant(name) as bigint[]);
const Fr = createField(BN254_R);

describe('Secp256k1Constants', () => {
  it('default: the committed file is what the generator derives', () => {
    const script = fileURLToPath(new URL('../../../scripts/secp256k1-constants.mjs', import.meta.url));
    expect(() => execFileSync(process.execPath, [script, '--check'])).not.toThrow();
  });

  it('default: curve and moduli', () => {
    expect(value('Prime')).toBe(P);
    expect(value('Order')).toBe(N);
    expect(scalar('Kappa')).toBe(2n ** 256n - P);
    expect(value('PrimeComplement')).toBe(2n ** 256n - P);
    expect(value('OrderComplement')).toBe(2n ** 256n - N);
    expect((value('InverseOfTwoTo512ModP') * 2n ** 512n) % P).toBe(1n);
    expect((value('InverseOfTwoTo512ModN') * 2n ** 512n) % N).toBe(1n);
  });

  it('default: roots in Fr', () => {
    const points = constant('FoldPoints') as bigint[][];
    const inverses = constant('FoldInverses') as bigint[][];
    const roots = points.map((row) => row[1] as bigint);
    expect(new Set(roots).size).toBe(4);
    points.forEach((row, i) => {
      expect(Fr.pow(roots[i] as bigint, 4n)).toBe(scalar('Kappa'));
      row.forEach((value, j) => {
        expect(value).toBe(Fr.pow(roots[i] as bigint, BigInt(j)));
        expect(Fr.mul(4n * value, inverses[i]?.[j] as bigint)).toBe(1n);
      });
    });
    const unity = constant('OrderPoints') as bigint[];
    expect(Fr.pow(unity[1] as bigint, 4n)).toBe(BN254_R - 1n);
    unity.forEach((value, k) => {
      expect(value).toBe(Fr.pow(unity[1] as bigint, BigInt(k)));
      expect(Fr.mul(8n * value, (constant('OrderInverses') as bigint[])[k] as bigint)).toBe(1n);
    });
    expect(scalar('PrimeInField')).toBe(P % BN254_R);
    expect(Fr.mul(P, scalar('InversePrime'))).toBe(1n);
    expect(Fr.mul(N, scalar('InverseOrder'))).toBe(1n);
    expect(Fr.mul(2n ** 64n, scalar('InverseLimbBase'))).toBe(1n);
  });

  it('default: endomorphism and lattice', () => {
    const lambda = value('Lambda');
    expect(multiplySecp256k1(G, lambda)).toEqual({ x: (value('Beta') * G.x) % P, y: G.y });
    const vectors = constant('Lattice') as [bigint, bigint][];
    for (const [a, b] of vectors) expect((a + lambda * b) % N).toBe(0n);
    const odd = (k: bigint): bigint => ((k % 2n) + 2n) % 2n;
    expect(vectors.slice(2).map(([a, b]) => [odd(a), odd(b)])).toEqual([
      [1n, 1n],
      [0n, 1n],
    ]);
  });

  it('default: multiples of G and the offset point', () => {
    const [x, betaX, y] = ['GeneratorX', 'GeneratorBetaX', 'GeneratorY'].map((name) =>
      (constant(name) as bigint[][]).map(fromLimbs),
    ) as [bigint[], bigint[], bigint[]];
    for (let m = 0; m < 8; m++) {
      const point = { x: x[m] as bigint, y: y[m] as bigint };
      expect(point).toEqual(multiplySecp256k1(G, BigInt(2 * m + 1)));
      expect(betaX[m]).toBe((value('Beta') * point.x) % P);
    }
    const offset = { x: value('OffsetX'), y: value('OffsetY') };
    expect(isOnSecp256k1(offset)).toBe(true);
    const final = { x: value('FinalOffsetX'), y: value('FinalOffsetY') };
    expect(multiplySecp256k1(offset, 2n ** 128n)).toEqual(final);
  });
});
