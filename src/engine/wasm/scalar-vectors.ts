/** Generates bulk operations on vectors of Fr: products, powers, inverses, rows of a constraint system, the quotient's last step. */
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
import { COEFFICIENT_BYTES } from './layout.js';
import { copyElement, isZeroElement } from './limbs.js';
import type { PrimeFieldFunctions } from './prime-field.js';

/** Rows are dealt out to threads in runs of 2^4. */
const ROW_RUN_LOG = 4;

/** Adds the functions to a module; see each for its parameters. */
export function defineScalarVectors(module: ModuleBuilder, fr: PrimeFieldFunctions): void {
  const { sizeBytes } = fr;
  const forEach = (label: string, handle: FunctionHandle): FunctionHandle =>
    module.define(label, 2, undefined, (body) => {
      const [buffer, count] = body.params;
      const [i, end] = [body.i32(), body.i32()];
      return [
        end.set(i32.add(buffer, i32.shl(count, 5))),
        countUp(i, buffer, end, sizeBytes, call(handle, i, i)),
      ];
    });
  // (buffer, count), in place
  forEach('frVectorToMontgomery', fr.toMontgomery);
  forEach('frVectorFromMontgomery', fr.fromMontgomery);

  // (out, a, b, count): element-wise products
  module.define('frVectorMultiply', 4, undefined, (body) => {
    const [out, a, b, count] = body.params;
    const [offset, end] = [body.i32(), body.i32()];
    return [
      end.set(i32.shl(count, 5)),
      countUp(
        offset,
        0,
        end,
        sizeBytes,
        call(fr.mul, i32.add(out, offset), i32.add(a, offset), i32.add(b, offset)),
      ),
    ];
  });

  // (buffer, count, factor): every element times one
  module.define('frVectorScale', 3, undefined, (body) => {
    const [buffer, count, factor] = body.params;
    const [i, end] = [body.i32(), body.i32()];
    return [
      end.set(i32.add(buffer, i32.shl(count, 5))),
      countUp(i, buffer, end, sizeBytes, call(fr.mul, i, i, factor)),
    ];
  });

  // (out, count, start, ratio): geometric sequence, all Montgomery
  module.define('frVectorPowers', 4, undefined, (body) => {
    const [out, count, start, ratio] = body.params;
    const [i, end] = [body.i32(), body.i32()];
    return when(count, [
      copyElement(sizeBytes, out, start),
      end.set(i32.add(out, i32.shl(count, 5))),
      countUp(i, i32.add(out, sizeBytes), end, sizeBytes, call(fr.mul, i, i32.sub(i, sizeBytes), ratio)),
    ]);
  });

  // (buffer, count, prefixes): inverses in place, one inversion in all, zeros stay; `prefixes` as large as the buffer
  module.define('frVectorInvert', 3, undefined, (body) => {
    const [buffer, count, prefixes] = body.params;
    const product = body.scratch(sizeBytes);
    const [i, end, prefix] = [body.i32(), body.i32(), body.i32(prefixes)];
    return when(count, [
      copyElement(sizeBytes, product, fr.one),
      end.set(i32.add(buffer, i32.shl(count, 5))),
      countUp(i, buffer, end, sizeBytes, [
        when(i32.eqz(isZeroElement(sizeBytes, i)), [
          copyElement(sizeBytes, prefix, product),
          call(fr.mul, product, product, i),
        ]),
        prefix.set(i32.add(prefix, sizeBytes)),
      ]),
      call(fr.invert, product, product),
      doWhile(
        [
          i.set(i32.sub(i, sizeBytes)),
          prefix.set(i32.sub(prefix, sizeBytes)),
          when(i32.eqz(isZeroElement(sizeBytes, i)), [
            call(fr.mul, prefix, prefix, product),
            call(fr.mul, product, product, i),
            copyElement(sizeBytes, i, prefix),
          ]),
        ],
        i32.ne(i, buffer),
      ),
    ]);
  });

  // (coefficients, count, witness, wireCount, a, b, rowCount, part, parts) → address of the first bad record or 0.
  // Adds value·witness to the rows of this part; rows go to parts in runs, so that no two threads write the same row.
  module.define('frApplyRows', 9, 'i32', (body) => {
    const [coefficients, count, witness, wireCount, a, b, rowCount, part, parts] = body.params;
    const term = body.scratch(sizeBytes);
    const [record, end, row, wire, matrix, out, value] = [
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
      body.i32(),
    ];
    const isBad = i32.or(i32.or(i32.geU(matrix, 2), i32.geU(row, rowCount)), i32.geU(wire, wireCount));
    // Half of all bits are zero.
    const accumulate: Code = [
      value.set(i32.add(witness, i32.shl(wire, 5))),
      when(i32.eqz(isZeroElement(sizeBytes, value)), [
        when(matrix, out.set(b), out.set(a)),
        out.set(i32.add(out, i32.shl(row, 5))),
        call(fr.mul, term, i32.add(record, 12), value),
        call(fr.add, out, out, term),
      ]),
    ];
    return [
      end.set(i32.add(coefficients, i32.mul(count, COEFFICIENT_BYTES))),
      countUp(record, coefficients, end, COEFFICIENT_BYTES, [
        matrix.set(i32.load(record, 0)),
        row.set(i32.load(record, 4)),
        wire.set(i32.load(record, 8)),
        when(isBad, leave(record)),
        when(i32.eq(i32.remU(i32.shrU(row, ROW_RUN_LOG), parts), part), accumulate),
      ]),
      leave(0),
    ];
  });

  // (a, b, c, count, abFactor, cFactor): a = a·b·abFactor − c·cFactor. Canonical when the factors are canonical.
  module.define('frVectorJoin', 6, undefined, (body) => {
    const [a, b, c, count, abFactor, cFactor] = body.params;
    const term = body.scratch(sizeBytes);
    const [offset, end, x] = [body.i32(), body.i32(), body.i32()];
    return [
      end.set(i32.shl(count, 5)),
      countUp(offset, 0, end, sizeBytes, [
        x.set(i32.add(a, offset)),
        call(fr.mul, x, x, i32.add(b, offset)),
        call(fr.mul, x, x, abFactor),
        call(fr.mul, term, i32.add(c, offset), cFactor),
        call(fr.sub, x, x, term),
      ]),
    ];
  });
}
