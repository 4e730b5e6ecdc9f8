/** What every part of a benchmark works with, and how one task is measured side by side. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StageRunner } from '../build/artifacts.js';
import { packageRoot } from '../build/paths.js';
import type { Engine } from '../engine/types.js';
import { EnvironmentError } from '../statement/errors.js';
import type { BenchWorker, Children, Command, Finished, WorkerAnswer } from './children.js';
import type { EngineKind } from './engines.js';
import type { Contender, RawEntry, RawSeries } from './report.js';
import { alternate, median, rounded } from './statistics.js';
import type { Task } from './worker-protocol.js';

/** A benchmark that is running. */
export type Bench = {
  /** Engines of ours that take part. */
  readonly engines: readonly EngineKind[];
  /** Most threads of ours. */
  readonly threads: number;
  /** Threads that other programs take. */
  readonly cores: number;
  readonly snarkjs: string;
  readonly rapidsnark?: string;
  /** Counted runs of each contender. */
  readonly runs: number;
  /** For files that are removed at the end. */
  readonly folder: string;
  /** For files that are kept. */
  readonly cacheFolder: string;
  readonly children: Children;
  readonly stage: StageRunner;
  readonly signal?: AbortSignal;
};

/** An engine for preparations, started when it is needed and closed before anything is measured. */
export type LazyEngine = { readonly get: () => Promise<Engine>; readonly close: () => Promise<void> };

/** What one run tells. */
export type SideRun = Pick<Finished, 'ms' | 'peakBytes'> & Pick<WorkerAnswer, 'stagesMs'>;

/** One side of a comparison. */
export type Side = {
  readonly contender: Contender;
  readonly threads: number;
  /** One counted run. */
  readonly run: () => Promise<SideRun>;
};

/** Measures sides in alternating runs. */
export async function measureSides(
  bench: Bench,
  what: Pick<RawEntry, 'part' | 'subject' | 'size'>,
  sides: readonly Side[],
  options: { readonly runs?: number; readonly nanosecondsPerItem?: boolean } = {},
): Promise<RawEntry> {
  const { runs = bench.runs, nanosecondsPerItem = false } = options;
  const scale = nanosecondsPerItem ? 1e6 / what.size : 1;
  const stages = sides.map((): NonNullable<WorkerAnswer['stagesMs']>[] => []);
  const peaks = sides.map(() => 0);
  const tasks = sides.map((side, index) => async () => {
    const { ms, stagesMs, peakBytes = 0 } = await side.run();
    if (stagesMs !== undefined) stages[index]?.push(stagesMs);
    peaks[index] = Math.max(peaks[index] ?? 0, peakBytes);
    return ms * scale;
  });
  const samples = await bench.stage(`${what.part}: ${what.subject}`, (onStep) =>
    alternate(tasks, runs, (done) => onStep(done)),
  );
  const series = sides.map(({ contender, threads }, index): RawSeries => {
    const stagesMs = medianStages(stages[index] ?? []);
    const peakBytes = peaks[index] ?? 0;
    return {
      contender,
      threads,
      samples: samples[index] ?? [],
      ...(stagesMs === undefined ? {} : { stagesMs }),
      ...(peakBytes === 0 ? {} : { peakBytes }),
    };
  });
  return { ...what, unit: nanosecondsPerItem ? 'ns' : 'ms', series };
}

function medianStages(runs: readonly NonNullable<WorkerAnswer['stagesMs']>[]): RawSeries['stagesMs'] {
  const [first] = runs;
  if (first === undefined) return undefined;
  return Object.fromEntries(
    Object.keys(first).map((stage) => [stage, rounded(median(runs.map((run) => run[stage] ?? 0)))]),
  );
}

/** Program file of this folder. */
export function programPath(name: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), name);
}

/** Our command line. */
export const CLI_PATH = join(packageRoot, 'dist', 'cli', 'bin.js');

/** A Node program as a whole process. */
export function nodeCommand(program: string, ...args: readonly string[]): Command {
  return [process.execPath, program, ...args];
}

