/**
 * Cheating provers of two-round Groth16, each against the weakened protocol that it breaks (the forgery must succeed there,
 * or the test shows nothing) and against the real one.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';
import { checkPartition } from '../../src/groth16/partition-check.js';
import { fromNobleG1, fromNobleG2, toNobleG1 } from '../../src/groth16/points.js';
import {
  type Blinding,
  type ChallengeFunction,
  commitFirstRound,
  completeProof,
  firstFailingRow,
  type ReferenceKey,
  referenceProve,
  referenceSetup,
  referenceVerify,
  satisfiesEquation,
} from '../../src/groth16/reference.js';
import { Fr } from '../../src/math/field.js';
import { assertSoundKey } from '../../src/statement/keys.js';
import { challenge, verificationKeyHash } from '../../src/statement/transcript.js';
import type { G1, Groth16Proof, VerificationKey } from '../../src/statement/types.js';
import { prepareKey, verifyProof } from '../../src/verify/index.js';
import {
  bitCircuit,
  bitWitness,
  realChallenge,
  type ToyCircuit,
  type Tuple,
  toyCircuit,
  toyPartition,
  toyR1cs,
  toySecrets,
  toyWitness,
  tupleCircuit,
  tupleWitness,
} from './toy.js';

const blinding: Blinding = { r: 101n, s: 103n, kappa: 107n };

/** The real verifier; where it refuses to prepare a weak key, the real equation with the real challenge. */
function accepts(key: VerificationKey, publicInputs: readonly bigint[], proof: Groth16Proof): boolean {
  const byEquation = referenceVerify(key, publicInputs, proof, realChallenge);
  if (codeOf(() => assertSoundKey(key)) === 'nothing thrown') {
    expect(verifyProof(prepareKey(key), proof, publicInputs).ok).toBe(byEquation);
  }
  return byEquation;
}

/** Multiplicities that make any value a bit at one known x: the whole balance on the row of 0. */
function countsFor(value: bigint, x: bigint): { readonly m0: bigint; readonly m1: bigint } {
  return { m0: Fr.mul(x, Fr.inv(Fr.sub(x, value))), m1: 0n };
}

function assemble(key: ReferenceKey, witness: readonly bigint[], d: G1): Groth16Proof {
  const { a, b, c } = completeProof(key, witness, blinding);
  return { system: 'ultragroth', a: fromNobleG1(a), b: fromNobleG2(b), c: fromNobleG1(c), d };
}

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing thrown';
};

describe('a challenge that the prover knows before it commits', () => {
  const circuit = bitCircuit();
  const key = referenceSetup(circuit, toySecrets);
  const withoutD: ChallengeFunction = (vk, inputs) =>
    challenge(verificationKeyHash(vk), inputs, { x: 1n, y: 2n });
  const x = withoutD(key.verification, [7n], { x: 0n, y: 0n });
  const witness = bitWitness(circuit, 7n, x, countsFor(7n, x));

  it('behavior: without D in the hash, 7 is proved to be a bit', () => {
    expect(firstFailingRow(circuit, witness)).toBeUndefined();
    const { proof } = referenceProve(key, () => witness, blinding, withoutD);
    expect(referenceVerify(key.verification, [7n], proof, withoutD)).toBe(true);
  });

  it('error: the real challenge refuses that proof and every later commitment', () => {
    const { proof } = referenceProve(key, () => witness, blinding, withoutD);
    expect(accepts(key.verification, [7n], proof)).toBe(false);
    // Counts that fit an x of the past do not fit the next one.
    for (let attempt = 0n; attempt < 4n; attempt++) {
      const d = fromNobleG1(commitFirstRound(key, witness, attempt));
      const next = realChallenge(key.verification, [7n], d);
      const late = bitWitness(circuit, 7n, next, countsFor(7n, x));
      expect(firstFailingRow(circuit, late)).toBe(4);
      expect(accepts(key.verification, [7n], assemble(key, late, d))).toBe(false);
    }
  });

  it('error: x read from the public signals of a proof file is any x', () => {
    const chosen = 424242n;
    const forged = bitWitness(circuit, 7n, chosen, countsFor(7n, chosen));
    const d = fromNobleG1(commitFirstRound(key, forged, blinding.kappa));
    const proof = assemble(key, forged, d);
    expect(satisfiesEquation(key.verification, [7n, chosen], proof)).toBe(true);
    expect(accepts(key.verification, [7n], proof)).toBe(false);
    expect(verifyProof(prepareKey(key.verification), proof, [7n, chosen])).toMatchObject({
      ok: false,
      code: 'PUBLIC_INPUT_COUNT',
    });
  });
});

