/**
 * Generates the arithmetic of a prime field of at most 254 bits: Montgomery form, R = 2^256, four 64-bit words.
 *
 * Multiplication cuts the factors into nine limbs of 29 bits, so that a column of the product, eighteen products of 58 bits,
 * fits in 64 bits without carries: only additions and multiplications remain, and the prime's limbs are immediates.
 * Eight reduction steps of 29 bits and one of 24 make 256 (Montgomery 1985, operand scanning with delayed carries).
 *
 * Every function takes addresses and allows its result to be one of its inputs. Values are canonical, below the prime.
 */
import {
  type Body,
  type Code,
  call,
  callI32,
  countUp,
  type FunctionHandle,
  i32,
  i64,
  type Local,
  leave,
  type ModuleBuilder,
  type Operand,
  select,
  type Value,
  when,
} from './assembler.js';

/** Functions of a coordinate field, base or extension. */
export type FieldFunctions = {
  readonly sizeBytes: number;
  /** (out, a, b) */
  readonly add: FunctionHandle;
  readonly sub: FunctionHandle;
  readonly mul: FunctionHandle;
  /** (out, a) */
  readonly neg: FunctionHandle;
  readonly square: FunctionHandle;
  readonly copy: FunctionHandle;
  /** (out, a); zero gives zero. */
  readonly invert: FunctionHandle;
  /** (a) → 1 or 0 */
  readonly isZero: FunctionHandle;
  /** Address of the constant one. */
  readonly one: number;
};

/** A prime field: also conversions to and from Montgomery form. */
export type PrimeFieldFunctions = FieldFunctions & {
  readonly prime: bigint;
  /** (out, a) */
  readonly toMontgomery: FunctionHandle;
  readonly fromMontgomery: FunctionHandle;
};

const LIMB_BITS = 29;
const LIMBS = 9;
const LIMB_MASK = (1n << 29n) - 1n;
/** Bits that the last reduction step clears: 256 − 8·29. */
const LAST_BITS = 24;
const WORDS = [0, 1, 2, 3];

