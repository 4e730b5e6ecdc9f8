/**
 * Powers of tau: `.ptau`, version 1, the result of a first-phase ceremony.
 *
 * Sections 2 to 6 hold τ^i, α·τ^i, β·τ^i in the groups, 7 the ceremony's transcript, and 12 to 15, once prepared for phase
 * two, the same in the Lagrange basis of every domain up to the file's power: level p starts at point 2^p − 1. Level p + 1
 * of section 12 serves the H points; it interpolates all 2^(p+1) − 1 powers of τ and a zero, or one more power in a file that
 * was cut from a larger one.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { toG1, toG2 } from '../statement/noble-points.js';
import type { G1, G2 } from '../statement/types.js';
import { G1_BYTES, G2_BYTES, readU32, writeU32 } from './bytes.js';
import {
  type Container,
  type ContainerKind,
  encodePrime,
  expectPrime,
  type LoadOptions,
  openContainer,
  PRIME_BYTES,
} from './container.js';
import { decodeG1, decodeG2, storedG1Fault, storedG2Fault } from './points.js';

/** Numbers of the sections. */
export const PTAU_SECTIONS = {
  header: 1,
  tauG1: 2,
  tauG2: 3,
  alphaTauG1: 4,
  betaTauG1: 5,
  betaG2: 6,
  contributions: 7,
  lagrangeTauG1: 12,
  lagrangeTauG2: 13,
  lagrangeAlphaTauG1: 14,
  lagrangeBetaTauG1: 15,
} as const;

/** Name of a section with points. */
export type PtauSection = Exclude<keyof typeof PTAU_SECTIONS, 'header' | 'contributions'>;

const KIND: ContainerKind = {
  magic: 'ptau',
  versions: [1],
  sections: Object.fromEntries(Object.entries(PTAU_SECTIONS).map(([name, id]) => [id, name])),
  required: [1, 2, 3, 4, 5, 6, 7],
};

const MAX_POWER = 28;
const HEADER_BYTES = PRIME_BYTES + 8;

/** An open file; its owner calls `close()`. */
export type Ptau = {
  readonly name: string;
  readonly sizeBytes: number;
  /** log₂ of the largest domain. */
  readonly power: number;
  /** The same of the ceremony that this file was cut from. */
  readonly ceremonyPower: number;
  /** Whether the Lagrange sections are there. */
  readonly isPrepared: boolean;
  readonly alpha1: G1;
  readonly beta1: G1;
  readonly beta2: G2;
  readonly tau1: G1;
  readonly tau2: G2;
  /** Fills `target` from point `first` of a section. */
  load(section: PtauSection, first: number, target: Uint8Array, options?: LoadOptions): Promise<void>;
  readonly container: Container;
  close(): void;
};

/** Size of a stored point of a section. */
export function ptauPointBytes(section: PtauSection): number {
  return section === 'tauG2' || section === 'betaG2' || section === 'lagrangeTauG2' ? G2_BYTES : G1_BYTES;
}

/** Points of each section in a file of a power. */
export function ptauPointCounts(power: number): { readonly [section in PtauSection]: number } {
  return {
    tauG1: 2 ** (power + 1) - 1,
    tauG2: 2 ** power,
    alphaTauG1: 2 ** power,
    betaTauG1: 2 ** power,
    betaG2: 1,
    lagrangeTauG1: 2 ** (power + 2) - 1,
    lagrangeTauG2: 2 ** (power + 1) - 1,
    lagrangeAlphaTauG1: 2 ** (power + 1) - 1,
    lagrangeBetaTauG1: 2 ** (power + 1) - 1,
  };
}

/** Where the Lagrange points of the domain of 2^log elements begin, in points. */
export function lagrangeStart(log: number): number {
  return 2 ** log - 1;
}

/**
 * Opens a powers-of-tau file; checks header, sizes, the generators and, by pairings, that τ, α and β are the same in all
 * sections' first points (about 100 ms). That the file as a whole is a good ceremony is not checked here: compare its hash
 * with a published one.
 *
 * @param source - Path of a `.ptau` file, or its content.
 * @param name - Name for messages when `source` is bytes.
 * @throws {FileError} with a code of `FORMAT_CODES`; `PTAU_INCONSISTENT` where the first points contradict each other.
 */
export function openPtau(source: string | Uint8Array, name?: string): Ptau {
  const container = openContainer(source, KIND, name);
  try {
    return parse(container);
  } catch (error) {
    container.close();
    throw error;
  }
}

