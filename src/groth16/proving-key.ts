/**
 * A proving key in an engine's memory.
 *
 * Opening one checks everything that its header says; the sections follow on the engine's threads while the caller computes the witness.
 * They stand there as in the file, points at infinity included: sums leave those out. Section 8, the basis K of the first round and L of
 * the second, stands behind H, so that one sum makes both parts of C; a plain key has no K.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine, EngineBuffer } from '../engine/types.js';
import { equalBytes, hex } from '../formats/bytes.js';
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
import { type OnStage, orCancelled, throwIfCancelled } from './task.js';

/** An open key. Its owner calls `close()`, before or after closing the engine. */
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
  /** What the sums run over, once it is loaded and checked. Rejects as {@link openProvingKey}; then the key is closed. */
  readonly loaded: Promise<LoadedTables>;
  /** Ends loading and frees the engine memory; what is loaded is freed at once. Safe to call twice. */
  close(): Promise<void>;
};

export type LoadedTables = ProvingTables & {
  /** Engine memory that they take. */
  readonly sizeBytes: number;
  /** Time from opening the key to the end of loading, whatever ran beside. */
  readonly loadMs: number;
};

/** What the sums of a proof run over. Points of wire i stand at i. */
export type ProvingTables = {
  readonly coefficients: EngineBuffer;
  readonly coefficientCount: number;
  readonly a: EngineBuffer;
  readonly b1: EngineBuffer;
  readonly b2: EngineBuffer;
  /** H, 2^domainLog points, and after them section 8: one point for each private wire. */
  readonly c: EngineBuffer;
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
 * Opens a proving key and waits until it is loaded. As {@link openProvingKey}.
 *
 * Cost: reads the whole file once; holds as much engine memory as the file is long.
 */
export async function loadProvingKey(options: LoadProvingKeyOptions): Promise<ProvingKey> {
  const key = await openProvingKey(options);
  await key.loaded;
  return key;
}

/**
 * Opens a proving key: what its header says is checked when the promise resolves; the sections load in the background.
 *
 * @throws {FileError} with a code of `FORMAT_CODES` for a malformed file, `POINT_INVALID` and `KEY_POINT` among them for a
 *   verification part with a point off the curve or at infinity; `KEY_WEAK` for a forgeable one (δ = γ, δ = the generator,
 *   δ₁ = ±δ₂, …); `KEY_OF_OTHER_CIRCUIT`; {EnvironmentError} `OUT_OF_MEMORY`; {UsageError} `CANCELLED`.
 */
export async function openProvingKey(options: LoadProvingKeyOptions): Promise<ProvingKey> {
  const { path, engine, circuitHash, signal } = options;
  const start = performance.now();
  throwIfCancelled(signal, TASK);
  const zkey = openZkey(path);
  const { header } = zkey;
  let users = 2;
  const letGo = (): void => {
    if (--users === 0) zkey.close();
  };
  const loading = startLoading(zkey, options, start, letGo);
  // The threads are told to read before this one computes.
  await nextTurn();
  try {
    const verificationKey = readVerificationKey(zkey);
    refuseUnsound(zkey, verificationKey);
    if (circuitHash !== undefined) expectCircuit(zkey, circuitHash);
    const bits = zkey.partition();
    const partition =
      bits === undefined ? undefined : decodePartition(bits, header.wires, header.publicCount);
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
      loaded: loading.loaded,
      close: loading.stop,
    };
  } catch (error) {
    await loading.stop();
    throw error;
  } finally {
    letGo();
  }
}

type Loading = {
  readonly loaded: Promise<LoadedTables>;
  /** Resolves when nothing of the file or of the engine's memory is used any more. */
  readonly stop: () => Promise<void>;
};

/** Loads all sections; frees what is there when the end is an error. `letGo` is called when the file is not read any more. */
function startLoading(zkey: Zkey, options: LoadProvingKeyOptions, start: number, letGo: () => void): Loading {
  const { engine, onProgress, signal } = options;
  const held = new Set<EngineBuffer>();
  const free = (): void => {
    for (const buffer of held) engine.free(buffer);
    held.clear();
  };
  const stopping = new AbortController();
  const stopped = signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, signal]);
  const load = async (): Promise<LoadedTables> => {
    try {
      let doneBytes = 0;
      const alloc = (sizeBytes: number): EngineBuffer => {
        const buffer = engine.alloc(Math.max(sizeBytes, 1));
        held.add(buffer);
        return buffer;
      };
      const fill: Fill = async (section, buffer, first = 0) => {
        const sizeBytes = zkey.sectionBytes(section);
        await zkey.load(section, engine.bytes(buffer, first, sizeBytes), 0, {
          signal: stopped,
          reader: (descriptor, position, offset, size) =>
            engine.readFile(descriptor, position, buffer, first + offset, size),
          onProgress: (bytes) =>
            onProgress?.({ stage: 'load', done: Math.min(1, (doneBytes + bytes) / zkey.sizeBytes) }),
        });
        doneBytes += sizeBytes;
      };
      const tables = await loadTables(zkey, engine, alloc, fill);
      stopped.throwIfAborted();
      onProgress?.({ stage: 'load', done: 1 });
      const sizeBytes = [...held].reduce((sum, buffer) => sum + buffer.sizeBytes, 0);
      return { ...tables, sizeBytes, loadMs: performance.now() - start };
    } catch (error) {
      free();
      throw orCancelled(error, stopped, TASK);
    } finally {
      letGo();
    }
  };
  const loaded = load();
  let isOver = false;
  const over = loaded.then(
    () => {
      isOver = true;
    },
    () => undefined,
  );
  return {
    loaded,
    stop: async () => {
      if (isOver) return free();
      stopping.abort();
      await over;
      free();
    },
  };
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

/** Reads a section into a buffer, from byte `first` on. */
type Fill = (section: ZkeySection, buffer: EngineBuffer, first?: number) => Promise<void>;

async function loadTables(
  zkey: Zkey,
  engine: Engine,
  alloc: (sizeBytes: number) => EngineBuffer,
  fill: Fill,
): Promise<ProvingTables> {
  const { wires, domainLog } = zkey.header;
  const { coefficientCount } = zkey;
  const whole = async (section: ZkeySection): Promise<EngineBuffer> => {
    const buffer = alloc(zkey.sectionBytes(section));
    await fill(section, buffer);
    return buffer;
  };
  const coefficients = await whole('coefficients');
  const bad = await engine.findBadCoefficient(coefficients, coefficientCount, wires, domainLog);
  if (bad !== undefined) {
    // Names the fault; should it see none, it has checked what the engine has not.
    checkCoefficients(zkey, engine.bytes(coefficients, bad * COEFFICIENT_BYTES), bad);
  }
  const hBytes = zkey.sectionBytes('h');
  const c = alloc(hBytes + zkey.sectionBytes('privateBasis'));
  await fill('privateBasis', c, hBytes);
  await fill('h', c);
  const [b2, b1, a] = [await whole('b2'), await whole('b1'), await whole('a')];
  return { coefficients, coefficientCount, a, b1, b2, c };
}
