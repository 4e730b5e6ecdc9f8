/**
 * A whole benchmark: prepares circuits, keys and inputs, measures the parts that were asked for, and reports.
 *
 * Nothing is measured while anything else of ours runs; contenders take turns. Temporary files and children are gone when it
 * ends, however it ends.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { StageRunner } from '../build/artifacts.js';
import { packageRoot } from '../build/paths.js';
import { createEngine } from '../engine/index.js';
import type { Engine } from '../engine/types.js';
import { snarkjsCli } from '../prover/snarkjs-process.js';
import { EnvironmentError, UsageError } from '../statement/errors.js';
import { measureArithmetic, type Sizes, writeArithmeticInputs } from './arithmetic.js';
import type { Bench, LazyEngine } from './bench.js';
import { createChildren } from './children.js';
import { availableEngines } from './engines.js';
import { bitCircuit, denseCircuit } from './generated-circuits.js';
import { measureLarge } from './large.js';
import { busyWarning, describeMachine } from './machine.js';
import {
  MAX_SETUP_LOG,
  measureFinality,
  measureProve,
  measureSetup,
  measureThreads,
  measureVerify,
  measureWitness,
} from './proofs.js';
import { completeReport, PARTS, type Part, type RawEntry, REPORT_KIND, type Report } from './report.js';
import { DEFAULT_CIRCUITS, planSubject, prepareGenerated, prepareSubject, type Subject } from './subjects.js';

export type BenchOptions = {
  /** Default: all. */
  readonly parts?: readonly Part[];
  /** Circuits to measure; default {@link DEFAULT_CIRCUITS}. Not with `quick`. */
  readonly circuits?: readonly string[];
  /** Generated circuits of 2^`size` rows instead: compiles nothing. */
  readonly quick?: { readonly size: number };
  /** Counted runs of each contender. */
  readonly runs: number;
  /** Most threads of ours. */
  readonly threads: number;
  /** Path of a rapidsnark prover. */
  readonly rapidsnark?: string;
  readonly cacheFolder: string;
  /** How to run it again, for the report. */
  readonly command: string;
  readonly stage: StageRunner;
  readonly signal?: AbortSignal;
};

const FULL_SIZES: Sizes = { field: 16, msm: 15, fft: 18 };

/**
 * Runs a benchmark.
 *
 * @throws {EnvironmentError} `SNARKJS_MISSING`, `BENCH_FAILED`, `BENCH_DISAGREE`, `CANCELLED`, what building circuits throws;
 *   {UsageError} `BENCH_CIRCUIT`, `CIRCUIT_UNKNOWN`, `BENCH_NOTHING`.
 * Cost: about ten minutes with default options and keys in place, a minute with `quick`.
 */
