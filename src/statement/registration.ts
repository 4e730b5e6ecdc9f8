/**
 * The document of a registration: a proof that every known key of a validator set belongs to its member. `docs/STATEMENT.md` has its fields.
 *
 * It carries commitments and no members. A verifier that is given members hashes their keys itself and needs no proof; one that is
 * not, a contract or a light client, knows sets by their commitments only. Variant and chain id are bound by the commitments: what the document
 * says of them tells documents apart and proves nothing.
 */
import { FIELD_MODULUS } from './curve.js';
import { formatProofDocument, type ProofDocument, readProofDocument } from './documents.js';
import { formatHex, readWord } from './json.js';
import type { ProofJson } from './keys.js';

/** What a registration attests, see `docs/STATEMENT.md`. */
export type RegistrationClaim = {
  /** Commitment of the set as it was accepted, keys known in part, in [0, r). */
  readonly oldSet: bigint;
  /** Commitment of the same set with the keys known now, in [0, r). */
  readonly newSet: bigint;
};

/** A registration proof. Its circuit is `<protocol>-registration-<tier>`. */
export type Registration = ProofDocument & RegistrationClaim;

/** `format` of a registration. */
export const REGISTRATION_FORMAT = 'zkfinality-registration/1';

/**
 * Reads a registration.
 *
 * @param json - What `JSON.parse` gave.
 * @returns Typed and canonical; nothing about it is verified yet.
 * @throws {FileError} as `parseFinalityProof`; `CIRCUIT_NAME` for every circuit but those of registration.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseRegistration, ZkFinalityError } from 'zkfinality/verify';
 *
 * // A proof of finality is no registration, and the other way round.
 * try {
 *   parseRegistration(JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')));
 * } catch (error) {
 *   console.log(error instanceof ZkFinalityError && error.code); // FORMAT_UNKNOWN
 * }
 * ```
 */
export function parseRegistration(json: unknown): Registration {
  return readProofDocument(
    json,
    'registration',
    REGISTRATION_FORMAT,
    ['oldSet', 'newSet'],
    (name) => /^istanbul-registration-[1-9][0-9]{0,4}$/.test(name),
    (record, path) => ({
      oldSet: readWord(record.oldSet, `${path}.oldSet`, FIELD_MODULUS),
      newSet: readWord(record.newSet, `${path}.newSet`, FIELD_MODULUS),
    }),
  );
}

/**
 * JSON of a registration: an object for `JSON.stringify`.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { formatRegistration, parseFinalityProof, parseRegistration } from 'zkfinality/verify';
 *
 * // For its shape only: this proof is one of finality, and no verifier accepts the document.
 * const { proof, statement, ...rest } = parseFinalityProof(
 *   JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')),
 * );
 * const sets = { oldSet: statement.trustedSet, newSet: statement.trustedSet };
 * const json = formatRegistration({ ...rest, ...sets, proof, circuit: 'istanbul-registration-4' });
 * console.log(json.format, parseRegistration(json).oldSet === statement.trustedSet); // zkfinality-registration/1 true
 * ```
 */
export function formatRegistration(registration: Registration): {
  readonly format: typeof REGISTRATION_FORMAT;
  readonly oldSet: string;
  readonly newSet: string;
  readonly proof: ProofJson;
  readonly [field: string]: unknown;
} {
  const { oldSet, newSet } = registration;
  return formatProofDocument(REGISTRATION_FORMAT, registration, {
    oldSet: formatHex(oldSet, 32),
    newSet: formatHex(newSet, 32),
  });
}

/** Public inputs of a registration circuit, in order, without the challenge. */
export function registrationInputs(claim: RegistrationClaim): bigint[] {
  return [claim.oldSet, claim.newSet];
}
