/**
 * Calldata of `verifyProof`: all arguments are fixed arrays of words, so the encoding is the selector and the words in order.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { FIELD_MODULUS, g1Fault, g2Fault } from '../statement/curve.js';
import { UsageError } from '../statement/errors.js';
import { formatHex } from '../statement/json.js';
import type { Groth16Proof } from '../statement/types.js';

/**
 * The words of a proof in the order of the contract: A.x, A.y, B.x.c1, B.x.c0, B.y.c1, B.y.c0, C.x, C.y and, for two-round
 * proofs, D.x, D.y. Imaginary parts come first, as in EIP-197.
 */
export function proofWords(proof: Groth16Proof): bigint[] {
  const { a, b, c, d } = proof;
  return [a.x, a.y, b.x[1], b.x[0], b.y[1], b.y[0], c.x, c.y, ...(d === undefined ? [] : [d.x, d.y])];
}

/**
 * Encodes a call of `verifyProof`.
 *
 * @param proof - Plain or two-round; its points are checked, so that nobody pays gas for a proof that cannot pass.
 * @param publicInputs - Scalars below r in circuit order, without the challenge.
 * @returns `0x` and the bytes in hexadecimal: 4 of the selector, 32 a word.
 * @throws {UsageError} `PROOF_POINT`, `PUBLIC_INPUT_RANGE`.
 */
export function encodeCalldata(proof: Groth16Proof, publicInputs: readonly bigint[]): string {
  const faults = {
    a: g1Fault(proof.a),
    b: g2Fault(proof.b),
    c: g1Fault(proof.c),
    d: proof.d && g1Fault(proof.d),
  };
  for (const [name, fault] of Object.entries(faults))
    if (fault !== undefined)
      throw new UsageError('PROOF_POINT', `proof.${name}: ${fault}. Verify the proof before sending it.`);
  publicInputs.forEach((input, index) => {
    if (input < 0n || input >= FIELD_MODULUS)
      throw new UsageError('PUBLIC_INPUT_RANGE', `publicInputs[${index}]: expected [0, r), got ${input}.`);
  });
  const words = proofWords(proof);
  const signature = `verifyProof(uint256[${words.length}],uint256[${publicInputs.length}])`;
  const hash = keccak_256(new TextEncoder().encode(signature));
  const selector = [...hash.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `0x${selector}${[...words, ...publicInputs].map((value) => formatHex(value, 32).slice(2)).join('')}`;
}
