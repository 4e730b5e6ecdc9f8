import { afterAll, describe, expect, it } from 'vitest';
import { Fr } from '../../src/math/field.js';
import { FIELD_MODULUS as R } from '../../src/statement/curve.js';
import { formatProof, formatVerificationKey, parseVerificationKey } from '../../src/statement/keys.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyProofJson } from '../../src/verify/verify-proof.js';
import { fixturePath, fixturesAvailable, fixtureText } from '../support/fixtures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { wasmVerifier } from '../support/wasm-verifier.js';
import { makeKey, prove } from './support.js';

type Json = { [field: string]: unknown };
type Snarkjs = {
  groth16: {
    verify: (key: unknown, signals: unknown, proof: unknown) => Promise<boolean>;
    prove: (zkey: string, wtns: string) => Promise<{ proof: Json; publicSignals: string[] }>;
  };
};

const name = 'snarkjs';
const snarkjs = (await import(name)) as Snarkjs;

afterAll(async () => {
  await (globalThis as { curve_bn128?: { terminate: () => Promise<void> } }).curve_bn128?.terminate();
});

const reference = makeKey('groth16');
const key = prepareKey(reference.verification);
const wasmKey = wasmVerifier.prepareKey(reference.verification);
const keyJson = JSON.parse(JSON.stringify(formatVerificationKey(reference.verification))) as unknown;
const inputs = [1n, 2n, 3n, 4n, 5n, 6n];
const signals = inputs.map(String);
const proof = JSON.parse(JSON.stringify(formatProof(prove(reference, inputs)))) as {
  pi_a: string[];
  pi_b: string[][];
  pi_c: string[];
  [field: string]: unknown;
};

const theirs = async (candidate: unknown, publicSignals: unknown = signals): Promise<string> => {
  try {
    return (await snarkjs.groth16.verify(keyJson, publicSignals, candidate)) ? 'accepts' : 'refuses';
  } catch (error) {
    return (error as Error).name;
  }
};
const ours = (candidate: unknown, publicSignals: unknown = signals): string => {
  const result = verifyProofJson(key, candidate, publicSignals);
  expect(wasmVerifier.verifyProofJson(wasmKey, candidate, publicSignals)).toEqual(result);
  return result.ok ? 'accepts' : 'refuses';
};

describe('agreement with snarkjs 0.7.6, of ours on either arithmetic', () => {
  it('default: honest proofs, with either verifier', async () => {
    for (const random of [
      { r: 1n, s: 2n, kappa: 0n },
      { r: 0n, s: 0n, kappa: 0n },
      { r: R - 1n, s: R - 1n, kappa: 0n },
    ]) {
      const candidate = formatProof(prove(reference, inputs, random));
      expect([ours(candidate), await theirs(candidate)]).toEqual(['accepts', 'accepts']);
    }
  });

  it('behavior: wrong points and inputs are refused by both', async () => {
    const random = seededBytes(5);
    const others = [1n, 2n, 3n, 4n].map((r) =>
      formatProof(prove(reference, inputs, { r, s: 7n, kappa: 0n })),
    );
    for (let i = 0; i < runs(12, 1_000); i++) {
      const changed = signals.map((signal, k) =>
        k === i % 6 ? Fr.add(BigInt(signal), 1n + seededInteger(random, R - 2n)).toString() : signal,
      );
      expect([ours(proof, changed), await theirs(proof, changed)]).toEqual(['refuses', 'refuses']);
      const other = others[i % others.length]!;
      const mixed = {
        ...proof,
        [['pi_a', 'pi_b', 'pi_c'][i % 3]!]: other[(['pi_a', 'pi_b', 'pi_c'] as const)[i % 3]!],
      };
      expect([ours(mixed), await theirs(mixed)]).toEqual(['refuses', 'refuses']);
    }
  });
});

describe.runIf(fixturesAvailable)('proofs that snarkjs makes', () => {
  it('default: accepted; with another input refused', async () => {
    const files = 'vectors/snarkjs-files/rapidsnark';
    const made = await snarkjs.groth16.prove(
      fixturePath(`${files}_circuit_final.zkey`),
      fixturePath(`${files}_witness.wtns`),
    );
    const theirKey = prepareKey(
      parseVerificationKey(JSON.parse(fixtureText(`${files}_verification_key.json`))),
    );
    expect(verifyProofJson(theirKey, made.proof, made.publicSignals)).toEqual({ ok: true });
    const changed = made.publicSignals.map((signal, i) =>
      i === 0 ? (BigInt(signal) + 1n).toString() : signal,
    );
    expect(verifyProofJson(theirKey, made.proof, changed)).toMatchObject({
      ok: false,
      code: 'PROOF_INVALID',
    });
    expect(verifyProofJson(theirKey, made.proof, made.publicSignals.slice(1))).toMatchObject({
      code: 'PUBLIC_INPUT_COUNT',
    });
  });
});
