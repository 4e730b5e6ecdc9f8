/**
 * Verification of a proving key against its circuit, its powers of tau, and the record of its ceremony.
 *
 * The initial key is made again from `.r1cs` and `.ptau`; then the key must be that key after the recorded contributions:
 *
 *   1. every contribution is bound to the transcript, proves its factors, and chains [δ]₁; beacons are recomputed;
 *   2. header, circuit hash and all sections that contributions do not touch are the same, byte for byte;
 *   3. [δ]₁ and [δ]₂ agree and are what the last contribution left;
 *   4. private basis and H are the initial ones divided by δ: on the curve, and in the right ratio by random combinations
 *      with scalars of 128 bits;
 *   5. the part of the `.ptau` that the circuit uses agrees with itself, see `verifyPowers`.
 *
 * That nobody knows the secrets of the `.ptau` cannot be seen here: compare its hash with a published one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import type { Engine } from '../engine/types.js';
import { ELEMENT_BYTES, equalBytes, G1_BYTES, G2_BYTES } from '../formats/bytes.js';
import type { Contribution } from '../formats/contributions.js';
import { decodeG1, encodeG1 } from '../formats/points.js';
import { openPtau } from '../formats/ptau.js';
import { openZkey, ZKEY_SECTIONS, type Zkey, type ZkeyHeader, type ZkeySection } from '../formats/zkey.js';
import { UsageError } from '../statement/errors.js';
import { toG1, toG2 } from '../statement/noble-points.js';
import type { G2 } from '../statement/types.js';
import { deltasOf } from './ceremony.js';
import { fillRandomScalars, findOffCurve } from './ceremony-points.js';
import { BEACON_EXPONENT, beaconSeed, seededStream } from './ceremony-random.js';
import {
  contributionHash,
  createTranscript,
  factorBases,
  hasValidPoints,
  isFactorProved,
  isSameRatio,
} from './ceremony-transcript.js';
import { type NobleG1, nobleFromG1Bytes } from './points.js';
import { setupFromPtau } from './ptau-setup.js';
import { verifyPowers } from './ptau-verify.js';
import { type OnStage, orCancelled } from './task.js';

/** Why a key is refused. */
export const CEREMONY_CODES = {
  CONTRIBUTION_POINT: 'a point of a contribution is not in its group',
  CONTRIBUTION_TRANSCRIPT: 'a contribution is not bound to those before it',
  CONTRIBUTION_PROOF: 'a contribution does not prove the factor it applied',
  BEACON_ITERATIONS: 'a beacon has an exponent out of range, or more work than the caller allows',
  BEACON_MISMATCH: 'a beacon contribution is not what its hash determines',
  DELTA_MISMATCH: 'delta is not what the last contribution left, or differs between the groups',
  DELTA_RELATION:
    'delta 1 and delta 2 of a contributed key are equal or opposite, or one of them is plus or minus one',
  CIRCUIT_MISMATCH: 'the key belongs to another circuit, partition or powers of tau',
  SECTION_MISMATCH: 'a section that contributions leave alone was changed',
  BASIS_POINT: 'a point of the private basis or of H is off the curve',
  BASIS_RATIO: 'the private basis is not the initial one divided by delta',
  H_RATIO: 'H is not the initial one divided by delta',
  POWERS_POINT: 'a point of the powers of tau is not in its group',
  POWERS_CHAIN: 'the powers of tau are not powers of one number',
  POWERS_LAGRANGE: 'the Lagrange points of the powers of tau are not their interpolation',
} as const;

export type CeremonyCode = keyof typeof CEREMONY_CODES;

/** One verified contribution. */
export type ContributionSummary = {
  readonly name?: string;
  readonly kind: 'random' | 'beacon';
  /** Fingerprint, 64 bytes, as its author published it. */
  readonly hash: Uint8Array;
  readonly iterationsExp?: number;
  readonly beaconHash?: Uint8Array;
};

export type CeremonyResult =
  | {
      readonly ok: true;
      readonly header: ZkeyHeader;
      readonly circuitHash: Uint8Array;
      /** Empty for an initial key, which is well formed but must not be used. */
      readonly contributions: readonly ContributionSummary[];
      /** Whether τ, α and β are the published development ones: such a key protects nothing. */
      readonly hasDevelopmentPowers: boolean;
    }
  | { readonly ok: false; readonly code: CeremonyCode; readonly message: string };

