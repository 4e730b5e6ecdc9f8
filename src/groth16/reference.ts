/**
 * Groth16 over BN254, plain and two-round, as the formulas say: the oracle of the fast prover.
 *
 * Everything is bigint and @noble/curves; a circuit of a hundred rows is large here. Secrets are arguments, so tests can
 * replay a setup, build broken ones, and play a cheating prover. Nothing here is used when a user proves.
 *
 * Notation, as in Groth (eprint 2016/260) and MIRAGE (eprint 2020/278): u_i, v_i, w_i are the constraint polynomials
 * of wire i at τ; Q_i = β·u_i + α·v_i + w_i; n is the domain size, t(X) = X^n − 1, ω a primitive n-th root of unity.
 * Wires are ordered 1 | public inputs (the challenge last, if there is one) | private ones; a private wire belongs to
 * the first round F (committed before the challenge) or to the second round S. A plain circuit has no F and no challenge.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { rootOfUnity } from '../math/bn254.js';
import { Fr } from '../math/field.js';
import type { G1, Groth16Proof, VerificationKey } from '../statement/types.js';
import type { SetupSecrets } from './development-secrets.js';
import { domainLog } from './domain.js';
import { fromNobleG1, fromNobleG2, type NobleG1, type NobleG2, toNobleG1, toNobleG2 } from './points.js';

export type { SetupSecrets };

/** Coefficients by wire; absent wires have coefficient 0. */
export type LinearCombination = ReadonlyMap<number, bigint>;
/** ⟨a, w⟩ · ⟨b, w⟩ = ⟨c, w⟩ */
export type Row = {
  readonly a: LinearCombination;
  readonly b: LinearCombination;
  readonly c: LinearCombination;
};

export type ReferenceCircuit = {
  readonly wireCount: number;
  /** Public inputs without the constant wire, with the challenge. */
  readonly publicCount: number;
  readonly rows: readonly Row[];
  /** Private wires of the first round. Absent: a plain circuit. Present: the last public input is the challenge. */
  readonly firstRound?: ReadonlySet<number>;
};

/** u_i, v_i, w_i at τ for every wire, with the rows that bind public inputs (one row w_i · 0 = 0 for each). */
export type ConstraintPolynomials = {
  readonly u: readonly bigint[];
  readonly v: readonly bigint[];
  readonly w: readonly bigint[];
};

export type ReferenceKey = {
  readonly circuit: ReferenceCircuit;
  readonly verification: VerificationKey;
  readonly logDomain: number;
  readonly alpha1: NobleG1;
  readonly beta1: NobleG1;
  readonly beta2: NobleG2;
  /** [δ₁]₁; infinity in a plain key. */
  readonly delta1: NobleG1;
  /** [δ₂]₁ and [δ₂]₂; δ of a plain key. */
  readonly delta2G1: NobleG1;
  readonly delta2G2: NobleG2;
  /** [u_i]₁, [v_i]₁, [v_i]₂ for every wire. */
  readonly a: readonly NobleG1[];
  readonly b1: readonly NobleG1[];
  readonly b2: readonly NobleG2[];
  /** [Q_i/δ₁]₁ for wires of F, [Q_i/δ₂]₁ for wires of S, in the order of private wires. */
  readonly privateBasis: readonly NobleG1[];
  /** [L_i(τ)/δ₂]₁, L_i the Lagrange polynomial of the 2n-domain at its odd point ω₂ₙ^(2i+1), times t. */
  readonly h: readonly NobleG1[];
};

/** Blinding scalars; `kappa` is read only for two-round circuits. */
export type Blinding = { readonly r: bigint; readonly s: bigint; readonly kappa: bigint };

/** The verifier's challenge from what is fixed before it: key, public inputs without the challenge, D. */
export type ChallengeFunction = (key: VerificationKey, publicInputs: readonly bigint[], d: G1) => bigint;

const G1Point = bn254.G1.Point;
const G2Point = bn254.G2.Point;

