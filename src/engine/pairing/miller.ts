/**
 * Generates the optimal ate pairing of BN254 (Vercauteren, eprint 2008/096): products of Miller loops that share their squarings, and the
 * final exponentiation.
 *
 * The loop of a point Q of G2 meets lines that depend on Q alone: they are computed first and kept, three coefficients each, and a
 * loop multiplies by their values at P. With T = (X, Y, Z) projective on the twist, the values at P = (x, y), scaled by factors that the
 * final exponentiation removes:
 *
 *     tangent at T       2YZ·y − 3X²·x·w + (Y² − 3bZ²)·w³
 *     line of T and Q    B·y − A·x·w + (A·x_Q − B·y_Q)·w³         A = Y − y_Q·Z, B = X − x_Q·Z
 *
 * with the point formulas of Costello, Lange, Naehrig (eprint 2009/615). They have exceptional cases where T = ±Q, which points of the
 * subgroup of order r never meet on the way to 6x + 2: what is outside must be refused before.
 */
import { type Code, call, countUp, type FunctionHandle, i32, when } from '../wasm/assembler.js';
import { BN254_X, encodeDigits, TWIST_B } from './constants.js';
import { FQ_BYTES, FQ2_BYTES, FQ12_BYTES, LINE_BYTES, PAIR_BYTES } from './layout.js';
import type { PairingModule } from './module.js';
import type { Fq12Functions } from './tower.js';
import {
  type Address,
  constantOf,
  copy,
  define,
  offset,
  part,
  room,
  type TwistField,
  twistOperations,
} from './twist-field.js';

/** Number of lines of a loop: a tangent for each digit of 6x + 2 behind the highest, a chord for each other than 0, and the last two. */
export const LINE_COUNT: number = loopDigits().reduce((count, digit) => count + (digit === 0 ? 1 : 2), 2);

function loopDigits(): number[] {
  const words = new Int32Array(encodeDigits(6n * BN254_X + 2n).buffer);
  return [...words];
}

/**
 * Adds to a module:
 *
 *     lines(out, q)              LINE_COUNT lines of an affine point of G2
 *     miller(out, pairs, n)      Π of the loops of n pairs: address of lines, address of an affine point of G1
 *     finalExponentiation(a)     in place: a^(c·(q¹² − 1)/r), c = 2x(6x² + 3x + 1), which r does not divide
 */
