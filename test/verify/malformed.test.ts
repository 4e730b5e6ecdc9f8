/** Malformed documents of every kind end in a listed code: no other exception, no acceptance. */
import { describe, expect, it } from 'vitest';
import {
  formatManifest,
  formatTrustAnchor,
  parseFinalityProof,
  parseManifest,
  parseTrustAnchor,
} from '../../src/statement/documents.js';
import {
  formatProof,
  formatVerificationKey,
  parseProof,
  parseVerificationKey,
} from '../../src/statement/keys.js';
import { parseRegistration } from '../../src/statement/registration.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import { formatState, initialState, parseState } from '../../src/verify/light-client-state.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyFinality } from '../../src/verify/verify-finality.js';
import { verifyProofJson } from '../../src/verify/verify-proof.js';
import { verifyRegistration } from '../../src/verify/verify-registration.js';
import { countMalformed } from '../security/malformed.js';
import { arithmeticSuffix, onWasm } from '../support/arithmetic.js';
import { runs, seededBytes } from '../support/runs.js';
import { HOSTILE_VALUES, mutate } from './mutate.js';
import {
  istanbulSet,
  makeRegistrationKey,
  prove,
  REGISTRATION_CIRCUIT,
  registrationDocument,
  scenario,
} from './support.js';

const LISTED =
  /^(?:FORMAT_UNKNOWN|FIELD_(?:MISSING|UNKNOWN|TYPE)|ARRAY_LENGTH|NUMBER_(?:FORMAT|RANGE)|COORDINATE_RANGE|POINT_(?:NOT_AFFINE|AT_INFINITY|OFF_CURVE|OUTSIDE_SUBGROUP)|PROOF_SYSTEM_UNKNOWN|CURVE_UNKNOWN|PROTOCOL_UNKNOWN|VARIANT_UNKNOWN|CIRCUIT_NAME|MANIFEST_(?:NAME|DUPLICATE|FILE)|KEY_KIND_UNKNOWN|SET_(?:EMPTY|ORDER)|MEMBER_(?:IDENTITY|POWER|KEY|KEY_ADDRESS|KEY_DUPLICATE)|ANCHOR_INCOMPLETE|STATE_INCONSISTENT|JSON_INVALID|PUBLIC_INPUT_COUNT|PROOF_SYSTEM_MISMATCH)$/;
/** Kinds with optional fields or free names: damaged there, the document is another valid one. Never proofs. */
const HARMLESS = new Set(['trust anchor', 'light-client state', 'verification key', 'key manifest']);

const setting = scenario();
const twoRound = scenario({ system: 'ultragroth' });
const anchor = formatTrustAnchor({
  ...setting.anchor,
  registeredSets: [istanbulSet([1n, 2n, 3n]).members],
  height: 1n,
  blockHash: 2n,
  time: 3n,
  trustingPeriodSeconds: 4n,
});
const registrationKey = makeRegistrationKey();
const commitment = setting.statement.trustedSet;
const registration = registrationDocument(registrationKey, { oldSet: commitment, newSet: commitment });
const withRegistration = {
  ...setting.manifest,
  keys: [
    ...setting.manifest.keys,
    {
      circuit: REGISTRATION_CIRCUIT,
      verificationKeyHash: verificationKeyHash(registrationKey.verification),
      kind: 'production',
      circuitHash: 2n,
      file: `${REGISTRATION_CIRCUIT}.json`,
    } as const,
  ],
};
const accepted = parseFinalityProof(setting.document);
const state = JSON.parse(
  formatState({
    ...initialState(setting.anchor),
    registeredSets: [5n],
    accepted: [accepted],
    conflict: { ...accepted, statement: { ...accepted.statement, blockHash: 5n } },
  }),
) as unknown;
/** Kinds without points: on another arithmetic they are the same. */
const POINTLESS = new Set(['trust anchor', 'key manifest']);
/** JSON has no bigints. */
const asJson = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? 5 : value);
const plainProof = formatProof(prove(setting.key, [1n, 2n, 3n, 4n, 5n, 6n]));
const signals = ['1', '2', '3', '4', '5', '6'];
const key = prepareKey(setting.key.verification);

/** Runs a parser or verifier; an uncoded exception passes through and fails the test. */
function outcome(run: () => unknown): string {
  try {
    const result = run() as { readonly ok?: boolean; readonly code?: string } | undefined;
    return result?.ok === false ? result.code! : 'ok';
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string') throw error;
    return code;
  }
}

const KINDS: readonly (readonly [string, unknown, (json: unknown) => unknown])[] = [
  ['finality proof', setting.document, parseFinalityProof],
  ['two-round finality proof', twoRound.document, parseFinalityProof],
  ['verified finality proof', setting.document, (json) => verifyFinality(json, setting.options)],
  ['registration', registration, parseRegistration],
  [
    'verified registration',
    registration,
    (json) =>
      verifyRegistration(json, {
        ...setting.options,
        manifest: withRegistration,
        verificationKeys: [registrationKey.verification],
      }),
  ],
  ['light-client state', state, (json) => parseState(JSON.stringify(json, asJson))],
  ['trust anchor', anchor, parseTrustAnchor],
  ['key manifest', formatManifest(setting.manifest), parseManifest],
  ['verification key', formatVerificationKey(setting.key.verification), (json) => parseVerificationKey(json)],
  [
    'two-round verification key',
    formatVerificationKey(twoRound.key.verification),
    (json) => parseVerificationKey(json),
  ],
  ['proof', plainProof, (json) => parseProof(json)],
  ['verified proof', plainProof, (json) => verifyProofJson(key, json, signals)],
  ['public signals', signals, (json) => verifyProofJson(key, plainProof, json)],
];

describe.each(KINDS.filter(([name]) => !onWasm || !POINTLESS.has(name)))(
  'malformed %s',
  (name, document, read) => {
    const base = JSON.parse(JSON.stringify(document)) as unknown;

    it('default: undamaged it is read', () => {
      expect(outcome(() => read(base))).toBe('ok');
    });

    it('error: hostile values in its place', () => {
      for (const value of HOSTILE_VALUES) expect(outcome(() => read(value))).toMatch(LISTED);
    });

    it('error: damaged at random', () => {
      const random = seededBytes(20_261_122);
      const harmless = [...HARMLESS].some((kind) => name.endsWith(kind));
      const count = countMalformed(`${name}${arithmeticSuffix}`, '20261122');
      for (let i = 0; i < runs(100, 1_000); i++) {
        const damaged = mutate(base, random);
        const end = count.start();
        const code = outcome(() => read(damaged));
        end(code !== 'ok');
        if (!(harmless && code === 'ok')) expect(code).toMatch(LISTED);
      }
      count.record();
    });
  },
);
