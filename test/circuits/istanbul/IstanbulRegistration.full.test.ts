import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { circuitById } from '../../../src/build/registry.js';
import { createIstanbulDevnet } from '../../../src/devnet/istanbul.js';
import { createEngine } from '../../../src/engine/index.js';
import type { Engine } from '../../../src/engine/types.js';
import { encodeWitness } from '../../../src/formats/r1cs.js';
import { type ProveResult, prove } from '../../../src/groth16/prove.js';
import { loadProvingKey, type ProvingKey } from '../../../src/groth16/proving-key.js';
import { type DevelopmentSetupResult, developmentSetup } from '../../../src/groth16/setup.js';
import { BN254_R } from '../../../src/math/field.js';
import { SECP256K1_P as P } from '../../../src/math/secp256k1.js';
import { ISTANBUL_VARIANTS } from '../../../src/protocols/istanbul/extra-data.js';
import { createRegistrationInput } from '../../../src/protocols/istanbul/registration.js';
import { poseidon6 } from '../../../src/statement/poseidon.js';
import {
  addressOfKey,
  commitValidatorSet,
  TAG_SET,
  VARIANT_NUMBERS,
} from '../../../src/statement/set-commitment.js';
import type { CircuitInput, Member, ValidatorSet } from '../../../src/statement/types.js';
import { prepareKey, verifyProof } from '../../../src/verify/index.js';
import { compileCircuit, type TestCircuit } from '../../support/circuit.js';

const TIER = 4;
const X = 0xfedcba0987654321fedcba0987654321fedcba0987654321n;
const UNKNOWN: Member['publicKey'] = { x: 0n, y: 0n };

const network = (validators: number) =>
  createIstanbulDevnet({
    variant: 'qbft',
    seed: 'registration',
    validators,
    chainId: 1337n,
    changes: [{ height: 2, add: [validators], remove: [0] }],
  });
const setOf = (validators: number): ValidatorSet => network(validators).validatorSet(1);

const withKeys = (set: ValidatorSet, known: readonly boolean[]): ValidatorSet => ({
  ...set,
  members: set.members.map((member, i) => (known[i] ? member : { ...member, publicKey: UNKNOWN })),
});
const withMember = (set: ValidatorSet, index: number, change: Partial<Member>): ValidatorSet => ({
  ...set,
  members: set.members.map((member, i) => (i === index ? { ...member, ...change } : member)),
});
const sorted = (set: ValidatorSet): ValidatorSet => ({
  ...set,
  members: set.members.toSorted((a, b) => (a.identity < b.identity ? -1 : 1)),
});

const halves = (value = 0n): [bigint, bigint] => [BigInt.asUintN(128, value), value >> 128n];
const keyOf = (member: Member | undefined): bigint[] => [
  ...halves(member?.publicKey.x),
  ...halves(member?.publicKey.y),
];

/** The commitment of members that need not make a valid set, with these halves as their keys. */
const commitUnchecked = (
  { variant, chainId, members }: ValidatorSet,
  keys: readonly bigint[][] = members.map(keyOf),
): bigint => {
  const size = BigInt(members.length);
  return members.reduce(
    (link, { identity }, i) =>
      poseidon6(link, identity * 2n ** 64n + 1n, ...(keys[i] as [bigint, bigint, bigint, bigint])),
    poseidon6(TAG_SET, VARIANT_NUMBERS[variant], chainId, 2n, size, size),
  );
};

type Input = { [signal: string]: bigint | bigint[] | bigint[][] };

/** Inputs as a malicious prover gives them: nothing is checked, both commitments are those of the sets given. */
const unchecked = (oldSet: ValidatorSet, newSet: ValidatorSet, changes: Input = {}): CircuitInput => {
  const at = (set: ValidatorSet, i: number) => set.members[i];
  const rows = Array.from({ length: TIER }, (_, i) => at(newSet, i));
  const hasKey = (member: Member | undefined) =>
    member !== undefined && (member.publicKey.x !== 0n || member.publicKey.y !== 0n) ? 1n : 0n;
  return {
    oldSet: commitUnchecked(oldSet),
    newSet: commitUnchecked(newSet),
    x: X,
    variant: VARIANT_NUMBERS[newSet.variant],
    chainId: newSet.chainId,
    active: rows.map((member) => (member ? 1n : 0n)),
    identity: rows.map((member) => member?.identity ?? 0n),
    known: rows.map(hasKey),
    wasKnown: rows.map((_, i) => hasKey(at(oldSet, i))),
    key: rows.map(keyOf),
    ...changes,
  };
};

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
};