/** Values of the Lagrange polynomials of the domain of 2^log elements at `tau`, by L_i(τ) = (τ^n − 1)·ω^i / (n·(τ − ω^i)). */
export function lagrangeAt(tau: bigint, log: number): bigint[] {
  const n = 1n << BigInt(log);
  const omega = rootOfUnity(log);
  const factor = Fr.mul(Fr.sub(Fr.pow(tau, n), 1n), Fr.inv(n));
  const values: bigint[] = [];
  for (let i = 0, x = 1n; i < Number(n); i++, x = Fr.mul(x, omega)) {
    values.push(Fr.mul(Fr.mul(factor, x), Fr.inv(Fr.sub(tau, x))));
  }
  return values;
}

/** Evaluates the constraint polynomials of a circuit at `tau`. */
export function evaluateConstraints(circuit: ReferenceCircuit, tau: bigint): ConstraintPolynomials {
  const lagrange = lagrangeAt(tau, domainLog(circuit.rows.length, circuit.publicCount));
  const zeros = (): bigint[] => Array.from({ length: circuit.wireCount }, () => 0n);
  const [u, v, w] = [zeros(), zeros(), zeros()];
  const accumulate = (sums: bigint[], terms: LinearCombination, row: number): void => {
    for (const [wire, coefficient] of terms) sums[wire] = Fr.mod(sums[wire]! + coefficient * lagrange[row]!);
  };
  circuit.rows.forEach((row, index) => {
    accumulate(u, row.a, index);
    accumulate(v, row.b, index);
    accumulate(w, row.c, index);
  });
  for (let wire = 0; wire <= circuit.publicCount; wire++) {
    accumulate(u, new Map([[wire, 1n]]), circuit.rows.length + wire);
  }
  return { u, v, w };
}

/**
 * Makes a key from known secrets.
 *
 * @param circuit - Rows and roles of the wires.
 * @param secrets - Explicit; whoever knows them can forge.
 */
export function referenceSetup(circuit: ReferenceCircuit, secrets: SetupSecrets): ReferenceKey {
  const { alpha, beta, gamma, delta1, delta2, tau } = secrets;
  const twoRound = circuit.firstRound !== undefined;
  const { u, v, w } = evaluateConstraints(circuit, tau);
  const q = u.map((_, i) => Fr.mod(beta * u[i]! + alpha * v[i]! + w[i]!));
  const logDomain = domainLog(circuit.rows.length, circuit.publicCount);
  const firstPrivate = circuit.publicCount + 1;
  const divisor = (wire: number): bigint => (circuit.firstRound?.has(wire) ? delta1 : delta2);
  const ic = q.slice(0, firstPrivate).map((value) => g1(Fr.mul(value, Fr.inv(gamma))));
  return {
    circuit,
    verification: {
      system: twoRound ? 'ultragroth' : 'groth16',
      publicCount: circuit.publicCount,
      alpha1: fromNobleG1(g1(alpha)),
      beta2: fromNobleG2(g2(beta)),
      gamma2: fromNobleG2(g2(gamma)),
      ...(twoRound ? { delta1: fromNobleG2(g2(delta1)) } : {}),
      delta2: fromNobleG2(g2(delta2)),
      ic: ic.map(fromNobleG1),
    },
    logDomain,
    alpha1: g1(alpha),
    beta1: g1(beta),
    beta2: g2(beta),
    delta1: twoRound ? g1(delta1) : G1Point.ZERO,
    delta2G1: g1(delta2),
    delta2G2: g2(delta2),
    a: u.map(g1),
    b1: v.map(g1),
    b2: v.map(g2),
    privateBasis: q
      .slice(firstPrivate)
      .map((value, i) => g1(Fr.mul(value, Fr.inv(divisor(firstPrivate + i))))),
    h: lagrangeAt(tau, logDomain + 1)
      .filter((_, i) => i % 2 === 1)
      .map((value) => g1(Fr.mul(value, Fr.inv(delta2)))),
  };
}

/** The first row a witness does not satisfy, or undefined. */
export function firstFailingRow(circuit: ReferenceCircuit, witness: readonly bigint[]): number | undefined {
  const index = circuit.rows.findIndex(
    ({ a, b, c }) => Fr.mul(dot(a, witness), dot(b, witness)) !== dot(c, witness),
  );
  return index < 0 ? undefined : index;
}

