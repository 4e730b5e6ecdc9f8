/** The whole QBFT circuit at tier 4, given what forgers would give it. */
import { readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileCircuit } from '../../../src/build/compile.js';
import { circuitById } from '../../../src/build/registry.js';
import { createIstanbulDevnet, type IstanbulDevnetOptions } from '../../../src/devnet/istanbul.js';
import {
  createValidator,
  type IstanbulValidator,
  signSeal,
} from '../../../src/devnet/istanbul-validators.js';
import { findFailingRow, type R1cs, readR1cs } from '../../../src/formats/r1cs.js';
import { assertSatisfied } from '../../../src/groth16/witness.js';
import { BN254_R } from '../../../src/math/field.js';
import { poseidon } from '../../../src/math/poseidon.js';
import {
  type IstanbulBlock,
  parseHeader,
  sealDigestOfRound,
} from '../../../src/protocols/istanbul/header.js';
import { istanbul } from '../../../src/protocols/istanbul/index.js';
import { isSameMember, setOfBlock } from '../../../src/protocols/istanbul/members.js';
import { SECP256K1_N, signaturePoint } from '../../../src/protocols/istanbul/seals.js';
import { maxHeaderBytes } from '../../../src/protocols/istanbul/tiers.js';
import { SPARE_KEY, SPARE_SECRET, slotsOf } from '../../../src/protocols/istanbul/witness.js';
import { bytesToInteger } from '../../../src/statement/hash.js';
import { packStatement } from '../../../src/statement/packing.js';
import {
  commitValidatorSet,
  isKeyUnknown,
  TAG_SET,
  VARIANT_NUMBERS,
} from '../../../src/statement/set-commitment.js';
import type { CircuitInput, ValidatorSet } from '../../../src/statement/types.js';
import { loadWitnessProgram, type WitnessProgram } from '../../../src/witness/program.js';
import { fixturesAvailable, fixtureText } from '../../support/fixtures.js';

const CIRCUIT = 'istanbul-qbft-4';
const TIER = 4;
const SLOTS = slotsOf(TIER);
/** Rows are checked for one challenge; soundness over all of them is the argument of the lookup tables. */
const CHALLENGE = BigInt(`0x${'5a'.repeat(31)}`);
const PUBLIC_INPUTS = ['trustedSet', 'signingSet', 'nextSet', 'w1', 'w2', 'w3', 'x'];

const SPARE: IstanbulValidator = {
  secret: SPARE_SECRET,
  member: { identity: 0n, publicKey: SPARE_KEY, power: 1n },
};
const ATTACKER = createValidator('finality', 'a key of nobody');

/** What a prover claims: any header, sets and signatures, in whatever combination. */
type Claim = {
  readonly block: IstanbulBlock;
  readonly signing: ValidatorSet;
  readonly trusted: ValidatorSet;
  /** A signature for each slot, and the member it is said to be of; none for a spare slot. */
  readonly slots: readonly { readonly seal: Uint8Array; readonly member?: number }[];
};

let program: WitnessProgram;
let r1cs: R1cs;

beforeAll(async () => {
  const { mainSource, level } = circuitById(CIRCUIT);
  const compiled = await compileCircuit({
    mainSource,
    level,
    circuitsFolder: 'circuits',
    cacheFolder: '.cache/circuits',
  });
  program = await loadWitnessProgram(readFileSync(compiled.wasmPath), compiled.wasmPath);
  r1cs = readR1cs(compiled.r1csPath);
});

const network = (options: Partial<IstanbulDevnetOptions> = {}) =>
  createIstanbulDevnet({
    variant: 'qbft',
    seed: 'finality',
    validators: 4,
    chainId: 1337n,
    forkFields: 3,
    round: 2,
    ...options,
  });

const spareSeal = (block: IstanbulBlock): Uint8Array => signSeal(SPARE, block.sealDigest);

const limbs = (value: bigint): bigint[] =>
  Array.from({ length: 4 }, (_, i) => BigInt.asUintN(64, value >> BigInt(64 * i)));

const halves = (value: bigint): bigint[] => [BigInt.asUintN(128, value), value >> 128n];

const rows = <T>(value: (i: number) => T): T[] => Array.from({ length: TIER }, (_, i) => value(i));

const oneHot = (index: number | undefined): bigint[] => rows((i) => (i === index ? 1n : 0n));

