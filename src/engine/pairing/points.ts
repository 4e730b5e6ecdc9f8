/**
 * Generates the groups G1 and G2 in projective coordinates X ‖ Y ‖ Z, infinity being (0, 1, 0), with one addition for all cases:
 * complete formulas of Renes, Costello, Batina (eprint 2015/1060, algorithm 7, a = 0). They hold for every two points of a curve without
 * points of order two, such as both of ours, inside their subgroups and outside: no input of an adversary reaches an exceptional case.
 */
import { type Code, call, countUp, doWhile, type FunctionHandle, i32, when } from '../wasm/assembler.js';
import { encodeWords, isZeroElement } from '../wasm/limbs.js';
import type { FieldFunctions } from '../wasm/prime-field.js';
import { BN254_X, TWIST_B } from './constants.js';
import { FQ2_BYTES, SCALAR_BYTES, TABLE_BYTES, TABLE_POINTS } from './layout.js';
import type { PairingModule } from './module.js';
import { type Address, constantOf, copy, define, offset, room, type TwistField } from './twist-field.js';

/** Functions of one group. */
type Group = {
  readonly pointBytes: number;
  /** (out, a, b): sum of two projective points. */
  readonly add: FunctionHandle;
  /** (out): infinity */
  readonly setInfinity: FunctionHandle;
  /** (out, a): projective coordinates of an affine point. */
  readonly fromAffine: FunctionHandle;
  /** (out, a): affine coordinates; zeros for infinity. */
  readonly toAffine: FunctionHandle;
};

/** @param threeB - 3b of the curve y² = x³ + b. */
function defineGroup(
  module: PairingModule,
  name: string,
  field: FieldFunctions,
  threeB: readonly bigint[],
): Group {
  const size = field.sizeBytes;
  const y = (point: Address): Address => offset(point, size);
  const z = (point: Address): Address => offset(point, 2 * size);
  const b3 = constantOf(module, threeB);
  const zero = module.constant(new Uint8Array(size));
  const add = (out: Address, a: Address, b: Address): Code => call(field.add, out, a, b);
  const sub = (out: Address, a: Address, b: Address): Code => call(field.sub, out, a, b);
  const mul = (out: Address, a: Address, b: Address): Code => call(field.mul, out, a, b);

  const sum = define(module, `${name}Add`, 3, (out, p, q) => {
    const [xx, yy, zz, xy, yz, xz, other] = room(module, 7, size) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    /** target = p_i·q_j + p_j·q_i, given p_i·q_i and p_j·q_j */
    const cross = (target: number, i: number, j: number, first: number, second: number): Code => [
      add(target, offset(p, i * size), offset(p, j * size)),
      add(other, offset(q, i * size), offset(q, j * size)),
      mul(target, target, other),
      sub(target, target, first),
      sub(target, target, second),
    ];
    return [
      mul(xx, p, q),
      mul(yy, y(p), y(q)),
      mul(zz, z(p), z(q)),
      cross(xy, 0, 1, xx, yy),
      cross(yz, 1, 2, yy, zz),
      cross(xz, 0, 2, xx, zz),
      // xx = 3·x1x2, zz = 3b·z1z2, xz = 3b·(x1z2 + x2z1)
      add(other, xx, xx),
      add(xx, xx, other),
      mul(zz, zz, b3),
      mul(xz, xz, b3),
      // other = y1y2 + zz, yy = y1y2 − zz
      add(other, yy, zz),
      sub(yy, yy, zz),
      // x = xy·yy − yz·xz, y = yy·other + xx·xz, z = other·yz + xx·xy
      mul(zz, yz, xz),
      mul(out, xy, yy),
      sub(out, out, zz),
      mul(yy, yy, other),
      mul(xz, xx, xz),
      add(y(out), yy, xz),
      mul(other, other, yz),
      mul(xx, xx, xy),
      add(z(out), other, xx),
    ];
  });
  return {
    pointBytes: 3 * size,
    add: sum,
    setInfinity: define(module, `${name}SetInfinity`, 1, (out) => [
      copy(out, zero, size),
      copy(y(out), field.one, size),
      copy(z(out), zero, size),
    ]),
    fromAffine: define(module, `${name}FromAffine`, 2, (out, a) => [
      copy(out, a, 2 * size),
      copy(z(out), field.one, size),
    ]),
    // Zero has the inverse zero here, so that infinity becomes zeros.
    toAffine: define(module, `${name}ToAffine`, 2, (out, a) => {
      const inverse = module.reserve(size);
      return [call(field.invert, inverse, z(a)), mul(out, a, inverse), mul(y(out), y(a), inverse)];
    }),
  };
}

/**
 * Adds to a module:
 *
 *     g1Table(out, p)                   multiples 0 … 15 of an affine point, projective
 *     g1Sum(out, tables, scalars, n)    Σ scalar_i·P_i, affine, zeros for infinity; scalars below 2^256, 32 bytes each, little endian
 */
