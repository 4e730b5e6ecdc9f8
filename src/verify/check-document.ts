/**
 * What every document with a proof goes through, whatever it claims: a strict reader, a key at hand, the verifier's chain and
 * manifest, then the claims themselves, and the pairing last, when all else holds.
 */
import {
  type KeyManifest,
  manifestHash,
  type ProofDocument,
  type TrustAnchor,
} from '../statement/documents.js';
import { UsageError } from '../statement/errors.js';
import { formatHex } from '../statement/json.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { ProtocolId, Variant, VerificationKey } from '../statement/types.js';
import { type PreparedKey, prepareKey } from './prepared-key.js';
import { attempt, checkEquation, checkInputs, type Refusal, refuse } from './verify-proof.js';

/** Keys that proofs are checked with. */
export type KeyOptions = {
  /** Keys at hand; the one that the document names by hash is used. */
  readonly verificationKeys: readonly VerificationKey[];
  /** Keys that are accepted; the anchor must name this manifest. Needed with an anchor. */
  readonly manifest?: KeyManifest;
};

/** The part of an anchor that says which chain and which keys a verifier relies on. */
export type ChainTrust = Pick<
  TrustAnchor,
  'protocol' | 'variant' | 'chainId' | 'manifest' | 'allowDevelopmentKeys'
>;

/** What is known of every accepted document. */
export type DocumentAccepted = {
  readonly ok: true;
  readonly protocol: ProtocolId;
  readonly variant: Variant;
  readonly chainId: bigint;
  readonly circuit: string;
  readonly verificationKeyHash: bigint;
  /** Whether the key's secrets are public, so that the proof shows nothing: tests and demonstrations only. */
  readonly developmentKey: boolean;
};

/** A refused document. */
export type DocumentRefused = Refusal & {
  /** Whether the proof as such holds for claim and key. `unchecked` where an earlier check failed. */
  readonly proof: 'valid' | 'invalid' | 'unchecked';
};

/** One kind of document. */
export type DocumentKind<Document> = {
  /** The strict reader, or what it gave. */
  readonly read: () => Document;
  /** Whether the circuit proves such documents of this protocol and variant. */
  readonly isCircuitOf: (document: Document) => boolean;
  /** Public inputs without the challenge. */
  readonly inputs: (document: Document) => bigint[];
  /** What the verifier asks of the claims; not called without an anchor. */
  readonly checkClaims: (document: Document) => Refusal | undefined;
};

/**
 * Checks a document.
 *
 * @param trust - Chain and keys to rely on; without it the result is at best `NOT_ANCHORED`.
 * @returns The document beside what holds for all kinds, or the first failed check.
 * @throws {UsageError} `OPTIONS_UNPARSED`; `MANIFEST_MISSING` with an anchor and no manifest; `KEY_SHAPE`, `COORDINATE_RANGE` for keys that `parseVerificationKey` did
 *   not make.
 */
