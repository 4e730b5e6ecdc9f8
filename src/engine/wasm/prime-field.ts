/**
 * Generates the arithmetic of a prime field of at most 254 bits: Montgomery form, R = 2^256, four 64-bit words.
 * How products work is told in `limbs.ts`.
 *
 * Every function takes addresses and allows its result to be one of its inputs. Values are canonical, below the prime.
 */
import {
  type Code,
  call,
  countUp,
  type FunctionHandle,
  i32,
  i64,
  type Local,
  leave,
  type ModuleBuilder,
  type Value,
  when,
} from './assembler.js';
import {
  addWords,
  at,
  createModulus,
  encodeWords,
  LIMBS,
  loadLimbs,
  localsOf,
  packColumns,
  reduceColumns,
  reduceStep,
  storeReduced,
  subtractWords,
  WORDS,
  wordOf,
} from './limbs.js';

/** Functions of a coordinate field, base or extension. */
export type FieldFunctions = {
  readonly sizeBytes: number;
  /** (out, a, b) */
  readonly add: FunctionHandle;
  readonly sub: FunctionHandle;
  readonly mul: FunctionHandle;
  /** (out, a) */
  readonly neg: FunctionHandle;
  readonly square: FunctionHandle;
  readonly copy: FunctionHandle;
  /** (out, a); zero gives zero. */
  readonly invert: FunctionHandle;
  /** (a) → 1 or 0 */
  readonly isZero: FunctionHandle;
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
export function definePrimeField(module: ModuleBuilder, name: string, prime: bigint): PrimeFieldFunctions {
  const modulus = createModulus(prime);
  const one = module.constant(encodeWords((1n << 256n) % prime));
  const squaredRadix = module.constant(encodeWords((1n << 512n) % prime));
  const plainOne = module.constant(encodeWords(1n));
  const zero = module.constant(new Uint8Array(32));
  const exponent = module.constant(
    Uint8Array.from({ length: 64 }, (_, i) => Number(((prime - 2n) >> BigInt(252 - 4 * i)) & 15n)),
  );

  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const words = localsOf(body, 4);
    const x = localsOf(body, LIMBS);
    const y = localsOf(body, LIMBS);
    const factor = body.i64();
    const pool = localsOf(body, LIMBS);
    const columns = [...pool];
    const rows = x.map((limb, i) => {
      const products = y.map((other, j) => {
        const column = at(columns, j);
        const isFresh = i === 0 || j === LIMBS - 1;
        const product = i64.mul(limb, other);
        return column.set(isFresh ? product : i64.add(column, product));
      });
      const lowest = at(columns, 0);
      const step = reduceStep(columns, factor, modulus, i === LIMBS - 1);
      if (i < LIMBS - 1) columns.push(lowest);
      return [products, step];
    });
    return [
      loadLimbs(a, words, x),
      loadLimbs(b, words, y),
      rows,
      packColumns(columns, words),
      storeReduced(prime, out, words, x, factor),
    ];
  });

  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const words = localsOf(body, 4);
    const x = localsOf(body, LIMBS);
    const doubled = localsOf(body, LIMBS);
    const factor = body.i64();
    const columns = localsOf(body, 2 * LIMBS - 1);
    const sums = columns.map((column, k) => {
      const terms: Value<'i64'>[] = [];
      for (let i = Math.max(0, k - LIMBS + 1); 2 * i <= k; i++) {
        terms.push(2 * i === k ? i64.mul(at(x, i), at(x, i)) : i64.mul(at(x, i), at(doubled, k - i)));
      }
      return column.set(terms.reduce((sum, term) => i64.add(sum, term)));
    });
    return [
      loadLimbs(a, words, x),
      doubled.map((limb, i) => limb.set(i64.shl(at(x, i), 1))),
      sums,
      reduceColumns(columns, factor, modulus),
      packColumns(columns, words),
      storeReduced(prime, out, words, x, factor),
    ];
  });

  const loadWords = (address: Value<'i32'>, words: readonly Local<'i64'>[]): Code =>
    WORDS.map((i) => at(words, i).set(i64.load(address, 8 * i)));

  const add = module.define(`${name}Add`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
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
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [x, y, difference] = [localsOf(body, 4), localsOf(body, 4), localsOf(body, 4)];
    const [borrow, mask] = [body.i64(), body.i64()];
    return [
      loadWords(a, x),
      loadWords(b, y),
      subtractWords(x, y, difference, borrow),
      mask.set(i64.sub(0, borrow)),
      WORDS.map((i) => at(y, i).set(i64.and(wordOf(prime, i), mask))),
      addWords(difference, y, x, borrow),
      WORDS.map((i) => i64.store(out, at(x, i), 8 * i)),
    ];
  });

  const neg = module.define(`${name}Neg`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return call(sub, out, zero, a);
  });

  const copy = module.define(`${name}Copy`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return WORDS.map((i) => i64.store(out, i64.load(a, 8 * i), 8 * i));
  });

  const isZero = module.define(`${name}IsZero`, 1, 'i32', (body) => {
    const [a] = body.params as [Local<'i32'>];
    return leave(i64.eqz(WORDS.map((i) => i64.load(a, 8 * i)).reduce((all, word) => i64.or(all, word))));
  });

  const toMontgomery = module.define(`${name}ToMontgomery`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return call(mul, out, a, squaredRadix);
  });
  const fromMontgomery = module.define(`${name}FromMontgomery`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return call(mul, out, a, plainOne);
  });

  // Fermat: a^(p−2), four bits of the exponent at a time.
  const invert = module.define(`${name}Invert`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const table = body.scratch(16 * 32);
    const sum = body.scratch(32);
    const [i, nibble] = [body.i32(), body.i32()];
    const entry = (index: Value<'i32'>): Value<'i32'> => i32.add(table, i32.shl(index, 5));
    return [
      call(copy, table, one),
      countUp(i, 1, 16, 1, call(mul, entry(i), entry(i32.sub(i, 1)), a)),
      call(copy, sum, one),
      countUp(i, 0, 64, 1, [
        [0, 0, 0, 0].map(() => call(square, sum, sum)),
        nibble.set(i32.and(i32.load(i32.add(i, exponent)), 15)),
        when(nibble, call(mul, sum, sum, entry(nibble))),
      ]),
      call(copy, out, sum),
    ];
  });

  return {
    prime,
    sizeBytes: 32,
    add,
    sub,
    mul,
    neg,
    square,
    copy,
    invert,
    isZero,
    one,
    toMontgomery,
    fromMontgomery,
  };
}
