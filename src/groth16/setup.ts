/**
 * Development setup: a proving key from secrets that everyone can compute.
 *
 * With the secrets known, a key needs no powers of τ: all scalars are evaluated in the field and then multiplied with the
 * generators. In bulk, on the engine:
 *
 *     L_i(τ)           = inverse transform of (1, τ, τ², …)                      Lagrange values, n of them
 *     L'_{2i+1}(τ)     = inverse transform of ((1 − τⁿ)/2 · (τ/ω₂ₙ)^j)           odd ones of the doubled domain: section 9
 *     u_i, v_i, Q_i    = the constraint matrices, transposed, times (βL ‖ αL ‖ L)
 *
 * The transposed product is the engine's own row product with the roles of rows and wires exchanged. Sections, their
 * order and the additional rows for public inputs are snarkjs's: plain keys work in every tool that reads `.zkey`.
 *
 * Memory: 44 bytes a term, 96 a wire rounded up to a power of two, 96 a row; below 1.5 GiB for 2^20 rows of 10 terms.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Engine, EngineBuffer } from '../engine/types.js';
import { ELEMENT_BYTES, elementBytes, G1_BYTES, G2_BYTES } from '../formats/bytes.js';
import { readError } from '../formats/container.js';
import { publicCount, type R1cs, readR1cs, type SparseRows } from '../formats/r1cs.js';
import { readSymbols } from '../formats/symbols.js';
import {
  COEFFICIENT_BYTES,
  createZkeyWriter,
  openZkey,
  readVerificationKey,
  type ZkeyHeader,
  type ZkeySection,
  type ZkeyWriter,
} from '../formats/zkey.js';
import { rootOfUnity } from '../math/bn254.js';
import { Fr } from '../math/field.js';
import { g2Multiple } from '../statement/arithmetic.js';
import { FileError, UsageError } from '../statement/errors.js';
import type { ProofSystem, VerificationKey } from '../statement/types.js';
import { developmentFingerprint, developmentSecrets, type SetupSecrets } from './development-secrets.js';
import { domainLog } from './domain.js';
import { encodePartition, hasChallenge, type Partition, partitionByNames } from './partition.js';
import { checkPartition, type PartitionReport } from './partition-check.js';
import { G1_GENERATOR_BYTES, G2_GENERATOR_BYTES, g1Multiple } from './points.js';
import { type BufferScope, type OnStage, orCancelled, throwIfCancelled, withBuffers } from './task.js';

export type DevelopmentSetupOptions = {
  readonly r1csPath: string;
  /** Names of the wires; needed for two-round circuits. Without it the key is plain. */
  readonly symPath?: string;
  /** Where the key goes; appears when whole. */
  readonly zkeyPath: string;
  readonly engine: Engine;
  /** What the caller expects; default: two-round exactly if the symbol file names second-round wires. */
  readonly system?: ProofSystem;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

export type DevelopmentSetupResult = {
  readonly verificationKey: VerificationKey;
  /** SHA-256 of the `.r1cs` file. */
  readonly circuitHash: Uint8Array;
  /** Present for two-round circuits. */
  readonly partition?: Partition;
  readonly partitionReport?: PartitionReport;
};

const TASK = 'setup';
const CHUNK = 1 << 17;
/** 2^27 rows: the doubled domain is the whole two-adic subgroup. */
const MAX_DOMAIN_LOG = 27;

/**
 * Makes a development key. The same circuit gives the same bytes everywhere.
 *
 * Cost: three G1 multiplications and one in G2 a wire, one G1 a row.
 *
 * @returns The verification key, also inside the file.
 * @throws {FileError} for a malformed `.r1cs` or `.sym`, `CIRCUIT_TOO_LARGE`, and the `PARTITION_*` codes of {@link checkPartition};
 *   {UsageError} `SYSTEM_MISMATCH` if `system` is not what the circuit is, `SYSTEM_UNCLEAR` if it is not given and a circuit with a
 *   challenge has no second round, `CANCELLED`.
 */
