/**
 * Derives every secp256k1 constant that the circuits use and writes circuits/lib/curve/Secp256k1Constants.circom.
 *
 *   node scripts/secp256k1-constants.mjs          writes the file
 *   node scripts/secp256k1-constants.mjs --check  exits with 1 if the committed file differs
 *
 * The inputs are the curve (SEC 2, section 2.4.1: p = 2^256 - 2^32 - 977, y² = x³ + 7, order n, generator G) and the order r
 * of BN254. All else is computed here: roots of unity and of 2^32 + 977 modulo r, the endomorphism (λ, β), a short basis of
 * its lattice, odd multiples of G, and the offset point, whose discrete logarithm nobody knows.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const KAPPA = (1n << 32n) + 977n;
const P = (1n << 256n) - KAPPA;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = {
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
};

const OFFSET_LABEL = 'zkfinality/secp256k1/offset/v1';
const OFFSET_DOUBLINGS = 128;
const LIMBS = 4;
const LIMB_BITS = 64n;

const mod = (a, m) => ((a % m) + m) % m;

function power(base, exponent, m) {
  let result = 1n;
  for (let b = mod(base, m), e = exponent; e > 0n; e >>= 1n, b = (b * b) % m)
    if (e & 1n) result = (result * b) % m;
  return result;
}

const inverse = (a, m) => power(a, m - 2n, m);

/** A root of order 2^k modulo r; 5 generates the multiplicative group. */
const rootOfUnity = (order) => power(5n, (R - 1n) / order, R);

/** Square root modulo r by Tonelli and Shanks; undefined for a non-residue. */
function squareRoot(a) {
  if (power(a, (R - 1n) / 2n, R) !== 1n) return undefined;
  let odd = R - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  let c = power(5n, odd, R);
  let t = power(a, odd, R);
  let root = power(a, (odd + 1n) / 2n, R);
  for (let m = twos; t !== 1n; ) {
    let i = 0;
    for (let s = t; s !== 1n; s = (s * s) % R) i++;
    const b = power(c, 1n << BigInt(m - i - 1), R);
    m = i;
    c = (b * b) % R;
    t = (t * c) % R;
    root = (root * b) % R;
  }
  return root;
}

/** A fourth root of κ modulo r: one of ±√κ is a square. */
function fourthRootOfKappa() {
  const s = squareRoot(KAPPA);
  return squareRoot(s) ?? squareRoot(R - s);
}

function add(a, b) {
  const slope =
    a.x === b.x ? 3n * a.x * a.x * inverse(2n * a.y, P) : (b.y - a.y) * inverse(mod(b.x - a.x, P), P);
  const x = mod(slope * slope - a.x - b.x, P);
  return { x, y: mod(slope * (a.x - x) - a.y, P) };
}

function multiply(point, scalar) {
  let result;
  for (let s = scalar, q = point; s > 0n; s >>= 1n, q = add(q, q))
    if (s & 1n) result = result ? add(result, q) : q;
  return result;
}

/** The endomorphism (x, y) ↦ (βx, y) = λ·(x, y) and a reduced basis of {(k₁, k₂) : k₁ + λk₂ ≡ 0 mod n}. */
function endomorphism() {
  const cubeRoot = (m) => {
    for (let g = 2n; ; g++) {
      const root = power(g, (m - 1n) / 3n, m);
      if (root !== 1n) return root;
    }
  };
  const lambda = cubeRoot(N);
  const candidates = [cubeRoot(P), power(cubeRoot(P), 2n, P)];
  const image = multiply(G, lambda);
  const beta = candidates.find((b) => (b * G.x) % P === image.x);
  // Extended Euclid on (n, λ): remainders s·n + t·λ, so (remainder, -t) lies in the lattice (Guide to ECC, algorithm 3.74).
  const steps = [
    { rest: N, t: 0n },
    { rest: lambda, t: 1n },
  ];
  while (steps.at(-1).rest !== 0n) {
    const [a, b] = steps.slice(-2);
    const q = a.rest / b.rest;
    steps.push({ rest: a.rest - q * b.rest, t: a.t - q * b.t });
  }
  const first = steps.findIndex(({ rest }) => rest * rest < N);
  const vector = ({ rest, t }) => [rest, -t];
  const norm = ([a, b]) => a * a + b * b;
  const v1 = vector(steps[first]);
  const [before, after] = [vector(steps[first - 1]), vector(steps[first + 1])];
  const v2 = norm(before) < norm(after) ? before : after;
  // The hint makes both halves odd by adding one vector of parities (1, 1) and one of (0, 1).
  const parity = ([a, b]) => `${mod(a, 2n)}${mod(b, 2n)}`;
  const vectors = [v1, v2, [v1[0] + v2[0], v1[1] + v2[1]]];
  const bothOdd = vectors.find((v) => parity(v) === '11');
  const secondOdd = vectors.find((v) => parity(v) === '01');
  return { lambda, beta, v1, v2, determinant: v1[0] * v2[1] - v2[0] * v1[1], bothOdd, secondOdd };
}

/** First point of the curve whose x is SHA-256(label ‖ counter byte), with even y. */
function offsetPoint() {
  for (let counter = 0; ; counter++) {
    const digest = createHash('sha256').update(OFFSET_LABEL).update(Uint8Array.of(counter)).digest('hex');
    const x = BigInt(`0x${digest}`);
    const square = mod(x * x * x + 7n, P);
    const y = power(square, (P + 1n) / 4n, P);
    if (x < P && (y * y) % P === square) return { x, y: y % 2n === 0n ? y : P - y };
  }
}

