/**
 * A proving session for one circuit: key and witness program are loaded once, proofs are made one after the other.
 *
 * Every proof is verified before it is handed out, by the code that verifiers run.
 */
import type { Artifacts, OnStep } from '../build/artifacts.js';
import type { CircuitSpec } from '../build/registry.js';
import type { Engine, EngineKind } from '../engine/types.js';
import { prove } from '../groth16/prove.js';
import { openProvingKey, type ProvingKey } from '../groth16/proving-key.js';
import { createSecondRoundSession, type SecondRoundSession } from '../groth16/second-round-session.js';
import type { FinalityProof, ProofDocument } from '../statement/documents.js';
import { EnvironmentError, FileError, UsageError, ZkFinalityError } from '../statement/errors.js';
import { wordToBytes } from '../statement/hash.js';
import { packStatement } from '../statement/packing.js';
import { type Registration, type RegistrationClaim, registrationInputs } from '../statement/registration.js';
import type { Groth16Proof, Statement, Variant, VerificationKey } from '../statement/types.js';
import { type PreparedKey, prepareKey } from '../verify/prepared-key.js';
import { verifyProof } from '../verify/verify-proof.js';
import type { CircuitInput } from '../witness/program.js';
import { createWitnessSession } from '../witness/session.js';
import { proveWithSnarkjs, snarkjsCli } from './snarkjs-process.js';

/** `auto` takes the fastest engine there is, `wasm` and `native` are the engine's kinds; `snarkjs` runs that program in a process of its own, plain circuits only. */
export type ProverEngine = EngineKind | 'snarkjs';

export type ProverOptions = {
  readonly artifacts: Artifacts;
  readonly prover?: ProverEngine;
  /** Used, not closed. Called only where our own engine proves. */
  readonly engine: () => Promise<Engine>;
  /** Told how far loading the key is, also after the session is open. */
  readonly onStep?: OnStep;
  readonly signal?: AbortSignal;
  /** Blinding bytes; default: the system's secure source. */
  readonly random?: (count: number) => Uint8Array;
};

/** What a proof is about. */
export type ProofRequest = {
  /** Values of all inputs of the circuit but for the challenge. */
  readonly input: CircuitInput;
  readonly statement: Statement;
  readonly variant: Variant;
  /** [0, 2^64) */
  readonly chainId: bigint;
};

/** What a registration is about; its circuit is one of kind `registration`. */
export type RegistrationRequest = Omit<ProofRequest, 'statement'> & { readonly claim: RegistrationClaim };

/** A document and the milliseconds of each stage. */
export type Proved<Document = FinalityProof> = {
  readonly proof: Document;
  /** What computed the proof. */
  readonly engine: Engine['name'] | 'snarkjs';
  readonly timingsMs: { readonly [stage: string]: number };
};

/** An open session; its owner calls `close()`. */
export type Prover = {
  /**
   * Makes a proof.
   *
   * @throws {ZkFinalityError} What witness program and prover throw; {EnvironmentError} `PROOF_SELF_CHECK` if the proof does not verify, which
   *   means that key and circuit do not belong together or the machine miscalculated.
   */
  readonly prove: (request: ProofRequest, onStep?: OnStep) => Promise<Proved>;
  /** {@link prove} for a registration circuit. */
  readonly proveRegistration: (
    request: RegistrationRequest,
    onStep?: OnStep,
  ) => Promise<Proved<Registration>>;
  /** Frees the key and ends the threads of witness and second round. Safe to call twice. */
  readonly close: () => Promise<void>;
};

