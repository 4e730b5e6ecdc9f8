// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What a finality proof attests about one block. See docs/STATEMENT.md.
struct Statement {
    /// Commitment of the set the verifier trusts, below r.
    uint256 trustedSet;
    /// Commitment of the set that sealed the block, below r. A contract accepts the trusted set here, or one whose registration it has verified:
    /// otherwise an attacker could put keys of his own beside genuine addresses.
    uint256 signingSet;
    /// Commitment of the set that the block announces, 0 where it announces none, below r.
    uint256 nextSet;
    uint64 height;
    /// Unix seconds.
    uint64 time;
    bytes32 blockHash;
    bytes32 stateRoot;
}

/// @title FinalityStatement
/// @notice The statement as public inputs of a proof, and back. The packing is injective.
/// @dev Whether commitments are below r is checked by the verifier that gets the inputs.
library FinalityStatement {
    /// A word that no statement packs to. The index is that of the public input.
    error StatementWordTooLarge(uint256 index);

    /// @return inputs trustedSet, signingSet, nextSet, w1, w2, w3: in circuit order, without a challenge
    function pack(Statement memory statement) internal pure returns (uint256[6] memory inputs) {
        uint256 blockHash = uint256(statement.blockHash);
        uint256 stateRoot = uint256(statement.stateRoot);
        inputs[0] = statement.trustedSet;
        inputs[1] = statement.signingSet;
        inputs[2] = statement.nextSet;
        inputs[3] = blockHash >> 8;
        inputs[4] = stateRoot >> 8;
        inputs[5] = (uint256(statement.height) << 80) | (uint256(statement.time) << 16) | ((blockHash & 255) << 8)
            | (stateRoot & 255);
    }

    /// @param inputs As a verified proof has them; words that no statement packs to revert
    function unpack(uint256[6] memory inputs) internal pure returns (Statement memory statement) {
        if (inputs[3] >> 248 != 0) revert StatementWordTooLarge(3);
        if (inputs[4] >> 248 != 0) revert StatementWordTooLarge(4);
        if (inputs[5] >> 144 != 0) revert StatementWordTooLarge(5);
        statement.trustedSet = inputs[0];
        statement.signingSet = inputs[1];
        statement.nextSet = inputs[2];
        statement.height = uint64(inputs[5] >> 80);
        statement.time = uint64(inputs[5] >> 16);
        statement.blockHash = bytes32((inputs[3] << 8) | ((inputs[5] >> 8) & 255));
        statement.stateRoot = bytes32((inputs[4] << 8) | (inputs[5] & 255));
    }
}
