/**
 * Whether the part of a powers-of-tau file that one domain uses is what it claims to be.
 *
 * `openPtau` ties the first points of all sections together. From there, with random scalars ρ of 128 bits,
 *
 *     powers        Σ ρ_i [τ^(i+1)]₁ = τ · Σ ρ_i [τ^i]₁, tested by a pairing with [τ]₂; the same for α·τ^i and β·τ^i
 *     groups        Σ ρ_i [τ^i]₁ and Σ ρ_i [τ^i]₂ have the same logarithm
 *     interpolation Σ ρ_j L_j = Σ c_i P_i, where c is the inverse transform of ρ, in every Lagrange section
 *
 * and all points are on their curves, those of G2 in the subgroup. The twist's order has the factor 10069, so one combination
 * says little about torsion: ten of 14 bits each leave 2^-130.
 *
 * That τ, α and β are unknown to anyone is the ceremony's matter: compare the file's hash with a published one.
 */
import { randomFillSync } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import type { Engine, EngineBuffer } from '../engine/types.js';
import { ELEMENT_BYTES, G1_BYTES, G2_BYTES, isBelowQ, readElement, writeU32 } from '../formats/bytes.js';
import { decodeG2 } from '../formats/points.js';
import { lagrangeStart, type Ptau, type PtauSection, ptauPointCounts } from '../formats/ptau.js';
import { G2 as G2Curve } from '../math/bn254.js';
import { Fr } from '../math/field.js';
import { toG2 } from '../statement/noble-points.js';
import { fillRandomScalars, findOffCurve } from './ceremony-points.js';
import { isSameRatio } from './ceremony-transcript.js';
import { type NobleG1, type NobleG2, nobleFromG1Bytes, nobleFromG2Bytes } from './points.js';
import { type BufferScope, type OnStage, throwIfCancelled, withBuffers } from './task.js';

/** Why a file is refused; part of `CEREMONY_CODES`. */
export type PowersCode = 'POWERS_POINT' | 'POWERS_CHAIN' | 'POWERS_LAGRANGE';

export type PowersFault = { readonly code: PowersCode; readonly message: string };

export type VerifyPowersOptions = {
  readonly ptau: Ptau;
  /** log₂ of the domain; at most the file's power. */
  readonly domainLog: number;
  /** Used, not closed. */
  readonly engine: Engine;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

const TASK = 'verifying powers of tau';
const TORSION_ROUNDS = 10;
const TORSION_BITS = 14;
const CHAINS = ['tauG1', 'alphaTauG1', 'betaTauG1'] as const;
const INTERPOLATIONS = [
  ['lagrangeTauG1', 'tauG1'],
  ['lagrangeAlphaTauG1', 'alphaTauG1'],
  ['lagrangeBetaTauG1', 'betaTauG1'],
] as const;

/**
 * Checks the powers and Lagrange points of a prepared file up to one domain.
 *
 * Cost: about 16 G1 and 3 G2 multi-scalar products of the domain's size, and some 50 µs a row for points on their curves.
 *
 * @returns The first fault, or undefined.
 */
export async function verifyPowers(options: VerifyPowersOptions): Promise<PowersFault | undefined> {
  const { ptau, domainLog, engine, onProgress, signal } = options;
  const size = 2 ** domainLog;
  return withBuffers(engine, async (scope) => {
    const work: Work = {
      ptau,
      engine,
      size,
      scalars: scope.alloc(2 * size * ELEMENT_BYTES),
      points: scope.alloc(2 * size * G1_BYTES),
      scope,
    };
    const step = (done: number): void => {
      throwIfCancelled(signal, TASK);
      onProgress?.({ stage: 'powers of tau', done });
    };
    for (const [i, section] of CHAINS.entries()) {
      step(i / 8);
      const fault = await chainFault(work, section);
      if (fault !== undefined) return fault;
    }
    step(3 / 8);
    const groups = await groupsFault(work);
    if (groups !== undefined) return groups;
    for (const [i, [lagrange, powers]] of INTERPOLATIONS.entries()) {
      step((4 + i) / 8);
      const fault = await interpolationFault(work, lagrange, powers, domainLog);
      if (fault !== undefined) return fault;
    }
    step(7 / 8);
    return interpolationFault(work, 'lagrangeTauG1', 'tauG1', domainLog + 1);
  });
}

type Work = {
  readonly ptau: Ptau;
  readonly engine: Engine;
  /** Of the domain. */
  readonly size: number;
  /** Two scalars and two points of G1, or one of G2, for each element of the domain. */
  readonly scalars: EngineBuffer;
  readonly points: EngineBuffer;
  readonly scope: BufferScope;
};

/** A fault found while loading points. */
class BadPoint extends Error {
  constructor(readonly fault: PowersFault) {
    super(fault.message);
  }
}

/** Loads points of G1; those not met before must be on the curve. */
async function loadG1(
  { ptau, engine, points }: Work,
  section: PtauSection,
  first: number,
  count: number,
  options: { readonly areChecked?: boolean } = {},
): Promise<void> {
  const bytes = engine.bytes(points, 0, count * G1_BYTES);
  await ptau.load(section, first, bytes);
  const off = options.areChecked === true ? undefined : findOffCurve(bytes);
  if (off !== undefined) throw new BadPoint(pointFault(section, first + off, 'off the curve'));
}

function pointFault(section: PtauSection, index: number, what: string): PowersFault {
  return { code: 'POWERS_POINT', message: `section ${section}, point ${index}: ${what}.` };
}

/** Runs a check; a bad point met on the way is its fault. */
async function faultOf(check: () => Promise<PowersFault | undefined>): Promise<PowersFault | undefined> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof BadPoint) return error.fault;
    throw error;
  }
}

