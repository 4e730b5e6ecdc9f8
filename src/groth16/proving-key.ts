/**
 * A proving key in an engine's memory.
 *
 * Points of a section stand in the order of the file with points at infinity left out, beside the list of the wires they
 * belong to: a wire that never occurs in B costs the B sums nothing. Section 8 is split into the basis K of the first
 * round and L of the second; a plain key has no K. L stands behind H, so that one sum makes both parts of C.
 */
import type { Engine, EngineBuffer } from '../engine/types.js';
import { equalBytes, G1_BYTES, G2_BYTES, hex } from '../formats/bytes.js';
import {
  COEFFICIENT_BYTES,
  checkCoefficients,
  openZkey,
  readVerificationKey,
  type Zkey,
  type ZkeyHeader,
  type ZkeySection,
} from '../formats/zkey.js';
import { FileError, UsageError } from '../statement/errors.js';
import { assertSoundKey } from '../statement/keys.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { ProofSystem, VerificationKey } from '../statement/types.js';
import { circuitHashOfFingerprint } from './development-secrets.js';
import { decodePartition, type Partition } from './partition.js';
import { type BufferScope, type OnStage, orCancelled, throwIfCancelled } from './task.js';

/** Points with the wires they belong to, ascending. */
export type PointTable = {
  readonly points: EngineBuffer;
  readonly count: number;
  readonly wires: Uint32Array;
};

/** A loaded key. Its owner calls `close()`, before or after closing the engine. */
export type ProvingKey = {
  readonly name: string;
  readonly engine: Engine;
  readonly system: ProofSystem;
  readonly wires: number;
  /** Public inputs without the constant wire; counts the challenge of a two-round key. */
  readonly publicCount: number;
  readonly domainLog: number;
  readonly header: ZkeyHeader;
  readonly verificationKey: VerificationKey;
  readonly verificationKeyHash: bigint;
  /** Present for two-round keys. */
  readonly partition?: Partition;
  readonly tables: ProvingTables;
  /** Engine memory that the key holds. */
  readonly sizeBytes: number;
  /** Time that loading took. */
  readonly loadMs: number;
  /** Frees the engine memory. Safe to call twice. */
  close(): void;
};

/** What the sums of a proof run over. */
export type ProvingTables = {
  readonly coefficients: EngineBuffer;
  readonly coefficientCount: number;
  readonly a: PointTable;
  readonly b1: PointTable;
  readonly b2: PointTable;
  /** K, basis of the first round; empty for a plain key. */
  readonly first: PointTable;
  /** H, 2^domainLog points, and after them L, the basis of the second round, `lWires.length` points: one sum runs over both. */
  readonly c: EngineBuffer;
  /** Wires of L, ascending. */
  readonly lWires: Uint32Array;
};

export type LoadProvingKeyOptions = {
  /** Path of a `.zkey` file, or its content. */
  readonly path: string | Uint8Array;
  readonly engine: Engine;
  /** SHA-256 of the `.r1cs` file that the key must be for. Compared where the key says it: two-round and development keys. */
  readonly circuitHash?: Uint8Array;
  readonly onProgress?: OnStage;
  readonly signal?: AbortSignal;
};

const TASK = 'loading the proving key';

/**
 * Loads a proving key.
 *
 * Cost: reads the whole file once; holds about as much engine memory as the file is long.
 *
 * @throws {FileError} with a code of `FORMAT_CODES` for a malformed file, `POINT_INVALID` and `KEY_POINT` among them for a
 *   verification part with a point off the curve or at infinity; `KEY_WEAK` for a forgeable one (δ = γ, δ = the generator,
 *   δ₁ = ±δ₂, …); `KEY_OF_OTHER_CIRCUIT`; {EnvironmentError} `OUT_OF_MEMORY`; {UsageError} `CANCELLED`.
 */
