/** The documents of `examples/demo` hold under the committed keys. If this fails, run `npm run demo-proofs`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  parseManifest,
  parseTrustAnchor,
  parseVerificationKey,
  verifyFinality,
} from '../../src/verify/index.js';

type Document = { readonly [field: string]: unknown };
const read = (path: string): Document => JSON.parse(readFileSync(path, 'utf8')) as Document;
const manifest = parseManifest(read('keys/manifest.json'));
const verificationKeys = manifest.keys.map(({ file }) => parseVerificationKey(read(`keys/${file}`)));
const trust = read('examples/demo/trust.json');
const options = { anchor: parseTrustAnchor(trust), manifest, verificationKeys };

describe('examples/demo', () => {
  it.each([
    [2, false],
    [4, true],
  ])('accepts: block %i', (height, setChanged) => {
    const result = verifyFinality(read(`examples/demo/block-${height}.proof.json`), options);
    expect(result, 'npm run demo-proofs makes them anew').toMatchObject({
      ok: true,
      setChanged,
      developmentKey: true,
      statement: { height: BigInt(height) },
    });
  });

  it.each([
    ['PROOF_INVALID', 2, { chainId: '1337' }, { height: '3' }],
    ['CHAIN_MISMATCH', 2, { chainId: '1' }, {}],
    ['DEVELOPMENT_KEY', 2, { allowDevelopmentKeys: false }, {}],
    ['SIGNING_SET_NOT_REGISTERED', 4, { registeredSets: [] }, {}],
    ['SIGNING_SET_CHANGED', 4, { headerListAuthenticated: false }, {}],
  ])('rejects: %s', (code, height, anchor, statement) => {
    const proof = read(`examples/demo/block-${height}.proof.json`);
    const altered = { ...proof, statement: { ...(proof.statement as Document), ...statement } };
    const result = verifyFinality(altered, { ...options, anchor: parseTrustAnchor({ ...trust, ...anchor }) });
    expect(result).toMatchObject({ ok: false, code });
  });
});
