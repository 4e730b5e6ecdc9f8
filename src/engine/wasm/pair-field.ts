/**
 * Generates the arithmetic of pairs: two elements of a field at once, as `pair-limbs.ts` tells. In memory a pair is five vectors
 * a coefficient, the limbs of both elements as doubles, in Montgomery form with R = 2^256 like everything else.
 *
 * Factors have limbs below 2^51 in magnitude: canonical elements, results of products, and differences of two such
 * canonical elements. What a product of factors |x| ≤ a·p, |y| ≤ b·p may be is written at each function.
 */
import {
  call,
  type FunctionHandle,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
  when,
} from './assembler.js';
import { at } from './limbs.js';
import {
  columnsToLimbs,
  createPairModulus,
  limbsToWords,
  loadLimbVectors,
  loadPairWords,
  mayExceed,
  multiplyPairs,
  PAIR_BYTES,
  PAIR_LIMBS,
  reduceLimbs,
  splitPairWords,
  squarePair,
  storeLimbVectors,
  storePairWords,
  subtractOnce,
  type VectorConstants,
  vectorsOf,
} from './pair-limbs.js';

/** Functions on pairs of elements of a base field or its quadratic extension. */
export type PairFunctions = {
  /** Bytes of an element in four (eight) words, and of a pair. */
  readonly elementBytes: number;
  readonly pairBytes: number;
  readonly prime: bigint;
  /** (out, a, b): the pair of two canonical elements. */
  readonly load: FunctionHandle;
  /** (a, b, pair): both elements of a canonical pair. */
  readonly store: FunctionHandle;
  /** (out, x, y) and (out, x): products, which are factors again but not canonical. */
  readonly mul: FunctionHandle;
  readonly square: FunctionHandle;
  /** (pair): makes it canonical, in place; for numbers in [−4p, 4p) with limbs as {@link reduceLimbs} wants them. */
  readonly reduce: FunctionHandle;
};

type Address = Local<'i32'>;

/**
 * Adds the functions for pairs of a prime field, under `<name>Pair…`.
 *
 * A product is within ab·p²/2^256 ± p·(3/4 + 2^-50), p²/2^256 < 0.19 p: with a, b ≤ 1 it is below 0.94 p in magnitude.
 */
export function definePairField(
  module: ModuleBuilder,
  name: string,
  prime: bigint,
  constants: VectorConstants,
): PairFunctions & {
  /** (out, x, y, z, w): x·y + z·w, x·y − z·w; within 2ab·p²/2^256 ± p·(3/4 + 2^-50). */
  readonly dot: FunctionHandle;
  readonly dotSub: FunctionHandle;
} {
  const modulus = createPairModulus(prime);

  const load = module.define(`${name}PairLoad`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const [words, limbs] = [vectorsOf(body, 4), vectorsOf(body, PAIR_LIMBS)];
    return [
      loadPairWords(a, b, words, limbs),
      splitPairWords(words, limbs, constants),
      storeLimbVectors(out, limbs),
    ];
  });

  const store = module.define(`${name}PairStore`, 3, undefined, (body) => {
    const [a, b, pair] = body.params;
    const [words, limbs] = [vectorsOf(body, 4), vectorsOf(body, PAIR_LIMBS)];
    return [loadLimbVectors(pair, limbs), limbsToWords(limbs, words, constants), storePairWords(a, b, words)];
  });

  const reduce = module.define(`${name}PairReduce`, 1, undefined, (body) => {
    const [pair] = body.params;
    const [limbs, spare] = [vectorsOf(body, PAIR_LIMBS), vectorsOf(body, PAIR_LIMBS)];
    const carry = body.v128();
    return [
      loadLimbVectors(pair, limbs),
      reduceLimbs(limbs, prime, carry, constants),
      when(mayExceed(limbs, prime, constants), subtractOnce(limbs, prime, spare, carry, constants)),
      storeLimbVectors(pair, limbs),
    ];
  });

  /** One or two products and a reduction; the second product with its sign. */
  const defineProducts = (label: string, count: 1 | 2, isNegated = false): FunctionHandle =>
    module.define(`${name}Pair${label}`, 1 + 2 * count, undefined, (body) => {
      const [out, ...factors] = body.params as [Address, ...Address[]];
      const limb = (factor: number, i: number): Value<'v128'> => v128.load(at(factors, factor), 16 * i);
      const terms = Array.from({ length: count }, (_, term) => ({
        x: (i: number) => (isNegated && term === 1 ? f64x2.neg(limb(2, i)) : limb(2 * term, i)),
        y: (j: number) => limb(2 * term + 1, j),
      }));
      const [products, columns] = multiplyPairs(body, constants, modulus, terms, 0, out);
      const [settle, result] = columnsToLimbs(columns, constants);
      return [products, settle, storeLimbVectors(out, result)];
    });
  const mul = defineProducts('Mul', 1);
  const dot = defineProducts('Dot', 2);
  const dotSub = defineProducts('DotSub', 2, true);

  const square = module.define(`${name}PairSquare`, 2, undefined, (body) => {
    const [out, a] = body.params;
    const [products, columns] = squarePair(body, constants, modulus, (i) => v128.load(a, 16 * i));
    const [settle, result] = columnsToLimbs(columns, constants);
    return [products, settle, storeLimbVectors(out, result)];
  });

  return { elementBytes: 32, pairBytes: PAIR_BYTES, prime, load, store, mul, square, reduce, dot, dotSub };
}

/**
 * Adds the functions for pairs of Fq2 = Fq[u]/(u² + 1), under `<name>Pair…`.
 *
 * A product's coefficients are within 2ab·p²/2^256 ± p·(3/4 + 2^-50): below 1.4 p in magnitude with a, b ≤ 1.31.
 */
export function definePairExtension(
  module: ModuleBuilder,
  name: string,
  base: ReturnType<typeof definePairField>,
): PairFunctions {
  const high = (pair: Value<'i32'>): Value<'i32'> => i32.add(pair, PAIR_BYTES);
  const highWords = (element: Value<'i32'>): Value<'i32'> => i32.add(element, base.elementBytes);

  const load = module.define(`${name}PairLoad`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    return [call(base.load, out, a, b), call(base.load, high(out), highWords(a), highWords(b))];
  });
  const store = module.define(`${name}PairStore`, 3, undefined, (body) => {
    const [a, b, pair] = body.params;
    return [call(base.store, a, b, pair), call(base.store, highWords(a), highWords(b), high(pair))];
  });
  const reduce = module.define(`${name}PairReduce`, 1, undefined, (body) => {
    const [pair] = body.params;
    return [call(base.reduce, pair), call(base.reduce, high(pair))];
  });
  // a0·b0 − a1·b1 and a0·b1 + a1·b0
  const mul = module.define(`${name}PairMul`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const low = body.scratch(PAIR_BYTES);
    const limbs = vectorsOf(body, PAIR_LIMBS);
    return [
      call(base.dotSub, low, a, b, high(a), high(b)),
      call(base.dot, high(out), a, high(b), high(a), b),
      loadLimbVectors(low, limbs),
      storeLimbVectors(out, limbs),
    ];
  });
  const square = module.define(`${name}PairSquare`, 2, undefined, (body) => {
    const [out, a] = body.params;
    return call(mul, out, a, a);
  });
  return {
    elementBytes: 2 * base.elementBytes,
    pairBytes: 2 * PAIR_BYTES,
    prime: base.prime,
    load,
    store,
    mul,
    square,
    reduce,
  };
}
