/**
 * Documents that travel between people: finality proof, trust anchor, key manifest; `registration.ts` has one more. `docs/STATEMENT.md` has
 * their fields.
 *
 * All are read strictly (see `json.ts`): exactly the known fields, one spelling for each value. Their `format` names the
 * version; a newer one is refused rather than half understood.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FIELD_MODULUS } from './curve.js';
import { FileError, UsageError } from './errors.js';
import { bytesToInteger, WORD_BOUND } from './hash.js';
import {
  formatHex,
  type JsonRecord,
  quote,
  readArray,
  readBoolean,
  readChoice,
  readDecimal,
  readHex,
  readRecord,
  readString,
  readWord,
} from './json.js';
import { formatProof, type ProofJson, parseProof } from './keys.js';
import { assertStatement } from './packing.js';
import { assertValidatorSet, VARIANT_PROTOCOLS } from './set-commitment.js';
import type { Groth16Proof, Member, ProtocolId, Statement, ValidatorSet, Variant } from './types.js';

/** What every document with a proof has beside its claim. */
export type ProofDocument = {
  readonly protocol: ProtocolId;
  readonly variant: Variant;
  /** [0, 2^64) */
  readonly chainId: bigint;
  /** Name of the circuit, for example `committee-4`. */
  readonly circuit: string;
  /** {@link verificationKeyHash} of the key that the proof is for. */
  readonly verificationKeyHash: bigint;
  readonly proof: Groth16Proof;
};

/** A proof with everything that a verifier needs beside its trust anchor and the key. Its circuit is one of {@link parseCircuitId}. */
export type FinalityProof = ProofDocument & { readonly statement: Statement };

/** What a verifier starts from. Made by the verifying side out of sources it trusts. */
export type TrustAnchor = {
  readonly protocol: ProtocolId;
  readonly variant: Variant;
  readonly chainId: bigint;
  /** Whether honest validators compare a header's validator list with their own before they seal. */
  readonly headerListAuthenticated: boolean;
  /** Whether keys with publicly known secrets are accepted: tests and demonstrations only. */
  readonly allowDevelopmentKeys: boolean;
  /** Name of the manifest of accepted keys, or its hash as `0x` and 64 digits. */
  readonly manifest: string;
  /** The trusted set. */
  readonly members: readonly Member[];
  /** Further sets that the verifier knows whole; each was checked as the trusted set is. */
  readonly registeredSets: readonly (readonly Member[])[];
  /** Height of the newest accepted block: older blocks are refused. */
  readonly height?: bigint;
  /** Hash of the newest accepted block; only together with `height`. */
  readonly blockHash?: bigint;
  /** Unix seconds of the newest accepted block. */
  readonly time?: bigint;
  /** How long after `time` the trusted set may be relied on; only together with `time`. */
  readonly trustingPeriodSeconds?: bigint;
};

/** One accepted key. */
export type ManifestKey = {
  readonly circuit: string;
  readonly verificationKeyHash: bigint;
  readonly kind: 'development' | 'production';
  /** SHA-256 of the circuit's `.r1cs` file. */
  readonly circuitHash: bigint;
  /** File of the verification key, beside the manifest. */
  readonly file: string;
};

/** The keys that a project accepts. */
export type KeyManifest = { readonly name: string; readonly keys: readonly ManifestKey[] };

const BOUND_64 = 1n << 64n;
const PROOF_FORMAT = 'zkfinality-proof/1';
const TRUST_FORMAT = 'zkfinality-trust/1';
const MANIFEST_FORMAT = 'zkfinality-manifest/1';
const VARIANTS = Object.keys(VARIANT_PROTOCOLS) as Variant[];
const PROTOCOLS = [...new Set(Object.values(VARIANT_PROTOCOLS))];

/** What the name of a finality circuit says. */
export type CircuitId = {
  readonly protocol: ProtocolId;
  /** Present where the circuit takes one variant only. */
  readonly variant?: Variant;
  /** Most validators it takes. */
  readonly tier: number;
};