const limbs = (value, count = LIMBS) =>
  Array.from({ length: count }, (_, i) => (value >> (LIMB_BITS * BigInt(i))) & ((1n << LIMB_BITS) - 1n));
const list = (values) => `[${values.join(', ')}]`;
const table = (rows) => `[\n        ${rows.map((row) => list(row)).join(',\n        ')}\n    ]`;
const roundedQuotient = (a, b) => (2n * a + b) / (2n * b);

function render() {
  const { lambda, beta, v1, v2, determinant, bothOdd, secondOdd } = endomorphism();
  if (determinant * determinant !== N * N) throw new Error('the basis does not generate the lattice');
  const odd = Array.from({ length: 8 }, (_, m) => multiply(G, BigInt(2 * m + 1)));
  const offset = offsetPoint();
  const final = multiply(offset, 1n << BigInt(OFFSET_DOUBLINGS));
  // k = (k₁, k₂) = (a, 0) - c₁v₁ - c₂v₂ with c₁ = round(v2[1]·a / det), c₂ = round(-v1[1]·a / det), by multiplication and shift.
  const sign = determinant > 0n ? 1n : -1n;
  const factors = [sign * v2[1], -sign * v1[1]];
  if (factors.some((f) => f < 0n)) throw new Error('the hint expects non-negative rounding factors');
  const scaled = factors.map((f) => roundedQuotient(f << 320n, N));
  const indices = [0n, 1n, 2n, 3n];
  const fold = indices.map((i) =>
    indices.map((j) => power(fourthRootOfKappa() * power(rootOfUnity(4n), i, R), j, R)),
  );
  const unity = Array.from({ length: 8 }, (_, k) => power(rootOfUnity(8n), BigInt(k), R));
  const functions = [
    ['kappa', '2^256 - p = 2^32 + 977', KAPPA],
    ['foldPoints', 'ρ_i^j for the four fourth roots ρ_i of κ modulo r', table(fold)],
    ['foldInverses', '1/(4·ρ_i^j) modulo r', table(fold.map((row) => row.map((v) => inverse(4n * v, R))))],
    ['orderPoints', 'ω^k modulo r, ω a primitive eighth root of unity', list(unity)],
    ['orderInverses', '1/(8·ω^k) modulo r', list(unity.map((v) => inverse(8n * v, R)))],
    ['primeInField', 'p modulo r', P % R],
    ['inversePrime', '1/p modulo r', inverse(P, R)],
    ['inverseOrder', '1/n modulo r', inverse(N, R)],
    ['inverseLimbBase', '2^-64 modulo r', inverse(1n << LIMB_BITS, R)],
    ['prime', 'limbs of p', list(limbs(P))],
    ['order', 'limbs of n', list(limbs(N))],
    ['primeComplement', 'limbs of 2^256 - p', list(limbs(KAPPA, 3))],
    ['orderComplement', 'limbs of 2^256 - n', list(limbs((1n << 256n) - N, 3))],
    ['inverseOfTwoTo512ModP', 'limbs of 2^-512 mod p', list(limbs(inverse(power(2n, 512n, P), P)))],
    ['inverseOfTwoTo512ModN', 'limbs of 2^-512 mod n', list(limbs(inverse(power(2n, 512n, N), N)))],
    ['lambda', 'limbs of λ: λ·(x, y) = (βx, y)', list(limbs(lambda))],
    ['beta', 'limbs of β', list(limbs(beta))],
    ['latticeFactor1', 'limbs of round(2^320·c₁ / n), see glvDigits', list(limbs(scaled[0]))],
    ['latticeFactor2', 'limbs of round(2^320·c₂ / n)', list(limbs(scaled[1]))],
    [
      'lattice',
      'v₁, v₂, one vector with parities (odd, odd), one with (even, odd); first and second halves',
      table([v1, v2, bothOdd, secondOdd]),
    ],
    ['generatorX', 'limbs of the x of (2m + 1)·G', table(odd.map(({ x }) => limbs(x)))],
    ['generatorBetaX', 'limbs of the x of λ·(2m + 1)·G', table(odd.map(({ x }) => limbs((beta * x) % P)))],
    ['generatorY', 'limbs of the y of (2m + 1)·G', table(odd.map(({ y }) => limbs(y)))],
    [
      'offsetX',
      `limbs of the x of the offset point O = first curve point from SHA-256("${OFFSET_LABEL}" ‖ counter)`,
      list(limbs(offset.x)),
    ],
    ['offsetY', 'limbs of the y of O', list(limbs(offset.y))],
    ['finalOffsetX', `limbs of the x of 2^${OFFSET_DOUBLINGS}·O`, list(limbs(final.x))],
    ['finalOffsetY', `limbs of the y of 2^${OFFSET_DOUBLINGS}·O`, list(limbs(final.y))],
  ];
  const body = functions
    .map(
      ([name, meaning, value]) =>
        `/// ${meaning}\nfunction secp256k1${name[0].toUpperCase()}${name.slice(1)}() {\n    return ${value};\n}\n`,
    )
    .join('\n');
  return `pragma circom 2.2.0;\n\n/// @title Constants of secp256k1\n/// @notice Generated by scripts/secp256k1-constants.mjs, which derives each of them; a test compares. Limbs are 64 bits, least first.\n\n${body}`;
}

export const secp256k1Constants = render;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../circuits/lib/curve/Secp256k1Constants.circom', import.meta.url));
  if (process.argv.includes('--check')) {
    if (readFileSync(path, 'utf8') !== render()) {
      console.error(`${path} differs from what the curve gives. Run node scripts/secp256k1-constants.mjs.`);
      process.exitCode = 1;
    }
  } else writeFileSync(path, render());
}
