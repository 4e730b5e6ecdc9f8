/** Documents that the commands read and write: JSON files, trust anchors, proofs, committed keys. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keysFolder } from '../build/paths.js';
import { writeFileAtomically } from '../formats/atomic-file.js';
import { readError } from '../formats/container.js';
import {
  type KeyManifest,
  parseManifest,
  parseTrustAnchor,
  type TrustAnchor,
} from '../statement/documents.js';
import { FileError, UsageError } from '../statement/errors.js';
import { quote } from '../statement/json.js';
import { parseVerificationKey } from '../statement/keys.js';
import type { VerificationKey } from '../statement/types.js';

/** Far above any block or proof; keeps a wrong path from filling the memory. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 1 << 16;
/** Ours have at most 4 levels. */
const MAX_NESTING = 64;

/**
 * Reads a text file.
 *
 * @param path - `-` stands for standard input.
 * @throws {FileError} `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_TOO_LARGE`, `TEXT_ENCODING`.
 */
export function readText(path: string): string {
  const bytes = readBounded(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(
      'TEXT_ENCODING',
      `${path}: expected text in UTF-8, got other bytes. Save it as UTF-8, or check the path.`,
      { cause },
    );
  }
}

/** Content of a file of any kind, also of a pipe or device without an end. */
function readBounded(path: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const file = path === '-' ? 0 : openSync(path, 'r');
    try {
      for (let got = -1; got !== 0; length += got) {
        const chunk = new Uint8Array(READ_BYTES);
        got = readSync(file, chunk, 0, READ_BYTES, null);
        chunks.push(chunk.subarray(0, got));
        if (length + got > MAX_DOCUMENT_BYTES)
          throw new FileError(
            'FILE_TOO_LARGE',
            `${path}: expected at most ${MAX_DOCUMENT_BYTES} bytes, got more. Check the path.`,
          );
      }
    } finally {
      if (path !== '-') closeSync(file);
    }
  } catch (cause) {
    throw readError(path, cause);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a JSON document.
 *
 * @throws {FileError} Of {@link readText}; `JSON_INVALID`, `JSON_REPEATED_FIELD`.
 */
export function readJson(path: string): unknown {
  return parseJson(readText(path), path);
}

/**
 * Parses JSON that came from `path`.
 *
 * @throws {FileError} `JSON_INVALID`; `JSON_REPEATED_FIELD` where an object has a field twice, since readers differ in which of the two they take.
 */
export function parseJson(text: string, path: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FileError(
      'JSON_INVALID',
      `${path}: expected JSON, got something else (${(cause as Error).message}).`,
      {
        cause,
      },
    );
  }
  const repeated = repeatedField(text, path);
  if (repeated !== undefined)
    throw new FileError(
      'JSON_REPEATED_FIELD',
      `${path}: the field ${quote(repeated)} stands twice in one object. Take the document from its maker again.`,
    );
  return json;
}

/**
 * The first field that an object of this valid JSON has twice.
 *
 * @throws {FileError} `JSON_INVALID` where objects stand in one another too deep.
 */
function repeatedField(text: string, path: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{') {
      if (open.push(new Set()) > MAX_NESTING)
        throw new FileError(
          'JSON_INVALID',
          `${path}: expected at most ${MAX_NESTING} levels of objects, got more.`,
        );
    } else if (character === '}') open.pop();
    else if (character === '"') {
      const start = at;
      for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
      if (!isColonNext(text, at + 1)) continue;
      // Arrays need no place of their own: a name stands in the innermost object.
      const name = JSON.parse(text.slice(start, at + 1)) as string;
      const names = open.at(-1)!;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}

function isColonNext(text: string, from: number): boolean {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? '.')) at++;
  return text[at] === ':';
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
  return namingFile(path, () => parse(json));
}

/** Runs a parser of what stood in a file, and names the file in what it says. */
export function namingFile<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const isNamed = error instanceof Error && error.message.startsWith(`${path}: `);
    if (!isNamed)
      for (const Kind of [FileError, UsageError])
        if (error instanceof Kind) throw new Kind(error.code, `${path}: ${error.message}`, { cause: error });
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
