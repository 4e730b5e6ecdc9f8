import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, it } from 'vitest';
import { fromNobleG1, fromNobleG2 } from '../../src/groth16/points.js';
import { Fr } from '../../src/math/field.js';
import { COORDINATE_MODULUS as Q, FIELD_MODULUS as R } from '../../src/statement/curve.js';
import { formatProof, formatVerificationKey, parseVerificationKey } from '../../src/statement/keys.js';
import { toG1, toG2 } from '../../src/statement/noble-points.js';
import type { G1, Groth16Proof, ProofSystem } from '../../src/statement/types.js';
import { type PreparedKey, prepareKey } from '../../src/verify/prepared-key.js';
import { verifyProof, verifyProofJson } from '../../src/verify/verify-proof.js';
import { arithmeticSuffix, onWasm } from '../support/arithmetic.js';
import { recordFigure } from '../support/figures.js';
import { runs, seededBytes, seededInteger } from '../support/runs.js';
import { blinding, g2OutsideSubgroup, makeKey, prove, secrets } from './support.js';

type Json = { [field: string]: unknown };

const inputs = [5n, 6n, 0n, (1n << 248n) - 1n, 12345n, 7528n << 80n];
const signals = inputs.map(String);
const systems: readonly ProofSystem[] = ['groth16', 'ultragroth'];
const made = Object.fromEntries(
  systems.map((system) => {
    const reference = makeKey(system);
    const proof = prove(reference, inputs);
    const other = prove(reference, inputs, { r: 5n, s: 6n, kappa: 7n });
    const elsewhere = prove(reference, [...inputs.slice(0, 5), 1n], { r: 8n, s: 9n, kappa: 10n });
    return [system, { reference, key: prepareKey(reference.verification), proof, other, elsewhere }];
  }),
) as {
  [System in ProofSystem]: {
    readonly reference: ReturnType<typeof makeKey>;
    readonly key: PreparedKey;
    readonly proof: Groth16Proof;
    readonly other: Groth16Proof;
    readonly elsewhere: Groth16Proof;
  };
};

const json = (proof: Groth16Proof): Json => JSON.parse(JSON.stringify(formatProof(proof))) as Json;
const times = (point: G1, scalar: bigint): G1 => fromNobleG1(toG1(point).multiplyUnsafe(Fr.mod(scalar)));
const plus = (a: G1, b: G1): G1 => fromNobleG1(toG1(a).add(toG1(b)));
const times2 = (point: Groth16Proof['b'], scalar: bigint): Groth16Proof['b'] =>
  fromNobleG2(toG2(point).multiplyUnsafe(Fr.mod(scalar)));
const generator1: G1 = { x: 1n, y: 2n };
const generator2 = fromNobleG2(bn254.G2.Point.BASE);

const code = (result: { readonly ok: boolean; readonly code?: string }): string =>
  result.ok ? 'ok' : (result.code ?? 'no code');

/** Every coordinate of a proof's JSON as a path. */
const coordinatePaths = (system: ProofSystem): (readonly (string | number)[])[] => [
  ['pi_a', 0],
  ['pi_a', 1],
  ['pi_b', 0, 0],
  ['pi_b', 0, 1],
  ['pi_b', 1, 0],
  ['pi_b', 1, 1],
  ['pi_c', 0],
  ['pi_c', 1],
  ...(system === 'ultragroth' ? [['pi_d', 0] as const, ['pi_d', 1] as const] : []),
];

function at(document: Json, path: readonly (string | number)[], change: (value: string) => unknown): Json {
  const copy = structuredClone(document);
  let place: { [key: string | number]: unknown } = copy;
  for (const step of path.slice(0, -1)) place = place[step] as typeof place;
  const last = path.at(-1)!;
  place[last] = change(place[last] as string);
  return copy;
}

