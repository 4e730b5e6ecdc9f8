/** `zkfinality follow`: a light client on the command line. Its state is a file, what it takes are proofs and registrations. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { formatFinalityProof, formatStatement, parseMembers, trustedSet } from '../../statement/documents.js';
import { FileError, UsageError } from '../../statement/errors.js';
import { REGISTRATION_FORMAT } from '../../statement/registration.js';
import { commitValidatorSet } from '../../statement/set-commitment.js';
import { fileStorage } from '../../storage/index.js';
import { LightClient, type LightClientResult } from '../../verify/index.js';
import { formatOf, openKeyRing, readAnchor, readJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing, printable } from '../output.js';
import { hex32, statementRows } from '../statement-text.js';
import { parseWhole } from '../whole-number.js';

type Options = {
  readonly state: string;
  readonly trust?: string;
  readonly manifest?: string;
  readonly trustingPeriod?: string;
  readonly validators?: readonly string[];
};

export function registerFollow(program: Command, run: Run): void {
  program
    .command('follow')
    .description('follow a chain by its proofs: move the state of a light client forward, or show it')
    .argument('[documents...]', 'finality proofs and registrations (JSON), or folders of them, in any order')
    .requiredOption('--state <file>', 'what the light client remembers; made when missing')
    .option('--trust <file>', 'trust anchor to start from; needed the first time')
    .option('--manifest <file>', 'key manifest (default: the one of this package)')
    .option(
      '--validators <file...>',
      'sets to register by their members (JSON), where there is no proof of it',
    )
    .option(
      '--trusting-period <seconds>',
      'how long the set may be relied on after the newest block (default: what the anchor says)',
    )
    .action(run(follow));
}

/** A document and where it came from. */
type Given = { readonly file: string; readonly json: unknown };
/** A registration that waits until a block needs it. */
type Registration = {
  readonly file: string;
  /** Commitment as it stands in documents. */
  readonly newSet: unknown;
  readonly apply: () => Promise<LightClientResult>;
};
/** What became of it. */
type Outcome = { readonly file: string; readonly result: LightClientResult };

function isRegistration({ json }: Given): boolean {
  return formatOf(json) === REGISTRATION_FORMAT;
}

async function follow({ reporter }: Context, paths: readonly string[], options: Options): Promise<number> {
  // Everything is read before anything is accepted: a bad file leaves the state as it was.
  const given = paths.flatMap(readDocuments);
  const sets = (options.validators ?? []).map((file) => ({
    file,
    members: parseMembers(readJson(file), file),
  }));
  const ring = openKeyRing(options.manifest);
  const period = options.trustingPeriod;
  const client = await LightClient.open({
    storage: fileStorage(options.state),
    ...(options.trust === undefined ? {} : { anchor: readAnchor(options.trust) }),
    ...(period === undefined
      ? {}
      : {
          trustingPeriodSeconds: BigInt(parseWhole('--trusting-period', period, 1, Number.MAX_SAFE_INTEGER)),
        }),
    manifest: ring.manifest,
    verificationKeys: ring.keys(),
  }).catch((error: unknown) => {
    if (error instanceof FileError && !error.message.includes(options.state))
      throw new FileError(error.code, `${options.state}: ${error.message}`, { cause: error });
    throw error;
  });
  const { anchor } = client.state;
  if (period !== undefined && client.newest === undefined && anchor.time === undefined)
    throw new UsageError(
      'ANCHOR_INCOMPLETE',
      '--trusting-period: the anchor has no time to count from. Make it again with: zkfinality trust make --time',
    );
  const registrations = [
    ...given.filter(isRegistration).map(
      ({ file, json }): Registration => ({
        file,
        newSet: fieldOf(json, 'newSet'),
        apply: () => client.update(json),
      }),
    ),
    ...sets.map(({ file, members }): Registration => {
      // The anchor's own set with more keys extends it; any other is registered as it is.
      const isAnchors =
        members.length === anchor.members.length &&
        members.every(({ identity }, i) => identity === anchor.members[i]!.identity);
      return {
        file,
        newSet: hex32(commitValidatorSet({ ...trustedSet(anchor), members })),
        apply: () => client.registerSet(members, isAnchors ? anchor.members : members),
      };
    }),
  ];
  const outcomes = await updateAll(
    client,
    given.filter((document) => !isRegistration(document)),
    registrations,
  );
  const isFrozen = client.state.conflict !== undefined;
  const ok = !isFrozen && outcomes.every(({ result }) => result.ok || KNOWN_ALREADY.includes(result.code));
  reporter.result(
    { ok, state: options.state, ...describeClient(client), documents: outcomes.map(describeOutcome) },
    [...outcomes.map(outcomeText), clientText(client)].join('\n'),
  );
  return ok ? EXIT.valid : EXIT.invalid;
}

