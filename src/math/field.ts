/**
 * Prime fields in plain bigint arithmetic: the reference that reads like the formulas.
 *
 * Slow on purpose and never optimised: it derives constants and is the oracle of every faster implementation.
 * Elements are canonical bigints in [0, p).
 */

/** Arithmetic of the integers modulo a prime. All operands must be canonical unless a line says otherwise. */
export type Field = {
  readonly p: bigint;
  /** Canonical representative of any integer, negative ones too. */
  readonly mod: (a: bigint) => bigint;
  readonly add: (a: bigint, b: bigint) => bigint;
  readonly sub: (a: bigint, b: bigint) => bigint;
  readonly neg: (a: bigint) => bigint;
  readonly mul: (a: bigint, b: bigint) => bigint;
  readonly pow: (a: bigint, e: bigint) => bigint;
  /** Inverse of a non-zero element; throws a RangeError for zero. */
  readonly inv: (a: bigint) => bigint;
  /** A square root, or undefined where there is none. */
  readonly sqrt: (a: bigint) => bigint | undefined;
};

/** Prime of BN254's base field: coordinates of G1 and G2. */
export const BN254_Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
/** Order of BN254's groups: scalars, circuit wires. */
export const BN254_R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/**
 * Builds the field of `p` elements.
 *
 * @param p - An odd prime; not checked.
 * @returns Its arithmetic.
 */
export function createField(p: bigint): Field {
  const mod = (a: bigint): bigint => {
    const m = a % p;
    return m < 0n ? m + p : m;
  };
  const mul = (a: bigint, b: bigint): bigint => (a * b) % p;
  const pow = (a: bigint, e: bigint): bigint => {
    let result = 1n;
    for (let base = a, k = e; k > 0n; k >>= 1n) {
      if (k & 1n) result = mul(result, base);
      base = mul(base, base);
    }
    return result;
  };
  const inv = (a: bigint): bigint => {
    if (mod(a) === 0n) throw new RangeError('zero has no inverse');
    let [r0, r1, t0, t1] = [p, mod(a), 0n, 1n];
    while (r1 !== 0n) {
      const quotient = r0 / r1;
      [r0, r1] = [r1, r0 - quotient * r1];
      [t0, t1] = [t1, t0 - quotient * t1];
    }
    return mod(t0);
  };
  return {
    p,
    mod,
    add: (a, b) => mod(a + b),
    sub: (a, b) => mod(a - b),
    neg: (a) => mod(-a),
    mul,
    pow,
    inv,
    sqrt: (a) => sqrtTonelliShanks(p, mul, pow, a),
  };
}

function sqrtTonelliShanks(
  p: bigint,
  mul: (a: bigint, b: bigint) => bigint,
  pow: (a: bigint, e: bigint) => bigint,
  a: bigint,
): bigint | undefined {
  if (a === 0n) return 0n;
  const half = (p - 1n) / 2n;
  if (pow(a, half) !== 1n) return undefined;
  let odd = p - 1n;
  let twos = 0;
  while ((odd & 1n) === 0n) {
    odd >>= 1n;
    twos++;
  }
  let nonResidue = 2n;
  while (pow(nonResidue, half) === 1n) nonResidue++;
  let generator = pow(nonResidue, odd);
  let root = pow(a, (odd + 1n) / 2n);
  let error = pow(a, odd);
  while (error !== 1n) {
    let order = 0;
    for (let e = error; e !== 1n; e = mul(e, e)) order++;
    let step = generator;
    for (let i = 0; i < twos - order - 1; i++) step = mul(step, step);
    root = mul(root, step);
    generator = mul(step, step);
    error = mul(error, generator);
    twos = order;
  }
  return root;
}

/** BN254's base field. */
export const Fq = createField(BN254_Q);
/** BN254's scalar field: the field of circuit wires. */
export const Fr = createField(BN254_R);