/** 32 bytes, little endian. */
export function encodeWords(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

const limbOf = (value: bigint, i: number): bigint => (value >> BigInt(LIMB_BITS * i)) & LIMB_MASK;
const wordOf = (value: bigint, i: number): bigint => BigInt.asIntN(64, value >> BigInt(64 * i));
const localsOf = (body: Body, count: number): Local<'i64'>[] =>
  Array.from({ length: count }, () => body.i64());
const at = <T>(list: readonly T[], i: number): T => list[i] as T;

/** Reads four words at an address and cuts them into limbs; `words` are overwritten. */
function loadLimbs(
  address: Value<'i32'>,
  words: readonly Local<'i64'>[],
  limbs: readonly Local<'i64'>[],
): Code {
  return [
    WORDS.map((i) => at(words, i).set(i64.load(address, 8 * i))),
    limbs.map((limb, i) => {
      const word = Math.floor((LIMB_BITS * i) / 64);
      const shift = (LIMB_BITS * i) % 64;
      const low = i64.shrU(at(words, word), shift);
      const crosses = shift + LIMB_BITS > 64 && word < 3;
      const bits = crosses ? i64.or(low, i64.shl(at(words, word + 1), 64 - shift)) : low;
      return limb.set(i64.and(bits, LIMB_MASK));
    }),
  ];
}

/** Propagates carries through nine columns and packs their value, divided by 2^24, into four words. */
function packColumns(columns: readonly Local<'i64'>[], words: readonly Local<'i64'>[]): Code {
  const carries = columns
    .slice(1)
    .map((column, i) => [
      column.set(i64.add(column, i64.shrU(at(columns, i), LIMB_BITS))),
      i === 0 ? [] : at(columns, i).set(i64.and(at(columns, i), LIMB_MASK)),
    ]);
  const first = at(columns, 0);
  const pieces: Value<'i64'>[] = [i64.shrU(i64.and(first, LIMB_MASK), LAST_BITS)];
  const packed: Code[] = [];
  for (let i = 1, word = 0; i < LIMBS; i++) {
    const position = LIMB_BITS * i - LAST_BITS - 64 * word;
    if (position < 64) pieces.push(i64.shl(at(columns, i), position));
    const end = position + LIMB_BITS;
    if (end >= 64 || i === LIMBS - 1) {
      packed.push(at(words, word).set(pieces.reduce((sum, piece) => i64.or(sum, piece))));
      pieces.length = 0;
      pieces.push(i64.shrU(at(columns, i), 64 - position));
      word++;
    }
  }
  return [carries, packed];
}

/** words −= prime where words ≥ prime, then stores them. */
function storeReduced(
  prime: bigint,
  out: Value<'i32'>,
  words: readonly Local<'i64'>[],
  reduced: readonly Local<'i64'>[],
  borrow: Local<'i64'>,
): Code {
  return [
    subtractWords(
      words,
      WORDS.map((i) => wordOf(prime, i)),
      reduced,
      borrow,
    ),
    WORDS.map((i) => i64.store(out, select(at(words, i), at(reduced, i), i32.wrap(borrow)), 8 * i)),
  ];
}

/** result = a − b modulo 2^256, borrow = 1 where a < b. */
function subtractWords(
  a: readonly Operand<'i64'>[],
  b: readonly Operand<'i64'>[],
  result: readonly Local<'i64'>[],
  borrow: Local<'i64'>,
): Code {
  return WORDS.map((i) => {
    const [x, y, r] = [at(a, i), at(b, i), at(result, i)];
    if (i === 0) return [r.set(i64.sub(x, y)), borrow.set(i64.extendU(i64.ltU(x, y)))];
    // x − y borrows when x < y; taking the old borrow borrows when x − y is 0.
    const difference = i64.sub(x, y);
    return [
      r.set(i64.sub(difference, borrow)),
      borrow.set(i64.extendU(i32.or(i64.ltU(x, y), i64.ltU(difference, borrow)))),
    ];
  });
}

/** result = a + b modulo 2^256. */
function addWords(
  a: readonly Operand<'i64'>[],
  b: readonly Operand<'i64'>[],
  result: readonly Local<'i64'>[],
  carry: Local<'i64'>,
): Code {
  return WORDS.map((i) => {
    const [x, y, r] = [at(a, i), at(b, i), at(result, i)];
    if (i === 0) return [r.set(i64.add(x, y)), carry.set(i64.extendU(i64.ltU(r, y)))];
    const next = i64.extendU(i32.or(i64.ltU(r, carry), i64.ltU(i64.sub(r, carry), y)));
    return [r.set(i64.add(i64.add(x, y), carry)), i === 3 ? [] : carry.set(next)];
  });
}

/** One reduction step per limb: makes the lowest column divisible by 2^bits, drops it and renames the others. */
function reduceStep(
  columns: Local<'i64'>[],
  factor: Local<'i64'>,
  prime: bigint,
  negInverse: bigint,
  isLast: boolean,
): Code {
  const bits = isLast ? LAST_BITS : LIMB_BITS;
  const code: Code[] = [
    factor.set(i64.and(i64.mul(at(columns, 0), limbOf(negInverse, 0)), (1n << BigInt(bits)) - 1n)),
    columns
      .slice(0, LIMBS)
      .map((column, j) => column.set(i64.add(column, i64.mul(factor, limbOf(prime, j))))),
  ];
  if (isLast) return code;
  const lowest = columns.shift() as Local<'i64'>;
  return [code, at(columns, 0).set(i64.add(at(columns, 0), i64.shrU(lowest, LIMB_BITS)))];
}

/**
 * Adds the functions of one prime field to a module.
 *
 * @param name - Prefix of the exported names: `fr` gives `frMul`.
 * @param prime - Odd, at most 254 bits.
 */
export function definePrimeField(module: ModuleBuilder, name: string, prime: bigint): PrimeFieldFunctions {
  const inverseOf = (value: bigint, modulus: bigint): bigint => {
    let x = 1n;
    for (let i = 0; i < 8; i++) x = (x * (2n - value * x)) % modulus;
    return ((x % modulus) + modulus) % modulus;
  };
  const limbModulus = 1n << BigInt(LIMB_BITS);
  const negInverse = limbModulus - inverseOf(prime, limbModulus);
  const one = module.constant(encodeWords((1n << 256n) % prime));
  const squaredRadix = module.constant(encodeWords((1n << 512n) % prime));
  const plainOne = module.constant(encodeWords(1n));
  const zero = module.constant(new Uint8Array(32));
  const exponent = module.constant(
    Uint8Array.from({ length: 64 }, (_, i) => Number(((prime - 2n) >> BigInt(252 - 4 * i)) & 15n)),
  );

  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const words = localsOf(body, 4);
    const x = localsOf(body, LIMBS);
    const y = localsOf(body, LIMBS);
    const factor = body.i64();
    const pool = localsOf(body, LIMBS);
    const columns = [...pool];
    const rows = x.map((limb, i) => {
      const products = y.map((other, j) => {
        const column = at(columns, j);
        const isFresh = i === 0 || j === LIMBS - 1;
        const product = i64.mul(limb, other);
        return column.set(isFresh ? product : i64.add(column, product));
      });
      const lowest = at(columns, 0);
      const step = reduceStep(columns, factor, prime, negInverse, i === LIMBS - 1);
      if (i < LIMBS - 1) columns.push(lowest);
      return [products, step];
    });
    return [
      loadLimbs(a, words, x),
      loadLimbs(b, words, y),
      rows,
      packColumns(columns, words),
      storeReduced(prime, out, words, x, factor),
    ];
  });

  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const words = localsOf(body, 4);
    const x = localsOf(body, LIMBS);
    const doubled = localsOf(body, LIMBS);
    const factor = body.i64();
    const columns = localsOf(body, 2 * LIMBS - 1);
    const sums = columns.map((column, k) => {
      const terms: Value<'i64'>[] = [];
      for (let i = Math.max(0, k - LIMBS + 1); 2 * i <= k; i++) {
        terms.push(2 * i === k ? i64.mul(at(x, i), at(x, i)) : i64.mul(at(x, i), at(doubled, k - i)));
      }
      return column.set(terms.reduce((sum, term) => i64.add(sum, term)));
    });
    const steps = x.map((_, i) => reduceStep(columns, factor, prime, negInverse, i === LIMBS - 1));
    return [
      loadLimbs(a, words, x),
      doubled.map((limb, i) => limb.set(i64.shl(at(x, i), 1))),
      sums,
      steps,
      packColumns(columns, words),
      storeReduced(prime, out, words, x, factor),
    ];
  });

  const loadWords = (address: Value<'i32'>, words: readonly Local<'i64'>[]): Code =>
    WORDS.map((i) => at(words, i).set(i64.load(address, 8 * i)));

  const add = module.define(`${name}Add`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [x, y, sum, reduced] = [localsOf(body, 4), localsOf(body, 4), localsOf(body, 4), localsOf(body, 4)];
    const carry = body.i64();
    return [
      loadWords(a, x),
      loadWords(b, y),
      addWords(x, y, sum, carry),
      storeReduced(prime, out, sum, reduced, carry),
    ];
  });

  const sub = module.define(`${name}Sub`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [x, y, difference] = [localsOf(body, 4), localsOf(body, 4), localsOf(body, 4)];
    const [borrow, mask] = [body.i64(), body.i64()];
    return [
      loadWords(a, x),
      loadWords(b, y),
      subtractWords(x, y, difference, borrow),
      mask.set(i64.sub(0, borrow)),
      WORDS.map((i) => at(y, i).set(i64.and(wordOf(prime, i), mask))),
      addWords(difference, y, x, borrow),
      WORDS.map((i) => i64.store(out, at(x, i), 8 * i)),
    ];
  });

  const neg = module.define(`${name}Neg`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return call(sub, out, zero, a);
  });

  const copy = module.define(`${name}Copy`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return WORDS.map((i) => i64.store(out, i64.load(a, 8 * i), 8 * i));
  });

  const isZero = module.define(`${name}IsZero`, 1, 'i32', (body) => {
    const [a] = body.params as [Local<'i32'>];
    return leave(i64.eqz(WORDS.map((i) => i64.load(a, 8 * i)).reduce((all, word) => i64.or(all, word))));
  });

  const toMontgomery = module.define(`${name}ToMontgomery`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return call(mul, out, a, squaredRadix);
  });
  const fromMontgomery = module.define(`${name}FromMontgomery`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    return call(mul, out, a, plainOne);
  });

  // Fermat: a^(p−2), four bits of the exponent at a time.
  const invert = module.define(`${name}Invert`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const table = body.scratch(16 * 32);
    const sum = body.scratch(32);
    const [i, nibble] = [body.i32(), body.i32()];
    const entry = (index: Value<'i32'>): Value<'i32'> => i32.add(table, i32.shl(index, 5));
    return [
      call(copy, table, one),
      countUp(i, 1, 16, 1, call(mul, entry(i), entry(i32.sub(i, 1)), a)),
      call(copy, sum, one),
      countUp(i, 0, 64, 1, [
        [0, 0, 0, 0].map(() => call(square, sum, sum)),
        nibble.set(i32.and(i32.load(i32.add(i, exponent)), 15)),
        when(nibble, call(mul, sum, sum, entry(nibble))),
      ]),
      call(copy, out, sum),
    ];
  });

  return {
    prime,
    sizeBytes: 32,
    add,
    sub,
    mul,
    neg,
    square,
    copy,
    invert,
    isZero,
    one,
    toMontgomery,
    fromMontgomery,
  };
}

