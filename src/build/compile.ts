/**
 * Compiles Circom sources, cached by what they say.
 *
 * The compiler (circom2, the Circom compiler in WASM) runs as a process of its own in a folder that holds copies of
 * exactly the sources it needs, so nothing outside them can change the result and the cache key covers everything:
 * compiler version, optimisation level, the main source and every file it includes, directly or not. It ends with this process, however that ends.
 * A finished folder appears under its final name in one rename.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { makeFolder, writeError } from '../formats/folder.js';
import { EnvironmentError, UsageError, ZkFinalityError } from '../statement/errors.js';
import { runNodeProgram } from './node-program.js';

/** Compiler's simplification: `O1` drops equal and constant wires, `O2` all linear constraints. */
export type OptimisationLevel = 'O1' | 'O2';

export type CompileOptions = {
  /** Source of the main file; its includes are looked up below `circuitsFolder`. */
  readonly mainSource: string;
  readonly level: OptimisationLevel;
  /** Root of the library of templates. */
  readonly circuitsFolder: string;
  /** Where finished builds are kept, one folder each. */
  readonly cacheFolder: string;
  readonly signal?: AbortSignal;
};

/** A compiled circuit on disk. */
export type CompiledCircuit = {
  readonly folder: string;
  readonly r1csPath: string;
  readonly symPath: string;
  readonly wasmPath: string;
  /** Hex SHA-256 of everything that determines the build. */
  readonly sourceHash: string;
  readonly fromCache: boolean;
};

/** How folders of unfinished builds begin. */
const STAGING = '.building-';
const ABANDONED_MS = 2 * 24 * 3_600_000;

const require = createRequire(import.meta.url);

/**
 * Compiles a circuit, or finds it in the cache.
 *
 * @param options - Source, level and folders.
 * @returns Paths of `.r1cs`, `.sym` and the witness program.
 * @throws {EnvironmentError} `CIRCUIT_COMPILE_FAILED` with the compiler's own words.
 * @throws {EnvironmentError} `CANCELLED` when the signal aborts; nothing is left behind. `DISK_FULL`.
 * @throws {FileError} `FILE_UNWRITABLE` where the cache folder cannot be written.
 * Cost: about 0.15 ms and 2–3 KB of memory a constraint, at most 4 GiB.
 */
