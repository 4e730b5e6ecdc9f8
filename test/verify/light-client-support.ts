/** Chains for tests of the light client: keys with known secrets, so that any claim has a valid proof. */
import type { ReferenceKey } from '../../src/groth16/reference.js';
import { formatFinalityProof, type KeyManifest, type TrustAnchor } from '../../src/statement/documents.js';
import { packStatement } from '../../src/statement/packing.js';
import { commitValidatorSet } from '../../src/statement/set-commitment.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import type { Statement } from '../../src/statement/types.js';
import {
  LightClient,
  type LightClientOptions,
  type LightClientResult,
  memoryStorage,
} from '../../src/verify/index.js';
import { committeeSet } from '../statement/vectors.js';
import {
  istanbulSet,
  type Json,
  makeKey,
  makeRegistrationKey,
  prove,
  REGISTRATION_CIRCUIT,
  registrationDocument,
  withoutKey,
} from './support.js';

/** Sets of the Istanbul chain: A changes to B and B to C; `aPartial` is A with one key unknown. */
export const A = istanbulSet();
export const B = istanbulSet([11n, 12n, 13n, 15n]);
export const C = istanbulSet([11n, 12n, 15n, 16n]);
export const aPartial = withoutKey(A, 1);
const [a, b, c, partial] = [A, B, C, aPartial].map(commitValidatorSet) as [bigint, bigint, bigint, bigint];
export const COMMITMENTS = { a, b, c, partial };

export const START = 1_650_000_000n;

const finalityKey = makeKey('groth16');
const committeeKey = makeKey('groth16', { tau: 12_000_019n });
const registrationKey = makeRegistrationKey();
const entry = (circuit: string, key: ReferenceKey): KeyManifest['keys'][number] => ({
  circuit,
  verificationKeyHash: verificationKeyHash(key.verification),
  kind: 'production',
  circuitHash: 1n,
  file: `${circuit}.json`,
});
const manifest: KeyManifest = {
  name: 'test-keys',
  keys: [
    entry('istanbul-qbft-4', finalityKey),
    entry('committee-4', committeeKey),
    entry(REGISTRATION_CIRCUIT, registrationKey),
  ],
};
/** Keys and manifest of every client below. */
export const keys = {
  manifest,
  verificationKeys: [finalityKey, committeeKey, registrationKey].map((key) => key.verification),
};

export const anchor: TrustAnchor = {
  protocol: 'istanbul',
  variant: 'qbft',
  chainId: A.chainId,
  headerListAuthenticated: true,
  allowDevelopmentKeys: false,
  manifest: 'test-keys',
  members: A.members,
  registeredSets: [],
};
export const committeeAnchor: TrustAnchor = {
  ...anchor,
  protocol: 'committee',
  variant: 'committee',
  chainId: committeeSet.chainId,
  headerListAuthenticated: false,
  members: committeeSet.members,
};

/** A block of a height: a second block of it has another `fork`. */
export function statement(
  height: bigint,
  changes: Partial<Statement> & { readonly fork?: bigint } = {},
): Statement {
  const { fork = 0n, ...more } = changes;
  return {
    trustedSet: a,
    signingSet: changes.trustedSet ?? a,
    nextSet: 0n,
    height,
    time: START + height,
    blockHash: (height << 128n) + fork,
    stateRoot: (height << 200n) + 7n,
    ...more,
  };
}

const made = new Map<string, Json>();

/** A finality proof that holds, of the anchor's chain. */
export function block(
  height: bigint,
  changes: Parameters<typeof statement>[1] = {},
  of: TrustAnchor = anchor,
): Json {
  const claim = statement(height, changes);
  const id = `${of.variant} ${packStatement(claim).join()}`;
  const known = made.get(id);
  if (known !== undefined) return known;
  const key = of.protocol === 'istanbul' ? finalityKey : committeeKey;
  const { protocol, variant, chainId } = of;
  const document = formatFinalityProof({
    protocol,
    variant,
    chainId,
    circuit: protocol === 'istanbul' ? 'istanbul-qbft-4' : 'committee-4',
    verificationKeyHash: verificationKeyHash(key.verification),
    statement: claim,
    proof: prove(key, packStatement(claim)),
  });
  const json = JSON.parse(JSON.stringify(document)) as Json;
  made.set(id, json);
  return json;
}

/** The document with another part of the statement and the old proof. */
export function forged(document: Json, part: keyof Statement, value: string): Json {
  return { ...document, statement: { ...(document.statement as Json), [part]: value } };
}

/** A registration that holds. */
export function registration(oldSet: bigint, newSet: bigint): Json {
  const id = `${oldSet} ${newSet}`;
  const known = made.get(id) ?? registrationDocument(registrationKey, { oldSet, newSet });
  made.set(id, known);
  return known;
}

/** A client that starts from an anchor, in memory unless `more` has a storage. */
export function open(of: TrustAnchor = anchor, more: Partial<LightClientOptions> = {}): Promise<LightClient> {
  return LightClient.open({ ...keys, storage: memoryStorage(), anchor: of, ...more });
}

/** The code of a refusal with what is known of the proof, or `ok`. */
export async function verdict(client: LightClient, document: unknown): Promise<string> {
  return verdictOf(await client.update(document));
}

export function verdictOf(result: LightClientResult): string {
  return result.ok ? 'ok' : `${result.code} ${result.proof}`;
}
