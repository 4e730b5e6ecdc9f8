/** Documents that the commands read and write: JSON files, trust anchors, proofs, committed keys. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keysFolder } from '../build/paths.js';
import { writeFileAtomically } from '../formats/atomic-file.js';
import {
  type KeyManifest,
  parseManifest,
  parseTrustAnchor,
  type TrustAnchor,
} from '../statement/documents.js';
import { FileError } from '../statement/errors.js';
import { parseVerificationKey } from '../statement/keys.js';
import type { VerificationKey } from '../statement/types.js';

/** Far above any block or proof; keeps a wrong path from filling the memory. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/**
 * Reads a text file.
 *
 * @throws {FileError} `FILE_NOT_FOUND`, `FILE_TOO_LARGE`.
 */
export function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path === '-' ? 0 : path);
  } catch (cause) {
    throw new FileError('FILE_NOT_FOUND', `${path}: the file cannot be read. Check the path.`, { cause });
  }
  if (bytes.length > MAX_DOCUMENT_BYTES)
    throw new FileError(
      'FILE_TOO_LARGE',
      `${path}: expected at most ${MAX_DOCUMENT_BYTES} bytes, got ${bytes.length}.`,
    );
  return bytes.toString('utf8');
}

/**
 * Reads a JSON document.
 *
 * @throws {FileError} `FILE_NOT_FOUND`, `FILE_TOO_LARGE`, `JSON_INVALID`.
 */
export function readJson(path: string): unknown {
  return parseJson(readText(path), path);
}

/** Parses JSON that came from `path`. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new FileError(
      'JSON_INVALID',
      `${path}: expected JSON, got something else (${(cause as Error).message}).`,
      {
        cause,
      },
    );
  }
}

/** The `format` that a document names, if it names one. */
export function formatOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, 'format')
    ? (json as { readonly format: unknown }).format
    : undefined;
}

/** Writes a JSON document whole or not at all. */
export async function writeJson(path: string, document: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(document, undefined, 2)}\n`);
}

/** Reads a document and names the file in what its parser says. */
export function readDocument<T>(path: string, parse: (json: unknown) => T): T {
  const json = readJson(path);
  try {
    return parse(json);
  } catch (error) {
    if (error instanceof FileError)
      throw new FileError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Reads a trust anchor. */
export function readAnchor(path: string): TrustAnchor {
  return readDocument(path, parseTrustAnchor);
}

/** The keys that verification may accept: a manifest and the files beside it. */
export type KeyRing = {
  readonly path: string;
  readonly manifest: KeyManifest;
  /** All verification keys of the manifest. */
  readonly keys: () => readonly VerificationKey[];
  /** The key of one circuit, if the manifest has it. */
  readonly find: (circuit: string) => VerificationKey | undefined;
};

/**
 * Opens a manifest of keys.
 *
 * @param path - The manifest; default: the one that comes with the package.
 * @throws {FileError} where the manifest or a key is missing or damaged.
 */
export function openKeyRing(path: string = join(keysFolder, 'manifest.json')): KeyRing {
  const manifest = readDocument(path, parseManifest);
  const read = (file: string): VerificationKey =>
    readDocument(join(dirname(path), file), (json) => parseVerificationKey(json));
  return {
    path,
    manifest,
    keys: () => manifest.keys.map((entry) => read(entry.file)),
    find: (circuit) => {
      const entry = manifest.keys.find((key) => key.circuit === circuit);
      return entry && existsSync(join(dirname(path), entry.file)) ? read(entry.file) : undefined;
    },
  };
}
