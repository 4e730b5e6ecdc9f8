/**
 * Code for two numbers at once, one in each lane of 128-bit vectors, on the fused multiply-add of doubles (relaxed SIMD).
 *
 * A number is five limbs of 51 bits; a limb is an integer that a double holds exactly. With |a|, |b| < 2^51 two fused
 * multiply-adds split a·b = high·2^51 + low, |low| ≤ 2^50, without error (Dekker 1971; for Montgomery products Emmart, Zheng,
 * Weems 2018, there with another rounding):
 *
 *     h = a·b + C,  C = 3·2^102: h's last bit weighs 2^51, so h = C + high·2^51
 *     l = a·b + (C + D − h),  D = 3·2^51: the bracket is a multiple of 2^51 below 2^103 and exact, so l = D + low
 *
 * Bits of doubles between a power of two and the next count like integers. So h and l are added to the columns of the product as
 * 64-bit integers, and what C and D contribute is taken off once a column. Where the processor rounds products
 * before it adds, all this is wrong: an engine checks that at its start.
 */
import {
  type Code,
  f64x2,
  i64x2,
  type Local,
  type Locals,
  type ModuleBuilder,
  type Value,
  v128,
  when,
} from './assembler.js';
import { at } from './limbs.js';

export const PAIR_LIMB_BITS = 51;
export const PAIR_LIMBS = 5;
/** Bytes of a pair of numbers in memory: a vector a limb. */
export const PAIR_BYTES = 16 * PAIR_LIMBS;

type Vector = Value<'v128'>;
type VectorLocal = Local<'v128'>;
export type PairLimbs = readonly VectorLocal[];

const BITS = BigInt(PAIR_LIMB_BITS);
const LIMB = 1n << BITS;
const MASK = LIMB - 1n;

/** Bits of a double. */
function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
/** Limb i of a number below 2^255. */
export const pairLimbOf = (value: bigint, i: number): bigint => (value >> (BITS * BigInt(i))) & MASK;
/** Limb i of a number, with limbs from −2^50 to 2^50; the highest is what is left. */
function balancedLimbOf(value: bigint, i: number): bigint {
  const roundedAt = (position: bigint): bigint => (value + ((1n << position) >> 1n)) >> position;
  const rest = roundedAt(BITS * BigInt(i));
  return i === PAIR_LIMBS - 1 ? rest : rest - LIMB * roundedAt(BITS * BigInt(i + 1));
}
/** So many fresh vector locals. */
export const vectorsOf = (body: Locals, count: number): VectorLocal[] =>
  Array.from({ length: count }, () => body.v128());

const HIGH_OFFSET = 3 * 2 ** 102;
const LOW_OFFSET = 3 * 2 ** 51;
/** An integer below 2^52, put in here by `or`, becomes that double plus 2^52. */
const SHIFTER = 2 ** 52;

/**
 * Constants of a module, the same in both lanes. They are read from memory where they are used: an engine would build each
 * immediate with three instructions, and holds few in registers.
 */
export type VectorConstants = {
  readonly integer: (bits: bigint) => Vector;
  readonly double: (value: number) => Vector;
  /** Limb i of a number, as a double. */
  readonly limb: (value: bigint, i: number) => Vector;
};

export function createVectorConstants(module: ModuleBuilder): VectorConstants {
  const known = new Map<bigint, Vector>();
  const integer = (bits: bigint): Vector => {
    const key = BigInt.asUintN(64, bits);
    const found = known.get(key);
    if (found !== undefined) return found;
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => Number((key >> BigInt(8 * (i % 8))) & 255n));
    const constant = v128.load(0, module.constant(bytes));
    known.set(key, constant);
    return constant;
  };
  const double = (value: number): Vector => integer(bitsOf(value));
  return { integer, double, limb: (value, i) => double(Number(pairLimbOf(value, i))) };
}

/** An integer of at most 52 bits as a double. */
function toDouble(integer: Vector, constants: VectorConstants): Vector {
  const shifter = constants.double(SHIFTER);
  return f64x2.sub(v128.or(integer, shifter), shifter);
}
/** The low 51 bits of an integer as a double. */
const lowLimb = (integer: Vector, constants: VectorConstants): Vector =>
  toDouble(v128.and(integer, constants.integer(MASK)), constants);