describe.each(systems)('verifyProof, %s', (system) => {
  const { key, proof, other, elsewhere, reference } = made[system];
  const label = `${system === 'groth16' ? 'plain' : 'two-round'}${arithmeticSuffix}`;
  const document = json(proof);

  it('default: honest proofs hold, typed and as JSON', () => {
    expect(verifyProof(key, proof, inputs)).toEqual({ ok: true });
    expect(verifyProof(key, other, inputs)).toEqual({ ok: true });
    expect(verifyProofJson(key, document, signals)).toEqual({ ok: true });
  });

  it('behavior: extreme inputs verify: all 0, all r − 1', () => {
    for (const value of [0n, R - 1n]) {
      const same = inputs.map(() => value);
      expect(verifyProof(key, prove(reference, same), same)).toEqual({ ok: true });
    }
  });

  it('error: any bit of any coordinate flipped', () => {
    const codes = new Map<string, number>();
    for (const path of coordinatePaths(system))
      for (let bit = 0n; bit < 256n; bit++) {
        const flipped = at(document, path, (value) => (BigInt(value) ^ (1n << bit)).toString());
        const result = code(verifyProofJson(key, flipped, signals));
        codes.set(result, (codes.get(result) ?? 0) + 1);
      }
    expect([...codes.keys()].sort()).toEqual(['NUMBER_RANGE', 'POINT_OFF_CURVE']);
    const cases = [...codes.values()].reduce((a, b) => a + b);
    expect(cases).toBe(256 * coordinatePaths(system).length);
    recordFigure('security-proofs', {
      attack: `every bit of every coordinate, ${label}`,
      cases,
      accepted: 0,
      seed: 'none',
    });
  });

  it('error: structured tampers', () => {
    const random = seededBytes(20261122);
    const scalar = (): bigint => 2n + seededInteger(random, R - 3n);
    const kinds: readonly (readonly [string, () => Groth16Proof, string])[] = [
      ['A and C swapped', () => ({ ...proof, a: proof.c, c: proof.a }), 'PROOF_INVALID'],
      ['A opposite', () => ({ ...proof, a: times(proof.a, -1n) }), 'PROOF_INVALID'],
      ['B opposite', () => ({ ...proof, b: times2(proof.b, -1n) }), 'PROOF_INVALID'],
      ['C opposite', () => ({ ...proof, c: times(proof.c, -1n) }), 'PROOF_INVALID'],
      ['A times a scalar', () => ({ ...proof, a: times(proof.a, scalar()) }), 'PROOF_INVALID'],
      ['B times a scalar', () => ({ ...proof, b: times2(proof.b, scalar()) }), 'PROOF_INVALID'],
      ['C times a scalar', () => ({ ...proof, c: times(proof.c, scalar()) }), 'PROOF_INVALID'],
      [
        'A plus a point',
        () => ({ ...proof, a: plus(proof.a, times(generator1, scalar())) }),
        'PROOF_INVALID',
      ],
      [
        'C plus a point',
        () => ({ ...proof, c: plus(proof.c, times(generator1, scalar())) }),
        'PROOF_INVALID',
      ],
      ['A is the generator', () => ({ ...proof, a: generator1 }), 'PROOF_INVALID'],
      ['B is the generator', () => ({ ...proof, b: generator2 }), 'PROOF_INVALID'],
      ['C is the generator', () => ({ ...proof, c: generator1 }), 'PROOF_INVALID'],
      [
        'all random',
        () => ({
          ...proof,
          a: times(generator1, scalar()),
          b: times2(generator2, scalar()),
          c: times(generator1, scalar()),
        }),
        'PROOF_INVALID',
      ],
      ['A of another proof', () => ({ ...proof, a: other.a }), 'PROOF_INVALID'],
      ['B of another proof', () => ({ ...proof, b: other.b }), 'PROOF_INVALID'],
      ['C of another proof', () => ({ ...proof, c: other.c }), 'PROOF_INVALID'],
      ['proof of another statement', () => elsewhere, 'PROOF_INVALID'],
      ['A at infinity', () => ({ ...proof, a: { x: 0n, y: 0n } }), 'POINT_AT_INFINITY'],
      ['B at infinity', () => ({ ...proof, b: { x: [0n, 0n], y: [0n, 0n] } }), 'POINT_AT_INFINITY'],
      ['C at infinity', () => ({ ...proof, c: { x: 0n, y: 0n } }), 'POINT_AT_INFINITY'],
      [
        'A off the curve',
        () => ({ ...proof, a: { x: proof.a.x, y: seededInteger(random, Q - 1n) } }),
        'POINT_OFF_CURVE',
      ],
      [
        'B off the twist',
        () => ({ ...proof, b: { x: proof.b.x, y: [seededInteger(random, Q), proof.b.y[1]] } }),
        'POINT_OFF_CURVE',
      ],
      [
        'B halves exchanged',
        () => ({ ...proof, b: { x: [proof.b.x[1], proof.b.x[0]], y: [proof.b.y[1], proof.b.y[0]] } }),
        'POINT_OFF_CURVE',
      ],
      [
        'B outside the subgroup',
        () => ({ ...proof, b: g2OutsideSubgroup(scalar() % Q) }),
        'POINT_OUTSIDE_SUBGROUP',
      ],
      [
        'B plus a point of small order',
        () => {
          const small = toG2(g2OutsideSubgroup(scalar() % Q))
            .multiplyUnsafe(R - 1n)
            .add(toG2(g2OutsideSubgroup(1n)).multiplyUnsafe(1n));
          return { ...proof, b: fromNobleG2(toG2(proof.b).add(small)) };
        },
        'POINT_OUTSIDE_SUBGROUP',
      ],
      ['A.x + q', () => ({ ...proof, a: { x: proof.a.x + Q, y: proof.a.y } }), 'COORDINATE_RANGE'],
      [
        'B.y.c1 + q',
        () => ({ ...proof, b: { x: proof.b.x, y: [proof.b.y[0], proof.b.y[1] + Q] } }),
        'COORDINATE_RANGE',
      ],
      ['C.y − q', () => ({ ...proof, c: { x: proof.c.x, y: proof.c.y - Q } }), 'COORDINATE_RANGE'],
      ...(proof.d === undefined
        ? []
        : ([
            ['D of another proof', () => ({ ...proof, d: other.d! }), 'PROOF_INVALID'],
            ['D of another statement', () => ({ ...proof, d: elsewhere.d! }), 'PROOF_INVALID'],
            ['D opposite', () => ({ ...proof, d: times(proof.d!, -1n) }), 'PROOF_INVALID'],
            [
              'D plus a multiple of δ₂',
              () => ({ ...proof, d: plus(proof.d!, times(generator1, secrets.delta2)) }),
              'PROOF_INVALID',
            ],
            ['C and D exchanged', () => ({ ...proof, c: proof.d!, d: proof.c }), 'PROOF_INVALID'],
            ['D at infinity', () => ({ ...proof, d: { x: 0n, y: 0n } }), 'POINT_AT_INFINITY'],
            [
              'D off the curve',
              () => ({ ...proof, d: { x: proof.d!.x, y: proof.d!.y + 1n } }),
              'POINT_OFF_CURVE',
            ],
          ] satisfies (readonly [string, () => Groth16Proof, string])[])),
    ];
    const total = runs(2 * kinds.length, 5_000);
    for (let i = 0; i < total; i++) {
      const [name, tamper, expected] = kinds[i % kinds.length]!;
      expect(expected).not.toBe('ok');
      expect(`${name}: ${code(verifyProof(key, tamper(), inputs))}`).toBe(`${name}: ${expected}`);
    }
    recordFigure('security-proofs', {
      attack: `structured tampers of ${kinds.length} kinds, ${label}`,
      cases: total,
      accepted: 0,
      seed: '20261122',
    });
    // One table for both: the answers are the same, or the suite fails.
    for (const [tamper, , answer] of onWasm ? [] : kinds)
      recordFigure('security-tampers', { tamper: `${tamper}, ${label}`, answer });
  });

  it('behavior: the documented re-randomisations hold, because proof bytes are no identifier', () => {
    const random = seededBytes(31);
    const delta2 = toG2(key.key.delta2);
    const kinds: readonly (readonly [string, (scalar: bigint) => Groth16Proof])[] = [
      ['t·A, t⁻¹·B', (t) => ({ ...proof, a: times(proof.a, t), b: times2(proof.b, Fr.inv(t)) })],
      ['−A, −B', () => ({ ...proof, a: times(proof.a, -1n), b: times2(proof.b, -1n) })],
      [
        'B + t·δ₂, C + t·A',
        (t) => ({
          ...proof,
          b: fromNobleG2(toG2(proof.b).add(delta2.multiplyUnsafe(t))),
          c: plus(proof.c, times(proof.a, t)),
        }),
      ],
    ];
    const total = runs(kinds.length, 300);
    for (let i = 0; i < total; i++) {
      const [name, randomise] = kinds[i % kinds.length]!;
      const other = randomise(2n + seededInteger(random, R - 3n));
      expect(json(other), name).not.toEqual(document);
      expect(verifyProof(key, other, inputs), name).toEqual({ ok: true });
    }
    recordFigure('security-proofs', {
      attack: `re-randomisations (documented: the statement stays the same), ${label}`,
      cases: total,
      accepted: total,
      seed: '31',
    });
  });

  it('error: public inputs changed by 1, by r, dropped, added, exchanged', () => {
    let cases = 0;
    const refused = (changed: readonly bigint[], expected: string, asJson = expected): void => {
      expect(code(verifyProof(key, proof, changed))).toBe(expected);
      expect(code(verifyProofJson(key, document, changed.map(String)))).toBe(asJson);
      cases += 2;
    };
    inputs.forEach((value, index) => {
      const replaced = (changed: bigint): bigint[] =>
        inputs.map((input, i) => (i === index ? changed : input));
      refused(replaced(Fr.mod(value + 1n)), 'PROOF_INVALID');
      refused(replaced(Fr.mod(value - 1n)), 'PROOF_INVALID');
      refused(replaced(value + R), 'PUBLIC_INPUT_RANGE', 'NUMBER_RANGE');
      refused(replaced(value + 2n * R), 'PUBLIC_INPUT_RANGE', 'NUMBER_RANGE');
      refused(replaced(value - R), 'PUBLIC_INPUT_RANGE', 'NUMBER_FORMAT');
      refused(inputs.toSpliced(index, 1), 'PUBLIC_INPUT_COUNT');
      for (const added of [0n, 1n, value]) refused(inputs.toSpliced(index, 0, added), 'PUBLIC_INPUT_COUNT');
      for (let other = index + 1; other < inputs.length; other++)
        refused(inputs.with(index, inputs[other]!).with(other, value), 'PROOF_INVALID');
    });
    refused([], 'PUBLIC_INPUT_COUNT');
    refused([...inputs, 0n], 'PUBLIC_INPUT_COUNT');
    refused([...inputs.slice(1), inputs[0]!], 'PROOF_INVALID');
    refused(inputs.toReversed(), 'PROOF_INVALID');
    expect(code(verifyProof(key, proof, inputs.map(Number) as unknown as bigint[]))).toBe(
      'PUBLIC_INPUT_RANGE',
    );
    recordFigure('security-proofs', {
      attack: `public inputs ±1, ±r, dropped, added, exchanged, typed and as JSON, ${label}`,
      cases: cases + 1,
      accepted: 0,
      seed: 'none',
    });
  });

  it('error: spellings of a coordinate or input that other verifiers take', () => {
    for (const path of coordinatePaths(system)) {
      const spell = (change: (value: string) => unknown): string =>
        code(verifyProofJson(key, at(document, path, change), signals));
      expect(spell((v) => (BigInt(v) + Q).toString())).toBe('NUMBER_RANGE');
      expect(spell((v) => `0x${BigInt(v).toString(16)}`)).toBe('NUMBER_FORMAT');
      for (const padded of ['0', '+', ' ', '-', '\n'] as const)
        expect(spell((v) => padded + v)).toBe('NUMBER_FORMAT');
      expect(spell((v) => `${v} `)).toBe('NUMBER_FORMAT');
      expect(spell((v) => `${v}.0`)).toBe('NUMBER_FORMAT');
      expect(spell((v) => `${v}e0`)).toBe('NUMBER_FORMAT');
      expect(spell(() => '')).toBe('NUMBER_FORMAT');
      expect(spell((v) => Number(v))).toBe('FIELD_TYPE');
      expect(spell((v) => [v])).toBe('FIELD_TYPE');
      expect(spell(() => null)).toBe('FIELD_TYPE');
    }
    for (const index of inputs.keys()) {
      const spell = (change: (value: string) => unknown): string =>
        code(
          verifyProofJson(
            key,
            document,
            signals.map((v, i) => (i === index ? change(v) : v)),
          ),
        );
      expect(spell((v) => `0${v}`)).toBe('NUMBER_FORMAT');
      expect(spell((v) => `0x${BigInt(v).toString(16)}`)).toBe('NUMBER_FORMAT');
      expect(spell((v) => Number(v))).toBe('FIELD_TYPE');
    }
  });

  it('error: another protocol, curve, shape, third coordinate', () => {
    const change = (changes: Json): string =>
      code(verifyProofJson(key, { ...document, ...changes }, signals));
    const twoRound = system === 'ultragroth';
    expect(change({ protocol: 'plonk' })).toBe('PROOF_SYSTEM_UNKNOWN');
    expect(change({ protocol: twoRound ? 'groth16' : 'ultragroth' })).toBe(
      twoRound ? 'FIELD_UNKNOWN' : 'FIELD_MISSING',
    );
    expect(change({ curve: 'bls12381' })).toBe('CURVE_UNKNOWN');
    expect(change({ pi_e: [] })).toBe('FIELD_UNKNOWN');
    expect(change({ pi_a: undefined })).toBe('FIELD_TYPE');
    expect(change({ pi_a: (document.pi_a as string[]).slice(0, 2) })).toBe('ARRAY_LENGTH');
    expect(change({ pi_a: [...(document.pi_a as string[]).slice(0, 2), '2'] })).toBe('POINT_NOT_AFFINE');
    expect(change({ pi_a: ['0', '1', '0'] })).toBe('POINT_NOT_AFFINE');
    expect(change({ pi_b: [...(document.pi_b as unknown[]).slice(0, 2), ['1', '1']] })).toBe(
      'POINT_NOT_AFFINE',
    );
    const { pi_c: _, ...without } = document;
    expect(code(verifyProofJson(key, without, signals))).toBe('FIELD_MISSING');
  });

  it('error: a proof of the other system, or for another key', () => {
    const opposite = system === 'groth16' ? made.ultragroth : made.groth16;
    expect(code(verifyProof(key, opposite.proof, inputs))).toBe('PROOF_SYSTEM_MISMATCH');
    expect(code(verifyProof(opposite.key, proof, inputs))).toBe('PROOF_SYSTEM_MISMATCH');
    const { d: _, ...withoutD } = proof;
    const disguised = {
      ...withoutD,
      system: 'ultragroth',
      ...(proof.d === undefined ? { d: generator1 } : {}),
    } as Groth16Proof;
    expect(code(verifyProof(key, disguised, inputs))).toBe('PROOF_SYSTEM_MISMATCH');
    // A plain key with another γ is the same key: IC is divided by γ and paired with it. Two-round proofs bind its hash.
    const foreign = [{ alpha: 13n }, { beta: 13n }, { tau: 13n }, { delta2: 13n }];
    for (const changes of system === 'groth16' ? foreign : [...foreign, { delta1: 13n }, { gamma: 13n }]) {
      const foreignKey = prepareKey(makeKey(system, changes).verification);
      expect(code(verifyProof(foreignKey, proof, inputs))).toBe('PROOF_INVALID');
    }
  });

  it('error: a key that was not prepared is misuse and throws', () => {
    const fake = { ...key };
    expect(() => verifyProof(fake, proof, inputs)).toThrow(
      expect.objectContaining({ code: 'KEY_NOT_PREPARED' }),
    );
    expect(() => verifyProofJson(fake, document, signals)).toThrow(
      expect.objectContaining({ code: 'KEY_NOT_PREPARED' }),
    );
  });

  it('error: a key without inputs, arrays with holes', () => {
    if (system === 'groth16') {
      const bare = prepareKey({ ...key.key, publicCount: 0, ic: key.key.ic.slice(0, 1) });
      expect(code(verifyProof(bare, proof, []))).toBe('PROOF_INVALID');
      expect(code(verifyProof(bare, proof, [0n]))).toBe('PUBLIC_INPUT_COUNT');
    }
    expect(code(verifyProofJson(key, document, new Array(6)))).toBe('FIELD_TYPE');
    expect(code(verifyProofJson(key, { ...document, pi_a: new Array(3) }, signals))).toBe('FIELD_TYPE');
    expect(() =>
      parseVerificationKey({ ...formatVerificationKey(key.key), IC: new Array(key.key.ic.length) }),
    ).toThrow(expect.objectContaining({ code: 'FIELD_TYPE' }));
  });

  it('behavior: without blinding proofs hold as well', () => {
    expect(
      verifyProof(key, prove(reference, inputs, { ...blinding, r: 0n, s: 0n, kappa: 0n }), inputs),
    ).toEqual({ ok: true });
  });
});