const membersOf = (prefix: string, { members }: ValidatorSet): CircuitInput => ({
  [`${prefix}Active`]: rows((i) => (members[i] === undefined ? 0n : 1n)),
  [`${prefix}Identity`]: rows((i) => members[i]?.identity ?? 0n),
  [`${prefix}Key`]: rows((i) => [
    ...halves(members[i]?.publicKey.x ?? 0n),
    ...halves(members[i]?.publicKey.y ?? 0n),
  ]),
});

/** The commitment of members as they are: false sets too, which `commitValidatorSet` refuses. */
const commitUnchecked = ({ variant, chainId, members }: ValidatorSet): bigint =>
  members.reduce(
    (link, { identity, power, publicKey: { x, y } }) =>
      poseidon([link, (identity << 64n) | power, ...halves(x), ...halves(y)]),
    poseidon([
      TAG_SET,
      VARIANT_NUMBERS[variant],
      chainId,
      2n,
      BigInt(members.length),
      BigInt(members.length),
    ]),
  );

/** All inputs for a claim. No rule is checked here: that is the circuit's part. */
const inputOf = ({ block, signing, trusted, slots }: Claim): CircuitInput => {
  const [trustedSet, signingSet, nextSet, w1, w2, w3] = packStatement({
    trustedSet: commitUnchecked(trusted),
    signingSet: commitUnchecked(signing),
    nextSet: 0n,
    height: block.number,
    time: block.time,
    blockHash: bytesToInteger(block.hash),
    stateRoot: bytesToInteger(block.stateRoot),
  }) as [bigint, bigint, bigint, bigint, bigint, bigint];
  const all = Array.from({ length: SLOTS }, (_, i) => slots[i] ?? { seal: spareSeal(block) });
  const signatures = all.map(({ seal }) => {
    const r = bytesToInteger(seal.subarray(0, 32));
    const point = signaturePoint(r, seal[64] === 1 ? 1 : 0);
    if (point === undefined) throw new Error('a test gave a signature without a point');
    return { r: limbs(r), s: limbs(bytesToInteger(seal.subarray(32, 64))), y: limbs(point.y) };
  });
  const sealed = new Set(all.map(({ member }) => member));
  return {
    trustedSet,
    signingSet,
    nextSet,
    w1,
    w2,
    w3,
    x: CHALLENGE,
    chainId: signing.chainId,
    header: Array.from({ length: maxHeaderBytes(TIER) }, (_, i) => BigInt(block.sealPreimage[i] ?? 0)),
    headerLength: BigInt(block.sealPreimage.length),
    ...membersOf('signing', signing),
    ...membersOf('trusted', trusted),
    select: all.map(({ member }) => oneHot(member)),
    match: rows((i) => {
      const member = signing.members[i];
      const index = trusted.members.findIndex((old) => member !== undefined && isSameMember(old, member));
      return oneHot(sealed.has(i) && index >= 0 ? index : undefined);
    }),
    r: signatures.map(({ r }) => r),
    s: signatures.map(({ s }) => s),
    noncePointY: signatures.map(({ y }) => y),
    nonce: 0n,
  };
};

/** The claim that is true: seals in the header, by the members that made them. */
const honest = (block: IstanbulBlock, signing: ValidatorSet, trusted: ValidatorSet = signing): Claim => {
  const signers = setOfBlock(block, signing.chainId, []).members;
  const order = block.extra.seals.map((seal) => ({ seal, member: memberOfSeal(block, seal) }));
  expect(signers.length).toBe(block.extra.validators.length);
  return { block, signing, trusted, slots: order.toSorted((a, b) => a.member - b.member).slice(0, SLOTS) };
};

/** Index in the header's list, by key recovery. */
const memberOfSeal = (block: IstanbulBlock, seal: Uint8Array): number => {
  const recovered = secp256k1.Signature.fromBytes(
    Uint8Array.from([(seal[64] as number) % 27, ...seal.subarray(0, 64)]),
    'recovered',
  )
    .recoverPublicKey(block.sealDigest)
    .toAffine();
  const set = setOfBlock(block, 1n, []);
  return set.members.findIndex(({ publicKey }) => publicKey.x === recovered.x && publicKey.y === recovered.y);
};

/** A seal by a validator of the network, in the round of the block. */
const sealBy = (validator: IstanbulValidator | undefined, block: IstanbulBlock): Uint8Array =>
  signSeal(validator as IstanbulValidator, block.sealDigest);

