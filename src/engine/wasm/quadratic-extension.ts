/** Generates the arithmetic of Fq2 = Fq[u]/(u² + 1), an element being c0 ‖ c1, canonical as in `prime-field.ts`. */
import {
  type Body,
  call,
  callI32,
  type FunctionHandle,
  i32,
  i64,
  type Local,
  leave,
  type ModuleBuilder,
  type Value,
} from './assembler.js';
import {
  at,
  createModulus,
  encodeWords,
  LIMB_BITS,
  LIMBS,
  loadLimbs,
  localsOf,
  packColumns,
  productColumns,
  reduceColumns,
  storeReduced,
} from './limbs.js';
import type { FieldFunctions, PrimeFieldFunctions } from './prime-field.js';

const COLUMNS = 2 * LIMBS - 1;

type Spare = {
  readonly words: readonly Local<'i64'>[];
  readonly reduced: readonly Local<'i64'>[];
  readonly factor: Local<'i64'>;
};
const spareOf = (body: Body): Spare => ({
  words: localsOf(body, 4),
  reduced: localsOf(body, 4),
  factor: body.i64(),
});

/** Column k of prime² with carries propagated: small, and keeps differences of products positive as a whole. */
function squareColumn(prime: bigint, k: number): bigint {
  const rest = (prime * prime) >> BigInt(LIMB_BITS * k);
  return k === COLUMNS - 1 ? rest : BigInt.asUintN(LIMB_BITS, rest);
}

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
  const copy = both('Copy', base.copy, 1);

  const modulus = createModulus(base.prime);
  /** Reduces columns below 2·prime² and stores them. */
  const store = (out: Value<'i32'>, columns: Local<'i64'>[], spare: Spare) => [
    reduceColumns(columns, spare.factor, modulus),
    packColumns(columns, spare.words),
    storeReduced(base.prime, out, spare.words, spare.reduced, spare.factor),
  ];

  // (a0 + a1)(b0 + b1) − a0·b0 − a1·b1 and a0·b0 − a1·b1 + prime² on unreduced columns: three products, two reductions.
  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const spare = spareOf(body);
    const [a0, a1, b0, b1] = [
      localsOf(body, LIMBS),
      localsOf(body, LIMBS),
      localsOf(body, LIMBS),
      localsOf(body, LIMBS),
    ];
    const [low, high0, middle] = [localsOf(body, COLUMNS), localsOf(body, COLUMNS), localsOf(body, COLUMNS)];
    const sum = (x: readonly Local<'i64'>[], y: readonly Local<'i64'>[]) =>
      x.map((limb, i) => limb.set(i64.add(limb, at(y, i))));
    return [
      loadLimbs(a, spare.words, a0),
      loadLimbs(high(a), spare.words, a1),
      loadLimbs(b, spare.words, b0),
      loadLimbs(high(b), spare.words, b1),
      productColumns(a0, b0).map((value, k) => at(low, k).set(value)),
      productColumns(a1, b1).map((value, k) => at(high0, k).set(value)),
      sum(a0, a1),
      sum(b0, b1),
      productColumns(a0, b0).map((value, k) => [
        at(middle, k).set(i64.sub(i64.sub(value, at(low, k)), at(high0, k))),
        at(low, k).set(i64.sub(i64.add(at(low, k), squareColumn(base.prime, k)), at(high0, k))),
      ]),
      store(out, low, spare),
      store(high(out), middle, spare),
    ];
  });

  // (a0 + a1)(a0 − a1) + prime² and 2·a0·a1: two products, two reductions.
  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const spare = spareOf(body);
    const [a0, a1, sums] = [localsOf(body, LIMBS), localsOf(body, LIMBS), localsOf(body, LIMBS)];
    const columns = localsOf(body, COLUMNS);
    const first = [...columns];
    const second = [...columns];
    return [
      loadLimbs(a, spare.words, a0),
      loadLimbs(high(a), spare.words, a1),
      sums.map((limb, i) => limb.set(i64.shl(at(a0, i), 1))),
      productColumns(sums, a1).map((value, k) => at(columns, k).set(value)),
      store(high(out), first, spare),
      sums.map((limb, i) => limb.set(i64.add(at(a0, i), at(a1, i)))),
      a0.map((limb, i) => limb.set(i64.sub(limb, at(a1, i)))),
      productColumns(sums, a0).map((value, k) =>
        at(columns, k).set(i64.add(value, squareColumn(base.prime, k))),
      ),
      store(out, second, spare),
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

  const isZero = module.define(`${name}IsZero`, 1, 'i32', (body) => {
    const [a] = body.params as [Local<'i32'>];
    return leave(i32.and(callI32(base.isZero, a), callI32(base.isZero, high(a))));
  });

  return { sizeBytes: 2 * size, add, sub, mul, neg, square, copy, invert, isZero, one };
}
