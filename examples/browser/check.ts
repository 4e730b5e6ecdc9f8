/** Checks a document as a light client would that starts at the anchor and has seen the registrations, and takes the time. */
import {
  type FinalityResult,
  type KeyManifest,
  LightClient,
  memoryStorage,
  type RegistrationResult,
  type TrustAnchor,
  type VerificationKey,
  verifyFinality,
  verifyRegistration,
} from 'zkfinality/verify';
import type { DroppedProof } from './documents.js';
import { keyFor } from './keys.js';

/** One finished check. */
export type Checked = {
  readonly result: FinalityResult | RegistrationResult;
  readonly document: unknown;
  readonly anchor: TrustAnchor | undefined;
  readonly keys: readonly VerificationKey[];
  readonly sizeBytes: number;
  /** Of the first check, which prepares the key where it is new, and of a second one. */
  readonly firstMs: number;
  readonly againMs: number;
};

/** Whether a document says that it is a registration; what else is wrong with it is for the verifier to say. */
export function isRegistration(document: unknown): boolean {
  const format = (document as { readonly format?: unknown } | null | undefined)?.format;
  return typeof format === 'string' && format.startsWith('zkfinality-registration/');
}

/**
 * Checks a document twice: the second time shows what a warm verifier takes.
 *
 * @param by.registrations - Documents that the light client is shown before a finality proof. Those that do not hold change nothing.
 */
export async function checkDocument(
  { document, sizeBytes }: DroppedProof,
  by: {
    readonly anchor: TrustAnchor | undefined;
    readonly manifest: KeyManifest;
    readonly ownKeys: readonly VerificationKey[];
    readonly registrations: readonly unknown[];
  },
): Promise<Checked> {
  const { anchor, manifest, ownKeys, registrations } = by;
  const keys = [...ownKeys, ...(await keyFor(document, manifest))];
  const known = await Promise.all(registrations.map((one) => keyFor(one, manifest)));
  const options = { ...(anchor === undefined ? {} : { anchor }), manifest, verificationKeys: keys };

  const timed = async (): Promise<readonly [Checked['result'], number]> => {
    const started = (): (() => number) => {
      const since = performance.now();
      return () => performance.now() - since;
    };
    if (isRegistration(document) || anchor === undefined) {
      const stop = started();
      const result = isRegistration(document)
        ? verifyRegistration(document, options)
        : verifyFinality(document, options);
      return [result, stop()];
    }
    const client = await LightClient.open({
      ...{ storage: memoryStorage(), anchor, manifest },
      verificationKeys: [...keys, ...known.flat()],
    });
    for (const registration of registrations) await client.update(registration);
    const stop = started();
    const result = await client.update(document);
    const tookMs = stop();
    if (result.ok && result.kind === 'registration') throw new Error('a proof of finality was expected');
    return [result, tookMs];
  };
  const [result, firstMs] = await timed();
  const [, againMs] = await timed();
  return { result, document, anchor, keys, sizeBytes, firstMs, againMs };
}
