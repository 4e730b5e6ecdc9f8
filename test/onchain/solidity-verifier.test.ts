import { bn254 } from '@noble/curves/bn254.js';
import { type Address, BaseError, ContractFunctionRevertedError, encodeFunctionData, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromNobleG1, fromNobleG2 } from '../../src/groth16/points.js';
import { encodeCalldata, exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { COORDINATE_MODULUS as Q, FIELD_MODULUS as R } from '../../src/statement/curve.js';
import { DEVELOPMENT_GAMMA } from '../../src/statement/keys.js';
import { packStatement } from '../../src/statement/packing.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import type { Groth16Proof, ProofSystem } from '../../src/statement/types.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyProof } from '../../src/verify/verify-proof.js';
import { vectorStatement } from '../statement/vectors.js';
import { recordFigure } from '../support/figures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { g2OutsideSubgroup, istanbulSet, makeKey, prove, secrets, statementOf } from '../verify/support.js';
import { type Compiled, compile, findAnvil, type Node, startAnvil } from './anvil.js';

const anvil = findAnvil();
const inputs = packStatement(statementOf(istanbulSet()));

describe('exportSolidityVerifier', () => {
  const refusal = (...parameters: Parameters<typeof exportSolidityVerifier>): string => {
    try {
      exportSolidityVerifier(...parameters);
      return 'ok';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('error: a development key, unless asked for; then the source says so loudly', () => {
    for (const system of ['groth16', 'ultragroth'] as const) {
      const key = makeKey(system, { gamma: DEVELOPMENT_GAMMA }).verification;
      expect(refusal(key)).toBe('DEVELOPMENT_KEY');
      const source = exportSolidityVerifier(key, { allowDevelopmentKey: true });
      expect(source).toContain('DEVELOPMENT KEY. ITS SECRETS ARE PUBLIC');
      expect(source).toContain('bool public constant DEVELOPMENT_KEY = true;');
      expect(exportSolidityVerifier(makeKey(system).verification)).not.toContain('SECRETS ARE PUBLIC');
    }
  });

  it('error: weak keys, keys without inputs, names that are none', () => {
    const key = makeKey('groth16').verification;
    expect(refusal(makeKey('groth16', { delta2: 1n }).verification)).toBe('KEY_WEAK');
    expect(refusal({ ...key, publicCount: 0, ic: key.ic.slice(0, 1) })).toBe('KEY_SHAPE');
    for (const contractName of ['', 'lower', 'With Space', 'A{}', 'A\n', '1A', 'Ä'])
      expect(refusal(key, { contractName })).toBe('CONTRACT_NAME');
  });
});

describe('encodeCalldata', () => {
  it('error: points and inputs that no contract would take', () => {
    const proof = prove(makeKey('groth16'), inputs);
    const code = (run: () => unknown): string => {
      try {
        run();
        return 'ok';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(() => encodeCalldata({ ...proof, a: { x: 0n, y: 0n } }, inputs))).toBe('PROOF_POINT');
    expect(code(() => encodeCalldata({ ...proof, b: g2OutsideSubgroup() }, inputs))).toBe('PROOF_POINT');
    expect(code(() => encodeCalldata({ ...proof, c: { x: proof.c.x + Q, y: proof.c.y } }, inputs))).toBe(
      'PROOF_POINT',
    );
    expect(code(() => encodeCalldata(proof, [R]))).toBe('PUBLIC_INPUT_RANGE');
    expect(code(() => encodeCalldata(proof, [-1n]))).toBe('PUBLIC_INPUT_RANGE');
  });
});

describe.runIf(anvil !== undefined).each<ProofSystem>(['groth16', 'ultragroth'])(
  'the contract on a chain, %s',
  (system) => {
    const reference = makeKey(system);
    const proof = prove(reference, inputs);
    const words = proofWords(proof);
    let node: Node;
    let contract: Compiled;
    let address: Address;

    beforeAll(async () => {
      contract = compile(
        exportSolidityVerifier(reference.verification, { contractName: 'ToyVerifier' }),
        'ToyVerifier',
      );
      node = await startAnvil(anvil!);
      address = await node.deploy(contract);
    });
    afterAll(async () => {
      await node?.close();
    });

    async function call(proofArgument: readonly bigint[], inputArgument: readonly bigint[]): Promise<string> {
      try {
        await node.publicClient.readContract({
          address,
          abi: contract.abi,
          functionName: 'verifyProof',
          args: [proofArgument, inputArgument],
        });
        return 'accepted';
      } catch (error) {
        const reverted =
          error instanceof BaseError
            ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
            : null;
        if (!(reverted instanceof ContractFunctionRevertedError) || reverted.data === undefined) throw error;
        return [reverted.data.errorName, ...(reverted.data.args ?? [])].join(' ');
      }
    }
    const changed = (values: readonly bigint[], index: number, value: bigint): bigint[] =>
      values.map((old, i) => (i === index ? value : old));

    it("default: honest proofs are accepted; the calldata is the ABI's", async () => {
      expect(await call(words, inputs)).toBe('accepted');
      const other = packStatement(vectorStatement);
      expect(await call(proofWords(prove(reference, other)), other)).toBe('accepted');
      for (const value of [0n, R - 1n]) {
        const extreme = inputs.map(() => value);
        expect(await call(proofWords(prove(reference, extreme)), extreme)).toBe('accepted');
      }
      const calldata = encodeCalldata(proof, inputs);
      expect(calldata).toBe(
        encodeFunctionData({ abi: contract.abi, functionName: 'verifyProof', args: [words, inputs] }),
      );
      const receipt = await node.send(address, calldata as Hex);
      expect(receipt.status).toBe('success');
      console.info(
        `${system}: ${receipt.gasUsed} gas a verification at 6 inputs, ${contract.sizeBytes} bytes of code`,
      );
      expect(receipt.gasUsed).toBeLessThan(system === 'groth16' ? 270_000n : 320_000n);
      expect(contract.sizeBytes).toBeLessThan(24_576);
    });

    it('default: the contract says which key it is for', async () => {
      const read = (functionName: string): Promise<unknown> =>
        node.publicClient.readContract({ address, abi: contract.abi, functionName });
      expect(BigInt((await read('VERIFICATION_KEY_HASH')) as Hex)).toBe(
        verificationKeyHash(reference.verification),
      );
      expect(await read('DEVELOPMENT_KEY')).toBe(false);
    });

    it('error: inputs of r or more', async () => {
      for (const index of inputs.keys())
        for (const value of [R, inputs[index]! + R, 2n ** 256n - 1n])
          expect(await call(words, changed(inputs, index, value))).toBe(`PublicInputNotCanonical ${index}`);
    });

    it('error: inputs changed by 1, exchanged', async () => {
      for (const index of inputs.keys()) {
        expect(await call(words, changed(inputs, index, (inputs[index]! + 1n) % R))).toBe('ProofInvalid');
        expect(await call(words, changed(inputs, index, (inputs[index]! + R - 1n) % R))).toBe('ProofInvalid');
      }
      expect(await call(words, inputs.toReversed())).toBe('ProofInvalid');
    });

    it('error: coordinates of q or more', async () => {
      for (const index of words.keys())
        for (const value of [
          Q,
          2n ** 256n - 1n,
          ...(words[index]! + Q < 2n ** 256n ? [words[index]! + Q] : []),
        ])
          expect(await call(changed(words, index, value), inputs)).toBe(`CoordinateNotCanonical ${index}`);
    });

    it('error: points off their curve, at infinity, outside the subgroup', async () => {
      const starts = [0, 2, 6, ...(system === 'ultragroth' ? [8] : [])];
      const startOf = (index: number): number => starts.filter((start) => start <= index).at(-1)!;
      for (const index of words.keys())
        expect(await call(changed(words, index, words[index]! ^ 1n), inputs)).toBe(
          `PointNotOnCurve ${startOf(index)}`,
        );
      for (const start of starts) {
        const zeroed = words.map((value, i) => (startOf(i) === start ? 0n : value));
        expect(await call(zeroed, inputs)).toBe(`PointNotOnCurve ${start}`);
      }
      const outside = proofWords({ ...proof, b: g2OutsideSubgroup() });
      expect(await call(outside, inputs)).toBe('PairingFailed');
    });

    it('error: points replaced by others of their group', async () => {
      const negate = (index: number): bigint[] => changed(words, index, Q - words[index]!);
      const other = proofWords(prove(reference, inputs, { r: 5n, s: 6n, kappa: 7n }));
      const mixed = (from: number, to: number): bigint[] =>
        words.map((value, i) => (i >= from && i < to ? other[i]! : value));
      const tampers = [
        negate(1),
        negate(7),
        changed(changed(words, 4, Q - words[4]!), 5, Q - words[5]!),
        [...words.slice(6, 8), ...words.slice(2, 6), ...words.slice(0, 2), ...words.slice(8)],
        changed(changed(words, 0, 1n), 1, 2n),
        changed(changed(words, 6, 1n), 7, 2n),
        mixed(0, 2),
        mixed(2, 6),
        mixed(6, 8),
        ...(system === 'ultragroth' ? [negate(9), mixed(8, 10), changed(changed(words, 8, 1n), 9, 2n)] : []),
      ];
      for (const tamper of tampers) expect(await call(tamper, inputs)).toBe('ProofInvalid');
      expect(await call(proofWords(prove(makeKey(system, { tau: 99n }), inputs)), inputs)).toBe(
        'ProofInvalid',
      );
    });

    it('error: a contract older than its key refuses the proofs of the new one, and says which key it is for', async () => {
      const renewed = makeKey(system, { delta2: secrets.delta2 + 2n });
      const fresh = prove(renewed, inputs);
      expect(verifyProof(prepareKey(renewed.verification), fresh, inputs)).toEqual({ ok: true });
      expect(await call(proofWords(fresh), inputs)).toBe('ProofInvalid');
      const abi = contract.abi;
      const told = await node.publicClient.readContract({
        address,
        abi,
        functionName: 'VERIFICATION_KEY_HASH',
      });
      expect(BigInt(told as Hex)).toBe(verificationKeyHash(reference.verification));
      expect(BigInt(told as Hex)).not.toBe(verificationKeyHash(renewed.verification));
    });

    it('behavior: contract and library agree on random points and inputs', async () => {
      const key = prepareKey(reference.verification);
      const random = seededBytes(31);
      const g1 = () => fromNobleG1(bn254.G1.Point.BASE.multiply(1n + seededInteger(random, R - 1n)));
      const g2 = () => fromNobleG2(bn254.G2.Point.BASE.multiply(1n + seededInteger(random, R - 1n)));
      const honestProofs = Array.from({ length: 8 }, () =>
        prove(reference, inputs, {
          r: seededInteger(random, R),
          s: seededInteger(random, R),
          kappa: seededInteger(random, R),
        }),
      );
      for (let i = 0; i < runs(20, 1_000); i++) {
        const honest = honestProofs[i % honestProofs.length]!;
        const candidates: readonly (readonly [Groth16Proof, readonly bigint[]])[] = [
          [honest, inputs],
          [{ ...honest, a: g1() }, inputs],
          [{ ...honest, b: g2() }, inputs],
          [{ ...honest, c: g1() }, inputs],
          [honest, changed(inputs, i % 6, seededInteger(random, R))],
        ];
        const [candidate, publicInputs] = candidates[i % candidates.length]!;
        const library = verifyProof(key, candidate, publicInputs);
        expect(await call(proofWords(candidate), publicInputs)).toBe(
          library.ok ? 'accepted' : 'ProofInvalid',
        );
        expect(library.ok).toBe(i % candidates.length === 0);
      }
    });

    it('error: every bit of the proof flipped', async () => {
      const bits = words.flatMap((_, word) =>
        Array.from({ length: 256 }, (_unused, bit) => [word, BigInt(bit)] as const),
      );
      let cases = 0;
      const step = Math.ceil(bits.length / runs(40, bits.length));
      for (let i = 0; i < bits.length; i += step) {
        const [word, bit] = bits[i]!;
        expect(await call(changed(words, word, words[word]! ^ (1n << bit)), inputs)).toMatch(
          /^(?:CoordinateNotCanonical|PointNotOnCurve) \d$/,
        );
        cases++;
      }
      recordFigure('security-proofs', {
        attack: `every bit of every coordinate, ${system === 'groth16' ? 'plain' : 'two-round'}, by the contract on a chain`,
        cases,
        accepted: 0,
        seed: 'none',
      });
    });
  },
);
