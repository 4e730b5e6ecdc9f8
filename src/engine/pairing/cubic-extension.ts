/**
 * Generates Fq6 = Fq2[v]/(v³ − ξ), an element being c0 ‖ c1 ‖ c2. Products after Karatsuba (Devegili, Ó hÉigeartaigh, Scott, Dahab, eprint
 * 2006/471). Every function allows its result to be one of its inputs.
 */
import { type Code, call, type FunctionHandle } from '../wasm/assembler.js';
import { FQ2_BYTES } from './layout.js';
import type { PairingModule } from './module.js';
import { copy, define, part, type TwistField, twistOperations } from './twist-field.js';

/** The functions of Fq6. */
export type Fq6Functions = {
  /** (out, x, y) */
  readonly add: FunctionHandle;
  readonly sub: FunctionHandle;
  readonly mul: FunctionHandle;
  /** (out, x, y): x·(y0 + y1·v) */
  readonly mulSparse: FunctionHandle;
  /** (out, x) */
  readonly neg: FunctionHandle;
  /** (out, x): v·x */
  readonly mulV: FunctionHandle;
  /** (out, x); zero gives zero. */
  readonly invert: FunctionHandle;
};

/** Adds Fq6 to a module. */
export function defineFq6(module: PairingModule, twist: TwistField): Fq6Functions {
  const { fq2 } = twist;
  const { add, sub, mul, square, timesXi, fresh } = twistOperations(module, twist);

  const threeTimes = (name: string, handle: FunctionHandle, inputs: 1 | 2): FunctionHandle =>
    define(module, name, 1 + inputs, (...addresses) =>
      [0, 1, 2].map((i) => call(handle, ...addresses.map((address) => part(address, i)))),
    );
  const [addSix, subSix, neg] = [
    threeTimes('fq6Add', fq2.add, 2),
    threeTimes('fq6Sub', fq2.sub, 2),
    threeTimes('fq6Neg', fq2.neg, 1),
  ];
  // ξ·x2 + x0·v + x1·v²
  const mulV = define(module, 'fq6MulV', 2, (out, x) => {
    const first = module.reserve(FQ2_BYTES);
    return [
      timesXi(first, part(x, 2)),
      copy(part(out, 2), part(x, 1), FQ2_BYTES),
      copy(part(out, 1), x, FQ2_BYTES),
      copy(out, first, FQ2_BYTES),
    ];
  });
  const mulSix = define(module, 'fq6Mul', 3, (out, x, y) => {
    const [p0, p1, p2, c0, c1, c2, sum] = fresh(7) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    /** target = x_i·y_j + x_j·y_i, given x_i·y_i and x_j·y_j */
    const cross = (target: number, i: number, j: number, first: number, second: number): Code => [
      add(target, part(x, i), part(x, j)),
      add(sum, part(y, i), part(y, j)),
      mul(target, target, sum),
      sub(target, target, first),
      sub(target, target, second),
    ];
    return [
      [p0, p1, p2].map((product, i) => mul(product, part(x, i), part(y, i))),
      cross(c0, 1, 2, p1, p2),
      cross(c1, 0, 1, p0, p1),
      cross(c2, 0, 2, p0, p2),
      timesXi(c0, c0),
      add(out, c0, p0),
      timesXi(p2, p2),
      add(part(out, 1), c1, p2),
      add(part(out, 2), c2, p1),
    ];
  });
  // (out, x, y): x·(y0 + y1·v)
  const mulSparse = define(module, 'fq6MulSparse', 3, (out, x, y) => {
    const [p0, p1, c0, c1, c2, sum] = fresh(6) as [number, number, number, number, number, number];
    const y1 = part(y, 1);
    return [
      mul(p0, x, y),
      mul(p1, part(x, 1), y1),
      mul(c0, part(x, 2), y1),
      mul(c2, part(x, 2), y),
      add(c1, x, part(x, 1)),
      add(sum, y, y1),
      mul(c1, c1, sum),
      sub(c1, c1, p0),
      sub(part(out, 1), c1, p1),
      timesXi(c0, c0),
      add(out, c0, p0),
      add(part(out, 2), c2, p1),
    ];
  });
  // With A = x0² − ξ·x1x2, B = ξ·x2² − x0x1, C = x1² − x0x2: (A + B·v + C·v²) / (x0·A + ξ·(x2·B + x1·C))
  const invertSix = define(module, 'fq6Invert', 2, (out, x) => {
    const [a, bb, c, norm, other] = fresh(5) as [number, number, number, number, number];
    const [x0, x1, x2] = [part(x, 0), part(x, 1), part(x, 2)];
    return [
      square(a, x0),
      mul(other, x1, x2),
      timesXi(other, other),
      sub(a, a, other),
      square(bb, x2),
      timesXi(bb, bb),
      mul(other, x0, x1),
      sub(bb, bb, other),
      square(c, x1),
      mul(other, x0, x2),
      sub(c, c, other),
      mul(norm, x2, bb),
      mul(other, x1, c),
      add(norm, norm, other),
      timesXi(norm, norm),
      mul(other, x0, a),
      add(norm, norm, other),
      call(fq2.invert, norm, norm),
      mul(out, a, norm),
      mul(part(out, 1), bb, norm),
      mul(part(out, 2), c, norm),
    ];
  });
  return { add: addSix, sub: subSix, neg, mulV, mul: mulSix, mulSparse, invert: invertSix };
}
