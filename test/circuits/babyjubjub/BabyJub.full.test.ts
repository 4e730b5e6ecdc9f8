import { expect, it } from 'vitest';
import { BASE8, type EdwardsPoint, BABYJUBJUB_ORDER as L, multiply } from '../../../src/math/babyjubjub.js';
import { BN254_R as P } from '../../../src/math/field.js';
import { alteredSource, compile, expectRejection, mainOf } from '../../support/reject.js';
import { seededBytes, seededInteger } from '../../support/runs.js';

const path = 'lib/curve/BabyJubMultiply.circom';
const input = (scalar: bigint, { x, y }: EdwardsPoint) => ({ scalar, x1: x, y1: y });
/** Greater than the least remainder with a witness. */
const least = 1n << 129n;

it('rejects: the digits of scalar + p, of other quotients, of −scalar', async () => {
  const quotient = 'var quotient = scalar \\ ORDER;';
  const g = 'var g = scalar % ORDER + 3 * ORDER;';
  const forgeries: readonly (readonly [string, string])[] = [
    ['var quotient = scalar \\ ORDER - 1;', 'var g = scalar % ORDER + 4 * ORDER;'],
    ['var quotient = scalar \\ ORDER + 1;', 'var g = scalar % ORDER + 2 * ORDER;'],
    ['var quotient = 7;', 'var g = scalar % ORDER + 3 * ORDER + (-8 * ORDER);'],
    [quotient, 'var g = scalar % ORDER + 3 * ORDER + 2;'],
    [quotient, 'var g = 7 * ORDER - scalar % ORDER;'],
  ];
  const scalar = 2n * L + least + 12345n;
  for (const [otherQuotient, otherG] of forgeries) {
    const changes = [
      [quotient, otherQuotient],
      [g, otherG],
    ] as const;
    const forger = await compile(
      alteredSource(
        path,
        'BabyJubMultiply()',
        changes.filter(([a, b]) => a !== b),
      ),
    );
    await expectRejection(forger, input(scalar, BASE8), 'BabyJubMultiply');
  }
});

it('rejects: every other value of every wire of BabyJubMultiply', async () => {
  const random = seededBytes(42);
  const circuit = await compile(mainOf(path, 'BabyJubMultiply()'));
  const honest = await circuit.witness(input(seededInteger(random, P), multiply(BASE8, 78n)));
  const accepted = circuit.sweep(honest, { includePublic: true });
  expect(accepted.filter(({ names }) => !names.some((name) => name.includes('Quotient')))).toEqual([]);
});