const expectAccepted = (input: CircuitInput): Uint8Array => {
  const witness = program.compute(input);
  expect(() => assertSatisfied(r1cs, witness)).not.toThrow();
  return witness;
};

/** The rule that breaks first, by the templates that the program names. */
const expectRefused = (input: CircuitInput, template: string): void => {
  let message = 'accepted';
  try {
    program.compute(input);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CIRCUIT_ASSERTION' });
    message = (error as Error).message;
  }
  expect(message).toMatch(new RegExp(`template ${template}_`));
};

describe('IstanbulFinality: what is true', () => {
  it.each([
    ['4 validators', {}],
    ['a round of 127 and every fork field', { round: 127, forkFields: 6 }],
    ['1 validator, round 0, no fork field', { validators: 1, round: 0, forkFields: 0 }],
    ['3 validators, all of them sealing', { validators: 3, seals: 3 }],
  ])('accepts: %s', (_what, options) => {
    const devnet = network(options);
    const { block } = devnet.block(2);
    const set = devnet.validatorSet(2);
    const input = inputOf(honest(block, set));
    expect(input).toEqual({ ...istanbul.circuitInput(block, set, TIER), x: CHALLENGE });
    expectAccepted(input);
  });

  it.runIf(fixturesAvailable)('accepts: the recorded QBFT block, one key of four unknown', () => {
    const text = fixtureText('istanbul/besu-qbft-header-7528.hex').trim().replace(/^0x/, '');
    const block = parseHeader(Uint8Array.from(Buffer.from(text, 'hex')), 'qbft');
    const set = setOfBlock(block, 2018n, []);
    expect(set.members.filter(isKeyUnknown).length).toBe(1);
    const input = inputOf(honest(block, set));
    expectAccepted(input);
    // The member whose key nobody knows, said to have sealed.
    const unknown = set.members.findIndex(isKeyUnknown);
    const claim = honest(block, set);
    expectRefused(
      inputOf({ ...claim, slots: [...claim.slots.slice(0, 2), { seal: spareSeal(block), member: unknown }] }),
      'EcdsaBatch',
    );
  });

  it('accepts: another signing set, of which two in four are trusted', () => {
    const devnet = network({ changes: [{ height: 3, add: [4, 5], remove: [0, 1] }], seals: 4 });
    const { block } = devnet.block(3);
    const [trusted, signing] = [devnet.validatorSet(2), devnet.validatorSet(3)];
    const claim = honest(block, signing, trusted);
    // The slots must hold both members that stayed.
    const stayed = signing.members.flatMap((member, i) =>
      trusted.members.some((old) => isSameMember(old, member)) ? [i] : [],
    );
    expect(stayed.length).toBe(2);
    const keys = devnet.validators(3);
    const joined = [0, 1, 2, 3].find((i) => !stayed.includes(i)) as number;
    const slots = [...stayed, joined].map((member) => ({ seal: sealBy(keys[member], block), member }));
    expectAccepted(inputOf({ ...claim, slots }));
  });

  it('rejects: each public input altered in the witness, the challenge too', () => {
    const devnet = network();
    const witness = expectAccepted(inputOf(honest(devnet.block(2).block, devnet.validatorSet(2))));
    for (const [i, name] of PUBLIC_INPUTS.entries()) {
      const forged = Uint8Array.from(witness);
      forged[32 * (1 + i)] = (forged[32 * (1 + i)] as number) ^ 1;
      expect(findFailingRow(r1cs, forged), name).toBeDefined();
    }
  });
});

