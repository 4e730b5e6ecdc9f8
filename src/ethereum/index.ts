/**
 * `zkfinality/verify/inclusion`: what stands in a final block. Depends on `@noble/hashes` only, uses nothing of Node.
 *
 * A finality proof gives the hash of a block. This module leads from there to an event, through headers and the receipts trie, or from its state root to a
 * value of the state. Every step is checked; nothing that a node or a user says is believed.
 *
 * @module
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { parseManifest, parseTrustAnchor, parseVerificationKey, verifyFinality } from 'zkfinality/verify';
 * import { verifyReceipt } from 'zkfinality/verify/inclusion';
 * const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
 *
 * const final = verifyFinality(read('examples/demo/block-2.proof.json'), {
 *   anchor: parseTrustAnchor(read('examples/demo/trust.json')),
 *   verificationKeys: [parseVerificationKey(read('keys/istanbul-qbft-4.json'))],
 *   manifest: parseManifest(read('keys/manifest.json')),
 * });
 * if (!final.ok) throw new Error(final.code);
 * const result = verifyReceipt(read('examples/demo/block-2.receipt.json'), final.statement);
 * if (!result.ok) throw new Error(result.code);
 * console.log(`transaction ${result.transactionIndex} left ${result.receipt.logs.length} event`); // transaction 1 left 1 event
 * ```
 */
export {
  type FinalBlock,
  formatReceiptProof,
  type InclusionRefused,
  parseReceiptProof,
  proveReceipt,
  type ReceiptIncluded,
  type ReceiptProof,
  type ReceiptProofJson,
  type ReceiptResult,
  verifyReceipt,
} from './inclusion.js';
export { encodeReceipt, type Log, parseReceipt, type Receipt } from './receipt.js';
export { buildTrie, type Trie, type TrieProof, type TrieResult, verifyTrieProof } from './trie.js';
