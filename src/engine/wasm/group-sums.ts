/**
 * Generates sums of groups of points, pairwise, round by round, all groups in the same batches of additions; and what fills their lists.
 *
 * An operand is the address of a point; bit 0 set means the negative of the point.
 */
import {
  type Code,
  call,
  countUp,
  doWhile,
  type FunctionHandle,
  i32,
  leave,
  type ModuleBuilder,
  when,
} from './assembler.js';
import { ADDITION_BYTES, WINDOW } from './layout.js';

/**
 * Adds `<name>SumGroups` and `<name>SumSlice` to a module.
 *
 * @param batch - `<name>BatchAdd`, @param take - `<name>Take`, see `curve.ts`.
 */
export function defineGroupSums(
  module: ModuleBuilder,
  name: string,
  pointBytes: number,
  batch: FunctionHandle,
  take: FunctionHandle,
): void {
  // (operands, sizes, groups, records, denominators, arena): in the end operands[g] is the sum of group g. Sizes, none 0, are overwritten;
  // sums lie in the arena, which has room for as many points as there are operands, or are the only operand.
  const sumGroups = module.define(`${name}SumGroups`, 6, undefined, (body) => {
    const [operands, sizes, groups, records, denominators, arena] = body.params;
    const [read, write, end, record, size, lastSize] = [
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
    ];
    const [count, free] = [body.i32(), body.i32(arena)];
    const pairUp: Code = [
      i32.store(record, i32.load(read), 0),
      i32.store(record, i32.load(read, 4), 4),
      i32.store(record, free, 8),
      record.set(i32.add(record, ADDITION_BYTES)),
      i32.store(write, free),
      write.set(i32.add(write, 4)),
      free.set(i32.add(free, pointBytes)),
      read.set(i32.add(read, 8)),
    ];
    const group: Code = [
      count.set(i32.load(size)),
      end.set(i32.add(read, i32.shl(i32.and(count, -2), 2))),
      when(i32.ne(read, end), doWhile(pairUp, i32.ne(read, end))),
      when(i32.and(count, 1), [
        i32.store(write, i32.load(read)),
        write.set(i32.add(write, 4)),
        read.set(i32.add(read, 4)),
      ]),
      i32.store(size, i32.shrU(i32.add(count, 1), 1)),
    ];
    return [
      lastSize.set(i32.add(sizes, i32.shl(groups, 2))),
      doWhile(
        [
          read.set(operands),
          write.set(operands),
          record.set(records),
          countUp(size, sizes, lastSize, 4, group),
          call(batch, records, i32.shrU(i32.sub(record, records), 4), denominators),
        ],
        i32.ne(record, records),
      ),
    ];
  });

  // (points, window, begin, end, partial, operands, sizes, records, denominators, arena) → 0, or the address of the first bucket: then it
  // began before this slice, and `partial` gets its part. Sums the points of the window's entries from `begin` to `end` into their buckets.
  module.define(`${name}SumSlice`, 10, 'i32', (body) => {
    const [points, window, begin, end, partial, operands, sizes, records, denominators, arena] = body.params;
    const [sorted, ends, bucket, firstBucket] = [body.i32(), body.i32(), body.i32(), body.i32()];
    const [position, stop, low, high] = [body.i32(), body.i32(), body.i32(), body.i32()];
    const [entry, operand, size, out] = [body.i32(), body.i32(), body.i32(), body.i32()];
    /** Where run `low` ends; one before it the run before. */
    const endOf = i32.add(ends, i32.shl(low, 2));
    const isContinued = body.i32();
    /** Runs code for each bucket that has entries in the slice: those from `position` to `stop`. */
    const forRuns = (code: Code): Code => [
      position.set(begin),
      low.set(firstBucket),
      operand.set(operands),
      bucket.set(i32.add(i32.load(window, WINDOW.buckets), i32.mul(i32.sub(firstBucket, 1), pointBytes))),
      doWhile(
        [
          stop.set(i32.load(endOf)),
          when(i32.ltU(end, stop), stop.set(end)),
          when(i32.ne(stop, position), code),
          position.set(stop),
          low.set(i32.add(low, 1)),
          bucket.set(i32.add(bucket, pointBytes)),
        ],
        i32.ne(position, end),
      ),
    ];
    return [
      sorted.set(i32.load(window, WINDOW.sorted)),
      ends.set(i32.load(window, WINDOW.ends)),
      // The first bucket whose run ends after `begin`.
      firstBucket.set(1),
      high.set(i32.load(window, WINDOW.bucketCount)),
      when(
        i32.ne(firstBucket, high),
        doWhile(
          [
            low.set(i32.shrU(i32.add(firstBucket, high), 1)),
            when(i32.ltU(begin, i32.load(endOf)), high.set(low), firstBucket.set(i32.add(low, 1))),
          ],
          i32.ne(firstBucket, high),
        ),
      ),
      low.set(i32.sub(firstBucket, 1)),
      isContinued.set(i32.ltU(i32.load(endOf), begin)),
      size.set(sizes),
      forRuns([
        i32.store(size, i32.sub(stop, position)),
        size.set(i32.add(size, 4)),
        doWhile(
          [
            entry.set(i32.load(i32.add(sorted, i32.shl(position, 2)))),
            i32.store(
              operand,
              i32.add(i32.add(points, i32.mul(i32.and(entry, 0x7fffffff), pointBytes)), i32.shrU(entry, 31)),
            ),
            operand.set(i32.add(operand, 4)),
            position.set(i32.add(position, 1)),
          ],
          i32.ne(position, stop),
        ),
      ]),
      call(sumGroups, operands, sizes, i32.shrU(i32.sub(size, sizes), 2), records, denominators, arena),
      forRuns([
        out.set(bucket),
        when(i32.and(isContinued, i32.eq(operand, operands)), out.set(partial)),
        call(take, out, i32.load(operand)),
        operand.set(i32.add(operand, 4)),
      ]),
      when(isContinued, [
        leave(i32.add(i32.load(window, WINDOW.buckets), i32.mul(i32.sub(firstBucket, 1), pointBytes))),
      ]),
      leave(0),
    ];
  });
}

/** Adds `pushAdditions` to a module. */
export function defineAdditionPushes(module: ModuleBuilder): void {
  // (record, first, firstStep, second, secondStep, out, outStep, count) → the next record: additions of points at regular distances
  module.define('pushAdditions', 8, 'i32', (body) => {
    const [start, first, firstStep, second, secondStep, out, outStep, count] = body.params;
    const [record, end] = [body.i32(), body.i32()];
    return [
      end.set(i32.add(start, i32.mul(count, ADDITION_BYTES))),
      countUp(record, start, end, ADDITION_BYTES, [
        i32.store(record, first, 0),
        i32.store(record, second, 4),
        i32.store(record, out, 8),
        first.set(i32.add(first, firstStep)),
        second.set(i32.add(second, secondStep)),
        out.set(i32.add(out, outStep)),
      ]),
      end.code,
    ];
  });
}
