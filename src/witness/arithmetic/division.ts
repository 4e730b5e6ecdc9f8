/** Division of elements with remainder, as numbers from 0 to r − 1. */
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
import { at, WORDS } from '../../engine/wasm/limbs.js';
import { operandsOf, storeValue, type Words } from './elements.js';
import type { Forms } from './forms.js';

/** words /= divisor, remainder = words mod divisor: long division by digits of 32 bits, for 0 < divisor < 2^32. */
function divideByDigit(
  words: Words,
  divisor: Value<'i64'>,
  remainder: Local<'i64'>,
  quotient: Local<'i64'>,
  digit: Local<'i64'>,
): Code {
  const step = (next: Value<'i64'>): Code => [
    remainder.set(i64.or(i64.shl(remainder, 32), next)),
    digit.set(i64.divU(remainder, divisor)),
    remainder.set(i64.sub(remainder, i64.mul(digit, divisor))),
  ];
  return [
    remainder.set(0),
    [...WORDS]
      .reverse()
      .map((i) => [
        step(i64.shrU(at(words, i), 32)),
        quotient.set(digit),
        step(i64.and(at(words, i), 0xffffffffn)),
        at(words, i).set(i64.or(i64.shl(quotient, 32), digit)),
      ]),
  ];
}

/**
 * @param original - The compiler's own division: taken for divisors of more than 32 bits, and for zero.
 */
export function defineDivision(
  program: ExtensionBuilder,
  forms: Forms,
  original: { readonly idiv: FunctionHandle; readonly mod: FunctionHandle },
): void {
  for (const [name, isRemainder, fallBack] of [
    ['Fr_idiv', false, original.idiv],
    ['Fr_mod', true, original.mod],
  ] as const)
    program.define(name, 3, undefined, (body) => {
      const [out, a, b] = body.params;
      const { x, y, readFlags, readA, readB } = operandsOf(body, a, b, forms.toNormal);
      const [remainder, quotient, digit] = [body.i64(), body.i64(), body.i64()];
      const upperOf = (words: Words): Value<'i64'> =>
        i64.or(i64.or(at(words, 1), at(words, 2)), at(words, 3));
      return [
        readFlags,
        readB,
        when(i32.or(i64.ne(i64.or(upperOf(y), i64.shrU(at(y, 0), 32)), 0), i64.eqz(at(y, 0))), [
          call(fallBack, out, a, b),
          leave(),
        ]),
        readA,
        when(i64.eqz(upperOf(x)), [
          at(x, 0).set((isRemainder ? i64.remU : i64.divU)(at(x, 0), at(y, 0))),
          storeValue(out, x),
          leave(),
        ]),
        divideByDigit(x, at(y, 0), remainder, quotient, digit),
        isRemainder ? [at(x, 0).set(remainder), WORDS.slice(1).map((i) => at(x, i).set(0))] : [],
        storeValue(out, x),
      ];
    });
}
