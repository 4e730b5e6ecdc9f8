/** `zkfinality verify`: checks a proof without the block. */
import type { Command } from 'commander';
import pc from 'picocolors';
import { formatStatement } from '../../statement/documents.js';
import { parseVerificationKey } from '../../statement/keys.js';
import { type FinalityAccepted, verifyFinality } from '../../verify/index.js';
import { openKeyRing, readAnchor, readDocument, readJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing } from '../output.js';
import { hex32, statementRows } from '../statement-text.js';

type Options = { readonly trust?: string; readonly manifest?: string; readonly key?: string };

export function registerVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('check a finality proof; needs no block')
    .argument('<proof>', 'finality proof (JSON)')
    .option('--trust <file>', 'trust anchor; without it the answer is NOT_ANCHORED')
    .option('--manifest <file>', 'key manifest (default: the one of this package)')
    .option('--key <file>', 'verification key (default: found through the manifest)')
    .action(run(verify));
}

async function verify({ reporter }: Context, proofPath: string, options: Options): Promise<number> {
  const document = readJson(proofPath);
  const ring = openKeyRing(options.manifest);
  const verificationKeys = options.key
    ? [readDocument(options.key, (json) => parseVerificationKey(json))]
    : ring.keys();
  const result = verifyFinality(document, {
    ...(options.trust === undefined ? {} : { anchor: readAnchor(options.trust) }),
    verificationKeys,
    manifest: ring.manifest,
  });
  const text = result.ok
    ? `${pc.green('FINAL')}: the proof is valid under this trust anchor\n${listing(statementRows(result.statement))}`
    : `${pc.red(result.code)}: ${result.message}`;
  reporter.result(result.ok ? formatAccepted(result) : result, text);
  return result.ok ? EXIT.valid : EXIT.invalid;
}

/** JSON of an accepted proof: hashes and commitments in hex, as they stand in the proof. */
function formatAccepted(result: FinalityAccepted): object {
  return {
    ...result,
    verificationKeyHash: hex32(result.verificationKeyHash),
    statement: formatStatement(result.statement),
  };
}
