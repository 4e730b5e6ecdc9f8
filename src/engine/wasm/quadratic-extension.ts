/** Generates the arithmetic of Fq2 = Fq[u]/(u² + 1), an element being c0 ‖ c1, canonical as in `prime-field.ts`. */
import {
  type Body,
  type Code,
  call,
  type FunctionHandle,
  i32,
  i64,
  type Local,
  type ModuleBuilder,
  type Value,
} from './assembler.js';
import {
  at,
  createModulus,
  encodeWords,
  LIMBS,
  loadLimbs,
  localsOf,
  multiplyLimbs,
  packColumns,
  storeReduced,
  type Term,
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

  /** Code that stores a sum of products, below 2·prime² with its bias, as a canonical element of the base field. */
  const writerOf = (body: Body): ((out: Value<'i32'>, terms: readonly Term[], bias?: bigint) => Code) => {
    const [columns, words, spare] = [localsOf(body, LIMBS), localsOf(body, 4), localsOf(body, 4)];
    const factor = body.i64();
    return (out, terms, bias = 0n) => {
      const sum = multiplyLimbs(terms, columns, factor, modulus, bias);
      return [sum.code, packColumns(sum.columns, words), storeReduced(base.prime, out, words, spare, factor)];
    };
  };

  // a0·b0 − a1·b1 + prime² and a0·b1 + a1·b0: four products, but only two reductions.
  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const words = localsOf(body, 4);
    const [a0, a1, b0, b1] = [
      localsOf(body, LIMBS),
      localsOf(body, LIMBS),
      localsOf(body, LIMBS),
      localsOf(body, LIMBS),
    ];
    const write = writerOf(body);
    return [
      loadLimbs(a, words, a0),
      loadLimbs(high(a), words, a1),
      loadLimbs(b, words, b0),
      loadLimbs(high(b), words, b1),
      write(
        out,
        [
          { x: a0, y: b0 },
          { x: a1, y: b1, isSubtracted: true },
        ],
        base.prime ** 2n,
      ),
      write(high(out), [
        { x: a0, y: b1 },
        { x: a1, y: b0 },
      ]),
    ];
  });

  // (a0 + a1)(a0 − a1) + prime² and 2·a0·a1, limb by limb: limbs of 30 bits and a sign.
  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const words = localsOf(body, 4);
    const [a0, a1, sums] = [localsOf(body, LIMBS), localsOf(body, LIMBS), localsOf(body, LIMBS)];
    const write = writerOf(body);
    return [
      loadLimbs(a, words, a0),
      loadLimbs(high(a), words, a1),
      sums.map((limb, i) => limb.set(i64.shl(at(a0, i), 1))),
      write(high(out), [{ x: sums, y: a1 }]),
      sums.map((limb, i) => limb.set(i64.add(at(a0, i), at(a1, i)))),
      a0.map((limb, i) => limb.set(i64.sub(limb, at(a1, i)))),
      write(out, [{ x: sums, y: a0 }], base.prime ** 2n),
    ];
  });

  const invert = module.define(`${name}Invert`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
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
    const [out, a, b, c] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const difference = body.scratch(2 * size);
    return [call(sub, difference, a, b), call(mul, out, difference, c)];
  });
  const squareSubSub = module.define(`${name}SquareSubSub`, 4, undefined, (body) => {
    const [out, a, b, c] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const squared = body.scratch(2 * size);
    return [call(square, squared, a), call(sub, squared, squared, b), call(sub, out, squared, c)];
  });
  const subMulSub = module.define(`${name}SubMulSub`, 5, undefined, (body) => {
    const [out, a, b, c, d] = body.params as [
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
      Local<'i32'>,
    ];
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
