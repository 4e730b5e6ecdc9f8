/**
 * Verification of registrations with trust: the same discipline as for finality proofs. A proof of the one never passes for the other: their
 * documents, their circuits' names and their numbers of public inputs differ.
 */
import { type TrustAnchor, trustedSet } from '../statement/documents.js';
import { parseRegistration, type RegistrationClaim, registrationInputs } from '../statement/registration.js';
import { commitValidatorSet } from '../statement/set-commitment.js';
import {
  checkDocument,
  type DocumentAccepted,
  type DocumentRefused,
  type KeyOptions,
} from './check-document.js';

export type RegistrationOptions = KeyOptions & {
  /** What the verifier trusts. Without it the result is at best `NOT_ANCHORED`. */
  readonly anchor?: TrustAnchor;
};

/**
 * An accepted registration: every known key of `newSet`, hence of `oldSet`, belongs to its member; the two sets differ in keys that `oldSet` does
 * not have, if at all. It says nothing of whether anybody trusts these sets.
 */
export type RegistrationAccepted = DocumentAccepted &
  RegistrationClaim & {
    /** Whether `oldSet` is the anchor's trusted set, so that `newSet` may take its place. */
    readonly extendsTrustedSet: boolean;
  };

export type RegistrationResult = RegistrationAccepted | DocumentRefused;

/**
 * Verifies a registration against a trust anchor.
 *
 * @param document - What `JSON.parse` gave. Any value: bad documents are refused, never thrown at.
 * @param options - Anchor, keys, manifest.
 * @returns The commitments, or the first failed check. Codes: those of the strict readers, `KEY_MISSING`, `KEY_WEAK`, `KEY_POINT`,
 *   `PROTOCOL_MISMATCH`, `CHAIN_MISMATCH`, `CIRCUIT_MISMATCH`, `MANIFEST_MISMATCH`, `KEY_NOT_IN_MANIFEST`, `DEVELOPMENT_KEY`,
 *   `PROOF_SYSTEM_MISMATCH`, `PUBLIC_INPUT_COUNT`, `PROOF_INVALID`, `NOT_ANCHORED`.
 * @throws {UsageError} as `verifyFinality`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseManifest, parseTrustAnchor, parseVerificationKey, verifyRegistration } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const result = verifyRegistration(read('examples/demo/block-2.proof.json'), {
 *   anchor: parseTrustAnchor(read('examples/demo/trust.json')),
 *   verificationKeys: [parseVerificationKey(read('keys/istanbul-registration-4.json'))],
 *   manifest: parseManifest(read('keys/manifest.json')),
 * });
 * // A proof of finality, so it is refused. `result.newSet` is the commitment of the set that a registration completes.
 * console.log(result.ok ? result.newSet : result.code); // FORMAT_UNKNOWN
 * ```
 */
export function verifyRegistration(document: unknown, options: RegistrationOptions): RegistrationResult {
  const { anchor } = options;
  const checked = checkDocument(
    {
      read: () => parseRegistration(document),
      isCircuitOf: ({ circuit, protocol }) => circuit.startsWith(`${protocol}-`),
      inputs: registrationInputs,
      checkClaims: () => undefined,
    },
    options,
    anchor,
  );
  if (!checked.ok) return checked;
  const { oldSet, newSet } = checked.document;
  return {
    ...checked.accepted,
    oldSet,
    newSet,
    extendsTrustedSet: oldSet === commitValidatorSet(trustedSet(anchor!)),
  };
}