/** Two elements of four words, at two addresses, as four vectors of words. */
export function loadPairWords(a: Value<'i32'>, b: Value<'i32'>, words: PairLimbs, spare: PairLimbs): Code {
  return [0, 2].map((i) => [
    at(spare, 0).set(v128.load(a, 8 * i)),
    at(spare, 1).set(v128.load(b, 8 * i)),
    at(words, i).set(v128.lows(at(spare, 0), at(spare, 1))),
    at(words, i + 1).set(v128.highs(at(spare, 0), at(spare, 1))),
  ]);
}

/** Four vectors of words to two addresses. */
export function storePairWords(a: Value<'i32'>, b: Value<'i32'>, words: PairLimbs): Code {
  return [0, 2].map((i) => [
    v128.store(a, v128.lows(at(words, i), at(words, i + 1)), 8 * i),
    v128.store(b, v128.highs(at(words, i), at(words, i + 1)), 8 * i),
  ]);
}

/** Cuts words into limbs, the highest of up to 52 bits. */
export function splitPairWords(words: PairLimbs, limbs: PairLimbs, constants: VectorConstants): Code {
  return limbs.map((limb, i) => {
    const word = Math.floor((PAIR_LIMB_BITS * i) / 64);
    const shift = (PAIR_LIMB_BITS * i) % 64;
    const low = shift === 0 ? at(words, word) : i64x2.shrU(at(words, word), shift);
    if (i === PAIR_LIMBS - 1) return limb.set(toDouble(low, constants));
    const crosses = shift + PAIR_LIMB_BITS > 64;
    const bits = crosses ? v128.or(low, i64x2.shl(at(words, word + 1), 64 - shift)) : low;
    return limb.set(lowLimb(bits, constants));
  });
}

/** Joins limbs, integers of 51 bits (the highest 52), into words; `skipped` low bits are dropped. */
function joinLimbs(limbs: readonly Vector[], words: PairLimbs, skipped: 0 | 1): Code {
  return words.map((word, w) => {
    const pieces = limbs.flatMap((limb, i) => {
      const position = PAIR_LIMB_BITS * i - skipped - 64 * w;
      if (position >= 64 || position + PAIR_LIMB_BITS + 1 <= 0) return [];
      if (position === 0) return [limb];
      return [position > 0 ? i64x2.shl(limb, position) : i64x2.shrU(limb, -position)];
    });
    return word.set(pieces.reduce((all, piece) => v128.or(all, piece)));
  });
}

/** Reads and writes limbs in memory. */
export const loadLimbVectors = (address: Value<'i32'>, limbs: PairLimbs): Code =>
  limbs.map((limb, i) => limb.set(v128.load(address, 16 * i)));
export const storeLimbVectors = (address: Value<'i32'>, limbs: readonly Vector[]): Code =>
  limbs.map((limb, i) => v128.store(address, limb, 16 * i));

/** What the products of a prime field need. */
export type PairModulus = {
  readonly prime: bigint;
  /** (k·prime + 1)/2^51 and (k·prime + 1)/2^102: adding multiples of k·prime clears one and two limbs, see `limbs.ts`. */
  readonly foldedOnce: bigint;
  readonly foldedTwice: bigint;
  /** −1/prime modulo 2^52, between −2^51 and 2^51. */
  readonly negInverse: bigint;
};

/** @param prime - Odd, at most 254 bits. */
export function createPairModulus(prime: bigint): PairModulus {
  const negInverseOf = (bits: number): bigint => {
    let inverse = 1n;
    for (let known = 1; known < bits; known *= 2)
      inverse = BigInt.asUintN(bits, inverse * (2n - prime * inverse));
    return (1n << BigInt(bits)) - inverse;
  };
  const folded = (bits: number): bigint => (negInverseOf(bits) * prime + 1n) >> BigInt(bits);
  return {
    prime,
    foldedOnce: folded(51),
    foldedTwice: folded(102),
    negInverse: BigInt.asIntN(52, negInverseOf(52)),
  };
}

/** Keeps columns that are not negative so: on each, and off the next what it carries there. */
const BIAS = 1n << 56n;
/** On the highest column, of even value, where a result may be negative. */
const TOP_BIAS = 1n << 52n;
const COLUMNS = 2 * PAIR_LIMBS;
/** In this step of the reduction the factor is centred: its column carries half a limb more, which the factor loses again. */
const CENTRED_STEP = 3;
const LAST_STEP = 4;
const HALF_LIMB = LIMB / 2n;

