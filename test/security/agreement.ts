/**
 * Every verifier of plain or two-round proofs on the same cases: ours in JavaScript and in WebAssembly, the bigint reference, snarkjs (plain
 * only), and the exported contract on a chain. Cases come in kinds; a kind says what every verifier must answer, and differences between
 * verifiers are allowed only where the kind documents them.
 */
import { BaseError, ContractFunctionRevertedError } from 'viem';
import { expect } from 'vitest';
import { referenceVerify } from '../../src/groth16/reference.js';
import { Fr } from '../../src/math/field.js';
import { exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { COORDINATE_MODULUS as Q, FIELD_MODULUS as R } from '../../src/statement/curve.js';
import { formatProof, formatVerificationKey } from '../../src/statement/keys.js';
import type { Groth16Proof, ProofSystem } from '../../src/statement/types.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { type VerifyResult, verifyProof, verifyProofJson } from '../../src/verify/verify-proof.js';
import { realChallenge } from '../groth16/toy.js';
import { compile, type Node } from '../onchain/anvil.js';
import { seededBytes, seededInteger } from '../support/runs.js';
import { wasmVerifier } from '../support/wasm-verifier.js';
import { g2OutsideSubgroup, makeKey, secrets } from '../verify/support.js';
import { type Logs, proofOf, simulator } from './simulate.js';
import { snarkjs } from './snarkjs.js';

export type Verdict = 'accepts' | 'refuses';
/** `none`: the verifier has no answer to such a case (the reference takes points of the groups only). */
export type Verdicts = {
  readonly ours: Verdict;
  /** Ours with the WebAssembly arithmetic, as it ships. */
  readonly wasm: Verdict;
  readonly reference: Verdict | 'none';
  readonly snarkjs: string;
  readonly contract: Verdict;
};

/** A case: proof and inputs, and what is expected of it. */
export type Case = {
  readonly kind: string;
  readonly proof: Groth16Proof;
  readonly inputs: readonly bigint[];
  readonly expected: Verdict;
  /** Whether the reference can be asked: points of the groups, inputs below r. */
  readonly typed: boolean;
  /** What snarkjs answers where that differs from `expected`, and why. */
  readonly documented?: { readonly snarkjs: string; readonly why: string };
};

const REST = { expected: 'refuses', typed: true } as const;

/** Cases of one system: case i is of kind i modulo the number of kinds, with randomness of its own. */
export function caseMaker(system: ProofSystem): {
  readonly kinds: number;
  readonly make: (index: number) => Case;
} {
  const simulate = simulator(makeKey(system), secrets);
  type Draw = {
    readonly inputs: readonly bigint[];
    readonly logs: Logs;
    readonly proof: Groth16Proof;
    readonly scalar: () => bigint;
    readonly index: number;
  };
  const swap = (values: readonly bigint[], i: number, j: number): bigint[] =>
    values.map((value, k) => values[k === i ? j : k === j ? i : k] ?? value);
  const replaced = (values: readonly bigint[], index: number, value: bigint): bigint[] =>
    values.map((old, k) => (k === index ? value : old));
  const accepted = { expected: 'accepts', typed: true } as const;
  const makers: readonly ((draw: Draw) => Case)[] = [
    ({ proof, inputs }) => ({ kind: 'honest', proof, inputs, ...accepted }),
    ({ logs, inputs, scalar }) => {
      const t = scalar();
      const proof = proofOf({ ...logs, a: Fr.mul(logs.a, t), b: Fr.mul(logs.b, Fr.inv(t)) });
      return { kind: 're-randomised: t·A, t⁻¹·B', proof, inputs, ...accepted };
    },
    ({ logs, inputs, scalar }) => {
      const t = scalar();
      const shifted = {
        ...logs,
        b: Fr.add(logs.b, Fr.mul(t, secrets.delta2)),
        c: Fr.add(logs.c, Fr.mul(t, logs.a)),
      };
      return { kind: 're-randomised: B + t·δ₂, C + t·A', proof: proofOf(shifted), inputs, ...accepted };
    },
    ({ proof, inputs, index }) => {
      const i = index % inputs.length;
      const step = index % 2 === 0 ? 1n : -1n;
      return {
        kind: 'input ± 1',
        proof,
        inputs: replaced(inputs, i, Fr.add(inputs[i]!, Fr.mod(step))),
        ...REST,
      };
    },
    ({ proof, inputs, scalar, index }) => ({
      kind: 'another input',
      proof,
      inputs: replaced(inputs, index % inputs.length, scalar()),
      ...REST,
    }),
    ({ proof, inputs, index }) => ({
      kind: 'two inputs swapped',
      proof,
      inputs: swap(inputs, index % inputs.length, (index + 1) % inputs.length),
      ...REST,
    }),
    ({ logs, inputs }) => ({
      kind: 'A and C swapped',
      proof: proofOf({ ...logs, a: logs.c, c: logs.a }),
      inputs,
      ...REST,
    }),
    ({ logs, inputs, index }) => {
      const part = (['a', 'b', 'c'] as const)[index % 3]!;
      return {
        kind: 'one point opposite',
        proof: proofOf({ ...logs, [part]: Fr.neg(logs[part]) }),
        inputs,
        ...REST,
      };
    },
    ({ logs, inputs, scalar, index }) => {
      const part = (['a', 'b', 'c'] as const)[index % 3]!;
      return { kind: 'one point random', proof: proofOf({ ...logs, [part]: scalar() }), inputs, ...REST };
    },
    ({ logs, inputs, index }) => {
      const part = (['a', 'b', 'c'] as const)[index % 3]!;
      return { kind: 'one point the generator', proof: proofOf({ ...logs, [part]: 1n }), inputs, ...REST };
    },
    ({ inputs, scalar }) => {
      const logs: Logs = {
        a: scalar(),
        b: scalar(),
        c: scalar(),
        ...(system === 'ultragroth' ? { d: scalar() } : {}),
      };
      return { kind: 'all points random', proof: proofOf(logs), inputs, ...REST };
    },
    ({ proof, inputs, index }) => {
      const bit = 1n << BigInt(index % 253);
      const a = { x: proof.a.x ^ bit, y: proof.a.y };
      return { kind: 'A off the curve', proof: { ...proof, a }, inputs, expected: 'refuses', typed: false };
    },
    ({ proof, inputs, scalar }) => {
      const b = g2OutsideSubgroup(scalar() % Q);
      return {
        kind: 'B outside the subgroup',
        proof: { ...proof, b },
        inputs,
        expected: 'refuses',
        typed: false,
      };
    },
    ({ proof, inputs, index }) => {
      const [a, c] =
        index % 2 === 0
          ? [{ x: proof.a.x + Q, y: proof.a.y }, proof.c]
          : [proof.a, { x: proof.c.x, y: proof.c.y + Q }];
      return {
        kind: 'a coordinate + q',
        proof: { ...proof, a, c },
        inputs,
        expected: 'refuses',
        typed: false,
        documented: { snarkjs: 'accepts', why: 'reduces coordinates' },
      };
    },
    ({ proof, inputs, index }) => ({
      kind: 'an input + r',
      proof,
      inputs: replaced(inputs, index % inputs.length, inputs[index % inputs.length]! + R),
      expected: 'refuses',
      typed: false,
    }),
    ({ proof, inputs, index }) => ({
      kind: 'one point at infinity',
      proof: { ...proof, [(['a', 'c'] as const)[index % 2]!]: { x: 0n, y: 0n } },
      inputs,
      expected: 'refuses',
      typed: false,
    }),
    ...(system === 'groth16'
      ? []
      : ([
          ({ logs, inputs, scalar }) => ({
            kind: 'D random',
            proof: proofOf({ ...logs, d: scalar() }),
            inputs,
            ...REST,
          }),
          ({ logs, inputs }) => ({
            kind: 'D opposite',
            proof: proofOf({ ...logs, d: Fr.neg(logs.d!) }),
            inputs,
            ...REST,
          }),
          ({ logs, inputs, scalar }) => {
            // What would hold if the challenge did not depend on D: δ₁·d + δ₂·c stays the same.
            const t = scalar();
            const moved = {
              ...logs,
              d: Fr.add(logs.d!, Fr.mul(t, secrets.delta2)),
              c: Fr.sub(logs.c, Fr.mul(t, secrets.delta1)),
            };
            return { kind: 'D and C moved against each other', proof: proofOf(moved), inputs, ...REST };
          },
        ] satisfies ((draw: Draw) => Case)[])),
  ];
  return {
    kinds: makers.length,
    make: (index) => {
      const random = seededBytes(1 + index);
      random(64);
      const scalar = (): bigint => 2n + seededInteger(random, R - 3n);
      const edge = [0n, 1n, R - 1n, (1n << 248n) - 1n];
      const inputs = Array.from({ length: 6 }, (_, i) =>
        seededInteger(random, 4n) === 0n
          ? (edge[(index + i) % edge.length] ?? 0n) + BigInt(i) * 0n
          : scalar(),
      );
      // Distinct neighbours, so that a swap changes something.
      const distinct = inputs.map((value, i) => (inputs.indexOf(value) === i ? value : scalar()));
      const logs = simulate(distinct, { a: scalar(), b: scalar(), d: scalar() });
      return makers[index % makers.length]!({ inputs: distinct, logs, proof: proofOf(logs), scalar, index });
    },
  };
}

const verdictOf = ({ ok }: VerifyResult): Verdict => (ok ? 'accepts' : 'refuses');

/** Asks all verifiers about cases of one system. */
export async function verifiers(
  system: ProofSystem,
  node: Node,
): Promise<(candidate: Case) => Promise<Verdicts>> {
  const { verification } = makeKey(system);
  const key = prepareKey(verification);
  const wasmKey = wasmVerifier.prepareKey(verification);
  const keyJson = JSON.parse(JSON.stringify(formatVerificationKey(verification))) as unknown;
  const contract = compile(
    exportSolidityVerifier(verification, { contractName: 'ToyVerifier' }),
    'ToyVerifier',
  );
  const address = await node.deploy(contract);
  const asked = async (proof: Groth16Proof, inputs: readonly bigint[]): Promise<Verdict> => {
    try {
      await node.publicClient.readContract({
        address,
        abi: contract.abi,
        functionName: 'verifyProof',
        args: [proofWords(proof), inputs],
      });
      return 'accepts';
    } catch (error) {
      const reverted =
        error instanceof BaseError
          ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
          : null;
      // Only an error that the contract declares is a refusal; all else is a defect.
      if (!(reverted instanceof ContractFunctionRevertedError) || reverted.data === undefined) throw error;
      return 'refuses';
    }
  };
  return async ({ proof, inputs, typed }) => {
    const json = JSON.parse(JSON.stringify(formatProof(proof))) as unknown;
    const signals = inputs.map(String);
    const mine = verifyProofJson(key, json, signals);
    const wasm = wasmVerifier.verifyProofJson(wasmKey, json, signals);
    // The two share readers and checks: codes and messages must be the same, typed too.
    expect(wasm).toEqual(mine);
    expect(wasmVerifier.verifyProof(wasmKey, proof, inputs)).toEqual(verifyProof(key, proof, inputs));
    return {
      ours: verdictOf(mine),
      wasm: verdictOf(wasm),
      reference: !typed
        ? 'none'
        : referenceVerify(verification, inputs, proof, realChallenge)
          ? 'accepts'
          : 'refuses',
      snarkjs: system === 'groth16' ? await snarkjs(keyJson, signals, json) : 'none',
      contract: await asked(proof, inputs),
    };
  };
}
