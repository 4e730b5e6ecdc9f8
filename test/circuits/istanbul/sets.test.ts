import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { SPARE_KEY } from '../../../src/protocols/istanbul/witness.js';
import { commitValidatorSet, TAG_SET } from '../../../src/statement/set-commitment.js';
import type { ValidatorSet } from '../../../src/statement/types.js';
import { compileCircuit } from '../../support/circuit.js';

const TIER = 4;
const SLOTS = 3;

const main = (name: string, parameters: string): string =>
  `pragma circom 2.2.0;\ninclude "protocols/istanbul/${name}.circom";\ncomponent main = ${name}(${parameters});\n`;

const devnetSet = (validators: number): ValidatorSet =>
  createIstanbulDevnet({ variant: 'qbft', seed: 'sets', validators, chainId: 1337n }).validatorSet(1);

const halves = (value: bigint): bigint[] => [value & ((1n << 128n) - 1n), value >> 128n];

function rowsOf(set: ValidatorSet): { active: bigint[]; identity: bigint[]; key: bigint[][] } {
  const at = (i: number) => set.members[i];
  const rows = Array.from({ length: TIER }, (_, i) => at(i));
  return {
    active: rows.map((member) => (member ? 1n : 0n)),
    identity: rows.map((member) => member?.identity ?? 0n),
    key: rows.map((member) => [...halves(member?.publicKey.x ?? 0n), ...halves(member?.publicKey.y ?? 0n)]),
  };
}

const oneHot = (index: number | undefined): bigint[] =>
  Array.from({ length: TIER }, (_, i) => (i === index ? 1n : 0n));

describe('constants of the Istanbul templates', () => {
  it('default: are those that TypeScript derives', () => {
    expect(readFileSync('circuits/protocols/istanbul/IstanbulSetCommitment.circom', 'utf8')).toContain(
      `return ${TAG_SET};`,
    );
    const key = [...halves(SPARE_KEY.x), ...halves(SPARE_KEY.y)].join(', ');
    expect(readFileSync('circuits/protocols/istanbul/SealSlots.circom', 'utf8')).toContain(
      `return [${key}];`,
    );
  });
});

describe('IstanbulSetCommitment', () => {
  const circuit = () => compileCircuit(main('IstanbulSetCommitment', `${TIER}`));
  const input = (set: ValidatorSet) => ({ variant: 4n, chainId: 1337n, ...rowsOf(set) });

  it.each([1, 2, 3, 4])('accepts: a set of %i, and gives its commitment', async (size) => {
    const { witness, value } = await circuit();
    const set = devnetSet(size);
    const wires = await witness(input(set));
    expect(value(wires, 'main.commitment')).toBe(commitValidatorSet(set));
    expect(value(wires, 'main.size')).toBe(BigInt(size));
  });

  it('accepts: a member whose key is not known', async () => {
    const { witness, value } = await circuit();
    const set = devnetSet(3);
    const unknown = {
      ...set,
      members: set.members.map((m, i) => (i === 1 ? { ...m, publicKey: { x: 0n, y: 0n } } : m)),
    };
    expect(value(await witness(input(unknown)), 'main.commitment')).toBe(commitValidatorSet(unknown));
  });

  it.each([
    ['an empty set', { active: [0n, 0n, 0n, 0n] }],
    ['a gap among the active', { active: [1n, 0n, 1n, 0n] }],
    ['activity that is no bit', { active: [1n, 2n, 0n, 0n] }],
    ['an identity in an inactive row', { identity: [1n, 2n, 3n, 4n] }],
  ])('rejects: %s', async (_name, change) => {
    const { witness } = await circuit();
    await expect(witness({ ...input(devnetSet(3)), ...change })).rejects.toMatchObject({
      code: 'CIRCUIT_ASSERTION',
    });
  });

  it('rejects: every wire altered alone', async () => {
    const { witness, sweep } = await circuit();
    // Every 7th wire: the full sweep runs with the full tests of the Poseidon template.
    expect(sweep(await witness(input(devnetSet(3))), { every: 7 })).toEqual([]);
  });
});

