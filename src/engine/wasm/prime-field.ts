/**
 * Generates the arithmetic of a prime field of at most 254 bits: Montgomery form, R = 2^256, four 64-bit words.
 * How products work is told in `limbs.ts`.
 *
 * Every function takes addresses and allows its result to be one of its inputs. Values are canonical, below the prime,
 * but where a function says loose.
 */
import {
  type Code,
  call,
  type FunctionHandle,
  type FunctionsBuilder,
  i64,
  type Local,
  type Locals,
  type Value,
} from './assembler.js';
import { defineInversion } from './inversion.js';
import {
  addConstant,
  addWords,
  at,
  createModulus,
  encodeWords,
  LIMBS,
  loadLimbs,
  loadWords,
  localsOf,
  multiplyLimbs,
  packColumns,
  reduceColumns,
  reduceWords,
  splitWords,
  storeReduced,
  storeWords,
  subtractWords,
  WORDS,
  wordOf,
} from './limbs.js';

/**
 * Functions of a coordinate field, base or extension. A loose value is one that only the functions that say so
 * accept: for a prime field it is below twice the prime, not canonical.
 */
export type FieldFunctions = {
  readonly sizeBytes: number;
  /** (out, a, b) */
  readonly add: FunctionHandle;
  readonly sub: FunctionHandle;
  readonly mul: FunctionHandle;
  /** (out, a) */
  readonly neg: FunctionHandle;
  readonly square: FunctionHandle;
  /** (out, a); zero gives zero; `a` may be loose. */
  readonly invert: FunctionHandle;
  /** (out, a, b): a·b; all loose. */
  readonly mulLoose: FunctionHandle;
  /** (out, a, b, c): (a − b)·c; `c` and the result loose. */
  readonly subMulLoose: FunctionHandle;
  /** (out, a, b, c): a² − b − c; `a` loose. */
  readonly squareSubSub: FunctionHandle;
  /** (out, a, b, c, d): (a − b)·c − d; `c` loose. */
  readonly subMulSub: FunctionHandle;
  /** Address of the constant one. */
  readonly one: number;
};

/** A prime field: also conversions to and from Montgomery form. */
export type PrimeFieldFunctions = FieldFunctions & {
  readonly prime: bigint;
  /** (out, a) */
  readonly toMontgomery: FunctionHandle;
  readonly fromMontgomery: FunctionHandle;
};

/**
 * Adds the functions of one prime field to a module.
 *
 * @param name - Prefix of the exported names: `fr` gives `frMul`.
 * @param prime - Odd, at most 254 bits.
 */
