/** What the commands that make proofs share: options, the cost told before, artifacts built when missing, a session that is closed. */
import { type Command, Option } from 'commander';
import { describeArtifacts, ensureArtifacts, ensureCompiled, readFigures } from '../build/artifacts.js';
import {
  assertMachineFits,
  forecast,
  formatBytes,
  formatSeconds,
  measureSlowness,
} from '../build/forecast.js';
import { cacheFolder, figuresPath } from '../build/paths.js';
import type { CircuitSpec } from '../build/registry.js';
import { expectedArithmetic } from '../engine/index.js';
import { assertProvable, openProver, type Prover, type ProverEngine } from '../prover/prover.js';
import { lazyEngine, parseThreads } from './engine.js';
import type { Context } from './main.js';

export type ProvingOptions = {
  readonly key?: string;
  readonly engine: ProverEngine;
  readonly threads?: string;
};

/** Adds the options of {@link ProvingOptions}. */
export function addProvingOptions(command: Command): Command {
  return command
    .option(
      '--key <file>',
      'proving key (.zkey) of a ceremony (default: the development key, built when missing)',
    )
    .addOption(
      new Option('--engine <name>', 'what computes the proof')
        .choices(['auto', 'wasm', 'native', 'snarkjs'])
        .default('auto'),
    )
    .option('--threads <number>', 'threads to use (default: all)');
}

/**
 * Opens a proving session for a circuit, after saying what it costs and building what is missing, and closes all that it opened.
 *
 * @param work - Gets the session and a runner that shows the progress of proving.
 * @throws {EnvironmentError} `NOT_ENOUGH_MEMORY`, `NOT_ENOUGH_DISK`; what building and proving throw.
 */
export async function withProver<Result>(
  { reporter, signal }: Context,
  spec: CircuitSpec,
  options: ProvingOptions,
  work: (session: Prover, onStep: (done: number, step?: string) => void) => Promise<Result>,
): Promise<Result> {
  const threads = parseThreads(options.threads);
  assertProvable(spec, options.engine);
  const figures = readFigures(figuresPath)[spec.id];
  const kind = options.engine === 'snarkjs' ? 'auto' : options.engine;
  const cost =
    figures &&
    forecast(figures, {
      threads,
      arithmetic: options.engine === 'snarkjs' ? 'snarkjs' : expectedArithmetic(kind),
      slowness: measureSlowness(),
    });
  if (figures && cost) {
    reporter.note(
      `${spec.id}: ${figures.constraints.toLocaleString('en')} constraints; proving takes about ${formatSeconds(cost.prove.seconds)} and ${formatBytes(cost.prove.memoryBytes)}` +
        ` (the first time also ${formatSeconds(cost.compile.seconds + cost.setup.seconds)} for circuit and key, ${formatBytes(cost.keyBytes)} of disk)`,
    );
  }
  const engine = lazyEngine({ signal, threads, kind });
  try {
    // An engine that was asked for by name and is not there is told before the circuit is built, not after.
    if (kind !== 'auto') await engine.get();
    const build = {
      cacheFolder: cacheFolder(),
      engine: engine.get,
      figures,
      threads,
      stage: reporter.stage,
      signal,
    };
    const artifacts =
      options.key === undefined
        ? await ensureArtifacts(spec, build)
        : await describeArtifacts(spec, await ensureCompiled(spec, build), options.key);
    if (cost) assertMachineFits(`proving ${spec.id}`, cost.prove, artifacts.compiled.folder);
    const session = await reporter.stage('opening the key', () =>
      openProver({ artifacts, prover: options.engine, engine: engine.get, signal }),
    );
    return await reporter
      .stage(`proving ${spec.id}`, (onStep) => work(session, onStep))
      .finally(() => session.close());
  } finally {
    await engine.close();
  }
}
