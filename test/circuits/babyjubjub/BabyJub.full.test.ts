import { describe, expect, it } from 'vitest';
import {
  add,
  BASE8,
  type EdwardsPoint,
  BABYJUBJUB_ORDER as L,
  multiply,
  negate,
  toMontgomery,
} from '../../../src/math/babyjubjub.js';
import { BN254_R as P } from '../../../src/math/field.js';
import { alteredSource, compile, expectRejection, expectWitness, mainOf } from '../../support/reject.js';
import { seededBytes, seededInteger } from '../../support/runs.js';

const path = 'lib/curve/BabyJubCombination.circom';
const random = seededBytes(43);
const point = multiply(BASE8, 78n);
const input = (baseScalar: bigint, pointScalar: bigint) => ({
  baseScalar,
  pointScalar,
  ...toMontgomery(point),
});
const result = (baseScalar: bigint, pointScalar: bigint): EdwardsPoint =>
  add(multiply(BASE8, baseScalar), negate(multiply(point, pointScalar)));
type Change = readonly [from: string, to: string];
const forger = (changes: readonly Change[]) => compile(alteredSource(path, 'BabyJubCombination()', changes));

const rest = 'var rest = pointScalar % ORDER;';
const quotient = 'var quotient = pointScalar \\ ORDER;';
const pointDigits = 'var pointDigits = rest < HALF ? rest + HALF : rest + HALF - ORDER;';
const baseDigits = 'var baseDigits = baseScalar < HALF ? baseScalar + HALF : baseScalar + HALF - ORDER;';
const counted = 'inverse * (counted[0] + counted[1]) === 1;';

describe('digits that a malicious prover would choose', () => {
  const scalar = 2n * L + (1n << 249n) + 12345n;
  const forgeries: readonly (readonly [what: string, changes: readonly Change[]])[] = [
    ['another quotient', [[quotient, 'var quotient = pointScalar \\ ORDER + 1;']]],
    ['pointScalar + 1', [[rest, 'var rest = pointScalar % ORDER + 1;']]],
    ['−pointScalar', [[rest, 'var rest = ORDER - pointScalar % ORDER;']]],
    ['baseScalar + 1', [[baseDigits, 'var baseDigits = baseScalar + HALF + 1;']]],
    ['−baseScalar', [[baseDigits, 'var baseDigits = HALF - baseScalar;']]],
    [
      'baseScalar − l with the weight of baseScalar',
      [[baseDigits, 'var baseDigits = baseScalar + 2 * HALF - ORDER;']],
    ],
    [
      'the digits of one scalar for the other',
      [
        [pointDigits, 'var pointDigits = baseScalar + HALF;'],
        [baseDigits, 'var baseDigits = rest + HALF;'],
      ],
    ],
  ];
  it.each(forgeries)('rejects: %s', async (_, changes) => {
    await expectRejection(await forger(changes), input(99n, scalar), 'BabyJubCombination');
  });

  it('rejects: base scalars of l and above with either weight of the uppermost digit', async () => {
    for (const digits of [
      'baseScalar + HALF',
      'baseScalar + HALF - ORDER',
      'baseScalar + HALF - 2 * ORDER',
    ]) {
      const circuit = await forger([[baseDigits, `var baseDigits = ${digits};`]]);
      for (const base of [L, L + 5n, L + (1n << 249n), 2n * L - 1n, P - 1n, P - 7n])
        await expectRejection(circuit, input(base, scalar), 'BabyJubCombination');
    }
  });

  it('rejects: the digits of pointScalar + r, which only the count of negative digits tells apart', async () => {
    const changes: readonly Change[] = [
      [quotient, 'var quotient = 7;'],
      [rest, 'var rest = pointScalar - 7 * ORDER;'],
    ];
    const circuit = await forger(changes);
    const mutant = await forger([...changes, [counted, 'inverse * (counted[0] + counted[1]) === 0;']]);
    for (const small of [0n, 1n, 12345n, 8n * L - P - 1n]) {
      await expectRejection(circuit, input(4n, small), 'BabyJubCombination');
      const witness = await expectWitness(mutant, input(4n, small));
      expect({ x: witness[1], y: witness[2] }).toEqual(result(4n, small + P));
    }
    await expectRejection(mutant, input(4n, 8n * L - P), 'BabyJubCombination');
  });

  it('accepts: either digits of a residue that has two, with the same result', async () => {
    const residue = L - (1n << 249n) - 3n;
    const other = await forger([[pointDigits, 'var pointDigits = rest + HALF - ORDER;']]);
    const otherBase = await forger([[baseDigits, 'var baseDigits = baseScalar + HALF - ORDER;']]);
    const expected = result(residue, residue);
    for (const circuit of [await forger([]), other, otherBase]) {
      const witness = await expectWitness(circuit, input(residue, residue));
      expect({ x: witness[1], y: witness[2] }).toEqual(expected);
    }
  });
});

describe('source mutants of BabyJubCombination', () => {
  /** A row left out, and hints that then reach another result. */
  const mutants: readonly (readonly [name: string, changes: readonly Change[]])[] = [
    [
      'digits of the base scalar unbound',
      [
        ['baseOdd * (pairV[1][0] - pairV[1][1]) === 2 * ordinates[1] - meanOdd;', ''],
        [baseDigits, 'var baseDigits = baseScalar + HALF + 1;'],
      ],
    ],
    [
      'digits of the point scalar unbound',
      [
        ['pointOdd * scale[1] === signs[1];', ''],
        [
          'signal meanOdd <== pointOdd * (pairV[1][0] + pairV[1][1]);',
          'signal meanOdd <-- signs[1] / scale[1] * (pairV[1][0] + pairV[1][1]);',
        ],
        [pointDigits, 'var pointDigits = rest + HALF + 2;'],
      ],
    ],
    [
      'quotient of any size',
      [
        ['q[i] * (q[i] - 1) === 0;', ''],
        ['q[i] <-- (quotient >> i) & 1;', 'q[i] <-- i == 0 ? quotient + 1 / ORDER : 0;'],
        [pointDigits, 'var pointDigits = rest + HALF - 1;'],
      ],
    ],
    [
      'lowest digit of any size',
      [
        ['pointLowest * (pointLowest - 1) === 0;', ''],
        ['pointLowest <-- pointDigits & 1;', 'pointLowest <-- (pointDigits & 1) + 2;'],
        [pointDigits, 'var pointDigits = rest + HALF - 2;'],
      ],
    ],
  ];
  it.each(mutants)('behavior: %s is caught', async (_, changes) => {
    const scalar = L + 777n + (1n << 248n);
    const mutant = await compile(alteredSource(path, 'BabyJubCombination()', changes));
    const witness = await expectWitness(mutant, input(99n, scalar));
    expect({ x: witness[1], y: witness[2] }).not.toEqual(result(99n, scalar));
    const original = await compile(mainOf(path, 'BabyJubCombination()'));
    expect(original.failingRow(witness)).toBeDefined();
  });
});

it('rejects: every other value of every wire of BabyJubCombination', async () => {
  const circuit = await compile(mainOf(path, 'BabyJubCombination()'));
  const honest = await circuit.witness(input(seededInteger(random, L), seededInteger(random, P)));
  expect(circuit.sweep(honest, { includePublic: true })).toEqual([]);
});
