/** The arithmetic that witness programs get, beside the compiler's own and a short reference. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R as r } from '../../src/math/field.js';
import { withFastArithmetic } from '../../src/witness/arithmetic/index.js';
import { loadWitnessProgram, type WitnessProgram } from '../../src/witness/program.js';
import { compileCircuit } from '../support/circuit.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';

const HALF = (r - 1n) / 2n;
const MASK = (1n << 254n) - 1n;
const mod = (x: bigint): bigint => ((x % r) + r) % r;
/** From −(r − 1)/2 to (r − 1)/2, as comparisons see it. */
const signed = (x: bigint): bigint => (x > HALF ? x - r : x);
const bits = (x: bigint): bigint => (x & MASK) % r;
const truth = (x: boolean): bigint => (x ? 1n : 0n);
function power(x: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let i = 253n; i >= 0n; i--) result = (result * result * ((exponent >> i) & 1n ? x : 1n)) % r;
  return result;
}
function shift(x: bigint, count: bigint): bigint {
  if (count >= 254n || count <= -254n) return 0n;
  return count >= 0n ? bits(x << count) : x >> -count;
}

/** What Circom's operators mean (its reference, "Basic Operators"); undefined where the divisor is zero. */
const OPERATORS: readonly (readonly [source: string, (a: bigint, b: bigint) => bigint | undefined])[] = [
  ['a + b', (a, b) => mod(a + b)],
  ['a - b', (a, b) => mod(a - b)],
  ['a * b', (a, b) => mod(a * b)],
  ['-a', (a) => mod(-a)],
  ['a == b ? 5 : 7', (a, b) => (a === b ? 5n : 7n)],
  ['a == b', (a, b) => truth(a === b)],
  ['a != b', (a, b) => truth(a !== b)],
  ['a < b', (a, b) => truth(signed(a) < signed(b))],
  ['a <= b', (a, b) => truth(signed(a) <= signed(b))],
  ['a > b', (a, b) => truth(signed(a) > signed(b))],
  ['a >= b', (a, b) => truth(signed(a) >= signed(b))],
  ['a & b', (a, b) => bits(a & b)],
  ['a | b', (a, b) => bits(a | b)],
  ['a ^ b', (a, b) => bits(a ^ b)],
  ['~a', (a) => bits(MASK ^ a)],
  ['a << b', (a, b) => shift(a, signed(b))],
  ['a >> b', (a, b) => shift(a, -signed(b))],
  ['a && b', (a, b) => truth(a !== 0n && b !== 0n)],
  ['a || b', (a, b) => truth(a !== 0n || b !== 0n)],
  ['!a', (a) => truth(a === 0n)],
  ['a ** (b & 1023)', (a, b) => power(a, b & 1023n)],
  ['a / b', (a, b) => mod(a * power(b, r - 2n))],
  ['a \\ (b + z)', (a, b) => (b === 0n ? a : a / b)],
  ['a % (b + z)', (a, b) => (b === 0n ? 0n : a % b)],
];
/** Ways to get a value in each form that programs keep numbers in: as it came, in Montgomery form, as a result of long numbers. */
const FORMS = ['x', '(x + m) - m', '(x + long) - long', '(x * 1) * one'];

const forms = (name: string): string => FORMS.map((form) => form.replaceAll('x', name)).join(', ');
/** Pairs of operands that one run takes. */
const PAIRS = 16;
const RESULTS = OPERATORS.length * FORMS.length ** 2;
const source = `pragma circom 2.2.0;
template Operators() {
    signal input x[${PAIRS}];
    signal input y[${PAIRS}];
    signal input big;
    signal input unit;
    signal output results[${PAIRS * RESULTS}];
    signal output again[${PAIRS * 2 * FORMS.length}];
    var m = big * big;
    var long = big;
    var one = unit * m / m;
    var at = 0;
    var back = 0;
    for (var k = 0; k < ${PAIRS}; k++) {
        var as[${FORMS.length}] = [${forms('x[k]')}];
        var bs[${FORMS.length}] = [${forms('y[k]')}];
        for (var i = 0; i < ${FORMS.length}; i++) {
            for (var j = 0; j < ${FORMS.length}; j++) {
                var a; var b; var z;
${OPERATORS.map(([operator]) => `                a = as[i]; b = bs[j]; z = b == 0 ? 1 : 0; results[at] <-- ${operator}; at++;`).join('\n')}
            }
        }
        // Operands change their form in operations, never their value.
        for (var i = 0; i < ${FORMS.length}; i++) {
            again[back] <-- as[i];
            again[back + 1] <-- bs[i];
            back += 2;
        }
    }
}
component main = Operators();`;

let fast: WitnessProgram;
let slow: WitnessProgram;
let wasm: Buffer;
beforeAll(async () => {
  wasm = readFileSync((await compileCircuit(source)).wasmPath);
  fast = await loadWitnessProgram(wasm);
  slow = await loadWitnessProgram(wasm, 'slow', { fastArithmetic: false });
});

type Pair = readonly [a: bigint, b: bigint];

