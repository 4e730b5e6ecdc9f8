/**
 * Proving keys: `.zkey`, version 1. Plain keys are snarkjs's, byte for byte; two-round keys use the same container with
 * protocol id 1001 and two sections more. `docs/FORMATS.md` has every byte.
 *
 * A key is opened by its headers; sections, which reach gigabytes, are then loaded into memory that the caller owns.
 */
import type { G1, G2, ProofSystem, VerificationKey } from '../statement/types.js';
import { G1_BYTES, G2_BYTES, isBelowR, readElement, readU32, writeU32 } from './bytes.js';
import {
  type Container,
  type ContainerKind,
  createContainer,
  encodePrime,
  expectPrime,
  type LoadOptions,
  openContainer,
  PRIME_BYTES,
} from './container.js';
import { type Contributions, encodeContributions, parseContributions } from './contributions.js';
import { decodeG1, decodeG2, encodeG1, encodeG2, storedG1Fault, storedG2Fault } from './points.js';

/** What a key's header says. Points are affine; none is infinity, G2 points are in the subgroup. */
export type ZkeyHeader = {
  readonly system: ProofSystem;
  readonly wires: number;
  /** Public inputs without the constant one; counts the challenge of a two-round key. */
  readonly publicCount: number;
  /** log₂ of the domain. */
  readonly domainLog: number;
  readonly alpha1: G1;
  readonly beta1: G1;
  readonly beta2: G2;
  readonly gamma2: G2;
  /** [δ]₁ and [δ]₂ of a plain key, [δ₂]₁ and [δ₂]₂ of a two-round one. */
  readonly deltaG1: G1;
  readonly deltaG2: G2;
  /** Present exactly for two-round keys. */
  readonly firstRound?: FirstRoundHeader;
};

/** Section 11. */
export type FirstRoundHeader = {
  /** SHA-256 of the `.r1cs` file, 32 bytes. */
  readonly circuitHash: Uint8Array;
  /** [δ₁]₁ and [δ₁]₂. */
  readonly deltaG1: G1;
  readonly deltaG2: G2;
};

/** Numbers of the sections. */
export const ZKEY_SECTIONS = {
  protocol: 1,
  header: 2,
  ic: 3,
  coefficients: 4,
  a: 5,
  b1: 6,
  b2: 7,
  privateBasis: 8,
  h: 9,
  contributions: 10,
  firstRound: 11,
  partition: 12,
} as const;

/** Name of a section with content to load. */
export type ZkeySection = Exclude<keyof typeof ZKEY_SECTIONS, 'protocol' | 'header' | 'firstRound'>;

/** Protocol ids of section 1: snarkjs's Groth16, and ours. */
export const GROTH16_ID = 1;
export const ULTRAGROTH_ID = 1001;

/** Bytes of a record of section 4: matrix, row, wire (u32 each), value·2^512 mod r. */
export const COEFFICIENT_BYTES = 44;

const HEADER_BYTES = 2 * PRIME_BYTES + 12 + 3 * G1_BYTES + 3 * G2_BYTES;
const FIRST_ROUND_BYTES = 32 + G1_BYTES + G2_BYTES;
const MAX_DOMAIN_LOG = 28;
const CHECK_PIECE = 1 << 16;

const KIND: ContainerKind = {
  magic: 'zkey',
  versions: [1],
  sections: {
    1: 'protocol',
    2: 'header',
    3: 'IC',
    4: 'coefficients',
    5: 'A',
    6: 'B1',
    7: 'B2',
    8: 'private wires',
    9: 'H',
    10: 'contributions',
    11: 'first round',
    12: 'partition',
  },
  required: [1, 2],
};

