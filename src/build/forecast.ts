/**
 * What building and proving will cost, told before it starts, and refused where the machine cannot.
 *
 * The figures of a circuit (rows, wires, terms) come from `keys/figures.json`, which `npm run keys` writes from real builds. Costs are
 * linear in them, with factors for each kind of arithmetic. `npm run forecast-report` measures the factors and compares forecasts with whole
 * proofs; those below are of a quiet AMD EPYC (Zen 5, two threads). Times carry a margin, see `MARGIN`, and no promise.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import type { EngineArithmetic } from '../engine/types.js';
import { BN254_R } from '../math/field.js';
import { EnvironmentError } from '../statement/errors.js';

/** Size of a compiled circuit. */
export type CircuitFigures = {
  readonly constraints: number;
  readonly wires: number;
  readonly publicInputs: number;
  /** Private wires that are committed before the challenge; 0 for plain circuits. */
  readonly firstRoundWires: number;
  /** Non-zero entries of the A and B matrices. */
  readonly coefficients: number;
};

/** What one stage needs. */
export type StageForecast = {
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
};
export type Forecast = {
  readonly compile: StageForecast;
  readonly setup: StageForecast;
  readonly prove: StageForecast;
  /** Size of the proving key. */
  readonly keyBytes: number;
  /** Base-two logarithm of the padded domain. */
  readonly domainLog: number;
};

/** What computes: the WASM engine, the native engine with one of its instruction sets, or snarkjs. */
export type Arithmetic = EngineArithmetic | 'snarkjs';

export type ForecastOptions = {
  /** Threads that setup and proving will use; compiling uses one. Default: as many as there are. */
  readonly threads?: number;
  /** Default `wasm`, the engine that runs everywhere. */
  readonly arithmetic?: Arithmetic;
  /** How many times as long as the reference this machine takes, see {@link measureSlowness}. Default 1. */
  readonly slowness?: number;
};

/**
 * COST: of one kind of arithmetic, in seconds of one core. `npm run forecast-report` prints all of them.
 *
 * What a wire costs depends on what wires are like: bits and small numbers in two-round circuits, full-size numbers in plain ones.
 */
type Costs = {
  /** Beside all that is counted below: the process, the block, the check of the proof. */
  readonly start: number;
  readonly keyByte: number;
  /** Of the domain: quotient and its sum. */
  readonly row: number;
  /** Rows and sums. */
  readonly wire: { readonly plain: number; readonly twoRound: number };
  /** For each wire and each row of the domain. */
  readonly setup: number;
  readonly baseBytes: number;
  /** For each wire and each row of the domain. */
  readonly setupBytes: number;
};
/** COST: of the native engine, whatever the instruction set. */
const NATIVE_COSTS = { start: 0.7, keyByte: 3.1e-9, baseBytes: 150e6, setupBytes: 250 };
const COSTS: Readonly<Record<Arithmetic, Costs>> = {
  wasm: {
    start: 0.9,
    keyByte: 2.2e-9,
    row: 7.2e-6,
    wire: { plain: 19e-6, twoRound: 7.2e-6 },
    setup: 16e-6,
    baseBytes: 180e6,
    setupBytes: 400,
  },
  ifma: {
    ...NATIVE_COSTS,
    row: 1.9e-6,
    wire: { plain: 6e-6, twoRound: 2.2e-6 },
    setup: 5e-6,
  },
  adx: {
    ...NATIVE_COSTS,
    row: 4.6e-6,
    wire: { plain: 12.5e-6, twoRound: 5e-6 },
    setup: 11e-6,
  },
  portable: {
    ...NATIVE_COSTS,
    row: 7.7e-6,
    wire: { plain: 26e-6, twoRound: 9.5e-6 },
    setup: 16e-6,
  },
  // Plain circuits only; keys are made by WASM. From docs/BENCHMARKS.md.
  snarkjs: {
    start: 0.6,
    keyByte: 0,
    row: 75e-6,
    wire: { plain: 75e-6, twoRound: 75e-6 },
    setup: 16e-6,
    baseBytes: 300e6,
    setupBytes: 400,
  },
};
/** COST: the witness program, for each constraint, one thread whatever the engine. */
const WITNESS_SECONDS_PER_CONSTRAINT = { plain: 1.1e-6, twoRound: 4.1e-6 };
/** COST: solving the rows of the second round, for each constraint, one thread. */
const SECOND_ROUND_SECONDS_PER_CONSTRAINT = 0.45e-6;
/**
 * Forecasts are times of a quiet machine times this: one that does a little else as well still keeps to them, for one that is too low is worse than one that
 * is too high, and a quiet one is never told twice its time.
 */
const MARGIN = 1.25;

// COST: compiler, measured with circom2 0.2.23 on circuits of 10^4 to 10^6 rows: 0.1–0.15 ms and 2–3 KB a row.
const COMPILE_SECONDS_PER_ROW = 0.15e-3;
const COMPILE_BYTES_PER_ROW = 3000;
const COMPILE_BASE_BYTES = 150e6;
const SOURCE_BYTES_PER_ROW = 400;
// The witness program and the rows of the second round stay in memory while a two-round proof is made. Peaks differ by a quarter from run to run: these
// cover the highest.
const BYTES = { plain: { row: 96, wire: 400 }, twoRound: { row: 400, wire: 1000 } };
const SNARKJS_BYTES_PER_WIRE = 3600;