/** Points i + 1 must be τ times points i. */
async function chainFault(work: Work, section: (typeof CHAINS)[number]): Promise<PowersFault | undefined> {
  const { ptau, engine, size, scalars, points } = work;
  const count = section === 'tauG1' ? Math.min(2 * size, ptauPointCounts(ptau.power).tauG1) : size;
  return faultOf(async () => {
    await loadG1(work, section, 0, count);
    fillRandomScalars(engine, scalars, count - 1);
    const low = nobleFromG1Bytes(await engine.msmG1(points, scalars, count - 1));
    const high = nobleFromG1Bytes(await engine.msmG1(points, scalars, count - 1, { pointOffset: 1 }));
    if (isSameRatio(low, high, bn254.G2.Point.BASE, toG2(ptau.tau2))) return undefined;
    return { code: 'POWERS_CHAIN', message: `section ${section} does not hold powers of one τ.` };
  });
}

/** [τ^i]₂ must have the logarithms of [τ^i]₁. */
async function groupsFault(work: Work): Promise<PowersFault | undefined> {
  const { engine, size, scalars, points } = work;
  return faultOf(async () => {
    await loadG1(work, 'tauG1', 0, size, { areChecked: true });
    fillRandomScalars(engine, scalars, size);
    const inG1 = nobleFromG1Bytes(await engine.msmG1(points, scalars, size));
    await loadG2(work, 'tauG2', 0, size);
    const inG2 = nobleFromG2Bytes(await engine.msmG2(points, scalars, size));
    if (isSameRatio(bn254.G1.Point.BASE, inG1, bn254.G2.Point.BASE, inG2)) {
      return interpolationG2Fault(work, inG2);
    }
    return { code: 'POWERS_CHAIN', message: 'section tauG2 does not hold the powers of section tauG1.' };
  });
}

/** Loads points of G2 that are on the twist and in the subgroup. */
async function loadG2(work: Work, section: PtauSection, first: number, count: number): Promise<void> {
  const { ptau, engine, points, scope } = work;
  const bytes = engine.bytes(points, 0, count * G2_BYTES);
  await ptau.load(section, first, bytes);
  for (let i = 0; i < count; i++) {
    const at = i * G2_BYTES;
    const isCanonical = [0, 32, 64, 96].every((coordinate) => isBelowQ(bytes, at + coordinate));
    if (isCanonical && G2Curve.isOnCurve(decodeG2(bytes, at))) continue;
    throw new BadPoint(pointFault(section, first + i, 'off the curve'));
  }
  const small = scope.alloc(count * ELEMENT_BYTES);
  try {
    for (let round = 0; round < TORSION_ROUNDS; round++) {
      fillSmallScalars(engine.bytes(small, 0, count * ELEMENT_BYTES));
      if (nobleFromG2Bytes(await engine.msmG2(points, small, count)).isTorsionFree()) continue;
      throw new BadPoint({
        code: 'POWERS_POINT',
        message: `section ${section}: a point outside the subgroup.`,
      });
    }
  } finally {
    scope.free(small);
  }
}

