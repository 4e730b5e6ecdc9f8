/** Files that people drop on the page: which of the package's documents each one is. */
import {
  type KeyManifest,
  parseManifest,
  parseTrustAnchor,
  parseVerificationKey,
  type TrustAnchor,
  type VerificationKey,
  ZkFinalityError,
} from 'zkfinality/verify';

export type Dropped =
  | ({ readonly kind: 'proof' | 'registration' } & DroppedProof)
  | { readonly kind: 'anchor'; readonly name: string; readonly anchor: TrustAnchor }
  | { readonly kind: 'manifest'; readonly name: string; readonly manifest: KeyManifest }
  | { readonly kind: 'key'; readonly name: string; readonly key: VerificationKey }
  | { readonly kind: 'unreadable'; readonly name: string; readonly message: string };

/** A document with a proof, as it was dropped. */
export type DroppedProof = {
  readonly name: string;
  readonly document: unknown;
  readonly sizeBytes: number;
};

/** All documents are a few kilobytes. */
const LARGEST_FILE_BYTES = 1024 * 1024;

/**
 * Reads a file by its content; its name does not matter.
 *
 * Documents with a proof are kept as they are, because the verifier reads it strictly and says what is wrong with it.
 */
export async function readDropped(file: File): Promise<Dropped> {
  const { name, size } = file;
  let kind: 'proof' | 'registration' = 'proof';
  const unreadable = (message: string): Dropped => ({ kind: 'unreadable', name, message });
  if (size > LARGEST_FILE_BYTES) return unreadable('larger than any document of this kind');
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch {
    return unreadable('not JSON');
  }
  try {
    const format = typeof json === 'object' && json !== null && 'format' in json ? String(json.format) : '';
    if (format.startsWith('zkfinality-trust/'))
      return { kind: 'anchor', name, anchor: parseTrustAnchor(json) };
    if (format.startsWith('zkfinality-registration/')) kind = 'registration';
    if (format.startsWith('zkfinality-manifest/'))
      return { kind: 'manifest', name, manifest: parseManifest(json) };
    if (format === '' && typeof json === 'object' && json !== null && 'vk_alpha_1' in json)
      return { kind: 'key', name, key: parseVerificationKey(json) };
  } catch (error) {
    if (error instanceof ZkFinalityError) return unreadable(`${error.code}: ${error.message}`);
    throw error;
  }
  return { kind, name, document: json, sizeBytes: size };
}
