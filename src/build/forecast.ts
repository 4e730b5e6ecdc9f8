/**
 * What building and proving will cost, told before it starts, and refused where the machine cannot.
 *
 * The figures of a circuit (rows, wires, terms) come from `keys/figures.json`, which `npm run keys` writes from real
 * builds. Costs are linear in them; the factors below are measured on two cores and rounded up, so a forecast is an
 * upper estimate and no promise.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
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

// COST: compiler, measured with circom2 0.2.23 on circuits of 10^4 to 10^6 rows: 0.1–0.15 ms and 2–3 KB a row.
const COMPILE_SECONDS_PER_ROW = 0.15e-3;
const COMPILE_BYTES_PER_ROW = 3000;
const BASE_BYTES = 150e6;
const SOURCE_BYTES_PER_ROW = 400;
// COST: two cores, WASM engine, circuits of 10^5 to 5·10^5 rows: 21–24 µs of setup and 15–27 µs of proving for each wire and row of the domain, half as
// much again for a machine that is not quiet. test/build/forecast.test.ts has the measurements.
const SETUP_CORE_SECONDS = 36e-6;
const PROVE_CORE_SECONDS = 26e-6;
// The witness program and the rows of the second round stay in memory while a two-round proof is made.
const PLAIN_BYTES = { row: 96, wire: 400 };
const TWO_ROUND_BYTES = { row: 400, wire: 900 };

/** Base-two logarithm of the domain: rows plus one for each public input and the constant, padded to a power of two. */
export function domainLogOf(figures: Pick<CircuitFigures, 'constraints' | 'publicInputs'>): number {
  return Math.ceil(Math.log2(figures.constraints + figures.publicInputs + 1));
}

/**
 * Estimates time, memory and disk for each stage.
 *
 * @param figures - Size of the circuit.
 * @param threads - Threads that setup and proving will use; compiling uses one.
 * @example
 * ```ts
 * import { forecast } from 'zkfinality';
 *
 * const figures = { constraints: 30_000, wires: 30_000, publicInputs: 6, firstRoundWires: 0, coefficients: 120_000 };
 * console.log(forecast(figures, 2).domainLog); // 15
 * ```
 */
export function forecast(figures: CircuitFigures, threads: number = availableParallelism()): Forecast {
  const { constraints, wires, firstRoundWires, coefficients } = figures;
  const domainLog = domainLogOf(figures);
  const domain = 2 ** domainLog;
  const keyBytes = wires * (64 + 64 + 128 + 64) + domain * 64 + coefficients * 44;
  const work = wires + domain;
  const perProof = firstRoundWires === 0 ? PLAIN_BYTES : TWO_ROUND_BYTES;
  return {
    domainLog,
    keyBytes,
    compile: {
      seconds: 1 + constraints * COMPILE_SECONDS_PER_ROW,
      memoryBytes: BASE_BYTES + constraints * COMPILE_BYTES_PER_ROW,
      diskBytes: constraints * SOURCE_BYTES_PER_ROW,
    },
    setup: {
      seconds: 1 + (work * SETUP_CORE_SECONDS) / threads,
      memoryBytes: BASE_BYTES + coefficients * 100 + work * 250,
      diskBytes: keyBytes,
    },
    prove: {
      seconds: 1 + (work * PROVE_CORE_SECONDS) / threads,
      memoryBytes: BASE_BYTES + keyBytes + domain * perProof.row + wires * perProof.wire,
      diskBytes: 0,
    },
  };
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
