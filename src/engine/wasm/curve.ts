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

/**
 * Adds `<name>BatchAdd(additions, count, scratch)` to a module.
 *
 * `scratch` has room for two coordinates an addition.
 */
export function defineBatchAddition(
  module: ModuleBuilder,
  name: string,
  field: FieldFunctions,
): FunctionHandle {
  const size = field.sizeBytes;
  const yOf = (point: Value<'i32'>): Value<'i32'> => i32.add(point, size);
  const addressOf = (operand: Value<'i32'>): Value<'i32'> => i32.and(operand, -2);
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
    const [out, operand] = body.params as [Local<'i32'>, Local<'i32'>];
    const room = body.scratch(size);
    const y = body.i32();
    return [signY(operand, y, room), copy(yOf(out), y), copy(out, addressOf(operand))];
  });

  /** (first, second, denominator) → kind of an addition of points with the same x; for a tangent sets the denominator. */
  const compare = module.define(`${name}Compare`, 3, 'i32', (body) => {
    const [first, second, denominator] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
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

  return module.define(`${name}BatchAdd`, 3, undefined, (body) => {
    const [additions, count, scratch] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [product, slope, x, room, otherRoom] = [
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
    ];
    const [y, otherY, isInfinity] = [body.i32(), body.i32(), body.i32()];
    const [record, denominator, end] = [body.i32(), body.i32(scratch), body.i32()];
    const [first, second, out, kind] = [body.i32(), body.i32(), body.i32(), body.i32()];
    const [blockEnd, touched] = [body.i32(), body.i32()];
    const prefix = i32.add(denominator, size);
    const read = [first.set(i32.load(record, 0)), second.set(i32.load(record, 4))];

    const classify: Code = [
      kind.set(SLOPE_OF_CHORD),
      testInfinity(addressOf(first), isInfinity),
      when(isInfinity, kind.set(TAKE_SECOND), [
        testInfinity(addressOf(second), isInfinity),
        when(isInfinity, kind.set(TAKE_FIRST), [
          call(field.sub, denominator, addressOf(second), addressOf(first)),
          when(isZero(denominator), kind.set(callI32(compare, first, second, denominator))),
        ]),
      ]),
    ];
    const forward: Code = [
      read,
      classify,
      i32.store(record, kind, 12),
      when(i32.ltU(kind, TAKE_FIRST), [
        copy(prefix, product),
        call(field.mulLoose, product, product, denominator),
      ]),
      denominator.set(i32.add(denominator, 2 * size)),
    ];
    const lines = Array.from({ length: (2 * size) / CACHE_LINE_BYTES }, (_, i) => i * CACHE_LINE_BYTES);
    const touch: Code = lines.map((offset) =>
      [0, 4].map((operand) =>
        touched.set(i32.add(touched, i32.load(addressOf(i32.load(blockEnd, operand)), offset))),
      ),
    );
    const forwardBlock: Code = [
      blockEnd.set(record),
      doWhile(
        [touch, blockEnd.set(i32.add(blockEnd, ADDITION_BYTES))],
        i32.and(i32.ltU(blockEnd, end), i32.ne(blockEnd, i32.add(record, TOUCHED_RECORDS * ADDITION_BYTES))),
      ),
      doWhile([forward, record.set(i32.add(record, ADDITION_BYTES))], i32.ne(record, blockEnd)),
    ];
    const finish: Code = [
      call(field.mulLoose, prefix, prefix, product),
      call(field.mulLoose, product, product, denominator),
      signY(first, y, room),
      when(
        i32.eqz(kind),
        [signY(second, otherY, otherRoom), call(field.subMulLoose, slope, otherY, y, prefix)],
        [
          call(field.square, slope, addressOf(first)),
          call(field.add, x, slope, slope),
          call(field.add, slope, slope, x),
          call(field.mulLoose, slope, slope, prefix),
        ],
      ),
      call(field.squareSubSub, x, slope, addressOf(first), addressOf(second)),
      call(field.subMulSub, yOf(out), addressOf(first), x, slope, y),
      copy(out, x),
    ];
    const backward: Code = [
      record.set(i32.sub(record, ADDITION_BYTES)),
      denominator.set(i32.sub(denominator, 2 * size)),
      read,
      out.set(i32.load(record, 8)),
      kind.set(i32.load(record, 12)),
      when(
        i32.ltU(kind, TAKE_FIRST),
        finish,
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
    return when(count, [
      copy(product, field.one),
      end.set(i32.add(additions, i32.shl(count, 4))),
      record.set(additions),
      doWhile(forwardBlock, i32.ne(record, end)),
      // The sum means nothing; storing it keeps the loads.
      i32.store(x, touched),
      call(field.invert, product, product),
      doWhile(backward, i32.ne(record, additions)),
    ]);
  });
}
