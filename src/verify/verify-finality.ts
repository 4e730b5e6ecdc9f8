/**
 * Verification with trust: a finality proof is accepted only against an anchor that says which chain, which validators and
 * which keys the verifier relies on. Cheap checks come first; the pairing is computed when all of them hold.
 */
import {
  type FinalityProof,
  parseCircuitId,
  parseFinalityProof,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
import { packStatement } from '../statement/packing.js';
import { commitValidatorSet } from '../statement/set-commitment.js';
import type { Statement } from '../statement/types.js';
import {
  type ChainTrust,
  checkDocument,
  type DocumentAccepted,
  type DocumentRefused,
  type KeyOptions,
} from './check-document.js';
import { type Refusal, refuse } from './verify-proof.js';

export type FinalityOptions = KeyOptions & {
  /** What the verifier trusts. Without it the result is at best `NOT_ANCHORED`. */
  readonly anchor?: TrustAnchor;
  /** Unix seconds; default: the clock of the machine. Read only where the anchor has a trusting period. */
  readonly now?: bigint;
};

/** An accepted proof. */
export type FinalityAccepted = DocumentAccepted & {
  readonly statement: Statement;
  /** Whether another set than the trusted one sealed the block. */
  readonly setChanged: boolean;
};

/** A refused proof. */
export type FinalityRefused = DocumentRefused;

export type FinalityResult = FinalityAccepted | FinalityRefused;

/**
 * Verifies a finality proof against a trust anchor.
 *
 * @param document - What `JSON.parse` gave. Any value: bad documents are refused, never thrown at.
 * @param options - Anchor, keys, manifest, clock.
 * @returns The statement, or the first failed check. Codes: those of the strict readers, `KEY_MISSING`, `KEY_WEAK`, `KEY_POINT`,
 *   `PROTOCOL_MISMATCH`, `CHAIN_MISMATCH`, `CIRCUIT_MISMATCH`, `MANIFEST_MISMATCH`, `KEY_NOT_IN_MANIFEST`, `DEVELOPMENT_KEY`,
 *   `HEIGHT_WENT_BACK`, `TRUSTED_SET_MISMATCH`, `SIGNING_SET_CHANGED`, `SIGNING_SET_NOT_REGISTERED`, `BLOCK_CONFLICT`, `TIME_WENT_BACK`,
 *   `ANCHOR_EXPIRED`, `TIME_IN_FUTURE`, `PROOF_SYSTEM_MISMATCH`, `PUBLIC_INPUT_COUNT`, `PROOF_INVALID`, `NOT_ANCHORED`.
 * @throws {UsageError} `OPTIONS_UNPARSED` for an anchor, manifest or keys as `JSON.parse` gave them; `MANIFEST_MISSING` with an anchor and no manifest; those of {@link commitValidatorSet} for an anchor that
 *   `parseTrustAnchor` did not make; `KEY_SHAPE`, `COORDINATE_RANGE` for keys that `parseVerificationKey` did not make.
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
export function verifyFinality(document: unknown, options: FinalityOptions): FinalityResult {
  const { anchor, now } = options;
  return verifyFinalityUnder(
    () => parseFinalityProof(document),
    options,
    anchor && {
      ...anchor,
      trustedSince: anchor.time,
      isTrusted: (commitment) => commitment === commitValidatorSet(trustedSet(anchor)),
      isRegistered: (commitment) => isRegisteredIn(anchor, commitment),
    },
    () => now ?? machineClock(),
  );
}

/** Whether an anchor has a further set with this commitment. */
export function isRegisteredIn(anchor: TrustAnchor, commitment: bigint): boolean {
  return anchor.registeredSets.some(
    (members) => commitment === commitValidatorSet({ ...trustedSet(anchor), members }),
  );
}

/** What a finality proof is checked against: an anchor, or what a light client has made of it. Sets are known by commitment only. */
export type FinalityTrust = ChainTrust & {
  readonly headerListAuthenticated: boolean;
  readonly isTrusted: (commitment: bigint) => boolean;
  readonly isRegistered: (commitment: bigint) => boolean;
  /** Nothing below is accepted. */
  readonly height?: bigint | undefined;
  /** The block of that height. */
  readonly blockHash?: bigint | undefined;
  /** Nothing earlier is accepted, and nothing ahead of the clock. */
  readonly time?: bigint | undefined;
  /** When the trusting period began; where nobody knows, it is over. */
  readonly trustedSince?: bigint | undefined;
  readonly trustingPeriodSeconds?: bigint | undefined;
};

/** {@link verifyFinality} under any trust. `clock` gives Unix seconds. */
export function verifyFinalityUnder(
  read: () => FinalityProof,
  keys: KeyOptions,
  trust: FinalityTrust | undefined,
  clock: () => bigint,
): FinalityResult {
  const checked = checkDocument(
    {
      read,
      isCircuitOf: ({ circuit, protocol, variant }) => {
        const id = parseCircuitId(circuit);
        return id?.protocol === protocol && (id.variant ?? variant) === variant;
      },
      inputs: ({ statement }) => packStatement(statement),
      checkClaims: ({ statement }) =>
        checkHeight(statement, trust!) ??
        checkSets(statement, trust!) ??
        checkProgress(statement, trust!) ??
        checkClock(statement, trust!, clock),
    },
    keys,
    trust,
  );
  if (!checked.ok) return checked;
  const { statement } = checked.document;
  return {
    ...checked.accepted,
    statement,
    setChanged: statement.signingSet !== statement.trustedSet,
  };
}

/** Unix seconds of this machine. */
export function machineClock(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}

function checkHeight({ height }: Statement, trust: FinalityTrust): Refusal | undefined {
  if (trust.height !== undefined && height < trust.height)
    return refuse(
      'HEIGHT_WENT_BACK',
      `height: trust stands at ${trust.height}, the proof is of ${height}. Ask for a newer block.`,
    );
  return undefined;
}

function checkSets(statement: Statement, trust: FinalityTrust): Refusal | undefined {
  if (!trust.isTrusted(statement.trustedSet))
    return refuse(
      'TRUSTED_SET_MISMATCH',
      'trustedSet: the proof starts from another validator set than the trusted one. Prove it again from that set.',
    );
  if (statement.signingSet === statement.trustedSet) return undefined;
  if (trust.protocol !== 'istanbul' || !trust.headerListAuthenticated)
    return refuse(
      'SIGNING_SET_CHANGED',
      'signingSet: another set than the trusted one sealed the block, and on this chain a header does not prove such a change. See headerListAuthenticated.',
    );
  if (trust.isRegistered(statement.signingSet)) return undefined;
  return refuse(
    'SIGNING_SET_NOT_REGISTERED',
    'signingSet: nothing shows that the keys of the set that sealed the block belong to its members. Register that set first.',
  );
}

function checkProgress({ height, blockHash, time }: Statement, trust: FinalityTrust): Refusal | undefined {
  if (trust.blockHash !== undefined && height === trust.height && blockHash !== trust.blockHash)
    return refuse(
      'BLOCK_CONFLICT',
      `blockHash: another block of height ${height} was accepted before. Keep both as evidence.`,
    );
  if (trust.time !== undefined && time < trust.time)
    return refuse(
      'TIME_WENT_BACK',
      `time: trust stands at ${trust.time}, the proof is of ${time}. Ask for a newer block.`,
    );
  return undefined;
}

/** How far ahead of the verifier's clock a block may be, where a trusting period is enforced. */
const CLOCK_DRIFT_SECONDS = 600n;

function checkClock(statement: Statement, trust: FinalityTrust, clock: () => bigint): Refusal | undefined {
  // A set of no known time is of any age: where there is a period, it is over.
  const { time, trustedSince = 0n, trustingPeriodSeconds } = trust;
  if (trustingPeriodSeconds === undefined) return undefined;
  const now = clock();
  if (now > trustedSince + trustingPeriodSeconds)
    return refuse(
      'ANCHOR_EXPIRED',
      `the trusted set dates from ${trustedSince} and was to be relied on for ${trustingPeriodSeconds} s; now is ${now}. Take a newer one from a source you trust.`,
    );
  if (time !== undefined && statement.time > now + CLOCK_DRIFT_SECONDS)
    return refuse(
      'TIME_IN_FUTURE',
      `time: the block is of ${statement.time}, now is ${now}. Check the clock of this machine.`,
    );
  return undefined;
}