describe('a challenge hashed inside the circuit over packed chunks', () => {
  // value = c0 + 2·c1 is claimed to have two bits; the hash, (value + m0 + 3)⁵ here, sees the chunks only through value.
  const inCircuit = toyCircuit(
    { inputs: ['value'], second: ['c0', 'c1', 'm0', 'm1', 'h2', 'h4', 'x', 'u0', 'u1', 'y0', 'y1'] },
    [
      [{ c0: 1n, c1: 2n }, { one: 1n }, { value: 1n }],
      [{ value: 1n, m0: 1n, one: 3n }, { value: 1n, m0: 1n, one: 3n }, { h2: 1n }],
      [{ h2: 1n }, { h2: 1n }, { h4: 1n }],
      [{ h4: 1n }, { value: 1n, m0: 1n, one: 3n }, { x: 1n }],
      [{ m0: 1n, m1: 1n }, { one: 1n }, { one: 2n }],
      [{ u0: 1n }, { x: 1n, c0: -1n }, { one: 1n }],
      [{ u1: 1n }, { x: 1n, c1: -1n }, { one: 1n }],
      [{ y0: 1n }, { x: 1n }, { m0: 1n }],
      [{ y1: 1n }, { x: 1n, one: -1n }, { m1: 1n }],
      [{ u0: 1n, u1: 1n, y0: -1n, y1: -1n }, { one: 1n }, {}],
    ],
  );
  const twoRound = toyCircuit(
    { inputs: ['value', 'x'], first: ['c0', 'c1', 'm0', 'm1'], second: ['u0', 'u1', 'y0', 'y1'] },
    [
      [{ c0: 1n, c1: 2n }, { one: 1n }, { value: 1n }],
      [{ m0: 1n, m1: 1n }, { one: 1n }, { one: 2n }],
      [{ u0: 1n }, { x: 1n, c0: -1n }, { one: 1n }],
      [{ u1: 1n }, { x: 1n, c1: -1n }, { one: 1n }],
      [{ y0: 1n }, { x: 1n }, { m0: 1n }],
      [{ y1: 1n }, { x: 1n, one: -1n }, { m1: 1n }],
      [{ u0: 1n, u1: 1n, y0: -1n, y1: -1n }, { one: 1n }, {}],
    ],
  );

  /** Chunks with c0 + 2·c1 = value whose inverses balance at x: roots of a quadratic, for m0 where it has some. */
  function solve(value: bigint): { c0: bigint; c1: bigint; m0: bigint; m1: bigint; x: bigint } {
    for (let m0 = 0n; m0 < 64n; m0++) {
      const m1 = Fr.sub(2n, m0);
      const x = Fr.pow(value + m0 + 3n, 5n);
      const s = Fr.add(Fr.mul(m0, Fr.inv(x)), Fr.mul(m1, Fr.inv(Fr.sub(x, 1n))));
      // 1/(x − value + 2c) + 1/(x − c) = s, c = c1:  2s·c² − (2s·x − s·(x − value) + 1)·c + … = 0
      const k = Fr.sub(x, value);
      const a = Fr.mul(2n, s);
      const b = Fr.sub(Fr.mul(s, Fr.sub(k, Fr.mul(2n, x))), Fr.neg(1n));
      const c = Fr.sub(Fr.add(x, k), Fr.mul(s, Fr.mul(k, x)));
      const root = Fr.sqrt(Fr.sub(Fr.mul(b, b), Fr.mul(4n, Fr.mul(a, c))));
      if (root === undefined) continue;
      const c1 = Fr.mul(Fr.sub(root, b), Fr.inv(Fr.mul(2n, a)));
      return { c0: Fr.sub(value, Fr.mul(2n, c1)), c1, m0, m1, x };
    }
    throw new Error('no root');
  }

  function inverses(at: { c0: bigint; c1: bigint; m0: bigint; m1: bigint; x: bigint }) {
    return {
      u0: Fr.inv(Fr.sub(at.x, at.c0)),
      u1: Fr.inv(Fr.sub(at.x, at.c1)),
      y0: Fr.mul(at.m0, Fr.inv(at.x)),
      y1: Fr.mul(at.m1, Fr.inv(Fr.sub(at.x, 1n))),
    };
  }

  it('behavior: 9 is proved to have two bits, with field elements for chunks', () => {
    const solution = solve(9n);
    const base = 9n + solution.m0 + 3n;
    const witness = toyWitness(inCircuit, {
      value: 9n,
      ...solution,
      h2: Fr.pow(base, 2n),
      h4: Fr.pow(base, 4n),
      ...inverses(solution),
    });
    expect(firstFailingRow(inCircuit, witness)).toBeUndefined();
    const key = referenceSetup(inCircuit, toySecrets);
    const { proof, publicInputs } = referenceProve(key, () => witness, blinding, realChallenge);
    expect(accepts(key.verification, publicInputs, proof)).toBe(true);
  });

  it('error: with the chunks in D the challenge moves when they do', () => {
    const key = referenceSetup(twoRound, toySecrets);
    const solution = solve(9n);
    const { proof } = referenceProve(
      key,
      (x) => toyWitness(twoRound, { value: 9n, ...solution, x, ...inverses({ ...solution, x: x || 5n }) }),
      blinding,
      realChallenge,
    );
    expect(accepts(key.verification, [9n], proof)).toBe(false);
    const honest = referenceProve(
      key,
      (x) => {
        const bits = { c0: 1n, c1: 1n, m0: 0n, m1: 2n, x: x || 5n };
        return toyWitness(twoRound, { value: 3n, ...bits, x, ...inverses(bits) });
      },
      blinding,
      realChallenge,
    );
    expect(accepts(key.verification, [3n], honest.proof)).toBe(true);
  });
});

