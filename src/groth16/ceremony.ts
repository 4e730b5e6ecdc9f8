/**
 * The second phase of a ceremony: contributions to a proving key.
 *
 * A contribution multiplies δ by a secret y that its author forgets; the private basis and H are divided by it. Two-round
 * keys take independent y₁ and y₂ for δ₁ and δ₂. As long as one author forgot, nobody can forge. Plain keys and records
 * have the bytes that snarkjs writes.
 */
import { randomFillSync } from 'node:crypto';
import { resolve } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import type { Engine } from '../engine/types.js';
import { G1_BYTES } from '../formats/bytes.js';
import { type Contribution, type Contributions, MAX_NAME_LENGTH } from '../formats/contributions.js';

import {
  createZkeyWriter,
  openZkey,
  ZKEY_SECTIONS,
  type Zkey,
  type ZkeyHeader,
  type ZkeySection,
  type ZkeyWriter,
} from '../formats/zkey.js';
import { Fr } from '../math/field.js';
import { UsageError } from '../statement/errors.js';
import { toG2 } from '../statement/noble-points.js';
import type { G2 } from '../statement/types.js';
import { findOffCurve } from './ceremony-points.js';
import {
  BEACON_EXPONENT,
  beaconSeed,
  contributionSeed,
  MAX_BEACON_BYTES,
  seededStream,
} from './ceremony-random.js';
import { contributionHash, createTranscript, drawFactors } from './ceremony-transcript.js';
import { fromNobleG2 } from './points.js';
import { type OnStage, orCancelled, throwIfCancelled } from './task.js';

