/** Runs a command of the command line and tells what it took: figures of the large tiers. */
import { readFileSync } from 'node:fs';
import { peakMemoryOf } from '../../src/bench/children.js';
import { forecast } from '../../src/build/forecast.js';
import { type CliOptions, type CliResult, cli } from './cli.js';
import { recordFigure } from './figures.js';

export type Measured = CliResult & {
  readonly seconds: number;
  /** Most memory that the process held, looked at ten times a second; `undefined` off Linux. */
  readonly peakBytes: number | undefined;
};

export async function measuredCli(args: readonly string[], options: CliOptions = {}): Promise<Measured> {
  let peakBytes: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const started = performance.now();
  const result = await cli(args, {
    ...options,
    onStart: (child) => {
      timer = setInterval(() => {
        peakBytes = peakMemoryOf(child.pid) ?? peakBytes;
      }, 100);
    },
  }).finally(() => clearInterval(timer));
  return { ...result, seconds: (performance.now() - started) / 1000, peakBytes };
}

/**
 * Records what a proof took beside what was foretold. The key must have been there.
 *
 * @param what - Names the row.
 * @param circuit - Its id in keys/figures.json.
 */
export function recordProof(what: string, circuit: string, { seconds, peakBytes }: Measured): void {
  const figures = JSON.parse(readFileSync('keys/figures.json', 'utf8'))[circuit];
  const { prove } = forecast(figures);
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
