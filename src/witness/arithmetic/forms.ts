/** Changes of an element's form in place, and what depends on its form or sign alone. */
import {
  type Code,
  call,
  callI32,
  type ExtensionBuilder,
  type FunctionHandle,
  i32,
  i64,
  leave,
  v128,
  when,
} from '../../engine/wasm/assembler.js';
import { loadWords, localsOf, storeWords, subtractWords, WORDS, wordOf } from '../../engine/wasm/limbs.js';
import type { PrimeFieldFunctions } from '../../engine/wasm/prime-field.js';
import { BN254_R } from '../../math/field.js';
import {
  flagsOf,
  isLong,
  isLongMontgomery,
  LONG,
  loadValue,
  MONTGOMERY,
  setFlags,
  wordsOf,
} from './elements.js';

/** Elements above it stand for negative numbers. */
export const HALF = (BN254_R - 1n) / 2n;
export const HALF_WORDS = WORDS.map((i) => wordOf(HALF, i));

export type Forms = {
  /** (element): long, in Montgomery form → long. */
  readonly toNormal: FunctionHandle;
  /** (element): long → long, in Montgomery form; short → short beside its Montgomery form. */
  readonly toMontgomery: FunctionHandle;
  /** (out, a) */
  readonly copy: FunctionHandle;
};

export function defineForms(program: ExtensionBuilder, field: PrimeFieldFunctions): Forms {
  const toNormal = program.define('Fr_toNormal', 1, undefined, ({ params: [element] }) =>
    when(isLongMontgomery(flagsOf(element)), [
      call(field.fromMontgomery, wordsOf(element), wordsOf(element)),
      setFlags(element, LONG),
    ]),
  );

  const toLongNormal = program.define('Fr_toLongNormal', 1, undefined, (body) => {
    const [element] = body.params;
    const flags = body.i32();
    const words = localsOf(body, 4);
    return [
      flags.set(flagsOf(element)),
      loadValue(element, flags, words, toNormal),
      when(i32.eqz(isLong(flags)), [storeWords(wordsOf(element), words), setFlags(element, LONG)]),
    ];
  });

  const toMontgomery = program.define('Fr_toMontgomery', 1, undefined, (body) => {
    const [element] = body.params;
    const flags = body.i32();
    return [
      flags.set(flagsOf(element)),
      when(i32.and(flags, MONTGOMERY), leave()),
      when(i32.eqz(isLong(flags)), call(toLongNormal, element)),
      call(field.toMontgomery, wordsOf(element), wordsOf(element)),
      setFlags(element, i32.or(flags, MONTGOMERY)),
    ];
  });

  const copy = program.define('Fr_copy', 2, undefined, ({ params: [out, a] }) => [
    i64.store(out, i64.load(a)),
    v128.store(out, v128.load(a, 8), 8),
    v128.store(out, v128.load(a, 24), 24),
  ]);

  program.define('Fr_isTrue', 1, 'i32', ({ params: [a] }): Code => {
    const any = WORDS.slice(1).reduce(
      (all, i) => i64.or(all, i64.load(wordsOf(a), 8 * i)),
      i64.load(wordsOf(a)),
    );
    return [when(isLong(flagsOf(a)), leave(i64.ne(any, 0))), i32.ne(i32.load(a), 0).code];
  });

  const isNegative = program.define('Fr_isNegative', 1, 'i32', (body): Code => {
    const [a] = body.params;
    const [words, spare, borrow] = [localsOf(body, 4), localsOf(body, 4), body.i64()];
    return [
      when(isLong(flagsOf(a)), [
        call(toNormal, a),
        loadWords(wordsOf(a), words),
        subtractWords(HALF_WORDS, words, spare, borrow),
        leave(i32.wrap(borrow)),
      ]),
      i32.ltS(i32.load(a), 0).code,
    ];
  });

  program.define(
    'Fr_getLsb32',
    1,
    'i32',
    ({ params: [a] }): Code => [
      when(isLong(flagsOf(a)), [call(toNormal, a), leave(i32.load(wordsOf(a)))]),
      i32.load(a).code,
    ],
  );

  program.define(
    'Fr_toInt',
    1,
    'i32',
    ({ params: [a] }): Code => [
      when(isLong(flagsOf(a)), [
        call(toNormal, a),
        // Modulo 2^32; a negative number is less by the prime.
        leave(i32.sub(i32.load(wordsOf(a)), i32.mul(callI32(isNegative, a), Number(BN254_R & 0xffffffffn)))),
      ]),
      i32.load(a).code,
    ],
  );

  return { toNormal, toMontgomery, copy };
}