describe('a multiplicity in the second round', () => {
  const leaky = bitCircuit(['c', 'm1']);

  it('behavior: chosen after x, it proves that 7 is a bit to the real verifier', () => {
    const key = referenceSetup(leaky, toySecrets);
    const { proof } = referenceProve(
      key,
      (x) => bitWitness(leaky, 7n, x, x === 0n ? { m0: 0n, m1: 0n } : countsFor(7n, x)),
      blinding,
      realChallenge,
    );
    expect(accepts(key.verification, [7n], proof)).toBe(true);
  });

  it('error: the partition check refuses its row', () => {
    expect(codeOf(() => checkPartition(toyR1cs(leaky), toyPartition(leaky)))).toBe('PARTITION_ROW');
  });

  it('error: the same for the looked-up value', () => {
    const free = bitCircuit(['m0', 'm1']);
    expect(codeOf(() => checkPartition(toyR1cs(free), toyPartition(free)))).toMatch(
      /^PARTITION_(ROW|FREE_WIRE)$/,
    );
  });

  it('default: with all three in the first round the check passes', () => {
    const sound = bitCircuit();
    expect(checkPartition(toyR1cs(sound), toyPartition(sound))).toEqual({
      powers: 0,
      folds: 0,
      inverses: 3,
      sums: 0,
      balances: 1,
    });
  });
});

