/**
 * Powers of tau from a public beacon, prepared for phase two: for development and tests.
 *
 * Everyone can recompute τ, α and β of such a file from the beacon recorded in it, so keys made from it protect nothing; a
 * ceremony needs contributors. The bytes are those of `snarkjs powersoftau new`, `beacon` and `prepare phase2`, but knowing
 * the secrets turns group transforms into scalar ones: power 16 takes half a minute instead of a quarter of an hour.
 *
 * Memory: 96 bytes for each of 2^(power + 1) points in the engine, and sections 2 to 6 once in the process.
 */
import { createHash } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import type { Engine, EngineBuffer } from '../engine/types.js';
import { ELEMENT_BYTES, G1_BYTES, G2_BYTES } from '../formats/bytes.js';
import { type ContainerWriter, createContainer } from '../formats/container.js';
import { encodeG1, encodeG2 } from '../formats/points.js';
import {
  encodePtauHeader,
  PTAU_SECTIONS,
  type Ptau,
  type PtauSection,
  ptauPointBytes,
  ptauPointCounts,
} from '../formats/ptau.js';
import { UsageError } from '../statement/errors.js';
import { beaconSeed, seededStream } from './ceremony-random.js';
import { fromNobleG1, fromNobleG2 } from './points.js';
import {
  type BeaconPowers,
  drawPowersKey,
  encodeRecord,
  type FirstPhaseHasher,
  firstChallenge,
  hashFirstPhase,
} from './ptau-transcript.js';
import { type OnStage, orCancelled } from './task.js';

