// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// A verifier that `zkfinality export solidity istanbul-registration-<tier>` wrote.
interface IRegistrationVerifier {
    /// Returns if the proof holds for (oldSet, newSet), reverts otherwise.
    function verifyProof(uint256[10] calldata proof, uint256[2] calldata publicInputs) external view;
    /// Whether the key's secrets are public, so that anyone can forge proofs.
    function DEVELOPMENT_KEY() external view returns (bool);
}

/// @title ValidatorSetRegistry
/// @notice Asks once for each validator set for a proof that its keys belong to its members, and remembers the commitment.
///
/// `FinalityClient` and any other contract that follows a chain accepts a finality proof only where signingSet is its trusted set or `isRegistered(signingSet)` and lets
/// newSet take the place of a trusted oldSet only where `isExtension(oldSet, newSet)`. See docs/STATEMENT.md.
/// @dev Anyone may register, a record says nothing of whether anybody trusts a set. Records are facts: none is ever changed or removed, a replay
/// changes nothing. No owner, no upgrade. One verifier a tier; the same set has the same commitment at every tier.
contract ValidatorSetRegistry {
    /// No contract stands at this verifier's address.
    error VerifierMissing(uint256 index);
    /// This verifier is of a development key, which this contract was not made for.
    error DevelopmentKey(uint256 index);
    /// There is no verifier of this index.
    error VerifierUnknown(uint256 index);

    event SetRegistered(uint256 indexed oldSet, uint256 indexed newSet);

    /// Whether verifiers of development keys were allowed, so that records show nothing: tests and demonstrations.
    bool public immutable allowsDevelopmentKeys;

    /// Fixed when the contract is made.
    IRegistrationVerifier[] private _verifiers;

    /// Whether every known key of the set with this commitment was shown to belong to its member.
    mapping(uint256 commitment => bool) public isRegistered;

    /// Whether newSet was shown to be oldSet with zero or more unknown keys filled in.
    mapping(uint256 oldSet => mapping(uint256 newSet => bool)) public isExtension;

    /// @param verifiers Exported verifiers of registration circuits, one a tier. Check VERIFICATION_KEY_HASH of each.
    /// @param allowDevelopmentKeys False for whatever guards value
    constructor(IRegistrationVerifier[] memory verifiers, bool allowDevelopmentKeys) {
        allowsDevelopmentKeys = allowDevelopmentKeys;
        for (uint256 i = 0; i < verifiers.length; i++) {
            if (address(verifiers[i]).code.length == 0) revert VerifierMissing(i);
            if (!allowDevelopmentKeys && verifiers[i].DEVELOPMENT_KEY()) revert DevelopmentKey(i);
            _verifiers.push(verifiers[i]);
        }
    }

    function verifier(uint256 index) public view returns (IRegistrationVerifier) {
        if (index >= _verifiers.length) revert VerifierUnknown(index);
        return _verifiers[index];
    }

    /// Records a set; reverts with the verifier's error where the proof does not hold.
    /// @param index Which verifier: that of the circuit that the document names
    /// @param proof As `zkfinality export calldata` has it
    function register(uint256 index, uint256[10] calldata proof, uint256 oldSet, uint256 newSet) external {
        verifier(index).verifyProof(proof, [oldSet, newSet]);
        isRegistered[newSet] = true;
        isExtension[oldSet][newSet] = true;
        emit SetRegistered(oldSet, newSet);
    }
}
