/** `zkfinality export`: verifiers and calldata for other places. */
import type { Command } from 'commander';
import { writeFileAtomically } from '../../formats/atomic-file.js';
import { encodeCalldata, exportSolidityVerifier } from '../../onchain/index.js';
import { parseFinalityProof } from '../../statement/documents.js';
import { UsageError } from '../../statement/errors.js';
import { formatVerificationKey } from '../../statement/keys.js';
import { packStatement } from '../../statement/packing.js';
import { parseRegistration, REGISTRATION_FORMAT, registrationInputs } from '../../statement/registration.js';
import { formatOf, openKeyRing, readDocument, writeJson } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT } from '../output.js';

type Options = { readonly out: string; readonly manifest?: string; readonly allowDevelopmentKey?: boolean };

export function registerExport(program: Command, run: Run): void {
  const group = program.command('export').description('write verifiers and calldata for other places');
  group
    .command('solidity')
    .description('Solidity verifier of a circuit')
    .argument('<circuit>', 'circuit id')
    .requiredOption('--out <file>', 'where to write the contract')
    .option('--manifest <file>', 'key manifest (default: the one of this package)')
    .option(
      '--allow-development-key',
      'export even where the key is a development key: such a contract accepts forgeries',
    )
    .action(run(solidity));
  group
    .command('calldata')
    .description('arguments of verifyProof for a finality proof or a registration')
    .argument('<proof>', 'finality proof or registration (JSON)')
    .action(run(calldata));
  group
    .command('key')
    .description('verification key of a circuit, as snarkjs reads it')
    .argument('<circuit>', 'circuit id')
    .requiredOption('--out <file>', 'where to write the key')
    .option('--manifest <file>', 'key manifest (default: the one of this package)')
    .action(run(verificationKey));
}

function findKey(id: string, manifest: string | undefined) {
  const key = openKeyRing(manifest).find(id);
  if (key) return key;
  throw new UsageError(
    'KEY_NOT_IN_MANIFEST',
    `circuit "${id}": the manifest has no key for it. List keys with: zkfinality circuits`,
  );
}

async function solidity({ reporter }: Context, id: string, options: Options): Promise<number> {
  const source = exportSolidityVerifier(findKey(id, options.manifest), {
    contractName: `${id.replace(/(^|-)([a-z0-9])/g, (_all, _dash, letter: string) => letter.toUpperCase())}Verifier`,
    allowDevelopmentKey: options.allowDevelopmentKey ?? false,
  });
  await writeFileAtomically(options.out, source);
  reporter.result({ ok: true, file: options.out }, options.out);
  return EXIT.valid;
}

async function calldata({ reporter }: Context, path: string): Promise<number> {
  const encoded = readDocument(path, (json) => {
    if (formatOf(json) === REGISTRATION_FORMAT) {
      const registration = parseRegistration(json);
      return encodeCalldata(registration.proof, registrationInputs(registration));
    }
    const { proof, statement } = parseFinalityProof(json);
    return encodeCalldata(proof, packStatement(statement));
  });
  reporter.result({ ok: true, calldata: encoded }, encoded);
  return EXIT.valid;
}

async function verificationKey({ reporter }: Context, id: string, options: Options): Promise<number> {
  await writeJson(options.out, formatVerificationKey(findKey(id, options.manifest)));
  reporter.result({ ok: true, file: options.out }, options.out);
  return EXIT.valid;
}
