import { readFileSync } from 'node:fs';
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  encodeDeployData,
  encodeFunctionData,
  toFunctionSelector,
} from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { FIELD_MODULUS } from '../../src/statement/curve.js';
import { packStatement } from '../../src/statement/packing.js';
import { parseRegistration, type RegistrationClaim } from '../../src/statement/registration.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import type { Statement } from '../../src/statement/types.js';
import {
  istanbulSet,
  makeKey,
  makeRegistrationKey,
  prove,
  registrationDocument,
  statementOf,
} from '../verify/support.js';
import { type Compiled, compile, findAnvil, type Node, startAnvil } from './anvil.js';

const anvil = findAnvil();

/** The least that a contract which follows a chain does; chains that authenticate header lists only. */
const FOLLOWER = `
interface IFinalityVerifier {
    function verifyProof(uint256[8] calldata proof, uint256[6] calldata publicInputs) external view;
}
contract Follower {
    error TrustedSetMismatch();
    error SigningSetNotRegistered();
    IFinalityVerifier private immutable _verifier;
    ValidatorSetRegistry private immutable _registry;
    uint256 public trustedSet;
    uint256 public height;
    constructor(IFinalityVerifier verifier, ValidatorSetRegistry registry, uint256 trusted) {
        _verifier = verifier;
        _registry = registry;
        trustedSet = trusted;
    }
    function accept(uint256[8] calldata proof, uint256[6] calldata inputs) external {
        if (inputs[0] != trustedSet) revert TrustedSetMismatch();
        if (inputs[1] != inputs[0] && !_registry.isRegistered(inputs[1])) revert SigningSetNotRegistered();
        _verifier.verifyProof(proof, inputs);
        trustedSet = inputs[1];
        height = inputs[5] >> 80;
    }
    function extend(uint256 newSet) external {
        if (!_registry.isExtension(trustedSet, newSet)) revert SigningSetNotRegistered();
        trustedSet = newSet;
    }
}
`;

const trusted = istanbulSet();
const next = istanbulSet([11n, 12n, 13n, 15n]);
const partial = {
  ...next,
  members: next.members.map((member, i) => (i === 0 ? { ...member, publicKey: { x: 0n, y: 0n } } : member)),
};
const [trustedSet, nextSet, partialSet] = [trusted, next, partial].map(commitValidatorSet) as [
  bigint,
  bigint,
  bigint,
];

