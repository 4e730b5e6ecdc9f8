/** Verifiers on EVM chains: contract export and calldata. */
export { encodeCalldata, proofWords } from './calldata.js';
export { exportSolidityVerifier, type SolidityOptions } from './solidity-verifier.js';
