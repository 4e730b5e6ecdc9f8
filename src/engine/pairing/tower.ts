/**
 * Generates Fq12 over Fq2 = Fq[u]/(u² + 1): Fq6 = Fq2[v]/(v³ − ξ), Fq12 = Fq6[w]/(w² − v), ξ = 9 + u, so w⁶ = ξ.
 *
 * An element of Fq6 is c0 ‖ c1 ‖ c2, one of Fq12 is a ‖ b for a + b·w. All are canonical and in Montgomery form. Products after Karatsuba
 * (Devegili, Ó hÉigeartaigh, Scott, Dahab, eprint 2006/471), squares of the cyclotomic subgroup after Granger and Scott (eprint 2009/565).
 * Every function allows its result to be one of its inputs unless it says otherwise.
 */
import {
  type Code,
  call,
  countUp,
  type FunctionHandle,
  i32,
  type Local,
  type Operand,
  when,
} from '../wasm/assembler.js';
import { copyElement, encodeWords } from '../wasm/limbs.js';
import { definePrimeField, type FieldFunctions, type PrimeFieldFunctions } from '../wasm/prime-field.js';
import { defineQuadraticExtension } from '../wasm/quadratic-extension.js';
import { BN254_Q, BN254_X, encodeDigits, frobeniusFactor } from './constants.js';
import { FQ_BYTES, FQ2_BYTES, FQ6_BYTES, FQ12_BYTES } from './layout.js';
import type { PairingModule } from './module.js';

/** An address: a number where it is known when the code is made. */
export type Address = Operand<'i32'>;

/** An address so many bytes further on. */
export function offset(address: Address, bytes: number): Address {
  if (bytes === 0) return address;
  return typeof address === 'number' ? address + bytes : i32.add(address, bytes);
}

/** Copies a number of bytes that is a multiple of 8. */
export function copy(out: Address, a: Address, sizeBytes: number): Code {
  return copyElement(sizeBytes, i32.add(out, 0), a);
}

/** The i-th coefficient in Fq2 of an element of Fq6 or Fq12. */
export const part = (address: Address, i: number): Address => offset(address, i * FQ2_BYTES);

const toMontgomery = (value: bigint): Uint8Array => encodeWords((value << 256n) % BN254_Q);

/** Puts an element of Fq or, by its coefficients, of an extension into the module's constants. */
export function constantOf(module: PairingModule, coefficients: readonly bigint[]): number {
  return module.constant(new Uint8Array(coefficients.flatMap((value) => [...toMontgomery(value)])));
}

/** Defines a function without result whose parameters are addresses. */
export function define(
  module: PairingModule,
  name: string,
  params: number,
  build: (...params: Local<'i32'>[]) => Code,
): FunctionHandle {
  return module.define(name, params, undefined, (body) => build(...body.params));
}

/** Room for so many elements. */
export const room = (module: PairingModule, count: number, sizeBytes: number): number[] =>
  Array.from({ length: count }, () => module.reserve(sizeBytes));

/** Fq2 with what the tower and the twist need beside the engine's kernels. */
export type TwistField = {
  readonly fq: PrimeFieldFunctions;
  readonly fq2: FieldFunctions;
  /** (out, a): ξ·a */
  readonly mulXi: FunctionHandle;
  /** (out, a): a^q, which is a0 − a1·u. */
  readonly conjugate: FunctionHandle;
  /** Address of {@link frobeniusFactor} of i, i = 1 … 5. */
  readonly frobeniusFactor: (i: number) => number;
};