type CommonOptions = {
  /** The key to contribute to. */
  readonly zkeyPath: string;
  /** The key to write; another file. */
  readonly outPath: string;
  /** Used, not closed. */
  readonly engine: Engine;
  /** Shown by verifiers; cut to 64 characters. */
  readonly name?: string;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

export type ContributeOptions = CommonOptions & {
  /** Text that is hashed with the system's randomness: typed by the author. */
  readonly entropy?: string;
  /** Source of secret bytes; default: the system's. Injected by tests only. */
  readonly random?: (count: number) => Uint8Array;
};

export type BeaconOptions = CommonOptions & {
  /** A public random value fixed in advance by its time, 1 up to 255 bytes. */
  readonly beaconHash: Uint8Array;
  /** log₂ of the number of hashes, 10 up to 63. */
  readonly iterationsExp: number;
};

export type ContributionResult = {
  /** Fingerprint of the contribution, 64 bytes, to be published by its author. */
  readonly contributionHash: Uint8Array;
  readonly circuitHash: Uint8Array;
  /** How many contributions the new key has. */
  readonly count: number;
};

const TASK = 'contribution';
/** Points scaled at a time. */
const PIECE_POINTS = 1 << 15;

/**
 * Adds a random contribution. The secret is used and dropped; nothing of it is written.
 *
 * @returns Fingerprints to publish.
 * @throws {FileError} codes of `FORMAT_CODES`, `POINT_INVALID` for a key with points off the curve among them; {UsageError}
 *   `SAME_FILE`, `CANCELLED`.
 */
export async function contribute(options: ContributeOptions): Promise<ContributionResult> {
  const random = options.random ?? ((count: number) => randomFillSync(new Uint8Array(count)));
  const seed = contributionSeed(random(64), options.entropy ?? '');
  return extend(options, seed, { kind: 'random' });
}

/**
 * Adds the contribution of a public beacon: everyone can recompute it. It should be the last one.
 *
 * Takes about a second for each 2^20 hashes besides the scaling.
 *
 * @throws {UsageError} `BEACON_HASH`, `BEACON_ITERATIONS`, `SAME_FILE`; {FileError} codes of `FORMAT_CODES`.
 */
export async function beacon(options: BeaconOptions): Promise<ContributionResult> {
  const { beaconHash, iterationsExp, signal } = options;
  if (beaconHash.length < 1 || beaconHash.length > MAX_BEACON_BYTES) {
    const message = `beacon hash: expected 1 to ${MAX_BEACON_BYTES} bytes, got ${beaconHash.length}. Give the published value.`;
    throw new UsageError('BEACON_HASH', message);
  }
  const { min, max } = BEACON_EXPONENT;
  if (!Number.isInteger(iterationsExp) || iterationsExp < min || iterationsExp > max) {
    const message = `beacon iterations: expected an exponent from ${min} to ${max}, got ${iterationsExp}. 10 is usual.`;
    throw new UsageError('BEACON_ITERATIONS', message);
  }
  options.onProgress?.({ stage: 'beacon', done: 0 });
  const seed = await beaconSeed(beaconHash, iterationsExp, signal);
  return extend(options, seed, { kind: 'beacon', iterationsExp, beaconHash });
}

type RecordKind = Pick<Contribution, 'kind' | 'iterationsExp' | 'beaconHash'>;

async function extend(
  options: CommonOptions,
  seed: Uint8Array,
  kind: RecordKind,
): Promise<ContributionResult> {
  const { zkeyPath, outPath, engine, name } = options;
  if (resolve(zkeyPath) === resolve(outPath)) {
    throw new UsageError(
      'SAME_FILE',
      `${outPath}: a contribution needs a file of its own. Name another output.`,
    );
  }
  throwIfCancelled(options.signal, TASK);
  const zkey = openZkey(zkeyPath);
  try {
    const { circuitHash, list } = zkey.contributions();
    const transcript = createTranscript(circuitHash);
    for (const contribution of list) transcript.append(contribution);
    const factors = drawFactors(seededStream(seed), transcript, deltasOf(zkey.header));
    const { deltaAfter, proofs } = factors;
    const named = name === undefined || name === '' ? {} : { name: name.slice(0, MAX_NAME_LENGTH) };
    const record: Contribution = { deltaAfter, proofs, transcript: factors.transcript, ...kind, ...named };
    const header = multiplyDeltas(zkey.header, factors.secrets);
    const extended = { circuitHash, list: [...list, record] };
    const job: Job = { zkey, engine, report: options.onProgress ?? (() => {}), signal: options.signal };
    await writeScaled(job, outPath, header, factors.secrets, extended);
    return { contributionHash: contributionHash(record), circuitHash, count: extended.list.length };
  } catch (error) {
    throw orCancelled(error, options.signal, TASK);
  } finally {
    zkey.close();
  }
}

/** [δ]₁ of a plain key, [δ₁]₁ and [δ₂]₁ of a two-round one. */
export function deltasOf(header: ZkeyHeader): { readonly x: bigint; readonly y: bigint }[] {
  return header.firstRound === undefined ? [header.deltaG1] : [header.firstRound.deltaG1, header.deltaG1];
}

function multiplyDeltas(header: ZkeyHeader, secrets: readonly bigint[]): ZkeyHeader {
  const g1 = (point: { x: bigint; y: bigint }, secret: bigint) => {
    const { x, y } = bn254.G1.Point.fromAffine(point).multiply(secret).toAffine();
    return { x, y };
  };
  const g2 = (point: G2, secret: bigint): G2 => fromNobleG2(toG2(point).multiply(secret));
  const second = secrets[secrets.length - 1]!;
  const after = { ...header, deltaG1: g1(header.deltaG1, second), deltaG2: g2(header.deltaG2, second) };
  if (header.firstRound === undefined) return after;
  const { circuitHash, deltaG1, deltaG2 } = header.firstRound;
  const first = secrets[0]!;
  return { ...after, firstRound: { circuitHash, deltaG1: g1(deltaG1, first), deltaG2: g2(deltaG2, first) } };
}

type Job = {
  readonly zkey: Zkey;
  readonly engine: Engine;
  readonly report: OnStage;
  readonly signal: AbortSignal | undefined;
};

/** Copies the key, with section 8 and 9 divided by the factors; sections in ascending order, as snarkjs writes them. */
async function writeScaled(
  job: Job,
  outPath: string,
  header: ZkeyHeader,
  secrets: readonly bigint[],
  contributions: Contributions,
): Promise<void> {
  const { zkey } = job;
  const writer = await createZkeyWriter(outPath, header, zkey.coefficientCount);
  try {
    for (const section of ['ic', 'coefficients', 'a', 'b1', 'b2'] as const)
      await copySection(job, writer, section);
    const inverses = secrets.map((secret) => Fr.inv(secret));
    const second = inverses[inverses.length - 1]!;
    const partition = zkey.partition();
    await scaleSection(job, writer, 'privateBasis', (first, count) =>
      partition === undefined ? [whole(count, second)] : splitRounds(partition, first, count, inverses),
    );
    await scaleSection(job, writer, 'h', (_, count) => [whole(count, second)]);
    await writer.contributions(contributions);
    if (partition !== undefined) await writer.section('partition', partition);
    await writer.commit();
  } finally {
    await writer.abort();
  }
}

async function copySection(
  { zkey, report, signal }: Job,
  writer: ZkeyWriter,
  section: ZkeySection,
): Promise<void> {
  const sizeBytes = zkey.sectionBytes(section);
  const piece = new Uint8Array(Math.min(1 << 22, sizeBytes));
  await writer.begin(section);
  for (let done = 0; done < sizeBytes; done += piece.length) {
    report({ stage: `copying ${section}`, done: done / sizeBytes });
    const part = piece.subarray(0, Math.min(piece.length, sizeBytes - done));
    await zkey.load(section, part, done, signal === undefined ? {} : { signal });
    await writer.write(part);
  }
}

/** Which of the loaded points are multiplied by which scalar. */
type Share = {
  readonly indices: readonly number[] | undefined;
  readonly count: number;
  readonly scalar: bigint;
};

function whole(count: number, scalar: bigint): Share {
  return { indices: undefined, count, scalar };
}

/** First-round points take the first scalar, the others the second. */
function splitRounds(
  partition: Uint8Array,
  first: number,
  count: number,
  [one, two]: readonly bigint[],
): Share[] {
  const rounds: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++)
    rounds[((partition[(first + i) >> 3]! >> ((first + i) & 7)) & 1) === 1 ? 0 : 1].push(i);
  return [
    { indices: rounds[0], count: rounds[0].length, scalar: one! },
    { indices: rounds[1], count: rounds[1].length, scalar: two! },
  ];
}

