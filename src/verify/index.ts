/**
 * `zkfinality/verify`: checks finality proofs in any JavaScript runtime. Depends on `@noble/*` only, uses nothing of Node.
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
  parseCircuitId,
  parseFinalityProof,
  parseManifest,
  parseTrustAnchor,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
export { FileError, UsageError, ZkFinalityError } from '../statement/errors.js';
export {
  formatProof,
  formatVerificationKey,
  isDevelopmentKey,
  parseProof,
  parseVerificationKey,
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
  ProtocolId,
  Statement,
  ValidatorSet,
  Variant,
  VerificationKey,
} from '../statement/types.js';
export { type PreparedKey, prepareKey } from './prepared-key.js';
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
