/**
 * The "iden3 binary file" that `.r1cs`, `.wtns`, `.zkey` and `.ptau` share, read and written strictly.
 *
 * Layout, integers little endian: magic (4 bytes of ASCII), version u32, number of sections u32, then each section as
 * number u32, length u64, content. Sections come in any order. Opening a file reads the section headers only; contents
 * are then read into memory the caller gives, in pieces, so that keys of gigabytes never stand whole in a Buffer.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BN254_Q, BN254_R } from '../math/field.js';
import type { FileError } from '../statement/errors.js';
import { type AtomicFile, createAtomicFile } from './atomic-file.js';
import { ELEMENT_BYTES, elementBytes, readElement, readU32, readU64, writeU32, writeU64 } from './bytes.js';
import { type FormatCode, formatError } from './codes.js';

/** Which sections a kind of file has. */
export type ContainerKind = {
  /** Four ASCII characters. */
  readonly magic: string;
  readonly versions: readonly number[];
  /** Number → name, for messages. Sections of other numbers are refused. */
  readonly sections: { readonly [id: number]: string };
  /** Sections that must be there. */
  readonly required: readonly number[];
};

export type Section = { readonly id: number; readonly offset: number; readonly sizeBytes: number };

/** An open file of one kind; its owner calls `close()`. */
export type Container = {
  readonly name: string;
  readonly version: number;
  readonly sizeBytes: number;
  has(id: number): boolean;
  /** @throws {FileError} `SECTION_MISSING` */
  section(id: number): Section;
  /** Name of a section for messages: `section 2 (constraints)`. */
  label(id: number): string;
  /** @throws {FileError} `SECTION_SIZE` unless the section has exactly this length. */
  expectSize(id: number, sizeBytes: number): void;
  /** A small section, or a part of one, as new bytes. */
  read(id: number, offset?: number, sizeBytes?: number): Uint8Array;
  /** Fills `target` from the section at `offset`, at once. */
  readInto(id: number, offset: number, target: Uint8Array): void;
  /** Fills `target` in pieces and lets other work run between them; rejects with the signal's reason when aborted. */
  load(id: number, offset: number, target: Uint8Array, options?: LoadOptions): Promise<void>;
  /** Raw bytes at a position of the file, wherever sections lie. */
  readAt(position: number, target: Uint8Array): void;
  /** The error of a failed check inside this file. */
  problem(code: FormatCode, where: string, expected: string, got: string, next?: string): FileError;
  close(): void;
};

/**
 * Fills a part of the target by other means than this thread, from an open file.
 *
 * @param offset - Of the part in the target.
 * @returns False where it cannot; the part is then read again here, which says what is wrong.
 */
export type PartReader = (
  descriptor: number,
  position: number,
  offset: number,
  sizeBytes: number,
) => Promise<boolean>;

export type LoadOptions = {
  /** Not asked where the content is in memory already. */
  readonly reader?: PartReader;
  readonly signal?: AbortSignal;
  /** Called with the bytes done so far. */
  readonly onProgress?: (doneBytes: number) => void;
};

const MAX_SECTIONS = 64;
const PIECE_BYTES = 1 << 24;
/** Pieces of a {@link PartReader}: it shares them out among threads. */
const READER_PIECE_BYTES = 1 << 26;

/**
 * Opens a file, or bytes in memory, and finds its sections.
 *
 * @param source - Path, or the whole content.
 * @param kind - What it must be.
 * @param name - Name for messages; default: the path.
 * @throws {FileError} `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_TRUNCATED`, `FILE_TRAILING_BYTES`, `FILE_MAGIC`, `FILE_VERSION`,
 *   `FILE_TOO_LARGE`, `SECTION_MISSING`, `SECTION_DUPLICATE`, `SECTION_UNKNOWN`.
 */
export function openContainer(source: string | Uint8Array, kind: ContainerKind, name?: string): Container {
  const store =
    typeof source === 'string' ? openStore(source) : memoryStore(source, name ?? `${kind.magic} data`);
  try {
    const { version, sections } = scan(store, kind);
    return containerOf(store, kind, version, sections);
  } catch (error) {
    store.close();
    throw error;
  }
}

