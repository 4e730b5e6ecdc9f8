/**
 * Groth16 over BN254, plain (Groth, eprint 2016/260) and two-round (MIRAGE, eprint 2020/278), in one equation:
 *
 *     e(A, B) = e(α, β) · e(IC(inputs), γ) · [e(D, δ₁) ·] e(C, δ₂)
 *
 * checked as e(A, B) · e(−α, β) · e(−IC(inputs), γ) · [e(−D, δ₁) ·] e(−C, δ₂) = 1: one product of Miller loops, of which (−α, β) is
 * cached, and one final exponentiation. The challenge of a two-round proof is the last input and is always recomputed.
 */
import { FIELD_MODULUS, g1Fault, g2Fault, negateG1 } from '../statement/curve.js';
import { ZkFinalityError } from '../statement/errors.js';
import { readArray, readDecimal } from '../statement/json.js';
import { parseProof } from '../statement/keys.js';
import { challenge } from '../statement/transcript.js';
import type { Groth16Proof } from '../statement/types.js';
import { assertPrepared, type PreparedKey } from './prepared-key.js';

/** A failed check: a code of `docs/ERRORS.md` and a sentence. */
export type Refusal = { readonly ok: false; readonly code: string; readonly message: string };

/** Outcome of {@link verifyProof}. */
export type VerifyResult = { readonly ok: true } | Refusal;

/**
 * Checks a proof against a key: mathematics only. Whether the key is one to rely on is for {@link verifyFinality} to say.
 *
 * Cost: three Miller loops (four for two-round proofs), one final exponentiation, about 20 ms warm.
 * @param key - From {@link prepareKey}.
 * @param proof - Points; ranges, curves and the subgroup are checked here.
 * @param publicInputs - Scalars below r in circuit order, without the challenge: exactly `publicCount` of a plain key, one less
 *   for a two-round key.
 * @returns `{ ok: true }`, or the first failed check: `PROOF_SYSTEM_MISMATCH`, `PUBLIC_INPUT_COUNT`, `PUBLIC_INPUT_RANGE`,
 *   `COORDINATE_RANGE`, `POINT_AT_INFINITY`, `POINT_OFF_CURVE`, `POINT_OUTSIDE_SUBGROUP`, `PROOF_INVALID`.
 * @throws {UsageError} `KEY_NOT_PREPARED`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { packStatement, parseFinalityProof, parseVerificationKey, prepareKey, verifyProof } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const { proof, statement } = parseFinalityProof(read('examples/demo/block-2.proof.json'));
 * const key = prepareKey(parseVerificationKey(read('keys/istanbul-qbft-4.json')));
 * console.log(verifyProof(key, proof, packStatement(statement)).ok); // true
 * const other = verifyProof(key, proof, packStatement({ ...statement, height: 3n }));
 * console.log(other.ok || other.code); // PROOF_INVALID
 * ```
 */
export function verifyProof(
  key: PreparedKey,
  proof: Groth16Proof,
  publicInputs: readonly bigint[],
): VerifyResult {
  assertPrepared(key);
  return (
    checkInputs(key, proof, publicInputs) ?? checkPoints(proof) ?? checkEquation(key, proof, publicInputs)
  );
}

/**
 * {@link verifyProof} on JSON as snarkjs writes it: a proof object and an array of decimal strings, read strictly.
 *
 * @param key - From {@link prepareKey}.
 * @returns As {@link verifyProof}, and the codes of the strict readers. Never throws on bad documents.
 * @throws {UsageError} `KEY_NOT_PREPARED`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { packStatement, parseFinalityProof, parseVerificationKey, prepareKey, verifyProofJson } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const document = read('examples/demo/block-2.proof.json');
 * const key = prepareKey(parseVerificationKey(read('keys/istanbul-qbft-4.json')));
 * const publicSignals = packStatement(parseFinalityProof(document).statement).map(String);
 * console.log(verifyProofJson(key, (document as { proof: unknown }).proof, publicSignals)); // { ok: true }
 * const short = verifyProofJson(key, (document as { proof: unknown }).proof, publicSignals.slice(1));
 * console.log(short.ok || short.code); // PUBLIC_INPUT_COUNT
 * ```
 */
export function verifyProofJson(key: PreparedKey, proof: unknown, publicSignals: unknown): VerifyResult {
  assertPrepared(key);
  const read = attempt(() => ({
    proof: parseProof(proof),
    inputs: readArray(publicSignals, 'public signals').map((input, index) =>
      readDecimal(input, `publicSignals[${index}]`, FIELD_MODULUS),
    ),
  }));
  if (!read.ok) return read;
  const { proof: points, inputs } = read.value;
  return checkInputs(key, points, inputs) ?? checkEquation(key, points, inputs);
}

/** Number of public inputs that a caller gives for a key: all but the challenge. */
function givenInputCount(key: PreparedKey): number {
  return key.key.system === 'ultragroth' ? key.key.publicCount - 1 : key.key.publicCount;
}

/** System, number and range of inputs. */
export function checkInputs(
  key: PreparedKey,
  proof: Groth16Proof,
  publicInputs: readonly bigint[],
): Refusal | undefined {
  const { system } = key.key;
  if (proof.system !== system || (proof.d !== undefined) !== (system === 'ultragroth'))
    return refuse(
      'PROOF_SYSTEM_MISMATCH',
      `proof: made with ${proof.system}, the key is for ${system}. Use the key the proof was made for.`,
    );
  const expected = givenInputCount(key);
  if (publicInputs.length !== expected)
    return refuse(
      'PUBLIC_INPUT_COUNT',
      `public inputs: expected ${expected}, got ${publicInputs.length}. Give all of them, without the challenge.`,
    );
  for (const [index, input] of publicInputs.entries())
    if (typeof input !== 'bigint' || input < 0n || input >= FIELD_MODULUS)
      return refuse(
        'PUBLIC_INPUT_RANGE',
        `publicInputs[${index}]: expected a bigint in [0, r), got ${String(input)}.`,
      );
  return undefined;
}

/**
 * The equation alone. Requires: {@link checkInputs} found nothing; points canonical, on their curves, in their subgroups, none
 * infinity.
 */
export function checkEquation(
  key: PreparedKey,
  proof: Groth16Proof,
  publicInputs: readonly bigint[],
): VerifyResult {
  const { a, b, c, d } = proof;
  const inputs = d ? [...publicInputs, challenge(key.hash, publicInputs, d)] : publicInputs;
  const sum = key.arithmetic.sumInputs(inputs);
  const holds = key.arithmetic.isOne(b, [a, sum && negateG1(sum), negateG1(c), d && negateG1(d)]);
  if (holds) return { ok: true };
  return refuse(
    'PROOF_INVALID',
    'the proof does not hold for this statement and key. One of the three was altered, or the proof was made for another.',
  );
}

/** Makes a refusal. */
export function refuse(code: string, message: string): Refusal {
  return { ok: false, code, message };
}

/** Runs a strict reader; its coded errors become refusals, all else is a defect and passes through. */
export function attempt<Value>(read: () => Value): { readonly ok: true; readonly value: Value } | Refusal {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof ZkFinalityError) return refuse(error.code, error.message);
    throw error;
  }
}

function checkPoints({ a, b, c, d }: Groth16Proof): Refusal | undefined {
  const faults = { a: g1Fault(a), b: g2Fault(b), c: g1Fault(c), d: d && g1Fault(d) };
  for (const [name, fault] of Object.entries(faults))
    if (fault) return refuse(fault, `proof.${name}: not a canonical affine point of its group.`);
  return undefined;
}
