/**
 * The prover: Groth16 in one or two rounds, the same steps for both.
 *
 *     two-round only   D = Σ_F w_i·K_i + κ·[δ₂]₁,   x = hash(key, public inputs, D),   the second-round wires for x
 *     A = α + Σ w_i·[u_i]₁ + r·[δ]₁
 *     B = β + Σ w_i·[v_i]₂ + s·[δ]₂     (B₁ the same in G1)
 *     C = Σ_S w_i·L_i + Σ h_i·H_i + s·A + r·B₁ − r·s·[δ]₁ − κ·[δ₁]₁
 *
 * δ is δ₂ of a two-round key. h_i are the values of (A·B − C) at the odd points of the doubled domain. Sums and
 * transforms run on the engine; what is left here is a handful of points. Groth, eprint 2016/260; MIRAGE, eprint 2020/278.
 */
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ELEMENT_BYTES, hex, readElement } from '../formats/bytes.js';
import type { R1cs } from '../formats/r1cs.js';
import type { Symbols } from '../formats/symbols.js';
import { privateCount } from '../formats/zkey.js';
import { Fr } from '../math/field.js';
import { UsageError } from '../statement/errors.js';
import { domainTag } from '../statement/hash.js';
import { challenge } from '../statement/transcript.js';
import type { G1, Groth16Proof } from '../statement/types.js';
import { compareRuns } from './partition.js';
import {
  fromNobleG1,
  fromNobleG2,
  type NobleG1,
  type NobleG2,
  nobleFromG1Bytes,
  nobleFromG2Bytes,
  toNobleG1,
  toNobleG2,
} from './points.js';
import type { ProvingKey } from './proving-key.js';
import { type BufferScope, type OnStage, orCancelled, throwIfCancelled, withBuffers } from './task.js';
import { assertSatisfied, assertWitness } from './witness.js';

/**
 * Where the prover gets the witness: all wires, canonical, 32 bytes each. A two-round key asks first with
 * {@link PLACEHOLDER_CHALLENGE} for the wires that do not depend on the challenge, and again with the challenge unless
 * {@link ProveOptions.secondRound} computes the others; a plain key asks once, with 0.
 */
export type WitnessSource = (challenge: bigint) => Uint8Array | Promise<Uint8Array>;

