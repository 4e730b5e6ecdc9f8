/**
 * Generates the inversion of a prime field's elements: the binary Euclidean algorithm in Kaliski's form (1995), without
 * divisions and with several shifts at once. Its time depends on the operand: engines work on keys and proofs, not on
 * secrets that another party could time.
 *
 * u, v odd with gcd 1; a·r ≡ ∓u·2^k and a·s ≡ ±v·2^k modulo the prime. The smaller of u, v is taken off the larger and the
 * difference shifted until it is odd; when both are 1, s is the inverse times 2^k up to its sign.
 */
import {
  type Code,
  call,
  doWhile,
  type FunctionHandle,
  type FunctionsBuilder,
  i32,
  i64,
  type Local,
  type Value,
  when,
} from './assembler.js';
import {
  addWords,
  at,
  encodeWords,
  loadWords,
  localsOf,
  reduceWords,
  storeWords,
  subtractWords,
  WORDS,
  wordOf,
} from './limbs.js';

type Words = readonly Local<'i64'>[];

/** At the end 2^(512 − k) must be one bit of a number below the prime, so k is brought up to this. */
const LEAST_SHIFTS = 260;

const or = (a: Words): Value<'i64'> => a.reduce<Value<'i64'>>((sum, word) => i64.or(sum, word), at(a, 0));

/** words >>= bits, 1 … 63 of them. */
const shiftRight = (words: Words, bits: Local<'i64'>): Code =>
  WORDS.map((i) => {
    const low = i64.shrU(at(words, i), bits);
    return at(words, i).set(i === 3 ? low : i64.or(low, i64.shl(at(words, i + 1), i64.sub(64, bits))));
  });

/** words <<= bits, 1 … 63 of them. */
const shiftLeft = (words: Words, bits: Local<'i64'>): Code =>
  [...WORDS].reverse().map((i) => {
    const high = i64.shl(at(words, i), bits);
    return at(words, i).set(i === 0 ? high : i64.or(high, i64.shrU(at(words, i - 1), i64.sub(64, bits))));
  });

/**
 * Adds `<name>Invert(out, a)` to a module: the inverse of an element below twice the prime, zero for zero.
 *
 * @param mul - Montgomery multiplication of the field.
 */
export function defineInversion(
  module: FunctionsBuilder,
  name: string,
  prime: bigint,
  mul: FunctionHandle,
): FunctionHandle {
  const squaredRadix = module.constant(encodeWords((1n << 512n) % prime));
  return module.define(`${name}Invert`, 2, undefined, (body) => {
    const [out, a] = body.params;
    const [u, v, r, s] = [localsOf(body, 4), localsOf(body, 4), localsOf(body, 4), localsOf(body, 4)];
    const [difference, spare] = [localsOf(body, 4), localsOf(body, 4)];
    const [mask, shift, shifts, sign] = [body.i64(), body.i64(), body.i64(), body.i64()];
    const [value, power] = [body.scratch(32), body.scratch(32)];

    /** v >>= trailing zeros, r <<= as many. */
    const makeOdd: Code = doWhile(
      [
        shift.set(i64.ctz(i64.or(at(v, 0), -(1n << 63n)))),
        shifts.set(i64.add(shifts, shift)),
        shiftRight(v, shift),
        shiftLeft(r, shift),
      ],
      i64.eqz(i64.and(at(v, 0), 1)),
    );
    /** Exchanges two numbers where the mask is all ones. */
    const exchange = (x: Words, y: Words): Code =>
      WORDS.map((i) => [
        at(spare, i).set(i64.and(i64.xor(at(x, i), at(y, i)), mask)),
        at(x, i).set(i64.xor(at(x, i), at(spare, i))),
        at(y, i).set(i64.xor(at(y, i), at(spare, i))),
      ]);
    const step: Code = [
      mask.set(i64.sub(0, mask)),
      sign.set(i64.xor(sign, mask)),
      exchange(u, v),
      exchange(r, s),
      subtractWords(v, u, difference, mask),
      WORDS.map((i) => at(v, i).set(at(difference, i))),
      addWords(s, r, difference, mask),
      WORDS.map((i) => at(s, i).set(at(difference, i))),
      makeOdd,
    ];
    // Leaves v − u in `difference` and its borrow in `mask`.
    const compare: Code = subtractWords(v, u, difference, mask);
    const isDifferent = i64.ne(or(difference), 0);
    const double: Code = [
      addWords(s, s, difference, mask),
      reduceWords(prime, difference, spare, mask, s),
      shifts.set(i64.add(shifts, 1)),
    ];
    return [
      loadWords(a, difference),
      reduceWords(prime, difference, spare, mask, v),
      when(
        i64.eqz(or(v)),
        WORDS.map((i) => i64.store(out, 0, 8 * i)),
        [
          WORDS.map((i) => [at(u, i).set(wordOf(prime, i)), at(r, i).set(0), at(s, i).set(i === 0 ? 1 : 0)]),
          sign.set(0),
          shifts.set(0),
          when(i64.eqz(i64.and(at(v, 0), 1)), makeOdd),
          compare,
          when(isDifferent, doWhile([step, compare], isDifferent)),
          when(i64.ltU(shifts, LEAST_SHIFTS), doWhile(double, i64.ltU(shifts, LEAST_SHIFTS))),
          reduceWords(prime, s, spare, mask, s),
          when(i64.ne(sign, 0), [
            WORDS.map((i) => at(r, i).set(wordOf(prime, i))),
            subtractWords(r, s, difference, mask),
            WORDS.map((i) => at(s, i).set(at(difference, i))),
          ]),
          storeWords(value, s),
          WORDS.map((i) => i64.store(power, 0, 8 * i)),
          shift.set(i64.sub(512, shifts)),
          i64.store(i32.add(power, i32.shl(i32.wrap(i64.shrU(shift, 6)), 3)), i64.shl(1, i64.and(shift, 63))),
          call(mul, value, value, power),
          call(mul, out, value, squaredRadix),
        ],
      ),
    ];
  });
}
