/** The agreement of all verifiers of one system, as a suite: the two systems are two files, so that they run side by side. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProofSystem } from '../../src/statement/types.js';
import { findAnvil, type Node, startAnvil } from '../onchain/anvil.js';
import { recordFigure } from '../support/figures.js';
import { runs } from '../support/runs.js';
import { caseMaker, type Verdicts, verifiers } from './agreement.js';
import { closeSnarkjs } from './snarkjs.js';

/** Full counts take about ten minutes on two free cores. */
const LIMIT_MS = 3_600_000;

/**
 * Declares the suite.
 *
 * @param sample, report - Cases at the quick and at the report level.
 */
export function agreementSuite(system: ProofSystem, sample: number, report: number): void {
  const anvil = findAnvil();
  describe.runIf(anvil !== undefined)(`agreement of all verifiers, ${system}`, () => {
    let node: Node;
    beforeAll(async () => {
      node = await startAnvil(anvil!);
    });
    afterAll(async () => {
      await node?.close();
      await closeSnarkjs();
    });

    it(
      'behavior: ours in JavaScript and in WebAssembly, the reference, snarkjs and the contract say the same, but for what is documented',
      async () => {
        const { kinds, make } = caseMaker(system);
        const ask = await verifiers(system, node);
        const total = runs(sample, report);
        expect(total).toBeGreaterThanOrEqual(kinds);
        const answers = { wasm: 0, reference: 0, snarkjs: 0, contract: 0 };
        const tally = new Map<string, { cases: number; answer: string; differs: string }>();
        for (let index = 0; index < total; index++) {
          const candidate = make(index);
          const { kind, expected, typed, documented } = candidate;
          const verdicts = await ask(candidate);
          expect(verdicts, `case ${index}, ${kind}`).toEqual({
            ours: expected,
            wasm: expected,
            reference: typed ? expected : 'none',
            snarkjs: system === 'groth16' ? (documented?.snarkjs ?? expected) : 'none',
            contract: expected,
          } satisfies Verdicts);
          for (const name of ['wasm', 'reference', 'snarkjs', 'contract'] as const)
            if (verdicts[name] !== 'none') answers[name]++;
          const differs =
            documented === undefined || system !== 'groth16'
              ? ''
              : `snarkjs ${documented.snarkjs}: it ${documented.why}`;
          const entry = tally.get(kind) ?? { cases: 0, answer: expected, differs };
          tally.set(kind, { ...entry, cases: entry.cases + 1 });
        }
        expect(tally.size).toBe(kinds);
        const label = system === 'groth16' ? 'plain' : 'two-round';
        recordFigure('security-agreement', {
          system: label,
          cases: total,
          'answers of ours in WASM': answers.wasm,
          'answers of the reference': answers.reference,
          'answers of snarkjs': answers.snarkjs,
          'answers of the contract': answers.contract,
          'undocumented differences': 0,
          seed: 'the number of the case',
        });
        for (const [kind, { cases, answer, differs }] of tally)
          recordFigure('security-agreement-kinds', {
            kind: `${kind}, ${label}`,
            cases,
            'all answer': answer,
            but: differs,
          });
      },
      LIMIT_MS,
    );
  });
}
