/**
 * Generates Fq12 = Fq6[w]/(w² − v) over Fq6 = Fq2[v]/(v³ − ξ), so w⁶ = ξ. An element is a ‖ b for a + b·w. All is canonical and in Montgomery form.
 * Products after Karatsuba, squares of the cyclotomic subgroup after Granger and Scott (eprint 2009/565). Every function allows its result to be one
 * of its inputs unless it says otherwise.
 */
import { type Code, call, countUp, type FunctionHandle, i32, when } from '../wasm/assembler.js';
import { BN254_X, encodeDigits } from './constants.js';
import { defineFq6 } from './cubic-extension.js';
import { FQ2_BYTES, FQ6_BYTES, FQ12_BYTES } from './layout.js';
import type { PairingModule } from './module.js';
import {
  type Address,
  copy,
  define,
  offset,
  part,
  room,
  type TwistField,
  twistOperations,
} from './twist-field.js';

/** The functions of Fq12. */
export type Fq12Functions = {
  /** (out) */
  readonly setOne: FunctionHandle;
  /** (out, a, b) */
  readonly mul: FunctionHandle;
  /** (out, a) */
  readonly square: FunctionHandle;
  readonly invert: FunctionHandle;
  /** (out, a): a^(q⁶), which is the inverse where a^(q⁶+1) = 1. */
  readonly conjugate: FunctionHandle;
  /** (out, a): a^q */
  readonly frobenius: FunctionHandle;
  /** (out, a, l): a·(l0 + l1·w + l2·w³), the l in Fq2. */
  readonly mulByLine: FunctionHandle;
  /** (out, a): a² where a^(q⁴−q²+1) = 1. */
  readonly cyclotomicSquare: FunctionHandle;
  /** (out, a): a^x for such a; the result must not be the input. */
  readonly cyclotomicPower: FunctionHandle;
};

