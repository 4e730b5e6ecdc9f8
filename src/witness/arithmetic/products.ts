/** Products and inverses of elements. */
import {
  type Code,
  call,
  type ExtensionBuilder,
  i32,
  i64,
  type Local,
  type Locals,
  leave,
  type Value,
  when,
} from '../../engine/wasm/assembler.js';
import { at, encodeWords, localsOf } from '../../engine/wasm/limbs.js';
import type { PrimeFieldFunctions } from '../../engine/wasm/prime-field.js';
import { BN254_R } from '../../math/field.js';
import {
  areShort,
  flagsOf,
  isLong,
  isLongMontgomery,
  LONG,
  MONTGOMERY,
  operandsOf,
  setFlags,
  shortOf,
  storeShort,
  storeSigned,
  storeValue,
  type Words,
  wordsOf,
} from './elements.js';
import type { Forms } from './forms.js';

const LOW_HALF = 0xffffffffn;
/** Factors of so few bits have a product below the prime. */
const SMALL_BITS = 126;

/** high·2^64 + low = x·y, by four products of halves. */
function multiplyWide(
  body: Locals,
  x: Local<'i64'>,
  y: Local<'i64'>,
  low: Local<'i64'>,
  high: Local<'i64'>,
): Code {
  const [middle, other] = [body.i64(), body.i64()];
  const [xLow, xHigh, yLow, yHigh] = [
    i64.and(x, LOW_HALF),
    i64.shrU(x, 32),
    i64.and(y, LOW_HALF),
    i64.shrU(y, 32),
  ];
  return [
    low.set(i64.mul(xLow, yLow)),
    middle.set(i64.add(i64.mul(xHigh, yLow), i64.shrU(low, 32))),
    other.set(i64.add(i64.mul(xLow, yHigh), i64.and(middle, LOW_HALF))),
    high.set(i64.add(i64.mul(xHigh, yHigh), i64.add(i64.shrU(middle, 32), i64.shrU(other, 32)))),
    low.set(i64.or(i64.and(low, LOW_HALF), i64.shl(other, 32))),
  ];
}

/** result = x·y for factors below 2^126; their upper two words are not looked at. */
function multiplySmall(body: Locals, x: Words, y: Words, result: Words): Code {
  const [low, high, carry] = [body.i64(), body.i64(), body.i64()];
  const [r0, r1, r2, r3] = [0, 1, 2, 3].map((i) => at(result, i)) as [
    Local<'i64'>,
    Local<'i64'>,
    Local<'i64'>,
    Local<'i64'>,
  ];
  /** Adds high·2^64 + low to result from word 1 on; what is added is below 2^126, so that word 3 alone takes the last carry. */
  const addMiddle: Code = [
    r1.set(i64.add(r1, low)),
    carry.set(i64.extendU(i64.ltU(r1, low))),
    high.set(i64.add(high, carry)),
    r2.set(i64.add(r2, high)),
    r3.set(i64.add(r3, i64.extendU(i64.ltU(r2, high)))),
  ];
  return [
    multiplyWide(body, at(x, 0), at(y, 0), r0, r1),
    multiplyWide(body, at(x, 1), at(y, 1), r2, r3),
    multiplyWide(body, at(x, 0), at(y, 1), low, high),
    addMiddle,
    multiplyWide(body, at(x, 1), at(y, 0), low, high),
    addMiddle,
  ];
}

export function defineProducts(program: ExtensionBuilder, field: PrimeFieldFunctions, forms: Forms): void {
  const cubedRadix = program.constant(encodeWords((1n << 768n) % BN254_R));
  // What the functions call that stay the compiler's: (a, b, out) and (a, out).
  program.define('Fr_F1m_mul', 3, undefined, ({ params: [a, b, out] }) => call(field.mul, out, a, b));
  program.define('Fr_F1m_square', 2, undefined, ({ params: [a, out] }) => call(field.square, out, a));

  program.define('Fr_mul', 3, undefined, (body) => {
    const [out, a, b] = body.params;
    const { flagsA, flagsB, x, y, readFlags, readA, readB } = operandsOf(body, a, b, forms.toNormal);
    const [value, result] = [body.i64(), localsOf(body, 4)];
    const [short, other] = [body.i32(), body.i32()];
    const upper = [at(x, 2), at(x, 3), at(y, 2), at(y, 3)].reduce<Value<'i64'>>(
      (all, word) => i64.or(all, word),
      i64.shrU(i64.or(at(x, 1), at(y, 1)), SMALL_BITS - 64),
    );
    return [
      readFlags,
      when(areShort(flagsA, flagsB), [
        value.set(i64.mul(shortOf(a), shortOf(b))),
        storeSigned(out, value, x),
        leave(),
      ]),
      when(i32.eqz(i32.or(isLongMontgomery(flagsA), isLongMontgomery(flagsB))), [
        readA,
        readB,
        when(i64.eqz(upper), [multiplySmall(body, x, y, result), storeValue(out, result), leave()]),
        when(i32.and(isLong(flagsA), isLong(flagsB)), [
          // The product over R, times R^3 over R: the Montgomery form.
          call(field.mul, wordsOf(out), wordsOf(a), wordsOf(b)),
          call(field.mul, wordsOf(out), wordsOf(out), cubedRadix),
          setFlags(out, LONG + MONTGOMERY),
          leave(),
        ]),
      ]),
      when(i32.eqz(i32.and(isLong(flagsA), isLong(flagsB))), [
        when(isLong(flagsA), [short.set(b), other.set(a)], [short.set(a), other.set(b)]),
        value.set(shortOf(short)),
        when(i64.eqz(value), [storeShort(out, 0), leave()]),
        when(i64.eq(value, 1), [call(forms.copy, out, other), leave()]),
        flagsB.set(flagsOf(other)),
        call(forms.toMontgomery, short),
        call(field.mul, wordsOf(out), wordsOf(short), wordsOf(other)),
        setFlags(out, flagsB),
        leave(),
      ]),
      // Two long ones: one Montgomery form takes R off the product, two leave a Montgomery form.
      call(field.mul, wordsOf(out), wordsOf(a), wordsOf(b)),
      setFlags(out, i32.or(LONG, i32.and(i32.and(flagsA, flagsB), MONTGOMERY))),
    ];
  });

  program.define('Fr_inv', 2, undefined, (body) => {
    const [out, a] = body.params;
    const flags = body.i32();
    return [
      flags.set(flagsOf(a)),
      when(i32.eqz(isLong(flags)), call(forms.toMontgomery, a)),
      call(field.invert, wordsOf(out), wordsOf(a)),
      // The plain form of a was read as the Montgomery form of a/R, and R²/a came out: without one R, the Montgomery form of 1/a.
      when(
        i32.and(isLong(flags), i32.eqz(isLongMontgomery(flags))),
        call(field.fromMontgomery, wordsOf(out), wordsOf(out)),
      ),
      setFlags(out, LONG + MONTGOMERY),
    ];
  });
}
