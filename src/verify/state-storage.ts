/** Where a light client keeps its state. */
import { UsageError } from '../statement/errors.js';

/** One text that is replaced whole. Of two clients on one storage the one that saves second must fail: see {@link StateStorage.save}. */
export type StateStorage = {
  /** What was saved last; undefined where nothing ever was. */
  readonly load: () => Promise<string | undefined>;
  /**
   * Replaces `previous` by `text`. Durable when it resolves; a crash at any instant leaves the one or the other.
   *
   * @throws {UsageError} `STATE_CHANGED` where something else than `previous` stands there.
   */
  readonly save: (text: string, previous: string | undefined) => Promise<void>;
};

/**
 * Forgotten with the process. To import an exported state, give its text.
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
 * await client.update(read('examples/demo/block-2.proof.json'));
 * const copy = await LightClient.open({ ...keys, storage: memoryStorage(client.export()) });
 * console.log(copy.newest?.height); // 2n
 * ```
 */
export function memoryStorage(text?: string): StateStorage {
  let held = text;
  return storage(
    () => held,
    (next) => {
      held = next;
    },
  );
}

/**
 * An entry of `localStorage`.
 *
 * @param area - `localStorage`, or whatever has its two functions. Tabs that write at once are told apart by `STATE_CHANGED`.
 * @example
 * ```ts
 * import { webStorage } from 'zkfinality/verify';
 *
 * // In a browser: webStorage(localStorage, 'my chain').
 * const entries = new Map<string, string>();
 * const area = {
 *   getItem: (key: string) => entries.get(key) ?? null,
 *   setItem: (key: string, text: string) => void entries.set(key, text),
 * };
 * const storage = webStorage(area, 'my chain');
 * await storage.save('a state', undefined);
 * console.log(await storage.load()); // a state
 * ```
 */
export function webStorage(
  area: {
    readonly getItem: (key: string) => string | null;
    readonly setItem: (key: string, text: string) => void;
  },
  key: string,
): StateStorage {
  return storage(
    () => area.getItem(key) ?? undefined,
    (text) => area.setItem(key, text),
  );
}

function storage(get: () => string | undefined, set: (text: string) => void): StateStorage {
  return {
    load: async () => get(),
    save: async (text, previous) => {
      assertUnchanged(get(), previous);
      set(text);
    },
  };
}

/** @throws {UsageError} `STATE_CHANGED`. */
export function assertUnchanged(found: string | undefined, previous: string | undefined): void {
  if (found !== previous)
    throw new UsageError(
      'STATE_CHANGED',
      'light client state: another client wrote it meanwhile. Try again.',
    );
}
