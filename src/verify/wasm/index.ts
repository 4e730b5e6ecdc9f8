/**
 * `zkfinality/verify/wasm`: everything of `zkfinality/verify`, with the pairing in WebAssembly in place of the one of `@noble/curves`. Several times
 * as fast, a second implementation of the mathematics, and the same readers and checks, line by line. One file that needs nothing else. Its error
 * classes and prepared keys are its own: take all names from one entry.
 *
 * `scripts/build-browser.mjs` makes it from this module with `src/verify/wasm/arithmetic.ts` in the place of `src/statement/arithmetic.ts`.
 *
 * @module
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseManifest, parseTrustAnchor, parseVerificationKey, verifyFinality } from 'zkfinality/verify/wasm';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const result = verifyFinality(read('examples/demo/block-2.proof.json'), {
 *   anchor: parseTrustAnchor(read('examples/demo/trust.json')),
 *   verificationKeys: [parseVerificationKey(read('keys/istanbul-qbft-4.json'))],
 *   manifest: parseManifest(read('keys/manifest.json')),
 * });
 * console.log(result.ok ? `block ${result.statement.height} is final` : result.code); // block 2 is final
 * ```
 */
export * from '../index.js';
export { loadWasm } from './arithmetic.js';
