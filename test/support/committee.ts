/** Blocks, sets and circuit inputs of the protocol `committee`, honest and forged. */
import { poseidon } from '../../src/math/poseidon.js';
import type { CommitteeBlock } from '../../src/protocols/committee/block.js';
import { createCircuitInput } from '../../src/protocols/committee/circuit-input.js';
import { TAG_SET } from '../../src/statement/set-commitment.js';
import type { Member, Statement, ValidatorSet } from '../../src/statement/types.js';

export type CommitteeInput = { readonly [signal: string]: bigint | readonly bigint[] };

/** The commitment of any list of members, well-formed or not, by the reference hash. */
export function commitAnything(chainId: bigint, members: readonly Member[], totalPower?: bigint): bigint {
  const total = totalPower ?? members.reduce((sum, { power }) => sum + power, 0n);
  const start = poseidon([TAG_SET, 1n, chainId, 1n, BigInt(members.length), total]);
  return members.reduce(
    (link, { identity, power, publicKey: { x, y } }) => poseidon([link, (identity << 64n) + power, x, y]),
    start,
  );
}

/** The statement that a block makes of itself, whether it holds or not. */
export function claimOf(block: CommitteeBlock, set: ValidatorSet): Statement {
  const commitment = commitAnything(set.chainId, set.members);
  const { nextSet, height, time, blockHash, stateRoot } = block;
  return { trustedSet: commitment, signingSet: commitment, nextSet, height, time, blockHash, stateRoot };
}

/** Circuit input of a block without any native check. */
export function inputOf(block: CommitteeBlock, set: ValidatorSet, tier: number): CommitteeInput {
  return createCircuitInput(block, claimOf(block, set), set, tier) as CommitteeInput;
}

/** An input with some entries of its arrays, or whole signals, replaced. */
export function patch(
  input: CommitteeInput,
  changes: { readonly [signal: string]: bigint | { readonly [slot: number]: bigint } },
): CommitteeInput {
  const patched: { [signal: string]: bigint | readonly bigint[] } = { ...input };
  for (const [signal, change] of Object.entries(changes)) {
    if (typeof change === 'bigint') {
      patched[signal] = change;
      continue;
    }
    const array = [...(patched[signal] as readonly bigint[])];
    for (const [slot, value] of Object.entries(change)) array[Number(slot)] = value;
    patched[signal] = array;
  }
  return patched;
}