/**
 * Reads the name of a finality circuit. Names of other circuits, a registration for instance, are none, so that a proof
 * of something else can never pass for one of finality.
 *
 * @returns Its parts, or undefined.
 * @example
 * ```ts
 * import { parseCircuitId } from 'zkfinality/verify';
 *
 * console.log(parseCircuitId('istanbul-qbft-8')); // { protocol: 'istanbul', variant: 'qbft', tier: 8 }
 * console.log(parseCircuitId('istanbul-registration-8')); // undefined
 * ```
 */
export function parseCircuitId(name: string): CircuitId | undefined {
  const match = /^(committee|istanbul)(?:-(ibft1|ibft2|qbft))?-([1-9][0-9]{0,4})(?:-(?:bits|lookup))?$/.exec(
    name,
  );
  if (match === null) return undefined;
  const protocol = match[1] as ProtocolId;
  const variant = match[2] as Variant | undefined;
  if (variant !== undefined && VARIANT_PROTOCOLS[variant] !== protocol) return undefined;
  return { protocol, ...(variant === undefined ? {} : { variant }), tier: Number(match[3]) };
}

/**
 * Reads a finality proof.
 *
 * @param json - What `JSON.parse` gave.
 * @returns Typed and canonical; nothing about it is verified yet.
 * @throws {FileError} with the codes of `json.ts` and `keys.ts`, `FORMAT_UNKNOWN`, `PROTOCOL_UNKNOWN`, `VARIANT_UNKNOWN`, `CIRCUIT_NAME`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseFinalityProof } from 'zkfinality/verify';
 *
 * const proof = parseFinalityProof(JSON.parse(readFileSync('examples/demo/block-2.proof.json', 'utf8')));
 * console.log(proof.circuit, proof.statement.height); // istanbul-qbft-4 2n
 * ```
 */
export function parseFinalityProof(json: unknown): FinalityProof {
  return readProofDocument(
    json,
    'finality proof',
    PROOF_FORMAT,
    ['statement'],
    (name) => parseCircuitId(name) !== undefined,
    (record, path) => ({ statement: parseStatement(record.statement, `${path}.statement`) }),
  );
}

/**
 * JSON of a finality proof: an object for `JSON.stringify`.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { formatFinalityProof, parseFinalityProof } from 'zkfinality/verify';
 *
 * const text = readFileSync('examples/demo/block-2.proof.json', 'utf8');
 * const proof = parseFinalityProof(JSON.parse(text));
 * console.log(JSON.stringify(formatFinalityProof(proof), undefined, 2) === text.trim()); // true
 * ```
 */
export function formatFinalityProof(proof: FinalityProof): {
  readonly format: typeof PROOF_FORMAT;
  readonly statement: StatementJson;
  readonly proof: ProofJson;
  readonly [field: string]: unknown;
} {
  return formatProofDocument(PROOF_FORMAT, proof, { statement: formatStatement(proof.statement) });
}

/**
 * Reads a document with a proof. The proof is read last: its points cost more than all else.
 *
 * @param path - How errors name the document.
 * @param claims - Fields that this kind of document has beside the common ones.
 * @param isCircuit - Whether a circuit of this name proves such claims.
 * @param readClaims - Reads those fields.
 * @throws {FileError} with the codes of `json.ts` and `keys.ts`, `FORMAT_UNKNOWN`, `PROTOCOL_UNKNOWN`, `VARIANT_UNKNOWN`, `CIRCUIT_NAME`.
 */
export function readProofDocument<Claims>(
  json: unknown,
  path: string,
  format: string,
  claims: readonly string[],
  isCircuit: (name: string) => boolean,
  readClaims: (record: JsonRecord, path: string) => Claims,
): ProofDocument & Claims {
  readFormat(json, path, format);
  const record = readRecord(json, path, [
    'format',
    'protocol',
    'variant',
    'chainId',
    'circuit',
    'verificationKeyHash',
    ...claims,
    'proof',
  ]);
  const chain = readChain(record, path);
  const circuit = readCircuitName(record.circuit, `${path}.circuit`);
  if (!isCircuit(circuit))
    throw new FileError('CIRCUIT_NAME', `${path}.circuit: ${quote(circuit)} makes no ${path}.`);
  return {
    ...chain,
    circuit,
    verificationKeyHash: readHex(record.verificationKeyHash, `${path}.verificationKeyHash`, 32),
    ...readClaims(record, path),
    proof: parseProof(record.proof, `${path}.proof`),
  };
}