export function definePairing(
  module: PairingModule,
  twist: TwistField,
  fq12: Fq12Functions,
  endomorphism: FunctionHandle,
): void {
  const { fq, fq2 } = twist;
  const { add, sub, mul, square, neg, fresh } = twistOperations(module, twist);
  const threeB = constantOf(
    module,
    TWIST_B.map((value) => 3n * value),
  );
  const encodedDigits = encodeDigits(6n * BN254_X + 2n);
  const digits = module.constant(encodedDigits);
  const digitsEnd = digits + encodedDigits.length;

  // (line, t): the tangent at t; then t = 2t. With a = XY, e = 3bZ², three = 3e:
  // X' = 2XY(Y² − 3e), Y' = (Y² + 3e)² − 12e², Z' = 8Y³Z
  const double = define(module, 'lineDouble', 2, (line, t) => {
    const [x, y, z] = [part(t, 0), part(t, 1), part(t, 2)];
    const [xy, yy, e, three, yz, other] = fresh(6) as [number, number, number, number, number, number];
    return [
      mul(xy, x, y),
      square(yy, y),
      square(e, z),
      mul(e, e, threeB),
      add(three, e, e),
      add(three, three, e),
      mul(yz, y, z),
      add(yz, yz, yz),
      square(other, x),
      copy(line, yz, FQ2_BYTES),
      add(part(line, 1), other, other),
      add(part(line, 1), part(line, 1), other),
      neg(part(line, 1), part(line, 1)),
      sub(part(line, 2), yy, e),
      sub(x, yy, three),
      mul(x, x, xy),
      add(x, x, x),
      add(y, yy, three),
      square(y, y),
      square(e, e),
      add(other, e, e),
      add(e, e, other),
      add(e, e, e),
      add(e, e, e),
      sub(y, y, e),
      add(yy, yy, yy),
      add(yy, yy, yy),
      mul(z, yy, yz),
    ];
  });

  // (line, t, q): the line of t and an affine point q; then t = t + q. With A, B as above:
  // X' = B·H, Y' = A(XB² − H) − YB³, Z' = ZB³, H = B³ + ZA² − 2XB²
  const chord = define(module, 'lineAdd', 3, (line, t, q) => {
    const [x, y, z] = [part(t, 0), part(t, 1), part(t, 2)];
    const [a, b, bb, bbb, g, h] = fresh(6) as [number, number, number, number, number, number];
    return [
      mul(a, part(q, 1), z),
      sub(a, y, a),
      mul(b, q, z),
      sub(b, x, b),
      copy(line, b, FQ2_BYTES),
      neg(part(line, 1), a),
      mul(g, a, q),
      mul(h, b, part(q, 1)),
      sub(part(line, 2), g, h),
      square(bb, b),
      mul(bbb, bb, b),
      mul(g, x, bb),
      square(h, a),
      mul(h, h, z),
      add(h, h, bbb),
      sub(h, h, g),
      sub(h, h, g),
      mul(x, b, h),
      sub(g, g, h),
      mul(g, g, a),
      mul(y, y, bbb),
      sub(y, g, y),
      mul(z, z, bbb),
    ];
  });

  module.define('lines', 2, undefined, (body) => {
    const [out, q] = body.params;
    const [digit, line] = [body.i32(), body.i32(out)];
    const [t, image, opposite] = [module.reserve(3 * FQ2_BYTES), ...room(module, 2, 2 * FQ2_BYTES)] as [
      number,
      number,
      number,
    ];
    const next = line.set(i32.add(line, LINE_BYTES));
    const addLine = (point: Address): Code => [call(chord, line, t, point), next];
    return [
      copy(t, q, 2 * FQ2_BYTES),
      copy(part(t, 2), fq2.one, FQ2_BYTES),
      copy(opposite, q, FQ2_BYTES),
      neg(part(opposite, 1), part(q, 1)),
      countUp(digit, digits, digitsEnd, 4, [
        call(double, line, t),
        next,
        when(i32.eq(i32.load(digit), 1), addLine(q)),
        when(i32.eq(i32.load(digit), -1), addLine(opposite)),
      ]),
      // ψ(q), then −ψ²(q)
      call(endomorphism, image, q),
      addLine(image),
      call(endomorphism, image, image),
      neg(part(image, 1), part(image, 1)),
      addLine(image),
    ];
  });

  // (f, pairs, end, line): f times the lines of all pairs at this offset
  const multiplyLines = module.define('multiplyLines', 4, undefined, (body) => {
    const [f, pairs, end, at] = body.params;
    const [pair, line, point] = [body.i32(), body.i32(), body.i32()];
    const value = module.reserve(LINE_BYTES);
    /** value_i = line_i times a coordinate of the point */
    const scale = (i: number, coordinate: Address): Code =>
      [0, FQ_BYTES].map((half) =>
        call(fq.mul, (part(value, i) as number) + half, offset(line, i * FQ2_BYTES + half), coordinate),
      );
    return countUp(pair, pairs, end, PAIR_BYTES, [
      line.set(i32.add(i32.load(pair), at)),
      point.set(i32.load(pair, 4)),
      scale(0, offset(point, FQ_BYTES)),
      scale(1, point),
      copy(part(value, 2), part(line, 2), FQ2_BYTES),
      call(fq12.mulByLine, f, f, value),
    ]);
  });

  module.define('miller', 3, undefined, (body) => {
    const [f, pairs, count] = body.params;
    const [digit, line, end] = [body.i32(), body.i32(0), body.i32()];
    const step: Code = [call(multiplyLines, f, pairs, end, line), line.set(i32.add(line, LINE_BYTES))];
    return [
      end.set(i32.add(pairs, i32.mul(count, PAIR_BYTES))),
      call(fq12.setOne, f),
      countUp(digit, digits, digitsEnd, 4, [call(fq12.square, f, f), step, when(i32.load(digit), step)]),
      step,
      step,
    ];
  });

  // Easy part a^((q⁶ − 1)(q² + 1)); hard part after Fuentes-Castañeda, Knapp, Rodríguez-Henríquez (SAC 2011):
  // exponents 1 + 6x + 12x² + 12x³, 4x + 6x² + 12x³ for q, 6x + 6x² + 12x³ for q², −1 + 4x + 6x² + 12x³ for q³.
  define(module, 'finalExponentiation', 1, (a) => {
    const [r, y1, y2, y4, y8, other] = room(module, 6, FQ12_BYTES) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const times = (out: Address, p: Address, q: Address): Code => call(fq12.mul, out, p, q);
    const doubled = (out: Address, p: Address): Code => call(fq12.cyclotomicSquare, out, p);
    const inverse = (out: Address, p: Address): Code => call(fq12.conjugate, out, p);
    const frobenius = (out: Address, p: Address, count: number): Code =>
      Array.from({ length: count }, (_, i) => call(fq12.frobenius, out, i === 0 ? p : out));
    const power = (out: Address, p: Address): Code => call(fq12.cyclotomicPower, out, p);
    return [
      call(fq12.invert, other, a),
      inverse(r, a),
      times(r, r, other),
      frobenius(other, r, 2),
      times(r, r, other),
      // y1 = r^2x, y2 = r^6x, y4 = r^6x², other = r^12x³
      power(y1, r),
      doubled(y1, y1),
      doubled(y2, y1),
      times(y2, y2, y1),
      power(y4, y2),
      doubled(y8, y4),
      power(other, y8),
      // y8 = r^(12x³ + 6x² + 6x)
      times(y8, other, y4),
      times(y8, y8, y2),
      // y1 = r^(12x³ + 6x² + 4x)
      inverse(y1, y1),
      times(y1, y8, y1),
      times(y4, y8, y4),
      times(y4, y4, r),
      inverse(other, r),
      times(other, other, y1),
      frobenius(other, other, 3),
      times(other, other, y4),
      frobenius(y8, y8, 2),
      times(other, other, y8),
      frobenius(y1, y1, 1),
      times(a, other, y1),
    ];
  });
}
