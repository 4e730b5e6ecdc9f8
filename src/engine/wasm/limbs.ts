/**
 * Code for multi-word numbers below 2^256: limbs of 29 bits for products, words of 64 bits for sums and memory.
 *
 * A factor is cut into nine limbs, so that a column, at most 27 products of 58 bits (two products and a
 * reduction), fits in 64 bits without carries: only additions and multiplications remain, and the prime's limbs are immediates.
 * Eight reduction steps of 29 bits and one of 24 make 256 (Montgomery 1985, with delayed carries); seven need no product for their factor.
 */
import { type Code, i32, i64, type Local, type Locals, type Operand, type Value } from './assembler.js';

export const LIMB_BITS = 29;
export const LIMBS = 9;
const LIMB_MASK = (1n << 29n) - 1n;
/** Bits that the last reduction step clears: 256 − 8·29. */
const LAST_BITS = 24;
export const WORDS = [0, 1, 2, 3];

/** 32 bytes, little endian. */
export function encodeWords(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** Limb i of a number. */
export const limbOf = (value: bigint, i: number): bigint => (value >> BigInt(LIMB_BITS * i)) & LIMB_MASK;
/** Word i of a number, as a signed constant. */
export const wordOf = (value: bigint, i: number): bigint => BigInt.asIntN(64, value >> BigInt(64 * i));
/** So many fresh 64-bit locals. */
export const localsOf = (body: Locals, count: number): Local<'i64'>[] =>
  Array.from({ length: count }, () => body.i64());
/** list[i], which must exist. */
export const at = <T>(list: readonly T[], i: number): T => list[i] as T;

/** Reads four words. */
export function loadWords(address: Value<'i32'>, words: readonly Local<'i64'>[]): Code {
  return WORDS.map((i) => at(words, i).set(i64.load(address, 8 * i)));
}

/** Writes four words. */
export function storeWords(address: Value<'i32'>, words: readonly Value<'i64'>[]): Code {
  return WORDS.map((i) => i64.store(address, at(words, i), 8 * i));
}

/** Copies an element of any field. */
export function copyElement(sizeBytes: number, out: Value<'i32'>, a: Operand<'i32'>): Code {
  return Array.from({ length: sizeBytes / 8 }, (_, i) => i64.store(out, i64.load(a, 8 * i), 8 * i));
}

/** 1 where all bytes of an element are zero. */
export function isZeroElement(sizeBytes: number, a: Value<'i32'>): Value<'i32'> {
  const words = Array.from({ length: sizeBytes / 8 }, (_, i) => i64.load(a, 8 * i));
  return i64.eqz(words.reduce((all, word) => i64.or(all, word)));
}

/** Cuts four words into nine limbs. */
export function splitWords(words: readonly Local<'i64'>[], limbs: readonly Local<'i64'>[]): Code {
  return limbs.map((limb, i) => {
    const word = Math.floor((LIMB_BITS * i) / 64);
    const shift = (LIMB_BITS * i) % 64;
    const low = i64.shrU(at(words, word), shift);
    const crosses = shift + LIMB_BITS > 64 && word < 3;
    const bits = crosses ? i64.or(low, i64.shl(at(words, word + 1), 64 - shift)) : low;
    return limb.set(i64.and(bits, LIMB_MASK));
  });
}

/** Reads four words at an address and cuts them into limbs; `words` are overwritten. */
export function loadLimbs(
  address: Value<'i32'>,
  words: readonly Local<'i64'>[],
  limbs: readonly Local<'i64'>[],
): Code {
  return [loadWords(address, words), splitWords(words, limbs)];
}

/** Propagates carries through nine columns and packs their value, divided by 2^24, into four words. */
export function packColumns(columns: readonly Local<'i64'>[], words: readonly Local<'i64'>[]): Code {
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

/** result = words, less `bound` where they are not below it. */
export function reduceWords(
  bound: bigint,
  words: readonly Local<'i64'>[],
  spare: readonly Local<'i64'>[],
  borrow: Local<'i64'>,
  result: readonly Local<'i64'>[],
): Code {
  return [
    subtractWords(
      words,
      WORDS.map((i) => wordOf(bound, i)),
      spare,
      borrow,
    ),
    // A mask, not a select: that becomes a branch which nothing can predict.
    borrow.set(i64.sub(0, borrow)),
    WORDS.map((i) => {
      const difference = i64.xor(at(words, i), at(spare, i));
      return at(result, i).set(i64.xor(at(spare, i), i64.and(difference, borrow)));
    }),
  ];
}

/** Stores words, less `bound` where they are not below it. */
export function storeReduced(
  bound: bigint,
  out: Value<'i32'>,
  words: readonly Local<'i64'>[],
  spare: readonly Local<'i64'>[],
  borrow: Local<'i64'>,
): Code {
  return [reduceWords(bound, words, spare, borrow, words), storeWords(out, words)];
}

/** result = a + constant modulo 2^256. */
export function addConstant(
  a: readonly Local<'i64'>[],
  constant: bigint,
  result: readonly Local<'i64'>[],
  carry: Local<'i64'>,
): Code {
  return addWords(
    a,
    WORDS.map((i) => wordOf(constant, i)),
    result,
    carry,
  );
}

/** result = a − b modulo 2^256, borrow = 1 where a < b. */
export function subtractWords(
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
export function addWords(
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

/**
 * What Montgomery reduction needs of a prime. With k·prime = 2^29·folded − 1, a step that adds m·k·prime needs no product to
 * find m: it is the lowest column's low 29 bits, which cancel; what is left is the carry and m·folded one column up. k is
 * large, so that the last two steps must add multiples of the prime itself.
 */
export type Modulus = {
  readonly prime: bigint;
  /** −1/prime modulo 2^29. */
  readonly negInverse: bigint;
  /** (k·prime + 1)/2^29, below the prime. */
  readonly folded: bigint;
};

/** @param prime - Odd, at most 254 bits. */
export function createModulus(prime: bigint): Modulus {
  const modulus = 1n << BigInt(LIMB_BITS);
  // Newton's iteration doubles the correct bits; one bit is correct at the start.
  let inverse = 1n;
  for (let bits = 1; bits < LIMB_BITS; bits *= 2)
    inverse = BigInt.asUintN(LIMB_BITS, inverse * (2n - prime * inverse));
  const negInverse = modulus - inverse;
  return { prime, negInverse, folded: (negInverse * prime + 1n) / modulus };
}

/** A product x·y in limbs. */
export type Term = { readonly x: readonly Local<'i64'>[]; readonly y: readonly Local<'i64'>[] };

/**
 * The Montgomery reduction of a sum of one or two products of numbers below 2^256, row by row: only nine columns live
 * at a time. The result is below sum/2^256 + prime·(1 + 2^-24).
 *
 * @param pool - Nine locals for columns.
 * @returns Code, and the nine columns that then hold the result times 2^24.
 */
export function multiplyLimbs(
  terms: readonly Term[],
  pool: readonly Local<'i64'>[],
  factor: Local<'i64'>,
  modulus: Modulus,
): { readonly code: Code; readonly columns: readonly Local<'i64'>[] } {
  const columns = [...pool];
  const code = pool.map((_, i) => {
    const products = pool.map((__, j) => {
      const column = at(columns, j);
      const isFresh = i === 0 || (j === LIMBS - 1 && i > FOLDED_STEPS);
      const parts = terms.map(({ x, y }) => i64.mul(at(x, i), at(y, j)));
      return column.set([...(isFresh ? [] : [column]), ...parts].reduce((sum, part) => i64.add(sum, part)));
    });
    const lowest = at(columns, 0);
    if (i < FOLDED_STEPS) {
      // The lowest column's local takes the new highest one.
      columns.push(lowest);
      return [products, foldStep(columns, factor, modulus, true)];
    }
    const step = reduceStep(columns, factor, modulus, i === LIMBS - 1);
    if (i < LIMBS - 1) columns.push(lowest);
    return [products, step];
  });
  return { code, columns };
}

/** All reduction steps of seventeen columns; the list is left with the nine that hold the result times 2^24. */
export function reduceColumns(columns: Local<'i64'>[], factor: Local<'i64'>, modulus: Modulus): Code {
  return Array.from({ length: LIMBS }, (_, i) =>
    i < FOLDED_STEPS
      ? foldStep(columns, factor, modulus, false)
      : reduceStep(columns, factor, modulus, i === LIMBS - 1),
  );
}

/** Steps that may add multiples of k·prime: the next two make up for what these leave too large, see {@link foldStep}. */
const FOLDED_STEPS = LIMBS - 2;

/**
 * A reduction step without a product to find its factor, see {@link Modulus}. Step i adds less than 2^{29(i+1)}·k·prime, after
 * seven of them less than 2^{29·7 + 29}·prime in all: divided by 2^256 that is below prime/2^24.
 *
 * @param isReused - Whether the highest of the columns is the lowest one's local, whose value is then lost.
 */
function foldStep(
  columns: Local<'i64'>[],
  factor: Local<'i64'>,
  { folded }: Modulus,
  isReused: boolean,
): Code {
  const lowest = columns.shift() as Local<'i64'>;
  return [
    factor.set(i64.and(lowest, LIMB_MASK)),
    at(columns, 0).set(i64.add(at(columns, 0), i64.shrU(lowest, LIMB_BITS))),
    columns.slice(0, LIMBS).map((column, j) => {
      const product = i64.mul(factor, limbOf(folded, j));
      return column.set(isReused && j === LIMBS - 1 ? product : i64.add(column, product));
    }),
  ];
}

/** One reduction step: makes the lowest column divisible by 2^bits, drops it and renames the others. */
function reduceStep(
  columns: Local<'i64'>[],
  factor: Local<'i64'>,
  { prime, negInverse }: Modulus,
  isLast: boolean,
): Code {
  const bits = isLast ? LAST_BITS : LIMB_BITS;
  const code: Code[] = [
    factor.set(i64.and(i64.mul(at(columns, 0), negInverse), (1n << BigInt(bits)) - 1n)),
    columns
      .slice(0, LIMBS)
      .map((column, j) => column.set(i64.add(column, i64.mul(factor, limbOf(prime, j))))),
  ];
  if (isLast) return code;
  const lowest = columns.shift() as Local<'i64'>;
  return [code, at(columns, 0).set(i64.add(at(columns, 0), i64.shrU(lowest, LIMB_BITS)))];
}
