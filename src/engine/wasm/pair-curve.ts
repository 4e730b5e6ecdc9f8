/**
 * Generates the batch addition of `curve.ts` for two records at a time, one in each lane, on the fused multiply-add.
 *
 * Each lane has its own running product of denominators; both products share the one inversion. A pair with a point at infinity,
 * or with points of the same x, is rare: it takes its denominators and its last step from the plain functions.
 */
import {
  type Code,
  call,
  callI32,
  doWhile,
  type FunctionHandle,
  f64x2,
  i32,
  i64,
  i64x2,
  type Locals,
  type ModuleBuilder,
  type Value,
  v128,
  when,
} from './assembler.js';
import { type AffineAddition, addressOf, forTouchedRecords } from './curve.js';
import { ADDITION_BYTES } from './layout.js';
import type { PairFunctions } from './pair-field.js';
import { PAIR_BYTES, PAIR_LIMBS, settleLimbs, type VectorConstants, vectorsOf } from './pair-limbs.js';
import type { FieldFunctions } from './prime-field.js';

/**
 * Adds `<name>BatchAdd(additions, count, scratch)` to a module: the same results as the plain one, byte by byte.
 *
 * `scratch` has room for two coordinates an addition; what a pair needs is less. The last words of records say what they are.
 */
export function definePairBatchAddition(
  module: ModuleBuilder,
  name: string,
  field: FieldFunctions,
  pairs: PairFunctions,
  constants: VectorConstants,
  { denominator: findDenominator, finish }: AffineAddition,
): FunctionHandle {
  const { elementBytes, pairBytes, prime } = pairs;
  const vectors = pairBytes / 16;

  const copyPair = (out: Value<'i32'>, a: Value<'i32'>): Code =>
    Array.from({ length: vectors }, (_, i) => v128.store(out, v128.load(a, 16 * i), 16 * i));
  /** out = x − y, limb by limb. */
  const subtract = (out: Value<'i32'>, x: Value<'i32'>, y: Value<'i32'>): Code =>
    Array.from({ length: vectors }, (_, i) =>
      v128.store(out, f64x2.sub(v128.load(x, 16 * i), v128.load(y, 16 * i)), 16 * i),
    );

  /** (first, second) → 1 where both x coordinates are not zero and differ, so that the sum has a chord and nothing else. */
  const isPlain = module.define(`${name}IsPlain`, 2, 'i32', (body) => {
    const [first, second] = body.params;
    const offsets = Array.from({ length: elementBytes / 16 }, (_, i) => 16 * i);
    const any = (of: (offset: number) => Value<'v128'>): Value<'i32'> =>
      v128.anyTrue(offsets.map(of).reduce((all, word) => v128.or(all, word)));
    return [
      i32.and(
        any((offset) => v128.xor(v128.load(first, offset), v128.load(second, offset))),
        i32.and(
          any((offset) => v128.load(first, offset)),
          any((offset) => v128.load(second, offset)),
        ),
      ).code,
    ];
  });

  /** Sign bits of both lanes from bit 0 of two operands. */
  const signs = (a: Value<'i32'>, b: Value<'i32'>): Value<'v128'> =>
    i64x2.withHigh(i64x2.splat(i64.shl(i64.extendU(a), 63)), i64.shl(i64.extendU(b), 63));

  /** (out, y1, y2, signs of y1 and y2 at an address): ±y2 − ±y1 between −p and p, as a factor; y1 gets its sign. */
  const numerator = module.define(`${name}PairNumerator`, 4, undefined, (body) => {
    const [out, first, second, signsAt] = body.params;
    const [sign, otherSign, differ, carry] = [body.v128(), body.v128(), body.v128(), body.v128()];
    const limbs = vectorsOf(body, PAIR_LIMBS);
    const coefficients = Array.from({ length: pairBytes / PAIR_BYTES }, (_, c) => c * PAIR_BYTES);
    return [
      sign.set(v128.load(signsAt)),
      otherSign.set(v128.load(signsAt, 16)),
      // All ones where the signs differ: then y1 + y2 appears, and p with the sign of y1 brings it back.
      differ.set(i64x2.sub(constants.integer(0n), i64x2.shrU(v128.xor(sign, otherSign), 63))),
      coefficients.map((offset) => [
        limbs.map((limb, i) => {
          const position = offset + 16 * i;
          const p = v128.and(constants.limb(prime, i), differ);
          return [
            limb.set(v128.xor(v128.load(first, position), sign)),
            v128.store(first, limb, position),
            limb.set(
              f64x2.add(f64x2.sub(v128.xor(v128.load(second, position), otherSign), limb), v128.xor(p, sign)),
            ),
          ];
        }),
        settleLimbs(limbs, carry, constants),
        limbs.map((limb, i) => v128.store(out, limb, offset + 16 * i)),
      ]),
    ];
  });

  const operand = (record: Value<'i32'>, offset: 0 | 4): Value<'i32'> => addressOf(i32.load(record, offset));
  const isPlainRecord = (record: Value<'i32'>): Value<'i32'> =>
    callI32(isPlain, operand(record, 0), operand(record, 4));

  /** (record, other, x1, d): loads the first x coordinates and d = x2 − x1. */
  const chord = module.define(`${name}PairChord`, 4, undefined, (body) => {
    const [record, other, x, d] = body.params;
    return [
      call(pairs.load, x, operand(record, 0), operand(other, 0)),
      call(pairs.load, d, operand(record, 4), operand(other, 4)),
      subtract(d, d, x),
    ];
  });
  /** (record, other, d): the denominators of a pair that is not plain. */
  const denominators = module.define(`${name}PairDenominators`, 3, undefined, (body) => {
    const [record, other, d] = body.params;
    const [a, b] = [body.scratch(elementBytes), body.scratch(elementBytes)];
    const ignored = body.i32();
    return [
      ignored.set(callI32(findDenominator, record, a)),
      ignored.set(callI32(findDenominator, other, b)),
      call(pairs.load, d, a, b),
    ];
  });

  /** (record, other, prefix, product): notes whether the pair is plain, keeps the product and multiplies it by the denominators. */
  const forward = module.define(`${name}PairForward`, 4, undefined, (body) => {
    const [record, other, prefix, product] = body.params;
    const [x, d] = [body.scratch(pairBytes), body.scratch(pairBytes)];
    const isPlainPair = body.i32();
    return [
      isPlainPair.set(i32.and(isPlainRecord(record), isPlainRecord(other))),
      when(isPlainPair, call(chord, record, other, x, d), call(denominators, record, other, d)),
      i32.store(record, isPlainPair, 12),
      copyPair(prefix, product),
      call(pairs.mul, product, product, d),
    ];
  });

  /** Addresses of a pair's records, of the inverses of its denominators, and of x1 and x2 − x1, which are overwritten. */
  type Plain = {
    readonly record: Value<'i32'>;
    readonly other: Value<'i32'>;
    readonly inverses: Value<'i32'>;
    readonly x: Value<'i32'>;
    readonly d: Value<'i32'>;
  };
  /** The sums of plain pairs, step by step in turn: what one waits for passes while others work. */
  const finishPlain = (body: Locals, all: readonly Plain[]): Code => {
    const out = (of: Value<'i32'>): Value<'i32'> => i32.load(of, 8);
    const yOf = (point: Value<'i32'>): Value<'i32'> => i32.add(point, elementBytes);
    const states = all.map((plain) => ({
      ...plain,
      y: body.scratch(pairBytes),
      slope: body.scratch(pairBytes),
      sum: body.scratch(pairBytes),
      signsAt: body.scratch(32),
    }));
    const steps: readonly ((state: (typeof states)[number]) => Code)[] = [
      ({ record, other, signsAt, y, slope }) => [
        v128.store(signsAt, signs(i32.load(record, 0), i32.load(other, 0))),
        v128.store(signsAt, signs(i32.load(record, 4), i32.load(other, 4)), 16),
        call(pairs.load, y, yOf(operand(record, 0)), yOf(operand(other, 0))),
        call(pairs.load, slope, yOf(operand(record, 4)), yOf(operand(other, 4))),
        call(numerator, slope, y, slope, signsAt),
      ],
      ({ slope, inverses }) => call(pairs.mul, slope, slope, inverses),
      ({ slope, sum }) => call(pairs.square, sum, slope),
      // λ² − x1 − x2 = λ² − d − 2·x1; then λ(x1 − x3) − y1
      ({ sum, d, x }) => [
        subtract(sum, sum, d),
        subtract(sum, sum, x),
        subtract(sum, sum, x),
        call(pairs.reduce, sum),
      ],
      ({ x, sum, slope }) => [subtract(x, x, sum), call(pairs.mul, slope, slope, x)],
      ({ slope, y }) => [subtract(slope, slope, y), call(pairs.reduce, slope)],
      ({ record, other, sum, slope }) => [
        call(pairs.store, out(record), out(other), sum),
        call(pairs.store, yOf(out(record)), yOf(out(other)), slope),
      ],
    ];
    return steps.map((step) => states.map(step));
  };

  /** (record, other, prefix, product): the sums of one pair, and the product without its denominators; `prefix` is lost. */
  const backward = module.define(`${name}PairBackward`, 4, undefined, (body) => {
    const [record, other, prefix, product] = body.params;
    const [x, d] = [body.scratch(pairBytes), body.scratch(pairBytes)];
    const [a, b] = [body.scratch(elementBytes), body.scratch(elementBytes)];
    const isPlainPair = body.i32(i32.load(record, 12));
    return [
      when(isPlainPair, call(chord, record, other, x, d), call(denominators, record, other, d)),
      call(pairs.mul, prefix, prefix, product),
      call(pairs.mul, product, product, d),
      when(isPlainPair, finishPlain(body, [{ record, other, inverses: prefix, x, d }]), [
        call(pairs.reduce, prefix),
        call(pairs.store, a, b, prefix),
        when(i32.ne(record, other), call(finish, other, b)),
        call(finish, record, a),
      ]),
    ];
  });

  /** (record, prefixes, products): the same for two pairs one after the other in memory, both plain. */
  const backwardTwice = module.define(`${name}PairBackwardTwice`, 3, undefined, (body) => {
    const [record, prefixes, products] = body.params;
    const all = [0, 1].map((i) => ({
      record: i32.add(record, 2 * i * ADDITION_BYTES),
      other: i32.add(record, (2 * i + 1) * ADDITION_BYTES),
      inverses: i32.add(prefixes, i * pairBytes),
      product: i32.add(products, i * pairBytes),
      x: body.scratch(pairBytes),
      d: body.scratch(pairBytes),
    }));
    return [
      all.map((pair) => call(chord, pair.record, pair.other, pair.x, pair.d)),
      all.map((pair) => call(pairs.mul, pair.inverses, pair.inverses, pair.product)),
      all.map((pair) => call(pairs.mul, pair.product, pair.product, pair.d)),
      finishPlain(body, all),
    ];
  });

  /** (products): replaces two pairs, four factors, by their inverses. */
  const invert = module.define(`${name}PairInvert`, 1, undefined, (body) => {
    const [products] = body.params;
    const second = i32.add(products, pairBytes);
    const both = body.scratch(pairBytes);
    const [a, b, shared] = [
      body.scratch(elementBytes),
      body.scratch(elementBytes),
      body.scratch(elementBytes),
    ];
    return [
      call(pairs.mul, both, products, second),
      call(pairs.reduce, both),
      call(pairs.store, a, b, both),
      call(field.mul, shared, a, b),
      call(field.invert, shared, shared),
      call(field.mul, a, a, shared),
      call(field.mul, b, b, shared),
      call(pairs.load, both, b, a),
      call(pairs.mul, products, products, both),
      call(pairs.mul, second, second, both),
      // Now they are in each other's place.
      copyPair(both, products),
      copyPair(products, second),
      copyPair(second, both),
    ];
  });

  return module.define(`${name}BatchAdd`, 3, undefined, (body) => {
    const [additions, count, scratch] = body.params;
    const products = body.scratch(2 * pairBytes);
    const [record, other, end, last] = [body.i32(), body.i32(), body.i32(), body.i32()];
    const [prefix, lane, pairsLeft] = [body.i32(scratch), body.i32(products), body.i32()];
    /** The second record of a pair; where there is none, the first again. */
    const findOther: Code = [
      other.set(i32.add(record, ADDITION_BYTES)),
      when(i32.eq(record, last), other.set(record)),
    ];
    // Pairs belong to the two products in turn.
    const nextLane: Code = lane.set(i32.sub(i32.add(products, i32.add(products, pairBytes)), lane));
    const back: Code = [
      record.set(i32.sub(record, 2 * ADDITION_BYTES)),
      prefix.set(i32.sub(prefix, pairBytes)),
      pairsLeft.set(i32.sub(pairsLeft, 1)),
    ];
    const one: Code = [back, nextLane, findOther, call(backward, record, other, prefix, lane)];
    const areTwoPlain = i32.and(
      i32.load(i32.sub(record, 2 * ADDITION_BYTES), 12),
      i32.load(i32.sub(record, 4 * ADDITION_BYTES), 12),
    );
    return when(count, [
      call(pairs.load, products, field.one, field.one),
      call(pairs.load, i32.add(products, pairBytes), field.one, field.one),
      end.set(i32.add(additions, i32.shl(count, 4))),
      last.set(i32.sub(end, ADDITION_BYTES)),
      record.set(additions),
      forTouchedRecords(body, 2 * elementBytes, record, end, 2 * ADDITION_BYTES, [
        findOther,
        call(forward, record, other, prefix, lane),
        prefix.set(i32.add(prefix, pairBytes)),
        nextLane,
      ]),
      call(invert, products),
      pairsLeft.set(i32.shrU(i32.add(count, 1), 1)),
      // An odd pair, or one without a second record, goes alone; then pairs are left two by two.
      when(i32.or(i32.and(pairsLeft, 1), i32.and(count, 1)), one),
      when(i32.and(pairsLeft, 1), one),
      when(
        pairsLeft,
        doWhile(
          when(areTwoPlain, [back, back, call(backwardTwice, record, prefix, products)], [one, one]),
          pairsLeft,
        ),
      ),
    ]);
  });
}