describe('IstanbulFinality: seals', () => {
  const devnet = network();
  const { block } = devnet.block(2);
  const set = devnet.validatorSet(2);
  const keys = devnet.validators(2);
  const claim = honest(block, set);
  const own = (member: number) => ({ seal: sealBy(keys[member], block), member });

  it('rejects: too few seals, the rest spare', () => {
    expectRefused(inputOf({ ...claim, slots: [own(0), own(1)] }), 'SealSlots');
    expectRefused(inputOf({ ...claim, slots: [] }), 'SealSlots');
  });

  it('rejects: a seal counted twice, as it is and with the other s', () => {
    const twice = own(1);
    expectRefused(inputOf({ ...claim, slots: [own(0), twice, twice] }), 'SealSlots');
    const s = bytesToInteger(twice.seal.subarray(32, 64));
    const other = Uint8Array.from([
      ...twice.seal.subarray(0, 32),
      ...Buffer.from((SECP256K1_N - s).toString(16).padStart(64, '0'), 'hex'),
      1 - (twice.seal[64] as number),
    ]);
    expectAccepted(inputOf({ ...claim, slots: [own(0), { seal: other, member: 1 }, own(2)] }));
    expectRefused(inputOf({ ...claim, slots: [own(0), twice, { seal: other, member: 1 }] }), 'SealSlots');
  });

  it('rejects: one slot for two members', () => {
    const input = inputOf({ ...claim, slots: [own(0), own(1)] });
    const select = [oneHot(0), rows((i) => (i === 1 || i === 2 ? 1n : 0n)), oneHot(undefined)];
    expectRefused({ ...input, select }, 'SealSlots');
    const weights = [oneHot(0), rows((i) => (i === 1 ? 2n : i === 2 ? BN254_R - 1n : 0n)), oneHot(undefined)];
    expectRefused({ ...input, select: weights }, 'SealSlots');
  });

  it('rejects: a foreign seal, and a spare one, in the name of a member', () => {
    expectRefused(
      inputOf({ ...claim, slots: [own(0), own(1), { seal: sealBy(ATTACKER, block), member: 2 }] }),
      'EcdsaBatch',
    );
    expectRefused(
      inputOf({ ...claim, slots: [own(0), own(1), { seal: spareSeal(block), member: 2 }] }),
      'EcdsaBatch',
    );
    expectRefused(
      inputOf({ ...claim, slots: [own(0), own(1), { seal: own(2).seal, member: 3 }] }),
      'EcdsaBatch',
    );
  });

  it('rejects: a spare slot without the spare key’s signature', () => {
    const three = network({ validators: 3 });
    const other = three.block(2).block;
    const [a, b] = honest(other, three.validatorSet(2)).slots;
    expectRefused(
      inputOf({
        ...honest(other, three.validatorSet(2)),
        slots: [a as Claim['slots'][0], b as Claim['slots'][0], { seal: sealBy(ATTACKER, other) }],
      }),
      'EcdsaBatch',
    );
  });

  it('rejects: a seal of a place that the set does not have', () => {
    const three = network({ validators: 3 });
    const other = three.block(2).block;
    const full = honest(other, three.validatorSet(2));
    expectRefused(
      inputOf({ ...full, slots: [...full.slots.slice(0, 1), { seal: spareSeal(other), member: 3 }] }),
      'SealSlots',
    );
  });

  it('rejects: seals of another height, of another round, of another block of this height', () => {
    const digests = [
      devnet.block(1).block.sealDigest,
      sealDigestOfRound(block, 0),
      devnet.block(2, 'equivocation').block.sealDigest,
      block.hash,
    ];
    for (const digest of digests) {
      const other = { seal: signSeal(keys[2] as IstanbulValidator, digest), member: 2 };
      expectRefused(inputOf({ ...claim, slots: [own(0), own(1), other] }), 'EcdsaBatch');
    }
    const all = [0, 1, 2].map((member) => ({
      seal: signSeal(keys[member] as IstanbulValidator, digests[0] as Uint8Array),
      member,
    }));
    expectRefused(inputOf({ ...claim, slots: all }), 'EcdsaBatch');
  });

  it('rejects: a header altered under genuine seals', () => {
    const input = inputOf(claim);
    const header = input.header as bigint[];
    // Parent hash, bloom, a fork field: bytes that no other rule reads.
    for (const at of [10, 300, block.sealPreimage.length - 1])
      expectRefused(
        { ...input, header: header.with(at, (header[at] as bigint) ^ 1n) },
        'EcdsaBatch|IstanbulFinality',
      );
    expectRefused({ ...input, header: header.with(-1, 1n) }, 'KeccakMessageLookups');
  });
});

