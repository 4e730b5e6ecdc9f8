/**
 * Verification keys and proofs as JSON, in the shapes that snarkjs writes, read strictly.
 *
 * One spelling only: decimal strings below q without sign, leading zeros or prefix, third coordinate exactly "1" (["1", "0"] in
 * G2), no unknown fields, every point on its curve, in its subgroup and not infinity. `vk_alphabeta_12` is written for
 * snarkjs and never read: verifiers compute e(α, β) themselves.
 */
import { g2Multiple, pairing } from './arithmetic.js';
import {
  COORDINATE_MODULUS,
  equalG2,
  FIELD_MODULUS,
  g1Fault,
  g2Fault,
  negateG2,
  type PointFault,
} from './curve.js';
import { FileError, UsageError } from './errors.js';
import { domainTag } from './hash.js';
import { type JsonRecord, readArray, readChoice, readDecimal, readRecord } from './json.js';
import { assertKeyShape } from './transcript.js';
import type { G1, G2, Groth16Proof, ProofSystem, VerificationKey } from './types.js';

type G1Json = readonly [string, string, string];
type G2Json = readonly [readonly [string, string], readonly [string, string], readonly [string, string]];
type Fp6Json = readonly (readonly string[])[];

/** A proof as snarkjs writes it; `pi_d` for two-round proofs only. */
export type ProofJson = {
  readonly pi_a: G1Json;
  readonly pi_b: G2Json;
  readonly pi_c: G1Json;
  readonly pi_d?: G1Json;
  readonly protocol: ProofSystem;
  readonly curve: 'bn128';
};

/** A verification key as snarkjs writes it; two-round keys have `vk_delta_1_2` and `vk_delta_2_2` in place of `vk_delta_2`. */
export type VerificationKeyJson = {
  readonly protocol: ProofSystem;
  readonly curve: 'bn128';
  readonly nPublic: number;
  readonly vk_alpha_1: G1Json;
  readonly vk_beta_2: G2Json;
  readonly vk_gamma_2: G2Json;
  readonly vk_delta_1_2?: G2Json;
  readonly vk_delta_2_2?: G2Json;
  readonly vk_delta_2?: G2Json;
  readonly vk_alphabeta_12: readonly Fp6Json[];
  readonly IC: readonly G1Json[];
};

/** Most public inputs that a key may have; ours have 7. Bounds the work that a document can ask for. */
const MAX_PUBLIC_INPUTS = 1024;

const SYSTEMS: readonly ProofSystem[] = ['groth16', 'ultragroth'];
const POINT_FAULTS: { readonly [Fault in PointFault]: string } = {
  COORDINATE_RANGE: 'has a coordinate that is not below q',
  POINT_AT_INFINITY: 'is the point at infinity',
  POINT_OFF_CURVE: 'is not on the curve',
  POINT_OUTSIDE_SUBGROUP: 'is outside the subgroup of order r',
};

const PROOF_FIELDS = ['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve'];

/**
 * Reads a proof.
 *
 * @param json - What `JSON.parse` gave.
 * @param path - How errors name the document.
 * @returns Points on their curves and in their subgroups. Cost: about 3 ms, most of it the subgroup check.
 * @throws {FileError} `FIELD_*`, `ARRAY_LENGTH`, `NUMBER_*`, `PROOF_SYSTEM_UNKNOWN`, `CURVE_UNKNOWN`, `POINT_*`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseProof } from 'zkfinality/verify';
 *
 * const document = JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')) as { proof: unknown };
 * console.log(parseProof(document.proof).system); // ultragroth
 * ```
 */
export function parseProof(json: unknown, path = 'proof'): Groth16Proof {
  const record = readRecord(json, path, PROOF_FIELDS, ['pi_d']);
  const system = readHeader(record, path);
  readRecord(json, path, system === 'ultragroth' ? [...PROOF_FIELDS, 'pi_d'] : PROOF_FIELDS);
  const points = {
    a: readG1(record.pi_a, `${path}.pi_a`),
    b: readG2(record.pi_b, `${path}.pi_b`),
    c: readG1(record.pi_c, `${path}.pi_c`),
  };
  return system === 'ultragroth'
    ? { system, ...points, d: readG1(record.pi_d, `${path}.pi_d`) }
    : { system, ...points };
}

/**
 * The JSON of a proof, as snarkjs writes it.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { formatProof, parseFinalityProof } from 'zkfinality/verify';
 *
 * const { proof } = parseFinalityProof(JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')));
 * console.log(Object.keys(formatProof(proof)).join(' ')); // pi_a pi_b pi_c pi_d protocol curve
 * ```
 */
export function formatProof(proof: Groth16Proof): ProofJson {
  return {
    pi_a: formatG1(proof.a),
    pi_b: formatG2(proof.b),
    pi_c: formatG1(proof.c),
    ...(proof.d === undefined ? {} : { pi_d: formatG1(proof.d) }),
    protocol: proof.system,
    curve: 'bn128',
  };
}