function parse(container: Container): Ptau {
  const where = container.label(PTAU_SECTIONS.header);
  container.expectSize(PTAU_SECTIONS.header, HEADER_BYTES);
  const header = container.read(PTAU_SECTIONS.header);
  expectPrime(container, where, header, 0, 'q');
  const power = readU32(header, PRIME_BYTES);
  const ceremonyPower = readU32(header, PRIME_BYTES + 4);
  if (power < 1 || power > MAX_POWER)
    throw container.problem('COUNT_MISMATCH', `${where}, power`, `1 to ${MAX_POWER}`, `${power}`);
  if (ceremonyPower < power || ceremonyPower > MAX_POWER) {
    throw container.problem(
      'COUNT_MISMATCH',
      `${where}, ceremony power`,
      `${power} to ${MAX_POWER}`,
      `${ceremonyPower}`,
    );
  }
  const lagrange = (Object.keys(PTAU_SECTIONS) as (keyof typeof PTAU_SECTIONS)[]).filter((section) =>
    section.startsWith('lagrange'),
  );
  const isPrepared = lagrange.some((section) => container.has(PTAU_SECTIONS[section]));
  for (const [section, count] of Object.entries(ptauPointCounts(power)) as [PtauSection, number][]) {
    if (!isPrepared && section.startsWith('lagrange')) continue;
    container.expectSize(PTAU_SECTIONS[section], count * ptauPointBytes(section));
  }
  const points = checkFirstPoints(container);
  return {
    name: container.name,
    sizeBytes: container.sizeBytes,
    power,
    ceremonyPower,
    isPrepared,
    ...points,
    load: (section, first, target, options = {}) =>
      container.load(PTAU_SECTIONS[section], first * ptauPointBytes(section), target, options),
    container,
    close: () => container.close(),
  };
}

function checkFirstPoints(container: Container): Pick<Ptau, 'alpha1' | 'beta1' | 'beta2' | 'tau1' | 'tau2'> {
  const g1 = (section: PtauSection, index: number): G1 => {
    const bytes = container.read(PTAU_SECTIONS[section], index * G1_BYTES, G1_BYTES);
    const fault = storedG1Fault(bytes);
    const where = `${container.label(PTAU_SECTIONS[section])}, point ${index}`;
    if (fault !== undefined)
      throw container.problem('POINT_INVALID', where, 'a point of G1 other than infinity', fault);
    return decodeG1(bytes);
  };
  const g2 = (section: PtauSection, index: number): G2 => {
    const bytes = container.read(PTAU_SECTIONS[section], index * G2_BYTES, G2_BYTES);
    const fault = storedG2Fault(bytes);
    const where = `${container.label(PTAU_SECTIONS[section])}, point ${index}`;
    if (fault !== undefined)
      throw container.problem('POINT_INVALID', where, 'a point of G2 other than infinity', fault);
    return decodeG2(bytes);
  };
  const { BASE: one1 } = bn254.G1.Point;
  const { BASE: one2 } = bn254.G2.Point;
  const insist = (condition: boolean, section: PtauSection, expected: string): void => {
    if (condition) return;
    const next = 'Use a file whose published hash it matches.';
    throw container.problem(
      'PTAU_INCONSISTENT',
      container.label(PTAU_SECTIONS[section]),
      expected,
      'something else',
      next,
    );
  };
  insist(toG1(g1('tauG1', 0)).equals(one1), 'tauG1', 'the generator first');
  insist(toG2(g2('tauG2', 0)).equals(one2), 'tauG2', 'the generator first');
  const points = {
    alpha1: g1('alphaTauG1', 0),
    beta1: g1('betaTauG1', 0),
    beta2: g2('betaG2', 0),
    tau1: g1('tauG1', 1),
    tau2: g2('tauG2', 1),
  };
  /** e(a, second of the other group's pair) equality: a : one1 = b : one2. */
  const sameScalar = (a: G1, b: G2): boolean =>
    bn254.fields.Fp12.eql(
      bn254.pairingBatch([
        { g1: toG1(a), g2: one2 },
        { g1: one1.negate(), g2: toG2(b) },
      ]),
      bn254.fields.Fp12.ONE,
    );
  insist(sameScalar(points.tau1, points.tau2), 'tauG2', 'the same τ as section 2');
  insist(sameScalar(points.beta1, points.beta2), 'betaG2', 'the same β as section 5');
  const alphaTau = g1('alphaTauG1', 1);
  const betaTau = g1('betaTauG1', 1);
  const timesTau = (next: G1, base: G1): boolean =>
    bn254.fields.Fp12.eql(
      bn254.pairingBatch([
        { g1: toG1(next), g2: one2 },
        { g1: toG1(base).negate(), g2: toG2(points.tau2) },
      ]),
      bn254.fields.Fp12.ONE,
    );
  insist(timesTau(alphaTau, points.alpha1), 'alphaTauG1', 'powers of the same τ');
  insist(timesTau(betaTau, points.beta1), 'betaTauG1', 'powers of the same τ');
  return points;
}

/** Content of section 1. */
export function encodePtauHeader(power: number, ceremonyPower: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(encodePrime('q'));
  writeU32(header, PRIME_BYTES, power);
  writeU32(header, PRIME_BYTES + 4, ceremonyPower);
  return header;
}