/** An open key; its owner calls `close()`. */
export type Zkey = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly header: ZkeyHeader;
  /** Records in section 4. */
  readonly coefficientCount: number;
  /** Length of a section; of section 4 without its leading count. */
  sectionBytes(section: ZkeySection): number;
  /** Fills `target` from the content of a section (of section 4: from its records) at `offset` bytes. */
  load(section: ZkeySection, target: Uint8Array, offset?: number, options?: LoadOptions): Promise<void>;
  /** The same at once, for small pieces. */
  read(section: ZkeySection, offset?: number, sizeBytes?: number): Uint8Array;
  /** @throws {FileError} `CONTRIBUTION_INVALID`, `SECTION_SIZE` */
  contributions(): Contributions;
  /**
   * Bit i (of byte i >> 3, value 1 << (i & 7)) is set where private wire publicCount + 1 + i belongs to the first round.
   * Undefined for plain keys. @throws {FileError} `VALUE_NOT_CANONICAL` where a padding bit is set.
   */
  partition(): Uint8Array | undefined;
  readonly container: Container;
  close(): void;
};

/** Number of private wires: those after the public ones. */
export function privateCount(header: Pick<ZkeyHeader, 'wires' | 'publicCount'>): number {
  return header.wires - header.publicCount - 1;
}

/** Bytes of the partition: one bit a private wire, padded to whole groups of 8 bytes. */
export function partitionBytes(header: Pick<ZkeyHeader, 'wires' | 'publicCount'>): number {
  return 8 * Math.ceil(privateCount(header) / 64);
}

/**
 * Opens a proving key and checks its headers: counts, sizes of all sections, header points.
 *
 * The contents of sections 3 to 9 are not checked here: see {@link checkCoefficients}, and `verifyCeremony` for the rest.
 *
 * @param source - Path of a `.zkey` file, or its content.
 * @param name - Name for messages when `source` is bytes.
 * @throws {FileError} with a code of `FORMAT_CODES`.
 */
export function openZkey(source: string | Uint8Array, name?: string): Zkey {
  const container = openContainer(source, KIND, name);
  try {
    const header = parseHeader(container);
    const coefficientCount = checkSizes(container, header);
    return zkeyOf(container, header, coefficientCount);
  } catch (error) {
    container.close();
    throw error;
  }
}

/**
 * Reads the header of a proving key and checks the sizes of its sections.
 *
 * @throws {FileError} as {@link openZkey}
 */
export function readZkeyHeader(source: string | Uint8Array, name?: string): ZkeyHeader {
  const zkey = openZkey(source, name);
  zkey.close();
  return zkey.header;
}

function parseHeader(container: Container): ZkeyHeader {
  const { protocol, header: headerId, firstRound: firstRoundId } = ZKEY_SECTIONS;
  container.expectSize(protocol, 4);
  const id = readU32(container.read(protocol), 0);
  if (id !== GROTH16_ID && id !== ULTRAGROTH_ID) {
    const next = 'PLONK and FFLONK keys cannot be used here.';
    throw container.problem(
      'PROTOCOL_UNSUPPORTED',
      container.label(protocol),
      '1 (Groth16) or 1001 (two-round)',
      `${id}`,
      next,
    );
  }
  const where = container.label(headerId);
  container.expectSize(headerId, HEADER_BYTES);
  const bytes = container.read(headerId);
  expectPrime(container, where, bytes, 0, 'q');
  expectPrime(container, where, bytes, PRIME_BYTES, 'r');
  const counts = 2 * PRIME_BYTES;
  const [wires, publicCount, domain] = [
    readU32(bytes, counts),
    readU32(bytes, counts + 4),
    readU32(bytes, counts + 8),
  ];
  const domainLog = Math.log2(domain);
  if (!Number.isInteger(domainLog) || domainLog < 1 || domainLog > MAX_DOMAIN_LOG) {
    throw container.problem(
      'COUNT_MISMATCH',
      `${where}, domain`,
      `a power of two from 2 to 2^${MAX_DOMAIN_LOG}`,
      `${domain}`,
    );
  }
  if (publicCount >= domain) {
    throw container.problem(
      'COUNT_MISMATCH',
      `${where}, public inputs`,
      `below the domain's ${domain}`,
      `${publicCount}`,
    );
  }
  if (wires <= publicCount) {
    throw container.problem(
      'COUNT_MISMATCH',
      `${where}, wires`,
      `more than ${publicCount} public inputs`,
      `${wires}`,
    );
  }
  const points = counts + 12;
  const g1 = (what: string, offset: number): G1 =>
    takeG1(container, `${where}, ${what}`, bytes, points + offset);
  const g2 = (what: string, offset: number): G2 =>
    takeG2(container, `${where}, ${what}`, bytes, points + offset);
  const plain = {
    wires,
    publicCount,
    domainLog,
    alpha1: g1('alpha', 0),
    beta1: g1('beta in G1', 64),
    beta2: g2('beta in G2', 128),
    gamma2: g2('gamma', 256),
    deltaG1: g1('delta in G1', 384),
    deltaG2: g2('delta in G2', 448),
  };
  if (id === GROTH16_ID) {
    for (const extra of [firstRoundId, ZKEY_SECTIONS.partition]) {
      if (!container.has(extra)) continue;
      throw container.problem(
        'SECTION_UNKNOWN',
        container.label(extra),
        'no such section in a plain key',
        'one',
      );
    }
    return { system: 'groth16', ...plain };
  }
  if (publicCount === 0) {
    throw container.problem('COUNT_MISMATCH', `${where}, public inputs`, 'at least the challenge', '0');
  }
  container.expectSize(firstRoundId, FIRST_ROUND_BYTES);
  const first = container.read(firstRoundId);
  const label = container.label(firstRoundId);
  const firstRound: FirstRoundHeader = {
    circuitHash: first.slice(0, 32),
    deltaG1: takeG1(container, `${label}, delta 1 in G1`, first, 32),
    deltaG2: takeG2(container, `${label}, delta 1 in G2`, first, 32 + G1_BYTES),
  };
  return { system: 'ultragroth', ...plain, firstRound };
}