export async function runBench(options: BenchOptions): Promise<Report> {
  const { parts = PARTS, quick, circuits = DEFAULT_CIRCUITS, threads, runs, signal, rapidsnark } = options;
  const plans = quick === undefined ? circuits.map(planSubject) : [];
  const machine = describeMachine();
  const snarkjs = snarkjsCli();
  const children = createChildren(signal);
  const engine = lazyEngine(threads, signal);
  const folder = mkdtempSync(join(tmpdir(), 'zkfinality-bench-'));
  try {
    const bench: Bench = {
      engines: await availableEngines(signal),
      ...{ threads, snarkjs, runs, folder, children },
      cores: cpus().length,
      cacheFolder: options.cacheFolder,
      stage: options.stage,
      ...(rapidsnark === undefined ? {} : { rapidsnark }),
      ...(signal === undefined ? {} : { signal }),
    };
    const subjects: Subject[] = [];
    if (quick !== undefined) {
      const rows = 2 ** quick.size - 4;
      for (const circuit of [denseCircuit(rows), bitCircuit(rows)])
        subjects.push(
          await bench.stage(`preparing ${circuit.name}`, async () =>
            prepareGenerated(circuit, folder, await engine.get(), signal),
          ),
        );
    }
    const build = { cacheFolder: options.cacheFolder, engine: engine.get, threads, stage: options.stage };
    for (const plan of plans)
      subjects.push(
        await prepareSubject(plan, folder, { ...build, ...(signal === undefined ? {} : { signal }) }),
      );
    const sizes = quick === undefined ? FULL_SIZES : quickSizes(quick.size);
    const wants = (...names: Part[]): boolean => names.some((name) => parts.includes(name));
    if (wants('msm', 'field', 'fft')) await writeArithmeticInputs(await engine.get(), folder, sizes);
    const entries = await measureParts(bench, parts, sizes, subjects, engine, quick === undefined);
    if (entries.length === 0)
      throw new UsageError(
        'BENCH_NOTHING',
        'nothing to measure: these circuits take no part in what --only names.',
      );
    const busy = busyWarning(machine);
    return completeReport({
      kind: REPORT_KIND,
      version: versionAt(packageRoot),
      snarkjs: versionAt(join(dirname(snarkjs), '..')),
      measuredAt: new Date().toISOString(),
      command: options.command,
      quick: quick !== undefined,
      machine,
      warnings: busy === undefined ? [] : [busy],
      entries,
    });
  } catch (error) {
    // A child that an abort killed fails in its own words first.
    if (signal?.aborted)
      throw new EnvironmentError('CANCELLED', 'the benchmark was cancelled; nothing was left behind', {
        cause: error,
      });
    throw error;
  } finally {
    await children.close();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureParts(
  bench: Bench,
  parts: readonly Part[],
  sizes: Sizes,
  subjects: readonly Subject[],
  engine: LazyEngine,
  withLarge: boolean,
): Promise<RawEntry[]> {
  const entries: RawEntry[] = [];
  const plain = subjects.filter(({ witnessPath }) => witnessPath !== undefined);
  const compiled = largestOfFamilies(subjects.filter(({ program }) => program !== undefined));
  const each = async (
    part: Part,
    of: readonly Subject[],
    measure: (bench: Bench, subject: Subject) => Promise<RawEntry | readonly RawEntry[]>,
  ): Promise<void> => {
    if (parts.includes(part))
      for (const subject of of) entries.push(...[await measure(bench, subject)].flat());
  };
  const forSetup = plain.filter(({ domainLog }) => domainLog <= MAX_SETUP_LOG);
  await each('setup', largest(forSetup), (_, subject) => measureSetup(bench, subject, engine));
  // From here on only children compute.
  await engine.close();
  if (parts.some((part) => ['field', 'msm', 'fft'].includes(part)))
    entries.push(...(await measureArithmetic(bench, parts, sizes)));
  await each('witness', compiled, measureWitness);
  await each('prove', plain, measureProve);
  await each('threads', bench.threads > 1 ? largestOfFamilies(plain) : [], measureThreads);
  await each(
    'finality',
    subjects.filter(({ chain }) => chain !== undefined),
    measureFinality,
  );
  await each('verify', plain.slice(0, 1), measureVerify);
  if (withLarge && parts.includes('large')) entries.push(...(await measureLarge(bench)));
  return entries;
}

/** Arithmetic in proportion to generated circuits. */
function quickSizes(size: number): Sizes {
  return { field: FULL_SIZES.field, msm: Math.min(13, size), fft: Math.min(16, size) };
}

function largest(subjects: readonly Subject[]): Subject[] {
  return [...subjects].sort((a, b) => b.rows - a.rows).slice(0, 1);
}

/** The largest circuit of each family. */
function largestOfFamilies(subjects: readonly Subject[]): Subject[] {
  const families = [...new Set(subjects.map(({ family }) => family))];
  return families.flatMap((name) => largest(subjects.filter(({ family }) => family === name)));
}

/** An engine for preparations, closed before anything is measured and opened again where it is needed. */
function lazyEngine(threads: number, signal: AbortSignal | undefined): LazyEngine {
  let started: Promise<Engine> | undefined;
  return {
    get: () => (started ??= createEngine({ threads, ...(signal === undefined ? {} : { signal }) })),
    close: async () => {
      const engine = await started?.catch(() => undefined);
      started = undefined;
      await engine?.close();
    },
  };
}

function versionAt(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
