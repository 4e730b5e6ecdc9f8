import { expect, it } from 'vitest';
import { compile, mainOf } from '../support/reject.js';

/** Constraints and wires at O1. A change here changes keys: it belongs in the changelog. */
const COSTS: readonly (readonly [include: string, instance: string, constraints: number, wires: number])[] = [
  ['lib/bits/AssertBits.circom', 'AssertBits(64)', 64, 65],
  ['lib/bits/AssertCanonicalSplit.circom', 'AssertCanonicalSplit(8)', 255, 256],
  ['lib/bits/AssertLessThan.circom', 'AssertLessThan(64)', 193, 193],
  ['lib/bits/AssertNonZero.circom', 'AssertNonZero()', 1, 3],
  ['lib/bits/Binary.circom', 'Binary()', 1, 2],
  ['lib/bits/IsEqual.circom', 'IsEqual()', 3, 6],
  ['lib/bits/IsLessThan.circom', 'IsLessThan(64)', 196, 196],
  ['lib/bits/IsZero.circom', 'IsZero()', 2, 4],
  ['lib/bits/Num2Bits.circom', 'Num2Bits(64)', 65, 66],
  ['lib/curve/BabyJubCombination.circom', 'BabyJubCombination()', 2038, 2041],
  ['lib/curve/BabyJubEightfold.circom', 'BabyJubEightfold()', 16, 18],
  ['lib/hash/Poseidon.circom', 'Poseidon(1)', 214, 216],
  ['lib/hash/Poseidon.circom', 'Poseidon(2)', 241, 244],
  ['lib/hash/Poseidon.circom', 'Poseidon(3)', 262, 266],
  ['lib/hash/Poseidon.circom', 'Poseidon(4)', 298, 303],
  ['lib/hash/Poseidon.circom', 'Poseidon(5)', 322, 328],
  ['lib/hash/Poseidon.circom', 'Poseidon(6)', 355, 362],
  ['lib/quorum/AssertTwoThirds.circom', 'AssertTwoThirds(71)', 75, 77],
  ['protocols/committee/CommitteeSet.circom', 'CommitteeSet(4)', 2469, 2471],
];

it.each(COSTS)('behavior: %s %s', async (include, instance, constraints, wires) => {
  const circuit = await compile(mainOf(include, instance));
  expect([circuit.constraints, circuit.wires]).toEqual([constraints, wires]);
});
