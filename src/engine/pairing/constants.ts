/** Numbers of BN254 that the pairing's code is made with, derived from the curve's parameter x (Barreto, Naehrig, SAC 2005; EIP-197). */
import { Fq2, type Fq2Element } from '../../math/bn254.js';
import { BN254_Q } from '../../math/field.js';

export { BN254_Q };

/** The curve's parameter: q = 36x⁴ + 36x³ + 24x² + 6x + 1. */
export const BN254_X = 4965661367192848881n;

/** ξ = 9 + u, which is neither a square nor a cube in Fq2. */
const XI: Fq2Element = [9n, 1n];

/** b of the twist y² = x³ + 3/ξ. */
export const TWIST_B: Fq2Element = Fq2.mul([3n, 0n], Fq2.inv(XI));

/** ξ^(i·(q−1)/6): what the Frobenius endomorphism multiplies the coefficient of w^i by, after conjugation. */
export function frobeniusFactor(i: number): Fq2Element {
  let [result, base]: [Fq2Element, Fq2Element] = [[1n, 0n], XI];
  for (let exponent = (BigInt(i) * (BN254_Q - 1n)) / 6n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = Fq2.mul(result, base);
    base = Fq2.mul(base, base);
  }
  return result;
}

/** Digits −1, 0, 1 of a number from the lowest, no two neighbours both other than 0; the highest is 1. */
export function signedDigits(value: bigint): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 1n) {
    const digit = (rest & 1n) === 0n ? 0n : 2n - (rest & 3n);
    digits.push(Number(digit));
    rest -= digit;
  }
  return digits;
}

/** Digits of a number behind its highest one, highest first, as the code reads them: 32-bit words, little endian, −1 as all ones. */
export function encodeDigits(value: bigint): Uint8Array {
  const digits = signedDigits(value).reverse().slice(1);
  return new Uint8Array(
    digits.flatMap((digit) => [digit, ...Array.from({ length: 3 }, () => (digit < 0 ? -1 : 0))]),
  );
}