/**
 * The columns of a product while code for it is made, and its Montgomery reduction by 2^256, five limbs and a bit.
 *
 * Four limbs are cleared without a product to find a factor m: the first three add multiples of k·prime below 2^204·prime in all, nothing
 * beside 2^256; the fourth, with |m| ≤ 2^50, at most 2^254·prime. The last adds m·prime, |m| ≤ 2^51, where 2^205 stands: a result is within
 * product/2^256 ± prime·(3/4 + 2^-50).
 */
type Columns = {
  /** To be run before all else. */
  readonly begin: Code;
  /** Adds a·b at limb k. Both are below 2^51 in magnitude; `b` is evaluated once. */
  readonly product: (a: VectorLocal, b: Vector, k: number) => Code;
  /** Twice what was added so far. */
  readonly double: () => Code;
  /**
   * Code for a reduction step: 1 clears the two lowest columns, 2 … 4 one more each. A step comes when its columns are complete.
   */
  readonly clear: (step: 1 | 2 | 3 | 4) => Code;
  /** Called at the end; results are columns 5 … 9: twice the product over 2^256 plus `offset` primes. */
  readonly finish: (offset: 0 | 1 | 2) => void;
  readonly result: PairLimbs;
};

/** @param isOpen - Whether {@link Columns.double} comes: then each column's constant waits until after it. */
function createColumns(
  body: Locals,
  constants: VectorConstants,
  modulus: PairModulus,
  isOpen = false,
): Columns {
  const { prime } = modulus;
  const columns = vectorsOf(body, COLUMNS);
  const [h, m, n, factor] = [body.v128(), body.v128(), body.v128(), body.v128()];
  const [high, both] = [body.v128(), body.v128()];
  const begin = [
    high.set(constants.double(HIGH_OFFSET)),
    both.set(constants.double(HIGH_OFFSET + LOW_OFFSET)),
  ];
  const state = columns.map(() => ({ isEmpty: true, highs: 0, lows: 0 }));
  /** Constants are known when everything is added: their bytes are filled in then. */
  const holes: (number | Code)[][] = columns.map(() => []);
  const isFilled = columns.map(() => false);
  let canFill = !isOpen;

  const add = (k: number, value: Vector): Code => {
    const [column, { isEmpty }] = [at(columns, k), at(state, k)];
    at(state, k).isEmpty = false;
    let sum = isEmpty ? value : i64x2.add(column, value);
    if (canFill && !at(isFilled, k)) {
      isFilled[k] = true;
      sum = i64x2.add(sum, { type: 'v128', code: at(holes, k) });
    }
    return column.set(sum);
  };
  const product: Columns['product'] = (a, b, k) => {
    at(state, k).lows++;
    at(state, k + 1).highs++;
    return [
      factor.set(b),
      h.set(f64x2.relaxedMadd(a, factor, high)),
      add(k + 1, h),
      add(k, f64x2.relaxedMadd(a, factor, f64x2.sub(both, h))),
    ];
  };
  const doubleAll = (): Code => {
    canFill = true;
    return columns.map((column, k) => {
      const counts = at(state, k);
      counts.highs *= 2;
      counts.lows *= 2;
      return counts.isEmpty ? [] : column.set(i64x2.add(column, column));
    });
  };
  const products = (by: VectorLocal, value: bigint, k: number): Code =>
    Array.from({ length: PAIR_LIMBS }, (_, j) => product(by, constants.limb(value, j), k + j));
  const carry = (k: number): Code => add(k + 1, i64x2.shrU(at(columns, k), PAIR_LIMB_BITS));

  const finish: Columns['finish'] = (offset) => {
    holes.forEach((hole, k) => {
      const { highs, lows } = at(state, k);
      // What the offsets of doubles left comes off.
      let value = -BigInt(highs) * bitsOf(HIGH_OFFSET) - BigInt(lows) * bitsOf(LOW_OFFSET);
      if (k < COLUMNS - 1) value += BIAS;
      else if (offset === 0) value += TOP_BIAS;
      if (k > 0) value -= BIAS >> BITS;
      if (k === CENTRED_STEP) value += HALF_LIMB;
      if (k >= PAIR_LIMBS) {
        const i = k - PAIR_LIMBS;
        const twice = 2n * BigInt(offset) * prime;
        value += i === PAIR_LIMBS - 1 ? twice >> (BITS * BigInt(i)) : pairLimbOf(twice, i);
      }
      hole.push(constants.integer(value).code);
    });
  };

  const clear: Columns['clear'] = (step) => {
    if (step === 1) {
      return [
        m.set(lowLimb(at(columns, 0), constants)),
        carry(0),
        n.set(lowLimb(at(columns, 1), constants)),
        carry(1),
        products(m, modulus.foldedTwice, 2),
        products(n, modulus.foldedTwice, 3),
      ];
    }
    const k = step;
    const column = at(columns, k);
    if (k !== LAST_STEP) {
      const centre = k === CENTRED_STEP ? [m.set(f64x2.sub(m, constants.double(Number(HALF_LIMB))))] : [];
      return [m.set(lowLimb(column, constants)), centre, carry(k), products(m, modulus.foldedOnce, k + 1)];
    }
    // One bit more: the lowest of the next column. Bit 51 of this one still lacks the low half's offset of m·prime.
    const parity = v128.xor(i64x2.shl(at(columns, k + 1), PAIR_LIMB_BITS), constants.integer(1n << BITS));
    const bits = v128.and(v128.xor(column, parity), constants.integer((1n << (BITS + 1n)) - 1n));
    const rounder = constants.double(2 * HIGH_OFFSET);
    return [
      m.set(toDouble(bits, constants)),
      n.set(constants.double(Number(modulus.negInverse))),
      // m·n modulo 2^52, around zero: what is left of the product when its multiple of 2^52 is taken off.
      h.set(f64x2.relaxedMadd(m, n, rounder)),
      m.set(f64x2.relaxedMadd(m, n, f64x2.sub(rounder, h))),
      products(m, prime, k),
      carry(k),
    ];
  };
  return { begin, product, double: doubleAll, clear, finish, result: columns.slice(PAIR_LIMBS) };
}

