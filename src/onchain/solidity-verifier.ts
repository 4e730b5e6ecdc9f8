/**
 * Solidity source of a verifier for one verification key, plain or two-round.
 *
 * The contract has no owner, no storage and no upgrade: the key is its code. `verifyProof` returns nothing and reverts with
 * a named error where a check fails, so that no caller can forget to look at a result. It is as strict as `src/verify`:
 * inputs below r, coordinates below q, every point on its curve and not infinity, the challenge recomputed; the pairing
 * precompile (EIP-197) checks that B is in its subgroup. Success and return size of every precompile call are checked.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { COORDINATE_MODULUS, FIELD_MODULUS } from '../statement/curve.js';
import { UsageError } from '../statement/errors.js';
import { domainTag } from '../statement/hash.js';
import { formatHex, quote } from '../statement/json.js';
import { assertSoundKey, isDevelopmentKey } from '../statement/keys.js';
import { verificationKeyHash } from '../statement/transcript.js';
import type { G1, G2, VerificationKey } from '../statement/types.js';

export type SolidityOptions = {
  /** Name of the contract. Default: `FinalityVerifier`. */
  readonly contractName?: string;
  /** Export a key that carries the development γ₂: such a contract accepts forgeries. Default: false. */
  readonly allowDevelopmentKey?: boolean;
};

/**
 * Writes the verifier contract of a key.
 *
 * @param key - As `parseVerificationKey` returns it; at least one public input is given by the caller.
 * @param options - See {@link SolidityOptions}.
 * @returns Complete source for solc 0.8.24 and later. `verifyProof(uint256[8] proof, uint256[n] publicInputs)`, ten words of
 *   proof for a two-round key. A transaction at six inputs takes about 252,000 gas, two-round 295,000 (`test/onchain`).
 * @throws {UsageError} `CONTRACT_NAME`, `DEVELOPMENT_KEY`, `KEY_SHAPE`, `KEY_POINT`, `KEY_WEAK`.
 * @example
 * ```ts
 * const source = exportSolidityVerifier(key, { contractName: 'Committee4Verifier' });
 * ```
 */
export function exportSolidityVerifier(key: VerificationKey, options: SolidityOptions = {}): string {
  const { contractName = 'FinalityVerifier', allowDevelopmentKey = false } = options;
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(contractName))
    throw new UsageError(
      'CONTRACT_NAME',
      `contract name: expected letters and digits beginning with a capital, got ${quote(contractName)}.`,
    );
  assertSoundKey(key);
  const development = isDevelopmentKey(key);
  if (development && !allowDevelopmentKey)
    throw new UsageError(
      'DEVELOPMENT_KEY',
      'verification key: a development key, anyone can forge proofs for it. Export a production key, or allow a development key for a test.',
    );
  const twoRound = key.system === 'ultragroth';
  const inputs = twoRound ? key.publicCount - 1 : key.publicCount;
  if (inputs === 0)
    throw new UsageError(
      'KEY_SHAPE',
      'verification key: no public inputs are given with a proof. A proof without a statement shows nothing.',
    );
  const proofWords = twoRound ? 10 : 8;
  const pairs = twoRound ? 5 : 4;
  return `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;
${development ? DEVELOPMENT_WARNING : ''}
/// @title ${contractName}
/// @notice Verifies ${twoRound ? 'two-round ' : ''}Groth16 proofs over BN254 for one verification key.
/// Written by zkfinality; do not edit: export it again when the key changes.
/// @dev Order of G2 coordinates everywhere: x.c1, x.c0, y.c1, y.c0 (EIP-197), imaginary part first.
contract ${contractName} {
    /// A public input is not below the group order r. It is never reduced.
    error PublicInputNotCanonical(uint256 index);
    /// A word of the proof is not below the field prime q.
    error CoordinateNotCanonical(uint256 index);
    /// A point of the proof is not on its curve, or is infinity. The index is that of its first word.
    error PointNotOnCurve(uint256 index);
    /// Addition or multiplication of points failed: out of gas, or a chain without EIP-196.
    error PrecompileFailed();
    /// The pairing precompile refused: B is outside the subgroup, out of gas, or a chain without EIP-197.
    error PairingFailed();
    /// The proof does not hold for these public inputs and this key.
    error ProofInvalid();

    /// Hash of the verification key, as in manifests and finality proofs.
    bytes32 public constant VERIFICATION_KEY_HASH =
        ${formatHex(verificationKeyHash(key), 32)};
    /// Whether the key's secrets are public: such a contract proves nothing.
    bool public constant DEVELOPMENT_KEY = ${development};

    uint256 private constant Q = ${COORDINATE_MODULUS};
    uint256 private constant R = ${FIELD_MODULUS};
${twoRound ? `    /// keccak256("zkfinality/challenge/v1")\n    bytes32 private constant CHALLENGE_TAG =\n        ${formatHex(domainTag('challenge/v1'), 32)};\n` : ''}
    // Curve constant of the twist, 3/(9 + u).
