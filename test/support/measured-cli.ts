/** Runs a command of the command line and tells what it took: figures of the large tiers. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { peakMemoryOf } from '../../src/bench/children.js';
import { forecast, measureSlowness } from '../../src/build/forecast.js';
import { type EngineKind, expectedArithmetic } from '../../src/engine/index.js';
import { type CliOptions, type CliResult, cli } from './cli.js';
import { recordFigure } from './figures.js';

export type Measured = CliResult & {
  readonly seconds: number;
  /** Processor time of all its threads, and the most memory that it held, looked at ten times a second; `undefined` off Linux. */
  readonly processorSeconds: number | undefined;
  readonly peakBytes: number | undefined;
};

export async function measuredCli(args: readonly string[], options: CliOptions = {}): Promise<Measured> {
  let peakBytes: number | undefined;
  let processorSeconds: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const started = performance.now();
  const result = await cli(args, {
    ...options,
    onStart: (child) => {
      timer = setInterval(() => {
        peakBytes = peakMemoryOf(child.pid) ?? peakBytes;
        processorSeconds = processorSecondsOf(child.pid) ?? processorSeconds;
      }, 100);
    },
  }).finally(() => clearInterval(timer));
  return { ...result, seconds: (performance.now() - started) / 1000, processorSeconds, peakBytes };
}

/** User and system time so far, from the system's own count of hundredths. */
function processorSecondsOf(pid: number | undefined): number | undefined {
  try {
    // The name of the program, in brackets, may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/**
 * Holds a proof with its key in place to its forecast: between a third and thrice. Processor time is compared with the forecast for one thread, since time on the wall
 * depends on what else runs; even so the factor leaves room for a crowded machine.
 */
export function expectForetold(
  circuit: string,
  engine: EngineKind,
  { processorSeconds, peakBytes }: Measured,
): void {
  if (process.platform !== 'linux') return;
  const figures = JSON.parse(readFileSync('keys/figures.json', 'utf8'))[circuit];
  const options = { threads: 1, arithmetic: expectedArithmetic(engine), slowness: measureSlowness() };
  const { prove } = forecast(figures, options);
  for (const ratio of [prove.seconds / (processorSeconds ?? 0), prove.memoryBytes / (peakBytes ?? 0)]) {
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  }
}

/**
 * Records what a proof took beside what was foretold. The key must have been there.
 *
 * @param what - Names the row.
 * @param circuit - Its id in keys/figures.json.
 */
export function recordProof(what: string, circuit: string, { seconds, peakBytes }: Measured): void {
  const figures = JSON.parse(readFileSync('keys/figures.json', 'utf8'))[circuit];
  const { prove } = forecast(figures, { arithmetic: expectedArithmetic() });
  recordFigure('istanbul-proofs', {
    block: what,
    circuit,
    constraints: figures.constraints,
    'forecast (s)': Math.round(prove.seconds),
    'took (s)': Math.round(seconds),
    'forecast (MB)': Math.round(prove.memoryBytes / 1e6),
    'peak (MB)': peakBytes === undefined ? 'unknown' : Math.round(peakBytes / 1e6),
  });
}