/** A point whose x, and one whose y, is so small that adding p leaves 256 bits. */
function pointWithSmall(coordinate: 'x' | 'y'): { x: bigint; y: bigint } {
  for (let small = 1n; ; small++) {
    // p ≡ 3 modulo 4 and p ≡ 7 modulo 9.
    const point =
      coordinate === 'x'
        ? { x: small, y: power(small ** 3n + 7n, (P + 1n) / 4n) }
        : { x: power(P + small ** 2n - 7n, (P + 2n) / 9n), y: small };
    if ((point.y ** 2n - point.x ** 3n - 7n) % P === 0n) return point;
  }
}

/** value / 2^9 modulo r: below 2^169 once shifted, far above by itself. */
const shiftedRight = (value: bigint): bigint => {
  let quotient = value;
  for (let i = 0; i < 9; i++) quotient = (quotient & 1n ? quotient + BN254_R : quotient) >> 1n;
  return quotient;
};

/** Three members of four, the second of which has this key and the address that belongs to it. */
const setWithKey = (publicKey: Member['publicKey']): ValidatorSet =>
  sorted(withMember(setOf(3), 1, { publicKey, identity: addressOfKey(publicKey) }));

describe('IstanbulRegistration(4)', () => {
  let circuit: TestCircuit;
  const full = setOf(4);
  const three = setOf(3);
  const none = withKeys(full, []);

  beforeAll(async () => {
    const { mainSource, level } = circuitById('istanbul-registration-4');
    circuit = await compileCircuit(mainSource, { level });
  });

  it('default: size and public inputs in order', async () => {
    expect([circuit.constraints, circuit.wires, circuit.publicInputs]).toEqual([169_131, 327_385, 3]);
    expect([1, 2, 3].map((wire) => circuit.names(wire)[0])).toEqual(['main.oldSet', 'main.newSet', 'main.x']);
  });

  it('behavior: the unchecked inputs of these tests are those of createRegistrationInput for valid sets', () => {
    expect(unchecked(none, full)).toEqual({ ...createRegistrationInput(none, full, TIER), x: X });
    const some = withKeys(three, [true, false, true]);
    expect(unchecked(withKeys(three, [true]), some)).toEqual({
      ...createRegistrationInput(withKeys(three, [true]), some, TIER),
      x: X,
    });
  });

  it.each<[string, ValidatorSet, ValidatorSet]>([
    ['all keys, the old set has none', none, full],
    [
      'one key unknown, the old set has one',
      withKeys(full, [false, true]),
      withKeys(full, [true, true, false, true]),
    ],
    ['nothing new', full, full],
    ['no key at all', none, none],
    ['three members', withKeys(three, []), three],
    ['one member', withKeys(setOf(1), []), setOf(1)],
    ...ISTANBUL_VARIANTS.slice(0, 2).map((variant): [string, ValidatorSet, ValidatorSet] => [
      `a set of ${variant}`,
      { ...none, variant },
      { ...full, variant },
    ]),
  ])('accepts: %s', async (_, oldSet, newSet) => {
    const witness = await circuit.witness({ ...createRegistrationInput(oldSet, newSet, TIER), x: X });
    expect(witness.slice(1, 4)).toEqual([commitValidatorSet(oldSet), commitValidatorSet(newSet), X]);
    expect(circuit.failingRow(witness)).toBeUndefined();
  });

  it('accepts: a point with a small coordinate, whose other spellings are rejected below', async () => {
    for (const coordinate of ['x', 'y'] as const) {
      const set = setWithKey(pointWithSmall(coordinate));
      await circuit.witness({ ...createRegistrationInput(set, set, TIER), x: X });
    }
  });

  const foreign = network(4)
    .validatorSet(2)
    .members.find(({ identity }) => full.members.every((m) => m.identity !== identity))!;
  const [first, second] = full.members as [Member, Member];
  const smallX = pointWithSmall('x');
  const smallY = pointWithSmall('y');
  const offCurve = setWithKey({ x: second.publicKey.x, y: second.publicKey.y ^ 1n });
  const highX = setWithKey({ ...smallX, x: smallX.x + P });
  const highY = setWithKey({ ...smallY, y: smallY.y + P });
  const fourth = (identity: bigint) => withMember(withKeys(full, [true, true, true]), 3, { identity });
  const shifted = shiftedRight(2n ** 168n + 1n);
  const reversed = { ...full, members: full.members.toReversed() };
  const twice = withMember(full, 1, first);
  const empty = { ...full, members: [] };
  const firstThree = (set: ValidatorSet) => ({ ...set, members: set.members.slice(0, 3) });
  const lastUnknown = withKeys(full, [true, true, true]);
  const foreignKey = withMember(full, 0, { publicKey: foreign.publicKey });
  const negated = withMember(full, 0, {
    publicKey: { ...first.publicKey, y: P - first.publicKey.y },
  });
  const exchanged = withMember(withMember(full, 0, { publicKey: second.publicKey }), 1, {
    publicKey: first.publicKey,
  });
  const otherHalves = full.members
    .map(keyOf)
    .map(([low, high, ...y]) => [low! + 2n ** 128n, high! - 1n, ...y]);
  const zeroSet = setWithKey(UNKNOWN);
  const zeroKey = unchecked(zeroSet, zeroSet, { known: [1n, 1n, 1n, 0n] });

  /** Template and line of a row, by how it begins. */
  const row = (template: string, text: string): [string, number] => {
    const lines = readFileSync(`circuits/protocols/istanbul/${template}.circom`, 'utf8').split('\n');
    const line = lines.findIndex((candidate) => candidate.trim().startsWith(text));
    expect(line, text).toBeGreaterThan(0);
    return [template, line + 1];
  };
  const TOP = 'IstanbulRegistration';
  const SET = 'IstanbulSetCommitment';
  const KEY = 'AssertKeyOfAddress';
  const OLD = row(TOP, 'oldSet === ');
  const CHUNKS = row(TOP, 'chunkSum + chRange === ');
  const ADDRESS = row(KEY, 'known * (address - identity)');
  const HALF = row(KEY, 'limb[h \\ 2][2 * (h % 2)] + ');

  it.each<[string, [string, number], CircuitInput]>([
    ['a key of the attacker beside a genuine address', ADDRESS, unchecked(none, foreignKey)],
    ['a key that was accepted without its address', ADDRESS, unchecked(foreignKey, foreignKey)],
    ['keys of two members exchanged', ADDRESS, unchecked(none, exchanged)],
    ['the negative of a key', ADDRESS, unchecked(none, negated)],
    ['a point off the curve that hashes to its address', CHUNKS, unchecked(offCurve, offCurve)],
    ['x + p, which hashes to its address', CHUNKS, unchecked(highX, highX)],
    ['y + p, which hashes to its address', CHUNKS, unchecked(highY, highY)],
    ['the zero key as a known one, which hashes to its address', CHUNKS, zeroKey],
    [
      'the same key in other halves',
      HALF,
      unchecked(none, full, { key: otherHalves, newSet: commitUnchecked(full, otherHalves) }),
    ],
    ['a known key replaced', OLD, unchecked(foreignKey, full)],
    ['a known key removed', row(TOP, 'wasKnown[i] * (1 - known[i])'), unchecked(full, lastUnknown)],
    [
      'a known key removed and its bit cleared',
      OLD,
      unchecked(full, lastUnknown, { wasKnown: [1n, 1n, 1n, 0n] }),
    ],
    ['another identity', OLD, unchecked(withMember(none, 3, { identity: foreign.identity }), full)],
    ['another chain', OLD, unchecked({ ...none, chainId: 1338n }, full)],
    ['another variant', OLD, unchecked({ ...none, variant: 'ibft2' }, full)],
    ['a member more than the old set', OLD, unchecked(firstThree(none), full)],
    ['a member fewer than the old set', OLD, unchecked(none, firstThree(full))],
    ['an empty set', row(SET, 'active[0] === 1'), unchecked(empty, empty)],
    [
      'a gap among the members',
      row(SET, 'active[i] * (1 - active[i - 1])'),
      unchecked(full, full, { active: [1n, 0n, 1n, 1n] }),
    ],
    ['unsorted identities', CHUNKS, unchecked(reversed, reversed)],
    ['a member listed twice', CHUNKS, unchecked(twice, twice)],
    ['an identity of 161 bits', CHUNKS, unchecked(fourth(2n ** 160n), fourth(2n ** 160n))],
    ['an identity that fits only when shifted', CHUNKS, unchecked(fourth(shifted), fourth(shifted))],
    ['a known bit with key zero', ADDRESS, unchecked(lastUnknown, lastUnknown, { known: [1n, 1n, 1n, 1n] })],
    [
      'no known bit with a key',
      row(KEY, '(1 - known) * key[h]'),
      unchecked(none, full, { known: [1n, 1n, 1n, 0n] }),
    ],
    [
      'a known bit that is none',
      row(TOP, 'known[i] * (1 - known[i])'),
      unchecked(none, full, { known: [1n, 1n, 1n, 2n] }),
    ],
    [
      'an old known bit with key zero',
      row(TOP, 'wasKnown[i] * (1 - known[i])'),
      unchecked(lastUnknown, lastUnknown, { wasKnown: [1n, 1n, 1n, 1n] }),
    ],
    [
      'an old known bit that is none',
      row(TOP, 'wasKnown[i] * (1 - wasKnown[i])'),
      unchecked(none, full, { wasKnown: [0n, 0n, 0n, 2n] }),
    ],
    [
      'a key behind the last member',
      row(SET, 'for (var h = 0; h < 4; h++) (1 - active[i]) * key'),
      unchecked(three, three, { key: full.members.map(keyOf), known: [1n, 1n, 1n, 1n] }),
    ],
  ])('rejects: %s', async (_, expected, input) => {
    const error = await circuit.witness(input).then(
      () => undefined,
      (reason: { readonly code: string; readonly message: string }) => reason,
    );
    expect(error).toMatchObject({ code: 'CIRCUIT_ASSERTION' });
    // The innermost template comes first.
    const [, template, line] = /template (\w+?)_\d+ line: (\d+)/.exec(error?.message ?? '') ?? [];
    expect([template, Number(line)], error?.message).toEqual(expected);
  });

  it('rejects: one altered wire in some hundred, members with and without key among them', async () => {
    const some = withKeys(three, [true, false, true]);
    const witness = await circuit.witness({ ...createRegistrationInput(some, some, TIER), x: X });
    const accepted = circuit.sweep(witness, { every: 211, includePublic: true });
    expect(accepted.flatMap(({ names }) => names)).toEqual([]);
  });
});