describe('IstanbulFinality: the statement', () => {
  const devnet = network();
  const { block } = devnet.block(2);
  const input = inputOf(honest(block, devnet.validatorSet(2)));
  const add = (name: string, by: bigint): CircuitInput => ({
    ...input,
    [name]: (((input[name] as bigint) + by) % BN254_R) as bigint,
  });

  it.each([
    ['a wrong block hash', 'w1', 1n],
    ['a wrong state root', 'w2', 1n],
    ['a wrong last byte of the state root', 'w3', 1n],
    ['a wrong last byte of the block hash', 'w3', 256n],
    ['a wrong time', 'w3', 1n << 16n],
    ['a wrong height', 'w3', 1n << 80n],
    ['a next set', 'nextSet', 1n],
    ['another trusted set', 'trustedSet', 1n],
    ['another signing set', 'signingSet', 1n],
    ['another chain', 'chainId', 1n],
  ])('rejects: %s', (_what, name, by) => {
    expectRefused(add(name, by), 'IstanbulFinality');
  });

  it('rejects: the hash that seals sign in place of the block hash', () => {
    const [, , , w1, , w3] = packStatement({
      trustedSet: 0n,
      signingSet: 0n,
      nextSet: 0n,
      height: block.number,
      time: block.time,
      blockHash: bytesToInteger(block.sealDigest),
      stateRoot: bytesToInteger(block.stateRoot),
    }) as [bigint, bigint, bigint, bigint, bigint, bigint];
    expect(w1).not.toBe(input.w1);
    expectRefused({ ...input, w1, w3 }, 'IstanbulFinality');
  });
});

describe('IstanbulFinality: the trusted set', () => {
  const devnet = network({ validators: 3, seals: 3 });
  const { block } = devnet.block(2);
  const signing = devnet.validatorSet(2);
  const strangers = network({ seed: 'strangers', validators: 4 }).validatorSet(2);
  const sorted = (members: ValidatorSet['members']): ValidatorSet => ({
    ...signing,
    members: members.toSorted((a, b) => (a.identity < b.identity ? -1 : 1)),
  });
  const mixed = (kept: number, foreign: number): ValidatorSet =>
    sorted([...signing.members.slice(0, kept), ...strangers.members.slice(0, foreign)]);
  const claim = (trusted: ValidatorSet): Claim => honest(block, signing, trusted);

  it('rejects: no overlap, and exactly a third of it', () => {
    expectRefused(inputOf(claim(mixed(0, 3))), 'AssertOverlap');
    expectRefused(inputOf(claim(mixed(1, 2))), 'AssertOverlap');
    expectRefused(inputOf(claim(mixed(1, 3))), 'AssertOverlap');
  });

  it('accepts: one more than a third', () => {
    expectAccepted(inputOf(claim(mixed(1, 1))));
    expectAccepted(inputOf(claim(mixed(2, 2))));
  });

  it('rejects: overlap by address alone, by key alone, and the same trusted member twice', () => {
    const [a, b, c] = signing.members as [
      ValidatorSet['members'][0],
      ValidatorSet['members'][0],
      ValidatorSet['members'][0],
    ];
    const [s, t] = strangers.members as [ValidatorSet['members'][0], ValidatorSet['members'][0]];
    const pretend = (trusted: ValidatorSet, match: readonly bigint[][]): CircuitInput => ({
      ...inputOf(claim(trusted)),
      match: [...match],
    });
    const index = (set: ValidatorSet, identity: bigint): number =>
      set.members.findIndex((member) => member.identity === identity);
    const byAddress = sorted([{ ...a, publicKey: s.publicKey }, { ...b, publicKey: t.publicKey }, c]);
    expectRefused(inputOf(claim(byAddress)), 'AssertOverlap');
    expectRefused(
      pretend(
        byAddress,
        rows((i) => oneHot(i < 3 ? i : undefined)),
      ),
      'AssertOverlap',
    );
    const byKey = sorted([
      { ...s, publicKey: a.publicKey },
      { ...t, publicKey: b.publicKey },
    ]);
    expectRefused(
      pretend(byKey, [
        oneHot(index(byKey, s.identity)),
        oneHot(index(byKey, t.identity)),
        oneHot(undefined),
        oneHot(undefined),
      ]),
      'AssertOverlap',
    );
    const one = mixed(1, 2);
    const place = index(one, a.identity);
    expectRefused(
      pretend(one, [oneHot(place), oneHot(place), oneHot(undefined), oneHot(undefined)]),
      'AssertOverlap',
    );
  });

  it('rejects: overlap with members who did not seal', () => {
    const trusted = mixed(2, 1);
    const full = claim(trusted);
    // Of the two trusted members one sealed; the other is matched all the same.
    const input = inputOf({ ...full, slots: full.slots.slice(1) });
    const match = rows((i) =>
      oneHot(
        i < 2 ? trusted.members.findIndex((m) => m.identity === signing.members[i]?.identity) : undefined,
      ),
    );
    expectRefused(inputOf({ ...full, slots: full.slots.slice(1) }), 'AssertOverlap');
    expectRefused({ ...input, match }, 'AssertOverlap');
  });

  it('rejects: the list of another set, more or fewer members, another order', () => {
    const other = (members: ValidatorSet['members']): CircuitInput =>
      inputOf({ ...claim(signing), signing: { ...signing, members } });
    expectRefused(
      other([...signing.members, strangers.members[0] as ValidatorSet['members'][0]]),
      'HeaderWalk',
    );
    expectRefused(other(signing.members.slice(0, 2)), 'HeaderWalk|SealSlots');
    expectRefused(other(signing.members.toReversed()), 'HeaderWalk');
    expectRefused(other(strangers.members.slice(0, 3)), 'HeaderWalk|AssertOverlap');
  });
});

