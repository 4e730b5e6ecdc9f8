/** `zkfinality trust`: make, show and extend trust anchors. */
import { type Command, Option } from 'commander';
import { registrationCircuitForSet } from '../../build/registry.js';
import { assertWritable } from '../../formats/atomic-file.js';
import { assertCommitteeSet } from '../../protocols/committee/verify.js';
import type { IstanbulVariant } from '../../protocols/istanbul/extra-data.js';
import type { IstanbulBlock } from '../../protocols/istanbul/header.js';
import {
  createIstanbulSet,
  isSameSet,
  parsePublicKey,
  setOfBlock,
} from '../../protocols/istanbul/members.js';
import { parse as parseIstanbul } from '../../protocols/istanbul/parse.js';
import { createRegistrationInput } from '../../protocols/istanbul/registration.js';
import { verifyNatively } from '../../protocols/istanbul/verify.js';
import { formatTrustAnchor, parseMembers, type TrustAnchor, trustedSet } from '../../statement/documents.js';
import { FileError, UsageError } from '../../statement/errors.js';
import { formatRegistration } from '../../statement/registration.js';
import {
  addressOfKey,
  commitValidatorSet,
  isKeyUnknown,
  VARIANT_PROTOCOLS,
} from '../../statement/set-commitment.js';
import type { Member, ValidatorSet, Variant } from '../../statement/types.js';
import { namingFile, openKeyRing, readAnchor, readJson, readText, writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';
import { addProvingOptions, type ProvingOptions, withProver } from '../proving.js';
import { describeSet, setText } from '../set-text.js';

type MakeOptions = {
  readonly variant: Variant;
  readonly chainId: string;
  readonly validators?: string;
  readonly block?: readonly string[];
  readonly keys?: string;
  readonly manifest?: string;
  readonly headerListAuthenticated?: boolean;
  readonly allowDevelopmentKeys?: boolean;
  readonly trustingPeriod?: string;
  readonly time?: string;
  readonly out: string;
};

export function registerTrust(program: Command, run: Run): void {
  const trust = program.command('trust').description('make, show and extend trust anchors');
  trust
    .command('make')
    .description('write a trust anchor from a list of validators or from blocks you trust')
    .addOption(
      new Option('--variant <name>', 'consensus variant')
        .choices(Object.keys(VARIANT_PROTOCOLS))
        .makeOptionMandatory(),
    )
    .requiredOption('--chain-id <number>', 'chain id')
    .option('--validators <file>', 'members as JSON: identity, publicKey {x, y}, power')
    .option('--block <file...>', 'Istanbul: blocks sealed by the set; keys are recovered from their seals')
    .option('--keys <file>', 'Istanbul: public keys, one a line (128 hex digits x ‖ y)')
    .option('--manifest <file>', 'manifest of accepted keys (default: the one of this package)')
    .option('--header-list-authenticated', 'the chain checks validator lists before sealing (Besu does)')
    .option('--allow-development-keys', 'accept keys whose secrets are public: tests only')
    .option('--trusting-period <seconds>', 'how long the set may be relied on after the newest block')
    .option('--time <seconds>', 'Unix time that the set is trusted from (default: of the newest --block)')
    .requiredOption('--out <file>', 'where to write the anchor')
    .action(run(make));
  trust
    .command('show')
    .description('show the validator set of an anchor')
    .argument('<anchor>', 'trust anchor (JSON)')
    .action(run(show));
  const registerCommand = trust
    .command('register')
    .description(
      'add public keys that were unknown, from blocks or a list; replaces unknown keys and nothing else',
    )
    .argument('<anchor>', 'trust anchor (JSON)')
    .option('--block <file...>', 'blocks sealed by the trusted set')
    .option('--keys <file>', 'public keys, one a line')
    .option('--validators <file>', 'a further set (JSON) that this chain may change to')
    .option('--out <file>', 'where to write the new anchor (default: over the old one)')
    .option(
      '--prove <file>',
      'Istanbul: prove the registration for light clients and contracts, and write the proof here',
    );
  addProvingOptions(registerCommand).action(run(register));
}

async function make({ reporter }: Context, options: MakeOptions): Promise<number> {
  const { variant } = options;
  const chainId = parseChainId(options.chainId);
  const anchor: TrustAnchor = {
    protocol: VARIANT_PROTOCOLS[variant],
    variant,
    chainId,
    headerListAuthenticated: options.headerListAuthenticated ?? false,
    allowDevelopmentKeys: options.allowDevelopmentKeys ?? false,
    manifest: openKeyRing(options.manifest).manifest.name,
    members: readMembers(options, variant, chainId),
    registeredSets: [],
    ...readPeriod(options, variant),
  };
  if (variant === 'committee') assertCommitteeSet(trustedSet(anchor));
  await writeJson(options.out, formatTrustAnchor(anchor));
  reporter.result(
    { ok: true, file: options.out, set: describeSet(trustedSet(anchor)) },
    `${options.out}\n${setText(trustedSet(anchor))}`,
  );
  return EXIT.valid;
}

/** The time that the set is trusted from and for how long; nothing where neither was asked for. */
function readPeriod(
  { time, trustingPeriod, block = [] }: MakeOptions,
  variant: Variant,
): Pick<TrustAnchor, 'time' | 'trustingPeriodSeconds'> {
  const given = time === undefined ? undefined : parseWhole('--time', time);
  if (trustingPeriod === undefined) return given === undefined ? {} : { time: given };
  const times = variant === 'committee' ? [] : block.map((path) => readBlock(path, variant).time);
  const since =
    given ?? times.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined);
  if (since === undefined)
    throw new UsageError(
      'ANCHOR_INCOMPLETE',
      '--trusting-period: expected --time with it, or --block. Give the time of the newest block that you know the set from.',
    );
  return { time: since, trustingPeriodSeconds: parseWhole('--trusting-period', trustingPeriod) };
}