/** JSON of a document with a proof; `claims` as they stand in it. */
export function formatProofDocument<Format extends string, Claims>(
  format: Format,
  document: ProofDocument,
  claims: Claims,
): { readonly format: Format; readonly proof: ProofJson; readonly [field: string]: unknown } & Claims {
  return {
    format,
    ...formatChain(document),
    circuit: document.circuit,
    verificationKeyHash: formatHex(document.verificationKeyHash, 32),
    ...claims,
    proof: formatProof(document.proof),
  };
}

/** A statement as it stands in a finality proof: commitments and hashes as 32-byte hex, height and time as decimals. */
export type StatementJson = { readonly [Part in keyof Statement]: string };

/**
 * Reads a statement.
 *
 * @throws {FileError} with the codes of `json.ts`.
 */
function parseStatement(json: unknown, path: string): Statement {
  const record = readRecord(json, path, [
    'trustedSet',
    'signingSet',
    'nextSet',
    'height',
    'time',
    'blockHash',
    'stateRoot',
  ]);
  return {
    trustedSet: readWord(record.trustedSet, `${path}.trustedSet`, FIELD_MODULUS),
    signingSet: readWord(record.signingSet, `${path}.signingSet`, FIELD_MODULUS),
    nextSet: readWord(record.nextSet, `${path}.nextSet`, FIELD_MODULUS),
    height: readDecimal(record.height, `${path}.height`, BOUND_64),
    time: readDecimal(record.time, `${path}.time`, BOUND_64),
    blockHash: readHex(record.blockHash, `${path}.blockHash`, 32),
    stateRoot: readHex(record.stateRoot, `${path}.stateRoot`, 32),
  };
}

/**
 * JSON of a statement.
 *
 * @throws {UsageError} `STATEMENT_RANGE`.
 */
export function formatStatement(statement: Statement): StatementJson {
  assertStatement(statement);
  return {
    trustedSet: formatHex(statement.trustedSet, 32),
    signingSet: formatHex(statement.signingSet, 32),
    nextSet: formatHex(statement.nextSet, 32),
    height: statement.height.toString(),
    time: statement.time.toString(),
    blockHash: formatHex(statement.blockHash, 32),
    stateRoot: formatHex(statement.stateRoot, 32),
  };
}

/**
 * Reads a trust anchor and checks its sets, for Istanbul that every known key hashes to its address.
 *
 * @param json - What `JSON.parse` gave.
 * @throws {FileError} with the codes of `json.ts`, `FORMAT_UNKNOWN`, `PROTOCOL_UNKNOWN`, `VARIANT_UNKNOWN`, `ANCHOR_INCOMPLETE`, and those of
 *   `assertValidatorSet`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseTrustAnchor } from 'zkfinality/verify';
 *
 * const anchor = parseTrustAnchor(JSON.parse(readFileSync('examples/demo/trust.json', 'utf8')));
 * console.log(anchor.variant, anchor.chainId, anchor.members.length); // qbft 1337n 3
 * ```
 */
