import { describe, expect, it } from 'vitest';
import { hasQuorum } from '../../../src/statement/set-commitment.js';
import { alteredSource, compile } from '../../support/reject.js';

const path = 'lib/quorum/AssertTwoThirds.circom';
const rule = (signedPower: bigint, totalPower: bigint): boolean =>
  hasQuorum(1, { signedPower, totalPower, signers: 1, members: 1 });

describe('AssertTwoThirds', () => {
  it('behavior: kills the mutants ≥, threshold ± 1, signed and total swapped, no test of zero', async () => {
    const row = '3 * signedPower - 2 * totalPower - 1';
    const inputs = [
      [2n, 3n],
      [3n, 4n],
      [1n, 1n],
      [0n, 0n],
      [3n, 5n],
      [4n, 5n],
      [7n, 10n],
    ] as const;
    for (const [from, to] of [
      [row, '3 * signedPower - 2 * totalPower'],
      [row, '3 * signedPower - 2 * totalPower - 2'],
      [row, '3 * totalPower - 2 * signedPower - 1'],
      [row, '2 * signedPower - totalPower - 1'],
      ['AssertNonZero()(totalPower);', 'AssertNonZero()(1);\n    _ <== totalPower;'],
    ] as const) {
      const mutant = await compile(alteredSource(path, 'AssertTwoThirds(4)', [[from, to]]));
      const verdicts = await Promise.all(
        inputs.map(([signedPower, totalPower]) =>
          mutant.witness({ signedPower, totalPower }).then(
            () => true,
            () => false,
          ),
        ),
      );
      // 0 of 0 is refused twice over: −1 fits no range either. That mutant changes no verdict.
      const differs = verdicts.some((ok, i) => ok !== rule(inputs[i]![0], inputs[i]![1]));
      expect(differs, to).toBe(!from.startsWith('AssertNonZero'));
    }
  });
});
