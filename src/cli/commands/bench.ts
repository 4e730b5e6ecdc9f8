/** `zkfinality bench`: measures on this machine, side by side with snarkjs. */
import Table from 'cli-table3';
import type { Command } from 'commander';
import { benchQuick, type QuickReport } from '../../bench/quick.js';
import { formatBytes, formatSeconds } from '../../build/forecast.js';
import { UsageError } from '../../statement/errors.js';
import { parseThreads } from '../engine.js';
import { writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';
import { parseWhole } from '../whole-number.js';

type Options = {
  readonly quick?: boolean;
  readonly threads?: string;
  readonly runs: string;
  readonly out?: string;
};

export function registerBench(program: Command, run: Run): void {
  program
    .command('bench')
    .description('measure setup, proof and verification against snarkjs, in alternating runs')
    .option('--quick', 'generated circuits; compiles nothing, about a minute')
    .option('--threads <number>', 'threads of our prover (default: all)')
    .option('--runs <number>', 'counted runs of each command', '3')
    .option('--out <file>', 'also write the figures as JSON')
    .action(run(bench));
}

async function bench({ reporter, signal }: Context, options: Options): Promise<number> {
  if (options.quick !== true)
    throw new UsageError('BENCH_QUICK_ONLY', 'this version measures generated circuits only: add --quick.');
  const runs = parseWhole('--runs', options.runs, 1, 100);
  const threads = parseThreads(options.threads);
  const report = await reporter.stage('benchmark', (onStep) => benchQuick({ threads, runs, onStep, signal }));
  if (options.out !== undefined) await writeJson(options.out, report);
  reporter.result(report, reportText(report));
  return EXIT.valid;
}

function reportText({ machine, threads, measurements }: QuickReport): string {
  const table = new Table({
    head: ['circuit', 'what', 'zkfinality', 'snarkjs', 'times faster (min–max)'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right'],
  });
  for (const { circuit, setupMs, prove, verify } of measurements) {
    table.push([circuit, 'development setup', formatSeconds(setupMs / 1000), '', '']);
    for (const [what, { ours, snarkjs, ratio }] of [
      ['prove, whole process', prove],
      ['verify, whole process', verify],
    ] as const)
      table.push([
        circuit,
        what,
        formatSeconds(ours.medianMs / 1000),
        formatSeconds(snarkjs.medianMs / 1000),
        `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
      ]);
  }
  return `${table.toString()}\nMedians on ${machine.cpu}, ${machine.threads} cores, ${formatBytes(machine.memoryBytes)}, Node ${machine.node}; our prover with ${threads} threads.`;
}
