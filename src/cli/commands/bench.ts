/** `zkfinality bench`: measures on this machine, side by side with other provers. */
import { accessSync, constants } from 'node:fs';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { type Comparison, compareReports } from '../../bench/compare.js';
import { reportHtml } from '../../bench/html.js';
import { PARTS, type Part, parseReport, type Report } from '../../bench/report.js';
import { runBench } from '../../bench/run.js';
import { DEFAULT_CIRCUITS } from '../../bench/subjects.js';
import { comparisonText, reportText } from '../../bench/text.js';
import { cacheFolder } from '../../build/paths.js';
import { assertWritable, writeFileAtomically } from '../../formats/atomic-file.js';
import { UsageError } from '../../statement/errors.js';
import { parseThreads } from '../engine.js';
import { readDocument, writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';
import { parseWhole } from '../whole-number.js';

type Options = {
  readonly quick?: boolean;
  readonly size: string;
  readonly only?: string;
  readonly circuits?: string;
  readonly threads?: string;
  readonly runs: string;
  readonly rapidsnark?: string;
  readonly from?: string;
  readonly out?: string;
  readonly html?: string;
  readonly compare?: string;
  readonly threshold: string;
  readonly otherMachine?: boolean;
};

export function registerBench(program: Command, run: Run): void {
  program
    .command('bench')
    .description(
      'measure arithmetic, setup, witness, proofs and verification beside other provers, in alternating runs',
    )
    .option('--quick', 'generated circuits; compiles nothing, about a minute')
    .addOption(new Option('--size <log>', 'with --quick: base-two logarithm of the circuits').default('14'))
    .option('--only <parts>', `parts to measure, of ${PARTS.join(',')}`)
    .option('--circuits <ids>', `circuits to measure (default: ${DEFAULT_CIRCUITS.join(',')})`)
    .option('--threads <number>', 'most threads of our prover (default: all)')
    .option('--runs <number>', 'counted runs of each contender', '3')
    .option('--rapidsnark <file>', 'a rapidsnark prover to measure too')
    .option('--from <file>', 'take the figures of an earlier report instead of measuring')
    .option('--out <file>', 'also write the report as JSON')
    .option('--html <file>', 'also write the report as a web page')
    .option('--compare <file>', 'show what changed since an earlier report, end with 1 if we became slower')
    .option('--threshold <percent>', 'with --compare: how much slower is too slow', '10%')
    .option('--other-machine', 'with --compare: although the earlier report is of another machine')
    .action(run(bench));
}

async function bench(context: Context, options: Options): Promise<number> {
  const { reporter } = context;
  const threshold = parsePercent(options.threshold);
  const before = options.compare === undefined ? undefined : readDocument(options.compare, parseReport);
  for (const path of [options.out, options.html]) if (path !== undefined) await assertWritable(path);
  const report =
    options.from === undefined ? await measure(context, options) : readDocument(options.from, parseReport);
  if (options.out !== undefined) await writeJson(options.out, report);
  if (options.html !== undefined) await writeFileAtomically(options.html, reportHtml(report));
  for (const warning of report.warnings) reporter.note(`${pc.yellow('warning')}: ${warning}`);
  const comparison: Comparison | undefined =
    before && compareReports(before, report, threshold, { otherMachine: options.otherMachine ?? false });
  const ok = comparison?.ok ?? true;
  reporter.result(
    { ok, report, ...(comparison === undefined ? {} : { comparison }) },
    comparison === undefined ? reportText(report) : `${reportText(report)}\n\n${comparisonText(comparison)}`,
  );
  return ok ? EXIT.valid : EXIT.invalid;
}

async function measure({ reporter, signal }: Context, options: Options): Promise<Report> {
  const { quick = false, circuits, only, rapidsnark } = options;
  if (quick && circuits !== undefined)
    throw new UsageError('BENCH_CIRCUIT', '--quick measures generated circuits: leave --circuits out.');
  const runs = parseWhole('--runs', options.runs, 1, 100);
  const size = parseWhole('--size', options.size, 8, 20);
  const threads = parseThreads(options.threads);
  if (rapidsnark !== undefined) expectProgram(rapidsnark);
  const named = [
    ...(quick ? ['--quick', '--size', String(size)] : []),
    ...(only === undefined ? [] : ['--only', only]),
    ...(circuits === undefined ? [] : ['--circuits', circuits]),
    ...(options.threads === undefined ? [] : ['--threads', options.threads]),
    ...['--runs', String(runs)],
    ...(rapidsnark === undefined ? [] : ['--rapidsnark', 'PATH']),
  ];
  return runBench({
    runs,
    threads,
    signal,
    cacheFolder: cacheFolder(),
    command: ['npx zkfinality bench', ...named].join(' '),
    stage: reporter.stage,
    ...(only === undefined ? {} : { parts: parseParts(only) }),
    ...(circuits === undefined ? {} : { circuits: names(circuits) }),
    ...(quick ? { quick: { size } } : {}),
    ...(rapidsnark === undefined ? {} : { rapidsnark }),
  });
}

const names = (list: string): string[] => list.split(',').map((name) => name.trim());

function parseParts(list: string): Part[] {
  return names(list).map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part !== undefined) return part;
    throw new UsageError('BENCH_PART', `--only: expected some of ${PARTS.join(', ')}, got "${name}".`);
  });
}

/** `10%` or `10`, as 0.1. */
function parsePercent(text: string): number {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,2})?%?$/.test(text)) return Number.parseFloat(text) / 100;
  throw new UsageError('OPTION_RANGE', `--threshold: expected a percentage such as 10%, got "${text}".`);
}

function expectProgram(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new UsageError(
      'BENCH_PROGRAM',
      `--rapidsnark ${path}: expected a program that can be run. Check the path.`,
      {
        cause,
      },
    );
  }
}
