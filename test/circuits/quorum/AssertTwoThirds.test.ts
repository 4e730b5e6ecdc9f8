import { beforeAll, describe, expect, it } from 'vitest';
import { BN254_R } from '../../../src/math/field.js';
import { hasQuorum } from '../../../src/statement/set-commitment.js';
import type { TestCircuit } from '../../support/circuit.js';
import { compile, expectRejection, expectWitness, mainOf } from '../../support/reject.js';

const path = 'lib/quorum/AssertTwoThirds.circom';

describe('AssertTwoThirds', () => {
  let small: TestCircuit;
  let wide: TestCircuit;
  beforeAll(async () => {
    small = await compile(mainOf(path, 'AssertTwoThirds(4)'));
    wide = await compile(mainOf(path, 'AssertTwoThirds(71)'));
  });
  const rule = (signedPower: bigint, totalPower: bigint): boolean =>
    hasQuorum(1, { signedPower, totalPower, signers: 1, members: 1 });

  it('accepts: exactly what the rule in TypeScript accepts; rejects: all else, for all sums below 2^4', async () => {
    for (let signedPower = 0n; signedPower < 16n; signedPower++)
      for (let totalPower = 0n; totalPower < 16n; totalPower++) {
        const input = { signedPower, totalPower };
        if (rule(signedPower, totalPower)) await expectWitness(small, input);
        else await expect(small.witness(input)).rejects.toMatchObject({ code: 'CIRCUIT_ASSERTION' });
      }
  });

  it('accepts: one more than 2/3 at the widest sums', async () => {
    const total = (1n << 71n) - 2n;
    for (const totalPower of [total, 3n, (1n << 64n) - 1n])
      await expectWitness(wide, { signedPower: (2n * totalPower) / 3n + 1n, totalPower });
  });

  it('rejects: exactly 2/3 of the power', async () => {
    for (const totalPower of [3n, 6n, 3n << 60n, 3n * ((1n << 69n) + 5n)])
      await expectRejection(wide, { signedPower: (2n * totalPower) / 3n, totalPower }, 'AssertBits');
  });

  it('rejects: a total power of 0, which zero signatures would reach', async () => {
    await expectRejection(wide, { signedPower: 0n, totalPower: 0n }, 'AssertNonZero');
    await expectRejection(wide, { signedPower: 1n, totalPower: 0n }, 'AssertNonZero');
  });

  it('rejects: nothing signed', async () => {
    for (const totalPower of [1n, (1n << 71n) - 1n])
      await expectRejection(wide, { signedPower: 0n, totalPower }, 'AssertBits');
  });

  it('rejects: differences that a third of the field would hide', async () => {
    const third = (BN254_R - 1n) / 3n;
    await expectRejection(wide, { signedPower: third, totalPower: 5n }, 'AssertBits');
    await expectRejection(wide, { signedPower: BN254_R - 1n, totalPower: 5n }, 'AssertBits');
  });

  it('rejects: every other value of every private wire', async () => {
    const honest = await wide.witness({ signedPower: 3n, totalPower: 4n });
    const inputs = ['main.signedPower', 'main.totalPower'];
    const accepted = wide.sweep(honest).filter(({ names }) => !names.some((name) => inputs.includes(name)));
    expect(accepted).toEqual([]);
  });
});
