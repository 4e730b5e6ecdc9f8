/**
 * `zkfinality`: prove finality inside other programs. Verification alone is `zkfinality/verify`, which needs nothing of Node.
 *
 * @example
 * ```ts
 * const engine = await createEngine();
 * const spec = circuitForSet(anchor.variant, anchor.members.length);
 * const artifacts = await ensureArtifacts(spec, { cacheFolder, engine: async () => engine, stage: (_, work) => work(() => {}) });
 * const prover = await openProver({ artifacts, engine: async () => engine });
 * const protocol = protocolOf(anchor.variant);
 * const block = protocol.parse(blockText, { variant: anchor.variant });
 * const trusted = trustedSet(anchor);
 * const { proof } = await prover.prove({
 *   input: protocol.circuitInput(block, trusted, spec.tier),
 *   statement: protocol.statement(block, trusted),
 *   variant: anchor.variant,
 *   chainId: anchor.chainId,
 * });
 * await prover.close();
 * await engine.close();
 * ```
 */
export {
  type Artifacts,
  type BuildOptions,
  ensureArtifacts,
  ensureCompiled,
  type OnStep,
  type StageRunner,
} from '../build/artifacts.js';
export { type CircuitFigures, type Forecast, forecast } from '../build/forecast.js';
export {
  CIRCUITS,
  type CircuitSpec,
  circuitById,
  circuitForSet,
  registrationCircuitForSet,
} from '../build/registry.js';
export { createEngine, type Engine, type EngineOptions } from '../engine/index.js';
export { type Protocol, protocolOf, type TrustOptions, type Verdict } from '../protocols/index.js';
export { createRegistrationInput } from '../protocols/istanbul/registration.js';
export {
  formatFinalityProof,
  parseTrustAnchor,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
export { EnvironmentError, FileError, UsageError, ZkFinalityError } from '../statement/errors.js';
export { formatRegistration, type Registration, type RegistrationClaim } from '../statement/registration.js';
export {
  openProver,
  type ProofRequest,
  type Proved,
  type Prover,
  type ProverEngine,
  type ProverOptions,
  type RegistrationRequest,
} from './prover.js';
