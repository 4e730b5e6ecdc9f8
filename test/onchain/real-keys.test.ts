/** The contracts with the package's own keys and the documents of the demonstration: a chain whose set changes, followed on another chain. */
import { readFileSync } from 'node:fs';
import { type Hex, pad, toFunctionSelector, toHex } from 'viem';
import { beforeAll, expect, it } from 'vitest';
import { exportSolidityVerifier, proofWords } from '../../src/onchain/index.js';
import { FIELD_MODULUS } from '../../src/statement/curve.js';
import { parseFinalityProof, parseTrustAnchor, trustedSet } from '../../src/statement/documents.js';
import { parseVerificationKey } from '../../src/statement/keys.js';
import { packStatement } from '../../src/statement/packing.js';
import { parseRegistration } from '../../src/statement/registration.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { recordFigure } from '../support/figures.js';
import {
  call,
  compile,
  compileShipped,
  type Deployed,
  deployRevert,
  describeOnChain,
  transact,
} from './anvil.js';

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const verifierOf = (circuit: string) =>
  compile(
    exportSolidityVerifier(parseVerificationKey(read(`keys/${circuit}.json`)), { allowDevelopmentKey: true }),
    'FinalityVerifier',
  );
const anchored = commitValidatorSet(trustedSet(parseTrustAnchor(read('examples/demo/trust.json'))));
const registration = parseRegistration(read('examples/demo/registration.json'));
const blocks = [2, 4].map((height) => parseFinalityProof(read(`examples/demo/block-${height}.proof.json`)));
const word = (value: bigint): Hex => pad(toHex(value), { size: 32 });

describeOnChain('the contracts with the keys of the package', (node) => {
  const compiledRegistry = compileShipped('ValidatorSetRegistry');
  const compiledClient = compileShipped('FinalityClient');
  let registrationVerifier: Hex;
  let registry: Deployed;
  let client: Deployed;

  beforeAll(async () => {
    registrationVerifier = await node.deploy(verifierOf('istanbul-registration-4'));
    const finalityVerifier = await node.deploy(verifierOf('istanbul-qbft-4'));
    registry = {
      address: await node.deploy(compiledRegistry, [[registrationVerifier], true]),
      abi: compiledRegistry.abi,
    };
    const anchor = {
      ...{ trustedSet: anchored, signingSet: anchored, nextSet: 0n },
      ...{ height: 0n, time: 0n, blockHash: word(0n), stateRoot: word(0n) },
    };
    client = {
      address: await node.deploy(compiledClient, [
        [finalityVerifier],
        registry.address,
        anchor,
        true,
        0n,
        true,
      ]),
      abi: compiledClient.abi,
    };
  });

  const { oldSet, newSet } = registration;
  const words = proofWords(registration.proof);
  const register = (proof: readonly bigint[], from = oldSet, to = newSet) =>
    transact(node, registry, 'register', [0n, proof, from, to]);
  const accept = (block: (typeof blocks)[number]) => {
    const { blockHash, stateRoot, ...rest } = block.statement;
    const statement = { ...rest, blockHash: word(blockHash), stateRoot: word(stateRoot) };
    return transact(node, client, 'accept', [0n, proofWords(block.proof), statement]);
  };
  const figure = (what: string, circuit: string, gas: bigint): void => {
    console.log(`${what}, ${circuit}: ${gas} gas`);
    recordFigure('contract-gas', { call: what, circuit, gas: Number(gas) });
  };

  it('error: development keys, where they are not allowed', async () => {
    expect(await deployRevert(node, compiledRegistry, [[registrationVerifier], false])).toBe(
      'DevelopmentKey',
    );
  });

  it('error: registrations that are altered in any word, of another claim, or proofs of something else', async () => {
    const invalid = toFunctionSelector('ProofInvalid()');
    const offCurve = toFunctionSelector('PointNotOnCurve(uint256)');
    for (const [i, value] of words.entries())
      expect([i, (await register(words.with(i, value + 1n))).outcome]).toEqual([i, offCurve]);
    expect((await register(words, newSet + 1n, newSet)).outcome).toBe(invalid);
    expect((await register(words, oldSet, anchored)).outcome).toBe(invalid);
    expect((await register(words, anchored, newSet)).outcome).toBe(invalid);
    expect((await register(proofWords(blocks[0]!.proof))).outcome).toBe(invalid);
    // C and D are points of one group: exchanged they are valid points of another proof.
    const [cx, cy, dx, dy] = words.slice(6) as [bigint, bigint, bigint, bigint];
    expect((await register([...words.slice(0, 6), dx, dy, cx, cy])).outcome).toBe(invalid);
    expect((await register(words, oldSet + FIELD_MODULUS, newSet)).outcome).toBe(
      toFunctionSelector('PublicInputNotCanonical(uint256)'),
    );
    expect(await call(node, registry, 'isRegistered', [newSet])).toBe(false);
  });

  it('default: follows the chain through a change of its set', async () => {
    const [two, four] = blocks as [(typeof blocks)[number], (typeof blocks)[number]];
    const first = await accept(two);
    expect(first.outcome).toBe('ok');
    expect((await accept(two)).outcome).toBe('HeightNotAbove');
    expect((await accept(four)).outcome).toBe('SigningSetNotRegistered');

    const registered = await register(words);
    expect(registered.outcome).toBe('ok');
    expect(await call(node, registry, 'isRegistered', [newSet])).toBe(true);
    const second = await accept(four);
    expect(second.outcome).toBe('ok');
    expect(await call(node, client, 'trustedSet')).toBe(newSet);
    expect(await call(node, client, 'height')).toBe(4n);
    expect(await call(node, client, 'blockHash')).toBe(word(four.statement.blockHash));
    expect((await accept(two)).outcome).toBe('TrustedSetMismatch');
    expect(packStatement(four.statement)[1]).toBe(newSet);

    figure('ValidatorSetRegistry.register', registration.circuit, registered.gas);
    figure('FinalityClient.accept, the first block', two.circuit, first.gas);
    figure('FinalityClient.accept, a changed set', four.circuit, second.gas);
    for (const { gas } of [registered, first, second]) expect(gas).toBeLessThan(450_000n);
  });
});
