/** Weak and foreign keys, each given to every tool that takes a key: all refuse it. */
import { describe, expect, it } from 'vitest';
import type { SetupSecrets } from '../../src/groth16/development-secrets.js';
import { exportSolidityVerifier } from '../../src/onchain/index.js';
import { FIELD_MODULUS as R } from '../../src/statement/curve.js';
import { DEVELOPMENT_GAMMA, formatVerificationKey, parseVerificationKey } from '../../src/statement/keys.js';
import { verificationKeyHash } from '../../src/statement/transcript.js';
import type { G1, G2, ProofSystem, VerificationKey } from '../../src/statement/types.js';
import { prepareKey } from '../../src/verify/prepared-key.js';
import { verifyFinality } from '../../src/verify/verify-finality.js';
import { recordFigure } from '../support/figures.js';
import { g2OutsideSubgroup, makeKey, scenario, secrets } from '../verify/support.js';

const infinity1: G1 = { x: 0n, y: 0n };
const infinity2: G2 = { x: [0n, 0n], y: [0n, 0n] };
const outside = g2OutsideSubgroup(5n);
const offCurve: G2 = { x: [1n, 2n], y: [3n, 4n] };
const { beta, gamma, delta1, delta2 } = secrets;

/** The code of whatever refuses; `accepted` where nothing does. */
function codeOf(run: () => { readonly ok: boolean; readonly code?: string } | unknown): string {
  try {
    const result = run() as { readonly ok?: boolean; readonly code?: string } | undefined;
    return result?.ok === false ? result.code! : 'accepted';
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string') throw error;
    return code;
  }
}

/** A row of the table of keys. */
const recordKind = (kind: string, cases: number, answer: string): void =>
  recordFigure('security-keys', { key: kind, cases, accepted: 0, answer });

/** A kind: keys that a tool must refuse whatever the manifest says, since the relation alone lets anyone forge. */
const weak: readonly (readonly [string, readonly (readonly [ProofSystem, Partial<SetupSecrets>])[]])[] = [
  [
    'δ = γ',
    [
      ['groth16', { delta2: gamma }],
      ['ultragroth', { delta2: gamma }],
    ],
  ],
  [
    'δ = −γ',
    [
      ['groth16', { delta2: R - gamma }],
      ['ultragroth', { delta2: R - gamma }],
    ],
  ],
  [
    'δ = the generator',
    [
      ['groth16', { delta2: 1n }],
      ['ultragroth', { delta2: 1n }],
    ],
  ],
  [
    'δ = −generator',
    [
      ['groth16', { delta2: R - 1n }],
      ['ultragroth', { delta2: R - 1n }],
    ],
  ],
  [
    'δ = ±β',
    [
      ['groth16', { delta2: beta }],
      ['groth16', { delta2: R - beta }],
      ['ultragroth', { delta1: beta }],
    ],
  ],
  [
    'γ = ±β, β the generator',
    [
      ['groth16', { gamma: beta }],
      ['groth16', { beta: 1n }],
      ['ultragroth', { gamma: R - beta }],
    ],
  ],
  [
    'δ₁ = ±δ₂',
    [
      ['ultragroth', { delta1: delta2 }],
      ['ultragroth', { delta1: R - delta2 }],
      ['ultragroth', { delta2: delta1 }],
    ],
  ],
  [
    'δ₁ = ±γ',
    [
      ['ultragroth', { delta1: gamma }],
      ['ultragroth', { delta1: R - gamma }],
    ],
  ],
  [
    'δ₁ = ±generator',
    [
      ['ultragroth', { delta1: 1n }],
      ['ultragroth', { delta1: R - 1n }],
    ],
  ],
];

const points = (key: VerificationKey, g1: G1, g2: G2): VerificationKey[] => [
  { ...key, alpha1: g1 },
  { ...key, beta2: g2 },
  { ...key, gamma2: g2 },
  { ...key, delta2: g2 },
  ...(key.delta1 === undefined ? [] : [{ ...key, delta1: g2 }]),
  ...key.ic.map((_, i) => ({ ...key, ic: key.ic.with(i, g1) })),
];

