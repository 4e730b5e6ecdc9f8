/**
 * The initial key of a circuit from a powers-of-tau file, as the second phase of a ceremony begins: δ = 1 (plain) or
 * δ₁ = δ₂ = 1 (two-round), γ = 1.
 *
 * With L_j the Lagrange polynomials of the domain at τ, which the file holds times 1, α and β, every point of the key is a
 * sparse sum: A_i = Σ_j a_ji [L_j]₁, and Q_i = Σ_j a_ji [β L_j]₁ + b_ji [α L_j]₁ + c_ji [L_j]₁, which is IC_i for
 * public wires and the private basis for the others. One more row for the constant and for each public input binds it.
 * A plain key has the bytes of `snarkjs groth16 setup`. Groth (eprint 2016/260), Bowe, Gabizon, Miers (eprint 2017/1050).
 *
 * Memory: 192 bytes a row of the domain in the engine, 128 more while B2 is made; time is proportional to the terms of
 * the constraint system.
 */
import { bn254 } from '@noble/curves/bn254.js';
import type { Engine, EngineBuffer } from '../engine/types.js';
import { ELEMENT_BYTES, G1_BYTES, G2_BYTES, readElement, writeU32 } from '../formats/bytes.js';
import { formatError } from '../formats/codes.js';
import { lagrangeStart, openPtau, type Ptau } from '../formats/ptau.js';
import { COEFFICIENT_ONE, publicCount, type R1cs, readR1cs } from '../formats/r1cs.js';
import {
  createZkeyWriter,
  partitionBytes,
  type ZkeyHeader,
  type ZkeySection,
  type ZkeyWriter,
} from '../formats/zkey.js';
import { Fr } from '../math/field.js';
import { UsageError } from '../statement/errors.js';
import { domainLog } from './domain.js';
import { fromNobleG1, fromNobleG2 } from './points.js';
import { writeCoefficients } from './ptau-coefficients.js';
import { type SparseColumns, toColumns } from './ptau-columns.js';
import { createKeyHasher, type KeyHasher } from './ptau-key-hash.js';
import { hashPowers } from './ptau-powers-hash.js';
import { isDevelopmentPtau } from './ptau-write.js';
import { hashFile } from './setup.js';
import { type OnStage, orCancelled, throwIfCancelled } from './task.js';

