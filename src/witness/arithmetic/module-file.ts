/**
 * Reads just as much of a WebAssembly module as is needed to exchange some of its functions, and writes the changed module.
 *
 * Binary format: WebAssembly core specification 1.0, chapter 5, and its appendix on custom sections for the names.
 */
import { leb, signedLeb } from '../../engine/wasm/assembler.js';

/** Where a part of the file begins and ends. */
type Range = { readonly from: number; readonly to: number };
type Section = Range & { readonly id: number };

/** A module as far as it was read. */
export type ModuleFile = {
  /** How many functions it has, imported ones first. */
  readonly functionCount: number;
  /** Pages of 64 KiB that its own memory starts with. */
  readonly memoryPages: number;
  /** Indices of functions by their name. */
  readonly names: ReadonlyMap<string, number>;
  /** A function of its own, not an imported one. */
  readonly functionOf: (index: number) => FunctionEntries | undefined;
  /** The file with changes. */
  readonly change: (changes: Changes) => Uint8Array<ArrayBuffer>;
};

/** A function's entries in the sections of types and of code, the latter without its length. */
export type FunctionEntries = { readonly type: ArrayLike<number>; readonly code: ArrayLike<number> };

export type Changes = {
  /** New code by the index of the function that had another. */
  readonly replaced: ReadonlyMap<number, ArrayLike<number>>;
  /** Functions that come after all others, in this order. */
  readonly added: readonly FunctionEntries[];
  /** Pages that the memory starts with. */
  readonly memoryPages: number;
  /** Bytes that are in memory at the start. */
  readonly data: { readonly address: number; readonly bytes: Uint8Array };
};

const CUSTOM = 0;
const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const MEMORY = 5;
const CODE = 10;
const DATA = 11;
const HEADER_BYTES = 8;
const FUNCTION_NAMES = 1;

/** Reads bytes, and stops with a RangeError at the end of them. */
function createReader(bytes: Uint8Array, { from, to }: Range) {
  let position = from;
  const byte = (): number => {
    if (position >= to) throw new RangeError(`module: ends at byte ${to}`);
    return bytes[position++] as number;
  };
  const leb = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      if (scale > 2 ** 28) throw new RangeError(`module: expected at most 32 bits at byte ${position}`);
    }
  };
  const take = (count: number): Range => {
    const start = position;
    if (count > to - position) throw new RangeError(`module: ends at byte ${to}`);
    position += count;
    return { from: start, to: position };
  };
  return {
    byte,
    leb,
    take,
    position: (): number => position,
    isAtEnd: (): boolean => position === to,
    name: (): string => {
      const range = take(leb());
      return new TextDecoder().decode(bytes.subarray(range.from, range.to));
    },
    list: <T>(read: () => T): T[] => Array.from({ length: leb() }, read),
  };
}

/**
 * @param wasm - The file.
 * @returns Undefined where it is no module, or one that has other parts than programs of the Circom compiler have.
 */