export type VerifyCeremonyOptions = {
  readonly zkeyPath: string;
  readonly r1csPath: string;
  readonly ptauPath: string;
  /** Used, not closed. */
  readonly engine: Engine;
  /**
   * For a two-round circuit: the partition that the caller derived from the circuit; the key's own must equal it. A key
   * that commits too little before the challenge is forgeable, so it is never taken from the key alone.
   */
  readonly partition?: Uint8Array;
  /** Where the initial key is made for comparison, as large as the key; default: the system's temporary folder. */
  readonly workFolder?: string;
  /** Most work to accept for one beacon, as log₂ of hashes; default 30, about a quarter of an hour. */
  readonly maxIterationsExp?: number;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

const TASK = 'verifying the ceremony';
const PIECE_BYTES = 1 << 22;
const PIECE_POINTS = 1 << 16;
const DEFAULT_MAX_ITERATIONS_EXP = 30;

class Refusal extends Error {
  constructor(
    readonly code: CeremonyCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Verifies a key. Takes as long as its setup, plus some twenty multi-scalar products and about 50 µs a row.
 *
 * @returns The ceremony's record, or the first failed check with its code.
 * @throws {FileError} codes of `FORMAT_CODES` when a file is malformed; {UsageError} `PARTITION_MISSING`, `CANCELLED`.
 */
export async function verifyCeremony(options: VerifyCeremonyOptions): Promise<CeremonyResult> {
  const zkey = openZkey(options.zkeyPath);
  try {
    const { circuitHash, list } = zkey.contributions();
    if (zkey.header.system === 'ultragroth' && options.partition === undefined) {
      const message =
        'verifyCeremony: a two-round key needs the partition of its circuit. Derive it from .r1cs and .sym.';
      throw new UsageError('PARTITION_MISSING', message);
    }
    const contributions = await checkContributions(zkey.header, circuitHash, list, options);
    const hasDevelopmentPowers = await checkAgainstInitial(zkey, circuitHash, options);
    await checkPowers(zkey.header.domainLog, options);
    return { ok: true, header: zkey.header, circuitHash, contributions, hasDevelopmentPowers };
  } catch (error) {
    if (error instanceof Refusal)
      return { ok: false, code: error.code, message: `${options.zkeyPath}: ${error.message}` };
    throw orCancelled(error, options.signal, TASK);
  } finally {
    zkey.close();
  }
}

/** Step 1, and the chain of step 3. */
async function checkContributions(
  header: ZkeyHeader,
  circuitHash: Uint8Array,
  list: readonly Contribution[],
  options: VerifyCeremonyOptions,
): Promise<ContributionSummary[]> {
  const rounds = header.firstRound === undefined ? 1 : 2;
  const one = bn254.G1.Point.BASE;
  const transcript = createTranscript(circuitHash);
  let deltas: NobleG1[] = Array.from({ length: rounds }, () => one);
  const summaries: ContributionSummary[] = [];
  for (const [i, contribution] of list.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ stage: 'contributions', done: i / list.length });
    const who = `contribution ${i + 1}${contribution.name === undefined ? '' : ` (${JSON.stringify(contribution.name)})`}`;
    if (!hasValidPoints(contribution))
      throw new Refusal('CONTRIBUTION_POINT', `${who} has a point outside its group or at infinity.`);
    if (!equalBytes(transcript.next(contribution.proofs, contribution.deltaAfter), contribution.transcript)) {
      throw new Refusal(
        'CONTRIBUTION_TRANSCRIPT',
        `${who} is not bound to the circuit and the contributions before it.`,
      );
    }
    const bases = factorBases(contribution.transcript, rounds);
    for (let j = 0; j < rounds; j++) {
      if (isFactorProved(contribution, j, bases[j]!, deltas[j]!)) continue;
      throw new Refusal(
        'CONTRIBUTION_PROOF',
        `${who} does not prove knowledge of the factor${rounds === 2 ? ` of delta ${j + 1}` : ''} it applied.`,
      );
    }
    if (contribution.kind === 'beacon') await checkBeacon(contribution, who, options);
    deltas = contribution.deltaAfter.map((stored) => toG1(decodeG1(stored)));
    transcript.append(contribution);
    summaries.push(summaryOf(contribution));
  }
  checkDeltas(header, deltas, list.length);
  return summaries;
}

function summaryOf(contribution: Contribution): ContributionSummary {
  const { name, kind, iterationsExp, beaconHash } = contribution;
  return {
    kind,
    hash: contributionHash(contribution),
    ...(name === undefined ? {} : { name }),
    ...(iterationsExp === undefined || beaconHash === undefined ? {} : { iterationsExp, beaconHash }),
  };
}

async function checkBeacon(
  contribution: Contribution,
  who: string,
  options: VerifyCeremonyOptions,
): Promise<void> {
  const { iterationsExp = 0, beaconHash = new Uint8Array(), proofs } = contribution;
  const limit = options.maxIterationsExp ?? DEFAULT_MAX_ITERATIONS_EXP;
  if (iterationsExp < BEACON_EXPONENT.min || iterationsExp > limit) {
    throw new Refusal(
      'BEACON_ITERATIONS',
      `${who} takes 2^${iterationsExp} hashes: expected from 2^${BEACON_EXPONENT.min} to 2^${limit}.`,
    );
  }
  const stream = seededStream(await beaconSeed(beaconHash, iterationsExp, options.signal));
  for (const { g1s, g1sx } of proofs) {
    const secret = stream.scalar();
    const s = stream.pointG1();
    const { x, y } = toG1(s).multiply(secret).toAffine();
    if (equalBytes(encodeG1(s), g1s) && equalBytes(encodeG1({ x, y }), g1sx)) continue;
    throw new Refusal('BEACON_MISMATCH', `${who} is not what its beacon determines.`);
  }
}

/** Step 3. */
function checkDeltas(header: ZkeyHeader, last: readonly NobleG1[], contributionCount: number): void {
  const inG1 = deltasOf(header).map(toG1);
  const inG2: G2[] =
    header.firstRound === undefined ? [header.deltaG2] : [header.firstRound.deltaG2, header.deltaG2];
  const [one1, one2] = [bn254.G1.Point.BASE, bn254.G2.Point.BASE];
  for (const [j, delta] of inG1.entries()) {
    const name = inG1.length === 1 ? 'delta' : `delta ${j + 1}`;
    if (!delta.equals(last[j]!))
      throw new Refusal('DELTA_MISMATCH', `${name} is not what the last contribution left.`);
    if (!isSameRatio(one1, delta, one2, toG2(inG2[j]!)))
      throw new Refusal('DELTA_MISMATCH', `${name} differs between G1 and G2.`);
  }
  if (contributionCount === 0) return;
  const isRelated = (a: NobleG1, b: NobleG1): boolean => a.equals(b) || a.equals(b.negate());
  const [first, second] = [inG1[0]!, inG1[inG1.length - 1]!];
  if (inG1.some((delta) => isRelated(delta, one1)) || (inG1.length === 2 && isRelated(first, second))) {
    throw new Refusal(
      'DELTA_RELATION',
      'the deltas are equal, opposite, or plus or minus the generator: such a key is forgeable.',
    );
  }
}

/** Steps 2 and 4. Says whether the powers are the development ones. */
async function checkAgainstInitial(
  zkey: Zkey,
  circuitHash: Uint8Array,
  options: VerifyCeremonyOptions,
): Promise<boolean> {
  const { r1csPath, ptauPath, engine, partition, signal, onProgress } = options;
  const folder = await mkdtemp(join(options.workFolder ?? tmpdir(), 'zkfinality-initial-'));
  try {
    const isTwoRound = zkey.header.system === 'ultragroth';
    const initialPath = join(folder, 'initial.zkey');
    const setup = await setupFromPtau({
      r1csPath,
      ptauPath,
      zkeyPath: initialPath,
      engine,
      ...(isTwoRound && partition !== undefined ? { partition } : {}),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
    const initial = openZkey(initialPath);
    try {
      if (!hasSameHeader(zkey, initial) || !equalBytes(setup.circuitHash, circuitHash)) {
        throw new Refusal(
          'CIRCUIT_MISMATCH',
          'the key is of another circuit, another partition or other powers of tau.',
        );
      }
      const fixed: ZkeySection[] = [
        'ic',
        'coefficients',
        'a',
        'b1',
        'b2',
        ...(isTwoRound ? (['partition'] as const) : []),
      ];
      for (const section of fixed) await compareSection(zkey, initial, section, signal);
      await checkBases(zkey, initial, options);
      return setup.hasDevelopmentPowers;
    } finally {
      initial.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Step 5. */
async function checkPowers(domainLog: number, options: VerifyCeremonyOptions): Promise<void> {
  const { ptauPath, engine, onProgress, signal } = options;
  const ptau = openPtau(ptauPath);
  try {
    const fault = await verifyPowers({
      ptau,
      domainLog,
      engine,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (fault !== undefined) throw new Refusal(fault.code, `${ptauPath}: ${fault.message}`);
  } finally {
    ptau.close();
  }
}

/** Whether all is the same but the deltas, which end section 2 and section 11. */
function hasSameHeader(zkey: Zkey, initial: Zkey): boolean {
  if (zkey.header.system !== initial.header.system) return false;
  const fixedParts = ({ container, header }: Zkey): Uint8Array => {
    const second = container.read(ZKEY_SECTIONS.header);
    const circuitHash = header.firstRound?.circuitHash ?? new Uint8Array();
    return Buffer.concat([second.subarray(0, second.length - G1_BYTES - G2_BYTES), circuitHash]);
  };
  return equalBytes(fixedParts(zkey), fixedParts(initial));
}

async function compareSection(
  zkey: Zkey,
  initial: Zkey,
  section: ZkeySection,
  signal?: AbortSignal,
): Promise<void> {
  const sizeBytes = zkey.sectionBytes(section);
  const differs = (): Refusal =>
    new Refusal('SECTION_MISMATCH', `section ${section} is not that of the initial key.`);
  if (initial.sectionBytes(section) !== sizeBytes) throw differs();
  const [ours, theirs] = [
    new Uint8Array(Math.min(PIECE_BYTES, sizeBytes)),
    new Uint8Array(Math.min(PIECE_BYTES, sizeBytes)),
  ];
  const options = signal === undefined ? {} : { signal };
  for (let done = 0; done < sizeBytes; done += ours.length) {
    const length = Math.min(ours.length, sizeBytes - done);
    await zkey.load(section, ours.subarray(0, length), done, options);
    await initial.load(section, theirs.subarray(0, length), done, options);
    if (!equalBytes(ours.subarray(0, length), theirs.subarray(0, length))) throw differs();
  }
}

/** Step 4. */
async function checkBases(zkey: Zkey, initial: Zkey, options: VerifyCeremonyOptions): Promise<void> {
  const { header } = zkey;
  const bits = zkey.partition();
  const isFirst = (i: number): boolean => bits !== undefined && ((bits[i >> 3]! >> (i & 7)) & 1) === 1;
  const first = header.firstRound?.deltaG2;
  if (first !== undefined) {
    await checkRatio(
      { zkey, initial, section: 'privateBasis', code: 'BASIS_RATIO', delta: first, takes: isFirst },
      options,
    );
  }
  const takes = (i: number): boolean => !isFirst(i);
  await checkRatio(
    { zkey, initial, section: 'privateBasis', code: 'BASIS_RATIO', delta: header.deltaG2, takes },
    options,
  );
  await checkRatio(
    { zkey, initial, section: 'h', code: 'H_RATIO', delta: header.deltaG2, takes: () => true },
    options,
  );
}

type RatioCheck = {
  readonly zkey: Zkey;
  readonly initial: Zkey;
  readonly section: 'privateBasis' | 'h';
  readonly code: CeremonyCode;
  /** [δ]₂ by which the points that `takes` names were divided. */
  readonly delta: G2;
  readonly takes: (index: number) => boolean;
};

/** Σ ρ_i P_i must be Σ ρ_i P'_i divided by δ, for random ρ_i: e(Σ ρ_i P_i, δ) = e(Σ ρ_i P'_i, 1). */
async function checkRatio(check: RatioCheck, options: VerifyCeremonyOptions): Promise<void> {
  const { zkey, initial, section, code, delta, takes } = check;
  const { engine, signal, onProgress } = options;
  const points = zkey.sectionBytes(section) / G1_BYTES;
  const piece = Math.max(1, Math.min(PIECE_POINTS, points));
  const scalars = engine.alloc(piece * ELEMENT_BYTES);
  const buffer = engine.alloc(piece * G1_BYTES);
  let [now, before] = [bn254.G1.Point.ZERO, bn254.G1.Point.ZERO];
  try {
    for (let start = 0; start < points; start += piece) {
      signal?.throwIfAborted();
      onProgress?.({ stage: `checking ${section}`, done: start / points });
      const count = Math.min(piece, points - start);
      fillRandomScalars(engine, scalars, count);
      const bytes = engine.bytes(scalars, 0, count * ELEMENT_BYTES);
      for (let i = 0; i < count; i++) {
        if (!takes(start + i)) bytes.fill(0, i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES);
      }
      const combine = async (key: Zkey): Promise<NobleG1> => {
        const loaded = engine.bytes(buffer, 0, count * G1_BYTES);
        await key.load(section, loaded, start * G1_BYTES, signal === undefined ? {} : { signal });
        const off = key === zkey ? findOffCurve(loaded) : undefined;
        if (off !== undefined)
          throw new Refusal('BASIS_POINT', `section ${section}, point ${start + off}: off the curve.`);
        return nobleFromG1Bytes(await engine.msmG1(buffer, scalars, count));
      };
      now = now.add(await combine(zkey));
      before = before.add(await combine(initial));
    }
  } finally {
    engine.free(scalars);
    engine.free(buffer);
  }
  if (now.is0() && before.is0()) return;
  if (!isSameRatio(now, before, bn254.G2.Point.BASE, toG2(delta))) {
    throw new Refusal(code, `section ${section} is not the initial one divided by delta.`);
  }
}
