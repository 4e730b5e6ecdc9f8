/** `zkfinality devnet`: writes blocks and a trust anchor of an embedded network, honest or misbehaving. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { createDevnet } from '../../devnet/index.js';
import { MISBEHAVIOURS, type Misbehaviour } from '../../devnet/types.js';
import { writeFileAtomically } from '../../formats/atomic-file.js';
import { formatTrustAnchor, type TrustAnchor } from '../../statement/documents.js';
import { VARIANT_PROTOCOLS } from '../../statement/set-commitment.js';
import type { Variant } from '../../statement/types.js';
import { openKeyRing, writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';
import { parseWhole } from '../whole-number.js';

type Options = {
  readonly variant: Variant;
  readonly validators: string;
  readonly blocks: string;
  readonly chainId: string;
  readonly seed: string;
  readonly misbehave?: Misbehaviour;
  readonly at?: string;
  readonly join?: string;
  readonly out: string;
};

export function registerDevnet(program: Command, run: Run): void {
  program
    .command('devnet')
    .description('write blocks of an embedded development network, with a trust anchor for them')
    .addOption(
      new Option('--variant <name>', 'consensus variant')
        .choices(Object.keys(VARIANT_PROTOCOLS))
        .default('qbft'),
    )
    .option('--validators <number>', 'size of the first set', '4')
    .option('--blocks <number>', 'blocks to write, from height 1', '3')
    .option('--chain-id <number>', 'chain id', '1337')
    .option('--seed <text>', 'everything derives from it', 'zkfinality')
    .option('--join <height>', 'a validator joins at this height')
    .addOption(
      new Option('--misbehave <kind>', 'make the block at --at misbehave').choices([...MISBEHAVIOURS]),
    )
    .option('--at <height>', 'height of the misbehaviour (default: the last block)')
    .requiredOption('--out <folder>', 'where to write')
    .action(run(devnet));
}

async function devnet({ reporter }: Context, options: Options): Promise<number> {
  const validators = parseWhole('--validators', options.validators, 1, 1000);
  const blocks = parseWhole('--blocks', options.blocks, 1, 10_000);
  const chainId = BigInt(parseWhole('--chain-id', options.chainId, 0, Number.MAX_SAFE_INTEGER));
  const joinHeight = options.join === undefined ? undefined : parseWhole('--join', options.join, 1, blocks);
  const network = createDevnet(options.variant, {
    seed: options.seed,
    validators,
    chainId,
    changes: joinHeight === undefined ? [] : [{ height: joinHeight, add: [validators] }],
  });
  const at = options.at === undefined ? blocks : parseWhole('--at', options.at, 1, blocks);
  const files: string[] = [];
  for (let height = 1; height <= blocks; height++) {
    const misbehaviour = height === at ? options.misbehave : undefined;
    const path = join(
      options.out,
      `block-${height}${misbehaviour === undefined ? '' : `-${misbehaviour}`}.json`,
    );
    await writeFileAtomically(path, network.block(height, misbehaviour).text);
    files.push(path);
  }
  const set = network.validatorSet(1);
  const last = network.validatorSet(blocks);
  const anchor: TrustAnchor = {
    protocol: network.protocol,
    variant: network.variant,
    chainId: network.chainId,
    headerListAuthenticated: joinHeight !== undefined && network.protocol === 'istanbul',
    allowDevelopmentKeys: true,
    manifest: openKeyRing().manifest.name,
    members: set.members,
    registeredSets: joinHeight === undefined ? [] : [last.members],
  };
  const trust = join(options.out, 'trust.json');
  await writeJson(trust, formatTrustAnchor(anchor));
  reporter.result({ ok: true, blocks: files, trust }, [...files, trust].join('\n'));
  return EXIT.valid;
}
