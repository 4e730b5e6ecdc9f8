/**
 * Generates the one bulk operation on points that everything else is made of: many independent affine additions that
 * share one inversion (Montgomery's trick), about six field multiplications an addition.
 *
 * The additions are a list of records of 16 bytes: address of the first point, of the second, of the result, and a
 * word that the function uses itself. Bit 0 of the address of an operand means "its negative". Infinity (zeros), equal and opposite
 * points are allowed. A result may overwrite its own operands, not those of an earlier record.
 */
import {
  type Code,
  call,
  callI32,
  doWhile,
  type FunctionHandle,
  i32,
  type Local,
  type Locals,
  type ModuleBuilder,
  type Operand,
  type Value,
  when,
} from './assembler.js';
import { ADDITION_BYTES } from './layout.js';
import { copyElement, isZeroElement } from './limbs.js';
import type { FieldFunctions } from './prime-field.js';

/** Records whose operands are touched together before their turn, so that their cache misses overlap. */
const TOUCHED_RECORDS = 16;
const CACHE_LINE_BYTES = 64;

const SLOPE_OF_CHORD = 0;
const SLOPE_OF_TANGENT = 1;
const TAKE_FIRST = 2;
const TAKE_SECOND = 3;
const TAKE_INFINITY = 4;

/** The two steps of one addition, before and after the inversion that a batch shares. */
export type AffineAddition = {
  /**
   * (record, out) → kind: the slope's denominator where the addition has a slope, else one; canonical.
   * It also writes the kind into the record.
   */
  readonly denominator: FunctionHandle;
  /** (record, inverse): the sum, by the record's kind, with the inverse (loose) of its denominator. */
  readonly finish: FunctionHandle;
  /** (out, operand): the point with the operand's sign. */
  readonly take: FunctionHandle;
};

/** Kinds below this have a slope. */
const KINDS_WITH_SLOPE = TAKE_FIRST;

/** Adds the steps of an addition, `<name>Denominator` and `<name>Finish`, to a module. */
export function defineAffineAddition(
  module: ModuleBuilder,
  name: string,
  field: FieldFunctions,
): AffineAddition {
  const size = field.sizeBytes;
  const yOf = (point: Value<'i32'>): Value<'i32'> => i32.add(point, size);
  const isNegated = (operand: Value<'i32'>): Value<'i32'> => i32.and(operand, 1);

  const copy = (out: Value<'i32'>, a: Operand<'i32'>): Code => copyElement(size, out, a);
  const isZero = (a: Value<'i32'>): Value<'i32'> => isZeroElement(size, a);

  /** Answers through a local: 1 where the point is infinity; y is only looked at where x is zero. */
  const testInfinity = (point: Value<'i32'>, answer: Local<'i32'>): Code => [
    answer.set(isZero(point)),
    when(answer, answer.set(isZero(yOf(point)))),
  ];
  /** Sets `y` to the address of the operand's y coordinate with its sign: its own, or the negative in `room`. */
  const signY = (operand: Value<'i32'>, y: Local<'i32'>, room: Value<'i32'>): Code =>
    when(
      isNegated(operand),
      [y.set(room), call(field.neg, room, yOf(addressOf(operand)))],
      y.set(yOf(operand)),
    );

  /** (out, operand): the point with the operand's sign. */
  const take = module.define(`${name}Take`, 2, undefined, (body) => {
    const [out, operand] = body.params;
    const room = body.scratch(size);
    const y = body.i32();
    return [signY(operand, y, room), copy(yOf(out), y), copy(out, addressOf(operand))];
  });

  /** (first, second, denominator) → kind of an addition of points with the same x; for a tangent sets the denominator. */
  const compare = module.define(`${name}Compare`, 3, 'i32', (body) => {
    const [first, second, denominator] = body.params;
    const [room, other] = [body.scratch(size), body.scratch(size)];
    const [y, otherY, kind] = [body.i32(), body.i32(), body.i32(TAKE_INFINITY)];
    return [
      signY(first, y, room),
      signY(second, otherY, other),
      call(field.sub, other, otherY, y),
      when(isZero(other), [kind.set(SLOPE_OF_TANGENT), call(field.add, denominator, y, y)]),
      kind.code,
    ];
  });

  const denominator = module.define(`${name}Denominator`, 2, 'i32', (body) => {
    const [record, out] = body.params;
    const [first, second, isInfinity] = [body.i32(), body.i32(), body.i32()];
    const kind = body.i32(SLOPE_OF_CHORD);
    return [
      first.set(i32.load(record, 0)),
      second.set(i32.load(record, 4)),
      testInfinity(addressOf(first), isInfinity),
      when(isInfinity, kind.set(TAKE_SECOND), [
        testInfinity(addressOf(second), isInfinity),
        when(isInfinity, kind.set(TAKE_FIRST), [
          call(field.sub, out, addressOf(second), addressOf(first)),
          when(isZero(out), kind.set(callI32(compare, first, second, out))),
        ]),
      ]),
      when(i32.geU(kind, KINDS_WITH_SLOPE), copy(out, field.one)),
      i32.store(record, kind, 12),
      kind.code,
    ];
  });

  const finish = module.define(`${name}Finish`, 2, undefined, (body) => {
    const [record, inverse] = body.params;
    const [slope, x, room, otherRoom] = [
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
    ];
    const [y, otherY] = [body.i32(), body.i32()];
    const [first, second, out, kind] = [body.i32(), body.i32(), body.i32(), body.i32()];
    const withSlope: Code = [
      signY(first, y, room),
      when(
        i32.eqz(kind),
        [signY(second, otherY, otherRoom), call(field.subMulLoose, slope, otherY, y, inverse)],
        [
          call(field.square, slope, addressOf(first)),
          call(field.add, x, slope, slope),
          call(field.add, slope, slope, x),
          call(field.mulLoose, slope, slope, inverse),
        ],
      ),
      call(field.squareSubSub, x, slope, addressOf(first), addressOf(second)),
      call(field.subMulSub, yOf(out), addressOf(first), x, slope, y),
      copy(out, x),
    ];
    return [
      first.set(i32.load(record, 0)),
      second.set(i32.load(record, 4)),
      out.set(i32.load(record, 8)),
      kind.set(i32.load(record, 12)),
      when(
        i32.ltU(kind, KINDS_WITH_SLOPE),
        withSlope,
        when(
          i32.eq(kind, TAKE_FIRST),
          call(take, out, first),
          when(i32.eq(kind, TAKE_SECOND), call(take, out, second), [
            call(field.sub, out, out, out),
            call(field.sub, yOf(out), out, out),
          ]),
        ),
      ),
    ];
  });
  return { denominator, finish, take };
}