export async function developmentSetup(options: DevelopmentSetupOptions): Promise<DevelopmentSetupResult> {
  const { r1csPath, zkeyPath, signal } = options;
  try {
    throwIfCancelled(signal, TASK);
    const circuitHash = await hashFile(r1csPath, signal);
    const r1cs = readR1cs(r1csPath);
    const { partition, report } = splitWires(r1cs, options);
    const secrets = developmentSecrets(circuitHash);
    await writeKey({ ...options, r1cs, partition, secrets, circuitHash });
    const zkey = openZkey(zkeyPath);
    try {
      return {
        verificationKey: readVerificationKey(zkey),
        circuitHash,
        ...(partition === undefined ? {} : { partition, partitionReport: report! }),
      };
    } finally {
      zkey.close();
    }
  } catch (error) {
    throw orCancelled(error, signal, TASK);
  }
}

/** SHA-256 of a file, in pieces: how circuits are named. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(piece);
  } catch (cause) {
    throw signal?.aborted ? cause : readError(path, cause);
  }
  return new Uint8Array(hash.digest());
}

function splitWires(
  r1cs: R1cs,
  { r1csPath, symPath, system }: DevelopmentSetupOptions,
): { readonly partition?: Partition; readonly report?: PartitionReport } {
  const symbols = symPath === undefined ? undefined : readSymbols(symPath);
  const partition = symbols === undefined ? undefined : partitionByNames(r1cs, symbols);
  const found: ProofSystem = partition === undefined ? 'groth16' : 'ultragroth';
  if (system === undefined && found === 'groth16' && symbols !== undefined && hasChallenge(r1cs, symbols)) {
    throw new UsageError(
      'SYSTEM_UNCLEAR',
      `${r1csPath}: the last public input is main.x, the challenge of a two-round circuit, but no wire is named as computed ` +
        'from it (chSum and the like). Name those wires, or say that the circuit is plain: a prover may then choose x freely.',
    );
  }
  if (system !== undefined && system !== found) {
    const why =
      found === 'groth16'
        ? 'no wire is named as computed from the challenge (chSum and the like)'
        : 'some wires are named as computed from the challenge';
    throw new UsageError(
      'SYSTEM_MISMATCH',
      `${r1csPath}: expected a circuit for ${system}, got one for ${found}: ${why}. Check the names, and give the symbol file.`,
    );
  }
  if (partition === undefined) return {};
  return { partition, report: checkPartition(r1cs, partition, symbols) };
}

type KeyInput = DevelopmentSetupOptions & {
  readonly r1cs: R1cs;
  readonly partition: Partition | undefined;
  readonly secrets: SetupSecrets;
  readonly circuitHash: Uint8Array;
};

async function writeKey(input: KeyInput): Promise<void> {
  const { r1cs, r1csPath, zkeyPath, engine, partition, secrets, circuitHash } = input;
  const header = makeHeader(r1cs, r1csPath, partition, secrets, circuitHash);
  const publics = header.publicCount;
  const terms = r1cs.a.wires.length + r1cs.b.wires.length + publics + 1;
  const writer = await createZkeyWriter(zkeyPath, header, terms);
  const steps = progressSteps(input, header);
  try {
    await withBuffers(engine, async (scope) => {
      const values = await doubleMontgomery(engine, scope, r1cs.coefficients);
      await writeCoefficients(writer, r1cs, values, input);
      const { u, v, q } = await evaluate(engine, scope, input, header, values);
      const g1 = (section: ZkeySection, scalars: EngineBuffer, first: number, count: number): Promise<void> =>
        writeMultiples({ ...steps, engine, writer, section, group: 'g1', scalars, first, count });
      await g1('ic', q, 0, publics + 1);
      const h = await oddLagrange(engine, scope, header.domainLog, secrets);
      await g1('h', h, 0, 2 ** header.domainLog);
      scope.free(h);
      await g1('privateBasis', q, publics + 1, header.wires - publics - 1);
      await g1('a', u, 0, header.wires);
      await g1('b1', v, 0, header.wires);
      await writeMultiples({
        ...steps,
        engine,
        writer,
        section: 'b2',
        group: 'g2',
        scalars: v,
        first: 0,
        count: header.wires,
      });
      await writer.contributions({ circuitHash: developmentFingerprint(circuitHash), list: [] });
      if (partition !== undefined) await writer.section('partition', encodePartition(partition));
      await writer.commit();
    });
  } finally {
    await writer.abort();
  }
}

function makeHeader(
  r1cs: R1cs,
  path: string,
  partition: Partition | undefined,
  secrets: SetupSecrets,
  circuitHash: Uint8Array,
): ZkeyHeader {
  const publics = publicCount(r1cs);
  const log = domainLog(r1cs.constraints, publics);
  if (log > MAX_DOMAIN_LOG) {
    throw new FileError(
      'CIRCUIT_TOO_LARGE',
      `${path}: expected fewer than 2^${MAX_DOMAIN_LOG} rows, got ${r1cs.constraints}. Choose a smaller tier.`,
    );
  }
  return {
    system: partition === undefined ? 'groth16' : 'ultragroth',
    wires: r1cs.wires,
    publicCount: publics,
    domainLog: log,
    alpha1: g1Multiple(secrets.alpha),
    beta1: g1Multiple(secrets.beta),
    beta2: g2Multiple(secrets.beta),
    gamma2: g2Multiple(secrets.gamma),
    deltaG1: g1Multiple(secrets.delta2),
    deltaG2: g2Multiple(secrets.delta2),
    ...(partition === undefined
      ? {}
      : {
          firstRound: {
            circuitHash,
            deltaG1: g1Multiple(secrets.delta1),
            deltaG2: g2Multiple(secrets.delta1),
          },
        }),
  };
}

/** The coefficient table times 2^512: as records of section 4 hold values. */
async function doubleMontgomery(engine: Engine, scope: BufferScope, table: Uint8Array): Promise<Uint32Array> {
  const buffer = scope.alloc(table.length);
  engine.bytes(buffer, 0, table.length).set(table);
  await engine.frToMontgomery(buffer, table.length / ELEMENT_BYTES);
  await engine.frToMontgomery(buffer, table.length / ELEMENT_BYTES);
  const copy = new Uint8Array(table.length);
  copy.set(engine.bytes(buffer, 0, table.length));
  scope.free(buffer);
  return new Uint32Array(copy.buffer);
}

