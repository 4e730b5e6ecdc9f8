/** The manifest and the keys that come with the package. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type KeyManifest,
  parseManifest,
  parseVerificationKey,
  type VerificationKey,
} from 'zkfinality/verify';

/** Reads them all, about 5 kB each. Do it once: a key that was used before verifies faster. */
export function packageKeys(): {
  readonly manifest: KeyManifest;
  readonly verificationKeys: readonly VerificationKey[];
} {
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`zkfinality/keys/${file}`)), 'utf8'));
  const manifest = parseManifest(read('manifest.json'));
  return { manifest, verificationKeys: manifest.keys.map(({ file }) => parseVerificationKey(read(file))) };
}
