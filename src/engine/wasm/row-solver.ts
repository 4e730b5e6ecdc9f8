/**
 * Generates the kernels that solve rows of a constraint system for one wire each; `groth16/second-round.ts` writes the lists.
 *
 * Values are canonical, coefficients in Montgomery form: their product is canonical. A term is two words: 32·wire, and
 * 0 for the coefficient 1, 1 for −1, otherwise 32·(number of the coefficient), which is at least 64.
 */
import { BN254_R } from '../../math/field.js';
import {
  call,
  callI32,
  createModule,
  doWhile,
  i32,
  i64,
  leave,
  type ModuleBuilder,
  when,
} from './assembler.js';
import type { KernelCode } from './kernels.js';
import { CONSTANTS_ADDRESS, MAXIMUM_PAGES } from './layout.js';
import { encodeWords, isZeroElement, WORDS } from './limbs.js';
import { definePrimeField, type PrimeFieldFunctions } from './prime-field.js';
import { defineScalarVectors } from './scalar-vectors.js';

/** Bytes of a term. */
export const SOLVER_TERM_BYTES = 8;
/** Words before a denominator's terms: row, number of terms. */
export const DENOMINATOR_WORDS = 2;
/** Words before a row's terms: kind, target (a check: row), numbers of terms of A, B and C. */
export const SOLVER_ROW_WORDS = 5;
/** What a row says of its terms and the target wire. */
export const SolverRow = {
  /** target = A·B − C */
  Product: 0,
  /** target = C·(next inverse) − A */
  Quotient: 1,
  /** A·B = C must hold. */
  Check: 2,
} as const;

/** Generates the module: `frSolveDenominators`, `frSolveRows`, and the vector functions of Fr. */
export function generateRowSolver(): KernelCode {
  const module = createModule(CONSTANTS_ADDRESS, MAXIMUM_PAGES);
  const fr = definePrimeField(module, 'fr', BN254_R);
  defineScalarVectors(module, fr);
  defineSolver(module, fr);
  return { wasm: module.finish(), scratchBytes: module.scratchBytes() };
}

function defineSolver(module: ModuleBuilder, fr: PrimeFieldFunctions): void {
  const squaredRadix = module.constant(encodeWords((1n << 512n) % BN254_R));

  // (out, terms, count, values, coefficients) → address after the terms: out = Σ coefficient·value
  const combine = module.define('frSolveSum', 5, 'i32', (body) => {
    const [out, terms, count, values, coefficients] = body.params;
    const term = body.scratch(fr.sizeBytes);
    const [at, end, value, kind] = [body.i32(), body.i32(), body.i32(), body.i32()];
    return [
      WORDS.map((i) => i64.store(out, 0, 8 * i)),
      at.set(terms),
      end.set(i32.add(terms, i32.shl(count, 3))),
      when(
        count,
        doWhile(
          [
            value.set(i32.add(values, i32.load(at, 0))),
            kind.set(i32.load(at, 4)),
            when(
              i32.eqz(kind),
              call(fr.add, out, out, value),
              when(i32.eq(kind, 1), call(fr.sub, out, out, value), [
                call(fr.mul, term, i32.add(coefficients, kind), value),
                call(fr.add, out, out, term),
              ]),
            ),
            at.set(i32.add(at, SOLVER_TERM_BYTES)),
          ],
          i32.ne(at, end),
        ),
      ),
      end.code,
    ];
  });

  // (list, end, out, values, coefficients) → address of the first denominator that is zero, or 0; out in Montgomery form
  module.define('frSolveDenominators', 5, 'i32', (body) => {
    const [list, end, out, values, coefficients] = body.params;
    const [at, next] = [body.i32(list), body.i32(out)];
    const following = body.i32();
    return [
      doWhile(
        [
          following.set(
            callI32(combine, next, i32.add(at, 4 * DENOMINATOR_WORDS), i32.load(at, 4), values, coefficients),
          ),
          when(isZeroElement(fr.sizeBytes, next), leave(at)),
          call(fr.mul, next, next, squaredRadix),
          next.set(i32.add(next, fr.sizeBytes)),
          at.set(following),
        ],
        i32.ne(at, end),
      ),
      leave(0),
    ];
  });

  // (rows, end, inverses, values, coefficients) → address of the first check that fails, or 0
  module.define('frSolveRows', 5, 'i32', (body) => {
    const [rows, end, inverses, values, coefficients] = body.params;
    const size = fr.sizeBytes;
    const [a, b, c] = [body.scratch(size), body.scratch(size), body.scratch(size)];
    const [row, inverse, kind, terms, target] = [
      body.i32(rows),
      body.i32(inverses),
      body.i32(),
      body.i32(),
      body.i32(),
    ];
    const sum = (out: typeof a, index: number) =>
      terms.set(callI32(combine, out, terms, i32.load(row, 4 * index), values, coefficients));
    return [
      doWhile(
        [
          kind.set(i32.load(row, 0)),
          terms.set(i32.add(row, 4 * SOLVER_ROW_WORDS)),
          sum(a, 2),
          sum(b, 3),
          sum(c, 4),
          when(
            i32.eq(kind, SolverRow.Quotient),
            [
              target.set(i32.add(values, i32.load(row, 4))),
              call(fr.mul, c, c, inverse),
              call(fr.sub, target, c, a),
              inverse.set(i32.add(inverse, size)),
            ],
            [
              call(fr.mul, a, a, b),
              call(fr.mul, a, a, squaredRadix),
              call(fr.sub, a, a, c),
              when(
                i32.eqz(kind),
                [
                  target.set(i32.add(values, i32.load(row, 4))),
                  WORDS.map((i) => i64.store(target, i64.load(a, 8 * i), 8 * i)),
                ],
                when(i32.eqz(isZeroElement(size, a)), leave(row)),
              ),
            ],
          ),
          row.set(terms),
        ],
        i32.ne(row, end),
      ),
      leave(0),
    ];
  });
}