const RECORD_WORDS = COEFFICIENT_BYTES / 4;
const ELEMENT_WORDS = ELEMENT_BYTES / 4;

/** Writes one record: matrix, row, wire, then the value of that number in the table. */
function putRecord(
  out: Uint32Array,
  index: number,
  matrix: number,
  row: number,
  wire: number,
  values: Uint32Array,
  number: number,
): void {
  const at = index * RECORD_WORDS;
  const from = number * ELEMENT_WORDS;
  out[at] = matrix;
  out[at + 1] = row;
  out[at + 2] = wire;
  for (let k = 0; k < ELEMENT_WORDS; k++) out[at + 3 + k] = values[from + k]!;
}

/** Section 4: A and B row by row, then one A record for each public wire in a row of its own. */
async function writeCoefficients(
  writer: ZkeyWriter,
  r1cs: R1cs,
  values: Uint32Array,
  { onProgress, signal }: KeyInput,
): Promise<void> {
  await writer.begin('coefficients');
  let block = new Uint32Array(CHUNK * RECORD_WORDS);
  let used = 0;
  const flush = async (row: number): Promise<void> => {
    throwIfCancelled(signal, TASK);
    await writer.write(new Uint8Array(block.buffer, 0, used * COEFFICIENT_BYTES));
    used = 0;
    onProgress?.({ stage: 'rows', done: row / (r1cs.constraints + 1) });
  };
  const pushRow = (matrix: number, rows: SparseRows, row: number): void => {
    for (let k = rows.starts[row]!; k < rows.starts[row + 1]!; k++)
      putRecord(block, used++, matrix, row, rows.wires[k]!, values, rows.values[k]!);
  };
  for (let row = 0; row < r1cs.constraints; row++) {
    const terms =
      r1cs.a.starts[row + 1]! - r1cs.a.starts[row]! + (r1cs.b.starts[row + 1]! - r1cs.b.starts[row]!);
    if (used > 0 && used + terms > CHUNK) await flush(row);
    if (terms * RECORD_WORDS > block.length) block = new Uint32Array(terms * RECORD_WORDS);
    pushRow(0, r1cs.a, row);
    pushRow(1, r1cs.b, row);
  }
  await flush(r1cs.constraints);
  for (let wire = 0; wire <= publicCount(r1cs); wire++) {
    if (used === CHUNK) await flush(r1cs.constraints);
    putRecord(block, used++, 0, r1cs.constraints + wire, wire, values, 0);
  }
  await flush(r1cs.constraints + 1);
}