const KEY_FIELDS = ['protocol', 'curve', 'nPublic', 'vk_alpha_1', 'vk_beta_2', 'vk_gamma_2', 'IC'];
const DELTA_FIELDS: { readonly [System in ProofSystem]: readonly string[] } = {
  groth16: ['vk_delta_2'],
  ultragroth: ['vk_delta_1_2', 'vk_delta_2_2'],
};

/**
 * Reads a verification key. Says nothing about whose key it is or whether it is weak: see `prepareKey`,
 * {@link isDevelopmentKey} and the manifest.
 *
 * @param json - What `JSON.parse` gave.
 * @param path - How errors name the document.
 * @returns Points on their curves and in their subgroups, none infinity. Cost: about 10 ms.
 * @throws {FileError} `FIELD_*`, `ARRAY_LENGTH`, `NUMBER_*`, `PROOF_SYSTEM_UNKNOWN`, `CURVE_UNKNOWN`, `POINT_*`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseVerificationKey } from 'zkfinality/verify';
 *
 * const key = parseVerificationKey(JSON.parse(readFileSync('keys/committee-4.json', 'utf8')));
 * console.log(key.system, key.publicCount); // groth16 6
 * ```
 */
export function parseVerificationKey(json: unknown, path = 'verification key'): VerificationKey {
  const anyDelta = [...DELTA_FIELDS.groth16, ...DELTA_FIELDS.ultragroth, 'vk_alphabeta_12'];
  const system = readHeader(readRecord(json, path, KEY_FIELDS, anyDelta), path);
  const record = readRecord(json, path, [...KEY_FIELDS, ...DELTA_FIELDS[system]], ['vk_alphabeta_12']);
  const publicCount = record.nPublic;
  const least = system === 'ultragroth' ? 1 : 0;
  if (
    typeof publicCount !== 'number' ||
    !Number.isInteger(publicCount) ||
    publicCount < least ||
    publicCount > MAX_PUBLIC_INPUTS
  )
    throw new FileError(
      'NUMBER_RANGE',
      `${path}.nPublic: expected an integer from ${least} to ${MAX_PUBLIC_INPUTS}, got ${typeof publicCount === 'number' ? publicCount : typeof publicCount}.`,
    );
  const ic = readArray(record.IC, `${path}.IC`, publicCount + 1);
  const read = (field: string): G2 => readG2(record[field], `${path}.${field}`);
  const common = {
    system,
    publicCount,
    alpha1: readG1(record.vk_alpha_1, `${path}.vk_alpha_1`),
    beta2: read('vk_beta_2'),
    gamma2: read('vk_gamma_2'),
  };
  const deltas =
    system === 'groth16'
      ? { delta2: read('vk_delta_2') }
      : { delta1: read('vk_delta_1_2'), delta2: read('vk_delta_2_2') };
  const points = ic.map((point, index) => readG1(point, `${path}.IC[${index}]`));
  const key = deepFreeze<VerificationKey>({ ...common, ...deltas, ic: points });
  parsedKeys.add(key);
  return key;
}

/** Keys whose points were checked by {@link parseVerificationKey}; they are frozen, so they still are what was checked. */
const parsedKeys = new WeakSet<VerificationKey>();

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/**
 * The JSON of a verification key, field by field as snarkjs writes it, `vk_alphabeta_12` included.
 *
 * @throws {UsageError} `KEY_SHAPE`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { formatVerificationKey, parseVerificationKey } from 'zkfinality/verify';
 *
 * const text = readFileSync('keys/committee-4.json', 'utf8');
 * const key = parseVerificationKey(JSON.parse(text));
 * console.log(JSON.stringify(formatVerificationKey(key), undefined, 2) === text.trim()); // true
 * ```
 */
export function formatVerificationKey(key: VerificationKey): VerificationKeyJson {
  assertKeyShape(key);
  const deltas =
    key.delta1 === undefined
      ? { vk_delta_2: formatG2(key.delta2) }
      : { vk_delta_1_2: formatG2(key.delta1), vk_delta_2_2: formatG2(key.delta2) };
  return {
    protocol: key.system,
    curve: 'bn128',
    nPublic: key.publicCount,
    vk_alpha_1: formatG1(key.alpha1),
    vk_beta_2: formatG2(key.beta2),
    vk_gamma_2: formatG2(key.gamma2),
    ...deltas,
    vk_alphabeta_12: pairing(key.alpha1, key.beta2).map((half) => half.map((pair) => pair.map(String))),
    IC: key.ic.map(formatG1),
  };
}

/** γ of every development key made without a `.ptau`: keccak256("zkfinality/development-gamma/v1") mod r. Public on purpose. */
export const DEVELOPMENT_GAMMA: bigint = domainTag('development-gamma/v1') % FIELD_MODULUS;

let developmentGamma2: G2 | undefined;

/**
 * Whether a key carries the published development γ₂, so that anyone can forge proofs for it. Guards against accidents: an
 * equivalent key without the mark can be made from it, and only the manifest says what a production key is.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { isDevelopmentKey, parseVerificationKey } from 'zkfinality/verify';
 *
 * const key = parseVerificationKey(JSON.parse(readFileSync('keys/istanbul-qbft-4.json', 'utf8')));
 * console.log(isDevelopmentKey(key)); // true
 * ```
 */
