/** Shifts and bitwise operations on elements: numbers of 254 bits, less the prime where the result is not below it. */
import {
  type Code,
  call,
  type ExtensionBuilder,
  type FunctionHandle,
  i32,
  i64,
  type Local,
  leave,
  type Value,
  when,
} from '../../engine/wasm/assembler.js';
import { at, localsOf, reduceWords, WORDS } from '../../engine/wasm/limbs.js';
import { BN254_R } from '../../math/field.js';
import {
  flagsOf,
  isLong,
  loadValue,
  operandsOf,
  shortOf,
  storeShort,
  storeSigned,
  storeValue,
  type Words,
} from './elements.js';
import type { Forms } from './forms.js';

const BITS = 254;
/** Of the highest word. */
const TOP_MASK = (1n << 62n) - 1n;

type Direction = 'left' | 'right';

/** words shifted by `count` bits, 0 to 255. */
function shift(words: Words, count: Local<'i32'>, bits: Local<'i64'>, direction: Direction): Code {
  // The word that is `distance` places nearer to the end that numbers come from.
  const from =
    direction === 'left'
      ? (i: number, distance: number) => i - distance
      : (i: number, distance: number) => i + distance;
  const wordAt = (i: number): Value<'i64'> | 0 => (i >= 0 && i < 4 ? at(words, i) : 0);
  const order = direction === 'left' ? [...WORDS].reverse() : WORDS;
  const whole = (distance: number): Code => order.map((i) => at(words, i).set(wordAt(from(i, distance))));
  const [along, across] = direction === 'left' ? [i64.shl, i64.shrU] : [i64.shrU, i64.shl];
  return [
    when(i32.and(count, 128), whole(2)),
    when(i32.and(count, 64), whole(1)),
    bits.set(i64.extendU(i32.and(count, 63))),
    order.map((i) => {
      const next = wordAt(from(i, 1));
      const own = along(at(words, i), bits);
      // By 64 − bits, in two steps: a shift by 64 would be one by 0.
      return at(words, i).set(next === 0 ? own : i64.or(own, across(across(next, 1), i64.sub(63, bits))));
    }),
  ];
}

/**
 * @param original - The compiler's own shifts: taken where the number of bits is negative or long, which is rare.
 */
export function defineBits(
  program: ExtensionBuilder,
  forms: Forms,
  original: { readonly shl: FunctionHandle; readonly shr: FunctionHandle },
): void {
  for (const direction of ['left', 'right'] as const)
    program.define(direction === 'left' ? 'Fr_shl' : 'Fr_shr', 3, undefined, (body) => {
      const [out, a, b] = body.params;
      const [flags, count, bits, value] = [body.i32(), body.i32(), body.i64(), body.i64()];
      const [words, spare, borrow] = [localsOf(body, 4), localsOf(body, 4), body.i64()];
      const fallBack = direction === 'left' ? original.shl : original.shr;
      return [
        count.set(i32.load(b)),
        when(i32.or(isLong(flagsOf(b)), i32.ltS(count, 0)), [call(fallBack, out, a, b), leave()]),
        when(i32.geU(count, BITS), [storeShort(out, 0), leave()]),
        flags.set(flagsOf(a)),
        when(i32.geS(i32.or(flags, i32.or(i32.load(a), i32.sub(30, count))), 0), [
          bits.set(i64.extendU(count)),
          value.set((direction === 'left' ? i64.shl : i64.shrU)(shortOf(a), bits)),
          storeSigned(out, value, words),
          leave(),
        ]),
        loadValue(a, flags, words, forms.toNormal),
        shift(words, count, bits, direction),
        direction === 'left'
          ? [
              at(words, 3).set(i64.and(at(words, 3), TOP_MASK)),
              reduceWords(BN254_R, words, spare, borrow, words),
            ]
          : [],
        storeValue(out, words),
      ];
    });

  for (const [name, operation] of [
    ['Fr_band', i64.and],
    ['Fr_bor', i64.or],
    ['Fr_bxor', i64.xor],
  ] as const)
    program.define(name, 3, undefined, (body) => {
      const [out, a, b] = body.params;
      const { flagsA, flagsB, x, y, readFlags, readA, readB } = operandsOf(body, a, b, forms.toNormal);
      const [spare, borrow] = [localsOf(body, 4), body.i64()];
      const signs = i32.or(i32.or(flagsA, flagsB), i32.or(i32.load(a), i32.load(b)));
      return [
        readFlags,
        when(i32.geS(signs, 0), [storeShort(out, operation(shortOf(a), shortOf(b))), leave()]),
        readA,
        readB,
        WORDS.map((i) => at(x, i).set(operation(at(x, i), at(y, i)))),
        // Both are below 2^254, and of bits that both have there are no more than of either.
        name === 'Fr_band' ? [] : reduceWords(BN254_R, x, spare, borrow, x),
        storeValue(out, x),
      ];
    });
}