function readMembers(options: MakeOptions, variant: Variant, chainId: bigint): readonly Member[] {
  if (options.validators !== undefined) return parseMembers(readJson(options.validators), options.validators);
  if (variant === 'committee' || (options.block === undefined && options.keys === undefined))
    throw new UsageError(
      'VALIDATORS_MISSING',
      variant === 'committee'
        ? 'a committee anchor needs --validators: the list with identity, public key and power of each member.'
        : 'expected --validators, --block or --keys. Give a list of validators, or blocks that the set sealed.',
    );
  const publicKeys = options.keys === undefined ? [] : readKeys(options.keys);
  if (options.block === undefined) return createIstanbulSet({ variant, chainId, publicKeys }).members;
  const blocks = options.block.map((path) => readBlock(path, variant));
  const addresses = blocks[0]?.extra.validators ?? [];
  const set = createIstanbulSet({ variant, chainId, addresses, publicKeys });
  return learnKeys(set, options.block, blocks).members;
}

/** Fills in the keys that seals of these blocks show. Each block must be sealed by a quorum of the set. */
function learnKeys(
  set: ValidatorSet,
  paths: readonly string[],
  blocks: readonly IstanbulBlock[],
): ValidatorSet {
  return blocks.reduce((known, block, index) => {
    const next = setOfBlock(block, set.chainId, [known]);
    const verdict = verifyNatively(block, next);
    if (!verdict.ok) throw new FileError(verdict.code, `${paths[index]}: ${verdict.message}`);
    if (
      next.members.length !== set.members.length ||
      next.members.some((m, i) => m.identity !== set.members[i]?.identity)
    )
      throw new FileError(
        'VALIDATOR_LIST_MISMATCH',
        `${paths[index]}: the header lists other validators than the set. Give blocks of one set only.`,
      );
    return next;
  }, set);
}

async function show({ reporter }: Context, path: string): Promise<number> {
  const anchor = readAnchor(path);
  const set = trustedSet(anchor);
  reporter.result({ ok: true, anchor: formatTrustAnchor(anchor), set: describeSet(set) }, setText(set));
  return EXIT.valid;
}

type RegisterOptions = ProvingOptions & {
  readonly block?: readonly string[];
  readonly keys?: string;
  readonly validators?: string;
  readonly out?: string;
  readonly prove?: string;
};