/** A whole process of ours; its stages are in what it prints. */
export async function runOurs(
  { children }: Bench,
  what: string,
  ...args: readonly string[]
): Promise<SideRun> {
  const command = nodeCommand(programPath('process.js'), ...args);
  const { stdout, ...run } = await children.run(what, command);
  return stdout.trim() === '' ? run : { ...run, ...(JSON.parse(stdout) as WorkerAnswer), ms: run.ms };
}

/** Our verifiers by the names of their contenders, as arguments of `verifier.js`. */
export const VERIFIERS = { wasm: 'noble', 'wasm-pairing': 'wasm' } as const;

export type VerifierContender = keyof typeof VERIFIERS;

const verifierCommand = (contender: VerifierContender, ...files: readonly string[]): Command =>
  nodeCommand(programPath('verifier.js'), VERIFIERS[contender], ...files);

/** A whole process of one of our verifiers: key, public inputs, proof. */
export async function runVerifier(
  { children }: Bench,
  contender: VerifierContender,
  ...files: readonly string[]
): Promise<SideRun> {
  const { stdout: _, ...run } = await children.run('verify', verifierCommand(contender, ...files));
  return run;
}

/** Opens a worker of one of our verifiers. */
export function openVerifierWorker({ children }: Bench, contender: VerifierContender): WorkerSide {
  return {
    contender,
    threads: 1,
    worker: children.worker(`verifier ${contender}`, verifierCommand(contender)),
  };
}

/** A whole process of another program. */
export async function runOther({ children }: Bench, what: string, command: Command): Promise<SideRun> {
  const { stdout: _, ...run } = await children.run(what, command);
  return run;
}

/** A contender that stays in memory. */
export type WorkerSide = {
  readonly contender: Contender;
  readonly threads: number;
  readonly worker: BenchWorker;
};

/** One thread and all of them. */
export function threadCounts(threads: number): readonly number[] {
  return threads === 1 ? [1] : [1, threads];
}

/** Opens a worker of ours. */
export function openEngineWorker({ children }: Bench, kind: EngineKind, threads: number): WorkerSide {
  const worker = children.worker(
    `${kind}, ${threads} threads`,
    nodeCommand(programPath('engine-worker.js'), kind, String(threads)),
  );
  return { contender: kind, threads, worker };
}

/** Opens a worker of snarkjs's arithmetic. */
export function openPeerWorker({ children, cores }: Bench, threads: 1 | 'all'): WorkerSide {
  const worker = children.worker('snarkjs', nodeCommand(programPath('peer-worker.js'), String(threads)));
  return { contender: 'snarkjs', threads: threads === 1 ? 1 : cores, worker };
}

/**
 * Measures one task of workers side by side.
 *
 * @throws {EnvironmentError} `BENCH_DISAGREE` where contenders compute different results.
 */
export async function measureWorkers(
  bench: Bench,
  what: Pick<RawEntry, 'part' | 'subject' | 'size'>,
  sides: readonly WorkerSide[],
  task: Task,
  options: { readonly runs?: number; readonly nanosecondsPerItem?: boolean } = {},
): Promise<RawEntry> {
  const digests: (string | undefined)[] = [];
  for (const { worker } of sides) digests.push((await worker.ask(task)).digest);
  const other = digests.findIndex((digest) => digest !== digests[0]);
  if (other !== -1)
    throw disagreement(`${what.part}: ${what.subject}`, sides[0]?.contender, sides[other]?.contender);
  return measureSides(
    bench,
    what,
    sides.map(({ contender, threads, worker }) => ({
      contender,
      threads,
      run: async () => ({ ms: 0, ...(await worker.ask({ task: 'run' })) }),
    })),
    options,
  );
}

/** The error that two contenders computed different things from the same files. */
export function disagreement(what: string, one = 'ours', other = 'ours'): EnvironmentError {
  return new EnvironmentError(
    'BENCH_DISAGREE',
    `${what}: ${one} and ${other} gave different results from the same files. One of them is wrong, so their times mean nothing: report it.`,
  );
}

/** Ends workers whatever happened to them. */
export async function closeWorkers(sides: readonly WorkerSide[]): Promise<void> {
  await Promise.allSettled(sides.map(({ worker }) => worker.close()));
}