function takeG1(container: Container, where: string, bytes: Uint8Array, offset: number): G1 {
  const fault = storedG1Fault(bytes, offset);
  if (fault !== undefined)
    throw container.problem('POINT_INVALID', where, 'a point of G1 other than infinity', fault);
  return decodeG1(bytes, offset);
}

function takeG2(container: Container, where: string, bytes: Uint8Array, offset: number): G2 {
  const fault = storedG2Fault(bytes, offset);
  if (fault !== undefined)
    throw container.problem('POINT_INVALID', where, 'a point of G2 other than infinity', fault);
  return decodeG2(bytes, offset);
}

/** Lengths of the sections whose length the header determines. */
function fixedSizes(header: ZkeyHeader): [number, number][] {
  const { wires, publicCount, domainLog } = header;
  const sizes: [number, number][] = [
    [ZKEY_SECTIONS.ic, (publicCount + 1) * G1_BYTES],
    [ZKEY_SECTIONS.a, wires * G1_BYTES],
    [ZKEY_SECTIONS.b1, wires * G1_BYTES],
    [ZKEY_SECTIONS.b2, wires * G2_BYTES],
    [ZKEY_SECTIONS.privateBasis, privateCount(header) * G1_BYTES],
    [ZKEY_SECTIONS.h, 2 ** domainLog * G1_BYTES],
  ];
  if (header.system === 'ultragroth') sizes.push([ZKEY_SECTIONS.partition, partitionBytes(header)]);
  return sizes;
}

/** Checks all lengths; returns the number of coefficients. */
function checkSizes(container: Container, header: ZkeyHeader): number {
  for (const [id, sizeBytes] of fixedSizes(header)) container.expectSize(id, sizeBytes);
  container.section(ZKEY_SECTIONS.contributions);
  const count = readU32(container.read(ZKEY_SECTIONS.coefficients, 0, 4), 0);
  container.expectSize(ZKEY_SECTIONS.coefficients, 4 + count * COEFFICIENT_BYTES);
  return count;
}

