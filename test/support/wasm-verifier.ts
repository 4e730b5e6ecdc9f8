/** `zkfinality/verify/wasm` as it ships, beside the verifier of the sources. Built by `npm run build`. */
export const wasmVerifier = (await import(
  new URL('../../dist/browser/verify-wasm.js', import.meta.url).href
)) as typeof import('../../src/verify/wasm/index.js');
