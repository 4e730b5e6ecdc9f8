/** Comparisons of elements, as signed numbers from −(r − 1)/2 to (r − 1)/2. */
import {
  type Code,
  callI32,
  type ExtensionBuilder,
  i32,
  i64,
  leave,
  type Operand,
  type Value,
  when,
} from '../../engine/wasm/assembler.js';
import { at, localsOf, subtractWords, WORDS } from '../../engine/wasm/limbs.js';
import { areShort, isLongMontgomery, operandsOf, shortOf, storeShort, wordsOf } from './elements.js';
import { type Forms, HALF_WORDS } from './forms.js';

const not = (a: Operand<'i32'>): Value<'i32'> => i32.eqz(a);

export function defineComparisons(program: ExtensionBuilder, forms: Forms): void {
  const equal = program.define('Fr_eqR', 2, 'i32', (body): Code => {
    const [a, b] = body.params;
    const { flagsA, flagsB, x, y, readFlags, readA, readB } = operandsOf(body, a, b, forms.toNormal);
    const differing = (left: (i: number) => Value<'i64'>, right: (i: number) => Value<'i64'>): Value<'i64'> =>
      WORDS.map((i) => i64.xor(left(i), right(i))).reduce((all, word) => i64.or(all, word));
    return [
      readFlags,
      when(areShort(flagsA, flagsB), leave(i64.eq(shortOf(a), shortOf(b)))),
      when(
        i32.and(isLongMontgomery(flagsA), isLongMontgomery(flagsB)),
        leave(
          i64.eqz(
            differing(
              (i) => i64.load(wordsOf(a), 8 * i),
              (i) => i64.load(wordsOf(b), 8 * i),
            ),
          ),
        ),
      ),
      readA,
      readB,
      i64.eqz(
        differing(
          (i) => at(x, i),
          (i) => at(y, i),
        ),
      ).code,
    ];
  });

  const greater = program.define('Fr_gtR', 2, 'i32', (body): Code => {
    const [a, b] = body.params;
    const { flagsA, flagsB, x, y, readFlags, readA, readB } = operandsOf(body, a, b, forms.toNormal);
    const [spare, borrow, signA, signB] = [localsOf(body, 4), body.i64(), body.i64(), body.i64()];
    return [
      readFlags,
      when(areShort(flagsA, flagsB), leave(i32.ltS(i32.load(b), i32.load(a)))),
      readA,
      readB,
      subtractWords(HALF_WORDS, x, spare, signA),
      subtractWords(HALF_WORDS, y, spare, signB),
      when(i64.ne(signA, signB), leave(i32.wrap(signB))),
      subtractWords(y, x, spare, borrow),
      i32.wrap(borrow).code,
    ];
  });

  type Comparison = (a: Value<'i32'>, b: Value<'i32'>) => Value<'i32'>;
  const comparisons: readonly (readonly [name: string, Comparison])[] = [
    ['Fr_eq', (a, b) => callI32(equal, a, b)],
    ['Fr_neq', (a, b) => not(callI32(equal, a, b))],
    ['Fr_gt', (a, b) => callI32(greater, a, b)],
    ['Fr_geq', (a, b) => not(callI32(greater, b, a))],
    ['Fr_lt', (a, b) => callI32(greater, b, a)],
    ['Fr_leq', (a, b) => not(callI32(greater, a, b))],
  ];
  for (const [name, compare] of comparisons)
    program.define(name, 3, undefined, ({ params: [out, a, b] }) =>
      storeShort(out, i64.extendU(compare(a, b))),
    );
}