describe('a registration in zero knowledge, tier 4', () => {
  const folder = mkdtempSync(join(tmpdir(), 'registration-test-'));
  const full = setOf(4);
  const oldSet = withKeys(full, [false, true]);
  const newSet = withKeys(full, [true, true, false, true]);
  let engine: Engine;
  let key: ProvingKey;
  let setup: DevelopmentSetupResult;
  let proved: ProveResult;

  beforeAll(async () => {
    engine = await createEngine({ threads: 2 });
    const { mainSource, level, system } = circuitById('istanbul-registration-4');
    const circuit = await compileCircuit(mainSource, { level });
    const { r1csPath, symPath } = circuit;
    const zkeyPath = join(folder, 'registration.zkey');
    setup = await developmentSetup({ r1csPath, symPath, zkeyPath, engine, system });
    key = await loadProvingKey({ path: zkeyPath, engine });
    const input = createRegistrationInput(oldSet, newSet, TIER);
    proved = await prove({
      key,
      witness: async (x) => encodeWitness(await circuit.witness({ ...input, x })),
    });
  });
  afterAll(async () => {
    await key?.close();
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const statement = [commitValidatorSet(oldSet), commitValidatorSet(newSet)];

  it('accepts: the proof, for the commitments of both sets', () => {
    expect(proved.publicInputs.slice(0, 2)).toEqual(statement);
    expect(verifyProof(prepareKey(setup.verificationKey), proved.proof, statement)).toEqual({ ok: true });
  });

  it('rejects: the proof for other sets, the sets exchanged, or a statement of finality', () => {
    const prepared = prepareKey(setup.verificationKey);
    for (const inputs of [
      [statement[0]!, commitValidatorSet(full)],
      [commitValidatorSet(withKeys(full, [])), statement[1]!],
      statement.toReversed(),
    ])
      expect(verifyProof(prepared, proved.proof, inputs)).toMatchObject({ ok: false, code: 'PROOF_INVALID' });
    expect(verifyProof(prepared, proved.proof, [...statement, 0n, 0n, 0n, 0n])).toMatchObject({
      ok: false,
      code: 'PUBLIC_INPUT_COUNT',
    });
  });

  it('default: the second round leaves no choice', () => {
    expect(setup.partitionReport).toMatchObject({ balances: 2 });
  });
});
