/** Keys that the page brings along: the package's manifest, and the key files that it lists. */
import {
  type FinalityProof,
  type KeyManifest,
  parseFinalityProof,
  parseManifest,
  parseRegistration,
  parseVerificationKey,
  type Registration,
  type VerificationKey,
  ZkFinalityError,
} from 'zkfinality/verify';

/** JSON of a file beside the page. */
export async function load(path: string): Promise<unknown> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: the server answered ${response.status}.`);
  return response.json();
}

export async function packageManifest(): Promise<KeyManifest> {
  return parseManifest(await load('keys/manifest.json'));
}

const loaded = new Map<string, Promise<VerificationKey>>();

/** A finality proof or a registration; undefined where it is neither. What is wrong with it is for the verifier to say. */
export function readDocument(document: unknown): FinalityProof | Registration | undefined {
  for (const read of [parseFinalityProof, parseRegistration])
    try {
      return read(document);
    } catch (error) {
      if (!(error instanceof ZkFinalityError)) throw error;
    }
  return undefined;
}

/** The package's key for a document, if the manifest lists one. */
export async function keyFor(document: unknown, manifest: KeyManifest): Promise<readonly VerificationKey[]> {
  const hash = readDocument(document)?.verificationKeyHash;
  const entry = manifest.keys.find((key) => key.verificationKeyHash === hash);
  if (entry === undefined) return [];
  const key = loaded.get(entry.file) ?? load(`keys/${entry.file}`).then(parseVerificationKey);
  loaded.set(entry.file, key);
  return [await key];
}