export function parseTrustAnchor(json: unknown): TrustAnchor {
  const path = 'trust anchor';
  readFormat(json, path, TRUST_FORMAT);
  const record = readRecord(
    json,
    path,
    ['format', 'protocol', 'variant', 'chainId', 'manifest', 'validators'],
    [
      'headerListAuthenticated',
      'allowDevelopmentKeys',
      'registeredSets',
      'height',
      'blockHash',
      'time',
      'trustingPeriodSeconds',
    ],
  );
  const flag = (field: string): boolean =>
    record[field] !== undefined && readBoolean(record[field], `${path}.${field}`);
  const number = (field: string): { [name: string]: bigint } =>
    record[field] === undefined ? {} : { [field]: readDecimal(record[field], `${path}.${field}`, BOUND_64) };
  const registered =
    record.registeredSets === undefined ? [] : readArray(record.registeredSets, `${path}.registeredSets`);
  const anchor: TrustAnchor = {
    ...readChain(record, path),
    headerListAuthenticated: flag('headerListAuthenticated'),
    allowDevelopmentKeys: flag('allowDevelopmentKeys'),
    manifest: readManifestName(record.manifest, `${path}.manifest`),
    members: parseMembers(record.validators, `${path}.validators`),
    registeredSets: registered.map((set, index) => parseMembers(set, `${path}.registeredSets[${index}]`)),
    ...number('height'),
    ...(record.blockHash === undefined
      ? {}
      : { blockHash: readHex(record.blockHash, `${path}.blockHash`, 32) }),
    ...number('time'),
    ...number('trustingPeriodSeconds'),
  };
  assertTrustAnchor(anchor, (code, message, cause) => new FileError(code, `${path}: ${message}`, { cause }));
  return anchor;
}

/**
 * JSON of a trust anchor.
 *
 * @throws {UsageError} `ANCHOR_INCOMPLETE` and those of `assertValidatorSet`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { formatTrustAnchor, parseTrustAnchor } from 'zkfinality/verify';
 *
 * const anchor = parseTrustAnchor(JSON.parse(readFileSync('examples/demo/trust.json', 'utf8')));
 * const strict = formatTrustAnchor({ ...anchor, allowDevelopmentKeys: false });
 * console.log(strict.format, strict.allowDevelopmentKeys); // zkfinality-trust/1 false
 * ```
 */
export function formatTrustAnchor(anchor: TrustAnchor): {
  readonly format: typeof TRUST_FORMAT;
  readonly [field: string]: unknown;
} {
  assertTrustAnchor(
    anchor,
    (code, message, cause) => new UsageError(code, `trust anchor: ${message}`, { cause }),
  );
  const number = (field: 'height' | 'time' | 'trustingPeriodSeconds'): { [name: string]: string } => {
    const value = anchor[field];
    return value === undefined ? {} : { [field]: value.toString() };
  };
  return {
    format: TRUST_FORMAT,
    ...formatChain(anchor),
    headerListAuthenticated: anchor.headerListAuthenticated,
    allowDevelopmentKeys: anchor.allowDevelopmentKeys,
    manifest: anchor.manifest,
    validators: formatMembers(anchor.members),
    ...(anchor.registeredSets.length === 0
      ? {}
      : { registeredSets: anchor.registeredSets.map(formatMembers) }),
    ...number('height'),
    ...(anchor.blockHash === undefined ? {} : { blockHash: formatHex(anchor.blockHash, 32) }),
    ...number('time'),
    ...number('trustingPeriodSeconds'),
  };
}

/**
 * The trusted set of an anchor.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { commitValidatorSet, parseFinalityProof, parseTrustAnchor, trustedSet } from 'zkfinality/verify';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const anchor = parseTrustAnchor(read('examples/demo/trust.json'));
 * const { statement } = parseFinalityProof(read('examples/demo/block-2.proof.json'));
 * console.log(commitValidatorSet(trustedSet(anchor)) === statement.trustedSet); // true
 * ```
 */
export function trustedSet(anchor: TrustAnchor): ValidatorSet {
  return { variant: anchor.variant, chainId: anchor.chainId, members: anchor.members };
}

/**
 * Reads a list of members, in the form that trust anchors use.
 *
 * @throws {FileError} with the codes of `json.ts`. The set as a whole is not checked here: see {@link assertValidatorSet}.
 */
