/** `zkfinality fetch`: takes a block from a node. */
import type { Command } from 'commander';
import { fetchBlock } from '../../protocols/istanbul/fetch-block.js';
import { UsageError } from '../../statement/errors.js';
import { writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';

type Options = {
  readonly rpc: string;
  readonly block: string;
  readonly out: string;
  readonly timeout: string;
};

export function registerFetch(program: Command, run: Run): void {
  program
    .command('fetch')
    .description('fetch a block by eth_getBlockByNumber and check that it reproduces its hash')
    .requiredOption('--rpc <url>', 'JSON-RPC endpoint of a node')
    .requiredOption('--block <number>', 'height, or "latest"')
    .requiredOption('--out <file>', 'where to write the block (JSON)')
    .option('--timeout <seconds>', 'give up after', '30')
    .action(run(fetchCommand));
}

async function fetchCommand({ reporter, signal }: Context, options: Options): Promise<number> {
  const number = options.block === 'latest' ? ('latest' as const) : parseHeight(options.block);
  const seconds = Number(options.timeout);
  if (!(seconds > 0 && seconds <= 3600))
    throw new UsageError(
      'OPTION_RANGE',
      `--timeout: expected seconds in (0, 3600], got "${options.timeout}".`,
    );
  const fetched = await fetchBlock({ rpcUrl: options.rpc, number, timeoutMs: seconds * 1000, signal });
  await writeJson(options.out, fetched.json);
  reporter.result(
    { ok: true, file: options.out, height: fetched.block.number, variant: fetched.block.variant },
    `${options.out}: block ${fetched.block.number}, ${fetched.block.variant}, ${fetched.block.extra.seals.length} seals`,
  );
  return EXIT.valid;
}

function parseHeight(text: string): bigint {
  if (/^(0|[1-9][0-9]{0,18})$/.test(text)) return BigInt(text);
  throw new UsageError('OPTION_RANGE', `--block: expected a height or "latest", got "${text}".`);
}
