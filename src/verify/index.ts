/**
 * `zkfinality/verify`: checks finality proofs in any JavaScript runtime. Depends on `@noble/*` only, uses nothing of Node.
 *
 * @module
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseManifest, parseTrustAnchor, parseVerificationKey, verifyFinality } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const result = verifyFinality(read('examples/demo/block-2.proof.json'), {
 *   anchor: parseTrustAnchor(read('examples/demo/trust.json')),
 *   verificationKeys: [parseVerificationKey(read('keys/istanbul-qbft-4.json'))],
 *   manifest: parseManifest(read('keys/manifest.json')),
 * });
 * if (result.ok) console.log(`block ${result.statement.height} is final`); // block 2 is final
 * else console.error(result.code, result.message);
 * ```
 */
export {
  type CircuitId,
  type FinalityProof,
  formatFinalityProof,
  formatManifest,
  formatTrustAnchor,
  type KeyManifest,
  type ManifestKey,
  manifestHash,
  type ProofDocument,
  parseCircuitId,
  parseFinalityProof,
  parseManifest,
  parseTrustAnchor,
  type StatementJson,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
export { type ErrorKind, FileError, UsageError, ZkFinalityError } from '../statement/errors.js';
export {
  formatProof,
  formatVerificationKey,
  isDevelopmentKey,
  type ProofJson,
  parseProof,
  parseVerificationKey,
  type VerificationKeyJson,
} from '../statement/keys.js';
export { packStatement, unpackStatement } from '../statement/packing.js';
export {
  formatRegistration,
  parseRegistration,
  type Registration,
  type RegistrationClaim,
} from '../statement/registration.js';
export { commitValidatorSet } from '../statement/set-commitment.js';
export { verificationKeyHash } from '../statement/transcript.js';
export type {
  G1,
  G2,
  Groth16Proof,
  Member,
  ProofSystem,
  ProtocolId,
  Statement,
  ValidatorSet,
  Variant,
  VerificationKey,
} from '../statement/types.js';
export type { LightClientResult, StepOptions } from './advance.js';
export type { DocumentAccepted, DocumentRefused, KeyOptions } from './check-document.js';
export { LightClient, type LightClientOptions } from './light-client.js';
export type { LightClientState } from './light-client-state.js';
export { type PreparedKey, prepareKey } from './prepared-key.js';
export { memoryStorage, type StateStorage, webStorage } from './state-storage.js';
export {
  type FinalityAccepted,
  type FinalityOptions,
  type FinalityRefused,
  type FinalityResult,
  verifyFinality,
} from './verify-finality.js';
export { type Refusal, type VerifyResult, verifyProof, verifyProofJson } from './verify-proof.js';
export {
  type RegistrationAccepted,
  type RegistrationOptions,
  type RegistrationResult,
  verifyRegistration,
} from './verify-registration.js';
