/** `zkfinality circuits`: the tiers that can be built, and what each costs. */
import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { readFigures } from '../../build/artifacts.js';
import { forecast, formatBytes, formatSeconds, measureSlowness } from '../../build/forecast.js';
import { figuresPath } from '../../build/paths.js';
import { CIRCUITS } from '../../build/registry.js';
import { expectedArithmetic } from '../../engine/index.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';

const ENGINES = {
  wasm: 'WASM engine',
  portable: 'native engine in portable code',
  adx: 'native engine without AVX-512',
  ifma: 'native engine',
} as const;

export function registerCircuits(program: Command, run: Run): void {
  program
    .command('circuits')
    .description('list circuits with their size and a forecast of time, memory and disk')
    .action(run(circuits));
}

async function circuits({ reporter }: Context): Promise<number> {
  const threads = availableParallelism();
  const figures = readFigures(figuresPath);
  const arithmetic = expectedArithmetic();
  const options = { threads, arithmetic, slowness: measureSlowness() };
  const rows = CIRCUITS.map((spec) => {
    const measured = figures[spec.id];
    return {
      circuit: spec.id,
      kind: spec.kind,
      variants: spec.variants,
      validators: spec.tier,
      system: spec.system,
      ...(measured === undefined ? {} : { figures: measured, forecast: forecast(measured, options) }),
    };
  });
  const table = new Table({
    head: [
      'circuit',
      'validators',
      'proof system',
      'constraints',
      'key',
      'compile',
      'setup',
      'prove',
      'memory',
    ],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const row of rows) {
    const { figures: measured, forecast: cost } = row;
    const costs =
      measured === undefined || cost === undefined
        ? Array<string>(6).fill('not built yet')
        : [
            measured.constraints.toLocaleString('en'),
            formatBytes(cost.keyBytes),
            ...[cost.compile, cost.setup, cost.prove].map((stage) => formatSeconds(stage.seconds)),
            formatBytes(Math.max(cost.compile.memoryBytes, cost.setup.memoryBytes, cost.prove.memoryBytes)),
          ];
    table.push([row.circuit, row.validators, row.system, ...costs]);
  }
  reporter.result(
    { ok: true, threads, arithmetic, circuits: rows },
    `${table.toString()}\nTimes are forecasts for ${threads} threads of this machine and the ${ENGINES[arithmetic]}; the first proof of a circuit compiles it and makes its key once.`,
  );
  return EXIT.valid;
}
