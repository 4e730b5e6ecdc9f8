/** Generates the arithmetic of Fq2 = Fq[u]/(u² + 1), an element being c0 ‖ c1, canonical as in `prime-field.ts`. */
import { call, type FunctionHandle, i32, type ModuleBuilder, type Value } from './assembler.js';
import {
  at,
  copyElement,
  createModulus,
  encodeWords,
  LIMBS,
  loadLimbs,
  loadWords,
  localsOf,
  multiplyLimbs,
  packColumns,
  splitWords,
  storeReduced,
  subtractWords,
  WORDS,
  wordOf,
} from './limbs.js';
import type { FieldFunctions, PrimeFieldFunctions } from './prime-field.js';

/**
 * Adds the functions to a module.
 *
 * @param base - The base field; −1 must not be a square in it.
 */
export function defineQuadraticExtension(
  module: ModuleBuilder,
  name: string,
  base: PrimeFieldFunctions,
): FieldFunctions {
  const size = base.sizeBytes;
  const high = (address: Value<'i32'>): Value<'i32'> => i32.add(address, size);
  const one = module.constant(
    new Uint8Array([...encodeWords((1n << 256n) % base.prime), ...new Uint8Array(size)]),
  );

  const both = (label: string, handle: FunctionHandle, inputs: 1 | 2): FunctionHandle =>
    module.define(`${name}${label}`, 1 + inputs, undefined, (body) => [
      call(handle, ...body.params),
      call(handle, ...body.params.map(high)),
    ]);
  const add = both('Add', base.add, 2);
  const sub = both('Sub', base.sub, 2);
  const neg = both('Neg', base.neg, 1);

  const modulus = createModulus(base.prime);

  // (out, a, b, c, d): a·b ± c·d in the base field, two products and one reduction; below 2·prime²/2^256 + prime·(1 + 2^-24) before
  // the last step.
  const defineDot = (label: string, isNegated: boolean): FunctionHandle =>
    module.define(`${name}${label}`, 5, undefined, (body) => {
      const [out, ...factors] = body.params;
      const [words, spare, factor] = [localsOf(body, 4), localsOf(body, 4), body.i64()];
      const limbs = factors.map(() => localsOf(body, LIMBS));
      const terms = [
        { x: at(limbs, 0), y: at(limbs, 1) },
        { x: at(limbs, 2), y: at(limbs, 3) },
      ];
      const sum = multiplyLimbs(terms, localsOf(body, LIMBS), factor, modulus);
      const primeWords = WORDS.map((i) => wordOf(base.prime, i));
      return [
        factors.map((address, i) =>
          isNegated && i === 2
            ? [
                loadWords(address, words),
                subtractWords(primeWords, words, spare, factor),
                splitWords(spare, at(limbs, i)),
              ]
            : loadLimbs(address, words, at(limbs, i)),
        ),
        sum.code,
        packColumns(sum.columns, words),
        storeReduced(base.prime, out, words, spare, factor),
      ];
    });
  const dot = defineDot('Dot', false);
  const dotSub = defineDot('DotSub', true);

  // a0·b0 − a1·b1 and a0·b1 + a1·b0
  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const low = body.scratch(size);
    return [
      call(dotSub, low, a, b, high(a), high(b)),
      call(dot, high(out), a, high(b), high(a), b),
      copyElement(size, out, low),
    ];
  });

  // (a0 + a1)(a0 − a1) and 2·a0·a1
  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params;
    const [sum, difference] = [body.scratch(size), body.scratch(size)];
    return [
      call(base.add, sum, a, high(a)),
      call(base.sub, difference, a, high(a)),
      call(base.mul, high(out), a, high(a)),
      call(base.add, high(out), high(out), high(out)),
      call(base.mul, out, sum, difference),
    ];
  });

  const invert = module.define(`${name}Invert`, 2, undefined, (body) => {
    const [out, a] = body.params;
    const [norm, other] = [body.scratch(size), body.scratch(size)];
    return [
      call(base.square, norm, a),
      call(base.square, other, high(a)),
      call(base.add, norm, norm, other),
      call(base.invert, norm, norm),
      call(base.mul, out, a, norm),
      call(base.neg, norm, norm),
      call(base.mul, high(out), high(a), norm),
    ];
  });

  // No loose values here: these are plain compositions.
  const subMulLoose = module.define(`${name}SubMulLoose`, 4, undefined, (body) => {
    const [out, a, b, c] = body.params;
    const difference = body.scratch(2 * size);
    return [call(sub, difference, a, b), call(mul, out, difference, c)];
  });
  const squareSubSub = module.define(`${name}SquareSubSub`, 4, undefined, (body) => {
    const [out, a, b, c] = body.params;
    const squared = body.scratch(2 * size);
    return [call(square, squared, a), call(sub, squared, squared, b), call(sub, out, squared, c)];
  });
  const subMulSub = module.define(`${name}SubMulSub`, 5, undefined, (body) => {
    const [out, a, b, c, d] = body.params;
    const product = body.scratch(2 * size);
    return [call(subMulLoose, product, a, b, c), call(sub, out, product, d)];
  });

  return {
    sizeBytes: 2 * size,
    add,
    sub,
    mul,
    neg,
    square,
    invert,
    mulLoose: mul,
    subMulLoose,
    squareSubSub,
    subMulSub,
    one,
  };
}
