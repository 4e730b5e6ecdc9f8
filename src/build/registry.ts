/**
 * Every circuit that this package can build: one line a protocol, one entry a tier.
 *
 * A tier is the largest number of validators a circuit takes. Smaller sets use the same circuit: commitments of sets do
 * not depend on the tier.
 */

import { ISTANBUL_TIERS, maxHeaderBytes } from '../protocols/istanbul/tiers.js';
import { UsageError } from '../statement/errors.js';
import { VARIANT_NUMBERS } from '../statement/set-commitment.js';
import type { ProofSystem, ProtocolId, Variant } from '../statement/types.js';
import type { OptimisationLevel } from './compile.js';

export type CircuitSpec = {
  /** Such as `committee-8`. */
  readonly id: string;
  readonly protocol: ProtocolId;
  /** Variants whose blocks it proves. */
  readonly variants: readonly Variant[];
  /** Most validators. */
  readonly tier: number;
  readonly system: ProofSystem;
  readonly level: OptimisationLevel;
  /** Source of the main file, complete. */
  readonly mainSource: string;
};

const COMMON_INPUTS = ['trustedSet', 'signingSet', 'nextSet', 'w1', 'w2', 'w3'];

/** Names of the public inputs of a proof system's circuits, in order. */
export function publicInputNames(system: ProofSystem): readonly string[] {
  return system === 'ultragroth' ? [...COMMON_INPUTS, 'x'] : COMMON_INPUTS;
}

function mainSource(system: ProofSystem, include: string, instance: string): string {
  return [
    'pragma circom 2.2.0;',
    `include "${include}";`,
    `component main {public [${publicInputNames(system).join(', ')}]} = ${instance};`,
    '',
  ].join('\n');
}

const committee = [4, 8, 16, 32, 64, 128].map(
  (tier): CircuitSpec => ({
    id: `committee-${tier}`,
    protocol: 'committee',
    variants: ['committee'],
    tier,
    system: 'groth16',
    level: 'O1',
    mainSource: mainSource(
      'groth16',
      'protocols/committee/CommitteeFinality.circom',
      `CommitteeFinality(${tier})`,
    ),
  }),
);

/**
 * A circuit for each Istanbul variant: they walk other headers and make the two hashes in other ways, and one circuit for all would
 * pay for the longest of each.
 */
const istanbul = (['ibft1', 'ibft2', 'qbft'] as const).flatMap((variant) =>
  ISTANBUL_TIERS.map(
    (tier): CircuitSpec => ({
      id: `istanbul-${variant}-${tier}`,
      protocol: 'istanbul',
      variants: [variant],
      tier,
      system: 'ultragroth',
      level: 'O1',
      mainSource: mainSource(
        'ultragroth',
        'protocols/istanbul/IstanbulFinality.circom',
        `IstanbulFinality(${VARIANT_NUMBERS[variant]}, ${tier}, ${maxHeaderBytes(tier)})`,
      ),
    }),
  ),
);

/** All circuits, smallest tier first within a variant. */
export const CIRCUITS: readonly CircuitSpec[] = [...committee, ...istanbul];

/**
 * Finds a circuit by its id.
 *
 * @throws {UsageError} `CIRCUIT_UNKNOWN` with the ids there are.
 */
export function circuitById(id: string): CircuitSpec {
  const spec = CIRCUITS.find((circuit) => circuit.id === id);
  if (spec) return spec;
  throw new UsageError(
    'CIRCUIT_UNKNOWN',
    `circuit "${id}": expected one of ${CIRCUITS.map((circuit) => circuit.id).join(', ')}`,
  );
}

/**
 * Finds the smallest circuit that takes a set of this size.
 *
 * @param variant - Variant of the chain.
 * @param size - Number of members of the larger of trusted and signing set.
 * @throws {UsageError} `SET_TOO_LARGE` when no tier is large enough.
 */
export function circuitForSet(variant: Variant, size: number): CircuitSpec {
  const tiers = CIRCUITS.filter((circuit) => circuit.variants.includes(variant));
  const spec = tiers.find((circuit) => circuit.tier >= size);
  if (spec) return spec;
  const largest = tiers.at(-1)?.tier ?? 0;
  throw new UsageError(
    'SET_TOO_LARGE',
    `the validator set has ${size} members, the largest ${variant} circuit takes ${largest}. Larger tiers need a change of the registry and new keys.`,
  );
}