/** All outputs of one run. */
function run(program: WitnessProgram, pairs: readonly Pair[]): bigint[] {
  const filled = Array.from({ length: PAIRS }, (_, i) => pairs[i] ?? [0n, 0n]);
  const wires = program.compute({
    x: filled.map(([a]) => a),
    y: filled.map(([, b]) => b),
    big: r - (1n << 200n) - 12345n,
    unit: 1n,
  });
  const outputs = PAIRS * (RESULTS + 2 * FORMS.length);
  return Array.from({ length: outputs }, (_, i) =>
    BigInt(`0x${Buffer.from(wires.subarray(32 * (i + 1), 32 * (i + 2)).toReversed()).toString('hex')}`),
  );
}

/** Compares all operators on all forms of up to 16 pairs. */
function compare(pairs: readonly Pair[]): void {
  const [got, expected] = [run(fast, pairs), run(slow, pairs)];
  for (const [k, [a, b]] of pairs.entries())
    for (const [o, [operator, reference]] of OPERATORS.entries()) {
      const right = reference(a, b);
      for (let form = 0; form < FORMS.length ** 2; form++) {
        const index = k * RESULTS + form * OPERATORS.length + o;
        if (got[index] !== right || expected[index] !== right)
          expect({ operator, a, b, form, fast: got[index], slow: expected[index] }).toEqual(right);
      }
    }
  for (const side of [got, expected])
    expect(side.slice(PAIRS * RESULTS, PAIRS * RESULTS + 2 * FORMS.length * pairs.length)).toEqual(
      pairs.flatMap((pair) => FORMS.flatMap(() => pair)),
    );
}

const inGroups = (pairs: readonly Pair[]): Pair[][] =>
  Array.from({ length: Math.ceil(pairs.length / PAIRS) }, (_, i) => pairs.slice(i * PAIRS, (i + 1) * PAIRS));

/** Where forms, words and signs change. */
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  30n,
  31n,
  32n,
  63n,
  64n,
  65n,
  127n,
  128n,
  192n,
  253n,
  254n,
  255n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
  1n << 64n,
  (1n << 126n) - 1n,
  1n << 126n,
  (1n << 128n) - 1n,
  1n << 128n,
  (1n << 192n) - 1n,
  1n << 253n,
  HALF - 1n,
  HALF,
  HALF + 1n,
  HALF + 2n,
  r - 254n,
  r - 253n,
  r - (1n << 31n) - 1n,
  r - (1n << 31n),
  r - (1n << 31n) + 1n,
  r - 31n,
  r - 2n,
  r - 1n,
  MASK - r,
  r - (1n << 64n),
  (1n << 256n) % r,
] as const;

describe('arithmetic of witness programs', () => {
  it('behavior: the exchange happens, and leaves what it does not know alone', () => {
    const pages = (declared: number): number => declared;
    const changed = withFastArithmetic(wasm, pages);
    expect(changed).toBeDefined();
    expect(WebAssembly.validate(changed!)).toBe(true);
    expect(changed!.length).toBeGreaterThan(wasm.length);
    expect(withFastArithmetic(new Uint8Array(0), pages)).toBeUndefined();
    expect(withFastArithmetic(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), pages)).toBeUndefined();
    for (let length = 8; length < wasm.length; length += 997)
      expect(withFastArithmetic(wasm.subarray(0, length), pages)).toBeUndefined();
    // Another name of one function, another type of one.
    const renamed = Buffer.from(wasm);
    renamed.write('Fr_nul', renamed.indexOf('\x06Fr_mul') + 1, 'latin1');
    expect(WebAssembly.validate(renamed)).toBe(true);
    expect(withFastArithmetic(renamed, pages)).toBeUndefined();
    const swapped = Buffer.from(wasm);
    swapped.write('Fr_geq', swapped.indexOf('\x06Fr_neg') + 1, 'latin1');
    swapped.write('Fr_neg', swapped.lastIndexOf('\x06Fr_geq') + 1, 'latin1');
    expect(WebAssembly.validate(swapped)).toBe(true);
    expect(withFastArithmetic(swapped, pages)).toBeUndefined();
  });

  it('default: all operators on the edges of forms, words and signs, as the compiler and the reference have them', () => {
    for (const a of EDGES) for (const group of inGroups(EDGES.map((b): Pair => [a, b]))) compare(group);
  });

  it('default: all operators on random numbers of all sizes', () => {
    const random = seededBytes(0xa51);
    const number = (): bigint => {
      const size = seededInteger(random, 255n);
      const magnitude = seededInteger(random, 1n << size) % r;
      return seededInteger(random, 4n) === 0n ? mod(-magnitude) : magnitude;
    };
    const pairs = Array.from({ length: runs(320, 20_000) }, (): Pair => [number(), number()]);
    for (const group of inGroups(pairs)) compare(group);
  });

  it('error: division by zero stops a program, with either arithmetic', async () => {
    const { wasmPath } = await compileCircuit(`pragma circom 2.2.0;
template Divides() {
    signal input a;
    signal input b;
    signal output q;
    signal output m;
    q <-- a \\ b;
    m <-- a % b;
}
component main = Divides();`);
    const bytes = readFileSync(wasmPath);
    for (const fastArithmetic of [true, false]) {
      const program = await loadWitnessProgram(bytes, 'divides', { fastArithmetic });
      expect(() => program.compute({ a: 7n, b: 0n })).toThrow();
      expect(program.compute({ a: 7n, b: 2n })[32]).toBe(3);
    }
  });
});
