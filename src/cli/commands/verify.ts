/** `zkfinality verify`: checks a finality proof without the block, or a registration without the keys. */
import type { Command } from 'commander';
import pc from 'picocolors';
import { formatStatement } from '../../statement/documents.js';
import { parseVerificationKey } from '../../statement/keys.js';
import { REGISTRATION_FORMAT } from '../../statement/registration.js';
import {
  type FinalityAccepted,
  type FinalityOptions,
  type RegistrationAccepted,
  verifyFinality,
  verifyRegistration,
} from '../../verify/index.js';
import { formatOf, openKeyRing, readAnchor, readDocument, readJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing, refusalText } from '../output.js';
import { hex32, statementRows } from '../statement-text.js';

type Options = { readonly trust?: string; readonly manifest?: string; readonly key?: string };

export function registerVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('check a finality proof or a registration; needs no block')
    .argument('<proof>', 'finality proof or registration (JSON)')
    .option('--trust <file>', 'trust anchor; without it the answer is NOT_ANCHORED')
    .option('--manifest <file>', 'key manifest (default: the one of this package)')
    .option('--key <file>', 'verification key (default: found through the manifest)')
    .action(run(verify));
}

async function verify(context: Context, proofPath: string, options: Options): Promise<number> {
  const document = readJson(proofPath);
  const ring = openKeyRing(options.manifest);
  const verificationKeys = options.key
    ? [readDocument(options.key, (json) => parseVerificationKey(json))]
    : ring.keys();
  const trust: FinalityOptions = {
    ...(options.trust === undefined ? {} : { anchor: readAnchor(options.trust) }),
    verificationKeys,
    manifest: ring.manifest,
  };
  return formatOf(document) === REGISTRATION_FORMAT
    ? tellRegistration(context, document, trust)
    : tellFinality(context, document, trust);
}

function tellFinality({ reporter }: Context, document: unknown, trust: FinalityOptions): number {
  const result = verifyFinality(document, trust);
  const text = result.ok
    ? `${pc.green('FINAL')}: the proof is valid under this trust anchor\n${listing(statementRows(result.statement))}`
    : refusalText(result);
  reporter.result(result.ok ? formatAccepted(result) : result, text);
  return result.ok ? EXIT.valid : EXIT.invalid;
}

function tellRegistration({ reporter }: Context, document: unknown, trust: FinalityOptions): number {
  const result = verifyRegistration(document, trust);
  const text = result.ok
    ? `${pc.green('REGISTERED')}: every known key of the new set belongs to its member\n${listing(registrationRows(result))}`
    : refusalText(result);
  reporter.result(result.ok ? formatRegistered(result) : result, text);
  return result.ok ? EXIT.valid : EXIT.invalid;
}

function registrationRows({ oldSet, newSet, extendsTrustedSet }: RegistrationAccepted): [string, string][] {
  return [
    ['new set', hex32(newSet)],
    ['old set', oldSet === newSet ? 'the new set' : hex32(oldSet)],
    ['old set is the trusted one', extendsTrustedSet ? 'yes' : 'no'],
  ];
}

function formatRegistered(result: RegistrationAccepted): object {
  return {
    ...result,
    verificationKeyHash: hex32(result.verificationKeyHash),
    oldSet: hex32(result.oldSet),
    newSet: hex32(result.newSet),
  };
}

/** JSON of an accepted proof: hashes and commitments in hex, as they stand in the proof. */
function formatAccepted(result: FinalityAccepted): object {
  return {
    ...result,
    verificationKeyHash: hex32(result.verificationKeyHash),
    statement: formatStatement(result.statement),
  };
}