/** Fq2 = Fq[u]/(u² + 1): c0 ‖ c1, three multiplications for a product (Karatsuba), two for a square. */
export function defineQuadraticExtension(
  module: ModuleBuilder,
  name: string,
  base: PrimeFieldFunctions,
): FieldFunctions {
  const size = base.sizeBytes;
  const high = (address: Value<'i32'>): Value<'i32'> => i32.add(address, size);
  const one = module.constant(
    new Uint8Array([...encodeWords((1n << 256n) % base.prime), ...new Uint8Array(size)]),
  );

  const both = (label: string, handle: FunctionHandle, inputs: 1 | 2): FunctionHandle =>
    module.define(`${name}${label}`, 1 + inputs, undefined, (body) => [
      call(handle, ...body.params),
      call(handle, ...body.params.map(high)),
    ]);
  const add = both('Add', base.add, 2);
  const sub = both('Sub', base.sub, 2);
  const neg = both('Neg', base.neg, 1);
  const copy = both('Copy', base.copy, 1);

  const mul = module.define(`${name}Mul`, 3, undefined, (body) => {
    const [out, a, b] = body.params as [Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [low, top, sumA, sumB] = [
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
      body.scratch(size),
    ];
    return [
      call(base.mul, low, a, b),
      call(base.mul, top, high(a), high(b)),
      call(base.add, sumA, a, high(a)),
      call(base.add, sumB, b, high(b)),
      call(base.mul, sumA, sumA, sumB),
      call(base.sub, sumA, sumA, low),
      call(base.sub, high(out), sumA, top),
      call(base.sub, out, low, top),
    ];
  });

  const square = module.define(`${name}Square`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const [sum, difference] = [body.scratch(size), body.scratch(size)];
    return [
      call(base.add, sum, a, high(a)),
      call(base.sub, difference, a, high(a)),
      call(base.mul, high(out), a, high(a)),
      call(base.add, high(out), high(out), high(out)),
      call(base.mul, out, sum, difference),
    ];
  });

  const invert = module.define(`${name}Invert`, 2, undefined, (body) => {
    const [out, a] = body.params as [Local<'i32'>, Local<'i32'>];
    const [norm, other] = [body.scratch(size), body.scratch(size)];
    return [
      call(base.square, norm, a),
      call(base.square, other, high(a)),
      call(base.add, norm, norm, other),
      call(base.invert, norm, norm),
      call(base.mul, out, a, norm),
      call(base.neg, norm, norm),
      call(base.mul, high(out), high(a), norm),
    ];
  });

  const isZero = module.define(`${name}IsZero`, 1, 'i32', (body) => {
    const [a] = body.params as [Local<'i32'>];
    return leave(i32.and(callI32(base.isZero, a), callI32(base.isZero, high(a))));
  });

  return { sizeBytes: 2 * size, add, sub, mul, neg, square, copy, invert, isZero, one };
}