/**
 * D = Σ_{i∈F} w_i·K_i + κ·[δ₂]₁, the commitment to the first round.
 *
 * @param witness - Only the wires of F are read.
 */
export function commitFirstRound(key: ReferenceKey, witness: readonly bigint[], kappa: bigint): NobleG1 {
  const first = key.circuit.firstRound ?? new Set<number>();
  return privateSum(key, witness, (wire) => first.has(wire)).add(key.delta2G1.multiplyUnsafe(kappa));
}

/**
 * A, B and C for a full witness.
 *
 * C = Σ_{i∈S} w_i·L_i + [h(τ)t(τ)/δ₂]₁ + s·A + r·B₁ − r·s·[δ₂]₁ − κ·[δ₁]₁. Without a challenge S is all private wires
 * and κ = 0, which is Groth16. The witness is not checked: a wrong one gives a proof that fails.
 */
export function completeProof(
  key: ReferenceKey,
  witness: readonly bigint[],
  { r, s, kappa }: Blinding,
): { readonly a: NobleG1; readonly b: NobleG2; readonly c: NobleG1 } {
  const first = key.circuit.firstRound ?? new Set<number>();
  const a = key.alpha1.add(sumG1(key.a, witness)).add(key.delta2G1.multiplyUnsafe(r));
  const b1 = key.beta1.add(sumG1(key.b1, witness)).add(key.delta2G1.multiplyUnsafe(s));
  const b = key.beta2.add(sumG2(key.b2, witness)).add(key.delta2G2.multiplyUnsafe(s));
  const c = privateSum(key, witness, (wire) => !first.has(wire))
    .add(sumG1(key.h, quotientScalars(key, witness)))
    .add(a.multiplyUnsafe(s))
    .add(b1.multiplyUnsafe(r))
    .subtract(key.delta2G1.multiplyUnsafe(Fr.mul(r, s)))
    .subtract(key.delta1.multiplyUnsafe(kappa));
  return { a, b, c };
}

/**
 * Proves, in one or two rounds as the circuit asks.
 *
 * @param witness - Gives the full witness for a challenge; called with 0 first, for the wires that do not depend on it.
 * @param challenge - The verifier's hash; not called for a plain circuit.
 */
export function referenceProve(
  key: ReferenceKey,
  witness: (challenge: bigint) => readonly bigint[],
  blinding: Blinding,
  challenge: ChallengeFunction,
): { readonly proof: Groth16Proof; readonly publicInputs: readonly bigint[] } {
  const { firstRound, publicCount } = key.circuit;
  const start = witness(0n);
  if (firstRound === undefined) {
    const { a, b, c } = completeProof(key, start, { ...blinding, kappa: 0n });
    const proof: Groth16Proof = {
      system: 'groth16',
      a: fromNobleG1(a),
      b: fromNobleG2(b),
      c: fromNobleG1(c),
    };
    return { proof, publicInputs: start.slice(1, publicCount + 1) };
  }
  const publicInputs = start.slice(1, publicCount);
  const d = fromNobleG1(commitFirstRound(key, start, blinding.kappa));
  const { a, b, c } = completeProof(key, witness(challenge(key.verification, publicInputs, d)), blinding);
  return {
    proof: { system: 'ultragroth', a: fromNobleG1(a), b: fromNobleG2(b), c: fromNobleG1(c), d },
    publicInputs,
  };
}

/**
 * The verifier's equation alone: e(A, B) = e(α, β) · e(IC(inputs), γ) · [e(D, δ₁) ·] e(C, δ₂).
 *
 * Nothing is parsed and no range is checked; that is the work of `src/verify`.
 *
 * @param inputs - All public inputs, the challenge included.
 */