export function parseMembers(json: unknown, path = 'validators'): readonly Member[] {
  return readArray(json, path).map((entry, index) => {
    const where = `${path}[${index}]`;
    const record = readRecord(entry, where, ['identity', 'publicKey', 'power']);
    const key = readRecord(record.publicKey, `${where}.publicKey`, ['x', 'y']);
    return {
      identity: readHex(record.identity, `${where}.identity`, 20),
      publicKey: {
        x: readWord(key.x, `${where}.publicKey.x`, WORD_BOUND),
        y: readWord(key.y, `${where}.publicKey.y`, WORD_BOUND),
      },
      power: readDecimal(record.power, `${where}.power`, BOUND_64),
    };
  });
}

/** JSON of a list of members. */
export function formatMembers(members: readonly Member[]): readonly unknown[] {
  return members.map(({ identity, publicKey, power }) => ({
    identity: formatHex(identity, 20),
    publicKey: { x: formatHex(publicKey.x, 32), y: formatHex(publicKey.y, 32) },
    power: power.toString(),
  }));
}

/**
 * Reads a key manifest.
 *
 * @throws {FileError} with the codes of `json.ts`, `FORMAT_UNKNOWN`, `MANIFEST_NAME`, `MANIFEST_DUPLICATE`, `MANIFEST_FILE`.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseManifest } from 'zkfinality/verify';
 *
 * const manifest = parseManifest(JSON.parse(readFileSync('keys/manifest.json', 'utf8')));
 * console.log(manifest.name, manifest.keys[0]?.circuit); // zkfinality-development committee-4
 * ```
 */
export function parseManifest(json: unknown): KeyManifest {
  const path = 'key manifest';
  readFormat(json, path, MANIFEST_FORMAT);
  const record = readRecord(json, path, ['format', 'name', 'keys']);
  const name = readString(record.name, `${path}.name`);
  if (!MANIFEST_NAME.test(name)) throw nameError(`${path}.name`, name);
  const seen = new Set<bigint>();
  const keys = readArray(record.keys, `${path}.keys`).map((entry, index) => {
    const where = `${path}.keys[${index}]`;
    const key = readRecord(entry, where, ['circuit', 'verificationKeyHash', 'kind', 'circuitHash', 'file']);
    const hash = readHex(key.verificationKeyHash, `${where}.verificationKeyHash`, 32);
    if (seen.has(hash))
      throw new FileError(
        'MANIFEST_DUPLICATE',
        `${where}: this key is listed twice. One key belongs to one circuit: remove one entry.`,
      );
    seen.add(hash);
    const file = readString(key.file, `${where}.file`);
    if (!/^[a-z0-9][a-z0-9._-]{0,120}$/.test(file))
      throw new FileError(
        'MANIFEST_FILE',
        `${where}.file: expected a plain file name beside the manifest, got ${quote(file)}.`,
      );
    return {
      circuit: readCircuitName(key.circuit, `${where}.circuit`),
      verificationKeyHash: hash,
      kind: readChoice(key.kind, `${where}.kind`, ['development', 'production'] as const, 'KEY_KIND_UNKNOWN'),
      circuitHash: readHex(key.circuitHash, `${where}.circuitHash`, 32),
      file,
    };
  });
  return { name, keys };
}

/**
 * JSON of a key manifest.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { formatManifest, parseManifest } from 'zkfinality/verify';
 *
 * const manifest = parseManifest(JSON.parse(readFileSync('keys/manifest.json', 'utf8')));
 * const few = formatManifest({ name: 'mine', keys: manifest.keys.slice(0, 2) });
 * console.log(few.name, few.keys.length); // mine 2
 * ```
 */
export function formatManifest(manifest: KeyManifest): {
  readonly format: typeof MANIFEST_FORMAT;
  readonly name: string;
  readonly keys: readonly unknown[];
} {
  return {
    format: MANIFEST_FORMAT,
    name: manifest.name,
    keys: manifest.keys.map(({ circuit, verificationKeyHash, kind, circuitHash, file }) => ({
      circuit,
      verificationKeyHash: formatHex(verificationKeyHash, 32),
      kind,
      circuitHash: formatHex(circuitHash, 32),
      file,
    })),
  };
}

