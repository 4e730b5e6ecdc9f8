/**
 * A light client: follows a chain by proofs alone, through changes of its validator set, and remembers what it has accepted.
 *
 * What it has told to be accepted is saved before it is told. Documents are answered one after the other, in the order of the calls.
 */
import { formatTrustAnchor, type TrustAnchor } from '../statement/documents.js';
import { UsageError } from '../statement/errors.js';
import type { Member, Statement } from '../statement/types.js';
import {
  advance,
  advanceByMembers,
  frozen,
  type LightClientResult,
  type Step,
  type StepOptions,
} from './advance.js';
import { formatState, initialState, type LightClientState, parseState } from './light-client-state.js';
import type { StateStorage } from './state-storage.js';
import { machineClock } from './verify-finality.js';

export type LightClientOptions = Omit<StepOptions, 'clock'> & {
  readonly storage: StateStorage;
  /** Where to start. May be left out where the storage has a state; where both are there they must agree. */
  readonly anchor?: TrustAnchor;
  /** Unix seconds; default: the clock of the machine. Read only where there is a trusting period. */
  readonly clock?: () => bigint;
};

/**
 * Follows one chain. Open one with {@link LightClient.open}.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { LightClient, memoryStorage, parseManifest, parseTrustAnchor, parseVerificationKey } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 * const keys = {
 *   verificationKeys: [parseVerificationKey(read('keys/istanbul-qbft-4.json'))],
 *   manifest: parseManifest(read('keys/manifest.json')),
 * };
 *
 * const anchor = parseTrustAnchor(read('examples/demo/trust.json'));
 * const client = await LightClient.open({ ...keys, storage: memoryStorage(), anchor });
 * const proof = read('examples/demo/block-2.proof.json');
 * const first = await client.update(proof);
 * console.log(first.ok, client.newest?.height); // true 2n
 * const second = await client.update(proof);
 * console.log(second.ok ? '' : second.code); // PROOF_REPLAYED
 * ```
 */
export class LightClient {
  readonly #storage: StateStorage;
  readonly #options: StepOptions;
  #text: string;
  #state: LightClientState;
  /** Whether what the storage has may be another state than ours. */
  #unsure = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(storage: StateStorage, options: StepOptions, text: string) {
    this.#storage = storage;
    this.#options = options;
    this.#text = text;
    this.#state = parseState(text);
  }

  /**
   * Opens the state in a storage, or starts from an anchor.
   *
   * @param options - Storage, anchor, verification keys with the manifest that the anchor names, trusting period, clock.
   * @throws {UsageError} `STATE_MISSING` with neither state nor anchor, `STATE_OF_OTHER_ANCHOR`; {FileError} `STATE_INCONSISTENT`, `JSON_INVALID` and the codes
   *   of the strict readers for a damaged state; what the storage throws.
   */
  static async open(options: LightClientOptions): Promise<LightClient> {
    const { storage, anchor, clock = machineClock } = options;
    let text = await storage.load();
    if (text === undefined) {
      if (anchor === undefined)
        throw new UsageError(
          'STATE_MISSING',
          'light client: nothing was saved yet. Give the trust anchor to start from.',
        );
      text = formatState(initialState(anchor));
      await storage.save(text, undefined);
    }
    const client = new LightClient(storage, { ...options, clock }, text);
    if (anchor !== undefined && anchorText(anchor) !== anchorText(client.#state.anchor))
      throw new UsageError(
        'STATE_OF_OTHER_ANCHOR',
        'light client: the saved state started from another anchor. Open it without one, or remove it.',
      );
    return client;
  }

  /** The newest accepted block; undefined before the first. */
  get newest(): Statement | undefined {
    return this.#state.accepted.at(-1)?.statement;
  }

  /** Anchor, trusted set, registered sets, accepted proofs, and the conflict that froze the client, if there is one. */
  get state(): LightClientState {
    return this.#state;
  }

  /**
   * Takes a finality proof or a registration.
   *
   * @param document - What `JSON.parse` gave. Any value: bad documents are refused, never thrown at.
   * @returns What was accepted, saved already; or the first failed check, with the codes of `verifyFinality` and `verifyRegistration` and
   *   `PROOF_REPLAYED`, `BLOCK_CONFLICT`, `CLIENT_FROZEN`.
   * @throws What the storage throws; the client then reads it again before the next document. {UsageError} `MANIFEST_MISSING` without a manifest.
   */
  update(document: unknown): Promise<LightClientResult> {
    return this.#enqueue((state) => advance(state, document, this.#options));
  }

  /**
   * Registers a set by its members, as a registration proof does without telling them: known keys must hash to their members.
   *
   * @param members - The whole set, of the anchor's variant and chain.
   * @param known - The same set as it was known before, keys (0, 0) where they were not; if it is the trusted one, `members` takes its place.
   * @returns As {@link update}; refusals `REGISTER_SETS_DIFFER` and those of `commitValidatorSet`.
   */
  registerSet(members: readonly Member[], known: readonly Member[] = members): Promise<LightClientResult> {
    return this.#enqueue((state) => advanceByMembers(state, known, members));
  }

  #enqueue(step: (state: LightClientState) => Step): Promise<LightClientResult> {
    const answer = this.#last.then(() => this.#apply(step));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** The state as one JSON document, for {@link LightClient.open} in another place. */
  export(): string {
    return this.#text;
  }

  async #apply(step: (state: LightClientState) => Step): Promise<LightClientResult> {
    if (this.#unsure) {
      this.#text = (await this.#storage.load()) ?? this.#text;
      this.#state = parseState(this.#text);
      this.#unsure = false;
    }
    const { result, state } = frozen(this.#state) ?? step(this.#state);
    if (state !== this.#state) {
      const text = formatState(state);
      this.#unsure = true;
      await this.#storage.save(text, this.#text);
      this.#unsure = false;
      this.#text = text;
      this.#state = state;
    }
    return result;
  }
}

function anchorText(anchor: TrustAnchor): string {
  return JSON.stringify(formatTrustAnchor(anchor));
}