describe('SealSlots', () => {
  const circuit = () => compileCircuit(main('SealSlots', `${TIER}, ${SLOTS}`));
  const input = (size: number, signers: readonly (number | undefined)[]) => {
    const { active, key } = rowsOf(devnetSet(size));
    return { active, size: BigInt(size), key, select: signers.map(oneHot) };
  };

  it.each([
    [4, [0, 1, 3]],
    [4, [3, 0, 2]],
    [3, [0, 2, undefined]],
    [2, [0, 1, undefined]],
    [1, [undefined, 0, undefined]],
  ] as const)('accepts: a quorum of %i by %j', async (size, signers) => {
    const { witness, value } = await circuit();
    const given = input(size, signers);
    const wires = await witness(given);
    const spare = [...halves(SPARE_KEY.x), ...halves(SPARE_KEY.y)];
    signers.forEach((signer, slot) => {
      const expected = signer === undefined ? spare : given.key[signer]!;
      expected.forEach((half, h) => {
        expect(value(wires, `main.slotKey[${slot}][${h}]`)).toBe(half);
      });
    });
    for (let i = 0; i < TIER; i++)
      expect(value(wires, `main.sealed[${i}]`)).toBe(signers.some((signer) => signer === i) ? 1n : 0n);
  });

  it.each([
    ['one seal fewer than ⌈2N/3⌉', 4, [0, 1, undefined]],
    ['no seal at all', 1, [undefined, undefined, undefined]],
    ['a member counted twice', 3, [0, 0, undefined]],
    ['a member outside the set', 3, [0, 3, undefined]],
  ] as const)('rejects: %s', async (_name, size, signers) => {
    const { witness } = await circuit();
    await expect(witness(input(size, signers))).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });

  it('rejects: a slot that serves two members, and selections that are no bits', async () => {
    const { witness } = await circuit();
    const given = input(4, [0, 1, 2]);
    for (const row of [
      [1n, 0n, 0n, 1n],
      [2n, 0n, 0n, 0n],
      [1n, 1n, 0n, 1n],
    ])
      await expect(witness({ ...given, select: [row, oneHot(1), oneHot(2)] })).rejects.toMatchObject({
        code: 'CIRCUIT_ASSERTION',
      });
  });

  it('rejects: every private wire altered alone', async () => {
    const { witness, sweep, names } = await circuit();
    const wires = await witness(input(3, [0, 2, undefined]));
    // Keys and activity of rows that no slot selects are bound by the set's commitment, not here.
    const bound = /^main\.(key|active)\[/;
    const free = sweep(wires).filter(({ wire }) => !names(wire).some((name) => bound.test(name)));
    expect(free).toEqual([]);
  });
});

describe('AssertOverlap', () => {
  const circuit = () => compileCircuit(main('AssertOverlap', `${TIER}`));
  const input = (signing: ValidatorSet, trusted: ValidatorSet, sealed: readonly number[]) => {
    const [signer, old] = [rowsOf(signing), rowsOf(trusted)];
    const match = Array.from({ length: TIER }, (_, i) => {
      const index = trusted.members.findIndex((member) => member.identity === signing.members[i]?.identity);
      return oneHot(sealed.includes(i) && index >= 0 ? index : undefined);
    });
    return {
      sealed: Array.from({ length: TIER }, (_, i) => (sealed.includes(i) ? 1n : 0n)),
      signingIdentity: signer.identity,
      signingKey: signer.key,
      trustedActive: old.active,
      trustedSize: BigInt(trusted.members.length),
      trustedIdentity: old.identity,
      trustedKey: old.key,
      match,
    };
  };
  const four = devnetSet(4);
  const without = (index: number): ValidatorSet => ({
    ...four,
    members: four.members.filter((_, i) => i !== index),
  });

  it('accepts: equal sets, and more than a third in common', async () => {
    const { witness } = await circuit();
    await witness(input(four, four, [0, 1, 2]));
    await witness(input(without(1), four, [0, 1]));
    await witness(input(four, without(2), [0, 1]));
  });

  it('rejects: exactly a third of the trusted set', async () => {
    const { witness } = await circuit();
    const given = input(four, without(3), [0, 3]);
    await expect(witness(given)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });

  it('rejects: a member matched twice, to another member, without a seal, or by address alone', async () => {
    const { witness } = await circuit();
    const given = input(four, four, [0, 1]);
    const foreign = given.signingKey.map((key, i) => (i === 0 ? [...key.slice(0, 3), key[3]! + 1n] : key));
    for (const forged of [
      { ...given, match: [oneHot(0), oneHot(0), oneHot(undefined), oneHot(undefined)] },
      { ...given, match: [oneHot(1), oneHot(0), oneHot(undefined), oneHot(undefined)] },
      { ...given, match: [oneHot(0), oneHot(undefined), oneHot(2), oneHot(undefined)] },
      { ...given, match: [[1n, 1n, 0n, 0n], oneHot(undefined), oneHot(undefined), oneHot(undefined)] },
      { ...given, signingKey: foreign },
    ])
      await expect(witness(forged)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
  });

  it('rejects: every private wire altered alone, but what commitments bind', async () => {
    const { witness, sweep, names } = await circuit();
    const wires = await witness(input(four, four, [0, 1, 2]));
    const bound = /^main\.((signing|trusted)(Identity|Key)|sealed|trustedActive)\[/;
    const free = sweep(wires).filter(({ wire }) => !names(wire).some((name) => bound.test(name)));
    expect(free).toEqual([]);
  });
});