export function defineG1(module: PairingModule, { fq }: TwistField): void {
  const group = defineGroup(module, 'g1', fq, [9n]);
  const point = group.pointBytes;
  module.define('g1Table', 2, undefined, (body) => {
    const [out, p] = body.params;
    const next = body.i32();
    return [
      call(group.setInfinity, out),
      call(group.fromAffine, offset(out, point), p),
      countUp(next, offset(out, 2 * point), offset(out, TABLE_POINTS * point), point, [
        call(group.add, next, i32.sub(next, point), offset(out, point)),
      ]),
    ];
  });
  module.define('g1Sum', 4, undefined, (body) => {
    const [out, tables, scalars, count] = body.params;
    const [window, i, digit] = [body.i32(), body.i32(), body.i32()];
    const sum = module.reserve(point);
    // Window k, four bits, stands in word ⌊k/8⌋ of a scalar. The highest of the 64 comes first.
    const place = i32.sub(63, window);
    const word = i32.load(
      i32.add(i32.add(scalars, i32.mul(i, SCALAR_BYTES)), i32.shl(i32.shrU(place, 3), 2)),
    );
    return [
      call(group.setInfinity, sum),
      countUp(window, 0, 64, 1, [
        [0, 1, 2, 3].map(() => call(group.add, sum, sum, sum)),
        countUp(i, 0, count, 1, [
          digit.set(i32.and(i32.shrU(word, i32.shl(i32.and(place, 7), 2)), 15)),
          when(
            digit,
            call(
              group.add,
              sum,
              sum,
              i32.add(tables, i32.add(i32.mul(i, TABLE_BYTES), i32.mul(digit, point))),
            ),
          ),
        ]),
      ]),
      call(group.toAffine, out, sum),
    ];
  });
}

/**
 * Adds to a module:
 *
 *     g2Multiply(out, p, scalar)    scalar·p, affine in and out, zeros for infinity; the scalar as in g1Sum
 *     g2IsMember(p) → 1 or 0        whether an affine point of the twist is in the subgroup of order r
 *
 * Membership: ψ, the Frobenius endomorphism carried to the twist, is multiplication by q = 6x² on the subgroup, and p is in it exactly where
 * ψ(p) = [6x²]p (Scott, eprint 2021/1130; El Housni, Guillevic, Piellard, eprint 2022/352). Indeed ψ² − tψ + q = 0 with t = 6x² + 1, so the norm of
 * ψ − 6x², which the order of every such p divides, is 36x⁴ − 6x²·t + q = q − 6x² = r.
 */
export function defineG2(
  module: PairingModule,
  twist: TwistField,
): { readonly endomorphism: FunctionHandle } {
  const { fq2 } = twist;
  const group = defineGroup(
    module,
    'g2',
    fq2,
    TWIST_B.map((value) => 3n * value),
  );
  const point = group.pointBytes;
  const y = (address: Address): Address => offset(address, FQ2_BYTES);

  // (out, p, scalar, bits): projective; the scalar is below 2^bits
  const multiply = module.define('g2MultiplyProjective', 4, undefined, (body) => {
    const [out, p, scalar, bits] = body.params;
    const place = body.i32(bits);
    const base = module.reserve(point);
    const word = i32.load(i32.add(scalar, i32.shl(i32.shrU(place, 5), 2)));
    return [
      call(group.fromAffine, base, p),
      call(group.setInfinity, out),
      doWhile(
        [
          place.set(i32.sub(place, 1)),
          call(group.add, out, out, out),
          when(i32.and(i32.shrU(word, i32.and(place, 31)), 1), call(group.add, out, out, base)),
        ],
        i32.ne(place, 0),
      ),
    ];
  });
  define(module, 'g2Multiply', 3, (out, p, scalar) => {
    const product = module.reserve(point);
    return [call(multiply, product, p, scalar, 256), call(group.toAffine, out, product)];
  });
  const endomorphism = define(module, 'g2Endomorphism', 2, (out, p) => [
    call(twist.conjugate, out, p),
    call(fq2.mul, out, out, twist.frobeniusFactor(2)),
    call(twist.conjugate, y(out), y(p)),
    call(fq2.mul, y(out), y(out), twist.frobeniusFactor(3)),
  ]);
  const eigenvalue = module.constant(encodeWords(6n * BN254_X ** 2n));
  module.define('g2IsMember', 1, 'i32', (body) => {
    const [p] = body.params;
    const [multiple, image] = [module.reserve(point), module.reserve(2 * FQ2_BYTES)];
    const z = multiple + 2 * FQ2_BYTES;
    return [
      call(multiply, multiple, p, eigenvalue, 127),
      call(endomorphism, image, p),
      // X = x·Z and Y = y·Z; infinity, (0, 1, 0), is equal to no affine point.
      [0, FQ2_BYTES].map((at) => [
        call(fq2.mul, image + at, image + at, z),
        call(fq2.sub, image + at, image + at, multiple + at),
      ]),
      isZeroElement(2 * FQ2_BYTES, i32.add(image, 0)).code,
    ];
  });
  return { endomorphism };
}