/** u, v and Q (divided by γ, δ₁ or δ₂) of every wire, canonical. */
async function evaluate(
  engine: Engine,
  scope: BufferScope,
  { r1cs, partition, secrets, onProgress, signal }: KeyInput,
  header: ZkeyHeader,
  values: Uint32Array,
): Promise<{ readonly u: EngineBuffer; readonly v: EngineBuffer; readonly q: EngineBuffer }> {
  const n = 2 ** header.domainLog;
  const wireLog = Math.max(1, Math.ceil(Math.log2(header.wires)));
  const size = 2 ** wireLog * ELEMENT_BYTES;
  const publics = header.publicCount;
  const step = (done: number): void => {
    throwIfCancelled(signal, TASK);
    onProgress?.({ stage: 'evaluate', done });
  };
  step(0);

  // βL ‖ αL ‖ L, canonical: what the row product takes for a witness.
  const lagrange = scope.alloc(3 * n * ELEMENT_BYTES);
  const part = scope.alloc(n * ELEMENT_BYTES);
  for (const [index, factor] of [secrets.beta, secrets.alpha, 1n].entries()) {
    await engine.frPowers(part, n, factor, secrets.tau);
    await engine.intt(part, header.domainLog);
    await engine.frFromMontgomery(part, n);
    engine.bytes(lagrange, index * n * ELEMENT_BYTES, n * ELEMENT_BYTES).set(engine.bytes(part));
  }
  scope.free(part);
  step(0.2);

  const total = r1cs.a.wires.length + r1cs.b.wires.length + r1cs.c.wires.length + publics + 1;
  const records = scope.alloc(total * COEFFICIENT_BYTES);
  const bytes = engine.bytes(records, 0, total * COEFFICIENT_BYTES);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, total * RECORD_WORDS);
  let used = 0;
  /** Adds a matrix, transposed: its contribution to wire w is value · vector[offset + row]. */
  const transpose = (target: number, rows: SparseRows, offset: number): void => {
    for (let row = 0; row < r1cs.constraints; row++)
      for (let k = rows.starts[row]!; k < rows.starts[row + 1]!; k++)
        putRecord(words, used++, target, rows.wires[k]!, offset + row, values, rows.values[k]!);
  };
  const transposePublicRows = (offset: number): void => {
    for (let wire = 0; wire <= publics; wire++)
      putRecord(words, used++, 0, wire, offset + r1cs.constraints + wire, values, 0);
  };
  const [u, v, product] = [scope.alloc(size), scope.alloc(size), scope.alloc(size)];
  transpose(0, r1cs.a, 2 * n);
  transpose(1, r1cs.b, 2 * n);
  transposePublicRows(2 * n);
  await engine.applyRows(records, used, lagrange, u, v, product, wireLog);
  step(0.5);

  used = 0;
  transpose(0, r1cs.a, 0);
  transpose(0, r1cs.b, n);
  transpose(0, r1cs.c, 2 * n);
  transposePublicRows(0);
  const [q, unused] = [scope.alloc(size), scope.alloc(size)];
  await engine.applyRows(records, used, lagrange, q, unused, product, wireLog);
  scope.free(records);
  scope.free(lagrange);
  step(0.9);

  // `product` and `unused` are free again: one holds the divisor of each wire.
  const divisors = engine.bytes(product, 0, header.wires * ELEMENT_BYTES);
  fillElements(divisors, 0, publics + 1, Fr.inv(secrets.gamma));
  fillElements(divisors, publics + 1, header.wires, Fr.inv(secrets.delta2));
  const inverseDelta1 = elementBytes(Fr.inv(secrets.delta1));
  for (const wire of partition?.first ?? []) divisors.set(inverseDelta1, wire * ELEMENT_BYTES);
  await engine.frToMontgomery(product, header.wires);
  await engine.frMultiply(q, q, product, header.wires);
  scope.free(product);
  scope.free(unused);
  for (const buffer of [u, v, q]) await engine.frFromMontgomery(buffer, header.wires);
  step(1);
  return { u, v, q };
}

