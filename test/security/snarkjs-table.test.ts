/** Wrong documents given to both verifiers: what snarkjs 0.7.6 answers, what ours answers. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { fromNobleG1 } from '../../src/groth16/points.js';
import { COORDINATE_MODULUS as Q, FIELD_MODULUS as R } from '../../src/statement/curve.js';
import { formatProof, formatVerificationKey, parseVerificationKey } from '../../src/statement/keys.js';
import { toG1 } from '../../src/statement/noble-points.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyProofJson } from '../../src/verify/verify-proof.js';
import { recordFigure } from '../support/figures.js';
import { wasmVerifier } from '../support/wasm-verifier.js';
import { g2OutsideSubgroup, makeKey, prove, secrets } from '../verify/support.js';
import { closeSnarkjs, snarkjs } from './snarkjs.js';

type Json = { readonly [field: string]: unknown };
type ProofJson = Json & {
  readonly pi_a: readonly string[];
  readonly pi_b: readonly (readonly string[])[];
  readonly pi_c: readonly string[];
};
const asJson = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;

afterAll(closeSnarkjs);

const key = makeKey('groth16');
const keyJson = asJson<Json>(formatVerificationKey(key.verification));
const inputs = [1n, 2n, 3n, 4n, 5n, 0n];
const signals = inputs.map(String);
const honest = prove(key, inputs);
const proof = asJson<ProofJson>(formatProof(honest));

const hex = (value: string): string => `0x${BigInt(value).toString(16)}`;
const a0 = (change: (value: string) => unknown): Json => ({
  ...proof,
  pi_a: [change(proof.pi_a[0]!), ...proof.pi_a.slice(1)],
});
/** A in projective coordinates with z = 2, which stands for the same point. */
const [x, y] = [BigInt(proof.pi_a[0]!), BigInt(proof.pi_a[1]!)];
const scaled = [(4n * x) % Q, (8n * y) % Q, 2n].map(String);
const outside = g2OutsideSubgroup();
const without = (document: Json, field: string): Json =>
  Object.fromEntries(Object.entries(document).filter(([name]) => name !== field));

/** A proof of any statement for a key with δ = γ, from public knowledge alone: A = α, B = β, C = −IC. */
function forged(changes: Partial<typeof secrets>): { readonly key: unknown; readonly proof: unknown } {
  const { verification } = makeKey('groth16', changes);
  const [first, ...rest] = verification.ic.map(toG1);
  const ic = rest.reduce((sum, point, i) => sum.add(point.multiplyUnsafe(inputs[i]!)), first!);
  const forgery = {
    system: 'groth16',
    a: verification.alpha1,
    b: verification.beta2,
    c: fromNobleG1(ic.negate()),
  } as const;
  return { key: asJson(formatVerificationKey(verification)), proof: asJson(formatProof(forgery)) };
}

type Row = {
  readonly what: string;
  readonly proof?: unknown;
  readonly signals?: unknown;
  readonly key?: unknown;
};
const rows: readonly Row[] = [
  { what: 'a coordinate of A + q', proof: a0((v) => (BigInt(v) + Q).toString()) },
  { what: 'a coordinate of A − q', proof: a0((v) => (BigInt(v) - Q).toString()) },
  { what: 'a coordinate in hexadecimal', proof: a0(hex) },
  { what: 'a coordinate with leading zeros', proof: a0((v) => `000${v}`) },
  { what: 'a coordinate with spaces around it', proof: a0((v) => ` ${v} `) },
  { what: 'a coordinate as a JSON number', proof: { ...proof, pi_a: [1, 2, 1] } },
  { what: 'A with third coordinate 2, scaled', proof: { ...proof, pi_a: scaled } },
  { what: 'third coordinate of A left out', proof: { ...proof, pi_a: proof.pi_a.slice(0, 2) } },
  { what: 'A with a fourth coordinate', proof: { ...proof, pi_a: [...proof.pi_a, '5'] } },
  { what: 'protocol "plonk" in the proof', proof: { ...proof, protocol: 'plonk' } },
  { what: 'no protocol in the proof', proof: without(proof, 'protocol') },
  { what: 'curve "bls12381" in the proof', proof: { ...proof, curve: 'bls12381' } },
  { what: 'an unknown field in the proof', proof: { ...proof, pi_d: proof.pi_a } },
  { what: 'A the point at infinity', proof: { ...proof, pi_a: ['0', '1', '0'] } },
  { what: 'A off the curve', proof: a0((v) => (BigInt(v) ^ 1n).toString()) },
  {
    what: 'B outside the subgroup',
    proof: { ...proof, pi_b: [outside.x.map(String), outside.y.map(String), ['1', '0']] },
  },
  { what: 'inputs in hexadecimal', signals: signals.map(hex) },
  { what: 'inputs with leading zeros', signals: signals.map((v) => `00${v}`) },
  { what: 'inputs as JSON numbers', signals: inputs.map(Number) },
  { what: 'an input + r', signals: signals.with(0, (inputs[0]! + R).toString()) },
  { what: 'an input − r', signals: signals.with(0, (inputs[0]! - R).toString()) },
  { what: 'the empty string for an input of 0', signals: signals.with(5, '') },
  { what: 'false for an input of 0', signals: signals.with(5, false as unknown as string) },
  { what: 'the last input, which is 0, left out', signals: signals.slice(0, 5) },
  { what: 'one input too many', signals: [...signals, '0'] },
  { what: 'inputs as an object with numbered fields', signals: { ...signals } },
  { what: 'another input', signals: signals.with(0, '2') },
  { what: 'no inputs at all', signals: [] },
  { what: 'inputs null', signals: null },
  { what: 'an input that is no number', signals: signals.with(0, 'x') },
  { what: 'an input null', signals: signals.with(0, null as unknown as string) },
  { what: 'proof null', proof: null },
  { what: 'proof {}', proof: {} },
  { what: 'pi_a null', proof: { ...proof, pi_a: null } },
  { what: 'pi_b left out', proof: without(proof, 'pi_b') },
  { what: 'pi_b flat', proof: { ...proof, pi_b: proof.pi_b.flat() } },
  { what: 'a coordinate that is no number', proof: a0(() => 'x') },
  { what: 'a coordinate an object', proof: a0(() => ({})) },
  { what: 'nPublic of the key another number', key: { ...keyJson, nPublic: 5 } },
  { what: 'protocol "plonk" in the key', key: { ...keyJson, protocol: 'plonk' } },
  { what: 'an unknown field in the key', key: { ...keyJson, vk_epsilon_2: 1 } },
  { what: 'a coordinate of the key + q', key: { ...keyJson, vk_alpha_1: plusQ(keyJson.vk_alpha_1) } },
  { what: 'the key without IC', key: without(keyJson, 'IC') },
  { what: 'key null', key: null },
  { what: 'a key with δ = γ, and a proof forged for it', ...forged({ delta2: secrets.gamma }) },
  { what: 'the initial key of a ceremony, and a proof forged for it', ...forged({ gamma: 1n, delta2: 1n }) },
];

