/** `zkfinality inspect`: says what a file is: a block, a proof, a registration, a trust anchor, a key, a circuit, a witness. */
import { closeSync, openSync, readSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { readFigures } from '../../build/artifacts.js';
import { forecast, formatBytes, formatSeconds, measureSlowness } from '../../build/forecast.js';
import { figuresPath } from '../../build/paths.js';
import { CIRCUITS, circuitById } from '../../build/registry.js';
import { expectedArithmetic } from '../../engine/index.js';
import { readError } from '../../formats/container.js';
import { openPtau } from '../../formats/ptau.js';
import { readR1csHeader } from '../../formats/r1cs.js';
import { readWitness } from '../../formats/wtns.js';
import { openZkey, readVerificationKey } from '../../formats/zkey.js';
import {
  formatTrustAnchor,
  parseFinalityProof,
  parseTrustAnchor,
  trustedSet,
} from '../../statement/documents.js';
import { isDevelopmentKey, keyWeakness, parseVerificationKey } from '../../statement/keys.js';
import { parseRegistration, REGISTRATION_FORMAT } from '../../statement/registration.js';
import { VARIANT_PROTOCOLS } from '../../statement/set-commitment.js';
import { verificationKeyHash } from '../../statement/transcript.js';
import type { Variant, VerificationKey } from '../../statement/types.js';
import { describeBlock } from '../block-text.js';
import { namingFile, parseJson, readText } from '../files.js';
import type { Context, Run } from '../main.js';
import { EXIT, listing } from '../output.js';
import { describeSet, setText } from '../set-text.js';
import { hex32, statementRows } from '../statement-text.js';

type Options = { readonly variant?: Variant };
type Rows = [string, string][];
/** What was found: a kind, facts for JSON, lines for people. */
type Finding = { readonly kind: string; readonly facts: object; readonly text: string };

export function registerInspect(program: Command, run: Run): void {
  program
    .command('inspect')
    .description('say what a file holds: block, proof, trust anchor, key, circuit; or what a circuit costs')
    .argument('<file>', 'a file, or the id of a circuit')
    .addOption(
      new Option('--variant <name>', 'variant of a block, where its bytes do not tell').choices(
        Object.keys(VARIANT_PROTOCOLS),
      ),
    )
    .action(run(inspect));
}

async function inspect({ reporter }: Context, path: string, options: Options): Promise<number> {
  const found = CIRCUITS.some((spec) => spec.id === path) ? inspectCircuit(path) : inspectFile(path, options);
  reporter.result({ ok: true, kind: found.kind, ...found.facts }, `${found.kind}\n${found.text}`);
  return EXIT.valid;
}

function inspectCircuit(id: string): Finding {
  const spec = circuitById(id);
  const figures = readFigures(figuresPath)[id];
  const rows: Rows = [
    ['proves', spec.kind],
    ['protocol', `${spec.protocol} (${spec.variants.join(', ')})`],
    ['validators', `up to ${spec.tier}`],
    ['proof system', spec.system],
  ];
  if (figures === undefined) return { kind: 'circuit', facts: { circuit: id }, text: listing(rows) };
  const cost = forecast(figures, { arithmetic: expectedArithmetic(), slowness: measureSlowness() });
  rows.push(
    ['constraints', figures.constraints.toLocaleString('en')],
    ['wires', figures.wires.toLocaleString('en')],
    ['domain', `2^${cost.domainLog}`],
    ['proving key', formatBytes(cost.keyBytes)],
    ['proving', `about ${formatSeconds(cost.prove.seconds)}, ${formatBytes(cost.prove.memoryBytes)}`],
  );
  return { kind: 'circuit', facts: { circuit: id, figures, forecast: cost }, text: listing(rows) };
}

function inspectFile(path: string, options: Options): Finding {
  const magic = readMagic(path);
  if (magic === 'zkey') return inspectProvingKey(path);
  if (magic === 'r1cs') return plain('constraint system', readR1csHeader(path));
  if (magic === 'wtns') return plain('witness', { wires: readWitness(path).length / 32 });
  if (magic === 'ptau') {
    const ptau = openPtau(path);
    try {
      return plain('powers of tau', { power: ptau.power, ceremonyPower: ptau.ceremonyPower });
    } finally {
      ptau.close();
    }
  }
  const text = readText(path);
  return namingFile(path, () => inspectText(text, path, options));
}

function inspectText(text: string, path: string, options: Options): Finding {
  const json = text.trimStart().startsWith('{') ? (parseJson(text, path) as { format?: unknown }) : undefined;
  const format = json?.format;
  if (format === 'zkfinality-proof/1') return inspectProof(json);
  if (format === REGISTRATION_FORMAT) return inspectRegistration(json);
  if (format === 'zkfinality-trust/1') {
    const anchor = parseTrustAnchor(json);
    const set = trustedSet(anchor);
    return {
      kind: 'trust anchor',
      facts: { anchor: formatTrustAnchor(anchor), set: describeSet(set) },
      text: setText(set),
    };
  }
  if (json !== undefined && Object.hasOwn(json, 'vk_alpha_1'))
    return inspectVerificationKey(parseVerificationKey(json));
  return plain('block', describeBlock(text, options.variant));
}

function inspectProof(json: unknown): Finding {
  const proof = parseFinalityProof(json);
  return {
    kind: 'finality proof',
    facts: { circuit: proof.circuit, document: json },
    text: listing([
      ['protocol', `${proof.protocol} (${proof.variant})`],
      ['chain id', proof.chainId.toString()],
      ['circuit', proof.circuit],
      ['verification key', hex32(proof.verificationKeyHash)],
      ...statementRows(proof.statement),
      ['verdict', 'not verified: use zkfinality verify'],
    ]),
  };
}

function inspectRegistration(json: unknown): Finding {
  const {
    protocol,
    variant,
    chainId,
    circuit,
    verificationKeyHash: hash,
    oldSet,
    newSet,
  } = parseRegistration(json);
  return {
    kind: 'registration',
    facts: { circuit, document: json },
    text: listing([
      ['protocol', `${protocol} (${variant})`],
      ['chain id', chainId.toString()],
      ['circuit', circuit],
      ['verification key', hex32(hash)],
      ['new set', hex32(newSet)],
      ['old set', hex32(oldSet)],
      ['verdict', 'not verified: use zkfinality verify'],
    ]),
  };
}

function inspectProvingKey(path: string): Finding {
  const zkey = openZkey(path);
  try {
    const { wires, publicCount, domainLog } = zkey.header;
    const key = readVerificationKey(zkey);
    const found = inspectVerificationKey(key);
    const facts = { wires, publicInputs: publicCount, domainLog, sizeBytes: zkey.sizeBytes };
    return {
      kind: 'proving key',
      facts: { ...found.facts, ...facts },
      text: `${found.text}\n${plain('', facts).text}`,
    };
  } finally {
    zkey.close();
  }
}

function inspectVerificationKey(key: VerificationKey): Finding {
  const facts = {
    system: key.system,
    publicInputs: key.publicCount,
    hash: hex32(verificationKeyHash(key)),
    development: isDevelopmentKey(key),
    weakness: keyWeakness(key) ?? 'none found',
  };
  return { ...plain('verification key', facts) };
}

function plain(kind: string, facts: object): Finding {
  return { kind, facts, text: listing(Object.entries(facts).map(([name, value]) => [name, String(value)])) };
}

/** First four bytes of a file, as text. */
function readMagic(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(4);
      readSync(file, bytes, 0, 4, 0);
      return bytes.toString('latin1');
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw readError(path, cause);
  }
}