describe('a known ratio of the two deltas', () => {
  const circuit = bitCircuit();

  /** D is any multiple of δ₂; after x the wires of F go into C, scaled by the ratio, and D·δ₁ is taken out again. */
  function forge(key: ReferenceKey, ratio: bigint): Groth16Proof {
    const multiple = 555n;
    const d = fromNobleG1(key.delta2G1.multiply(multiple));
    const x = realChallenge(key.verification, [7n], d);
    const witness = bitWitness(circuit, 7n, x, countsFor(7n, x));
    const { a, b, c } = completeProof(key, witness, { ...blinding, kappa: 0n });
    const firstWires = commitFirstRound(key, witness, 0n);
    const forged = c.add(firstWires.multiplyUnsafe(ratio)).subtract(key.delta1.multiply(multiple));
    return { system: 'ultragroth', a: fromNobleG1(a), b: fromNobleG2(b), c: fromNobleG1(forged), d };
  }

  it('behavior: any known ratio forges', () => {
    for (const ratio of [1n, Fr.p - 1n, 5n]) {
      const key = referenceSetup(circuit, { ...toySecrets, delta1: Fr.mul(ratio, toySecrets.delta2) });
      expect(accepts(key.verification, [7n], forge(key, ratio))).toBe(true);
    }
  });

  it('error: without the ratio the same steps fail', () => {
    const key = referenceSetup(circuit, toySecrets);
    for (const guess of [1n, 5n]) {
      expect(accepts(key.verification, [7n], forge(key, guess))).toBe(false);
    }
  });

  it('error: keys with ratio 1 or −1 are refused as weak; other ratios only the transcript of the ceremony rules out', () => {
    for (const ratio of [1n, Fr.p - 1n]) {
      const key = referenceSetup(circuit, { ...toySecrets, delta1: Fr.mul(ratio, toySecrets.delta2) });
      expect(codeOf(() => assertSoundKey(key.verification))).toBe('KEY_WEAK');
    }
    expect(codeOf(() => assertSoundKey(referenceSetup(circuit, toySecrets).verification))).toBe(
      'nothing thrown',
    );
  });

  it('behavior: γ = δ₁ lets D shift the public inputs; such keys are refused', () => {
    const key = referenceSetup(circuit, { ...toySecrets, gamma: toySecrets.delta1 });
    const honest = commitFirstRound(key, bitWitness(circuit, 1n, 3n), blinding.kappa);
    const d = fromNobleG1(honest.subtract(toNobleG1(key.verification.ic[1]!).multiply(6n)));
    const x = realChallenge(key.verification, [7n], d);
    const proof = assemble(key, bitWitness(circuit, 1n, x), d);
    expect(accepts(key.verification, [7n], proof)).toBe(true);
    expect(codeOf(() => assertSoundKey(key.verification))).toBe('KEY_WEAK');
  });
});

describe('a challenge from D alone', () => {
  // The public value itself is looked up, so a value chosen after x passes.
  const circuit = toyCircuit({ inputs: ['value', 'x'], first: ['m0', 'm1'], second: ['y', 'y0', 'y1'] }, [
    [{ y: 1n }, { x: 1n, value: -1n }, { one: 1n }],
    [{ y0: 1n }, { x: 1n }, { m0: 1n }],
    [{ y1: 1n }, { x: 1n, one: -1n }, { m1: 1n }],
    [{ y: 1n, y0: -1n, y1: -1n }, { one: 1n }, {}],
  ]);
  const key = referenceSetup(circuit, toySecrets);
  const fromD: ChallengeFunction = (_, __, d) => challenge(0n, [], d);
  const wires = (value: bigint, x: bigint, m0: bigint, m1: bigint): bigint[] =>
    toyWitness(circuit, {
      value,
      x,
      m0,
      m1,
      y: Fr.inv(Fr.sub(x, value)),
      y0: Fr.mul(m0, Fr.inv(x)),
      y1: Fr.mul(m1, Fr.inv(Fr.sub(x, 1n))),
    });
  const d = fromNobleG1(commitFirstRound(key, wires(0n, 9n, 2n, 3n), blinding.kappa));

  it('behavior: the statement is chosen after x, and is no bit', () => {
    const x = fromD(key.verification, [], d);
    const s = Fr.add(Fr.mul(2n, Fr.inv(x)), Fr.mul(3n, Fr.inv(Fr.sub(x, 1n))));
    const value = Fr.sub(x, Fr.inv(s));
    expect([0n, 1n]).not.toContain(value);
    const proof = assemble(key, wires(value, x, 2n, 3n), d);
    expect(referenceVerify(key.verification, [value], proof, fromD)).toBe(true);
    expect(accepts(key.verification, [value], proof)).toBe(false);
  });

  it('error: the same D under another statement or another key gets another challenge', () => {
    const hash = verificationKeyHash(key.verification);
    const x = challenge(hash, [0n], d);
    expect(challenge(hash, [1n], d)).not.toBe(x);
    expect(challenge(hash + 1n, [0n], d)).not.toBe(x);
    const { proof } = referenceProve(key, (c) => wires(0n, c || 9n, 1n, 0n), blinding, realChallenge);
    expect(accepts(key.verification, [0n], proof)).toBe(true);
    expect(accepts(key.verification, [1n], proof)).toBe(false);
  });
});

