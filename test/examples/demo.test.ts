/** The documents of `examples/demo` hold under the committed keys. If this fails, run `npm run demo-proofs`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createIstanbulDevnet, type IstanbulDevnet } from '../../src/devnet/index.js';
import { verifyReceipt } from '../../src/ethereum/index.js';
import {
  commitValidatorSet,
  LightClient,
  memoryStorage,
  parseFinalityProof,
  parseManifest,
  parseTrustAnchor,
  parseVerificationKey,
  verifyFinality,
  verifyRegistration,
} from '../../src/verify/index.js';

const { makeDemoNetwork } = (await import(
  new URL('../../scripts/demo-network.mjs', import.meta.url).href
)) as { readonly makeDemoNetwork: (create: typeof createIstanbulDevnet) => IstanbulDevnet };

type Document = { readonly [field: string]: unknown };
const read = (path: string): Document => JSON.parse(readFileSync(path, 'utf8')) as Document;
const manifest = parseManifest(read('keys/manifest.json'));
const verificationKeys = manifest.keys.map(({ file }) => parseVerificationKey(read(`keys/${file}`)));
const trust = read('examples/demo/trust.json');
const options = { anchor: parseTrustAnchor(trust), manifest, verificationKeys };

const next = read('examples/demo/registration.json');
const network = makeDemoNetwork(createIstanbulDevnet);
/** The anchor of somebody who knows the members of the second set himself. */
const knowing = { ...options.anchor, registeredSets: [network.validatorSet(4).members] };

describe('examples/demo', () => {
  it.each([
    [2, false, options.anchor],
    [4, true, knowing],
  ])('accepts: block %i', (height, setChanged, anchor) => {
    const result = verifyFinality(read(`examples/demo/block-${height}.proof.json`), { ...options, anchor });
    expect(result, 'npm run demo-proofs makes them anew').toMatchObject({
      ok: true,
      setChanged,
      developmentKey: true,
      statement: { height: BigInt(height) },
    });
  });

  it('accepts: the registration of the second set', () => {
    const commitment = commitValidatorSet(network.validatorSet(4));
    expect(verifyRegistration(next, options), 'npm run demo-proofs makes it anew').toMatchObject({
      ok: true,
      oldSet: commitment,
      newSet: commitment,
      extendsTrustedSet: false,
    });
  });

  it('accepts: all of them one after the other in a light client, and nothing twice', async () => {
    const client = await LightClient.open({ ...options, storage: memoryStorage() });
    const told: string[] = [];
    for (const name of ['block-4.proof', 'block-2.proof', 'registration', 'block-4.proof', 'registration']) {
      const result = await client.update(read(`examples/demo/${name}.json`));
      told.push(result.ok ? result.kind : result.code);
    }
    expect(told).toEqual(['SIGNING_SET_NOT_REGISTERED', 'block', 'registration', 'block', 'PROOF_REPLAYED']);
    expect(client.newest?.height).toBe(4n);
  });

  it.each([
    [2, [2]],
    [3, [4, 3]],
  ])('accepts: the receipt of block %i', (height, [final]) => {
    const { statement } = parseFinalityProof(read(`examples/demo/block-${final}.proof.json`));
    const receipt = read(`examples/demo/block-${height}.receipt.json`);
    expect(verifyReceipt(receipt, statement)).toMatchObject({ ok: true, height: BigInt(height) });
    expect(verifyReceipt(receipt, { ...statement, blockHash: 0n })).toMatchObject({
      code: 'INCLUSION_HEADER',
    });
  });

  it.each([
    ['PROOF_INVALID', 2, { chainId: '1337' }, { height: '3' }],
    ['CHAIN_MISMATCH', 2, { chainId: '1' }, {}],
    ['DEVELOPMENT_KEY', 2, { allowDevelopmentKeys: false }, {}],
    ['SIGNING_SET_NOT_REGISTERED', 4, {}, {}],
    ['SIGNING_SET_CHANGED', 4, { headerListAuthenticated: false }, {}],
  ])('rejects: %s', (code, height, anchor, statement) => {
    const proof = read(`examples/demo/block-${height}.proof.json`);
    const altered = { ...proof, statement: { ...(proof.statement as Document), ...statement } };
    const result = verifyFinality(altered, { ...options, anchor: parseTrustAnchor({ ...trust, ...anchor }) });
    expect(result).toMatchObject({ ok: false, code });
  });

  it.each([
    ['PROOF_INVALID', {}, { newSet: `0x${'1'.padStart(64, '0')}` }],
    ['CHAIN_MISMATCH', { chainId: '1' }, {}],
    ['DEVELOPMENT_KEY', { allowDevelopmentKeys: false }, {}],
  ])('rejects: the registration, %s', (code, anchor, claim) => {
    const result = verifyRegistration(
      { ...next, ...claim },
      { ...options, anchor: parseTrustAnchor({ ...trust, ...anchor }) },
    );
    expect(result).toMatchObject({ ok: false, code });
  });
});