/** Codes of documents that are behind the client: nothing is wrong with them. */
const KNOWN_ALREADY: readonly string[] = ['PROOF_REPLAYED', 'HEIGHT_WENT_BACK'];

/** A file, or the proofs and registrations in a folder; other files of a folder are passed over. */
function readDocuments(path: string): readonly Given[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return [{ file: path, json: readJson(path) }];
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ file: join(path, name), json: readJson(join(path, name)) }))
    .filter(({ json }) => /^zkfinality-(?:proof|registration)\//.test(String(formatOf(json))));
}

/**
 * Gives blocks by height, each registration just before the first block that needs it, and the other registrations at the end: one that
 * extends the trusted set would otherwise refuse blocks that were proved from the set before.
 */
async function updateAll(
  client: LightClient,
  given: readonly Given[],
  registrations: readonly Registration[],
): Promise<readonly Outcome[]> {
  const waiting = [...registrations];
  const blocks = given
    .map((document) => ({ ...document, height: heightOf(document.json) }))
    .sort((one, two) => (one.height < two.height ? -1 : one.height > two.height ? 1 : 0));
  const outcomes: Outcome[] = [];
  const register = async ({ file, apply }: Registration): Promise<void> => {
    outcomes.push({ file, result: await apply() });
  };
  for (const { file, json } of blocks) {
    const { trustedSet: trusted, signingSet } = statementOf(json);
    for (const needed of [trusted, signingSet]) {
      const index = waiting.findIndex(({ newSet }) => needed !== undefined && newSet === needed);
      if (index >= 0 && needed !== hex32(client.state.trustedSet))
        await register(waiting.splice(index, 1)[0]!);
    }
    outcomes.push({ file, result: await client.update(json) });
  }
  for (const registration of waiting) await register(registration);
  return outcomes;
}

function fieldOf(json: unknown, field: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, field)
    ? (json as { readonly [name: string]: unknown })[field]
    : undefined;
}

function statementOf(json: unknown): { readonly trustedSet: unknown; readonly signingSet: unknown } {
  const statement = fieldOf(json, 'statement');
  return { trustedSet: fieldOf(statement, 'trustedSet'), signingSet: fieldOf(statement, 'signingSet') };
}

/** For the order only; whatever has no height comes first and is refused. */
function heightOf(json: unknown): bigint {
  const height = fieldOf(fieldOf(json, 'statement'), 'height');
  return typeof height === 'string' && /^[0-9]{1,20}$/.test(height) ? BigInt(height) : -1n;
}

function describeClient(client: LightClient): object {
  const { newest, state } = client;
  return {
    ...(newest === undefined ? {} : { newest: formatStatement(newest) }),
    trustedSet: hex32(state.trustedSet),
    ...(state.conflict === undefined
      ? {}
      : {
          evidence: [...state.accepted, state.conflict]
            .filter(({ statement }) => statement.height === state.conflict!.statement.height)
            .map(formatFinalityProof),
        }),
  };
}

function describeOutcome({ file, result }: Outcome): object {
  if (!result.ok) return { file, ...result };
  const { kind } = result;
  const what =
    result.kind === 'block'
      ? { setChanged: result.setChanged, statement: formatStatement(result.statement) }
      : {
          extendsTrustedSet: result.extendsTrustedSet,
          oldSet: hex32(result.oldSet),
          newSet: hex32(result.newSet),
        };
  return { file, ok: true, kind, ...what, trustedSet: hex32(result.trustedSet) };
}

function outcomeText({ file, result }: Outcome): string {
  if (!result.ok) {
    const tell = KNOWN_ALREADY.includes(result.code) ? pc.dim : pc.red;
    return `${tell(result.code)} ${file}: ${printable(result.message)}`;
  }
  if (result.kind === 'registration')
    return `${pc.green('REGISTERED')} ${file}: set ${hex32(result.newSet)}${result.extendsTrustedSet ? ', now the trusted one' : ''}`;
  const { statement } = result;
  const set =
    result.trustedSet === statement.trustedSet ? '' : `, the trusted set is now ${hex32(result.trustedSet)}`;
  return `${pc.green('FINAL')} ${file}: block ${statement.height}${set}`;
}

function clientText({ newest, state }: LightClient): string {
  const rows: [string, string][] = [['trusted set', hex32(state.trustedSet)]];
  if (newest === undefined) rows.unshift(['newest block', 'none accepted yet']);
  else rows.unshift(...statementRows(newest).filter(([name]) => !name.endsWith(' set')));
  if (state.conflict !== undefined)
    rows.push(['FROZEN', `two blocks of height ${state.conflict.statement.height} were proved final`]);
  return listing(rows);
}