export function definePrimeField(module: FunctionsBuilder, name: string, prime: bigint): PrimeFieldFunctions {
  const modulus = createModulus(prime);
  const one = module.constant(encodeWords((1n << 256n) % prime));
  const squaredRadix = module.constant(encodeWords((1n << 512n) % prime));
  const plainOne = module.constant(encodeWords(1n));
  const zero = module.constant(new Uint8Array(32));

  type Product = {
    readonly x: readonly Local<'i64'>[];
    readonly y: readonly Local<'i64'>[];
    readonly words: readonly Local<'i64'>[];
    readonly spare: readonly Local<'i64'>[];
    readonly factor: Local<'i64'>;
    /** words = x·y, below twice the prime when x and y are loose; x and y are overwritten. */
    readonly multiply: Code;
    /** Stores words, which are below `bound` primes, as a canonical element. */
    readonly store: (out: Value<'i32'>, bound: 2 | 4) => Code;
  };
  const productOf = (body: Locals): Product => {
    const [x, y, words] = [localsOf(body, LIMBS), localsOf(body, LIMBS), localsOf(body, 4)];
    const factor = body.i64();
    const product = multiplyLimbs([{ x, y }], localsOf(body, LIMBS), factor, modulus);
    return {
      x,
      y,
      words,
      spare: y.slice(0, 4),
      factor,
      multiply: [product.code, packColumns(product.columns, words)],
      store: (out, bound) => [
        bound === 4 ? reduceWords(2n * prime, words, x, factor, words) : [],
        storeReduced(prime, out, words, x, factor),
      ],
    };
  };
  /** words += multiple − the sum of one or two canonical elements. */
  const subtract = (
    { words, x, y, spare, factor }: Product,
    multiple: bigint,
    first: Value<'i32'>,
    second?: Value<'i32'>,
  ): Code => {
    const total = second === undefined ? x : x.slice(4);
    const addSecond = second === undefined ? [] : [loadWords(second, y), addWords(x, y, total, factor)];
    return [
      loadWords(first, x),
      addSecond,
      subtractWords(words, total, spare, factor),
      addConstant(spare, multiple, words, factor),
    ];
  };

  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const p = productOf(body);
    return [loadLimbs(a, p.words, p.x), loadLimbs(b, p.words, p.y), p.multiply, p.store(out, 2)];
  });

  const mulLoose = module.define(`${name}MulLoose`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const p = productOf(body);
    return [loadLimbs(a, p.words, p.x), loadLimbs(b, p.words, p.y), p.multiply, storeWords(out, p.words)];
  });

  const subMulLoose = module.define(`${name}SubMulLoose`, 4, undefined, (body) => {
    const [out, a, b, c] = body.params;
    const p = productOf(body);
    return [
      loadWords(a, p.words),
      subtract(p, prime, b),
      splitWords(p.words, p.x),
      loadLimbs(c, p.words, p.y),
      p.multiply,
      storeWords(out, p.words),
    ];
  });

  const subMulSub = module.define(`${name}SubMulSub`, 5, undefined, (body) => {
    const [out, a, b, c, d] = body.params;
    const p = productOf(body);
    return [
      loadWords(a, p.words),
      subtract(p, prime, b),
      splitWords(p.words, p.x),
      loadLimbs(c, p.words, p.y),
      p.multiply,
      subtract(p, prime, d),
      p.store(out, 4),
    ];
  });

  /** words = a², below twice the prime when a is loose. */
  const squareOf = (body: Locals, p: Product, a: Value<'i32'>): Code => {
    const columns = localsOf(body, 2 * LIMBS - 1);
    const sums = columns.map((column, k) => {
      const terms: Value<'i64'>[] = [];
      for (let i = Math.max(0, k - LIMBS + 1); 2 * i <= k; i++) {
        terms.push(2 * i === k ? i64.mul(at(p.x, i), at(p.x, i)) : i64.mul(at(p.x, i), at(p.y, k - i)));
      }
      return column.set(terms.reduce((sum, term) => i64.add(sum, term)));
    });
    return [
      loadLimbs(a, p.words, p.x),
      p.y.map((limb, i) => limb.set(i64.shl(at(p.x, i), 1))),
      sums,
      reduceColumns(columns, p.factor, modulus),
      packColumns(columns, p.words),
    ];
  };

  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params;
    const p = productOf(body);
    return [squareOf(body, p, a), p.store(out, 2)];
  });

  const squareSubSub = module.define(`${name}SquareSubSub`, 4, undefined, (body) => {
    const [out, a, b, c] = body.params;
    const p = productOf(body);
    return [squareOf(body, p, a), subtract(p, 2n * prime, b, c), p.store(out, 4)];
  });

  const add = module.define(`${name}Add`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const [x, y, sum, reduced] = [localsOf(body, 4), localsOf(body, 4), localsOf(body, 4), localsOf(body, 4)];
    const carry = body.i64();
    return [
      loadWords(a, x),
      loadWords(b, y),
      addWords(x, y, sum, carry),
      storeReduced(prime, out, sum, reduced, carry),
    ];
  });

  const sub = module.define(`${name}Sub`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const [x, y, difference] = [localsOf(body, 4), localsOf(body, 4), localsOf(body, 4)];
    const [borrow, mask] = [body.i64(), body.i64()];
    return [
      loadWords(a, x),
      loadWords(b, y),
      subtractWords(x, y, difference, borrow),
      mask.set(i64.sub(0, borrow)),
      WORDS.map((i) => at(y, i).set(i64.and(wordOf(prime, i), mask))),
      addWords(difference, y, x, borrow),
      storeWords(out, x),
    ];
  });

  const neg = module.define(`${name}Neg`, 2, undefined, (body) => {
    const [out, a] = body.params;
    return call(sub, out, zero, a);
  });

  const toMontgomery = module.define(`${name}ToMontgomery`, 2, undefined, (body) => {
    const [out, a] = body.params;
    return call(mul, out, a, squaredRadix);
  });
  const fromMontgomery = module.define(`${name}FromMontgomery`, 2, undefined, (body) => {
    const [out, a] = body.params;
    return call(mul, out, a, plainOne);
  });

  const invert = defineInversion(module, name, prime, mul);

  return {
    prime,
    sizeBytes: 32,
    add,
    sub,
    mul,
    neg,
    square,
    invert,
    mulLoose,
    subMulLoose,
    squareSubSub,
    subMulSub,
    one,
    toMontgomery,
    fromMontgomery,
  };
}