type Store = {
  readonly name: string;
  readonly sizeBytes: number;
  /** Of files. */
  readonly descriptor?: number;
  readAt(position: number, target: Uint8Array): void;
  close(): void;
};

function openStore(path: string): Store {
  let descriptor: number;
  let sizeBytes: number;
  try {
    if (!statSync(path).isFile()) throw notAFile(path);
    descriptor = openSync(path, 'r');
    sizeBytes = fstatSync(descriptor).size;
  } catch (cause) {
    throw readError(path, cause);
  }
  let open = true;
  return {
    name: path,
    sizeBytes,
    descriptor,
    readAt(position, target) {
      for (let done = 0; done < target.length; ) {
        let count: number;
        try {
          count = readSync(
            descriptor,
            target,
            done,
            Math.min(target.length - done, 1 << 30),
            position + done,
          );
        } catch (cause) {
          throw readError(path, cause);
        }
        if (count === 0) throw truncated(path, position + target.length, position + done);
        done += count;
      }
    },
    close() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

function memoryStore(bytes: Uint8Array, name: string): Store {
  return {
    name,
    sizeBytes: bytes.length,
    readAt(position, target) {
      if (position + target.length > bytes.length)
        throw truncated(name, position + target.length, bytes.length);
      target.set(bytes.subarray(position, position + target.length));
    },
    close() {},
  };
}

/** Turns a system error of opening or reading into ours. */
export function readError(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  if ((cause as { kind?: unknown }).kind === 'file') return cause as Error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return formatError('FILE_NOT_FOUND', {
      file: path,
      expected: 'an existing file',
      got: 'none',
      next: 'Check the name.',
      cause,
    });
  }
  if (code === 'EISDIR') return notAFile(path);
  const next = 'Check the permissions of the file and its folder.';
  return formatError('FILE_UNREADABLE', {
    file: path,
    expected: 'a readable file',
    got: `system error ${code}`,
    next,
    cause,
  });
}

function notAFile(path: string): FileError {
  return formatError('FILE_UNREADABLE', {
    file: path,
    expected: 'a file',
    got: 'a folder or device',
    next: 'Name a file.',
  });
}

function truncated(file: string, needBytes: number, haveBytes: number, where?: string): FileError {
  const problem = { file, expected: `at least ${needBytes} bytes`, got: `${haveBytes}` };
  const next = 'The file was cut off: copy or make it again.';
  return formatError(
    'FILE_TRUNCATED',
    where === undefined ? { ...problem, next } : { ...problem, where, next },
  );
}

function scan(store: Store, kind: ContainerKind): { version: number; sections: Map<number, Section> } {
  const file = store.name;
  const read = (position: number, count: number, where: string): Uint8Array => {
    if (position + count > store.sizeBytes) throw truncated(file, position + count, store.sizeBytes, where);
    const bytes = new Uint8Array(count);
    store.readAt(position, bytes);
    return bytes;
  };
  const magic = String.fromCharCode(...read(0, Math.min(4, store.sizeBytes), 'magic'));
  if (magic !== kind.magic) {
    const next = `Give a .${kind.magic} file.`;
    throw formatError('FILE_MAGIC', {
      file,
      where: 'magic',
      expected: `"${kind.magic}"`,
      got: JSON.stringify(magic),
      next,
    });
  }
  const head = read(4, 8, 'header');
  const version = readU32(head, 0);
  if (!kind.versions.includes(version)) {
    const next = 'It was made by a tool that is newer or older than this one supports.';
    throw formatError('FILE_VERSION', {
      file,
      where: 'version',
      expected: kind.versions.join(' or '),
      got: `${version}`,
      next,
    });
  }
  const count = readU32(head, 4);
  if (count > MAX_SECTIONS) {
    throw formatError('FILE_TOO_LARGE', {
      file,
      where: 'section count',
      expected: `at most ${MAX_SECTIONS}`,
      got: `${count}`,
    });
  }
  const sections = new Map<number, Section>();
  let position = 12;
  for (let i = 0; i < count; i++) {
    const header = read(position, 12, `header of section ${i + 1} of ${count}`);
    const id = readU32(header, 0);
    const sizeBytes = readU64(header, 4);
    const where = labelOf(kind, id);
    if (kind.sections[id] === undefined) {
      throw formatError('SECTION_UNKNOWN', {
        file,
        where,
        expected: `one of ${Object.keys(kind.sections).join(', ')}`,
        got: `${id}`,
      });
    }
    if (sections.has(id))
      throw formatError('SECTION_DUPLICATE', { file, where, expected: 'one such section', got: 'a second' });
    const offset = position + 12;
    if (sizeBytes > store.sizeBytes - offset)
      throw truncated(file, offset + sizeBytes, store.sizeBytes, where);
    sections.set(id, { id, offset, sizeBytes });
    position = offset + sizeBytes;
  }
  if (position !== store.sizeBytes) {
    const got = `${store.sizeBytes - position} more bytes`;
    throw formatError('FILE_TRAILING_BYTES', {
      file,
      where: 'after the last section',
      expected: 'the end of the file',
      got,
    });
  }
  for (const id of kind.required) {
    if (!sections.has(id)) throw missing(file, kind, id);
  }
  return { version, sections };
}

function missing(file: string, kind: ContainerKind, id: number): FileError {
  return formatError('SECTION_MISSING', {
    file,
    where: labelOf(kind, id),
    expected: 'this section',
    got: 'none',
  });
}

function labelOf(kind: ContainerKind, id: number): string {
  const name = kind.sections[id];
  return name === undefined ? `section ${id}` : `section ${id} (${name})`;
}

function containerOf(
  store: Store,
  kind: ContainerKind,
  version: number,
  sections: Map<number, Section>,
): Container {
  const file = store.name;
  const section = (id: number): Section => {
    const found = sections.get(id);
    if (found === undefined) throw missing(file, kind, id);
    return found;
  };
  const checked = (id: number, offset: number, sizeBytes: number): number => {
    const { offset: start, sizeBytes: length } = section(id);
    if (offset < 0 || sizeBytes < 0 || offset + sizeBytes > length) {
      const expected = `at least ${offset + sizeBytes} bytes`;
      throw formatError('SECTION_SIZE', { file, where: labelOf(kind, id), expected, got: `${length}` });
    }
    return start + offset;
  };
  const readInto = (id: number, offset: number, target: Uint8Array): void => {
    store.readAt(checked(id, offset, target.length), target);
  };
  return {
    name: file,
    version,
    sizeBytes: store.sizeBytes,
    has: (id) => sections.has(id),
    section,
    label: (id) => labelOf(kind, id),
    expectSize(id, sizeBytes) {
      const got = section(id).sizeBytes;
      if (got === sizeBytes) return;
      throw formatError('SECTION_SIZE', {
        file,
        where: labelOf(kind, id),
        expected: `${sizeBytes} bytes`,
        got: `${got}`,
      });
    },
    read(id, offset = 0, sizeBytes = section(id).sizeBytes - offset) {
      checked(id, offset, sizeBytes);
      const bytes = new Uint8Array(sizeBytes);
      readInto(id, offset, bytes);
      return bytes;
    },
    readInto,
    async load(id, offset, target, options = {}) {
      const { reader, signal, onProgress } = options;
      const { descriptor } = store;
      const { length } = target;
      const start = checked(id, offset, length);
      const byReader = async (done: number, sizeBytes: number): Promise<boolean> =>
        reader !== undefined &&
        descriptor !== undefined &&
        (await reader(descriptor, start + done, done, sizeBytes));
      const most = reader === undefined ? PIECE_BYTES : READER_PIECE_BYTES;
      for (let done = 0; done < length; ) {
        signal?.throwIfAborted();
        const sizeBytes = Math.min(length - done, most);
        if (!(await byReader(done, sizeBytes))) {
          store.readAt(start + done, target.subarray(done, done + sizeBytes));
          await nextTurn();
        }
        done += sizeBytes;
        onProgress?.(done);
      }
    },
    readAt(position, target) {
      if (position + target.length > store.sizeBytes)
        throw truncated(file, position + target.length, store.sizeBytes);
      store.readAt(position, target);
    },
    problem: (code, where, expected, got, next) =>
      formatError(
        code,
        next === undefined ? { file, where, expected, got } : { file, where, expected, got, next },
      ),
    close: () => store.close(),
  };
}

/** A file of sections under construction; sizes are announced before contents, so nothing is written twice. */
export type ContainerWriter = {
  readonly file: AtomicFile;
  /** Starts the next section; the one before must be complete. */
  begin(id: number, sizeBytes: number): Promise<void>;
  write(chunk: Uint8Array): Promise<void>;
  /** A whole section at once. */
  section(id: number, content: Uint8Array): Promise<void>;
  /** Checks that all announced sections are complete and gives the file its name. */
  commit(): Promise<void>;
  abort(): Promise<void>;
};

/**
 * Starts a file of `sectionCount` sections. It appears under its name at `commit()`.
 *
 * A section that gets more or fewer bytes than announced is a mistake of the caller: a RangeError, and the file is removed.
 */
export async function createContainer(
  path: string,
  magic: string,
  version: number,
  sectionCount: number,
): Promise<ContainerWriter> {
  const file = await createAtomicFile(path);
  await file.write(containerHead(magic, version, sectionCount));
  let left = 0;
  let sections = 0;
  const insist = async (condition: boolean, what: string): Promise<void> => {
    if (condition) return;
    await file.abort();
    throw new RangeError(`${path}: ${what}`);
  };
  const begin = async (id: number, sizeBytes: number): Promise<void> => {
    await insist(left === 0, `section begun while ${left} bytes of the last one are missing`);
    await insist(++sections <= sectionCount, `more than the ${sectionCount} sections announced`);
    left = sizeBytes;
    await file.write(sectionHead(id, sizeBytes));
  };
  const write = async (chunk: Uint8Array): Promise<void> => {
    await insist(chunk.length <= left, `section longer than announced by ${chunk.length - left} bytes`);
    left -= chunk.length;
    await file.write(chunk);
  };
  return {
    file,
    begin,
    write,
    async section(id, content) {
      await begin(id, content.length);
      await write(content);
    },
    async commit() {
      await insist(
        left === 0 && sections === sectionCount,
        `${left} bytes or ${sectionCount - sections} sections are missing`,
      );
      await file.commit();
    },
    abort: () => file.abort(),
  };
}

/** The whole file in memory, for small ones. Sections in the order given. */
export function encodeContainer(
  magic: string,
  version: number,
  sections: readonly (readonly [number, Uint8Array])[],
): Uint8Array {
  const parts = [
    containerHead(magic, version, sections.length),
    ...sections.flatMap(([id, content]) => [sectionHead(id, content.length), content]),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

function containerHead(magic: string, version: number, sectionCount: number): Uint8Array {
  const head = new Uint8Array(12);
  for (let i = 0; i < 4; i++) head[i] = magic.charCodeAt(i);
  writeU32(head, 4, version);
  writeU32(head, 8, sectionCount);
  return head;
}

function sectionHead(id: number, sizeBytes: number): Uint8Array {
  const head = new Uint8Array(12);
  writeU32(head, 0, id);
  writeU64(head, 4, sizeBytes);
  return head;
}

/** Size in bytes of a prime as these files store it: u32 length, then the prime. */
export const PRIME_BYTES = 4 + ELEMENT_BYTES;

/** The stored form of r (scalars) or q (coordinates). */
export function encodePrime(field: 'r' | 'q'): Uint8Array {
  const out = new Uint8Array(PRIME_BYTES);
  writeU32(out, 0, ELEMENT_BYTES);
  out.set(elementBytes(field === 'r' ? BN254_R : BN254_Q), 4);
  return out;
}

/**
 * Checks a stored prime inside a header.
 *
 * @throws {FileError} `FIELD_MISMATCH`
 */
export function expectPrime(
  container: Container,
  where: string,
  header: Uint8Array,
  offset: number,
  field: 'r' | 'q',
): void {
  const next = 'Only BN254 (bn128 in circom and snarkjs) is supported: compile with `--prime bn128`.';
  const sizeBytes = readU32(header, offset);
  if (sizeBytes !== ELEMENT_BYTES)
    throw container.problem('FIELD_MISMATCH', where, '32-byte field elements', `${sizeBytes}`, next);
  const prime = readElement(header, offset + 4);
  const expected = field === 'r' ? BN254_R : BN254_Q;
  if (prime !== expected)
    throw container.problem('FIELD_MISMATCH', where, `the prime ${expected}`, `${prime}`, next);
}