export function readModuleFile(wasm: Uint8Array): ModuleFile | undefined {
  try {
    return read(wasm);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(wasm: Uint8Array): ModuleFile | undefined {
  const sections = readSections(wasm);
  const at = (id: number) => {
    const section = sections.find((s) => s.id === id);
    if (section === undefined) throw new RangeError(`module: no section ${id}`);
    return createReader(wasm, section);
  };
  const types = readTypes(at(TYPE));
  const imported = readImportedFunctions(at(IMPORT));
  const functions = at(FUNCTION);
  const typeIndices = functions.list(functions.leb);
  const code = at(CODE);
  const bodies = code.list(() => code.take(code.leb()));
  const memoryPages = readMemory(at(MEMORY));
  if (bodies.length !== typeIndices.length || memoryPages === undefined) return undefined;
  const slice = ({ from, to }: Range): Uint8Array => wasm.subarray(from, to);
  return {
    functionCount: imported + bodies.length,
    memoryPages,
    names: readFunctionNames(wasm, sections),
    functionOf: (index) => {
      const body = bodies[index - imported];
      const type = types[typeIndices[index - imported] ?? types.length];
      return body && type && { type: slice(type), code: slice(body) };
    },
    change: (changes) =>
      join([
        wasm.subarray(0, HEADER_BYTES),
        ...sections.flatMap((section) => changedSection(wasm, section, { types, imported, bodies }, changes)),
      ]),
  };
}

function readSections(wasm: Uint8Array): Section[] {
  const sections: Section[] = [];
  const reader = createReader(wasm, { from: HEADER_BYTES, to: wasm.length });
  while (!reader.isAtEnd()) {
    const id = reader.byte();
    sections.push({ id, ...reader.take(reader.leb()) });
  }
  return sections;
}

type Reader = ReturnType<typeof createReader>;

/** Types of functions, and nothing else. */
function readTypes(reader: Reader): Range[] {
  return reader.list(() => {
    const from = reader.position();
    if (reader.byte() !== 0x60) throw new RangeError('module: expected types of functions');
    reader.take(reader.leb());
    reader.take(reader.leb());
    return { from, to: reader.position() };
  });
}

/** How many functions are imported; nothing else may be. */
function readImportedFunctions(reader: Reader): number {
  return reader.list(() => {
    reader.take(reader.leb());
    reader.take(reader.leb());
    if (reader.byte() !== 0) throw new RangeError('module: expected imports of functions');
    reader.leb();
  }).length;
}

/** Pages of the one memory, which must be free to grow. */
function readMemory(reader: Reader): number | undefined {
  return reader.leb() === 1 && reader.byte() === 0 ? reader.leb() : undefined;
}

function readFunctionNames(wasm: Uint8Array, sections: readonly Section[]): Map<string, number> {
  for (const section of sections) {
    if (section.id !== CUSTOM) continue;
    const reader = createReader(wasm, section);
    if (reader.name() !== 'name') continue;
    while (!reader.isAtEnd()) {
      const id = reader.byte();
      const part = createReader(wasm, reader.take(reader.leb()));
      if (id !== FUNCTION_NAMES) continue;
      const entries = part.list((): [string, number] => {
        const index = part.leb();
        return [part.name(), index];
      });
      return new Map(entries);
    }
  }
  return new Map();
}

function join(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    bytes.set(part, position);
    position += part.length;
  }
  return bytes;
}

/** A list of the binary format with entries after its own. */
function longerList(
  wasm: Uint8Array,
  section: Section,
  added: readonly ArrayLike<number>[],
): ArrayLike<number>[] {
  const reader = createReader(wasm, section);
  const count = reader.leb();
  return [leb(count + added.length), wasm.subarray(reader.position(), section.to), ...added];
}

type Known = {
  readonly types: readonly Range[];
  readonly imported: number;
  readonly bodies: readonly Range[];
};

function changedSection(
  wasm: Uint8Array,
  section: Section,
  { types, imported, bodies }: Known,
  { replaced, added, memoryPages, data }: Changes,
): ArrayLike<number>[] {
  const content = (): ArrayLike<number>[] => {
    switch (section.id) {
      case TYPE:
        return longerList(
          wasm,
          section,
          added.map((f) => f.type),
        );
      case FUNCTION:
        return longerList(
          wasm,
          section,
          added.map((_, i) => leb(types.length + i)),
        );
      case MEMORY:
        return [[1, 0, ...leb(memoryPages)]];
      case CODE: {
        const codes = bodies.map(({ from, to }, i) => replaced.get(imported + i) ?? wasm.subarray(from, to));
        const all = [...codes, ...added.map((f) => f.code)];
        return [leb(all.length), ...all.flatMap((code) => [leb(code.length), code])];
      }
      case DATA:
        return longerList(wasm, section, [
          [0, 0x41, ...signedLeb(data.address), 0x0b, ...leb(data.bytes.length), ...data.bytes],
        ]);
      default:
        return [wasm.subarray(section.from, section.to)];
    }
  };
  const parts = content();
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return [[section.id, ...leb(size)], ...parts];
}