describe('encodings in the hash', () => {
  const circuit = bitCircuit();
  const key = referenceSetup(circuit, toySecrets);

  it('error: an input of r or more is refused before it is hashed, though the equation takes it', () => {
    const { proof } = referenceProve(key, (x) => bitWitness(circuit, 1n, x), blinding, realChallenge);
    const x = realChallenge(key.verification, [1n], proof.d!);
    expect(satisfiesEquation(key.verification, [1n, x], proof)).toBe(true);
    expect(codeOf(() => referenceVerify(key.verification, [1n + Fr.p], proof, realChallenge))).toBe(
      'PUBLIC_INPUT_RANGE',
    );
    expect(verifyProof(prepareKey(key.verification), proof, [1n + Fr.p])).toMatchObject({
      ok: false,
      code: 'PUBLIC_INPUT_RANGE',
    });
    const unchecked: ChallengeFunction = (vk, inputs, d) => realChallenge(vk, inputs.map(Fr.mod), d);
    const reduced = [1n + Fr.p].map(Fr.mod);
    expect(referenceVerify(key.verification, reduced, proof, unchecked)).toBe(true);
  });

  it('behavior: without leading zeros two statements share their bytes, with words of 32 bytes none do', () => {
    const minimal = (words: readonly bigint[]): string =>
      Buffer.from(keccak_256(Buffer.from(words.map(evenHex).join(''), 'hex'))).toString('hex');
    const d = { x: 1n, y: 2n };
    expect(minimal([0x01n, 0x0203n, d.x, d.y])).toBe(minimal([0x0102n, 0x03n, d.x, d.y]));
    expect(challenge(0n, [0x01n, 0x0203n], d)).not.toBe(challenge(0n, [0x0102n, 0x03n], d));
    expect(codeOf(() => challenge(0n, [], { x: 1n + (1n << 255n), y: 2n }))).toBe('COORDINATE_RANGE');
  });

  it('behavior: a D whose coordinate begins with zero bytes proves and verifies', () => {
    const start = bitWitness(circuit, 1n, 0n);
    let kappa = 0n;
    let d = commitFirstRound(key, start, kappa);
    while (d.toAffine().x >> 240n !== 0n) {
      d = d.add(key.delta2G1);
      kappa++;
    }
    const { proof } = referenceProve(
      key,
      (x) => bitWitness(circuit, 1n, x),
      { ...blinding, kappa },
      realChallenge,
    );
    expect(proof.d!.x >> 240n).toBe(0n);
    expect(accepts(key.verification, [1n], proof)).toBe(true);
  });
});