export function satisfiesEquation(
  key: VerificationKey,
  inputs: readonly bigint[],
  proof: Groth16Proof,
): boolean {
  let ic = toNobleG1(key.ic[0]!);
  for (let i = 0; i < inputs.length; i++) ic = ic.add(toNobleG1(key.ic[i + 1]!).multiplyUnsafe(inputs[i]!));
  const pairs = [
    { g1: toNobleG1(proof.a).negate(), g2: toNobleG2(proof.b) },
    { g1: toNobleG1(key.alpha1), g2: toNobleG2(key.beta2) },
    { g1: ic, g2: toNobleG2(key.gamma2) },
    { g1: toNobleG1(proof.c), g2: toNobleG2(key.delta2) },
  ];
  if (proof.d !== undefined && key.delta1 !== undefined) {
    pairs.push({ g1: toNobleG1(proof.d), g2: toNobleG2(key.delta1) });
  }
  const finite = pairs.filter((pair) => !pair.g1.is0() && !pair.g2.is0());
  return bn254.fields.Fp12.eql(bn254.pairingBatch(finite), bn254.fields.Fp12.ONE);
}

/** Verifies with a challenge function of the caller's choice; the sound one is in `src/statement/transcript.ts`. */
export function referenceVerify(
  key: VerificationKey,
  publicInputs: readonly bigint[],
  proof: Groth16Proof,
  challenge: ChallengeFunction,
): boolean {
  const inputs =
    key.system === 'ultragroth'
      ? [...publicInputs, challenge(key, publicInputs, proof.d!)]
      : [...publicInputs];
  return inputs.length === key.publicCount && satisfiesEquation(key, inputs, proof);
}

/** Σ coefficient·wire of one linear combination. */
export function dot(terms: LinearCombination, witness: readonly bigint[]): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of terms) sum += coefficient * witness[wire]!;
  return Fr.mod(sum);
}

/**
 * (A·B − C) of the constraint polynomials at the odd points of the 2n-domain: the scalars of the H section. At the even
 * points it vanishes, because the rows hold, so these n values determine it.
 */
function quotientScalars(key: ReferenceKey, witness: readonly bigint[]): bigint[] {
  const { circuit, logDomain } = key;
  const n = 2 ** logDomain;
  const a: bigint[] = new Array<bigint>(n).fill(0n);
  const b = [...a];
  circuit.rows.forEach((row, i) => {
    a[i] = dot(row.a, witness);
    b[i] = dot(row.b, witness);
  });
  for (let i = 0; i <= circuit.publicCount; i++) a[circuit.rows.length + i] = witness[i]!;
  const c = a.map((value, i) => Fr.mul(value, b[i]!));
  const shift = rootOfUnity(logDomain + 1);
  const omega = rootOfUnity(logDomain);
  const scalars: bigint[] = [];
  for (let i = 0, x = shift; i < n; i++, x = Fr.mul(x, omega)) {
    const lagrange = lagrangeAt(x, logDomain);
    const at = (values: readonly bigint[]): bigint =>
      Fr.mod(values.reduce((sum, value, j) => sum + value * lagrange[j]!, 0n));
    scalars.push(Fr.sub(Fr.mul(at(a), at(b)), at(c)));
  }
  return scalars;
}

function privateSum(
  key: ReferenceKey,
  witness: readonly bigint[],
  chosen: (wire: number) => boolean,
): NobleG1 {
  const offset = key.circuit.publicCount + 1;
  return key.privateBasis.reduce(
    (sum, point, i) =>
      chosen(offset + i) ? sum.add(point.multiplyUnsafe(Fr.mod(witness[offset + i]!))) : sum,
    G1Point.ZERO,
  );
}

function sumG1(points: readonly NobleG1[], scalars: readonly bigint[]): NobleG1 {
  return points.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(Fr.mod(scalars[i]!))), G1Point.ZERO);
}

function sumG2(points: readonly NobleG2[], scalars: readonly bigint[]): NobleG2 {
  return points.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(Fr.mod(scalars[i]!))), G2Point.ZERO);
}

function g1(scalar: bigint): NobleG1 {
  return G1Point.BASE.multiplyUnsafe(scalar);
}

function g2(scalar: bigint): NobleG2 {
  return G2Point.BASE.multiplyUnsafe(scalar);
}