/** Base-two logarithm of the domain: rows plus one for each public input and the constant, padded to a power of two. */
export function domainLogOf(figures: Pick<CircuitFigures, 'constraints' | 'publicInputs'>): number {
  return Math.ceil(Math.log2(figures.constraints + figures.publicInputs + 1));
}

/**
 * Estimates time, memory and disk for each stage. Proving is the whole command, the key being there.
 *
 * @param figures - Size of the circuit.
 * @example
 * ```ts
 * import { forecast } from 'zkfinality';
 *
 * const figures = { constraints: 30_000, wires: 30_000, publicInputs: 6, firstRoundWires: 0, coefficients: 120_000 };
 * console.log(forecast(figures, { threads: 2 }).domainLog); // 15
 * ```
 */
export function forecast(figures: CircuitFigures, options: ForecastOptions = {}): Forecast {
  const { threads = availableParallelism(), arithmetic = 'wasm', slowness = 1 } = options;
  const { constraints, wires, firstRoundWires, coefficients } = figures;
  const domainLog = domainLogOf(figures);
  const domain = 2 ** domainLog;
  const keyBytes = wires * (64 + 64 + 128 + 64) + domain * 64 + coefficients * 44;
  const system = firstRoundWires === 0 ? 'plain' : 'twoRound';
  const costs = COSTS[arithmetic];
  const seconds = (quiet: number): number => quiet * MARGIN * slowness;
  // The key is loaded while the witness is computed.
  const witness = Math.max(
    constraints * WITNESS_SECONDS_PER_CONSTRAINT[system],
    (keyBytes * costs.keyByte) / threads,
  );
  const secondRound = system === 'plain' ? 0 : constraints * SECOND_ROUND_SECONDS_PER_CONSTRAINT;
  const sums = (domain * costs.row + wires * costs.wire[system]) / threads;
  const held =
    arithmetic === 'snarkjs'
      ? wires * SNARKJS_BYTES_PER_WIRE
      : keyBytes + domain * BYTES[system].row + wires * BYTES[system].wire;
  return {
    domainLog,
    keyBytes,
    compile: {
      seconds: (1 + constraints * COMPILE_SECONDS_PER_ROW) * slowness,
      memoryBytes: COMPILE_BASE_BYTES + constraints * COMPILE_BYTES_PER_ROW,
      diskBytes: constraints * SOURCE_BYTES_PER_ROW,
    },
    setup: {
      seconds: seconds(costs.start + ((wires + domain) * costs.setup) / threads),
      memoryBytes: COMPILE_BASE_BYTES + coefficients * 100 + (wires + domain) * costs.setupBytes,
      diskBytes: keyBytes,
    },
    prove: {
      seconds: seconds(costs.start + witness + secondRound + sums),
      memoryBytes: costs.baseBytes + held,
      diskBytes: 0,
    },
  };
}

/** Least time of {@link timeProducts} on the machine of the factors above. COST: `npm run forecast-report` prints it. */
const REFERENCE_MS = 0.24;

/**
 * How many times as long as the reference this machine takes for the same arithmetic, by a few milliseconds of products of large numbers. Within
 * [1/4, 16], so that an odd measurement spoils little.
 *
 * @example
 * ```ts
 * import { measureSlowness } from 'zkfinality';
 *
 * const slowness = measureSlowness();
 * console.log(slowness >= 1 / 4 && slowness <= 16); // true
 * ```
 */
export function measureSlowness(): number {
  const least = Math.min(...Array.from({ length: 8 }, timeProducts));
  return Math.min(16, Math.max(1 / 4, least / REFERENCE_MS));
}

/** Milliseconds for a thousand products modulo a prime of 254 bits. */
export function timeProducts(): number {
  const start = performance.now();
  let value = BN254_R >> 1n;
  for (let i = 0; i < 1000; i++) value = (value * value) % BN254_R;
  return performance.now() - start;
}

/** Memory that can be used without swapping, in bytes. */
export function availableMemoryBytes(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux: the operating system's free memory is the closest figure there is.
  }
  return freemem();
}

/** Free disk at a folder, in bytes. */
export function availableDiskBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * Refuses a stage that the machine cannot run.
 *
 * @param what - The stage, for the message.
 * @param folder - Where its files go; must exist.
 * @throws {EnvironmentError} `NOT_ENOUGH_MEMORY`, `NOT_ENOUGH_DISK` with both numbers.
 */
export function assertMachineFits(
  what: string,
  stage: StageForecast,
  folder: string,
  machine: { readonly memoryBytes: number; readonly diskBytes: number } = {
    memoryBytes: availableMemoryBytes(),
    diskBytes: availableDiskBytes(folder),
  },
): void {
  if (stage.memoryBytes > machine.memoryBytes)
    throw new EnvironmentError(
      'NOT_ENOUGH_MEMORY',
      `${what} needs about ${formatBytes(stage.memoryBytes)} of memory, ${formatBytes(machine.memoryBytes)} is available. Close other programs or use a larger machine.`,
    );
  if (stage.diskBytes > machine.diskBytes)
    throw new EnvironmentError(
      'NOT_ENOUGH_DISK',
      `${what} needs about ${formatBytes(stage.diskBytes)} of disk in ${folder}, ${formatBytes(machine.diskBytes)} is free. Free some, or set ZKFINALITY_CACHE to another folder.`,
    );
}

/** Bytes in readable decimal units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** Seconds in readable units. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