export type ProveOptions = {
  readonly key: ProvingKey;
  /** A witness, for plain keys, or its source. */
  readonly witness: Uint8Array | WitnessSource;
  /**
   * Computes the second-round wires of a two-round circuit, so that the witness is asked for once only. Called while the first
   * run is under way. Undefined: ask again.
   */
  readonly secondRound?: () => AnySecondRound | Promise<AnySecondRound>;
  /** The circuit, to check every row of the witness before proving; about a second for a million terms. */
  readonly circuit?: { readonly r1cs: R1cs; readonly symbols?: Symbols };
  /** Blinding bytes; default: the system's secure source. Whoever knows them can test guesses of the witness. */
  readonly random?: (count: number) => Uint8Array;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

/** As `SecondRound` of second-round.ts, in this thread or another; undefined where there is no order. */
export type AnySecondRound =
  | { readonly solve: (witness: Uint8Array, x: bigint) => Uint8Array | Promise<Uint8Array> }
  | undefined;

/** Milliseconds for each stage, in the order they ran; `total` last. */
export type Timings = { readonly [stage: string]: number };

export type ProveResult = {
  readonly proof: Groth16Proof;
  /** Public inputs before the challenge. */
  readonly publicInputs: readonly bigint[];
  /** The challenge of a two-round proof. Verifiers recompute it. */
  readonly challenge?: bigint;
  readonly timings: Timings;
};

/** The challenge of the first witness run: any value serves, this one collides with no honest wire. */
export const PLACEHOLDER_CHALLENGE: bigint = domainTag('placeholder-challenge/v1') % Fr.p;

const TASK = 'prove';

/**
 * Proves.
 *
 * The key does not hold the circuit, so without `circuit` the witness is not checked against it: a wrong one gives a proof
 * that verifies nowhere. With the same randomness the proof is the same for every engine and number of threads.
 *
 * @returns A proof with everything a verifier needs beside the key.
 * @throws {UsageError} `WITNESS_SIZE`, `WITNESS_NOT_CANONICAL`, `WITNESS_CONSTANT`; `WITNESS_NOT_REPEATABLE` if the source gives other first-round
 *   wires or public inputs when asked again, or does not put the challenge on its wire; `WITNESS_SOURCE` for a fixed witness with a
 *   two-round key; `WITNESS_UNSATISFIED` naming the first failing row, with `circuit` or `secondRound`; `CANCELLED`; what the source throws.
 */
export async function prove(options: ProveOptions): Promise<ProveResult> {
  const { key, signal } = options;
  const { engine } = key;
  try {
    return await withBuffers(engine, (scope) => proveWith(scope, options));
  } catch (error) {
    throw orCancelled(error, signal, TASK);
  }
}

async function proveWith(scope: BufferScope, options: ProveOptions): Promise<ProveResult> {
  const { key, random = randomBytes } = options;
  const { engine, partition } = key;
  const clock = createClock(options);
  const scalars = scope.alloc(key.wires * ELEMENT_BYTES);
  const blinding: Blinding = {
    r: randomScalar(random),
    s: randomScalar(random),
    kappa: randomScalar(random),
  };

  const { witness, publicInputs, round } = await obtainWitness(scope, options, clock, blinding.kappa);
  const { circuit } = options;
  if (circuit !== undefined)
    await clock.run('check', async () => assertSatisfied(circuit.r1cs, witness, circuit.symbols));
  const tables = await clock.run('rest of key', () => key.loaded);

  const domain = 2 ** key.domainLog;
  const domainBytes = domain * ELEMENT_BYTES;
  const privateBytes = privateCount(key.header) * ELEMENT_BYTES;
  const a = scope.alloc(domainBytes + privateBytes);
  const [b, c] = [scope.alloc(domainBytes), scope.alloc(domainBytes)];
  await clock.run('rows', async () => {
    engine.bytes(scalars, 0, witness.length).set(witness);
    await engine.applyRows(tables.coefficients, tables.coefficientCount, scalars, a, b, c, key.domainLog);
  });
  await clock.run('quotient', () => engine.quotient(a, b, c, key.domainLog));
  scope.free(b);
  scope.free(c);
  const sumC = await clock.run('sum C', async () => {
    copyPrivate(key, witness, engine.bytes(a, domainBytes, privateBytes), partition?.second);
    return nobleFromG1Bytes(await engine.msmG1(tables.c, a, domain + privateCount(key.header)));
  });
  scope.free(a);

  // The threads sum while this one computes what needs no more of their sums.
  const [sumA, fixed] = await clock.run('sum A', async () => {
    const running = engine.msmG1(tables.a, scalars, key.wires);
    running.catch(() => undefined);
    await nextTurn();
    const fixed = fixedParts(key, blinding);
    return [nobleFromG1Bytes(await running), fixed] as const;
  });
  const [sumsB, early] = await clock.run('sum B2', async () => {
    const running = engine.msmG1G2(tables.b1, tables.b2, scalars, key.wires);
    running.catch(() => undefined);
    await nextTurn();
    const early = withSumA(fixed, sumA, sumC, blinding);
    return [await running, early] as const;
  });
  clock.split('sum B2', sumsB.g2Ms, 'sum B1');

  const proof = await clock.run('assemble', async () =>
    assemble(key.system, early, nobleFromG1Bytes(sumsB.g1), nobleFromG2Bytes(sumsB.g2), blinding, round?.d),
  );
  return {
    proof,
    publicInputs,
    ...(round === undefined ? {} : { challenge: round.x }),
    timings: clock.finish(),
  };
}

type Blinding = { readonly r: bigint; readonly s: bigint; readonly kappa: bigint };

/** What blinding adds to A, B and C, and the constant terms of A and B. */
type FixedParts = {
  /** α + r·δ */
  readonly a: NobleG1;
  /** β + s·δ in G1 */
  readonly b1: NobleG1;
  /** β + s·δ in G2 */
  readonly b2: NobleG2;
  /** −r·s·δ − κ·δ₁ */
  readonly c: NobleG1;
};

function fixedParts({ header }: ProvingKey, { r, s, kappa }: Blinding): FixedParts {
  const delta = toNobleG1(header.deltaG1);
  const c = times(delta, Fr.mul(r, s)).negate();
  const { firstRound } = header;
  return {
    a: toNobleG1(header.alpha1).add(times(delta, r)),
    b1: toNobleG1(header.beta1).add(times(delta, s)),
    b2: toNobleG2(header.beta2).add(timesG2(toNobleG2(header.deltaG2), s)),
    c: firstRound === undefined ? c : c.subtract(times(toNobleG1(firstRound.deltaG1), kappa)),
  };
}

/** A, and C up to r·B₁. */
function withSumA(fixed: FixedParts, sumA: NobleG1, sumC: NobleG1, { s }: Blinding): FixedParts {
  const a = fixed.a.add(sumA);
  return { ...fixed, a, c: fixed.c.add(sumC).add(times(a, s)) };
}

/** A, B and C as at the top of this file. */
function assemble(
  system: ProvingKey['system'],
  { a, b1, b2, c }: FixedParts,
  sumB1: NobleG1,
  sumB2: NobleG2,
  { r }: Blinding,
  d: G1 | undefined,
): Groth16Proof {
  const common = {
    system,
    a: fromNobleG1(a),
    b: fromNobleG2(b2.add(sumB2)),
    c: fromNobleG1(c.add(times(b1.add(sumB1), r))),
  };
  return d === undefined ? common : { ...common, d };
}

type Round = { readonly d: G1; readonly x: bigint };

/** Runs the witness program; with a two-round key commits the first round and runs it again with the challenge. */
async function obtainWitness(
  scope: BufferScope,
  { key, witness: source, secondRound, signal }: ProveOptions,
  clock: Clock,
  kappa: bigint,
): Promise<{
  readonly witness: Uint8Array;
  readonly publicInputs: readonly bigint[];
  readonly round?: Round;
}> {
  const { engine, partition } = key;
  const ask = async (x: bigint): Promise<Uint8Array> => {
    const witness = typeof source === 'function' ? await source(x) : source;
    throwIfCancelled(signal, TASK);
    assertWitness(witness, key.wires);
    return witness;
  };
  const inputs = (witness: Uint8Array, count: number): bigint[] =>
    Array.from({ length: count }, (_, i) => readElement(witness, (i + 1) * ELEMENT_BYTES));
  if (partition === undefined) {
    const witness = await clock.run('witness', () => besideLoading(key, ask(0n)));
    return { witness, publicInputs: inputs(witness, key.publicCount) };
  }
  if (typeof source !== 'function') {
    throw new UsageError(
      'WITNESS_SOURCE',
      `${key.name}: a two-round key needs the witness as a function of the challenge, got fixed bytes. Give the witness program.`,
    );
  }
  const [start, solver] = await clock.run('witness', () => {
    const running = ask(PLACEHOLDER_CHALLENGE);
    const preparing = Promise.resolve().then(() => secondRound?.());
    return besideLoading(key, Promise.all([running, preparing]));
  });
  const publicInputs = inputs(start, key.publicCount - 1);
  const tables = await clock.run('rest of key', () => key.loaded);
  const d = await clock.run('commit', async () => {
    const count = privateCount(key.header);
    const scalars = scope.alloc(count * ELEMENT_BYTES);
    copyPrivate(key, start, engine.bytes(scalars, 0, count * ELEMENT_BYTES), partition.first);
    const sum = await engine.msmG1(tables.c, scalars, count, { pointOffset: 2 ** key.domainLog });
    scope.free(scalars);
    return fromNobleG1(nobleFromG1Bytes(sum).add(times(toNobleG1(key.header.deltaG1), kappa)));
  });
  const x = challenge(key.verificationKeyHash, publicInputs, d);
  if (solver !== undefined) {
    const witness = await clock.run('second round', async () => solver.solve(start, x));
    return { witness, publicInputs, round: { d, x } };
  }
  const witness = await clock.run('witness again', async () => {
    // The first run's bytes may be the program's own memory.
    const before = start.slice();
    const after = await ask(x);
    assertRepeatable(key, before, after, x);
    return after;
  });
  return { witness, publicInputs, round: { d, x } };
}

function assertRepeatable(key: ProvingKey, before: Uint8Array, after: Uint8Array, x: bigint): void {
  const found = readElement(after, key.publicCount * ELEMENT_BYTES);
  if (found !== x) {
    throw new UsageError(
      'WITNESS_NOT_REPEATABLE',
      `witness: expected the challenge ${x} on wire ${key.publicCount}, got ${found}. Pass the challenge to the input x.`,
    );
  }
  try {
    compareRuns(key.partition!, before, after);
  } catch (cause) {
    throw new UsageError(
      'WITNESS_NOT_REPEATABLE',
      `witness: the second run differs from the first outside the second round. ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Waits for the witness; rejects as soon as the key turns out to be bad. */
async function besideLoading<T>(key: ProvingKey, running: Promise<T>): Promise<T> {
  // Should the key be bad, nobody waits for this promise.
  running.catch(() => undefined);
  const bad = new Promise<never>((_, reject) => key.loaded.catch(reject));
  return Promise.race([running, bad]);
}

/** The values of the private wires side by side: all, or those of some wires and 0 for the others. */
function copyPrivate(
  { publicCount }: ProvingKey,
  witness: Uint8Array,
  target: Uint8Array,
  wires: Uint32Array | undefined,
): void {
  const first = publicCount + 1;
  if (wires === undefined) {
    target.set(witness.subarray(first * ELEMENT_BYTES));
    return;
  }
  target.fill(0);
  // Both rounds come in long runs of neighbours.
  for (let i = 0, begin = 0; i < wires.length; begin = i) {
    const wire = wires[begin]!;
    while (i < wires.length && wires[i]! - wire === i - begin) i++;
    const run = witness.subarray(wire * ELEMENT_BYTES, (wire + i - begin) * ELEMENT_BYTES);
    target.set(run, (wire - first) * ELEMENT_BYTES);
  }
}

/** scalar·point; the library's multiplication by a secret does not take 0. */
function times(point: NobleG1, scalar: bigint): NobleG1 {
  return scalar === 0n ? point.subtract(point) : point.multiply(scalar);
}

function timesG2(point: NobleG2, scalar: bigint): NobleG2 {
  return scalar === 0n ? point.subtract(point) : point.multiply(scalar);
}

/** Bytes for a scalar: 128 bits more than r has, so that the bias is below 2^-128. */
const SCALAR_RANDOM_BYTES = 48;

function randomScalar(random: (count: number) => Uint8Array): bigint {
  const bytes = random(SCALAR_RANDOM_BYTES);
  if (bytes.length !== SCALAR_RANDOM_BYTES) {
    throw new UsageError(
      'RANDOM_SIZE',
      `random: expected ${SCALAR_RANDOM_BYTES} bytes, got ${bytes.length}. Return as many bytes as asked for.`,
    );
  }
  return Fr.mod(BigInt(`0x${hex(bytes)}`));
}

type Clock = {
  run<T>(stage: string, body: () => Promise<T>): Promise<T>;
  /** Gives the time of a stage beyond its first `ms` to another. */
  split(stage: string, ms: number, to: string): void;
  finish(): Timings;
};

/** Parts of the whole that stages take, roughly; only for the bar that people watch. */
const STAGE_WEIGHTS: { readonly [stage: string]: number } = {
  witness: 10,
  commit: 8,
  'witness again': 10,
  'second round': 2,
  'rest of key': 1,
  rows: 3,
  quotient: 12,
  'sum C': 26,
  'sum A': 8,
  'sum B2': 16,
  'sum B1': 7,
  assemble: 1,
};

function createClock({ key, secondRound, onProgress, signal }: ProveOptions): Clock {
  const timings: { [stage: string]: number } = {};
  const start = performance.now();
  const skipped =
    key.system === 'groth16'
      ? ['commit', 'witness again', 'second round']
      : [secondRound === undefined ? 'second round' : 'witness again'];
  const total = Object.entries(STAGE_WEIGHTS).reduce(
    (sum, [stage, weight]) => sum + (skipped.includes(stage) ? 0 : weight),
    0,
  );
  let done = 0;
  return {
    async run(stage, body) {
      throwIfCancelled(signal, TASK);
      onProgress?.({ stage, done: done / total });
      const before = performance.now();
      const result = await body();
      timings[stage] = (timings[stage] ?? 0) + performance.now() - before;
      done += STAGE_WEIGHTS[stage] ?? 0;
      return result;
    },
    split(stage, ms, to) {
      const whole = timings[stage] ?? 0;
      timings[stage] = Math.min(whole, ms);
      timings[to] = whole - timings[stage];
      done += STAGE_WEIGHTS[to] ?? 0;
    },
    finish() {
      onProgress?.({ stage: 'done', done: 1 });
      return { ...timings, total: performance.now() - start };
    },
  };
}
