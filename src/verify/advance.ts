/**
 * The step of a light client: from a state and a document to an answer and the next state. Pure.
 *
 * Trust moves by three rules (`docs/STATEMENT.md`). An accepted block of an Istanbul chain makes its signing set the trusted one; an accepted block of a committee chain that
 * announces a set makes that one trusted for the heights above it; a registration whose old set is the trusted one puts the new set in its place. Nothing else moves
 * it, and height and time never go back.
 */
import { parseFinalityProof, trustedSet } from '../statement/documents.js';
import { UsageError } from '../statement/errors.js';
import { REGISTRATION_FORMAT, type RegistrationClaim } from '../statement/registration.js';
import { commitValidatorSet, isKeyUnknown } from '../statement/set-commitment.js';
import type { Member, Statement } from '../statement/types.js';
import type { DocumentRefused, KeyOptions } from './check-document.js';
import { type LightClientState, MAX_ACCEPTED, MAX_REGISTERED } from './light-client-state.js';
import { type FinalityAccepted, isRegisteredIn, verifyFinalityUnder } from './verify-finality.js';
import { attempt, refuse } from './verify-proof.js';
import { verifyRegistration } from './verify-registration.js';

/** Keys, clock and period that a step uses. */
export type StepOptions = KeyOptions & {
  /** Unix seconds. */
  readonly clock: () => bigint;
  /**
   * How long after the newest accepted block its set may be relied on; default: what the anchor says. Needs an anchor with a time: from one without, the first
   * block is refused with `ANCHOR_EXPIRED`.
   */
  readonly trustingPeriodSeconds?: bigint;
};

/** Answer to a document. */
export type LightClientResult =
  | (FinalityAccepted & { readonly kind: 'block'; readonly trustedSet: bigint })
  | (RegistrationClaim & {
      readonly ok: true;
      readonly kind: 'registration';
      readonly extendsTrustedSet: boolean;
      readonly trustedSet: bigint;
    })
  | DocumentRefused;

export type Step = { readonly result: LightClientResult; readonly state: LightClientState };

/** Answers a document and tells the next state, the same object where nothing changed. Never throws on a bad document. */
export function advance(state: LightClientState, document: unknown, options: StepOptions): Step {
  return (document as { readonly format?: unknown } | null | undefined)?.format === REGISTRATION_FORMAT
    ? register(state, verifyRegistration(document, { ...options, anchor: state.anchor }))
    : accept(state, document, options);
}

/** Answers in place of all others where two blocks of one height were proved. */
export function frozen(state: LightClientState): Step | undefined {
  return (
    state.conflict &&
    stay(
      state,
      refuse(
        'CLIENT_FROZEN',
        `two blocks of height ${state.conflict.statement.height} were proved final: validators misbehaved. Show the evidence, and start again from an anchor you trust.`,
      ),
    )
  );
}

/** {@link advance} for a registration by members: what the proof of one shows is checked here. */
export function advanceByMembers(
  state: LightClientState,
  oldMembers: readonly Member[],
  newMembers: readonly Member[],
): Step {
  const set = trustedSet(state.anchor);
  const claim = attempt(() => {
    const [oldSet, newSet] = [oldMembers, newMembers].map((members) =>
      commitValidatorSet({ ...set, members }),
    ) as [bigint, bigint];
    const filled = oldMembers.map(
      (member) =>
        (isKeyUnknown(member) && newMembers.find(({ identity }) => identity === member.identity)) || member,
    );
    if (set.variant === 'committee' || commitValidatorSet({ ...set, members: filled }) !== newSet)
      throw new UsageError(
        'REGISTER_SETS_DIFFER',
        'validators: a registration fills in unknown keys of an Istanbul set and changes nothing else.',
      );
    return { oldSet, newSet };
  });
  return claim.ok ? register(state, { ok: true, ...claim.value }) : stay(state, claim);
}