export async function loadProvingKey(options: LoadProvingKeyOptions): Promise<ProvingKey> {
  const { path, engine, circuitHash, onProgress, signal } = options;
  const start = performance.now();
  const held = new Set<EngineBuffer>();
  const close = (): void => {
    for (const buffer of held) engine.free(buffer);
    held.clear();
  };
  throwIfCancelled(signal, TASK);
  const zkey = openZkey(path);
  try {
    const verificationKey = readVerificationKey(zkey);
    refuseUnsound(zkey, verificationKey);
    if (circuitHash !== undefined) expectCircuit(zkey, circuitHash);
    const bits = zkey.partition();
    const { header } = zkey;
    const partition =
      bits === undefined ? undefined : decodePartition(bits, header.wires, header.publicCount);
    const scope: BufferScope = {
      alloc(sizeBytes) {
        const buffer = engine.alloc(Math.max(sizeBytes, 1));
        held.add(buffer);
        return buffer;
      },
      free(buffer) {
        if (held.delete(buffer)) engine.free(buffer);
      },
    };
    let doneBytes = 0;
    const fill = async (section: ZkeySection, bufferBytes?: number): Promise<EngineBuffer> => {
      const sizeBytes = zkey.sectionBytes(section);
      const buffer = scope.alloc(bufferBytes ?? sizeBytes);
      await zkey.load(section, engine.bytes(buffer, 0, sizeBytes), 0, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (bytes) =>
          onProgress?.({ stage: 'load', done: Math.min(1, (doneBytes + bytes) / zkey.sizeBytes) }),
      });
      doneBytes += sizeBytes;
      return buffer;
    };
    const tables = await loadTables(zkey, engine, scope, fill, partition);
    onProgress?.({ stage: 'load', done: 1 });
    return {
      name: zkey.name,
      engine,
      system: header.system,
      wires: header.wires,
      publicCount: header.publicCount,
      domainLog: header.domainLog,
      header,
      verificationKey,
      verificationKeyHash: verificationKeyHash(verificationKey),
      ...(partition === undefined ? {} : { partition }),
      tables,
      sizeBytes: [...held].reduce((sum, buffer) => sum + buffer.sizeBytes, 0),
      loadMs: performance.now() - start,
      close,
    };
  } catch (error) {
    close();
    throw orCancelled(error, signal, TASK);
  } finally {
    zkey.close();
  }
}

/**
 * The verification key inside a proving key file. Nothing is said about its soundness: see `assertSoundKey`.
 *
 * @throws {FileError} with a code of `FORMAT_CODES`.
 */
export function exportVerificationKey(zkeyPath: string): VerificationKey {
  const zkey = openZkey(zkeyPath);
  try {
    return readVerificationKey(zkey);
  } finally {
    zkey.close();
  }
}

function refuseUnsound(zkey: Zkey, key: VerificationKey): void {
  try {
    assertSoundKey(key);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new FileError(cause.code, `${zkey.name}: ${cause.message}`, { cause });
  }
}

function expectCircuit(zkey: Zkey, circuitHash: Uint8Array): void {
  const found =
    zkey.header.firstRound?.circuitHash ?? circuitHashOfFingerprint(zkey.contributions().circuitHash);
  if (found === undefined || equalBytes(found, circuitHash)) return;
  throw new FileError(
    'KEY_OF_OTHER_CIRCUIT',
    `${zkey.name}: expected a key for the circuit ${hex(circuitHash)}, got one for ${hex(found)}. Run setup for this circuit.`,
  );
}

/** Records checked at a time: the event loop turns between pieces. */
const CHECK_PIECE = 1 << 20;