describe('IstanbulFinality: takeovers', () => {
  it('rejects: foreign keys beside genuine addresses, under the genuine set; their own set is never a registered one', () => {
    const devnet = network({ changes: [{ height: 3, add: [4, 5], remove: [0, 1] }] });
    const { block } = devnet.block(3, 'foreign-keys');
    const trusted = devnet.validatorSet(2);
    const genuine = devnet.validatorSet(3);
    const forged = devnet.attackerSet(3, 'foreign-keys');
    const byKey = (key: { x: bigint }): number =>
      forged.members.findIndex(({ publicKey }) => publicKey.x === key.x);
    const slots = block.extra.seals
      .map((seal) => {
        const { x } = secp256k1.Signature.fromBytes(
          Uint8Array.from([seal[64] as number, ...seal.subarray(0, 64)]),
          'recovered',
        )
          .recoverPublicKey(block.sealDigest)
          .toAffine();
        return { seal, member: byKey({ x }) };
      })
      .toSorted((a, b) => a.member - b.member);
    const kept = forged.members.flatMap((member, i) =>
      trusted.members.some((old) => isSameMember(old, member)) ? [i] : [],
    );
    const chosen = [
      ...slots.filter(({ member }) => kept.includes(member)),
      ...slots.filter(({ member }) => !kept.includes(member)),
    ].slice(0, SLOTS);
    expect(chosen.every(({ member }) => member >= 0)).toBe(true);

    // The circuit proves no more than it is asked: quorum of a set that has these keys. That set has a commitment of its own …
    const own = inputOf({ block, trusted, signing: forged, slots: chosen });
    expectAccepted(own);
    expect(() => commitValidatorSet(forged)).toThrow(expect.objectContaining({ code: 'MEMBER_KEY_ADDRESS' }));
    expect(own.signingSet).not.toBe(commitValidatorSet(genuine));
    expect(own.signingSet).not.toBe(own.trustedSet);
    // … and under that of the genuine set, which a registration would give, there is no proof.
    expectRefused({ ...own, signingSet: commitValidatorSet(genuine) }, 'IstanbulFinality');
    expectRefused({ ...own, signingSet: own.trustedSet as bigint }, 'IstanbulFinality');
    expectRefused(inputOf({ block, trusted, signing: genuine, slots: chosen }), 'EcdsaBatch');
  });

  it('rejects: a list of the proposer’s own, under the trusted set; its own commitment gives it away', () => {
    const devnet = network({ validators: 2 });
    const { block } = devnet.block(2, 'own-list');
    const trusted = devnet.validatorSet(2);
    const forged = devnet.attackerSet(2, 'own-list');
    const own = inputOf(honest(block, forged, trusted));
    expectAccepted(own);
    expect(own.signingSet).not.toBe(own.trustedSet);
    expectRefused({ ...own, signingSet: own.trustedSet as bigint }, 'IstanbulFinality');
    expectRefused({ ...own, trustedSet: own.signingSet as bigint }, 'IstanbulFinality');
    const claim = honest(block, forged, trusted);
    expectRefused(
      inputOf({
        ...claim,
        signing: trusted,
        slots: claim.slots.map(({ seal }, member) => ({ seal, member: member % 2 })).slice(0, 2),
      }),
      'HeaderWalk|EcdsaBatch',
    );
  });
});
