/** `zkfinality ceremony contribute | beacon | verify | powers`: how a production key comes about. */
import type { Command } from 'commander';
import pc from 'picocolors';
import { type BuildOptions, checkedPartition, ensureCompiled, readFigures } from '../../build/artifacts.js';
import { cacheFolder, figuresPath } from '../../build/paths.js';
import { circuitById } from '../../build/registry.js';
import { beacon, type ContributionResult, contribute } from '../../groth16/ceremony.js';
import { verifyCeremony } from '../../groth16/ceremony-verify.js';
import { writeDevelopmentPtau } from '../../groth16/ptau-write.js';
import { UsageError } from '../../statement/errors.js';
import { addEngineOptions, type EngineChoice, engineOf, type LazyEngine } from '../engine.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing, refusalText } from '../output.js';
import { parseWhole } from '../whole-number.js';

type Write = EngineChoice & { readonly out: string; readonly name?: string };

export function registerCeremony(program: Command, run: Run): void {
  const ceremony = program
    .command('ceremony')
    .description('make a production key from the initial one that `setup --ptau` writes');
  addEngineOptions(
    ceremony
      .command('contribute')
      .description('add a random contribution to a key; the secret is used once and never written')
      .argument('<zkey>', 'key before')
      .requiredOption('--out <file>', 'key after')
      .option('--name <text>', 'your name, stored in the key')
      .option('--entropy <text>', 'text of yours, hashed with the randomness of the system'),
  ).action(run(contributeCommand));
  addEngineOptions(
    ceremony
      .command('beacon')
      .description('close a ceremony with a public random value that nobody could choose')
      .argument('<zkey>', 'key before')
      .requiredOption('--out <file>', 'key after')
      .requiredOption('--hash <hex>', 'the public value, in hex')
      .option('--iterations <log2>', 'base-two logarithm of the number of hashes', '10')
      .option('--name <text>', 'stored in the key'),
  ).action(run(beaconCommand));
  addEngineOptions(
    ceremony
      .command('verify')
      .description('check a key against its circuit, its powers of tau and every contribution')
      .argument('<circuit>', 'circuit id')
      .argument('<zkey>', 'key to check')
      .requiredOption('--ptau <file>', 'prepared powers of tau'),
  ).action(run(verifyCommand));
  addEngineOptions(
    ceremony
      .command('powers')
      .description('write development powers of tau with public secrets: for trying ceremonies out')
      .argument('<power>', 'base-two logarithm of the largest domain')
      .requiredOption('--out <file>', 'where to write'),
  ).action(run(powersCommand));
}

/** Runs `work` with an engine that is closed afterwards. */
async function withEngine<T>(
  { signal }: Context,
  options: EngineChoice,
  work: (engine: LazyEngine) => Promise<T>,
): Promise<T> {
  const engine = engineOf(signal, options);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

async function contributeCommand(
  context: Context,
  zkeyPath: string,
  options: Write & { readonly entropy?: string },
): Promise<number> {
  const { out, name, entropy } = options;
  return withEngine(context, options, async (engine) => {
    const result = await context.reporter.stage('contributing', async (onStep) =>
      contribute({
        zkeyPath,
        outPath: out,
        engine: await engine.get(),
        signal: context.signal,
        onProgress: ({ stage, done }) => onStep(done, stage),
        ...(name === undefined ? {} : { name }),
        ...(entropy === undefined ? {} : { entropy }),
      }),
    );
    return reportContribution(context, out, result);
  });
}

async function beaconCommand(
  context: Context,
  zkeyPath: string,
  options: Write & { readonly hash: string; readonly iterations: string },
): Promise<number> {
  const { out, name, hash, iterations } = options;
  const digits = hash.replace(/^0x/, '');
  if (!/^([0-9a-f]{2}){1,255}$/i.test(digits))
    throw new UsageError('OPTION_RANGE', `--hash: expected 1 to 255 bytes in hex, got "${hash}".`);
  const iterationsExp = parseWhole('--iterations', iterations, 10, 63);
  return withEngine(context, options, async (engine) => {
    const result = await context.reporter.stage('applying the beacon', async (onStep) =>
      beacon({
        zkeyPath,
        outPath: out,
        engine: await engine.get(),
        beaconHash: Uint8Array.from(Buffer.from(digits, 'hex')),
        iterationsExp,
        signal: context.signal,
        onProgress: ({ stage, done }) => onStep(done, stage),
        ...(name === undefined ? {} : { name }),
      }),
    );
    return reportContribution(context, out, result);
  });
}

function reportContribution({ reporter }: Context, file: string, result: ContributionResult): number {
  const hash = Buffer.from(result.contributionHash).toString('hex');
  reporter.result(
    { ok: true, file, contributions: result.count, contributionHash: hash },
    listing([
      ['key', file],
      ['contributions', String(result.count)],
      ['publish this hash', hash],
    ]),
  );
  return EXIT.valid;
}

async function verifyCommand(
  context: Context,
  id: string,
  zkeyPath: string,
  options: EngineChoice & { readonly ptau: string },
): Promise<number> {
  const { reporter, signal } = context;
  const spec = circuitById(id);
  return withEngine(context, options, async (engine) => {
    const build: BuildOptions = {
      cacheFolder: cacheFolder(),
      engine: engine.get,
      figures: readFigures(figuresPath)[id],
      stage: reporter.stage,
      signal,
    };
    const compiled = await ensureCompiled(spec, build);
    const partition = spec.system === 'ultragroth' ? checkedPartition(compiled) : undefined;
    const verdict = await reporter.stage('verifying the ceremony', async (onStep) =>
      verifyCeremony({
        zkeyPath,
        r1csPath: compiled.r1csPath,
        ptauPath: options.ptau,
        engine: await engine.get(),
        signal,
        onProgress: ({ stage, done }) => onStep(done, stage),
        ...(partition === undefined ? {} : { partition }),
      }),
    );
    if (!verdict.ok) {
      reporter.result(verdict, refusalText(verdict));
      return EXIT.invalid;
    }
    const warnings = [
      ...(verdict.hasDevelopmentPowers ? ['its powers of tau are development ones with public secrets'] : []),
      ...(verdict.contributions.length === 0
        ? ['it has no contribution: an initial key must not be used']
        : []),
    ];
    reporter.result(
      {
        ok: true,
        contributions: verdict.contributions.length,
        fitForProduction: warnings.length === 0,
        warnings,
      },
      [
        `${pc.green('VALID')}: the key is what its circuit and its ${verdict.contributions.length} contributions make it`,
        ...warnings.map((warning) => pc.yellow(`not for production: ${warning}`)),
      ].join('\n'),
    );
    return EXIT.valid;
  });
}

async function powersCommand(
  context: Context,
  text: string,
  options: EngineChoice & { readonly out: string },
): Promise<number> {
  const power = parseWhole('power', text, 1, 22);
  return withEngine(context, options, async (engine) => {
    await context.reporter.stage('writing powers of tau', async (onStep) =>
      writeDevelopmentPtau({
        path: options.out,
        power,
        engine: await engine.get(),
        signal: context.signal,
        onProgress: ({ stage, done }) => onStep(done, stage),
      }),
    );
    context.reporter.result({ ok: true, file: options.out, power }, options.out);
    return EXIT.valid;
  });
}