async function loadTables(
  zkey: Zkey,
  engine: Engine,
  scope: BufferScope,
  fill: (section: ZkeySection, bufferBytes?: number) => Promise<EngineBuffer>,
  partition: Partition | undefined,
): Promise<ProvingTables> {
  const { wires, publicCount } = zkey.header;
  const coefficients = await fill('coefficients');
  for (let first = 0; first < zkey.coefficientCount; first += CHECK_PIECE) {
    const count = Math.min(CHECK_PIECE, zkey.coefficientCount - first);
    const records = engine.bytes(coefficients, first * COEFFICIENT_BYTES, count * COEFFICIENT_BYTES);
    checkCoefficients(zkey, records, first);
  }
  const pack = (points: EngineBuffer, of: Uint32Array, pointBytes: number): PointTable =>
    compact(engine, scope, points, of, pointBytes);
  const all = Uint32Array.from({ length: wires }, (_, wire) => wire);
  const a = pack(await fill('a'), all, G1_BYTES);
  const b1 = pack(await fill('b1'), all, G1_BYTES);
  const b2 = pack(await fill('b2'), all, G2_BYTES);
  const basis = await fill('privateBasis');
  const { first, second } = splitBasis(engine, scope, basis, all.subarray(publicCount + 1), partition);
  const hBytes = zkey.sectionBytes('h');
  const lBytes = second.count * G1_BYTES;
  const c = await fill('h', hBytes + lBytes);
  engine.bytes(c, hBytes, lBytes).set(engine.bytes(second.points, 0, lBytes));
  scope.free(second.points);
  return { coefficients, coefficientCount: zkey.coefficientCount, a, b1, b2, first, c, lWires: second.wires };
}

/** Part of a buffer that may be infinity before it is worth a smaller one. */
const WORTH_SHRINKING = 0.25;

/** Moves the points that are not infinity together; gives the memory of many others back. */
function compact(
  engine: Engine,
  scope: BufferScope,
  points: EngineBuffer,
  wires: Uint32Array,
  pointBytes: number,
): PointTable {
  const bytes = engine.bytes(points, 0, wires.length * pointBytes);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const pointWords = pointBytes / 4;
  const kept = new Uint32Array(wires.length);
  let count = 0;
  for (let i = 0; i < wires.length; i++) {
    const from = i * pointWords;
    let isZero = true;
    for (let k = 0; isZero && k < pointWords; k++) isZero = words[from + k] === 0;
    if (isZero) continue;
    if (count !== i) words.copyWithin(count * pointWords, from, from + pointWords);
    kept[count++] = wires[i]!;
  }
  if (count >= wires.length * (1 - WORTH_SHRINKING)) return { points, count, wires: kept.slice(0, count) };
  const smaller = scope.alloc(count * pointBytes);
  engine.bytes(smaller, 0, count * pointBytes).set(engine.bytes(points, 0, count * pointBytes));
  scope.free(points);
  return { points: smaller, count, wires: kept.slice(0, count) };
}

/** Splits section 8 by rounds. A plain key keeps its buffer. */
function splitBasis(
  engine: Engine,
  scope: BufferScope,
  basis: EngineBuffer,
  privateWires: Uint32Array,
  partition: Partition | undefined,
): { readonly first: PointTable; readonly second: PointTable } {
  if (partition === undefined) {
    const empty = { points: scope.alloc(1), count: 0, wires: new Uint32Array(0) };
    return { first: empty, second: compact(engine, scope, basis, privateWires, G1_BYTES) };
  }
  const pick = (wires: Uint32Array): PointTable => {
    const points = scope.alloc(wires.length * G1_BYTES);
    const source = engine.bytes(basis, 0, privateWires.length * G1_BYTES);
    const target = engine.bytes(points, 0, wires.length * G1_BYTES);
    for (const [i, wire] of wires.entries()) {
      const from = (wire - partition.publicCount - 1) * G1_BYTES;
      target.set(source.subarray(from, from + G1_BYTES), i * G1_BYTES);
    }
    return compact(engine, scope, points, wires, G1_BYTES);
  };
  const split = { first: pick(partition.first), second: pick(partition.second) };
  scope.free(basis);
  return split;
}
