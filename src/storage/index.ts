/**
 * `zkfinality/verify/node`: what the light client needs of Node. Everything else of verification is `zkfinality/verify`.
 *
 * @example
 * ```ts
 * import { mkdtempSync, readFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { LightClient, parseManifest, parseTrustAnchor, parseVerificationKey } from 'zkfinality/verify';
 * import { fileStorage } from 'zkfinality/verify/node';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 * const keys = {
 *   verificationKeys: [parseVerificationKey(read('keys/istanbul-qbft-4.json'))],
 *   manifest: parseManifest(read('keys/manifest.json')),
 * };
 *
 * const storage = fileStorage(join(mkdtempSync(join(tmpdir(), 'chain-')), 'state.json'));
 * const anchor = parseTrustAnchor(read('examples/demo/trust.json'));
 * const client = await LightClient.open({ ...keys, storage, anchor });
 * await client.update(read('examples/demo/block-2.proof.json'));
 *
 * // After a crash, or tomorrow:
 * const again = await LightClient.open({ ...keys, storage });
 * console.log(again.newest?.height); // 2n
 * ```
 */
export { fileStorage } from './file-storage.js';
