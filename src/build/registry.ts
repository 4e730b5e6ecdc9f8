/**
 * Every circuit that this package can build: one line a protocol, one entry a tier.
 *
 * A tier is the largest number of validators a circuit takes. Smaller sets use the same circuit: commitments of sets do
 * not depend on the tier.
 */

import { ISTANBUL_VARIANTS } from '../protocols/istanbul/extra-data.js';
import { ISTANBUL_TIERS, maxHeaderBytes } from '../protocols/istanbul/tiers.js';
import { UsageError } from '../statement/errors.js';
import { VARIANT_NUMBERS } from '../statement/set-commitment.js';
import type { ProofSystem, ProtocolId, Variant } from '../statement/types.js';
import type { OptimisationLevel } from './compile.js';

/** What a circuit proves: that blocks are final, or once for each set that its keys belong to its members. */
export type CircuitKind = 'finality' | 'registration';

export type CircuitSpec = {
  /** Such as `committee-8`. */
  readonly id: string;
  readonly kind: CircuitKind;
  readonly protocol: ProtocolId;
  /** Variants whose blocks or sets it proves. */
  readonly variants: readonly Variant[];
  /** Most validators. */
  readonly tier: number;
  readonly system: ProofSystem;
  readonly level: OptimisationLevel;
  /** Names of its public inputs, in order. */
  readonly publicInputs: readonly string[];
  /** Source of the main file, complete. */
  readonly mainSource: string;
};

const STATEMENT_INPUTS = ['trustedSet', 'signingSet', 'nextSet', 'w1', 'w2', 'w3'];
const CHALLENGE = 'x';

/** The parts of a spec that follow from its system, its public inputs but for the challenge, and its template. */
function source(
  system: ProofSystem,
  inputs: readonly string[],
  include: string,
  instance: string,
): Pick<CircuitSpec, 'system' | 'publicInputs' | 'mainSource'> {
  const publicInputs = system === 'ultragroth' ? [...inputs, CHALLENGE] : inputs;
  const mainSource = [
    'pragma circom 2.2.0;',
    `include "${include}";`,
    `component main {public [${publicInputs.join(', ')}]} = ${instance};`,
    '',
  ].join('\n');
  return { system, publicInputs, mainSource };
}

const committee = [4, 8, 16, 32, 64, 128].map(
  (tier): CircuitSpec => ({
    id: `committee-${tier}`,
    kind: 'finality',
    protocol: 'committee',
    variants: ['committee'],
    tier,
    level: 'O1',
    ...source(
      'groth16',
      STATEMENT_INPUTS,
      'protocols/committee/CommitteeFinality.circom',
      `CommitteeFinality(${tier})`,
    ),
  }),
);

/**
 * A circuit for each Istanbul variant: they walk other headers and make the two hashes in other ways, and one circuit for all would
 * pay for the longest of each.
 */
const istanbul = ISTANBUL_VARIANTS.flatMap((variant) =>
  ISTANBUL_TIERS.map(
    (tier): CircuitSpec => ({
      id: `istanbul-${variant}-${tier}`,
      kind: 'finality',
      protocol: 'istanbul',
      variants: [variant],
      tier,
      level: 'O1',
      ...source(
        'ultragroth',
        STATEMENT_INPUTS,
        'protocols/istanbul/IstanbulFinality.circom',
        `IstanbulFinality(${VARIANT_NUMBERS[variant]}, ${tier}, ${maxHeaderBytes(tier)})`,
      ),
    }),
  ),
);

/** One circuit for the sets of all Istanbul variants: the variant is a private input that the commitments bind. */
const registration = ISTANBUL_TIERS.map(
  (tier): CircuitSpec => ({
    id: `istanbul-registration-${tier}`,
    kind: 'registration',
    protocol: 'istanbul',
    variants: ISTANBUL_VARIANTS,
    tier,
    level: 'O1',
    ...source(
      'ultragroth',
      ['oldSet', 'newSet'],
      'protocols/istanbul/IstanbulRegistration.circom',
      `IstanbulRegistration(${tier})`,
    ),
  }),
);

/**
 * All circuits, smallest tier first within a variant.
 *
 * @example
 * ```ts
 * import { CIRCUITS } from 'zkfinality';
 *
 * console.log(CIRCUITS.some(({ id, system }) => id === 'istanbul-qbft-4' && system === 'ultragroth')); // true
 * ```
 */
export const CIRCUITS: readonly CircuitSpec[] = [...committee, ...istanbul, ...registration];

/**
 * Finds a circuit by its id.
 *
 * @throws {UsageError} `CIRCUIT_UNKNOWN` with the ids there are.
 * @example
 * ```ts
 * import { circuitById } from 'zkfinality';
 *
 * console.log(circuitById('committee-16').tier); // 16
 * ```
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
 * Finds the smallest circuit of finality that takes a set of this size.
 *
 * @param variant - Variant of the chain.
 * @param size - Number of members of the larger of trusted and signing set.
 * @throws {UsageError} `SET_TOO_LARGE` when no tier is large enough.
 * @example
 * ```ts
 * import { circuitForSet } from 'zkfinality';
 *
 * console.log(circuitForSet('qbft', 3).id, circuitForSet('committee', 17).id); // istanbul-qbft-4 committee-32
 * ```
 */
export function circuitForSet(variant: Variant, size: number): CircuitSpec {
  return smallest('finality', variant, size);
}

/**
 * Finds the smallest circuit that registers a set of this size.
 *
 * @throws {UsageError} `SET_TOO_LARGE` when no tier is large enough; `REGISTER_PROTOCOL` for variants that register no sets.
 * @example
 * ```ts
 * import { registrationCircuitForSet } from 'zkfinality';
 *
 * console.log(registrationCircuitForSet('qbft', 3).id); // istanbul-registration-4
 * ```
 */
export function registrationCircuitForSet(variant: Variant, size: number): CircuitSpec {
  if (!registration.some((circuit) => circuit.variants.includes(variant)))
    throw new UsageError(
      'REGISTER_PROTOCOL',
      `variant: ${variant} sets have all their keys, there is nothing to register.`,
    );
  return smallest('registration', variant, size);
}

function smallest(kind: CircuitKind, variant: Variant, size: number): CircuitSpec {
  const tiers = CIRCUITS.filter((circuit) => circuit.kind === kind && circuit.variants.includes(variant));
  const spec = tiers.find((circuit) => circuit.tier >= size);
  if (spec) return spec;
  const largest = tiers.at(-1)?.tier ?? 0;
  throw new UsageError(
    'SET_TOO_LARGE',
    `the validator set has ${size} members, the largest ${variant} circuit takes ${largest}. Larger tiers need a change of the registry and new keys.`,
  );
}