describe('weak keys', () => {
  it('error: keys with relations that forge, in the verifier, under a manifest that lists them, and in the exporter', () => {
    const rows: [string, number][] = [];
    for (const [kind, keys] of weak) {
      for (const [system, changes] of keys) {
        const key = makeKey(system, changes);
        const setting = scenario({ key });
        expect(
          codeOf(() => prepareKey(key.verification)),
          kind,
        ).toBe('KEY_WEAK');
        expect(
          codeOf(() => verifyFinality(setting.document, setting.options)),
          kind,
        ).toBe('KEY_WEAK');
        expect(
          codeOf(() => exportSolidityVerifier(key.verification)),
          kind,
        ).toBe('KEY_WEAK');
      }
      rows.push([kind, 3 * keys.length]);
    }
    for (const [kind, keyCases] of rows) recordKind(kind, keyCases, 'KEY_WEAK');
  });

  it('error: points at infinity, off the curve, outside the subgroup, in every place', () => {
    const kinds: readonly (readonly [string, G1, G2, RegExp])[] = [
      ['a point at infinity', infinity1, infinity2, /^(?:KEY_POINT|POINT_AT_INFINITY)$/],
      ['a point off its curve', { x: 1n, y: 3n }, offCurve, /^(?:KEY_POINT|POINT_OFF_CURVE)$/],
      ['a point outside the subgroup', { x: 1n, y: 3n }, outside, /^(?:KEY_POINT|POINT_O[A-Z_]+)$/],
    ];
    for (const [kind, g1, g2, codes] of kinds) {
      let cases = 0;
      for (const system of ['groth16', 'ultragroth'] as const)
        for (const key of points(soundKeys[system], g1, g2)) {
          expect(
            codeOf(() => prepareKey(key)),
            kind,
          ).toBe('KEY_POINT');
          expect(
            codeOf(() => exportSolidityVerifier(key)),
            kind,
          ).toBe('KEY_POINT');
          const json = JSON.parse(JSON.stringify(formatUnchecked(key))) as unknown;
          const code = codeOf(() => parseVerificationKey(json));
          expect(code, kind).toMatch(codes);
          cases += 3;
        }
      recordKind(kind, cases, 'KEY_POINT');
    }
  });

  it('error: keys of others, development keys, keys of other circuits and manifests', () => {
    const honest = scenario();
    const verdict = (changes: object, base = honest, document: unknown = base.document): string =>
      codeOf(() => verifyFinality(document, { ...base.options, ...changes }));
    expect(verdict({})).toBe('accepted');
    const foreign = (['alpha', 'beta', 'tau', 'delta2'] as const).map((name) =>
      makeKey('groth16', { [name]: 13n }),
    );
    const named = (key: VerificationKey) => {
      const hash = verificationKeyHash(key);
      return {
        document: { ...honest.document, verificationKeyHash: `0x${hash.toString(16).padStart(64, '0')}` },
        manifest: { ...honest.manifest, keys: [{ ...honest.manifest.keys[0]!, verificationKeyHash: hash }] },
      };
    };
    const developmentGamma = scenario({ key: makeKey('groth16', { gamma: DEVELOPMENT_GAMMA }) });
    const developmentEntry = scenario({ kind: 'development' });
    const kinds: readonly (readonly [string, string, () => string[]])[] = [
      [
        'a key that the manifest does not list',
        'KEY_NOT_IN_MANIFEST',
        () =>
          foreign.map((key) => {
            const other = scenario({ key });
            return verdict({ verificationKeys: [key.verification] }, honest, other.document);
          }),
      ],
      [
        'the key of another ceremony under the name of the listed one',
        'KEY_MISSING',
        () => foreign.map((key) => verdict({ verificationKeys: [key.verification] })),
      ],
      [
        'a listed key of another ceremony than the proof’s',
        'PROOF_INVALID',
        () =>
          foreign.map((key) => {
            const { document, manifest } = named(key.verification);
            return verdict({ verificationKeys: [key.verification], manifest }, honest, document);
          }),
      ],
      ['a development key, by its γ', 'DEVELOPMENT_KEY', () => [verdict({}, developmentGamma)]],
      ['a development key, by its entry', 'DEVELOPMENT_KEY', () => [verdict({}, developmentEntry)]],
      [
        'the key of another circuit',
        'CIRCUIT_MISMATCH',
        () => [
          verdict({
            manifest: { ...honest.manifest, keys: [{ ...honest.manifest.keys[0]!, circuit: 'istanbul-8' }] },
          }),
        ],
      ],
      [
        'a key of the other proof system',
        'PROOF_SYSTEM_MISMATCH',
        () => {
          const { verification } = makeKey('ultragroth');
          const { document, manifest } = named(verification);
          return [verdict({ verificationKeys: [verification], manifest }, honest, document)];
        },
      ],
      [
        'a key with fewer inputs',
        'PUBLIC_INPUT_COUNT',
        () => {
          const { verification } = honest.key;
          const short = { ...verification, publicCount: 5, ic: verification.ic.slice(0, 6) };
          const { document, manifest } = named(short);
          return [verdict({ verificationKeys: [short], manifest }, honest, document)];
        },
      ],
      [
        'a manifest that the anchor does not name',
        'MANIFEST_MISMATCH',
        () => [verdict({ manifest: { ...honest.manifest, name: 'other-keys' } })],
      ],
    ];
    for (const [kind, expected, run] of kinds) {
      const codes = run();
      expect(new Set(codes), kind).toEqual(new Set([expected]));
      recordKind(kind, codes.length, expected);
    }
  });
});

const soundKeys = {
  groth16: makeKey('groth16').verification,
  ultragroth: makeKey('ultragroth').verification,
};
const soundJson = {
  groth16: formatVerificationKey(soundKeys.groth16),
  ultragroth: formatVerificationKey(soundKeys.ultragroth),
};

/** The JSON of a key whose points nobody checked: `formatVerificationKey` would compute a pairing of them. */
function formatUnchecked(key: VerificationKey): object {
  const g1 = ({ x, y }: G1): string[] => [x.toString(), y.toString(), '1'];
  const g2 = ({ x, y }: G2): string[][] => [x.map(String), y.map(String), ['1', '0']];
  return {
    ...soundJson[key.system],
    vk_alpha_1: g1(key.alpha1),
    vk_beta_2: g2(key.beta2),
    vk_gamma_2: g2(key.gamma2),
    ...(key.delta1 === undefined
      ? { vk_delta_2: g2(key.delta2) }
      : { vk_delta_1_2: g2(key.delta1), vk_delta_2_2: g2(key.delta2) }),
    IC: key.ic.map(g1),
  };
}
