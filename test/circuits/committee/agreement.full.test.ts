import { expect, it } from 'vitest';
import { circuitById } from '../../../src/build/registry.js';
import { createCommitteeDevnet } from '../../../src/devnet/committee.js';
import { verifyNatively } from '../../../src/protocols/committee/verify.js';
import { compileCircuit } from '../../support/circuit.js';
import { inputOf } from '../../support/committee.js';
import { runs, seededBytes, seededInteger } from '../../support/runs.js';

it('behavior: the circuit accepts a block exactly where native verification does', async () => {
  const { mainSource, level } = circuitById('committee-4');
  const circuit = await compileCircuit(mainSource, { level });
  const random = seededBytes(71);
  const below = (bound: bigint): bigint => seededInteger(random, bound);
  let final = 0;
  const cases = runs(40, 400);
  for (let i = 0; i < cases; i++) {
    const validators = Number(below(4n)) + 1;
    const small = below(2n) === 0n;
    const net = createCommitteeDevnet({
      seed: `agreement ${i % 10}`,
      validators,
      chainId: below(1n << 64n),
      round: below(1n << 32n),
      powers: Array.from({ length: validators }, () => below(small ? 3n : (1n << 64n) - 1n) + 1n),
      everybodyVotes: true,
    });
    const set = net.validatorSet(1);
    const whole = net.block(1).block;
    const votes = whole.votes.filter(() => below(4n) > 0n);
    const forged = votes.map((vote) => (below(8n) === 0n ? { ...vote, s: vote.s ^ 1n } : vote));
    const block = { ...whole, votes: forged };
    const verdict = verifyNatively(block, set);
    const witness = await circuit.witness(inputOf(block, set, 4)).catch(() => undefined);
    expect(witness !== undefined, `case ${i}: ${verdict.ok ? 'final' : verdict.message}`).toBe(verdict.ok);
    if (witness !== undefined) expect(circuit.failingRow(witness)).toBeUndefined();
    if (verdict.ok) final++;
  }
  expect(final).toBeGreaterThan(cases / 8);
  expect(final).toBeLessThan((cases * 7) / 8);
});