function zkeyOf(container: Container, header: ZkeyHeader, coefficientCount: number): Zkey {
  const skip = (section: ZkeySection): number => (section === 'coefficients' ? 4 : 0);
  const sectionBytes = (section: ZkeySection): number =>
    container.section(ZKEY_SECTIONS[section]).sizeBytes - skip(section);
  return {
    name: container.name,
    sizeBytes: container.sizeBytes,
    header,
    coefficientCount,
    sectionBytes,
    load: (section, target, offset = 0, options = {}) =>
      container.load(ZKEY_SECTIONS[section], skip(section) + offset, target, options),
    read: (section, offset = 0, sizeBytes = sectionBytes(section) - offset) =>
      container.read(ZKEY_SECTIONS[section], skip(section) + offset, sizeBytes),
    contributions() {
      const label = container.label(ZKEY_SECTIONS.contributions);
      return parseContributions(
        container.read(ZKEY_SECTIONS.contributions),
        header.system === 'groth16' ? 1 : 2,
        (code, where, expected, got) => container.problem(code, `${label}, ${where}`, expected, got),
      );
    },
    partition() {
      if (header.system === 'groth16') return undefined;
      const bits = container.read(ZKEY_SECTIONS.partition);
      for (let i = privateCount(header); i < 8 * bits.length; i++) {
        if ((bits[i >> 3]! >> (i & 7)) & 1) {
          throw container.problem(
            'VALUE_NOT_CANONICAL',
            container.label(ZKEY_SECTIONS.partition),
            `0 in padding bit ${i}`,
            '1',
          );
        }
      }
      return bits;
    },
    container,
    close: () => container.close(),
  };
}

/**
 * Checks records of section 4 that were loaded somewhere: matrix 0 or 1, row in the domain, wire in range, value below r.
 * An engine that applies unchecked records would read and write outside its buffers.
 *
 * @param records - Whole records.
 * @param firstIndex - Index of the first one, for messages.
 * @throws {FileError} `INDEX_RANGE`, `VALUE_NOT_CANONICAL`
 */
export function checkCoefficients(zkey: Zkey, records: Uint8Array, firstIndex = 0): void {
  const { wires, domainLog } = zkey.header;
  const domain = 2 ** domainLog;
  const count = Math.floor(records.length / COEFFICIENT_BYTES);
  for (let i = 0, at = 0; i < count; i++, at += COEFFICIENT_BYTES) {
    const matrix = readU32(records, at);
    const row = readU32(records, at + 4);
    const wire = readU32(records, at + 8);
    if (matrix < 2 && row < domain && wire < wires && isBelowR(records, at + 12)) continue;
    const where = `${zkey.container.label(ZKEY_SECTIONS.coefficients)}, record ${firstIndex + i}`;
    if (matrix > 1) throw zkey.container.problem('INDEX_RANGE', where, 'matrix 0 or 1', `${matrix}`);
    if (row >= domain) throw zkey.container.problem('INDEX_RANGE', where, `a row below ${domain}`, `${row}`);
    if (wire >= wires) throw zkey.container.problem('INDEX_RANGE', where, `a wire below ${wires}`, `${wire}`);
    throw zkey.container.problem(
      'VALUE_NOT_CANONICAL',
      where,
      'a value below r',
      `${readElement(records, at + 12)}`,
    );
  }
}

/** Checks all records of section 4 in the file, piece by piece. See {@link checkCoefficients}. */
export async function checkAllCoefficients(zkey: Zkey, options: LoadOptions = {}): Promise<void> {
  const piece = new Uint8Array(Math.min(CHECK_PIECE, zkey.coefficientCount) * COEFFICIENT_BYTES);
  for (let first = 0; first < zkey.coefficientCount; first += CHECK_PIECE) {
    const records = piece.subarray(
      0,
      Math.min(CHECK_PIECE, zkey.coefficientCount - first) * COEFFICIENT_BYTES,
    );
    await zkey.load('coefficients', records, first * COEFFICIENT_BYTES, options);
    checkCoefficients(zkey, records, first);
  }
}

/**
 * The verification key inside a proving key.
 *
 * @throws {FileError} `POINT_INVALID` where a point of IC is off the curve or at infinity.
 */
export function readVerificationKey(zkey: Zkey): VerificationKey {
  const { header } = zkey;
  const bytes = zkey.read('ic');
  const ic = Array.from({ length: header.publicCount + 1 }, (_, i) =>
    takeG1(zkey.container, `${zkey.container.label(ZKEY_SECTIONS.ic)}, point ${i}`, bytes, i * G1_BYTES),
  );
  const { system, publicCount, alpha1, beta2, gamma2, deltaG2, firstRound } = header;
  const common = { system, publicCount, alpha1, beta2, gamma2, delta2: deltaG2, ic };
  return firstRound === undefined ? common : { ...common, delta1: firstRound.deltaG2 };
}