async function register(context: Context, path: string, options: RegisterOptions): Promise<number> {
  const { reporter } = context;
  const anchor = readAnchor(path);
  let set = trustedSet(anchor);
  let registeredSets = anchor.registeredSets;
  const addsKeys = options.block !== undefined || options.keys !== undefined;
  if (!addsKeys && options.validators === undefined && options.prove === undefined)
    throw new UsageError(
      'VALIDATORS_MISSING',
      'expected --block, --keys, --validators or --prove: nothing to register was given.',
    );
  if (addsKeys && options.validators !== undefined && options.prove !== undefined)
    throw new UsageError(
      'REGISTER_ONE_SET',
      '--prove: a proof is of one set. Register keys of the trusted set and a further set one after the other.',
    );
  if (addsKeys || options.prove !== undefined) requireIstanbul(anchor);
  if (options.keys !== undefined) {
    const keys = readKeys(options.keys);
    const addresses = new Set(set.members.map((member) => member.identity));
    for (const key of keys)
      if (!addresses.has(addressOfKey(key)))
        throw new UsageError(
          'KEY_OF_NO_MEMBER',
          `${options.keys}: a key belongs to no member. Give keys of this set only.`,
        );
    set = {
      ...set,
      members: set.members.map((member) =>
        isKeyUnknown(member)
          ? {
              ...member,
              publicKey: keys.find((key) => addressOfKey(key) === member.identity) ?? member.publicKey,
            }
          : member,
      ),
    };
  }
  if (options.block !== undefined) {
    const { variant } = anchor;
    if (variant === 'committee') throw requireIstanbul(anchor);
    set = learnKeys(
      set,
      options.block,
      options.block.map((file) => readBlock(file, variant)),
    );
  }
  let registered = set;
  if (options.validators !== undefined) {
    const members = parseMembers(readJson(options.validators), options.validators);
    registered = { ...set, members };
    // A set that is registered twice stands in the anchor once.
    if (!registeredSets.some((known) => isSameSet({ ...set, members: known }, registered)))
      registeredSets = [...registeredSets, members];
  }
  const next: TrustAnchor = { ...anchor, members: set.members, registeredSets };
  const document = formatTrustAnchor(next);
  const out = options.out ?? path;
  const files: { [kind: string]: string } = { file: out };
  if (options.prove !== undefined) {
    await proveRegistration(
      context,
      options.validators === undefined ? trustedSet(anchor) : registered,
      registered,
      options.prove,
      options,
    );
    files.registration = options.prove;
  }
  await writeJson(out, document);
  reporter.result(
    { ok: true, ...files, set: describeSet(registered) },
    `${Object.values(files).join('\n')}\n${setText(registered)}`,
  );
  return EXIT.valid;
}

/** Proves that every known key of a set belongs to its member, and that the old set lacks keys of it at most. */
async function proveRegistration(
  context: Context,
  oldSet: ValidatorSet,
  newSet: ValidatorSet,
  path: string,
  options: ProvingOptions,
): Promise<void> {
  const { variant, chainId } = newSet;
  const spec = registrationCircuitForSet(variant, newSet.members.length);
  await assertWritable(path);
  const request = {
    input: createRegistrationInput(oldSet, newSet, spec.tier),
    claim: { oldSet: commitValidatorSet(oldSet), newSet: commitValidatorSet(newSet) },
    variant,
    chainId,
  };
  const { proof } = await withProver(context, spec, options, (session, onStep) =>
    session.proveRegistration(request, onStep),
  );
  await writeJson(path, formatRegistration(proof));
}

function requireIstanbul(anchor: TrustAnchor): undefined {
  if (anchor.protocol !== 'istanbul')
    throw new UsageError(
      'REGISTER_PROTOCOL',
      'a committee set has no unknown keys: --block, --keys and --prove are for Istanbul.',
    );
  return undefined;
}

function readKeys(path: string): Member['publicKey'][] {
  return readText(path)
    .split('\n')
    .map((line, index) => ({ line, where: `${path}, line ${index + 1}` }))
    .filter(({ line }) => line.trim() !== '' && !line.startsWith('#'))
    .map(({ line, where }) => namingFile(where, () => parsePublicKey(line)));
}

function readBlock(path: string, variant: IstanbulVariant): IstanbulBlock {
  const text = readText(path);
  return namingFile(path, () => parseIstanbul(text, { variant }));
}

function parseChainId(text: string): bigint {
  return parseWhole('--chain-id', text);
}

function parseWhole(option: string, text: string): bigint {
  if (/^(0|[1-9][0-9]{0,19})$/.test(text)) {
    const value = BigInt(text);
    if (value < 1n << 64n) return value;
  }
  throw new UsageError('OPTION_RANGE', `${option}: expected a whole number below 2^64, got "${text}".`);
}