export type WritePtauOptions = {
  readonly path: string;
  /** log₂ of the largest domain, 1 up to {@link MAX_WRITTEN_POWER}. */
  readonly power: number;
  /** Used, not closed. */
  readonly engine: Engine;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

/** Above it the file outgrows what a development machine wants to make. */
export const MAX_WRITTEN_POWER = 22;

/** The beacon of every development file; its name says what it is. */
export const DEVELOPMENT_POWERS: BeaconPowers = {
  name: 'zkfinality development: secrets are public',
  beaconHash: createHash('sha256').update('zkfinality/development-powers-of-tau/v1').digest(),
  iterationsExp: 10,
};

/**
 * Writes a development file: the same bytes for everyone.
 *
 * @throws {UsageError} `PTAU_POWER`; {FileError} `FILE_UNWRITABLE`.
 */
export async function writeDevelopmentPtau(options: WritePtauOptions): Promise<void> {
  await writeBeaconPtau(options, DEVELOPMENT_POWERS);
}

/** Whether a file has the secrets of {@link writeDevelopmentPtau}: they do not depend on the power. */
export async function isDevelopmentPtau(ptau: Pick<Ptau, 'tau1'>): Promise<boolean> {
  const { beaconHash, iterationsExp } = DEVELOPMENT_POWERS;
  const tau = seededStream(await beaconSeed(beaconHash, iterationsExp)).scalar();
  return bn254.G1.Point.BASE.multiply(tau).equals(bn254.G1.Point.fromAffine(ptau.tau1));
}

/**
 * Writes the file of a ceremony whose only contribution is a beacon.
 *
 * @throws {UsageError} `PTAU_POWER`; {FileError} `FILE_UNWRITABLE`.
 */
export async function writeBeaconPtau(options: WritePtauOptions, beacon: BeaconPowers): Promise<void> {
  const { path, power, engine, signal } = options;
  if (!Number.isInteger(power) || power < 1 || power > MAX_WRITTEN_POWER) {
    const message = `power: expected an integer from 1 to ${MAX_WRITTEN_POWER}, got ${power}. Download larger files.`;
    throw new UsageError('PTAU_POWER', message);
  }
  const report = options.onProgress ?? (() => {});
  report({ stage: 'transcript', done: 0 });
  const challenge = firstChallenge(power);
  const stream = seededStream(await beaconSeed(beacon.beaconHash, beacon.iterationsExp, signal));
  const key = drawPowersKey(stream, challenge);
  const { tau, alpha, beta } = key.secrets;
  const most = 2 ** (power + 1);
  // A level of 2^power points of G2 takes as much as one of 2^(power + 1) points of G1.
  const scalars = engine.alloc(most * ELEMENT_BYTES);
  const points = engine.alloc(most * G1_BYTES);
  const writer = await createContainer(path, 'ptau', 1, 11);
  const job: Job = { engine, writer, scalars, points, tau, power, report, signal };
  try {
    await writer.section(PTAU_SECTIONS.header, encodePtauHeader(power, power));
    const hasher = hashFirstPhase(challenge);
    await writePowers(job, hasher, 'tauG1', 1n);
    await writePowers(job, hasher, 'tauG2', 1n);
    await writePowers(job, hasher, 'alphaTauG1', alpha);
    await writePowers(job, hasher, 'betaTauG1', beta);
    await writePowers(job, hasher, 'betaG2', beta);
    const { BASE: one1 } = bn254.G1.Point;
    const { BASE: one2 } = bn254.G2.Point;
    const results = [
      encodeG1(fromNobleG1(one1.multiply(tau))),
      encodeG2(fromNobleG2(one2.multiply(tau))),
      encodeG1(fromNobleG1(one1.multiply(alpha))),
      encodeG1(fromNobleG1(one1.multiply(beta))),
      encodeG2(fromNobleG2(one2.multiply(beta))),
    ];
    await writer.section(
      PTAU_SECTIONS.contributions,
      encodeRecord({ results, key, hashes: hasher.finish(key), beacon }),
    );
    await writeLagrange(job, 'lagrangeTauG1', 1n);
    await writeLagrange(job, 'lagrangeTauG2', 1n);
    await writeLagrange(job, 'lagrangeAlphaTauG1', alpha);
    await writeLagrange(job, 'lagrangeBetaTauG1', beta);
    await writer.commit();
  } catch (error) {
    throw orCancelled(error, signal, 'writing powers of tau');
  } finally {
    await writer.abort();
    engine.free(scalars);
    engine.free(points);
  }
}

type Job = {
  readonly engine: Engine;
  readonly writer: ContainerWriter;
  readonly scalars: EngineBuffer;
  readonly points: EngineBuffer;
  readonly tau: bigint;
  readonly power: number;
  readonly report: OnStage;
  readonly signal: AbortSignal | undefined;
};

const GENERATORS = {
  g1: encodeG1(fromNobleG1(bn254.G1.Point.BASE)),
  g2: encodeG2(fromNobleG2(bn254.G2.Point.BASE)),
};

function groupOf(section: PtauSection): 'g1' | 'g2' {
  return ptauPointBytes(section) === G2_BYTES ? 'g2' : 'g1';
}

/** Points of the scalars in the job's buffer, which are Montgomery and become canonical. */
async function multiplyGenerator(job: Job, section: PtauSection, count: number): Promise<Uint8Array> {
  const { engine, scalars, points } = job;
  job.signal?.throwIfAborted();
  await engine.frFromMontgomery(scalars, count);
  const group = groupOf(section);
  await (group === 'g1'
    ? engine.fixedBaseG1(GENERATORS.g1, scalars, points, count)
    : engine.fixedBaseG2(GENERATORS.g2, scalars, points, count));
  return engine.bytes(points, 0, count * ptauPointBytes(section));
}

/** One of sections 2 to 6: start·τ^i. */
async function writePowers(
  job: Job,
  hasher: FirstPhaseHasher,
  section: PtauSection,
  start: bigint,
): Promise<void> {
  job.report({ stage: section, done: 0 });
  const count = ptauPointCounts(job.power)[section];
  await job.engine.frPowers(job.scalars, count, start, job.tau);
  const points = await multiplyGenerator(job, section, count);
  hasher.section(groupOf(section), points);
  await job.writer.section(PTAU_SECTIONS[section], points);
}

/** One of sections 12 to 15: the interpolation of start·τ^i over each domain is the inverse transform of these powers. */
async function writeLagrange(job: Job, section: PtauSection, start: bigint): Promise<void> {
  const { engine, writer, scalars, power } = job;
  const count = ptauPointCounts(power)[section];
  const top = Math.log2(count + 1) - 1;
  await writer.begin(PTAU_SECTIONS[section], count * ptauPointBytes(section));
  for (let log = 0; log <= top; log++) {
    job.report({ stage: section, done: (2 ** log - 1) / count });
    const size = 2 ** log;
    await engine.frPowers(scalars, size, start, job.tau);
    // Section 2 has no power 2^(power+1) − 1.
    if (log > power) engine.bytes(scalars, (size - 1) * ELEMENT_BYTES, ELEMENT_BYTES).fill(0);
    if (log > 0) await engine.intt(scalars, log);
    await writer.write(await multiplyGenerator(job, section, size));
  }
}