/**
 * Opens a proving session. The key's header is checked when it is open; the rest is loaded while the first witness is computed, and what is
 * wrong with it is thrown by the first proof.
 *
 * @throws {UsageError} `ENGINE_PLAIN_ONLY` for snarkjs with a two-round circuit; what opening the key throws.
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
export async function openProver(options: ProverOptions): Promise<Prover> {
  const { artifacts, prover = 'auto', signal, onStep, random } = options;
  const { spec, compiled, provingKeyPath, circuitHash, verificationKey, verificationKeyHash } = artifacts;
  const cancellation = signal === undefined ? {} : { signal };
  assertProvable(spec, prover);
  const starting = prover === 'snarkjs' ? undefined : options.engine();
  // Should something else fail first, nobody waits for this promise.
  starting?.catch(() => undefined);
  const witnesses = await createWitnessSession({ wasmPath: compiled.wasmPath, ...cancellation });
  const open = async (): Promise<{ readonly preparedKey: PreparedKey; readonly key?: ProvingKey }> => {
    // While the threads of engine and witness program come up.
    const preparedKey = preparedKeyOf(provingKeyPath, verificationKey);
    if (starting === undefined) return { preparedKey };
    const key = await openProvingKey({
      path: provingKeyPath,
      engine: await starting,
      circuitHash: wordToBytes(circuitHash),
      ...(onStep === undefined ? {} : { onProgress: ({ stage, done }) => onStep(done, stage) }),
      ...cancellation,
    });
    return { preparedKey, key };
  };
  const { preparedKey, key } = await open().catch(async (error: unknown) => {
    await witnesses.close();
    throw error;
  });

  /** Started with the first proof. */
  let rounds: Promise<SecondRoundSession> | undefined;
  const secondRound = async (): Promise<SecondRoundSession | undefined> => {
    const partition = key?.partition;
    if (partition === undefined) return undefined;
    rounds ??= createSecondRoundSession({ r1csPath: compiled.r1csPath, partition, ...cancellation });
    const session = await rounds;
    return (await session.prepare()) ? session : undefined;
  };

  const runProver = async (
    input: CircuitInput,
    progress: OnStep | undefined,
  ): Promise<{ readonly proof: Groth16Proof; readonly timings: { readonly [stage: string]: number } }> => {
    if (key === undefined) {
      const started = performance.now();
      const witness = await witnesses.compute(input);
      const computed = performance.now();
      const proof = await proveWithSnarkjs({ provingKeyPath, witness, ...cancellation });
      return { proof, timings: { witness: computed - started, snarkjs: performance.now() - computed } };
    }
    return prove({
      key,
      witness: (challenge) =>
        witnesses.compute(spec.system === 'ultragroth' ? { ...input, x: challenge } : input),
      secondRound,
      ...(progress === undefined ? {} : { onProgress: ({ stage, done }) => progress(done, stage) }),
      ...(random === undefined ? {} : { random }),
      ...cancellation,
    });
  };

  /** Proves, verifies what was proved, and adds the claim to the document. */
  const attest = async <Claim>(
    request: Omit<ProofRequest, 'statement'>,
    publicInputs: readonly bigint[],
    claim: Claim,
    progress: OnStep | undefined,
  ): Promise<Proved<ProofDocument & Claim>> => {
    const { proof, timings } = await runProver(request.input, progress);
    const started = performance.now();
    const verdict = verifyProof(preparedKey, proof, publicInputs);
    if (!verdict.ok)
      throw new EnvironmentError(
        'PROOF_SELF_CHECK',
        `${spec.id}: the proof that was made does not verify (${verdict.code}). Key and circuit may not belong together: delete ${compiled.folder} and try again.`,
      );
    const { variant, chainId } = request;
    return {
      proof: {
        protocol: spec.protocol,
        variant,
        chainId,
        circuit: spec.id,
        verificationKeyHash,
        ...claim,
        proof,
      },
      engine: key === undefined ? 'snarkjs' : key.engine.name,
      timingsMs: {
        ...(key === undefined ? {} : { 'load key': (await key.loaded).loadMs }),
        ...timings,
        verify: performance.now() - started,
      },
    };
  };

  return {
    prove: async (request, progress) => {
      const { statement } = request;
      return attest(request, packStatement(statement), { statement }, progress);
    },
    proveRegistration: async (request, progress) => {
      const { oldSet, newSet } = request.claim;
      return attest(request, registrationInputs(request.claim), { oldSet, newSet }, progress);
    },
    close: async () => {
      await key?.close();
      await Promise.all([
        witnesses.close(),
        rounds?.then(
          (session) => session.close(),
          () => undefined,
        ),
      ]);
    },
  };
}

/**
 * Checks that an engine can prove a circuit at all, before anything is built for it.
 *
 * @throws {UsageError} `ENGINE_PLAIN_ONLY` for snarkjs with a two-round circuit; {EnvironmentError} `SNARKJS_MISSING`.
 */
export function assertProvable(spec: Pick<CircuitSpec, 'id' | 'system'>, prover: ProverEngine): void {
  if (prover !== 'snarkjs') return;
  if (spec.system !== 'groth16')
    throw new UsageError(
      'ENGINE_PLAIN_ONLY',
      `${spec.id} is a two-round circuit, which snarkjs cannot prove. Use --engine auto.`,
    );
  snarkjsCli();
}

/** The verification part of a proving key; what is wrong with it is the file's fault. */
function preparedKeyOf(path: string, key: VerificationKey): PreparedKey {
  try {
    return prepareKey(key);
  } catch (cause) {
    if (!(cause instanceof ZkFinalityError)) throw cause;
    throw new FileError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}
