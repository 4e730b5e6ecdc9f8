/**
 * Code that reads and writes the field elements of Circom's witness programs.
 *
 * An element takes 40 bytes: a signed 32-bit number, 32 bits of flags, four words of 64 bits. Without the flag `LONG` its value is
 * the 32-bit number, and the words are its Montgomery form if `MONTGOMERY` is set. With `LONG` the words are its value, in
 * Montgomery form (R = 2^256) if `MONTGOMERY` is set; the 32-bit number means nothing then. Words are below the prime.
 *
 * A value may have several forms, and an operation may put its operands into another one. What fits in 31 bits is written
 * as the short form: most numbers in circuits are bits and small chunks.
 */
import {
  type Code,
  call,
  type FunctionHandle,
  i32,
  i64,
  type Local,
  type Locals,
  type Operand,
  type Value,
  when,
} from '../../engine/wasm/assembler.js';
import { at, loadWords, localsOf, storeWords, WORDS, wordOf } from '../../engine/wasm/limbs.js';
import { BN254_R } from '../../math/field.js';

export type Words = readonly Local<'i64'>[];

export const LONG = 0x80000000;
export const MONTGOMERY = 0x40000000;
const FLAGS_AT = 4;
const WORDS_AT = 8;

export const flagsOf = (element: Value<'i32'>): Value<'i32'> => i32.load(element, FLAGS_AT);
export const setFlags = (element: Value<'i32'>, flags: number | Value<'i32'>): Code =>
  i32.store(element, flags, FLAGS_AT);
export const isLong = (flags: Value<'i32'>): Value<'i32'> => i32.ltS(flags, 0);
export const areShort = (a: Value<'i32'>, b: Value<'i32'>): Value<'i32'> => i32.geS(i32.or(a, b), 0);
/** Long, in Montgomery form. */
export const isLongMontgomery = (flags: Value<'i32'>): Value<'i32'> => i32.geU(flags, LONG + MONTGOMERY);
/** The value of an element in short form. */
export const shortOf = (element: Value<'i32'>): Value<'i64'> => i64.load32S(element);
/** Address of an element's words. */
export const wordsOf = (element: Value<'i32'>): Value<'i32'> => i32.add(element, WORDS_AT);

/** Writes a number from 0 to 2^31 − 1. */
export const storeShort = (out: Value<'i32'>, value: Operand<'i64'>): Code => i64.store(out, value);

/** words = value + (value < 0 ? prime : 0), for |value| ≤ 2^62. The prime's lowest word is above 2^62. */
function widen(value: Local<'i64'>, words: Words): Code {
  const [first, second, third, fourth] = WORDS.map((i) => at(words, i)) as [
    Local<'i64'>,
    Local<'i64'>,
    Local<'i64'>,
    Local<'i64'>,
  ];
  const mask = fourth;
  return [
    mask.set(i64.shrS(value, 63)),
    first.set(i64.add(value, i64.and(mask, wordOf(BN254_R, 0)))),
    second.set(i64.and(mask, wordOf(BN254_R, 1))),
    third.set(i64.and(mask, wordOf(BN254_R, 2))),
    fourth.set(i64.and(mask, wordOf(BN254_R, 3))),
  ];
}

/** Reads the value of an element, below the prime; puts one in Montgomery form into the plain one for that. */
export function loadValue(
  element: Local<'i32'>,
  flags: Local<'i32'>,
  words: Words,
  toNormal: FunctionHandle,
): Code {
  return when(
    isLong(flags),
    [when(isLongMontgomery(flags), call(toNormal, element)), loadWords(wordsOf(element), words)],
    [at(words, 0).set(shortOf(element)), widen(at(words, 0), words)],
  );
}

/** The two operands of an operation: their flags, room for their values, and the code that reads either; values once the flags are read. */
export type Operands = {
  readonly flagsA: Local<'i32'>;
  readonly flagsB: Local<'i32'>;
  readonly x: Words;
  readonly y: Words;
  readonly readFlags: Code;
  readonly readA: Code;
  readonly readB: Code;
};

/** Takes locals for two operands; see {@link loadValue} for what reading does. */
export function operandsOf(
  body: Locals,
  a: Local<'i32'>,
  b: Local<'i32'>,
  toNormal: FunctionHandle,
): Operands {
  const [flagsA, flagsB, x, y] = [body.i32(), body.i32(), localsOf(body, 4), localsOf(body, 4)];
  return {
    ...{ flagsA, flagsB, x, y },
    readFlags: [flagsA.set(flagsOf(a)), flagsB.set(flagsOf(b))],
    readA: loadValue(a, flagsA, x, toNormal),
    readB: loadValue(b, flagsB, y, toNormal),
  };
}

/** Writes words that are below the prime. */
export function storeValue(out: Value<'i32'>, words: Words): Code {
  const high = [1, 2, 3].reduce<Value<'i64'>>(
    (all, i) => i64.or(all, at(words, i)),
    i64.shrU(at(words, 0), 31),
  );
  return when(i64.eqz(high), storeShort(out, at(words, 0)), [
    setFlags(out, LONG),
    storeWords(wordsOf(out), words),
  ]);
}

/** Writes a signed number of at most 2^62. */
export function storeSigned(out: Value<'i32'>, value: Local<'i64'>, words: Words): Code {
  return when(i64.eq(value, i64.extendS(i32.wrap(value))), storeShort(out, i64.extendU(i32.wrap(value))), [
    setFlags(out, LONG),
    widen(value, words),
    storeWords(wordsOf(out), words),
  ]);
}