/** Sets elements [from, to) to one value. */
function fillElements(bytes: Uint8Array, from: number, to: number, value: bigint): void {
  if (to <= from) return;
  const start = from * ELEMENT_BYTES;
  const end = to * ELEMENT_BYTES;
  bytes.set(elementBytes(value), start);
  for (let filled = ELEMENT_BYTES; start + filled < end; filled *= 2)
    bytes.copyWithin(start + filled, start, Math.min(start + filled, end - filled));
}

/** The odd Lagrange values of the doubled domain, divided by δ₂, canonical: scalars of section 9. */
async function oddLagrange(
  engine: Engine,
  scope: BufferScope,
  log: number,
  secrets: SetupSecrets,
): Promise<EngineBuffer> {
  const n = 2 ** log;
  const values = scope.alloc(n * ELEMENT_BYTES);
  const vanishing = Fr.sub(1n, Fr.pow(secrets.tau, BigInt(n)));
  const start = Fr.mul(vanishing, Fr.inv(Fr.mul(2n, secrets.delta2)));
  await engine.frPowers(values, n, start, Fr.mul(secrets.tau, Fr.inv(rootOfUnity(log + 1))));
  await engine.intt(values, log);
  await engine.frFromMontgomery(values, n);
  return values;
}

type Steps = {
  readonly signal: AbortSignal | undefined;
  /** Counts work done: 1 for a multiplication in G1. */
  readonly advance: (units: number) => void;
};

/** A multiplication in G2 costs about this many in G1. */
const G2_UNITS = 3;

function progressSteps({ onProgress, signal }: KeyInput, header: ZkeyHeader): Steps {
  const total = header.wires * (3 + G2_UNITS) + 2 ** header.domainLog;
  let done = 0;
  return {
    signal,
    advance(units) {
      done += units;
      onProgress?.({ stage: 'points', done: Math.min(1, done / total) });
    },
  };
}

/** Writes scalar·generator for a range of scalars as one section, chunk by chunk. */
async function writeMultiples({
  engine,
  writer,
  section,
  group,
  scalars,
  first,
  count,
  signal,
  advance,
}: Steps & {
  readonly engine: Engine;
  readonly writer: ZkeyWriter;
  readonly section: ZkeySection;
  readonly group: 'g1' | 'g2';
  readonly scalars: EngineBuffer;
  readonly first: number;
  readonly count: number;
}): Promise<void> {
  const pointBytes = group === 'g1' ? G1_BYTES : G2_BYTES;
  const chunk = Math.min(CHUNK, count);
  await writer.begin(section);
  await withBuffers(engine, async (scope) => {
    const [part, points] = [scope.alloc(chunk * ELEMENT_BYTES), scope.alloc(chunk * pointBytes)];
    for (let done = 0; done < count; done += chunk) {
      throwIfCancelled(signal, TASK);
      const length = Math.min(chunk, count - done);
      const source = engine.bytes(scalars, (first + done) * ELEMENT_BYTES, length * ELEMENT_BYTES);
      engine.bytes(part, 0, length * ELEMENT_BYTES).set(source);
      if (group === 'g1') await engine.fixedBaseG1(G1_GENERATOR_BYTES, part, points, length);
      else await engine.fixedBaseG2(G2_GENERATOR_BYTES, part, points, length);
      await writer.write(engine.bytes(points, 0, length * pointBytes));
      advance(length * (group === 'g1' ? 1 : G2_UNITS));
    }
  });
}
