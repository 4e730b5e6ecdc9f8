/**
 * Verification with trust: a finality proof is accepted only against an anchor that says which chain, which validators and
 * which keys the verifier relies on. Cheap checks come first; the pairing is computed when all of them hold.
 */
import {
  type FinalityProof,
  type KeyManifest,
  manifestHash,
  parseCircuitId,
  parseFinalityProof,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
import { UsageError } from '../statement/errors.js';
import { formatHex } from '../statement/json.js';
import { packStatement } from '../statement/packing.js';
import { commitValidatorSet } from '../statement/set-commitment.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { ProtocolId, Statement, ValidatorSet, Variant, VerificationKey } from '../statement/types.js';
import { type PreparedKey, prepareKey } from './prepared-key.js';
import { attempt, checkEquation, checkInputs, type Refusal, refuse } from './verify-proof.js';

export type FinalityOptions = {
  /** What the verifier trusts. Without it the result is at best `NOT_ANCHORED`. */
  readonly anchor?: TrustAnchor;
  /** Keys at hand; the one that the document names by hash is used. */
  readonly verificationKeys: readonly VerificationKey[];
  /** Keys that are accepted; the anchor must name this manifest. Needed with an anchor. */
  readonly manifest?: KeyManifest;
  /** Unix seconds; default: the clock of the machine. Read only where the anchor has a trusting period. */
  readonly now?: bigint;
};

/** An accepted proof. */
export type FinalityAccepted = {
  readonly ok: true;
  readonly protocol: ProtocolId;
  readonly variant: Variant;
  readonly chainId: bigint;
  readonly circuit: string;
  readonly verificationKeyHash: bigint;
  readonly statement: Statement;
  /** Whether the key's secrets are public, so that the proof shows nothing: tests and demonstrations only. */
  readonly developmentKey: boolean;
  /** Whether another set than the trusted one sealed the block. */
  readonly setChanged: boolean;
};

/** A refused proof. */
export type FinalityRefused = Refusal & {
  /** Whether the proof as such holds for statement and key. `unchecked` where an earlier check failed. */
  readonly proof: 'valid' | 'invalid' | 'unchecked';
};

export type FinalityResult = FinalityAccepted | FinalityRefused;

/** How far ahead of the verifier's clock a block may be, where a trusting period is enforced. */
const CLOCK_DRIFT_SECONDS = 600n;

/**
 * Verifies a finality proof against a trust anchor.
 *
 * @param document - What `JSON.parse` gave. Any value: bad documents are refused, never thrown at.
 * @param options - Anchor, keys, manifest, clock.
 * @returns The statement, or the first failed check. Codes: those of the strict readers, `KEY_MISSING`, `KEY_WEAK`, `KEY_POINT`,
 *   `PROTOCOL_MISMATCH`, `CHAIN_MISMATCH`, `CIRCUIT_MISMATCH`, `MANIFEST_MISMATCH`, `KEY_NOT_IN_MANIFEST`, `DEVELOPMENT_KEY`,
 *   `TRUSTED_SET_MISMATCH`, `SIGNING_SET_CHANGED`, `SIGNING_SET_NOT_REGISTERED`, `HEIGHT_WENT_BACK`, `TIME_WENT_BACK`, `BLOCK_CONFLICT`,
 *   `ANCHOR_EXPIRED`, `TIME_IN_FUTURE`, `PROOF_SYSTEM_MISMATCH`, `PUBLIC_INPUT_COUNT`, `PROOF_INVALID`, `NOT_ANCHORED`.
 * @throws {UsageError} `MANIFEST_MISSING` with an anchor and no manifest; those of {@link commitValidatorSet} for an anchor that
 *   `parseTrustAnchor` did not make; `KEY_SHAPE`, `COORDINATE_RANGE` for keys that `parseVerificationKey` did not make.
 * @example
 * ```ts
 * const result = verifyFinality(JSON.parse(proofText), {
 *   anchor: parseTrustAnchor(JSON.parse(trustText)),
 *   verificationKeys: [parseVerificationKey(JSON.parse(keyText))],
 *   manifest: parseManifest(JSON.parse(manifestText)),
 * });
 * if (result.ok) console.log(result.statement.height, 'is final');
 * else console.error(result.code, result.message);
 * ```
 */
export function verifyFinality(document: unknown, options: FinalityOptions): FinalityResult {
  const { anchor, manifest, verificationKeys } = options;
  if (anchor !== undefined && manifest === undefined)
    throw new UsageError(
      'MANIFEST_MISSING',
      'manifest: needed with a trust anchor. Pass the one that the anchor names.',
    );
  const keyHashes = verificationKeys.map((key) => [verificationKeyHash(key), key] as const);
  const parsed = attempt(() => parseFinalityProof(document));
  if (!parsed.ok) return { ...parsed, proof: 'unchecked' };
  const proof = parsed.value;
  const found = keyHashes.find(([hash]) => hash === proof.verificationKeyHash);
  if (found === undefined)
    return unchecked(
      'KEY_MISSING',
      `no verification key with hash ${formatHex(proof.verificationKeyHash, 32)} is at hand. Add the key of circuit ${proof.circuit}.`,
    );
  const prepared = attempt(() => prepareKey(found[1]));
  if (!prepared.ok) return { ...prepared, proof: 'unchecked' };
  const key = prepared.value;

  const refusal = anchor === undefined ? undefined : checkAnchor(proof, key, anchor, manifest!, options.now);
  if (refusal !== undefined) return { ...refusal, proof: 'unchecked' };
  const inputs = packStatement(proof.statement);
  const shape = checkInputs(key, proof.proof, inputs);
  if (shape !== undefined) return { ...shape, proof: 'unchecked' };
  const verdict = checkEquation(key, proof.proof, inputs);
  if (!verdict.ok) return { ...verdict, proof: 'invalid' };
  if (anchor === undefined)
    return {
      ...refuse(
        'NOT_ANCHORED',
        'the proof holds, but nothing says whom it is to convince. Verify it with a trust anchor.',
      ),
      proof: 'valid',
    };
  const { protocol, variant, chainId, circuit, statement } = proof;
  const developmentKey = key.development || manifestEntry(manifest!, key.hash)?.kind !== 'production';
  const setChanged = statement.signingSet !== statement.trustedSet;
  return {
    ok: true,
    protocol,
    variant,
    chainId,
    circuit,
    verificationKeyHash: key.hash,
    statement,
    developmentKey,
    setChanged,
  };
}

function unchecked(code: string, message: string): FinalityRefused {
  return { ...refuse(code, message), proof: 'unchecked' };
}

function manifestEntry(manifest: KeyManifest, hash: bigint) {
  return manifest.keys.find((entry) => entry.verificationKeyHash === hash);
}

function checkAnchor(
  proof: FinalityProof,
  key: PreparedKey,
  anchor: TrustAnchor,
  manifest: KeyManifest,
  now: bigint | undefined,
): Refusal | undefined {
  return (
    checkChain(proof, anchor) ??
    checkKey(proof, key, anchor, manifest) ??
    checkSets(proof, anchor) ??
    checkProgress(proof.statement, anchor) ??
    checkClock(proof.statement, anchor, now)
  );
}

function checkChain(proof: FinalityProof, anchor: TrustAnchor): Refusal | undefined {
  if (proof.protocol !== anchor.protocol || proof.variant !== anchor.variant)
    return refuse(
      'PROTOCOL_MISMATCH',
      `protocol: expected ${anchor.protocol}/${anchor.variant}, got ${proof.protocol}/${proof.variant}. The proof is of another kind of chain.`,
    );
  if (proof.chainId !== anchor.chainId)
    return refuse(
      'CHAIN_MISMATCH',
      `chainId: expected ${anchor.chainId}, got ${proof.chainId}. The proof is of another chain.`,
    );
  const circuit = parseCircuitId(proof.circuit);
  if (
    circuit === undefined ||
    circuit.protocol !== proof.protocol ||
    (circuit.variant ?? proof.variant) !== proof.variant
  )
    return refuse(
      'CIRCUIT_MISMATCH',
      `circuit: "${proof.circuit}" does not prove blocks of ${proof.protocol}/${proof.variant}.`,
    );
  return undefined;
}

function checkKey(
  proof: FinalityProof,
  key: PreparedKey,
  anchor: TrustAnchor,
  manifest: KeyManifest,
): Refusal | undefined {
  if (anchor.manifest !== manifest.name && anchor.manifest !== manifestHash(manifest))
    return refuse(
      'MANIFEST_MISMATCH',
      `manifest: the anchor names "${anchor.manifest}", got "${manifest.name}". Use the manifest that the anchor names.`,
    );
  const entry = manifestEntry(manifest, key.hash);
  if (entry === undefined)
    return refuse(
      'KEY_NOT_IN_MANIFEST',
      `verification key ${formatHex(key.hash, 32)} is not in manifest "${manifest.name}". Do not rely on the proof.`,
    );
  if (entry.circuit !== proof.circuit)
    return refuse(
      'CIRCUIT_MISMATCH',
      `circuit: the key is for "${entry.circuit}", the proof says "${proof.circuit}".`,
    );
  if ((key.development || entry.kind !== 'production') && !anchor.allowDevelopmentKeys)
    return refuse(
      'DEVELOPMENT_KEY',
      'the key is a development key: anyone can forge proofs for it. Use a production key, or allowDevelopmentKeys in the anchor of a test.',
    );
  return undefined;
}

function checkSets(proof: FinalityProof, anchor: TrustAnchor): Refusal | undefined {
  const { statement } = proof;
  if (statement.trustedSet !== commitValidatorSet(trustedSet(anchor)))
    return refuse(
      'TRUSTED_SET_MISMATCH',
      'trustedSet: the proof starts from another validator set than the anchor. Prove it again from the trusted set.',
    );
  if (statement.signingSet === statement.trustedSet) return undefined;
  if (anchor.protocol !== 'istanbul' || !anchor.headerListAuthenticated)
    return refuse(
      'SIGNING_SET_CHANGED',
      'signingSet: another set than the trusted one sealed the block, and on this chain a header does not prove such a change. See headerListAuthenticated.',
    );
  const isRegistered = anchor.registeredSets.some((members) => {
    const set: ValidatorSet = { variant: anchor.variant, chainId: anchor.chainId, members };
    return commitValidatorSet(set) === statement.signingSet;
  });
  if (isRegistered) return undefined;
  return refuse(
    'SIGNING_SET_NOT_REGISTERED',
    'signingSet: nothing shows that the keys of the set that sealed the block belong to its members. Register that set in the anchor first.',
  );
}

function checkProgress(statement: Statement, anchor: TrustAnchor): Refusal | undefined {
  if (anchor.height !== undefined && statement.height < anchor.height)
    return refuse(
      'HEIGHT_WENT_BACK',
      `height: the anchor stands at ${anchor.height}, the proof is of ${statement.height}. Ask for a newer block.`,
    );
  if (
    anchor.blockHash !== undefined &&
    statement.height === anchor.height &&
    statement.blockHash !== anchor.blockHash
  )
    return refuse(
      'BLOCK_CONFLICT',
      `blockHash: another block of height ${statement.height} was accepted before. Keep both: this is evidence of misbehaviour.`,
    );
  if (anchor.time !== undefined && statement.time < anchor.time)
    return refuse(
      'TIME_WENT_BACK',
      `time: the anchor stands at ${anchor.time}, the proof is of ${statement.time}. Ask for a newer block.`,
    );
  return undefined;
}

function checkClock(
  statement: Statement,
  anchor: TrustAnchor,
  clock: bigint | undefined,
): Refusal | undefined {
  const { time, trustingPeriodSeconds } = anchor;
  if (time === undefined || trustingPeriodSeconds === undefined) return undefined;
  const now = clock ?? BigInt(Math.floor(Date.now() / 1000));
  if (now > time + trustingPeriodSeconds)
    return refuse(
      'ANCHOR_EXPIRED',
      `the trusted set dates from ${time} and was to be relied on for ${trustingPeriodSeconds} s; now is ${now}. Take a newer one from a source you trust.`,
    );
  if (statement.time > now + CLOCK_DRIFT_SECONDS)
    return refuse(
      'TIME_IN_FUTURE',
      `time: the block is of ${statement.time}, now is ${now}. Check the clock of this machine.`,
    );
  return undefined;
}
