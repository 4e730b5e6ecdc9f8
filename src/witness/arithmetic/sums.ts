/** Sums, differences and negatives of elements. */
import { call, type ExtensionBuilder, i32, i64, leave, when } from '../../engine/wasm/assembler.js';
import {
  addWords,
  at,
  localsOf,
  reduceWords,
  subtractWords,
  WORDS,
  wordOf,
} from '../../engine/wasm/limbs.js';
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
  storeSigned,
  storeValue,
  wordsOf,
} from './elements.js';
import type { Forms } from './forms.js';

export function defineSums(program: ExtensionBuilder, field: PrimeFieldFunctions, forms: Forms): void {
  for (const [name, isDifference] of [
    ['Fr_add', false],
    ['Fr_sub', true],
  ] as const)
    program.define(name, 3, undefined, (body) => {
      const [out, a, b] = body.params;
      const { flagsA, flagsB, x, y, readFlags, readA, readB } = operandsOf(body, a, b, forms.toNormal);
      const [value, spare, carry] = [body.i64(), localsOf(body, 4), body.i64()];
      const prime = WORDS.map((i) => wordOf(BN254_R, i));
      const combine = isDifference
        ? [
            subtractWords(x, y, spare, carry),
            // The prime comes back where a was less than b.
            carry.set(i64.sub(0, carry)),
            WORDS.map((i) => at(y, i).set(i64.and(carry, at(prime, i)))),
            addWords(spare, y, x, carry),
          ]
        : [addWords(x, y, x, carry), reduceWords(BN254_R, x, spare, carry, x)];
      return [
        readFlags,
        when(areShort(flagsA, flagsB), [
          value.set((isDifference ? i64.sub : i64.add)(shortOf(a), shortOf(b))),
          storeSigned(out, value, x),
          leave(),
        ]),
        when(i32.or(isLongMontgomery(flagsA), isLongMontgomery(flagsB)), [
          call(forms.toMontgomery, a),
          call(forms.toMontgomery, b),
          call(isDifference ? field.sub : field.add, wordsOf(out), wordsOf(a), wordsOf(b)),
          setFlags(out, LONG + MONTGOMERY),
          leave(),
        ]),
        readA,
        readB,
        combine,
        storeValue(out, x),
      ];
    });

  program.define('Fr_neg', 2, undefined, (body) => {
    const [out, a] = body.params;
    const [flags, value, words] = [body.i32(), body.i64(), localsOf(body, 4)];
    return [
      flags.set(flagsOf(a)),
      when(isLong(flags), [call(field.neg, wordsOf(out), wordsOf(a)), setFlags(out, flags), leave()]),
      value.set(i64.sub(0, shortOf(a))),
      storeSigned(out, value, words),
    ];
  });
}
