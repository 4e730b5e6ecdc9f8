/** Keys that the page brings along: the package's manifest, and the key files that it lists. */
import {
  type KeyManifest,
  parseFinalityProof,
  parseManifest,
  parseVerificationKey,
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

/** The package's key for a proof, if the manifest lists one. What is wrong with the proof is for the verifier to say. */
export async function keyFor(document: unknown, manifest: KeyManifest): Promise<readonly VerificationKey[]> {
  let hash: bigint;
  try {
    hash = parseFinalityProof(document).verificationKeyHash;
  } catch (error) {
    if (error instanceof ZkFinalityError) return [];
    throw error;
  }
  const entry = manifest.keys.find((key) => key.verificationKeyHash === hash);
  if (entry === undefined) return [];
  const key = loaded.get(entry.file) ?? load(`keys/${entry.file}`).then(parseVerificationKey);
  loaded.set(entry.file, key);
  return [await key];
}
