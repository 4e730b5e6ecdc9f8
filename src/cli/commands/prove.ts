/** `zkfinality prove`: checks a block, proves it in zero knowledge, verifies the proof, writes it. */
import type { Command } from 'commander';
import pc from 'picocolors';
import { formatSeconds } from '../../build/forecast.js';
import { circuitForSet } from '../../build/registry.js';
import { assertWritable } from '../../formats/atomic-file.js';
import { protocolOf } from '../../protocols/index.js';
import { formatFinalityProof, trustedSet } from '../../statement/documents.js';
import { namingFile, readAnchor, readText, writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing, refusalText } from '../output.js';
import { addProvingOptions, type ProvingOptions, withProver } from '../proving.js';
import { statementRows } from '../statement-text.js';

type Options = ProvingOptions & {
  readonly trust: string;
  readonly out: string;
  readonly timings?: boolean;
};

/** Stages of the prover in the words of other provers, where they have some; the rest go by their own names. `docs/ENGINE.md` explains each. */
const STAGE_TITLES: { readonly [stage: string]: string } = {
  quotient: 'quotient (FFTs)',
  commit: 'commit D (MSM in G1)',
  'sum C': 'sum C (MSM in G1)',
  'sum A': 'sum A (MSM in G1)',
  'sum B2': 'sum B2 (MSM in G2)',
  'sum B1': 'sum B1 (MSM in G1)',
};

export function registerProve(program: Command, run: Run): void {
  const command = program
    .command('prove')
    .description('prove that a block is final')
    .argument('<block>', 'block: JSON of a node, or RLP in hex')
    .requiredOption('--trust <file>', 'trust anchor with the validator set')
    .option('--out <file>', 'where to write the proof', 'proof.json');
  addProvingOptions(command).option('--timings', 'tell how long each stage took').action(run(prove));
}

async function prove(context: Context, blockPath: string, options: Options): Promise<number> {
  const { reporter } = context;
  const anchor = readAnchor(options.trust);
  const trusted = trustedSet(anchor);
  const protocol = protocolOf(anchor.variant);
  const text = readText(blockPath);
  const block = namingFile(blockPath, () => protocol.parse(text, { variant: anchor.variant }));
  const trust = {
    headerListAuthenticated: anchor.headerListAuthenticated,
    registeredSets: anchor.registeredSets.map((members) => ({ ...trusted, members })),
  };
  const verdict = protocol.verifyNatively(block, trusted, trust);
  if (!verdict.ok) {
    reporter.result(verdict, refusalText(verdict));
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
    reporter.result(refusal, refusalText(refusal));
    return EXIT.invalid;
  }
  const signing = verdict.signingSet ?? trusted;
  const spec = circuitForSet(anchor.variant, Math.max(trusted.members.length, signing.members.length));
  const request = {
    input: protocol.circuitInput(block, trusted, spec.tier, trust),
    statement: protocol.statement(block, trusted, trust),
    variant: anchor.variant,
    chainId: anchor.chainId,
  };
  await assertWritable(options.out);
  const proved = await withProver(context, spec, options, (session, onStep) =>
    session.prove(request, onStep),
  );
  const document = formatFinalityProof(proved.proof);
  await writeJson(options.out, document);
  const timings = options.timings ? { engine: proved.engine, timingsMs: proved.timingsMs } : {};
  const rows: [string, string][] = [
    ['proof', options.out],
    ['circuit', spec.id],
    ...statementRows(proved.proof.statement),
  ];
  if (options.timings) {
    rows.push(['engine', proved.engine]);
    for (const [stage, milliseconds] of Object.entries(proved.timingsMs))
      rows.push([STAGE_TITLES[stage] ?? stage, formatSeconds(milliseconds / 1000)]);
  }
  reporter.result(
    { ok: true, file: options.out, ...timings, proof: document },
    `${pc.green('PROVED')}\n${listing(rows)}`,
  );
  return EXIT.valid;
}