/** Adds Fq and Fq2 to a module. */
export function defineTwistField(module: PairingModule): TwistField {
  const fq = definePrimeField(module, 'fq', BN254_Q);
  const fq2 = defineQuadraticExtension(module, 'fq2', fq);
  const factors = [1, 2, 3, 4, 5].map((i) => constantOf(module, frobeniusFactor(i)));
  // 9a0 − a1 + (9a1 + a0)·u
  const mulXi = define(module, 'fq2MulXi', 2, (out, a) => {
    const nine = module.reserve(FQ2_BYTES);
    return [
      call(fq2.add, nine, a!, a!),
      call(fq2.add, nine, nine, nine),
      call(fq2.add, nine, nine, nine),
      call(fq2.add, nine, nine, a!),
      call(fq.add, nine + FQ_BYTES, nine + FQ_BYTES, a!),
      call(fq.sub, out!, nine, offset(a!, FQ_BYTES)),
      copy(offset(out!, FQ_BYTES), nine + FQ_BYTES, FQ_BYTES),
    ];
  });
  const conjugate = define(module, 'fq2Conjugate', 2, (out, a) => [
    copy(out!, a!, FQ_BYTES),
    call(fq.neg, offset(out!, FQ_BYTES), offset(a!, FQ_BYTES)),
  ]);
  return { fq, fq2, mulXi, conjugate, frobeniusFactor: (i) => factors[i - 1]! };
}

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
  const add = (out: Address, a: Address, b: Address): Code => call(fq2.add, out, a, b);
  const sub = (out: Address, a: Address, b: Address): Code => call(fq2.sub, out, a, b);
  const mul = (out: Address, a: Address, b: Address): Code => call(fq2.mul, out, a, b);
  const square = (out: Address, a: Address): Code => call(fq2.square, out, a);
  const timesXi = (out: Address, a: Address): Code => call(twist.mulXi, out, a);
  const fresh = (count: number): number[] => room(module, count, FQ2_BYTES);

  const sixth = defineFq6();
  const b = (address: Address): Address => offset(address, FQ6_BYTES);

  const setOne = define(module, 'fq12SetOne', 1, (out) => {
    const zero = module.constant(new Uint8Array(FQ12_BYTES - FQ2_BYTES));
    return [copy(out!, fq2.one, FQ2_BYTES), copy(offset(out!, FQ2_BYTES), zero, FQ12_BYTES - FQ2_BYTES)];
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
      call(sixth.mul, t0, x!, y!),
      call(sixth.mul, t1, b(x!), b(y!)),
      call(sixth.add, cross, x!, b(x!)),
      call(sixth.add, sum, y!, b(y!)),
      call(sixth.mul, cross, cross, sum),
      combine(out!, t0, t1, cross),
    ];
  });
  // (a + b)(a + v·b) − ab − v·ab and 2ab
  const square12 = define(module, 'fq12Square', 2, (out, x) => {
    const [product, sum, other] = room(module, 3, FQ6_BYTES) as [number, number, number];
    return [
      call(sixth.mul, product, x!, b(x!)),
      call(sixth.add, sum, x!, b(x!)),
      call(sixth.mulV, other, b(x!)),
      call(sixth.add, other, other, x!),
      call(sixth.mul, sum, sum, other),
      call(sixth.sub, sum, sum, product),
      call(sixth.add, b(out!), product, product),
      call(sixth.mulV, product, product),
      call(sixth.sub, out!, sum, product),
    ];
  });
  const mulByLine = define(module, 'fq12MulByLine', 3, (out, x, line) => {
    const [t0, t1, cross] = room(module, 3, FQ6_BYTES) as [number, number, number];
    const sum = module.reserve(2 * FQ2_BYTES);
    return [
      [0, 1, 2].map((i) => mul(part(t0, i), part(x!, i), line!)),
      call(sixth.mulSparse, t1, b(x!), part(line!, 1)),
      call(sixth.add, cross, x!, b(x!)),
      add(sum, line!, part(line!, 1)),
      copy(sum + FQ2_BYTES, part(line!, 2), FQ2_BYTES),
      call(sixth.mulSparse, cross, cross, sum),
      combine(out!, t0, t1, cross),
    ];
  });
  // (a − b·w) / (a² − v·b²)
  const invert = define(module, 'fq12Invert', 2, (out, x) => {
    const [norm, other] = room(module, 2, FQ6_BYTES) as [number, number];
    return [
      call(sixth.mul, norm, x!, x!),
      call(sixth.mul, other, b(x!), b(x!)),
      call(sixth.mulV, other, other),
      call(sixth.sub, norm, norm, other),
      call(sixth.invert, norm, norm),
      call(sixth.mul, out!, x!, norm),
      call(sixth.mul, other, b(x!), norm),
      call(sixth.neg, b(out!), other),
    ];
  });
  const conjugate = define(module, 'fq12Conjugate', 2, (out, x) => [
    copy(out!, x!, FQ6_BYTES),
    call(sixth.neg, b(out!), b(x!)),
  ]);
  const frobenius = define(module, 'fq12Frobenius', 2, (out, x) =>
    // Coefficient i of a belongs to w^(2i), that of b to w^(2i+1).
    [0, 1, 2, 3, 4, 5].map((i) => {
      const power = i < 3 ? 2 * i : 2 * (i - 3) + 1;
      const [to, from] = [part(out!, i), part(x!, i)];
      return [call(twist.conjugate, to, from), power === 0 ? [] : mul(to, to, twist.frobeniusFactor(power))];
    }),
  );
  // With Fq12 as three extensions of degree two over Fq4: squares of pairs of coefficients that belong together.
  const cyclotomicSquare = define(module, 'fq12CyclotomicSquare', 2, (out, x) => {
    const [first, second, third] = [fresh(3), fresh(3), fresh(3)] as [number[], number[], number[]];
    /** parts = (ξ·p² + q², 2pq) */
    const pair = ([even, odd, spare]: readonly number[], p: number, q: number): Code => [
      square(even!, part(x!, p)),
      square(spare!, part(x!, q)),
      add(odd!, part(x!, p), part(x!, q)),
      square(odd!, odd!),
      sub(odd!, odd!, even!),
      sub(odd!, odd!, spare!),
      timesXi(even!, even!),
      add(even!, even!, spare!),
    ];
    /** out_i = 3·value ∓ 2·x_i */
    const finish = (i: number, value: number, operation: typeof add): Code => [
      operation(part(out!, i), value, part(x!, i)),
      add(part(out!, i), part(out!, i), part(out!, i)),
      add(part(out!, i), part(out!, i), value),
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
      call(conjugate, inverse, x!),
      copy(out!, x!, FQ12_BYTES),
      countUp(digit, digits, digitsEnd, 4, [
        call(cyclotomicSquare, out!, out!),
        when(i32.eq(i32.load(digit), 1), call(mul12, out!, out!, x!)),
        when(i32.eq(i32.load(digit), -1), call(mul12, out!, out!, inverse)),
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

  function defineFq6() {
    const threeTimes = (name: string, handle: FunctionHandle, inputs: 1 | 2): FunctionHandle =>
      define(module, name, 1 + inputs, (...addresses) =>
        [0, 1, 2].map((i) => call(handle, ...addresses.map((address) => part(address, i)))),
      );
    const [addSix, subSix, neg] = [
      threeTimes('fq6Add', fq2.add, 2),
      threeTimes('fq6Sub', fq2.sub, 2),
      threeTimes('fq6Neg', fq2.neg, 1),
    ];
    // ξ·x2 + x0·v + x1·v²
    const mulV = define(module, 'fq6MulV', 2, (out, x) => {
      const first = module.reserve(FQ2_BYTES);
      return [
        timesXi(first, part(x!, 2)),
        copy(part(out!, 2), part(x!, 1), FQ2_BYTES),
        copy(part(out!, 1), x!, FQ2_BYTES),
        copy(out!, first, FQ2_BYTES),
      ];
    });
    const mulSix = define(module, 'fq6Mul', 3, (out, x, y) => {
      const [p0, p1, p2, c0, c1, c2, sum] = fresh(7) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      /** target = x_i·y_j + x_j·y_i, given x_i·y_i and x_j·y_j */
      const cross = (target: number, i: number, j: number, first: number, second: number): Code => [
        add(target, part(x!, i), part(x!, j)),
        add(sum, part(y!, i), part(y!, j)),
        mul(target, target, sum),
        sub(target, target, first),
        sub(target, target, second),
      ];
      return [
        [p0, p1, p2].map((product, i) => mul(product, part(x!, i), part(y!, i))),
        cross(c0, 1, 2, p1, p2),
        cross(c1, 0, 1, p0, p1),
        cross(c2, 0, 2, p0, p2),
        timesXi(c0, c0),
        add(out!, c0, p0),
        timesXi(p2, p2),
        add(part(out!, 1), c1, p2),
        add(part(out!, 2), c2, p1),
      ];
    });
    // (out, x, y): x·(y0 + y1·v)
    const mulSparse = define(module, 'fq6MulSparse', 3, (out, x, y) => {
      const [p0, p1, c0, c1, c2, sum] = fresh(6) as [number, number, number, number, number, number];
      const y1 = part(y!, 1);
      return [
        mul(p0, x!, y!),
        mul(p1, part(x!, 1), y1),
        mul(c0, part(x!, 2), y1),
        mul(c2, part(x!, 2), y!),
        add(c1, x!, part(x!, 1)),
        add(sum, y!, y1),
        mul(c1, c1, sum),
        sub(c1, c1, p0),
        sub(part(out!, 1), c1, p1),
        timesXi(c0, c0),
        add(out!, c0, p0),
        add(part(out!, 2), c2, p1),
      ];
    });
    // With A = x0² − ξ·x1x2, B = ξ·x2² − x0x1, C = x1² − x0x2: (A + B·v + C·v²) / (x0·A + ξ·(x2·B + x1·C))
    const invertSix = define(module, 'fq6Invert', 2, (out, x) => {
      const [a, bb, c, norm, other] = fresh(5) as [number, number, number, number, number];
      const [x0, x1, x2] = [part(x!, 0), part(x!, 1), part(x!, 2)];
      return [
        square(a, x0),
        mul(other, x1, x2),
        timesXi(other, other),
        sub(a, a, other),
        square(bb, x2),
        timesXi(bb, bb),
        mul(other, x0, x1),
        sub(bb, bb, other),
        square(c, x1),
        mul(other, x0, x2),
        sub(c, c, other),
        mul(norm, x2, bb),
        mul(other, x1, c),
        add(norm, norm, other),
        timesXi(norm, norm),
        mul(other, x0, a),
        add(norm, norm, other),
        call(fq2.invert, norm, norm),
        mul(out!, a, norm),
        mul(part(out!, 1), bb, norm),
        mul(part(out!, 2), c, norm),
      ];
    });
    return { add: addSix, sub: subSix, neg, mulV, mul: mulSix, mulSparse, invert: invertSix };
  }
}
