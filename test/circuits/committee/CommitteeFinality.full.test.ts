import { beforeAll, describe, expect, it } from 'vitest';
import { circuitById } from '../../../src/build/registry.js';
import { createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { committee } from '../../../src/protocols/committee/index.js';
import type { ValidatorSet } from '../../../src/statement/types.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';
import { type CommitteeInput, commitAnything, inputOf, patch } from '../../support/committee.js';
import { alteredSource, compile, expectWitness, mainOf } from '../../support/reject.js';

const create = (validators: number) =>
  createCommitteeDevnet({ seed: 'committee full', validators, chainId: 7n, everybodyVotes: true });

describe('tiers', () => {
  const tier = (size: number): Promise<TestCircuit> => {
    const { mainSource, level } = circuitById(`committee-${size}`);
    return compileCircuit(mainSource, { level });
  };

  it('behavior: constraints and wires', async () => {
    const four = await tier(4);
    const eight = await tier(8);
    expect([four.constraints, four.wires, four.publicInputs]).toEqual([13153, 13148, 6]);
    expect([eight.constraints, eight.wires, eight.publicInputs]).toEqual([24797, 24780, 6]);
    // One validator more: signature, set commitment, power, place in the order.
    expect((eight.constraints - four.constraints) / 4).toBe(2_911);
    expect(four.constraints / 4).toBeLessThan(3_500);
    expect([1, 2, 3, 4, 5, 6].map((wire) => four.names(wire)[0])).toEqual(
      ['trustedSet', 'signingSet', 'nextSet', 'w1', 'w2', 'w3'].map((name) => `main.${name}`),
    );
  });

  it('accepts: a set of one, five and eight members at tier 8', async () => {
    const circuit = await tier(8);
    for (const validators of [1, 5, 8]) {
      const net = create(validators);
      const input = committee.circuitInput(net.block(1).block, net.validatorSet(1), 8);
      await expectWitness(circuit, input);
    }
  });

  it('rejects: every other value of every private wire, but for hints that multiply 0', async () => {
    const circuit = await tier(4);
    const net = create(4);
    const input = patch(inputOf(net.block(1).block, net.validatorSet(1), 4), { signs: { 1: 0n } });
    const accepted = circuit.sweep(await circuit.witness(input));
    const unexplained = accepted.filter(
      ({ names }) => !names.some((name) => explained.some((one) => one.test(name))),
    );
    expect(unexplained).toEqual([]);
  });
});

/** What a prover may choose freely, with the reason. */
const explained = [
  // A member that does not sign shows any R8 and s; nothing is compared with them.
  /^main\.(r8x|r8y|s)\[1\]$/,
];

describe('source mutants', () => {
  const net = create(3);
  const set = net.validatorSet(1);
  const { block } = net.block(1);
  const honest = inputOf(block, set, 4);
  const withSet = (members: ValidatorSet['members']): CommitteeInput => {
    const commitment = commitAnything(set.chainId, members);
    return { ...inputOf(block, { ...set, members }, 4), trustedSet: commitment, signingSet: commitment };
  };
  const setOf = ({ chainId, present, identity, power, keyX, keyY }: CommitteeInput) => ({
    chainId: chainId!,
    present: present!,
    identity: identity!,
    power: power!,
    keyX: keyX!,
    keyY: keyY!,
  });
  const [a, b, c] = set.members;

  // Another split of the same field element: the next low part, which is no byte.
  const otherHigh = (honest.w1 as bigint) - 1n;
  const otherWord = (honest.w3 as bigint) + (1n << 16n);

  /** A row that is left out, and the forgery that it alone prevents. */
  const mutants: readonly (readonly [name: string, row: string, forgery: CommitteeInput])[] = [
    [
      'first slot present',
      'present[0] === 1;',
      patch(honest, { present: { 0: 0n, 1: 0n, 2: 0n }, power: { 0: 0n, 1: 0n, 2: 0n } }),
    ],
    [
      'ones first',
      'isPresent[i] * (1 - isPresent[i - 1]) === 0;',
      patch(honest, { present: { 1: 0n }, power: { 1: 0n } }),
    ],
    [
      'increasing',
      'AssertBits(160)(i == 0 ? identity[0] : identity[i] - identity[i - 1] - isPresent[i]);',
      withSet([b!, a!, c!]),
    ],
    ['width of powers', 'AssertBits(64)(power[i]);', patch(honest, { power: { 0: 1n << 64n } })],
    ['no power in spare slots', '(1 - isPresent[i]) * power[i] === 0;', patch(honest, { power: { 3: 1n } })],
  ];

  it.each(mutants)('behavior: CommitteeSet without "%s" is caught', async (_, row, forgery) => {
    const path = 'protocols/committee/CommitteeSet.circom';
    const original = await compile(mainOf(path, 'CommitteeSet(4)'));
    const mutant = await compile(alteredSource(path, 'CommitteeSet(4)', [[row, '']]));
    await expectWitness(mutant, setOf(forgery));
    await expect(original.witness(setOf(forgery))).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });

  const path = 'protocols/committee/CommitteeFinality.circom';
  const rows: readonly (readonly [name: string, row: string, forgery: CommitteeInput])[] = [
    ['w1', 'AssertCanonicalSplit(8)(w1, blockLow);', patch(honest, { w1: otherHigh, w3: otherWord })],
    [
      'w3',
      'w3 === height * (1 << 80) + time * (1 << 16) + blockLow * (1 << 8) + stateLow;',
      patch(honest, { w3: 1n }),
    ],
    ['trusted set', 'trustedSet === set.commitment;', patch(honest, { trustedSet: 1n, signingSet: 1n })],
    ['signing set', 'signingSet === trustedSet;', patch(honest, { signingSet: 1n })],
    [
      'signature',
      'EdDSAPoseidonAssert()(isSigner[i], keyX[i], keyY[i], r8x[i], r8y[i], s[i], vote);',
      patch(honest, { s: { 0: 1n } }),
    ],
    ['quorum', 'AssertTwoThirds(71)(signedPower, set.totalPower);', patch(honest, { signs: { 0: 0n } })],
    [
      'power of signers only',
      'counted[i] <== isSigner[i] * power[i];',
      patch(honest, { signs: { 0: 0n, 1: 0n, 2: 0n } }),
    ],
  ];

  let original: TestCircuit;
  beforeAll(async () => {
    original = await compile(mainOf(path, 'CommitteeFinality(4)'));
  });

  it.each(rows)('behavior: CommitteeFinality without "%s" is caught', async (name, row, forgery) => {
    const replacement = name === 'power of signers only' ? 'counted[i] <== power[i];' : '';
    const mutant = await compile(alteredSource(path, 'CommitteeFinality(4)', [[row, replacement]]));
    await expectWitness(mutant, forgery);
    await expect(original.witness(forgery)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });
});
