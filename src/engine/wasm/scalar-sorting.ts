/**
 * Generates what sums of products do with scalars: length and sign, signed digits, and sorting by both; `points/digits.ts` says what these
 * are, `points/msm.ts` how the steps follow each other. Also the check of a proving key's coefficients.
 *
 * As WebAssembly and not as JavaScript because the threads share its machine code: each of them would compile the same loops anew.
 */
import { BN254_R } from '../../math/field.js';
import { HALF_ORDER_TOP, NOT_CANONICAL } from '../points/digits.js';
import {
  type Code,
  callI32,
  countUp,
  doWhile,
  type FunctionHandle,
  i32,
  i64,
  leave,
  type ModuleBuilder,
  type Value,
  when,
} from './assembler.js';
import { COEFFICIENT_BYTES, HISTOGRAM_WORDS, WINDOW, WINDOW_BYTES } from './layout.js';
import { addWords, at, loadWords, localsOf, storeWords, subtractWords, WORDS, wordOf } from './limbs.js';

const SCALAR_SHIFT = 5;
const VALUE_OFFSET = 12;

const increment = (address: Value<'i32'>): Code => i32.store(address, i32.add(i32.load(address), 1));
/** address[index], words of 32 bits. */
const wordAt = (address: Value<'i32'>, index: Value<'i32'>): Value<'i32'> =>
  i32.add(address, i32.shl(index, 2));
const halfAt = (address: Value<'i32'>, index: Value<'i32'>): Value<'i32'> =>
  i32.add(address, i32.shl(index, 1));

/** Adds the functions to a module; see each for its parameters. */
export function defineScalarSorting(module: ModuleBuilder): void {
  const magnitude = defineMagnitude(module);
  defineClassify(module, magnitude);
  defineOrder(module);
  defineRecode(module, magnitude);
  defineSort(module);
  defineCoefficientCheck(module);
}

/** (scalar, out) → 2·(bits of the magnitude) + (1 if negative), or NOT_CANONICAL; `out` gets four words. */
function defineMagnitude(module: ModuleBuilder): FunctionHandle {
  return module.define('scalarMagnitude', 2, 'i32', (body) => {
    const [scalar, out] = body.params;
    const [words, negated] = [localsOf(body, 4), localsOf(body, 4)];
    const borrow = body.i64();
    const isNegative = body.i32();
    const order = WORDS.map((i) => wordOf(BN254_R, i));
    return [
      loadWords(scalar, words),
      isNegative.set(i32.ltU(HALF_ORDER_TOP, i32.wrap(i64.shrU(at(words, 3), 32)))),
      when(isNegative, [
        subtractWords(order, words, negated, borrow),
        when(i32.wrap(borrow), leave(NOT_CANONICAL)),
        words.map((word, i) => word.set(at(negated, i))),
      ]),
      storeWords(out, words),
      [3, 2, 1, 0].map((i) => {
        const bits = i32.sub(64 * i + 64, i32.wrap(i64.clz(at(words, i))));
        return when(i64.ne(at(words, i), 0), leave(i32.add(i32.shl(bits, 1), isNegative)));
      }),
      // The order itself gives magnitude 0 with a sign; it is not canonical either.
      i32.sub(0, isNegative).code,
    ];
  });
}

/**
 * (points, pointBytes, morePoints, morePointBytes, scalars, first, end, kinds, histogram): notes bit length and sign of scalars, 0 where the
 * scalar or both of its points are zero, and counts bit lengths.
 */
function defineClassify(module: ModuleBuilder, magnitude: FunctionHandle): void {
  const isInfinity = module.define('pointIsInfinity', 2, 'i32', (body) => {
    const [point, sizeBytes] = body.params;
    const [word, end] = [body.i32(point), body.i32()];
    return [
      end.set(i32.add(point, sizeBytes)),
      doWhile([when(i64.ne(i64.load(word), 0), leave(0)), word.set(i32.add(word, 8))], i32.ne(word, end)),
      leave(1),
    ];
  });
  module.define('scalarsClassify', 9, undefined, (body) => {
    const [points, pointBytes, morePoints, morePointBytes, scalars, first, end, kinds, histogram] =
      body.params;
    const ignored = body.scratch(32);
    const [i, kind] = [body.i32(), body.i32()];
    const isInfinite = (table: Value<'i32'>, sizeBytes: Value<'i32'>): Value<'i32'> =>
      callI32(isInfinity, i32.add(table, i32.mul(i, sizeBytes)), sizeBytes);
    return countUp(i, first, end, 1, [
      kind.set(callI32(magnitude, i32.add(scalars, i32.shl(i, SCALAR_SHIFT)), ignored)),
      when(i32.eq(kind, NOT_CANONICAL), [
        increment(i32.add(histogram, 4 * (HISTOGRAM_WORDS - 1))),
        kind.set(0),
      ]),
      when(
        kind,
        when(isInfinite(points, pointBytes), when(isInfinite(morePoints, morePointBytes), kind.set(0))),
      ),
      i32.storeHalf(halfAt(kinds, i), kind),
      increment(wordAt(histogram, i32.shrU(kind, 1))),
    ]);
  });
}

/** (kinds, first, end, positions, sorted): writes the scalars' numbers (bit 31: negative) where the positions of their lengths say. */
function defineOrder(module: ModuleBuilder): void {
  module.define('scalarsOrder', 5, undefined, (body) => {
    const [kinds, first, end, positions, sorted] = body.params;
    const [i, kind, position] = [body.i32(), body.i32(), body.i32()];
    return countUp(i, first, end, 1, [
      kind.set(i32.loadHalf(halfAt(kinds, i))),
      when(kind, [
        position.set(wordAt(positions, i32.shrU(kind, 1))),
        i32.store(wordAt(sorted, i32.load(position)), i32.or(i, i32.shl(kind, 31))),
        increment(position),
      ]),
    ]);
  });
}