${fp2Constant('TWIST_B', bn254.G2.Point.CURVE().b)}
    // The verification key.
${g1Constant('ALPHA', key.alpha1)}
${g2Constant('BETA', key.beta2)}
${g2Constant('GAMMA', key.gamma2)}
${key.delta1 === undefined ? '' : `${g2Constant('DELTA1', key.delta1)}\n`}${g2Constant(twoRound ? 'DELTA2' : 'DELTA', key.delta2)}
${key.ic.map((point, index) => g1Constant(`IC${index}`, point)).join('\n')}

    /// Returns if the proof holds, reverts with a named error otherwise.
    /// @param proof A.x, A.y, B.x.c1, B.x.c0, B.y.c1, B.y.c0, C.x, C.y${twoRound ? ', D.x, D.y' : ''}
    /// @param publicInputs In circuit order${twoRound ? ', without the challenge, which is recomputed' : ''}
    function verifyProof(uint256[${proofWords}] calldata proof, uint256[${inputs}] calldata publicInputs) external view {
        for (uint256 i = 0; i < ${inputs}; i++) {
            if (publicInputs[i] >= R) revert PublicInputNotCanonical(i);
        }
        for (uint256 i = 0; i < ${proofWords}; i++) {
            if (proof[i] >= Q) revert CoordinateNotCanonical(i);
        }
        _requireOnCurve(proof[0], proof[1], 0);
        _requireOnTwist(proof[2], proof[3], proof[4], proof[5], 2);
        _requireOnCurve(proof[6], proof[7], 6);
${twoRound ? '        _requireOnCurve(proof[8], proof[9], 8);\n' : ''}
        // IC0 + sum of input_i * IC_i, the second half of the buffer is scratch.
        uint256[5] memory sum;
        sum[0] = IC0_X;
        sum[1] = IC0_Y;
${Array.from({ length: inputs }, (_, i) => `        _accumulate(sum, IC${i + 1}_X, IC${i + 1}_Y, publicInputs[${i}]);`).join('\n')}
${
  twoRound
    ? `        uint256 challenge = uint256(
            keccak256(abi.encode(CHALLENGE_TAG, VERIFICATION_KEY_HASH, publicInputs, proof[8], proof[9]))
        ) % R;
        _accumulate(sum, IC${inputs + 1}_X, IC${inputs + 1}_Y, challenge);
`
    : ''
}
        // e(-A, B) * e(alpha, beta) * e(IC, gamma) * ${twoRound ? 'e(D, delta1) * e(C, delta2)' : 'e(C, delta)'} = 1. No point has y = 0: the group has odd order.
        uint256[${6 * pairs}] memory pairs = [
            proof[0], Q - proof[1], proof[2], proof[3], proof[4], proof[5],
            ALPHA_X, ALPHA_Y, ${g2Names('BETA')},
            sum[0], sum[1], ${g2Names('GAMMA')},
${twoRound ? `            proof[8], proof[9], ${g2Names('DELTA1')},\n` : ''}            proof[6], proof[7], ${g2Names(twoRound ? 'DELTA2' : 'DELTA')}
        ];
        uint256[1] memory result;
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 8, pairs, ${192 * pairs}, result, 32)
            ok := and(ok, eq(returndatasize(), 32))
        }
        if (!ok) revert PairingFailed();
        if (result[0] != 1) revert ProofInvalid();
    }

    /// buffer[0..1] += scalar * (x, y)
    function _accumulate(uint256[5] memory buffer, uint256 x, uint256 y, uint256 scalar) private view {
        buffer[2] = x;
        buffer[3] = y;
        buffer[4] = scalar;
        bool ok;
        assembly ("memory-safe") {
            let product := add(buffer, 64)
            ok := staticcall(gas(), 7, product, 96, product, 64)
            ok := and(ok, eq(returndatasize(), 64))
            ok := and(ok, staticcall(gas(), 6, buffer, 128, buffer, 64))
            ok := and(ok, eq(returndatasize(), 64))
        }
        if (!ok) revert PrecompileFailed();
    }

    /// y^2 = x^3 + 3. Infinity, (0, 0), is not on the curve. Requires: coordinates below q.
    function _requireOnCurve(uint256 x, uint256 y, uint256 index) private pure {
        if (mulmod(y, y, Q) != addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q)) revert PointNotOnCurve(index);
    }

    /// y^2 = x^3 + 3/(9 + u) in Fq[u]/(u^2 + 1). Requires: coordinates below q.
    function _requireOnTwist(uint256 x1, uint256 x0, uint256 y1, uint256 y0, uint256 index) private pure {
        (uint256 s1, uint256 s0) = _multiply(x1, x0, x1, x0);
        (s1, s0) = _multiply(s1, s0, x1, x0);
        (uint256 t1, uint256 t0) = _multiply(y1, y0, y1, y0);
        if (t1 != addmod(s1, TWIST_B_C1, Q) || t0 != addmod(s0, TWIST_B_C0, Q)) revert PointNotOnCurve(index);
    }

    /// (a1 u + a0)(b1 u + b0) with u^2 = -1.
    function _multiply(uint256 a1, uint256 a0, uint256 b1, uint256 b0) private pure returns (uint256 c1, uint256 c0) {
        c1 = addmod(mulmod(a1, b0, Q), mulmod(a0, b1, Q), Q);
        c0 = addmod(mulmod(a0, b0, Q), Q - mulmod(a1, b1, Q), Q);
    }
}
`;
}

const DEVELOPMENT_WARNING = `
// ############################################################################
// ##  DEVELOPMENT KEY. ITS SECRETS ARE PUBLIC: ANYONE CAN FORGE PROOFS THAT  ##
// ##  THIS CONTRACT ACCEPTS. NEVER LET ANYTHING OF VALUE DEPEND ON IT.       ##
// ############################################################################
`;

const word = (value: bigint): string => formatHex(value, 32);

function constant(name: string, value: bigint): string {
  return `    uint256 private constant ${name} = ${word(value)};`;
}

function fp2Constant(name: string, value: { readonly c0: bigint; readonly c1: bigint }): string {
  return [constant(`${name}_C1`, value.c1), constant(`${name}_C0`, value.c0)].join('\n');
}

function g1Constant(name: string, point: G1): string {
  return [constant(`${name}_X`, point.x), constant(`${name}_Y`, point.y)].join('\n');
}

function g2Constant(name: string, point: G2): string {
  return [
    fp2Constant(`${name}_X`, { c0: point.x[0], c1: point.x[1] }),
    fp2Constant(`${name}_Y`, { c0: point.y[0], c1: point.y[1] }),
  ].join('\n');
}

function g2Names(name: string): string {
  return ['X_C1', 'X_C0', 'Y_C1', 'Y_C0'].map((part) => `${name}_${part}`).join(', ');
}
