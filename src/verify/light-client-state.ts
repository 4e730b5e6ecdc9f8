/**
 * What a light client remembers, as one JSON document. Its size is bounded: the anchor it started from, the newest accepted proofs, the
 * newest registered sets, and of two conflicting proofs the second.
 */

import { FIELD_MODULUS } from '../statement/curve.js';
import {
  type FinalityProof,
  formatFinalityProof,
  formatTrustAnchor,
  parseFinalityProof,
  parseTrustAnchor,
  readFormat,
  type TrustAnchor,
  trustedSet,
} from '../statement/documents.js';
import { FileError } from '../statement/errors.js';
import { formatHex, readArray, readRecord, readWord } from '../statement/json.js';
import { commitValidatorSet } from '../statement/set-commitment.js';

const STATE_FORMAT = 'zkfinality-light-client/1';

/** Accepted proofs that are kept, so that a second block of one of their heights is noticed. */
export const MAX_ACCEPTED = 8;
/** Registered sets that are kept; the oldest gives way, and can be registered again. */
export const MAX_REGISTERED = 16;

/** State of a light client. Never changed in place. */
export type LightClientState = {
  /** Where it started. */
  readonly anchor: TrustAnchor;
  /** Commitment of the set that the next block must be proved from. */
  readonly trustedSet: bigint;
  /** Commitments of sets whose registration was accepted, newest last. */
  readonly registeredSets: readonly bigint[];
  /** Accepted proofs, newest last, heights increasing. */
  readonly accepted: readonly FinalityProof[];
  /** A valid proof of another block of an accepted height. From then on nothing is accepted. */
  readonly conflict?: FinalityProof;
};

/** The state that a client starts with. */
export function initialState(anchor: TrustAnchor): LightClientState {
  return { anchor, trustedSet: commitValidatorSet(trustedSet(anchor)), registeredSets: [], accepted: [] };
}

/** The one text of a state. */
export function formatState(state: LightClientState): string {
  const { anchor, accepted, registeredSets, conflict } = state;
  return JSON.stringify({
    format: STATE_FORMAT,
    anchor: formatTrustAnchor(anchor),
    trustedSet: formatHex(state.trustedSet, 32),
    registeredSets: registeredSets.map((commitment) => formatHex(commitment, 32)),
    accepted: accepted.map(formatFinalityProof),
    ...(conflict && { conflict: formatFinalityProof(conflict) }),
  });
}

/**
 * Reads a state. Its proofs are not verified again: whoever can write the state could as well write the anchor.
 *
 * @throws {FileError} `JSON_INVALID`, the codes of the strict readers, `STATE_INCONSISTENT`.
 */
export function parseState(text: string): LightClientState {
  const path = 'light client state';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FileError(
      'JSON_INVALID',
      `${path}: not JSON. Take a copy of the state, or start from the anchor again.`,
      {
        cause,
      },
    );
  }
  readFormat(json, path, STATE_FORMAT);
  const record = readRecord(
    json,
    path,
    ['format', 'anchor', 'trustedSet', 'registeredSets', 'accepted'],
    ['conflict'],
  );
  const commitment = (value: unknown, where: string): bigint =>
    readWord(value, `${path}.${where}`, FIELD_MODULUS);
  const state: LightClientState = {
    anchor: parseTrustAnchor(record.anchor),
    trustedSet: commitment(record.trustedSet, 'trustedSet'),
    registeredSets: readArray(record.registeredSets, `${path}.registeredSets`).map((value, i) =>
      commitment(value, `registeredSets[${i}]`),
    ),
    accepted: readArray(record.accepted, `${path}.accepted`).map(parseFinalityProof),
    ...(record.conflict !== undefined && { conflict: parseFinalityProof(record.conflict) }),
  };
  if (!isConsistent(state))
    throw new FileError(
      'STATE_INCONSISTENT',
      `${path}: its parts contradict each other. Take a copy of the state, or start from the anchor again.`,
    );
  return state;
}

function isConsistent({ anchor, accepted, registeredSets, conflict, ...state }: LightClientState): boolean {
  const all = conflict ? [...accepted, conflict] : accepted;
  const newest = accepted.at(-1)?.statement;
  return (
    accepted.length <= MAX_ACCEPTED &&
    registeredSets.length <= MAX_REGISTERED &&
    all.every(
      ({ protocol, variant, chainId }) =>
        protocol === anchor.protocol && variant === anchor.variant && chainId === anchor.chainId,
    ) &&
    accepted.every(({ statement: { height, time } }, i) => {
      const before = accepted[i - 1]?.statement;
      return before
        ? height > before.height && time >= before.time
        : height >= (anchor.height ?? 0n) && time >= (anchor.time ?? 0n);
    }) &&
    (anchor.protocol === 'istanbul' ||
      state.trustedSet ===
        (newest ? newest.nextSet || newest.signingSet : commitValidatorSet(trustedSet(anchor)))) &&
    (conflict === undefined ||
      (newest ? accepted.map(({ statement }) => statement) : [anchor]).some(
        ({ height, blockHash }) =>
          height === conflict.statement.height &&
          blockHash !== undefined &&
          blockHash !== conflict.statement.blockHash,
      ))
  );
}