/** Factors of a product: how to get limb i of each, once for each use. */
export type PairTerm = { readonly x: (i: number) => Vector; readonly y: (j: number) => Vector };

/**
 * A sum of one or two products, row by row, each followed by the reduction that it makes possible: few columns live at a time.
 *
 * @param one - Not zero at run time.
 * @returns Code, and the columns that then hold twice the sum over 2^256 plus `offset` primes.
 */
export function multiplyPairs(
  body: Locals,
  constants: VectorConstants,
  modulus: PairModulus,
  terms: readonly PairTerm[],
  offset: 0 | 1 | 2,
  one: Value<'i32'>,
): readonly [Code, PairLimbs] {
  const columns = createColumns(body, constants, modulus);
  const row = body.v128();
  // A branch that is always taken keeps V8 from starting the next row, whose values would not fit in registers any more.
  // For one product that costs more than it saves.
  const fence = (code: Code): Code => (terms.length === 1 ? code : when(one, code));
  const rows = Array.from({ length: PAIR_LIMBS }, (_, i) => [
    terms.map(({ x, y }) =>
      fence([
        row.set(x(i)),
        Array.from({ length: PAIR_LIMBS }, (__, j) => columns.product(row, y(j), i + j)),
      ]),
    ),
    i === 0 ? [] : fence(columns.clear(i as 1 | 2 | 3 | 4)),
  ]);
  columns.finish(offset);
  return [[columns.begin, rows], columns.result];
}

/** A square, like {@link multiplyPairs}: products of different limbs are made once and doubled. */
export function squarePair(
  body: Locals,
  constants: VectorConstants,
  modulus: PairModulus,
  x: (i: number) => Vector,
): readonly [Code, PairLimbs] {
  const columns = createColumns(body, constants, modulus, true);
  const row = body.v128();
  const indices = Array.from({ length: PAIR_LIMBS }, (_, i) => i);
  const mixed = indices.map((i) => [
    row.set(x(i)),
    indices.slice(i + 1).map((j) => columns.product(row, x(j), i + j)),
  ]);
  const doubling = columns.double();
  const squares = indices.map((i) => [row.set(x(i)), columns.product(row, row, 2 * i)]);
  const reduction = ([1, 2, 3, 4] as const).map(columns.clear);
  columns.finish(0);
  return [[columns.begin, mixed, doubling, squares, reduction], columns.result];
}

/** Propagates the carries of a result's columns. */
function settleColumns(columns: PairLimbs, constants: VectorConstants): Code {
  return columns
    .slice(1)
    .map((column, i) => [
      column.set(i64x2.add(column, i64x2.shrU(at(columns, i), PAIR_LIMB_BITS))),
      at(columns, i).set(v128.and(at(columns, i), constants.integer(MASK))),
    ]);
}

