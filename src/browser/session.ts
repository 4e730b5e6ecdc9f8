/**
 * A proving session inside a worker: key, witness program and engine are loaded once, blocks are proved one after the other.
 * Each is verified natively first, and each proof is verified before it is handed out.
 */
import { createWasmEngine } from '../engine/wasm-engine.js';
import { prove } from '../groth16/prove.js';
import { loadProvingKey } from '../groth16/proving-key.js';
import { committee } from '../protocols/committee/index.js';
import { formatFinalityProof, parseCircuitId, parseTrustAnchor, trustedSet } from '../statement/documents.js';
import { EnvironmentError, UsageError } from '../statement/errors.js';
import { packStatement } from '../statement/packing.js';
import { prepareKey } from '../verify/prepared-key.js';
import { verifyProof } from '../verify/verify-proof.js';
import { loadWitnessProgram } from '../witness/program.js';
import type { OpenMessage, ProveMessage } from './messages.js';

/** Told what step is under way and what part of the whole is done, in [0, 1]. */
export type OnSessionStep = (step: string, done: number) => void;

export type Session = {
  readonly threads: number;
  /** Time to start the threads and load key and program. */
  readonly loadMs: number;
  readonly prove: (
    request: Pick<ProveMessage, 'block' | 'anchor'>,
    onStep: OnSessionStep,
  ) => Promise<{ readonly proof: object; readonly timingsMs: { readonly [stage: string]: number } }>;
};

/**
 * Opens a session.
 *
 * @throws {ZkFinalityError} `CIRCUIT_UNKNOWN` for circuits that are not proved in browsers; what engine, key and program throw.
 */
export async function openSession(
  { circuit, circuitHash, provingKey, witnessProgram, threads }: OpenMessage,
  onStep: OnSessionStep,
): Promise<Session> {
  const started = performance.now();
  const id = parseCircuitId(circuit);
  if (id?.protocol !== 'committee')
    throw new UsageError(
      'CIRCUIT_UNKNOWN',
      `circuit "${circuit}": browsers prove circuits of committee, such as "committee-4". Prove others with Node.`,
    );
  const program = await loadWitnessProgram(witnessProgram, `witness program of ${circuit}`);
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  const key = await loadProvingKey({
    path: provingKey,
    engine,
    circuitHash,
    onProgress: ({ stage, done }) => onStep(stage, done),
  });
  const preparedKey = prepareKey(key.verificationKey);

  return {
    threads: engine.threads,
    loadMs: performance.now() - started,
    prove: async ({ block: text, anchor: json }, onProofStep) => {
      const anchor = parseTrustAnchor(json);
      const block = committee.parse(text, { variant: anchor.variant });
      const trusted = trustedSet(anchor);
      // Names the rule that a bad block breaks.
      const statement = committee.statement(block, trusted);
      const input = committee.circuitInput(block, trusted, id.tier);
      const { proof, timings } = await prove({
        key,
        witness: () => program.compute(input),
        onProgress: ({ stage, done }) => onProofStep(stage, done),
      });
      const before = performance.now();
      const verdict = verifyProof(preparedKey, proof, packStatement(statement));
      if (!verdict.ok)
        throw new EnvironmentError(
          'PROOF_SELF_CHECK',
          `${circuit}: the proof that was made does not verify (${verdict.code}). Key and circuit may not belong together.`,
        );
      return {
        proof: formatFinalityProof({
          protocol: anchor.protocol,
          variant: anchor.variant,
          chainId: anchor.chainId,
          circuit,
          verificationKeyHash: key.verificationKeyHash,
          statement,
          proof,
        }),
        timingsMs: { ...timings, verify: performance.now() - before },
      };
    },
  };
}