export function isDevelopmentKey(key: VerificationKey): boolean {
  developmentGamma2 ??= g2Multiple(DEVELOPMENT_GAMMA);
  return equalG2(key.gamma2, developmentGamma2);
}

/**
 * Looks for relations among the points of a key that make proofs forgeable: δ's equal to each other, to γ, to β or to the
 * generator, up to sign. A lint: only the ceremony's transcript shows that nobody knows a ratio.
 *
 * @param key - As {@link parseVerificationKey} returns it.
 * @returns The relation in words, or undefined.
 */
export function keyWeakness(key: VerificationKey): string | undefined {
  const named = [['the generator', g2Multiple(1n)] as const, ...g2Points(key)];
  for (const [i, [first, a]] of named.entries())
    for (const [second, b] of named.slice(i + 1)) {
      // gamma may be the generator: snarkjs's setup has it so.
      if (first === 'the generator' && second === 'gamma' && equalG2(a, b)) continue;
      if (equalG2(a, b)) return `${second} equals ${first}`;
      if (equalG2(a, negateG2(b))) return `${second} equals minus ${first}`;
    }
  return undefined;
}

/**
 * Checks everything that a key can be asked without its history: shape, points, relations.
 *
 * @throws {UsageError} `KEY_SHAPE`, `KEY_POINT`, `KEY_WEAK`.
 */
export function assertSoundKey(key: VerificationKey): void {
  assertKeyShape(key);
  if (!parsedKeys.has(key)) assertKeyPoints(key);
  const weakness = keyWeakness(key);
  if (weakness !== undefined)
    throw new UsageError(
      'KEY_WEAK',
      `key: ${weakness}, so anyone can forge proofs for it. Run the second phase of the setup and use its key.`,
    );
}

function assertKeyPoints(key: VerificationKey): void {
  const faults = [
    ['alpha', g1Fault(key.alpha1)] as const,
    ...key.ic.map((point, i) => [`IC[${i}]`, g1Fault(point)] as const),
    ...g2Points(key).map(([name, point]) => [name, g2Fault(point)] as const),
  ];
  for (const [name, fault] of faults)
    if (fault !== undefined)
      throw new UsageError('KEY_POINT', `key: ${name} ${POINT_FAULTS[fault]}. Use a key that setup made.`);
}

function g2Points({ beta2, gamma2, delta1, delta2 }: VerificationKey): (readonly [string, G2])[] {
  return [
    ['gamma', gamma2],
    ['beta', beta2],
    ...(delta1 === undefined ? [] : [['delta1', delta1] as const]),
    ['delta2', delta2],
  ];
}

function readHeader(record: JsonRecord, path: string): ProofSystem {
  const system = readChoice(record.protocol, `${path}.protocol`, SYSTEMS, 'PROOF_SYSTEM_UNKNOWN');
  readChoice(record.curve, `${path}.curve`, ['bn128'], 'CURVE_UNKNOWN');
  return system;
}

function readG1(value: unknown, path: string): G1 {
  const [x, y, z] = readArray(value, path, 3);
  const point = { x: readCoordinate(x, `${path}[0]`), y: readCoordinate(y, `${path}[1]`) };
  if (z !== '1') throw notAffine(path, '"1"');
  return checked(point, g1Fault(point), path);
}

function readG2(value: unknown, path: string): G2 {
  const [x, y, z] = readArray(value, path, 3);
  const point = { x: readPair(x, `${path}[0]`), y: readPair(y, `${path}[1]`) };
  const [z0, z1] = readArray(z, `${path}[2]`, 2);
  if (z0 !== '1' || z1 !== '0') throw notAffine(path, '["1", "0"]');
  return checked(point, g2Fault(point), path);
}

function readPair(value: unknown, path: string): readonly [bigint, bigint] {
  const [c0, c1] = readArray(value, path, 2);
  return [readCoordinate(c0, `${path}[0]`), readCoordinate(c1, `${path}[1]`)];
}

const readCoordinate = (value: unknown, path: string): bigint => readDecimal(value, path, COORDINATE_MODULUS);

function notAffine(path: string, third: string): FileError {
  return new FileError(
    'POINT_NOT_AFFINE',
    `${path}[2]: expected ${third}: points are affine and not infinity.`,
  );
}

function checked<Point>(point: Point, fault: PointFault | undefined, path: string): Point {
  if (fault !== undefined)
    throw new FileError(fault, `${path}: ${POINT_FAULTS[fault]}. Take the document from its maker again.`);
  return point;
}

function formatG1(point: G1): G1Json {
  return [point.x.toString(), point.y.toString(), '1'];
}

function formatG2(point: G2): G2Json {
  return [
    [point.x[0].toString(), point.x[1].toString()],
    [point.y[0].toString(), point.y[1].toString()],
    ['1', '0'],
  ];
}