describe.runIf(anvil !== undefined)('contracts/ValidatorSetRegistry.sol', () => {
  const registrationKey = makeRegistrationKey();
  const finalityKey = makeKey('groth16');
  let node: Node;
  let abi: Abi;
  let registry: Address;
  let followerAbi: Abi;
  let compiledFollower: Compiled;
  let finalityVerifier: Address;

  const deploy = (contract: Compiled, args: readonly unknown[]): Promise<Address> =>
    node.deploy({
      ...contract,
      bytecode: encodeDeployData({ abi: contract.abi, bytecode: contract.bytecode, args: [...args] }),
    });

  beforeAll(async () => {
    node = await startAnvil(anvil!);
    const source = readFileSync('contracts/ValidatorSetRegistry.sol', 'utf8');
    const compiled = compile(source, 'ValidatorSetRegistry');
    compiledFollower = compile(source + FOLLOWER, 'Follower');
    followerAbi = compiledFollower.abi;
    const verifierOf = (key: typeof finalityKey): Promise<Address> =>
      node.deploy(compile(exportSolidityVerifier(key.verification), 'FinalityVerifier'));
    const registrationVerifier = await verifierOf(registrationKey);
    finalityVerifier = await verifierOf(finalityKey);
    abi = compiled.abi;
    registry = await deploy(compiled, [[registrationVerifier]]);
  });
  afterAll(async () => {
    await node?.close();
  });

  /** Calls first, so that a revert tells its name, then sends. */
  async function send(
    address: Address,
    contract: Abi,
    functionName: string,
    args: readonly unknown[],
  ): Promise<string> {
    try {
      await node.publicClient.simulateContract({ address, abi: contract, functionName, args: [...args] });
    } catch (error) {
      const reverted =
        error instanceof BaseError
          ? error.walk((cause) => cause instanceof ContractFunctionRevertedError)
          : null;
      if (!(reverted instanceof ContractFunctionRevertedError)) throw error;
      // Errors of the verifiers are not in the caller's interface: their selectors are told.
      return reverted.data?.errorName ?? reverted.signature ?? 'reverted without a reason';
    }
    const receipt = await node.send(
      address,
      encodeFunctionData({ abi: contract, functionName, args: [...args] }),
    );
    return receipt.status === 'success' ? 'ok' : 'reverted';
  }
  const words = (claim: RegistrationClaim): bigint[] =>
    proofWords(parseRegistration(registrationDocument(registrationKey, claim)).proof);
  const register = (claim: RegistrationClaim, proof = words(claim), index = 0n): Promise<string> =>
    send(registry, abi, 'register', [index, proof, claim.oldSet, claim.newSet]);
  const read = (functionName: string, args: readonly unknown[]): Promise<unknown> =>
    node.publicClient.readContract({ address: registry, abi, functionName, args: [...args] });
  const makeFollower = (set: bigint): Promise<Address> =>
    deploy(compiledFollower, [finalityVerifier, registry, set]);
  const accept = (follower: Address, changes: Partial<Statement>): Promise<string> => {
    const inputs = packStatement(statementOf(trusted, changes));
    return send(follower, followerAbi, 'accept', [proofWords(prove(finalityKey, inputs)), inputs]);
  };

  it('error: a finality proof of a signing set that nobody registered', async () => {
    const follower = await makeFollower(trustedSet);
    expect(await accept(follower, { signingSet: nextSet })).toBe('SigningSetNotRegistered');
    expect(await read('isRegistered', [nextSet])).toBe(false);
  });

  it('error: a wrong proof, exchanged or altered commitments, no verifier', async () => {
    const claim = { oldSet: partialSet, newSet: nextSet };
    const proof = words(claim);
    const invalid = await register({ ...claim, newSet: nextSet + 1n }, proof);
    expect(invalid).toBe(toFunctionSelector('ProofInvalid()'));
    expect(await register({ oldSet: nextSet, newSet: partialSet }, proof)).toBe(invalid);
    expect(await register({ ...claim, oldSet: 0n }, proof)).toBe(invalid);
    expect(await register(claim, proof.with(0, proof[6]!).with(1, proof[7]!))).toBe(invalid);
    expect(await register({ ...claim, oldSet: claim.oldSet + FIELD_MODULUS }, proof)).toBe(
      toFunctionSelector('PublicInputNotCanonical(uint256)'),
    );
    expect(await register(claim, proof, 1n)).toBe('VerifierUnknown');
    expect(await read('isRegistered', [nextSet])).toBe(false);
    expect(await read('isExtension', [partialSet, nextSet])).toBe(false);
    const compiled = compile(
      readFileSync('contracts/ValidatorSetRegistry.sol', 'utf8'),
      'ValidatorSetRegistry',
    );
    await expect(deploy(compiled, [['0x000000000000000000000000000000000000dEaD']])).rejects.toThrow();
  });

  it("error: takeover by the attacker's keys beside the new addresses", async () => {
    // The attacker can prove finality for such a set, but no registration of it: only the genuine set has one.
    const takenSet = 123456789n;
    const follower = await makeFollower(trustedSet);
    const genuine = { oldSet: nextSet, newSet: nextSet };
    expect(await register({ oldSet: nextSet, newSet: takenSet }, words(genuine))).toBe(
      toFunctionSelector('ProofInvalid()'),
    );
    expect(await accept(follower, { signingSet: takenSet })).toBe('SigningSetNotRegistered');
  });

  it('default: a registration is accepted once and for all, a replay changes nothing', async () => {
    const claim = { oldSet: partialSet, newSet: nextSet };
    for (let i = 0; i < 2; i++) {
      expect(await register(claim)).toBe('ok');
      expect(await read('isRegistered', [nextSet])).toBe(true);
      expect(await read('isExtension', [partialSet, nextSet])).toBe(true);
      expect(await read('isRegistered', [partialSet])).toBe(false);
      expect(await read('isExtension', [nextSet, partialSet])).toBe(false);
      expect(await read('isExtension', [trustedSet, nextSet])).toBe(false);
    }
  });

  it('default: the registered set may then seal, and a trusted set may be extended', async () => {
    expect(await register({ oldSet: partialSet, newSet: nextSet })).toBe('ok');
    const follower = await makeFollower(trustedSet);
    expect(await accept(follower, { signingSet: nextSet })).toBe('ok');
    expect(
      await node.publicClient.readContract({
        address: follower,
        abi: followerAbi,
        functionName: 'trustedSet',
      }),
    ).toBe(nextSet);
    expect(await accept(follower, {})).toBe('TrustedSetMismatch');
    const waiting = await makeFollower(partialSet);
    expect(await send(waiting, followerAbi, 'extend', [trustedSet])).toBe('SigningSetNotRegistered');
    expect(await send(waiting, followerAbi, 'extend', [nextSet])).toBe('ok');
  });
});