function fillSmallScalars(bytes: Uint8Array): void {
  bytes.fill(0);
  const random = new Uint16Array(bytes.length / ELEMENT_BYTES);
  for (let at = 0; at < random.length; at += 32768) randomFillSync(random.subarray(at, at + 32768));
  for (const [i, value] of random.entries())
    writeU32(bytes, i * ELEMENT_BYTES, value >>> (16 - TORSION_BITS));
}

/** Replaces `count` canonical scalars by their inverse transform. */
async function interpolate({ engine, scalars }: Work, count: number): Promise<void> {
  await engine.frToMontgomery(scalars, count);
  await engine.intt(scalars, Math.log2(count));
  await engine.frFromMontgomery(scalars, count);
}

/** The Lagrange points of a domain of 2^log must interpolate the powers. */
async function interpolationFault(
  work: Work,
  lagrange: (typeof INTERPOLATIONS)[number][0],
  powers: (typeof INTERPOLATIONS)[number][1],
  log: number,
): Promise<PowersFault | undefined> {
  const { ptau, engine, scalars, points } = work;
  const count = 2 ** log;
  return faultOf(async () => {
    await loadG1(work, lagrange, lagrangeStart(log), count);
    fillRandomScalars(engine, scalars, count);
    const expected = nobleFromG1Bytes(await engine.msmG1(points, scalars, count));
    await interpolate(work, count);
    const given = Math.min(count, ptauPointCounts(ptau.power)[powers]);
    await loadG1(work, powers, 0, given, { areChecked: true });
    const found = nobleFromG1Bytes(await engine.msmG1(points, scalars, given));
    if (found.equals(expected)) return undefined;
    return given < count && isLastPower(work, expected.subtract(found), given)
      ? undefined
      : lagrangeFault(lagrange, log);
  });
}

/**
 * The file lacks the last power, [τ^(2n−1)]₁, of its largest doubled domain. Lagrange points made from it count that power as
 * zero; those of a file cut from a larger one have it. Then what is missing, divided by its coefficient, is τ times the last
 * power given.
 */
function isLastPower({ ptau, engine, scalars, points }: Work, difference: NobleG1, given: number): boolean {
  const coefficient = readElement(engine.bytes(scalars, given * ELEMENT_BYTES, ELEMENT_BYTES));
  if (coefficient === 0n || difference.is0()) return false;
  const last = nobleFromG1Bytes(engine.bytes(points, (given - 1) * G1_BYTES, G1_BYTES));
  const missing = difference.multiply(Fr.inv(coefficient));
  return isSameRatio(last, missing, bn254.G2.Point.BASE, toG2(ptau.tau2));
}

function lagrangeFault(section: PtauSection, log: number): PowersFault {
  return {
    code: 'POWERS_LAGRANGE',
    message: `section ${section} does not interpolate the powers on the domain 2^${log}.`,
  };
}

/**
 * The same in G2. The scalars of `work` are the ρ of `combination` = Σ ρ_i [τ^i]₂; the transform is applied the other way
 * round, Σ ρ_i P_i = Σ_j (transform of ρ)_j L_j, so that the powers need not be loaded again.
 */
async function interpolationG2Fault(work: Work, combination: NobleG2): Promise<PowersFault | undefined> {
  const { engine, size, scalars, points } = work;
  const log = Math.log2(size);
  await engine.frToMontgomery(scalars, size);
  await engine.ntt(scalars, log);
  await engine.frFromMontgomery(scalars, size);
  await loadG2(work, 'lagrangeTauG2', lagrangeStart(log), size);
  const found = nobleFromG2Bytes(await engine.msmG2(points, scalars, size));
  return found.equals(combination) ? undefined : lagrangeFault('lagrangeTauG2', log);
}
