/**
 * Everything that proving needs for one circuit, built when it is missing and cached: compiled circuit, proving key,
 * verification key.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/types.js';
import { makeFolder } from '../formats/folder.js';
import { readR1cs, readR1csHeader } from '../formats/r1cs.js';
import { readSymbols } from '../formats/symbols.js';
import { openZkey, readVerificationKey } from '../formats/zkey.js';
import { encodePartition, partitionByNames } from '../groth16/partition.js';
import { checkPartition } from '../groth16/partition-check.js';
import { developmentSetup, hashFile } from '../groth16/setup.js';
import { FileError } from '../statement/errors.js';
import { bytesToInteger } from '../statement/hash.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { VerificationKey } from '../statement/types.js';
import { type CompiledCircuit, compileCircuit, findCompiled } from './compile.js';
import { assertMachineFits, type CircuitFigures, forecast } from './forecast.js';
import { circuitsFolder } from './paths.js';
import type { CircuitSpec } from './registry.js';

/** Changes whenever the development setup gives other keys for the same circuit. */
const DEVELOPMENT_SETUP = 'development-1';

export type Artifacts = {
  readonly spec: CircuitSpec;
  readonly compiled: CompiledCircuit;
  /** SHA-256 of the `.r1cs` file. */
  readonly circuitHash: bigint;
  readonly provingKeyPath: string;
  readonly verificationKey: VerificationKey;
  readonly verificationKeyHash: bigint;
};

/** Told now and then what part of a stage is done, in [0, 1], and the name of the step it is at. */
export type OnStep = (done: number, step?: string) => void;
/** Runs a named piece of work and shows how it goes. */
export type StageRunner = <T>(name: string, work: (onStep: OnStep) => Promise<T>) => Promise<T>;

export type BuildOptions = {
  readonly cacheFolder: string;
  /** Opens the engine that setup uses; called only when a key must be built. */
  readonly engine: () => Promise<Engine>;
  /** Threads that the forecast assumes. */
  readonly threads?: number;
  /** Figures of the circuit if known: the machine is checked against their forecast before anything starts. */
  readonly figures?: CircuitFigures | undefined;
  /** Runs a named stage and shows its progress. */
  readonly stage: StageRunner;
  readonly signal?: AbortSignal;
};

function developmentKeyPath(compiled: CompiledCircuit): string {
  return join(compiled.folder, `${DEVELOPMENT_SETUP}.zkey`);
}

/**
 * Compiles a circuit unless the cache has it.
 *
 * @throws {EnvironmentError} `NOT_ENOUGH_MEMORY`, `NOT_ENOUGH_DISK` before anything starts; `CIRCUIT_COMPILE_FAILED`; `CANCELLED`; `DISK_FULL`.
 * @throws {FileError} `FILE_UNWRITABLE` where the cache folder cannot be written.
 * @example
 * ```ts
 * import { circuitById, createEngine, ensureCompiled } from 'zkfinality';
 *
 * const engine = await createEngine();
 * const options = {
 *   cacheFolder: '.cache',
 *   engine: async () => engine,
 *   stage: <T>(_name: string, work: (onStep: () => void) => Promise<T>) => work(() => {}),
 * };
 * const { r1csPath } = await ensureCompiled(circuitById('committee-4'), options);
 * console.log(r1csPath.endsWith('.r1cs')); // true
 * await engine.close();
 * ```
 */
export async function ensureCompiled(
  spec: Pick<CircuitSpec, 'id' | 'mainSource' | 'level'>,
  options: BuildOptions,
): Promise<CompiledCircuit> {
  const { cacheFolder, figures, stage, signal } = options;
  const folder = join(cacheFolder, 'circuits');
  makeFolder(folder);
  const compileOptions = {
    mainSource: spec.mainSource,
    level: spec.level,
    circuitsFolder,
    cacheFolder: folder,
    ...(signal === undefined ? {} : { signal }),
  };
  const cached = findCompiled(compileOptions);
  if (cached) return cached;
  if (figures) assertMachineFits(`compiling ${spec.id}`, forecast(figures).compile, folder);
  return stage(`compiling ${spec.id}`, () => compileCircuit(compileOptions));
}

/**
 * Compiles a circuit and makes its development key, unless the cache has them.
 *
 * @throws {EnvironmentError} As {@link ensureCompiled}.
 * @example
 * ```ts
 * import { circuitById, createEngine, ensureArtifacts } from 'zkfinality';
 *
 * const engine = await createEngine();
 * const options = {
 *   cacheFolder: '.cache',
 *   engine: async () => engine,
 *   stage: <T>(_name: string, work: (onStep: () => void) => Promise<T>) => work(() => {}),
 * };
 * const artifacts = await ensureArtifacts(circuitById('committee-4'), options);
 * console.log(artifacts.provingKeyPath.endsWith('.zkey'), artifacts.verificationKey.system); // true groth16
 * await engine.close();
 * ```
 */
export async function ensureArtifacts(spec: CircuitSpec, options: BuildOptions): Promise<Artifacts> {
  const { compiled, provingKeyPath } = await ensureDevelopmentKey(spec, options);
  return describeArtifacts(spec, compiled, provingKeyPath);
}