/**
 * Hash by which an anchor can name a manifest: Keccak-256 of its JSON as {@link formatManifest} gives it, without white space.
 *
 * @returns `0x` and 64 digits.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { manifestHash, parseManifest } from 'zkfinality/verify';
 *
 * const manifest = parseManifest(JSON.parse(readFileSync('keys/manifest.json', 'utf8')));
 * // An anchor that names the hash accepts these keys and no later ones.
 * console.log(manifestHash(manifest).length); // 66
 * ```
 */
export function manifestHash(manifest: KeyManifest): string {
  return formatHex(
    bytesToInteger(keccak_256(new TextEncoder().encode(JSON.stringify(formatManifest(manifest))))),
    32,
  );
}

const MANIFEST_NAME = /^(?!0x)[a-z0-9][a-z0-9._-]{0,63}$/;

function readManifestName(value: unknown, path: string): string {
  const name = readString(value, path);
  if (!MANIFEST_NAME.test(name) && !/^0x[0-9a-f]{64}$/.test(name)) throw nameError(path, name);
  return name;
}

function nameError(path: string, name: string): FileError {
  return new FileError(
    'MANIFEST_NAME',
    `${path}: expected a name of lower-case letters, digits, ".", "_" and "-"${path.startsWith('trust') ? ', or a hash' : ''}, got ${quote(name)}.`,
  );
}

/** Refuses another `format` than the expected one before anything else is said about a document. */
export function readFormat(json: unknown, path: string, format: string): void {
  const known = typeof json === 'object' && json !== null && Object.hasOwn(json, 'format');
  if (!known || Array.isArray(json)) return;
  const found = readString((json as { readonly format: unknown }).format, `${path}.format`);
  if (found !== format)
    throw new FileError(
      'FORMAT_UNKNOWN',
      `${path}.format: expected "${format}", got ${quote(found)}. Use a matching version.`,
    );
}

function readChain(
  record: { readonly [field: string]: unknown },
  path: string,
): { readonly protocol: ProtocolId; readonly variant: Variant; readonly chainId: bigint } {
  const protocol = readChoice(record.protocol, `${path}.protocol`, PROTOCOLS, 'PROTOCOL_UNKNOWN');
  const variants = VARIANTS.filter((variant) => VARIANT_PROTOCOLS[variant] === protocol);
  return {
    protocol,
    variant: readChoice(record.variant, `${path}.variant`, variants, 'VARIANT_UNKNOWN'),
    chainId: readDecimal(record.chainId, `${path}.chainId`, BOUND_64),
  };
}

function formatChain(value: {
  readonly protocol: ProtocolId;
  readonly variant: Variant;
  readonly chainId: bigint;
}) {
  return { protocol: value.protocol, variant: value.variant, chainId: value.chainId.toString() };
}

function readCircuitName(value: unknown, path: string): string {
  const name = readString(value, path);
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 64)
    throw new FileError(
      'CIRCUIT_NAME',
      `${path}: expected a circuit such as "committee-4", got ${quote(name)}.`,
    );
  return name;
}

function assertTrustAnchor(
  anchor: TrustAnchor,
  fail: (code: string, message: string, cause?: unknown) => Error,
): void {
  if (VARIANT_PROTOCOLS[anchor.variant] !== anchor.protocol)
    throw fail('VARIANT_UNKNOWN', `variant "${anchor.variant}" is none of protocol "${anchor.protocol}".`);
  if (anchor.blockHash !== undefined && anchor.height === undefined)
    throw fail('ANCHOR_INCOMPLETE', 'blockHash without height. Give both or neither.');
  if (anchor.trustingPeriodSeconds !== undefined && anchor.time === undefined)
    throw fail(
      'ANCHOR_INCOMPLETE',
      'trustingPeriodSeconds without time. Give the time of the block that the trusted set was taken from.',
    );
  for (const members of [anchor.members, ...anchor.registeredSets]) {
    try {
      assertValidatorSet({ variant: anchor.variant, chainId: anchor.chainId, members });
    } catch (error) {
      if (error instanceof UsageError) throw fail(error.code, error.message, error);
      throw error;
    }
  }
}
