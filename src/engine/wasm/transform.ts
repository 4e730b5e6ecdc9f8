/**
 * Generates the butterflies of number-theoretic transforms over Fr.
 *
 * Decimation in frequency (Gentleman–Sande) goes from natural to bit-reversed order, decimation in time (Cooley–Tukey)
 * back, so that a product of polynomials never permutes anything. A transform of n = rows·columns elements runs its wide
 * stages (half-size a multiple of `columns`) on bands of neighbouring columns and its narrow ones on contiguous blocks
 * of `columns` elements: each piece stays in a core's cache and pieces are independent.
 *
 * Values inside a transform are not canonical: below 2p in frequency stages, below 4p in time stages (Harvey 2014). Multiplying
 * by any canonical constant makes them canonical again.
 *
 * Twiddles: the stage with half-size h reads h factors that begin h elements after the table's start, one stage after the other.
 */
import {
  type Code,
  call,
  doWhile,
  type FunctionHandle,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  when,
} from './assembler.js';
import {
  addConstant,
  addWords,
  createModulus,
  LIMBS,
  loadLimbs,
  loadWords,
  localsOf,
  multiplyLimbs,
  packColumns,
  reduceWords,
  splitWords,
  storeReduced,
  storeWords,
  subtractWords,
} from './limbs.js';
import type { PrimeFieldFunctions } from './prime-field.js';

type Words = readonly Local<'i64'>[];
type Registers = {
  readonly u: Words;
  readonly v: Words;
  readonly t: Words;
  readonly x: Words;
  readonly y: Words;
  readonly columns: Words;
  readonly factor: Local<'i64'>;
};

/** Adds the functions to a module. Sizes and positions are bytes: elements times 32. */
export function defineTransforms(module: ModuleBuilder, fr: PrimeFieldFunctions): void {
  const { sizeBytes } = fr;
  const modulus = createModulus(fr.prime);

  type Butterfly = (
    registers: Registers,
    low: Value<'i32'>,
    high: Value<'i32'>,
    twiddle: Value<'i32'>,
  ) => Code;

  // (u, v) → (u + v, (u − v)·w); all below 2p: u − v + 2p is below 4p, its product below 4p·p/R + p < 2p.
  const frequency: Butterfly = ({ u, v, t, x, y, columns, factor }, low, high, twiddle) => {
    const product = multiplyLimbs([{ x, y }], columns, factor, modulus);
    return [
      loadWords(low, u),
      loadWords(high, v),
      addWords(u, v, t, factor),
      storeReduced(2n * fr.prime, low, t, x, factor),
      subtractWords(u, v, t, factor),
      addConstant(t, 2n * fr.prime, u, factor),
      splitWords(u, x),
      loadLimbs(twiddle, v, y),
      product.code,
      packColumns(product.columns, t),
      storeWords(high, t),
    ];
  };

  // (u, v) → (u + v·w, u − v·w); all below 4p: v·w is below 2p as above, and u is brought below 2p first.
  const time: Butterfly = ({ u, v, t, x, y, columns, factor }, low, high, twiddle) => {
    const product = multiplyLimbs([{ x, y }], columns, factor, modulus);
    return [
      loadLimbs(high, u, x),
      loadLimbs(twiddle, v, y),
      product.code,
      packColumns(product.columns, t),
      loadWords(low, v),
      reduceWords(2n * fr.prime, v, x, factor, u),
      addWords(u, t, v, factor),
      storeWords(low, v),
      subtractWords(u, t, v, factor),
      addConstant(v, 2n * fr.prime, u, factor),
      storeWords(high, u),
    ];
  };

  /** (data, end, half, stride, from, to, twiddles): one stage; in each run of `stride` bytes only [from, to). */
  const defineStage = (name: string, butterfly: Butterfly): FunctionHandle =>
    module.define(name, 7, undefined, (body) => {
      const [data, end, half, stride, from, to, twiddles] = body.params;
      const [block, row, i, last] = [body.i32(), body.i32(), body.i32(), body.i32()];
      const twiddle = body.i32();
      const high = body.i32();
      const registers: Registers = {
        u: localsOf(body, 4),
        v: localsOf(body, 4),
        t: localsOf(body, 4),
        x: localsOf(body, LIMBS),
        y: localsOf(body, LIMBS),
        columns: localsOf(body, LIMBS),
        factor: body.i64(),
      };
      return [
        block.set(data),
        doWhile(
          [
            row.set(0),
            doWhile(
              [
                i.set(i32.add(i32.add(block, row), from)),
                last.set(i32.add(i32.add(block, row), to)),
                twiddle.set(i32.add(i32.add(i32.add(twiddles, half), row), from)),
                doWhile(
                  [
                    high.set(i32.add(i, half)),
                    butterfly(registers, i, high, twiddle),
                    i.set(i32.add(i, sizeBytes)),
                    twiddle.set(i32.add(twiddle, sizeBytes)),
                  ],
                  i32.ne(i, last),
                ),
                row.set(i32.add(row, stride)),
              ],
              i32.ne(row, half),
            ),
            block.set(i32.add(block, i32.shl(half, 1))),
          ],
          i32.ne(block, end),
        ),
      ];
    });
  const frequencyStage = defineStage('frStageFrequency', frequency);
  const timeStage = defineStage('frStageTime', time);

  // (data, size, columns, from, to, twiddles): the wide stages, on the band [from, to) of each row
  module.define('frFrequencyWide', 6, undefined, (body) => {
    const [data, size, columns, from, to, twiddles] = body.params;
    const half = body.i32(i32.shrU(size, 1));
    const stage: Code = [
      call(frequencyStage, data, i32.add(data, size), half, columns, from, to, twiddles),
      half.set(i32.shrU(half, 1)),
    ];
    return when(i32.geU(half, columns), doWhile(stage, i32.geU(half, columns)));
  });
  module.define('frTimeWide', 6, undefined, (body) => {
    const [data, size, columns, from, to, twiddles] = body.params;
    const half = body.i32(columns);
    const stage: Code = [
      call(timeStage, data, i32.add(data, size), half, columns, from, to, twiddles),
      half.set(i32.shl(half, 1)),
    ];
    return when(i32.ltU(half, size), doWhile(stage, i32.ltU(half, size)));
  });

  // (data, size, twiddles): all stages of one contiguous block
  module.define('frFrequencyBlock', 3, undefined, (body) => {
    const [data, size, twiddles] = body.params;
    const half = body.i32(i32.shrU(size, 1));
    const stage: Code = [
      call(frequencyStage, data, i32.add(data, size), half, half, 0, half, twiddles),
      half.set(i32.shrU(half, 1)),
    ];
    return when(i32.geU(half, sizeBytes), doWhile(stage, i32.geU(half, sizeBytes)));
  });
  module.define('frTimeBlock', 3, undefined, (body) => {
    const [data, size, twiddles] = body.params;
    const half = body.i32(sizeBytes);
    const stage: Code = [
      call(timeStage, data, i32.add(data, size), half, half, 0, half, twiddles),
      half.set(i32.shl(half, 1)),
    ];
    return when(i32.ltU(half, size), doWhile(stage, i32.ltU(half, size)));
  });
}