export function checkDocument<Document extends ProofDocument>(
  kind: DocumentKind<Document>,
  options: KeyOptions,
  trust: ChainTrust | undefined,
): { readonly ok: true; readonly document: Document; readonly accepted: DocumentAccepted } | DocumentRefused {
  const { manifest, verificationKeys } = options;
  // JSON that no reader has seen would be refused all the same, with a reason that leads astray.
  if (!Array.isArray(verificationKeys) || [trust, manifest].some((given) => given && 'format' in given))
    throw new UsageError(
      'OPTIONS_UNPARSED',
      'options: parse anchor and manifest, and pass an array of keys.',
    );
  if (trust !== undefined && manifest === undefined)
    throw new UsageError(
      'MANIFEST_MISSING',
      'manifest: needed with a trust anchor. Pass the one that the anchor names.',
    );
  const keyHashes = verificationKeys.map((key) => [verificationKeyHash(key), key] as const);
  const parsed = attempt(kind.read);
  if (!parsed.ok) return unchecked(parsed);
  const document = parsed.value;
  const found = keyHashes.find(([hash]) => hash === document.verificationKeyHash);
  if (found === undefined)
    return unchecked(
      refuse(
        'KEY_MISSING',
        `no verification key with hash ${formatHex(document.verificationKeyHash, 32)} is at hand. Add the key of circuit ${document.circuit}.`,
      ),
    );
  const prepared = attempt(() => prepareKey(found[1]));
  if (!prepared.ok) return unchecked(prepared);
  const key = prepared.value;
  const developmentKey = key.development || manifestEntry(manifest, key.hash)?.kind !== 'production';

  const refusal =
    trust &&
    (checkChain(document, trust, kind.isCircuitOf(document)) ??
      checkKey(document, key, trust, manifest!, developmentKey) ??
      kind.checkClaims(document));
  if (refusal !== undefined) return unchecked(refusal);
  const inputs = kind.inputs(document);
  const shape = checkInputs(key, document.proof, inputs);
  if (shape !== undefined) return unchecked(shape);
  const verdict = checkEquation(key, document.proof, inputs);
  if (!verdict.ok) return { ...verdict, proof: 'invalid' };
  if (trust === undefined)
    return {
      ...refuse('NOT_ANCHORED', 'the proof holds, but nothing says for whom. Verify it with a trust anchor.'),
      proof: 'valid',
    };
  const { protocol, variant, chainId, circuit } = document;
  return {
    ok: true,
    document,
    accepted: {
      ok: true,
      protocol,
      variant,
      chainId,
      circuit,
      verificationKeyHash: key.hash,
      developmentKey,
    },
  };
}

function unchecked(refusal: Refusal): DocumentRefused {
  return { ...refusal, proof: 'unchecked' };
}

function manifestEntry(manifest: KeyManifest | undefined, hash: bigint) {
  return manifest?.keys.find((entry) => entry.verificationKeyHash === hash);
}

function checkChain(
  document: ProofDocument,
  trust: ChainTrust,
  isCircuitOfDocument: boolean,
): Refusal | undefined {
  const { protocol, variant, chainId, circuit } = document;
  if (protocol !== trust.protocol || variant !== trust.variant)
    return refuse(
      'PROTOCOL_MISMATCH',
      `protocol: expected ${trust.protocol}/${trust.variant}, got ${protocol}/${variant}. The proof is of another kind of chain.`,
    );
  if (chainId !== trust.chainId)
    return refuse(
      'CHAIN_MISMATCH',
      `chainId: expected ${trust.chainId}, got ${chainId}. The proof is of another chain.`,
    );
  if (!isCircuitOfDocument)
    return refuse('CIRCUIT_MISMATCH', `circuit: "${circuit}" proves nothing of ${protocol}/${variant}.`);
  return undefined;
}

function checkKey(
  document: ProofDocument,
  key: PreparedKey,
  trust: ChainTrust,
  manifest: KeyManifest,
  developmentKey: boolean,
): Refusal | undefined {
  if (trust.manifest !== manifest.name && trust.manifest !== manifestHash(manifest))
    return refuse(
      'MANIFEST_MISMATCH',
      `manifest: the anchor names "${trust.manifest}", got "${manifest.name}". Use the manifest that the anchor names.`,
    );
  const entry = manifestEntry(manifest, key.hash);
  if (entry === undefined)
    return refuse(
      'KEY_NOT_IN_MANIFEST',
      `verification key ${formatHex(key.hash, 32)} is not in manifest "${manifest.name}". Do not rely on the proof.`,
    );
  if (entry.circuit !== document.circuit)
    return refuse(
      'CIRCUIT_MISMATCH',
      `circuit: the key is for "${entry.circuit}", the proof says "${document.circuit}".`,
    );
  if (developmentKey && !trust.allowDevelopmentKeys)
    return refuse(
      'DEVELOPMENT_KEY',
      'the key is a development key: anyone can forge proofs for it. Use a production key, or allowDevelopmentKeys in the anchor of a test.',
    );
  return undefined;
}