/** Columns of a result with `offset` 0 as limbs; the highest has the number's sign. */
export function columnsToLimbs(columns: PairLimbs, constants: VectorConstants): readonly [Code, Vector[]] {
  const limbs = columns.map((column, i) => {
    const half = i64x2.shrU(column, 1);
    if (i === PAIR_LIMBS - 1)
      return f64x2.sub(
        v128.or(half, constants.double(SHIFTER)),
        constants.double(SHIFTER + Number(TOP_BIAS) / 2),
      );
    const carried = i64x2.shrU(i64x2.shl(at(columns, i + 1), 63), 64 - PAIR_LIMB_BITS);
    return toDouble(v128.or(half, carried), constants);
  });
  return [settleColumns(columns, constants), limbs];
}

/** Columns of a result with an `offset` that makes it positive, as words. */
export function columnsToWords(columns: PairLimbs, words: PairLimbs, constants: VectorConstants): Code {
  return [settleColumns(columns, constants), joinLimbs(columns, words, 1)];
}

/** x + y or x − y, limb by limb. */
export const addLimbs = (x: readonly Vector[], y: readonly Vector[]): Vector[] =>
  x.map((limb, i) => f64x2.add(limb, at(y, i)));
export const subtractLimbs = (x: readonly Vector[], y: readonly Vector[]): Vector[] =>
  x.map((limb, i) => f64x2.sub(limb, at(y, i)));

/** Propagates carries: limbs below the highest end up in [0, 2^51). Limbs are below 2^53 in magnitude. */
export function settleLimbs(limbs: PairLimbs, carry: VectorLocal, constants: VectorConstants): Code {
  return limbs
    .slice(1)
    .map((limb, i) => [
      carry.set(f64x2.floor(f64x2.mul(at(limbs, i), constants.double(2 ** -PAIR_LIMB_BITS)))),
      at(limbs, i).set(f64x2.relaxedNmadd(carry, constants.double(2 ** PAIR_LIMB_BITS), at(limbs, i))),
      limb.set(f64x2.add(limb, carry)),
    ]);
}

/** Rounds the estimate of a quotient down for sure: far above its error, far below anything that matters. */
const SLACK = 2 ** -40;

/**
 * Brings a number in [−4·prime, 4·prime) to [0, prime·(1 + 2^-39)], in settled limbs.
 *
 * The quotient is estimated from the two highest limbs to 2^-47. Limbs are in (−2^52, 2^52), those of the prime are taken between −2^50
 * and 2^50: no difference reaches 2^53, all are exact.
 */
export function reduceLimbs(
  limbs: PairLimbs,
  prime: bigint,
  quotient: VectorLocal,
  constants: VectorConstants,
): Code {
  const share = (i: number): Vector => constants.double(2 ** (PAIR_LIMB_BITS * i) / Number(prime));
  const estimate = f64x2.relaxedMadd(at(limbs, 3), share(3), f64x2.mul(at(limbs, 4), share(4)));
  return [
    quotient.set(f64x2.floor(f64x2.sub(estimate, constants.double(SLACK)))),
    limbs.map((limb, i) =>
      limb.set(f64x2.relaxedNmadd(quotient, constants.double(Number(balancedLimbOf(prime, i))), limb)),
    ),
    settleLimbs(limbs, quotient, constants),
  ];
}

/** Settled limbs of a number below 2^256 as words; the limbs are overwritten. */
export function limbsToWords(limbs: PairLimbs, words: PairLimbs, constants: VectorConstants): Code {
  const mantissa = constants.integer((1n << 52n) - 1n);
  return [
    limbs.map((limb) => limb.set(v128.and(f64x2.add(limb, constants.double(SHIFTER)), mantissa))),
    joinLimbs(limbs, words, 0),
  ];
}

/** Whether a number of settled limbs may not be below the prime: its highest limb is not below the prime's. */
export const mayExceed = (limbs: PairLimbs, prime: bigint, constants: VectorConstants): Value<'i32'> =>
  v128.anyTrue(f64x2.ge(at(limbs, 4), constants.limb(prime, 4)));

/** Takes the prime off numbers (settled limbs) that are not below it. */
export function subtractOnce(
  limbs: PairLimbs,
  prime: bigint,
  spare: PairLimbs,
  carry: VectorLocal,
  constants: VectorConstants,
): Code {
  return [
    limbs.map((limb, i) => at(spare, i).set(f64x2.sub(limb, constants.limb(prime, i)))),
    settleLimbs(spare, carry, constants),
    carry.set(f64x2.ge(at(spare, 4), constants.double(0))),
    limbs.map((limb, i) => limb.set(v128.select(at(spare, i), limb, carry))),
  ];
}