/**
 * A point off the curve may have a small order on another curve with the same addition formulas; its multiple would tell the
 * secret modulo that order to whoever planted it.
 */
function refuseOffCurve(zkey: Zkey, section: 'privateBasis' | 'h', first: number, points: Uint8Array): void {
  const off = findOffCurve(points);
  if (off === undefined) return;
  const where = `${zkey.container.label(ZKEY_SECTIONS[section])}, point ${first + off}`;
  const next = 'Do not contribute to this key: ask where it came from, and verify the ceremony.';
  throw zkey.container.problem('POINT_INVALID', where, 'a point of the curve', 'another', next);
}

async function scaleSection(
  { zkey, engine, report, signal }: Job,
  writer: ZkeyWriter,
  section: 'privateBasis' | 'h',
  shares: (first: number, count: number) => Share[],
): Promise<void> {
  const points = zkey.sectionBytes(section) / G1_BYTES;
  const piece = Math.max(1, Math.min(PIECE_POINTS, points));
  const buffer = engine.alloc(piece * G1_BYTES);
  const loaded = new Uint8Array(piece * G1_BYTES);
  try {
    await writer.begin(section);
    for (let first = 0; first < points; first += piece) {
      signal?.throwIfAborted();
      report({ stage: `scaling ${section}`, done: first / points });
      const count = Math.min(piece, points - first);
      const part = loaded.subarray(0, count * G1_BYTES);
      await zkey.load(section, part, first * G1_BYTES, signal === undefined ? {} : { signal });
      refuseOffCurve(zkey, section, first, part);
      for (const share of shares(first, count)) {
        if (share.count === 0) continue;
        const shared = engine.bytes(buffer, 0, share.count * G1_BYTES);
        const place = (k: number): number => (share.indices === undefined ? k : share.indices[k]!) * G1_BYTES;
        for (let k = 0; k < share.count; k++)
          shared.set(part.subarray(place(k), place(k) + G1_BYTES), k * G1_BYTES);
        await engine.scaleG1(buffer, share.count, share.scalar);
        const scaled = engine.bytes(buffer, 0, share.count * G1_BYTES);
        for (let k = 0; k < share.count; k++)
          part.set(scaled.subarray(k * G1_BYTES, (k + 1) * G1_BYTES), place(k));
      }
      await writer.write(part);
    }
  } finally {
    engine.free(buffer);
  }
}