/**
 * As {@link ensureArtifacts}, for circuits outside the registry too.
 *
 * @throws {EnvironmentError} As {@link ensureCompiled}.
 */
export async function ensureDevelopmentKey(
  spec: Pick<CircuitSpec, 'id' | 'mainSource' | 'level' | 'system'>,
  options: BuildOptions,
): Promise<Pick<Artifacts, 'compiled' | 'provingKeyPath'>> {
  const compiled = await ensureCompiled(spec, options);
  const provingKeyPath = developmentKeyPath(compiled);
  if (!existsSync(provingKeyPath)) {
    const { figures, threads, stage, signal } = options;
    if (figures)
      assertMachineFits(
        `setup of ${spec.id}`,
        forecast(figures, threads === undefined ? {} : { threads }).setup,
        compiled.folder,
      );
    await stage(`development setup of ${spec.id}`, async (onStep) =>
      developmentSetup({
        r1csPath: compiled.r1csPath,
        symPath: compiled.symPath,
        zkeyPath: provingKeyPath,
        engine: await options.engine(),
        system: spec.system,
        onProgress: ({ stage: step, done }) => onStep(done, step),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  }
  return { compiled, provingKeyPath };
}

/**
 * Describes a compiled circuit together with a proving key from elsewhere, a ceremony for instance.
 *
 * @throws {FileError} `KEY_OF_OTHER_CIRCUIT` where the key has other wires or inputs, or another proof system.
 */
export async function describeArtifacts(
  spec: CircuitSpec,
  compiled: CompiledCircuit,
  provingKeyPath: string,
): Promise<Artifacts> {
  const { verificationKey, wires } = readKeyAndWires(provingKeyPath);
  const header = readR1csHeader(compiled.r1csPath);
  const expected = {
    system: spec.system,
    publicInputs: header.publicOutputs + header.publicInputs,
    wires: header.wires,
  };
  const got = { system: verificationKey.system, publicInputs: verificationKey.publicCount, wires };
  const tell = ({ system, publicInputs, wires }: typeof expected): string =>
    `${system} with ${publicInputs} public inputs and ${wires} wires`;
  if (tell(got) !== tell(expected))
    throw new FileError(
      'KEY_OF_OTHER_CIRCUIT',
      `${provingKeyPath}: expected a key for ${spec.id}, ${tell(expected)}, got one for ${tell(got)}. Use the key of this circuit, or make one with: zkfinality setup ${spec.id}`,
    );
  return {
    spec,
    compiled,
    circuitHash: bytesToInteger(await hashFile(compiled.r1csPath)),
    provingKeyPath,
    verificationKey,
    verificationKeyHash: verificationKeyHash(verificationKey),
  };
}

/**
 * The verification key inside a proving key.
 *
 * @throws {FileError} As `openZkey`.
 */
export function readKeyOf(provingKeyPath: string): VerificationKey {
  return readKeyAndWires(provingKeyPath).verificationKey;
}

function readKeyAndWires(provingKeyPath: string): {
  readonly verificationKey: VerificationKey;
  readonly wires: number;
} {
  const zkey = openZkey(provingKeyPath);
  try {
    return { verificationKey: readVerificationKey(zkey), wires: zkey.header.wires };
  } finally {
    zkey.close();
  }
}

/**
 * The first-round bitmap of a two-round circuit, checked against its rows.
 *
 * @throws {FileError} `SYSTEM_MISMATCH` for a plain circuit, and the codes of `checkPartition`.
 */
export function checkedPartition({ r1csPath, symPath }: CompiledCircuit): Uint8Array {
  const r1cs = readR1cs(r1csPath);
  const symbols = readSymbols(symPath);
  const partition = partitionByNames(r1cs, symbols);
  if (partition === undefined)
    throw new FileError(
      'SYSTEM_MISMATCH',
      `${r1csPath}: expected a two-round circuit, found no second-round wires.`,
    );
  checkPartition(r1cs, partition, symbols);
  return encodePartition(partition);
}

/**
 * Counts rows, wires and terms of a built circuit.
 *
 * Cost: reads its proving key's headers and partition.
 */
export function measureCircuit({ compiled, provingKeyPath }: Artifacts): CircuitFigures {
  const { constraints } = readR1csHeader(compiled.r1csPath);
  const zkey = openZkey(provingKeyPath);
  try {
    const { wires, publicCount } = zkey.header;
    let firstRoundWires = 0;
    for (const byte of zkey.partition() ?? [])
      for (let bits = byte; bits !== 0; bits &= bits - 1) firstRoundWires++;
    return {
      constraints,
      wires,
      publicInputs: publicCount,
      firstRoundWires,
      coefficients: zkey.coefficientCount,
    };
  } finally {
    zkey.close();
  }
}

/**
 * Figures of the circuits as `npm run keys` measured them.
 *
 * @param path - `keys/figures.json`.
 */
export function readFigures(path: string): { readonly [circuit: string]: CircuitFigures } {
  return existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { [circuit: string]: CircuitFigures })
    : {};
}
