/**
 * `zkfinality`: prove finality inside other programs. Verification alone is `zkfinality/verify`, which needs nothing of Node.
 *
 * @module
 * @example
 * ```ts
 * import { circuitForSet, createEngine, ensureArtifacts, openProver, protocolOf } from 'zkfinality';
 * import { createDevnet } from 'zkfinality/devnet';
 *
 * const engine = await createEngine();
 * const options = {
 *   cacheFolder: '.cache',
 *   engine: async () => engine,
 *   stage: <T>(_name: string, work: (onStep: () => void) => Promise<T>) => work(() => {}),
 * };
 * const network = createDevnet('committee', { seed: 'a', validators: 4, chainId: 7n });
 * const { block } = network.block(2);
 * const trusted = network.validatorSet(2);
 * const protocol = protocolOf(network.variant);
 * const spec = circuitForSet(network.variant, trusted.members.length);
 * const prover = await openProver({ artifacts: await ensureArtifacts(spec, options), engine: async () => engine });
 * const { proof } = await prover.prove({
 *   input: protocol.circuitInput(block, trusted, spec.tier),
 *   statement: protocol.statement(block, trusted),
 *   variant: network.variant,
 *   chainId: network.chainId,
 * });
 * console.log(proof.circuit, proof.statement.height); // committee-4 2n
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
export type { CompiledCircuit, OptimisationLevel } from '../build/compile.js';
export {
  type Arithmetic,
  type CircuitFigures,
  type Forecast,
  type ForecastOptions,
  forecast,
  measureSlowness,
  type StageForecast,
} from '../build/forecast.js';
export {
  CIRCUITS,
  type CircuitKind,
  type CircuitSpec,
  circuitById,
  circuitForSet,
  registrationCircuitForSet,
} from '../build/registry.js';
export {
  createEngine,
  type Engine,
  type EngineArithmetic,
  type EngineBuffer,
  type EngineKind,
  type EngineOptions,
  type MsmOptions,
  type NativeArithmetic,
  type OnProgress,
} from '../engine/index.js';
export {
  type ParseOptions,
  type Protocol,
  protocolOf,
  type TrustOptions,
  type Verdict,
} from '../protocols/index.js';
export { hashedHeader } from '../protocols/istanbul/parse.js';
export { createRegistrationInput } from '../protocols/istanbul/registration.js';
export {
  formatFinalityProof,
  type ProofDocument,
  parseTrustAnchor,
  type StatementJson,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
export {
  EnvironmentError,
  type ErrorKind,
  FileError,
  UsageError,
  ZkFinalityError,
} from '../statement/errors.js';
export { formatRegistration, type Registration, type RegistrationClaim } from '../statement/registration.js';
export type { CircuitInput, CircuitValue, ProofSystem } from '../statement/types.js';
export {
  openProver,
  type ProofRequest,
  type Proved,
  type Prover,
  type ProverEngine,
  type ProverOptions,
  type RegistrationRequest,
} from './prover.js';