function accept(state: LightClientState, document: unknown, options: StepOptions): Step {
  const parsed = attempt(() => parseFinalityProof(document));
  if (!parsed.ok) return stay(state, parsed);
  const proof = parsed.value;
  const { statement } = proof;
  const { anchor, accepted } = state;
  const newest = accepted.at(-1)?.statement ?? anchor;
  // A block of this height was accepted before: from the sets trusted then, at any time, another hash is evidence.
  const rival = accepted.find((one) => one.statement.height === statement.height)?.statement;
  if (rival !== undefined && isSame(rival, statement)) return stay(state, replayed(), 'unchecked');
  const time = newest.time;
  const result = verifyFinalityUnder(
    () => proof,
    options,
    {
      ...anchor,
      isRegistered: (commitment) => isRegistered(state, commitment),
      trustingPeriodSeconds: options.trustingPeriodSeconds ?? anchor.trustingPeriodSeconds,
      ...(rival === undefined
        ? {
            isTrusted: (commitment) => commitment === state.trustedSet,
            height: newest.height,
            blockHash: undefined,
            time,
            trustedSince: time,
          }
        : {
            isTrusted: (commitment) => commitment === rival.trustedSet || commitment === rival.signingSet,
            height: undefined,
            blockHash: undefined,
            time: undefined,
            trustedSince: rival.time,
          }),
    },
    options.clock,
  );
  if (!result.ok) return { result, state };
  const other = rival?.blockHash ?? (statement.height === newest.height ? newest.blockHash : undefined);
  if (other !== undefined && other !== statement.blockHash)
    return stay(
      { ...state, conflict: proof },
      refuse(
        'BLOCK_CONFLICT',
        `blockHash: another block of height ${statement.height} was accepted before. Both are kept as evidence, and nothing is accepted any more.`,
      ),
      'valid',
    );
  if (rival !== undefined) return stay(state, replayed(), 'valid');
  const trusted =
    anchor.protocol === 'istanbul' ? statement.signingSet : statement.nextSet || statement.signingSet;
  return {
    result: { ...result, kind: 'block', trustedSet: trusted },
    state: { ...state, trustedSet: trusted, accepted: [...accepted, proof].slice(-MAX_ACCEPTED) },
  };
}

function register<Accepted extends RegistrationClaim & { readonly ok: true }>(
  state: LightClientState,
  claim: Accepted | DocumentRefused,
): Step {
  if (!claim.ok) return { result: claim, state };
  const { oldSet, newSet } = claim;
  const extendsTrustedSet = oldSet === state.trustedSet;
  const trusted = extendsTrustedSet ? newSet : state.trustedSet;
  if (trusted === state.trustedSet && isRegistered(state, newSet)) return stay(state, replayed(), 'valid');
  const registeredSets = [...state.registeredSets.filter((known) => known !== newSet), newSet];
  return {
    result: { ...claim, extendsTrustedSet, kind: 'registration', trustedSet: trusted },
    state: { ...state, trustedSet: trusted, registeredSets: registeredSets.slice(-MAX_REGISTERED) },
  };
}

/** A set is registered by the anchor, by a registration, or by having been trusted: that took one of the two. */
function isRegistered(state: LightClientState, commitment: bigint): boolean {
  const { anchor, accepted, registeredSets } = state;
  return (
    commitment === state.trustedSet ||
    registeredSets.includes(commitment) ||
    accepted.some(
      ({ statement }) => commitment === statement.trustedSet || commitment === statement.signingSet,
    ) ||
    commitment === commitValidatorSet(trustedSet(anchor)) ||
    isRegisteredIn(anchor, commitment)
  );
}

function isSame(a: Statement, b: Statement): boolean {
  return (Object.keys(a) as (keyof Statement)[]).every((part) => a[part] === b[part]);
}

const replayed = () => refuse('PROOF_REPLAYED', 'this was accepted before. Nothing changed.');

function stay(
  state: LightClientState,
  refusal: { readonly ok: false; readonly code: string; readonly message: string },
  proof: DocumentRefused['proof'] = 'unchecked',
): Step {
  return { result: { ...refusal, proof }, state };
}