export type PtauSetupOptions = {
  readonly r1csPath: string;
  /** Prepared for phase two, of at least the circuit's power. */
  readonly ptauPath: string;
  /** The key to write. */
  readonly zkeyPath: string;
  /** Used, not closed. */
  readonly engine: Engine;
  /**
   * For a two-round circuit: bit i says that private wire publicCount + 1 + i belongs to the first round; padded to 8 bytes.
   * The caller must have checked it against the constraint system.
   */
  readonly partition?: Uint8Array;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

export type PtauSetupResult = {
  readonly header: ZkeyHeader;
  /** Fingerprint of the initial key, 64 bytes: what snarkjs prints as the circuit hash. */
  readonly circuitHash: Uint8Array;
  /** Whether the powers are those of `writeDevelopmentPtau`: then the key protects nothing, whatever is contributed. */
  readonly hasDevelopmentPowers: boolean;
};

/** Largest domain: its double must still have roots of unity in the scalar field. */
const MAX_DOMAIN_LOG = 27;
const TASK = 'setup from powers of tau';
const TERM_BYTES = 40;
const CHUNK_TERMS = 1 << 18;
const CHUNK_OUTPUTS = 1 << 15;

/**
 * Writes the initial key of a circuit.
 *
 * Such a key must not be used: whoever knows δ = 1 can forge. It needs at least one contribution; provers and verifiers of
 * this package refuse it.
 *
 * @returns Header and fingerprint of the key written.
 * @throws {FileError} codes of `FORMAT_CODES`, `PTAU_NOT_PREPARED` and `PTAU_TOO_SMALL` among them.
 * @throws {UsageError} `PARTITION_SIZE` when the partition does not have one bit for each private wire; `CANCELLED`.
 */
export async function setupFromPtau(options: PtauSetupOptions): Promise<PtauSetupResult> {
  const { r1csPath, ptauPath, zkeyPath, engine, partition, signal } = options;
  throwIfCancelled(signal, TASK);
  const r1cs = readR1cs(r1csPath);
  const ptau = openPtau(ptauPath);
  try {
    const log = domainLog(r1cs.constraints, publicCount(r1cs));
    checkPtau(ptau, log, r1cs.constraints);
    const header = await initialHeader(r1cs, ptau, log, options);
    const hasher = createKeyHasher(header, partition);
    const coefficientCount = r1cs.a.wires.length + r1cs.b.wires.length + header.publicCount + 1;
    const writer = await createZkeyWriter(zkeyPath, header, coefficientCount);
    try {
      const job: Job = {
        r1cs,
        ranks: rankCoefficients(r1cs),
        ptau,
        header,
        engine,
        writer,
        hasher,
        report: options.onProgress ?? (() => {}),
        signal,
      };
      const circuitHash = await writeSections(job);
      if (partition !== undefined) await writer.section('partition', partition);
      await writer.contributions({ circuitHash, list: [] });
      await writer.commit();
      job.report({ stage: 'b2', done: 1 });
      return { header, circuitHash, hasDevelopmentPowers: await isDevelopmentPtau(ptau) };
    } finally {
      await writer.abort();
    }
  } catch (error) {
    throw orCancelled(error, signal, TASK);
  } finally {
    ptau.close();
  }
}

/** Everything the steps share. */
type Job = {
  readonly r1cs: R1cs;
  /** Of each coefficient: equal for a value and its negative, otherwise different. */
  readonly ranks: Uint32Array;
  readonly ptau: Ptau;
  readonly header: ZkeyHeader;
  readonly engine: Engine;
  readonly writer: ZkeyWriter;
  readonly hasher: KeyHasher;
  readonly report: OnStage;
  readonly signal: AbortSignal | undefined;
};

function checkPtau(ptau: Ptau, domainLog: number, constraints: number): void {
  const file = ptau.name;
  if (domainLog > ptau.power || domainLog > MAX_DOMAIN_LOG) {
    const expected = `a power of at least ${domainLog} for ${constraints} constraints`;
    const next = `Download a powers-of-tau file of power ${domainLog} or more.`;
    throw formatError('PTAU_TOO_SMALL', { file, expected, got: `${ptau.power}`, next });
  }
  if (!ptau.isPrepared) {
    const next = 'Run `snarkjs powersoftau prepare phase2` on it first.';
    throw formatError('PTAU_NOT_PREPARED', {
      file,
      expected: 'Lagrange sections 12 to 15',
      got: 'none',
      next,
    });
  }
}

async function initialHeader(
  r1cs: R1cs,
  ptau: Ptau,
  domainLog: number,
  { r1csPath, partition, signal }: PtauSetupOptions,
): Promise<ZkeyHeader> {
  const one1 = fromNobleG1(bn254.G1.Point.BASE);
  const one2 = fromNobleG2(bn254.G2.Point.BASE);
  const { alpha1, beta1, beta2 } = ptau;
  const counts = { wires: r1cs.wires, publicCount: publicCount(r1cs), domainLog };
  const plain = { ...counts, alpha1, beta1, beta2, gamma2: one2, deltaG1: one1, deltaG2: one2 };
  if (partition === undefined) return { system: 'groth16', ...plain };
  if (partition.length !== partitionBytes(counts)) {
    const expected = `${partitionBytes(counts)} bytes for ${counts.wires - counts.publicCount - 1} private wires`;
    throw new UsageError(
      'PARTITION_SIZE',
      `partition: expected ${expected}, got ${partition.length}. Derive it from this circuit.`,
    );
  }
  return {
    system: 'ultragroth',
    ...plain,
    firstRound: { circuitHash: await hashFile(r1csPath, signal), deltaG1: one1, deltaG2: one2 },
  };
}

/** Sections 4, 3, 9, 8, 5, 6, 7, the order of snarkjs. Returns the key's fingerprint. */
async function writeSections(job: Job): Promise<Uint8Array> {
  const { r1cs, ptau, header, engine, writer, hasher } = job;
  const { wires, publicCount: publics, domainLog } = header;
  const domain = 2 ** domainLog;
  job.report({ stage: 'coefficients', done: 0 });
  await writeCoefficients(writer, r1cs, job.signal);

  const a = toColumns(r1cs.a, wires);
  const b = toColumns(r1cs.b, wires);
  const c = toColumns(r1cs.c, wires);
  // [L]₁ ‖ [αL]₁ ‖ [βL]₁
  const lagrange = engine.alloc(3 * domain * G1_BYTES);
  try {
    const [tau, alpha, beta] = [0, domain, 2 * domain];
    for (const [section, first] of [
      ['lagrangeTauG1', tau],
      ['lagrangeAlphaTauG1', alpha],
      ['lagrangeBetaTauG1', beta],
    ] as const) {
      const target = engine.bytes(lagrange, first * G1_BYTES, domain * G1_BYTES);
      await ptau.load(
        section,
        lagrangeStart(domainLog),
        target,
        job.signal === undefined ? {} : { signal: job.signal },
      );
    }
    const q: Source[] = [
      { columns: a, base: beta },
      { columns: b, base: alpha },
      { columns: c, base: tau },
    ];
    await combine(job, {
      section: 'ic',
      group: 'g1',
      points: lagrange,
      sources: q,
      bindingBase: beta,
      first: 0,
      end: publics + 1,
    });
    await writeH(job);
    await hashPowers(ptau, engine, hasher, domainLog, (done) =>
      job.report({ stage: 'hashing powers', done }),
    );
    await combine(job, {
      section: 'privateBasis',
      group: 'g1',
      points: lagrange,
      sources: q,
      first: publics + 1,
      end: wires,
    });
    const forA = { sources: [{ columns: a, base: tau }], bindingBase: tau, first: 0, end: wires };
    await combine(job, { section: 'a', group: 'g1', points: lagrange, ...forA });
    const forB = { sources: [{ columns: b, base: tau }], first: 0, end: wires };
    await combine(job, { section: 'b1', group: 'g1', points: lagrange, ...forB });
  } finally {
    engine.free(lagrange);
  }
  const lagrangeG2 = engine.alloc(domain * G2_BYTES);
  try {
    const target = engine.bytes(lagrangeG2, 0, domain * G2_BYTES);
    await ptau.load(
      'lagrangeTauG2',
      lagrangeStart(domainLog),
      target,
      job.signal === undefined ? {} : { signal: job.signal },
    );
    const sources = [{ columns: b, base: 0 }];
    await combine(job, { section: 'b2', group: 'g2', points: lagrangeG2, sources, first: 0, end: wires });
  } finally {
    engine.free(lagrangeG2);
  }
  return hasher.digest();
}

function rankCoefficients({ coefficients }: R1cs): Uint32Array {
  const known = new Map<bigint, number>();
  return Uint32Array.from({ length: coefficients.length / ELEMENT_BYTES }, (_, number) => {
    const value = readElement(coefficients, number * ELEMENT_BYTES);
    const magnitude = value > Fr.p / 2n ? Fr.neg(value) : value;
    const rank = known.get(magnitude) ?? known.size;
    known.set(magnitude, rank);
    return rank;
  });
}

/** Terms of one matrix, applied to the points from `base` on. */
type Source = { readonly columns: SparseColumns; readonly base: number };

type Combination = {
  readonly section: ZkeySection;
  readonly group: 'g1' | 'g2';
  readonly points: EngineBuffer;
  readonly sources: readonly Source[];
  /** Base of the extra row that binds the constant and each public input. */
  readonly bindingBase?: number;
  /** Wires from `first` up to `end`. */
  readonly first: number;
  readonly end: number;
};

/** Makes one section of sparse sums, in chunks of bounded memory; writes and hashes it. */
async function combine(job: Job, combination: Combination): Promise<void> {
  const { r1cs, ranks, header, engine, writer, hasher } = job;
  const { section, group, sources, bindingBase, first, end } = combination;
  const pointBytes = group === 'g1' ? G1_BYTES : G2_BYTES;
  const termsOf = (wire: number): number => {
    let count = bindingBase !== undefined && wire <= header.publicCount ? 1 : 0;
    for (const { columns } of sources) count += columns.starts[wire + 1]! - columns.starts[wire]!;
    return count;
  };
  let widest = 1;
  for (let wire = first; wire < end; wire++) widest = Math.max(widest, termsOf(wire));
  const capacity = Math.max(CHUNK_TERMS, widest);
  const terms = engine.alloc(capacity * TERM_BYTES);
  const out = engine.alloc(CHUNK_OUTPUTS * pointBytes);
  try {
    hasher.count(end - first);
    await writer.begin(section);
    for (let start = first; start < end; ) {
      job.signal?.throwIfAborted();
      job.report({ stage: section, done: (start - first) / (end - first) });
      let stop = start;
      let count = 0;
      while (stop < end && stop - start < CHUNK_OUTPUTS && count + termsOf(stop) <= capacity)
        count += termsOf(stop++);
      const records = engine.bytes(terms, 0, count * TERM_BYTES);
      let position = 0;
      const push = (output: number, point: number, coefficient: number): void => {
        writeU32(records, position, output);
        writeU32(records, position + 4, point);
        records.set(r1cs.coefficients.subarray(32 * coefficient, 32 * coefficient + 32), position + 8);
        position += TERM_BYTES;
      };
      for (let wire = start; wire < stop; wire++) {
        // By coefficient: the engine adds the points of equal ones before it multiplies.
        const found: { readonly point: number; readonly coefficient: number }[] = [];
        for (const { columns, base } of sources) {
          for (let k = columns.starts[wire]!; k < columns.starts[wire + 1]!; k++)
            found.push({ point: base + columns.rows[k]!, coefficient: columns.values[k]! });
        }
        if (bindingBase !== undefined && wire <= header.publicCount)
          found.push({ point: bindingBase + r1cs.constraints + wire, coefficient: COEFFICIENT_ONE });
        found.sort((a, b) => ranks[a.coefficient]! - ranks[b.coefficient]!);
        for (const { point, coefficient } of found) push(wire - start, point, coefficient);
      }
      const outputs = stop - start;
      await (group === 'g1'
        ? engine.combineG1(combination.points, terms, count, out, outputs)
        : engine.combineG2(combination.points, terms, count, out, outputs));
      const points = engine.bytes(out, 0, outputs * pointBytes);
      hasher.points(group, points);
      await writer.write(points);
      start = stop;
    }
  } finally {
    engine.free(terms);
    engine.free(out);
  }
}

/** Section 9: the odd Lagrange points of the doubled domain. */
async function writeH({ ptau, header, writer, report, signal }: Job): Promise<void> {
  const domain = 2 ** header.domainLog;
  const start = lagrangeStart(header.domainLog + 1);
  const piece = Math.min(domain, 1 << 15);
  const pairs = new Uint8Array(2 * piece * G1_BYTES);
  const odd = new Uint8Array(piece * G1_BYTES);
  await writer.begin('h');
  for (let first = 0; first < domain; first += piece) {
    report({ stage: 'h', done: first / domain });
    await ptau.load('lagrangeTauG1', start + 2 * first, pairs, signal === undefined ? {} : { signal });
    for (let i = 0; i < piece; i++) {
      const from = (2 * i + 1) * G1_BYTES;
      odd.set(pairs.subarray(from, from + G1_BYTES), i * G1_BYTES);
    }
    await writer.write(odd);
  }
}
