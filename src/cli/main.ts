/**
 * The command line. Parses arguments, maps results and errors to exit codes, and turns Ctrl-C into a cancellation that
 * leaves nothing half-written; a second Ctrl-C ends the process at once.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { packageRoot } from '../build/paths.js';
import { UsageError } from '../statement/errors.js';
import { createReporter, EXIT, type Reporter, reportError } from './output.js';

/** What every command gets beside its own arguments. */
export type Context = { readonly reporter: Reporter; readonly signal: AbortSignal };
/** Adds a command to the program. */
type Register = (program: Command, run: Run) => void;
/**
 * The commands in the order of the help page. Each is loaded when it is named, since all together take longer to load than a proof to
 * verify.
 */
const COMMANDS: { readonly [name: string]: () => Promise<Register> } = {
  prove: async () => (await import('./commands/prove.js')).registerProve,
  verify: async () => (await import('./commands/verify.js')).registerVerify,
  follow: async () => (await import('./commands/follow.js')).registerFollow,
  inspect: async () => (await import('./commands/inspect.js')).registerInspect,
  trust: async () => (await import('./commands/trust.js')).registerTrust,
  fetch: async () => (await import('./commands/fetch.js')).registerFetch,
  devnet: async () => (await import('./commands/devnet.js')).registerDevnet,
  setup: async () => (await import('./commands/setup.js')).registerSetup,
  ceremony: async () => (await import('./commands/ceremony.js')).registerCeremony,
  circuits: async () => (await import('./commands/circuits.js')).registerCircuits,
  export: async () => (await import('./commands/export.js')).registerExport,
  bench: async () => (await import('./commands/bench.js')).registerBench,
};

/** A command's work; resolves to its exit code. */
export type Action<Arguments extends unknown[]> = (context: Context, ...given: Arguments) => Promise<number>;
/** Wraps a command's work for commander. */
export type Run = <Arguments extends unknown[]>(
  action: Action<Arguments>,
) => (...given: Arguments) => Promise<void>;

/**
 * Runs the command line.
 *
 * @param argv - Arguments without the program's name.
 * @returns The exit code.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const controller = new AbortController();
  let interrupts = 0;
  const interrupt = (): void => {
    if (++interrupts > 1) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  let exitCode: number = EXIT.valid;
  const program = await createProgram(argv, (action) => async (...given) => {
    const { json = false, quiet = false } = program.opts<{ json?: boolean; quiet?: boolean }>();
    const reporter = createReporter({ json, quiet });
    exitCode = await action({ reporter, signal: controller.signal }, ...given);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    const { json = false } = program.opts<{ json?: boolean }>();
    if (!(error instanceof CommanderError)) exitCode = reportError(error, json);
    else if (error.exitCode === 0) exitCode = EXIT.valid;
    else {
      // Commander has told it on standard error.
      if (json) reportError(new UsageError('COMMAND_LINE', usageMessage(error)), json);
      exitCode = EXIT.usage;
    }
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  return exitCode;
}

function usageMessage({ code, message }: CommanderError): string {
  const what = code === 'commander.help' ? 'expected a command' : message.replace(/^error: /, '');
  return `${what}. See: zkfinality --help`;
}

/** The program with the command that is named, or with all where none is. */
async function createProgram(argv: readonly string[], run: Run): Promise<Command> {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('zkfinality')
    .description(description)
    .version(version)
    .addOption(new Option('--json', 'print exactly one JSON document on standard output'))
    .addOption(new Option('--quiet', 'no progress on standard error'))
    .exitOverride()
    .showHelpAfterError('(zkfinality --help lists commands)')
    .addHelpText(
      'after',
      '\nExit codes: 0 valid, 1 invalid, 2 usage, 3 bad file, 4 environment, 130 interrupted.',
    );
  const named = argv.find((argument) => !argument.startsWith('-')) ?? '';
  const loaders = Object.hasOwn(COMMANDS, named) ? [COMMANDS[named]!] : Object.values(COMMANDS);
  for (const register of await Promise.all(loaders.map((load) => load()))) register(program, run);
  for (const command of program.commands) {
    command.exitOverride().copyInheritedSettings(program);
    for (const child of command.commands) child.exitOverride().copyInheritedSettings(program);
  }
  return program;
}