/** The point's address, without the sign. */
export const addressOf = (operand: Value<'i32'>): Value<'i32'> => i32.and(operand, -2);

/** Runs `step` for all records from `record` to `end`; the operands of a few are touched before, so that their cache misses overlap. */
export function forTouchedRecords(
  body: Locals,
  pointBytes: number,
  record: Local<'i32'>,
  end: Local<'i32'>,
  recordBytes: number,
  step: Code,
): Code {
  const [blockEnd, touched] = [body.i32(), body.i32()];
  const sink = body.scratch(4);
  const lines = Array.from({ length: pointBytes / CACHE_LINE_BYTES }, (_, i) => i * CACHE_LINE_BYTES);
  const touch: Code = lines.map((offset) =>
    [0, 4].map((operand) =>
      touched.set(i32.add(touched, i32.load(addressOf(i32.load(blockEnd, operand)), offset))),
    ),
  );
  const block: Code = [
    blockEnd.set(record),
    doWhile(
      [touch, blockEnd.set(i32.add(blockEnd, ADDITION_BYTES))],
      i32.and(i32.ltU(blockEnd, end), i32.ne(blockEnd, i32.add(record, TOUCHED_RECORDS * ADDITION_BYTES))),
    ),
    doWhile([step, record.set(i32.add(record, recordBytes))], i32.ltU(record, blockEnd)),
  ];
  // The sum means nothing; storing it keeps the loads.
  return [doWhile(block, i32.ltU(record, end)), i32.store(sink, touched)];
}

/**
 * Adds `<name>BatchAdd(additions, count, scratch)` to a module.
 *
 * `scratch` has room for two coordinates an addition.
 */
export function defineBatchAddition(
  module: ModuleBuilder,
  name: string,
  field: FieldFunctions,
  { denominator: findDenominator, finish }: AffineAddition,
): FunctionHandle {
  const size = field.sizeBytes;
  return module.define(`${name}BatchAdd`, 3, undefined, (body) => {
    const [additions, count, scratch] = body.params;
    const product = body.scratch(size);
    const [record, denominator, end] = [body.i32(), body.i32(scratch), body.i32()];
    const prefix = i32.add(denominator, size);
    const forward: Code = [
      when(i32.ltU(callI32(findDenominator, record, denominator), KINDS_WITH_SLOPE), [
        copyElement(size, prefix, product),
        call(field.mulLoose, product, product, denominator),
      ]),
      denominator.set(i32.add(denominator, 2 * size)),
    ];
    const backward: Code = [
      record.set(i32.sub(record, ADDITION_BYTES)),
      denominator.set(i32.sub(denominator, 2 * size)),
      when(i32.ltU(i32.load(record, 12), KINDS_WITH_SLOPE), [
        call(field.mulLoose, prefix, prefix, product),
        call(field.mulLoose, product, product, denominator),
      ]),
      call(finish, record, prefix),
    ];
    return when(count, [
      copyElement(size, product, field.one),
      end.set(i32.add(additions, i32.shl(count, 4))),
      record.set(additions),
      forTouchedRecords(body, 2 * size, record, end, ADDITION_BYTES, forward),
      call(field.invert, product, product),
      doWhile(backward, i32.ne(record, additions)),
    ]);
  });
}
