/**
 * Which arithmetic the verifier under test has. Files in `test/verify/wasm` run the verifier's suites again with the WebAssembly one in the place
 * of the default.
 */
import * as arithmetic from '../../src/statement/arithmetic.js';
import * as wasm from '../../src/verify/wasm/arithmetic.js';

export const onWasm: boolean = arithmetic.isInG2 === wasm.isInG2;
/** Tells rows of figures apart. */
export const arithmeticSuffix = onWasm ? ', WASM' : '';