/** Adds Fq12 to a module. */
export function defineFq12(module: PairingModule, twist: TwistField): Fq12Functions {
  const { fq2 } = twist;
  const { add, sub, mul, square, timesXi, fresh } = twistOperations(module, twist);

  const sixth = defineFq6(module, twist);
  const b = (address: Address): Address => offset(address, FQ6_BYTES);

  const setOne = define(module, 'fq12SetOne', 1, (out) => {
    const zero = module.constant(new Uint8Array(FQ12_BYTES - FQ2_BYTES));
    return [copy(out, fq2.one, FQ2_BYTES), copy(offset(out, FQ2_BYTES), zero, FQ12_BYTES - FQ2_BYTES)];
  });

  /** out = (t0 + v·t1) + (cross − t0 − t1)·w; all but out are overwritten. */
  const combine = (out: Address, t0: number, t1: number, cross: number): Code => [
    call(sixth.sub, cross, cross, t0),
    call(sixth.sub, b(out), cross, t1),
    call(sixth.mulV, t1, t1),
    call(sixth.add, out, t0, t1),
  ];
  const mul12 = define(module, 'fq12Mul', 3, (out, x, y) => {
    const [t0, t1, cross, sum] = room(module, 4, FQ6_BYTES) as [number, number, number, number];
    return [
      call(sixth.mul, t0, x, y),
      call(sixth.mul, t1, b(x), b(y)),
      call(sixth.add, cross, x, b(x)),
      call(sixth.add, sum, y, b(y)),
      call(sixth.mul, cross, cross, sum),
      combine(out, t0, t1, cross),
    ];
  });
  // (a + b)(a + v·b) − ab − v·ab and 2ab
  const square12 = define(module, 'fq12Square', 2, (out, x) => {
    const [product, sum, other] = room(module, 3, FQ6_BYTES) as [number, number, number];
    return [
      call(sixth.mul, product, x, b(x)),
      call(sixth.add, sum, x, b(x)),
      call(sixth.mulV, other, b(x)),
      call(sixth.add, other, other, x),
      call(sixth.mul, sum, sum, other),
      call(sixth.sub, sum, sum, product),
      call(sixth.add, b(out), product, product),
      call(sixth.mulV, product, product),
      call(sixth.sub, out, sum, product),
    ];
  });
  const mulByLine = define(module, 'fq12MulByLine', 3, (out, x, line) => {
    const [t0, t1, cross] = room(module, 3, FQ6_BYTES) as [number, number, number];
    const sum = module.reserve(2 * FQ2_BYTES);
    return [
      [0, 1, 2].map((i) => mul(part(t0, i), part(x, i), line)),
      call(sixth.mulSparse, t1, b(x), part(line, 1)),
      call(sixth.add, cross, x, b(x)),
      add(sum, line, part(line, 1)),
      copy(sum + FQ2_BYTES, part(line, 2), FQ2_BYTES),
      call(sixth.mulSparse, cross, cross, sum),
      combine(out, t0, t1, cross),
    ];
  });
  // (a − b·w) / (a² − v·b²)
  const invert = define(module, 'fq12Invert', 2, (out, x) => {
    const [norm, other] = room(module, 2, FQ6_BYTES) as [number, number];
    return [
      call(sixth.mul, norm, x, x),
      call(sixth.mul, other, b(x), b(x)),
      call(sixth.mulV, other, other),
      call(sixth.sub, norm, norm, other),
      call(sixth.invert, norm, norm),
      call(sixth.mul, out, x, norm),
      call(sixth.mul, other, b(x), norm),
      call(sixth.neg, b(out), other),
    ];
  });
  const conjugate = define(module, 'fq12Conjugate', 2, (out, x) => [
    copy(out, x, FQ6_BYTES),
    call(sixth.neg, b(out), b(x)),
  ]);
  const frobenius = define(module, 'fq12Frobenius', 2, (out, x) =>
    // Coefficient i of a belongs to w^(2i), that of b to w^(2i+1).
    [0, 1, 2, 3, 4, 5].map((i) => {
      const power = i < 3 ? 2 * i : 2 * (i - 3) + 1;
      const [to, from] = [part(out, i), part(x, i)];
      return [call(twist.conjugate, to, from), power === 0 ? [] : mul(to, to, twist.frobeniusFactor(power))];
    }),
  );
  // With Fq12 as three extensions of degree two over Fq4: squares of pairs of coefficients that belong together.
  const cyclotomicSquare = define(module, 'fq12CyclotomicSquare', 2, (out, x) => {
    const [first, second, third] = [fresh(3), fresh(3), fresh(3)] as [number[], number[], number[]];
    /** parts = (ξ·p² + q², 2pq) */
    const pair = ([even, odd, spare]: readonly number[], p: number, q: number): Code => [
      square(even!, part(x, p)),
      square(spare!, part(x, q)),
      add(odd!, part(x, p), part(x, q)),
      square(odd!, odd!),
      sub(odd!, odd!, even!),
      sub(odd!, odd!, spare!),
      timesXi(even!, even!),
      add(even!, even!, spare!),
    ];
    /** out_i = 3·value ∓ 2·x_i */
    const finish = (i: number, value: number, operation: typeof add): Code => [
      operation(part(out, i), value, part(x, i)),
      add(part(out, i), part(out, i), part(out, i)),
      add(part(out, i), part(out, i), value),
    ];
    return [
      pair(first, 4, 0),
      pair(second, 2, 3),
      pair(third, 5, 1),
      timesXi(third[1]!, third[1]!),
      finish(0, first[0]!, sub),
      finish(1, second[0]!, sub),
      finish(2, third[0]!, sub),
      finish(3, third[1]!, add),
      finish(4, first[1]!, add),
      finish(5, second[1]!, add),
    ];
  });
  const digits = module.constant(encodeDigits(BN254_X));
  const digitsEnd = digits + encodeDigits(BN254_X).length;
  const cyclotomicPower = module.define('fq12CyclotomicPower', 2, undefined, (body) => {
    const [out, x] = body.params;
    const [digit, inverse] = [body.i32(), module.reserve(FQ12_BYTES)];
    return [
      call(conjugate, inverse, x),
      copy(out, x, FQ12_BYTES),
      countUp(digit, digits, digitsEnd, 4, [
        call(cyclotomicSquare, out, out),
        when(i32.eq(i32.load(digit), 1), call(mul12, out, out, x)),
        when(i32.eq(i32.load(digit), -1), call(mul12, out, out, inverse)),
      ]),
    ];
  });
  return {
    setOne,
    mul: mul12,
    square: square12,
    invert,
    conjugate,
    frobenius,
    mulByLine,
    cyclotomicSquare,
    cyclotomicPower,
  };
}
