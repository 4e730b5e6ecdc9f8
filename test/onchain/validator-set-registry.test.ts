import { toFunctionSelector } from 'viem';
import { beforeAll, expect, it } from 'vitest';
import { exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { FIELD_MODULUS } from '../../src/statement/curve.js';
import { DEVELOPMENT_GAMMA } from '../../src/statement/keys.js';
import { parseRegistration, type RegistrationClaim } from '../../src/statement/registration.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { istanbulSet, makeRegistrationKey, registrationDocument, withoutKey } from '../verify/support.js';
import {
  call,
  compile,
  compileShipped,
  type Deployed,
  deployRevert,
  describeOnChain,
  transact,
} from './anvil.js';

const trusted = istanbulSet();
const next = istanbulSet([11n, 12n, 13n, 15n]);
const partial = withoutKey(next, 0);
const [trustedSet, nextSet, partialSet] = [trusted, next, partial].map(commitValidatorSet) as [
  bigint,
  bigint,
  bigint,
];

describeOnChain('contracts/ValidatorSetRegistry.sol', (node) => {
  const key = makeRegistrationKey();
  const compiled = compileShipped('ValidatorSetRegistry');
  let registry: Deployed;

  beforeAll(async () => {
    const verifier = await node.deploy(compile(exportSolidityVerifier(key.verification), 'FinalityVerifier'));
    registry = { address: await node.deploy(compiled, [[verifier], false]), abi: compiled.abi };
  });

  const words = (claim: RegistrationClaim): bigint[] =>
    proofWords(parseRegistration(registrationDocument(key, claim)).proof);
  const register = async (claim: RegistrationClaim, proof = words(claim), index = 0n): Promise<string> =>
    (await transact(node, registry, 'register', [index, proof, claim.oldSet, claim.newSet])).outcome;
  const read = (functionName: string, args: readonly unknown[]): Promise<unknown> =>
    call(node, registry, functionName, args);

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
  });

  it('error: made with an address without a contract, or with a development key', async () => {
    expect(await deployRevert(node, compiled, [['0x000000000000000000000000000000000000dEaD'], true])).toBe(
      'VerifierMissing',
    );
    const development = makeRegistrationKey({ gamma: DEVELOPMENT_GAMMA }).verification;
    const verifier = await node.deploy(
      compile(exportSolidityVerifier(development, { allowDevelopmentKey: true }), 'FinalityVerifier'),
    );
    const first = await call(node, registry, 'verifier', [0n]);
    expect(await deployRevert(node, compiled, [[first, verifier], false])).toBe('DevelopmentKey');
    expect(await deployRevert(node, compiled, [[first, verifier], true])).toBeUndefined();
    expect(await read('allowsDevelopmentKeys', [])).toBe(false);
  });

  it("error: takeover by the attacker's keys beside the new addresses", async () => {
    // The attacker can prove finality for such a set, but no registration of it: only the genuine set has one.
    const takenSet = 123456789n;
    const genuine = { oldSet: nextSet, newSet: nextSet };
    expect(await register({ oldSet: nextSet, newSet: takenSet }, words(genuine))).toBe(
      toFunctionSelector('ProofInvalid()'),
    );
    expect(await read('isRegistered', [takenSet])).toBe(false);
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
});