describe('tuples folded with the challenge that places the poles', () => {
  const and: readonly Tuple[] = [
    [1n, 1n, 1n],
    [0n, 1n, 0n],
  ];
  // λ = 2 of row (1, 1, 1): (λ·1, 1 − λ·(1 − 1), λ·1), "2 and 1 is 2"
  const fakeAnd: Tuple = [2n, 1n, 2n];
  const halves = [Fr.inv(2n), 0n];
  // Roots shared by three quadratics: rows (uv, u − v) and (u′v, u′ − v) give the fake (−uu′, u + u′).
  const [u, v, w] = [2n, 3n, 5n];
  const quadratics: readonly Tuple[] = [
    [u * v, u - v],
    [w * v, w - v],
  ];
  const fakeQuadratic: Tuple = [-u * w, u + w];
  const quadraticCounts = [
    Fr.mul(u + v, Fr.inv(Fr.mod(u - w))),
    Fr.neg(Fr.mul(w + v, Fr.inv(Fr.mod(u - w)))),
  ];

  const attempt = (
    table: readonly Tuple[],
    pole: number,
    tuple: Tuple,
    counts: readonly bigint[],
  ): { readonly circuit: ToyCircuit; readonly accepted: boolean } => {
    const circuit = tupleCircuit(table, pole);
    const key = referenceSetup(circuit, toySecrets);
    const { proof } = referenceProve(
      key,
      (x) => tupleWitness(circuit, table, pole, tuple, counts, x),
      blinding,
      realChallenge,
    );
    return { circuit, accepted: accepts(key.verification, tuple.map(Fr.mod), proof) };
  };

  it('behavior: pole at x, fold by 1, x, x²: "2 and 1 is 2" is accepted', () => {
    expect(attempt(and, 1, fakeAnd, halves).accepted).toBe(true);
  });

  it('behavior: pole at x^k, fold by 1 … x^(k−1): accepted too', () => {
    expect(attempt(quadratics, 2, fakeQuadratic, quadraticCounts).accepted).toBe(true);
  });

  it('error: with the pole at x⁸ both are refused, and true rows still pass', () => {
    expect(attempt(and, 8, fakeAnd, halves).accepted).toBe(false);
    expect(attempt(quadratics, 8, fakeQuadratic, quadraticCounts).accepted).toBe(false);
    expect(attempt(and, 8, and[1]!, [0n, 1n]).accepted).toBe(true);
  });

  it('error: the partition check refuses the low poles and takes the high one', () => {
    const check = (table: readonly Tuple[], pole: number): unknown => {
      const circuit = tupleCircuit(table, pole);
      return checkPartition(toyR1cs(circuit), toyPartition(circuit));
    };
    expect(codeOf(() => check(and, 1))).toBe('PARTITION_ROW');
    expect(codeOf(() => check(and, 2))).toBe('PARTITION_ROW');
    expect(codeOf(() => check(and, 4))).toBe('PARTITION_POLE');
    expect(codeOf(() => check(quadratics, 2))).toBe('PARTITION_POLE');
    expect(check(and, 8)).toEqual({ powers: 3, folds: 2, inverses: 3, sums: 0, balances: 1 });
  });
});

describe('infinity where it must not be', () => {
  const circuit = bitCircuit();
  const { verification } = referenceSetup(circuit, toySecrets);
  const infinity = { x: [0n, 0n], y: [0n, 0n] } as const;

  it('error: δ₁ or δ₂ at infinity', () => {
    expect(codeOf(() => assertSoundKey({ ...verification, delta1: infinity }))).toBe('KEY_POINT');
    expect(codeOf(() => assertSoundKey({ ...verification, delta2: infinity }))).toBe('KEY_POINT');
  });

  it('error: D at infinity, or none', () => {
    const key = referenceSetup(circuit, toySecrets);
    const { proof } = referenceProve(key, (x) => bitWitness(circuit, 1n, x), blinding, realChallenge);
    const prepared = prepareKey(verification);
    const atInfinity = { ...proof, d: { x: 0n, y: 0n } };
    expect(verifyProof(prepared, atInfinity, [1n])).toMatchObject({ ok: false, code: 'POINT_AT_INFINITY' });
    const { d: _, ...without } = proof;
    expect(verifyProof(prepared, { ...without, system: 'groth16' }, [1n]).ok).toBe(false);
  });
});

function evenHex(word: bigint): string {
  const digits = word.toString(16);
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}