export async function compileCircuit(options: CompileOptions): Promise<CompiledCircuit> {
  const { mainSource, level, circuitsFolder, cacheFolder, signal } = options;
  const sources = collectSources(mainSource, circuitsFolder);
  const sourceHash = hashBuild(level, sources);
  const folder = folderOf(cacheFolder, sourceHash);
  if (existsSync(join(folder, 'main.wasm'))) return describe(folder, sourceHash, true);

  const staging = join(cacheFolder, `${STAGING}${randomBytes(8).toString('hex')}`);
  try {
    removeAbandoned(cacheFolder);
    for (const [path, text] of sources) {
      const target = join(staging, path);
      makeFolder(dirname(target));
      writeFileSync(target, text);
    }
    await runCompiler(staging, level, signal);
    const finished = join(staging, 'finished');
    mkdirSync(finished);
    for (const [from, to] of [
      ['main.r1cs', 'main.r1cs'],
      ['main.sym', 'main.sym'],
      ['main_js/main.wasm', 'main.wasm'],
    ] as const)
      renameSync(join(staging, from), join(finished, to));
    try {
      renameSync(finished, folder);
    } catch (error) {
      // Another process finished the same build first: its result is the same.
      if (!existsSync(join(folder, 'main.wasm'))) throw error;
    }
  } catch (cause) {
    throw cause instanceof ZkFinalityError ? cause : writeError(cacheFolder, cause);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return describe(folder, sourceHash, false);
}

/**
 * Hash that names the build of a main source without running the compiler.
 *
 * @returns Hex SHA-256, the same as {@link CompiledCircuit.sourceHash}.
 */
export function sourceHashOf(
  options: Pick<CompileOptions, 'mainSource' | 'level' | 'circuitsFolder'>,
): string {
  return hashBuild(options.level, collectSources(options.mainSource, options.circuitsFolder));
}

/** Looks a build up in the cache without building it. */
export function findCompiled(options: CompileOptions): CompiledCircuit | undefined {
  const sourceHash = sourceHashOf(options);
  const folder = folderOf(options.cacheFolder, sourceHash);
  return existsSync(join(folder, 'main.wasm')) ? describe(folder, sourceHash, true) : undefined;
}

/** Folders that killed processes left. Two days: far above any compilation, also one on another machine that shares the cache. */
function removeAbandoned(cacheFolder: string): void {
  if (!existsSync(cacheFolder)) return;
  for (const name of readdirSync(cacheFolder)) {
    if (!name.startsWith(STAGING)) continue;
    const path = join(cacheFolder, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changed > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}

function folderOf(cacheFolder: string, sourceHash: string): string {
  return join(cacheFolder, sourceHash.slice(0, 32));
}

function describe(folder: string, sourceHash: string, fromCache: boolean): CompiledCircuit {
  return {
    folder,
    r1csPath: join(folder, 'main.r1cs'),
    symPath: join(folder, 'main.sym'),
    wasmPath: join(folder, 'main.wasm'),
    sourceHash,
    fromCache,
  };
}

/** The main file and everything it includes, by path relative to the library's root. */
function collectSources(mainSource: string, circuitsFolder: string): Map<string, string> {
  const sources = new Map([['main.circom', mainSource]]);
  const pending = includesOf(mainSource);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (sources.has(path)) continue;
    const file = join(circuitsFolder, path);
    if (path.split('/').includes('..') || !existsSync(file))
      throw new UsageError(
        'CIRCUIT_INCLUDE_MISSING',
        `include "${path}": expected a file below ${circuitsFolder}, got none. Write includes relative to that folder.`,
      );
    const text = readFileSync(file, 'utf8');
    sources.set(path, text);
    pending.push(...includesOf(text));
  }
  return sources;
}

function includesOf(source: string): string[] {
  return [...source.matchAll(/^\s*include\s+"([^"]+)"\s*;/gm)].map((match) => match[1] as string);
}

function hashBuild(level: OptimisationLevel, sources: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  const { version } = require('circom2/package.json') as { version: string };
  const add = (text: string): void => {
    hash.update(`${Buffer.byteLength(text)}:`).update(text);
  };
  add(version);
  add(level);
  for (const path of [...sources.keys()].sort()) {
    add(path);
    add(sources.get(path) as string);
  }
  return hash.digest('hex');
}

async function runCompiler(
  folder: string,
  level: OptimisationLevel,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cli = join(dirname(require.resolve('circom2/package.json')), 'cli.js');
  const args = [cli, 'main.circom', '--r1cs', '--sym', '--wasm', `--${level}`, '-l', '.', '-o', '.'];
  if (signal?.aborted) throw cancelled();
  const options = { cwd: folder, ...(signal === undefined ? {} : { signal }) };
  const { code, killedBy, output } = await runNodeProgram(args, options).catch((cause: unknown) => {
    throw new EnvironmentError('CIRCUIT_COMPILE_FAILED', 'the Circom compiler did not start', { cause });
  });
  if (signal?.aborted) throw cancelled();
  if (code === 0 && existsSync(join(folder, 'main_js/main.wasm'))) return;
  const how = killedBy ? `was ended by ${killedBy}` : `exited with code ${code}`;
  throw new EnvironmentError(
    'CIRCUIT_COMPILE_FAILED',
    `the Circom compiler ${how}. Its last words:\n${output.trim().slice(-3000)}`,
  );
}

function cancelled(): EnvironmentError {
  return new EnvironmentError('CANCELLED', 'compiling the circuit was cancelled; nothing was left behind');
}