/** (sorted, first, end, scalars, windowBits, offset, plan): writes the digits of scalars. `offset` is five words, see `digits.ts`. */
function defineRecode(module: ModuleBuilder, magnitude: FunctionHandle): void {
  module.define('scalarsRecode', 7, undefined, (body) => {
    const [sorted, first, end, scalars, windowBits, offset, plan] = body.params;
    // A digit is read as 32 bits, which may begin in the last byte.
    const [value, sum] = [body.scratch(32), body.scratch(48)];
    const [words, sums] = [localsOf(body, 4), localsOf(body, 4)];
    const carry = body.i64();
    const [i, entry, kind, bit, window, mask] = [
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
    ];
    const offsets = WORDS.map((w) => i64.load(offset, 8 * w));
    const [top, topOffset] = [at(sums, 3), at(offsets, 3)];
    const carried = i32.or(i64.ltU(top, carry), i64.ltU(i64.sub(top, carry), topOffset));
    const digit = i32.and(i32.shrU(i32.load(i32.add(sum, i32.shrU(bit, 3))), i32.and(bit, 7)), mask);
    return [
      mask.set(i32.sub(i32.shl(1, windowBits), 1)),
      countUp(i, first, end, 1, [
        entry.set(i32.load(wordAt(sorted, i))),
        // Without the sign's bit.
        kind.set(callI32(magnitude, i32.add(scalars, i32.shl(entry, SCALAR_SHIFT)), value)),
        loadWords(value, words),
        addWords(words, offsets, sums, carry),
        storeWords(sum, sums),
        i64.store(sum, i64.add(i64.load(offset, 32), i64.extendU(carried)), 32),
        // A magnitude of b bits has ⌈(b + 1)/c⌉ digits.
        window.set(plan),
        bit.set(0),
        kind.set(i32.shrU(kind, 1)),
        doWhile(
          [
            i32.storeHalf(halfAt(i32.load(window, WINDOW.digits), i), digit),
            window.set(i32.add(window, WINDOW_BYTES)),
            bit.set(i32.add(bit, windowBits)),
          ],
          i32.geU(kind, bit),
        ),
      ]),
    ];
  });
}

/**
 * (all, windowBits, window): sorts a window's entries by bucket, a counting sort; entries of digit 0 are dropped. In the end `ends[b]`
 * is where run b ends and run b + 1 begins; there is room for one word more than that.
 */
function defineSort(module: ModuleBuilder): void {
  module.define('scalarsSort', 3, undefined, (body) => {
    const [all, windowBits, window] = body.params;
    const [entries, digits, sorted, ends] = [body.i32(), body.i32(), body.i32(), body.i32()];
    const [i, zero, digit, sign, run, last] = [
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
    ];
    /** Sets `run` to the address of the end of the run before the digit's bucket, and `sign` to −1 where the digit is negative. */
    const findRun: Code = [
      digit.set(i32.sub(i32.loadHalf(halfAt(digits, i)), zero)),
      sign.set(i32.shrS(digit, 31)),
      run.set(wordAt(ends, i32.sub(i32.xor(digit, sign), sign))),
    ];
    return [
      entries.set(i32.load(window, WINDOW.entries)),
      digits.set(i32.load(window, WINDOW.digits)),
      sorted.set(i32.load(window, WINDOW.sorted)),
      ends.set(i32.load(window, WINDOW.ends)),
      last.set(wordAt(ends, i32.load(window, WINDOW.bucketCount))),
      zero.set(i32.sub(i32.shl(1, i32.sub(windowBits, 1)), 1)),
      run.set(ends),
      doWhile([i32.store(run, 0), run.set(i32.add(run, 4))], i32.geU(i32.add(last, 4), run)),
      countUp(i, 0, entries, 1, [findRun, increment(i32.add(run, 4))]),
      // Run 1 begins at 0.
      i32.store(ends, 0, 4),
      run.set(ends),
      doWhile(
        [run.set(i32.add(run, 4)), i32.store(run, i32.add(i32.load(run, 4), i32.load(run)), 4)],
        i32.ne(run, last),
      ),
      countUp(i, 0, entries, 1, [
        findRun,
        when(digit, [
          i32.store(wordAt(sorted, i32.load(run)), i32.xor(i32.load(wordAt(all, i)), i32.shl(sign, 31))),
          increment(run),
        ]),
      ]),
    ];
  });
}

/** (record, end, wires, rows) → address of the first coefficient record that is not one, or 0. */
function defineCoefficientCheck(module: ModuleBuilder): void {
  module.define('coefficientsCheck', 4, 'i32', (body) => {
    const [first, end, wires, rows] = body.params;
    const record = body.i32();
    const [words, spare] = [localsOf(body, 4), localsOf(body, 4)];
    const isBelow = body.i64();
    const outside = i32.or(
      i32.or(i32.geU(i32.load(record, 0), 2), i32.geU(i32.load(record, 4), rows)),
      i32.geU(i32.load(record, 8), wires),
    );
    return [
      countUp(record, first, end, COEFFICIENT_BYTES, [
        when(outside, leave(record)),
        loadWords(i32.add(record, VALUE_OFFSET), words),
        subtractWords(
          words,
          WORDS.map((i) => wordOf(BN254_R, i)),
          spare,
          isBelow,
        ),
        when(i64.eqz(isBelow), leave(record)),
      ]),
      leave(0),
    ];
  });
}