/** A key under construction. Sections 3 to 12 in any order, each once. */
export type ZkeyWriter = {
  /** Starts a section; its length follows from the header (and the number of coefficients). */
  begin(section: ZkeySection): Promise<void>;
  /** Continues the section begun last. Chunks may be reused after the promise resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /** A whole section. Of section 4: its records, without the count. */
  section(section: ZkeySection, content: Uint8Array): Promise<void>;
  /** Section 10. */
  contributions(contributions: Contributions): Promise<void>;
  /** Checks that everything was written and gives the file its name. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after `commit`. */
  abort(): Promise<void>;
};

/**
 * Starts a proving key: writes the container's head and sections 1, 2 and, for two-round keys, 11.
 *
 * Sections come out in the order in which they are written; snarkjs's `setup` writes 4, 3, 9, 8, 5, 6, 7, 10.
 *
 * @param path - Final name; the file appears at `commit()`.
 * @param header - As it will be read back.
 * @param coefficientCount - Records of section 4.
 */
export async function createZkeyWriter(
  path: string,
  header: ZkeyHeader,
  coefficientCount: number,
): Promise<ZkeyWriter> {
  if ((header.system === 'ultragroth') !== (header.firstRound !== undefined)) {
    throw new RangeError('firstRound must be given exactly for two-round keys');
  }
  const sizes = new Map(fixedSizes(header));
  sizes.set(ZKEY_SECTIONS.coefficients, 4 + coefficientCount * COEFFICIENT_BYTES);
  const writer = await createContainer(path, KIND.magic, 1, header.system === 'groth16' ? 10 : 12);
  try {
    const protocol = new Uint8Array(4);
    writeU32(protocol, 0, header.system === 'groth16' ? GROTH16_ID : ULTRAGROTH_ID);
    await writer.section(ZKEY_SECTIONS.protocol, protocol);
    await writer.section(ZKEY_SECTIONS.header, encodeHeader(header));
    if (header.firstRound !== undefined) {
      const { circuitHash, deltaG1, deltaG2 } = header.firstRound;
      if (circuitHash.length !== 32) throw new RangeError(`circuit hash of ${circuitHash.length} bytes`);
      await writer.section(
        ZKEY_SECTIONS.firstRound,
        Buffer.concat([circuitHash, encodeG1(deltaG1), encodeG2(deltaG2)]),
      );
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const begin = async (section: ZkeySection): Promise<void> => {
    const sizeBytes = sizes.get(ZKEY_SECTIONS[section]);
    if (sizeBytes === undefined)
      throw new RangeError(
        `section ${section}: of another kind of key, written twice, or by contributions()`,
      );
    sizes.delete(ZKEY_SECTIONS[section]);
    await writer.begin(ZKEY_SECTIONS[section], sizeBytes);
    if (section !== 'coefficients') return;
    const count = new Uint8Array(4);
    writeU32(count, 0, coefficientCount);
    await writer.write(count);
  };
  return {
    begin,
    write: (chunk) => writer.write(chunk),
    async section(section, content) {
      await begin(section);
      await writer.write(content);
    },
    contributions: (contributions) =>
      writer.section(ZKEY_SECTIONS.contributions, encodeContributions(contributions)),
    commit: () => writer.commit(),
    abort: () => writer.abort(),
  };
}

function encodeHeader(header: ZkeyHeader): Uint8Array {
  const counts = new Uint8Array(12);
  writeU32(counts, 0, header.wires);
  writeU32(counts, 4, header.publicCount);
  writeU32(counts, 8, 2 ** header.domainLog);
  return Buffer.concat([
    encodePrime('q'),
    encodePrime('r'),
    counts,
    encodeG1(header.alpha1),
    encodeG1(header.beta1),
    encodeG2(header.beta2),
    encodeG2(header.gamma2),
    encodeG1(header.deltaG1),
    encodeG2(header.deltaG2),
  ]);
}
