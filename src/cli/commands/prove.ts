/** `zkfinality prove`: checks a block, proves it in zero knowledge, verifies the proof, writes it. */
import type { Command } from 'commander';
import { Option } from 'commander';
import pc from 'picocolors';
import { describeArtifacts, ensureArtifacts, ensureCompiled, readFigures } from '../../build/artifacts.js';
import { assertMachineFits, forecast, formatBytes, formatSeconds } from '../../build/forecast.js';
import { cacheFolder, figuresPath } from '../../build/paths.js';
import { circuitForSet } from '../../build/registry.js';
import { protocolOf } from '../../protocols/index.js';
import { openProver, type ProverEngine } from '../../prover/prover.js';
import { formatFinalityProof, trustedSet } from '../../statement/documents.js';
import { lazyEngine, parseThreads } from '../engine.js';
import { readAnchor, readText, writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing } from '../output.js';
import { statementRows } from '../statement-text.js';

type Options = {
  readonly trust: string;
  readonly out: string;
  readonly key?: string;
  readonly engine: ProverEngine;
  readonly threads?: string;
  readonly timings?: boolean;
};

export function registerProve(program: Command, run: Run): void {
  program
    .command('prove')
    .description('prove that a block is final')
    .argument('<block>', 'block: JSON of a node, or RLP in hex')
    .requiredOption('--trust <file>', 'trust anchor with the validator set')
    .option('--out <file>', 'where to write the proof', 'proof.json')
    .option(
      '--key <file>',
      'proving key (.zkey) of a ceremony (default: the development key, built when missing)',
    )
    .addOption(
      new Option('--engine <name>', 'what computes the proof')
        .choices(['auto', 'wasm', 'snarkjs'])
        .default('auto'),
    )
    .option('--threads <number>', 'threads to use (default: all)')
    .option('--timings', 'tell how long each stage took')
    .action(run(prove));
}

async function prove(context: Context, blockPath: string, options: Options): Promise<number> {
  const { reporter, signal } = context;
  const anchor = readAnchor(options.trust);
  const trusted = trustedSet(anchor);
  const protocol = protocolOf(anchor.variant);
  const block = protocol.parse(readText(blockPath), { variant: anchor.variant });
  const trust = {
    headerListAuthenticated: anchor.headerListAuthenticated,
    registeredSets: anchor.registeredSets.map((members) => ({ ...trusted, members })),
  };
  const verdict = protocol.verifyNatively(block, trusted, trust);
  if (!verdict.ok) {
    reporter.result(verdict, `${pc.red(verdict.code)}: ${verdict.message}`);
    return EXIT.invalid;
  }
  if (verdict.registered === false) {
    const refusal = {
      ok: false,
      code: 'SIGNING_SET_NOT_REGISTERED',
      message:
        'another set than the trusted one sealed this block, and the anchor does not know it whole: no verifier would accept the proof. ' +
        'Add the set with: zkfinality trust register --validators',
    };
    reporter.result(refusal, `${pc.red(refusal.code)}: ${refusal.message}`);
    return EXIT.invalid;
  }
  const signing = verdict.signingSet ?? trusted;
  const spec = circuitForSet(anchor.variant, Math.max(trusted.members.length, signing.members.length));
  const threads = parseThreads(options.threads);
  const figures = readFigures(figuresPath)[spec.id];
  if (figures) {
    const cost = forecast(figures, threads);
    reporter.note(
      `${spec.id}: ${figures.constraints.toLocaleString('en')} constraints; proving takes about ${formatSeconds(cost.prove.seconds)} and ${formatBytes(cost.prove.memoryBytes)}` +
        ` (the first time also ${formatSeconds(cost.compile.seconds + cost.setup.seconds)} for circuit and key, ${formatBytes(cost.keyBytes)} of disk)`,
    );
  }
  const engine = lazyEngine({ signal, threads });
  try {
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
    if (figures)
      assertMachineFits(`proving ${spec.id}`, forecast(figures, threads).prove, artifacts.compiled.folder);
    const session = await reporter.stage('loading the key', (onStep) =>
      openProver({ artifacts, prover: options.engine, engine: engine.get, onStep, signal }),
    );
    const request = {
      input: protocol.circuitInput(block, trusted, spec.tier, trust),
      statement: protocol.statement(block, trusted, trust),
      variant: anchor.variant,
      chainId: anchor.chainId,
    };
    const proved = await reporter
      .stage(`proving ${spec.id}`, (onStep) => session.prove(request, onStep))
      .finally(() => session.close());
    const document = formatFinalityProof(proved.proof);
    await writeJson(options.out, document);
    const timings = options.timings ? { timingsMs: proved.timingsMs } : {};
    const rows: [string, string][] = [
      ['proof', options.out],
      ['circuit', spec.id],
      ...statementRows(proved.proof.statement),
    ];
    if (options.timings)
      for (const [stage, milliseconds] of Object.entries(proved.timingsMs))
        rows.push([stage, formatSeconds(milliseconds / 1000)]);
    reporter.result(
      { ok: true, file: options.out, ...timings, proof: document },
      `${pc.green('PROVED')}\n${listing(rows)}`,
    );
    return EXIT.valid;
  } finally {
    await engine.close();
  }
}