function plusQ(point: unknown): readonly string[] {
  const [first, ...rest] = point as readonly string[];
  return [(BigInt(first!) + Q).toString(), ...rest];
}

/** Of these, what snarkjs 0.7.6 accepts. */
const ACCEPTED_BY_SNARKJS: readonly string[] = [
  'a coordinate of A + q',
  'a coordinate in hexadecimal',
  'a coordinate with leading zeros',
  'A with third coordinate 2, scaled',
  'third coordinate of A left out',
  'A with a fourth coordinate',
  'protocol "plonk" in the proof',
  'no protocol in the proof',
  'curve "bls12381" in the proof',
  'an unknown field in the proof',
  'inputs in hexadecimal',
  'inputs with leading zeros',
  'inputs as JSON numbers',
  'the empty string for an input of 0',
  'the last input, which is 0, left out',
  'nPublic of the key another number',
  'protocol "plonk" in the key',
  'an unknown field in the key',
  'a coordinate of the key + q',
  'a key with δ = γ, and a proof forged for it',
  'the initial key of a ceremony, and a proof forged for it',
];

/** `accepts`, or the code of the refusal; anything thrown without a code fails the test. */
function answerOf(
  verifier: Pick<typeof wasmVerifier, 'parseVerificationKey' | 'prepareKey' | 'verifyProofJson'>,
  row: Required<Omit<Row, 'what'>>,
): string {
  try {
    const prepared = verifier.prepareKey(verifier.parseVerificationKey(row.key));
    const result = verifier.verifyProofJson(prepared, row.proof, row.signals);
    return result.ok ? 'accepts' : result.code;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string' || !/^[A-Z][A-Z_0-9]+$/.test(code)) throw error;
    return code;
  }
}

/** The answer of ours, the same on either arithmetic. */
function ours(row: Required<Omit<Row, 'what'>>): string {
  const answer = answerOf({ parseVerificationKey, prepareKey, verifyProofJson }, row);
  expect(answerOf(wasmVerifier, row)).toBe(answer);
  return answer;
}

describe('wrong documents', () => {
  it('default: both accept the honest one', async () => {
    expect(await snarkjs(keyJson, signals, proof)).toBe('accepts');
    expect(ours({ key: keyJson, signals, proof })).toBe('accepts');
  });

  it('error: ours refuses each with a code; snarkjs 0.7.6 accepts some and throws raw errors at others', async () => {
    const { version } = JSON.parse(readFileSync('node_modules/snarkjs/package.json', 'utf8')) as Json;
    expect(version).toBe('0.7.6');
    const table: { what: string; snarkjs: string; ours: string }[] = [];
    for (const row of rows) {
      const whole = { key: keyJson, proof, signals, ...row };
      const answer = {
        what: row.what,
        snarkjs: await snarkjs(whole.key, whole.signals, whole.proof),
        ours: ours(whole),
      };
      expect(answer.ours, row.what).not.toBe('accepts');
      table.push(answer);
    }
    expect(new Set(table.map(({ what }) => what)).size).toBe(rows.length);
    expect(table.filter((row) => row.snarkjs === 'accepts').map(({ what }) => what)).toEqual(
      ACCEPTED_BY_SNARKJS,
    );
    for (const { what, snarkjs: theirs, ours: mine } of table)
      recordFigure('security-snarkjs', { 'wrong document': what, 'snarkjs 0.7.6': theirs, zkfinality: mine });
  });
});
