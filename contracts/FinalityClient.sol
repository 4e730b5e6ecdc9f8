// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {FinalityStatement, Statement} from "./FinalityStatement.sol";
import {ValidatorSetRegistry} from "./ValidatorSetRegistry.sol";

/// A verifier that `zkfinality export solidity istanbul-<variant>-<tier>` wrote.
interface IFinalityVerifier {
    /// Returns if the proof holds for the packed statement, reverts otherwise.
    function verifyProof(uint256[10] calldata proof, uint256[6] calldata publicInputs) external view;
    /// Whether the key's secrets are public, so that anyone can forge proofs.
    function DEVELOPMENT_KEY() external view returns (bool);
}

/// @title FinalityClient
/// @notice Follows one Istanbul chain by finality proofs, through changes of its validator set.
///
/// Trust moves by the rules of docs/STATEMENT.md, as in the light client `LightClient`: a block is accepted when it is proved from the trusted set, its signing set
/// is that set or, where the chain authenticates header lists, a registered one, it is above the newest accepted height, not earlier than its time, and the
/// trusting period is not over. Its signing set becomes the trusted one. A trusted set gives way to the same set with more keys known. Two final blocks
/// of one height freeze the contract for ever.
/// @dev Anyone may call anything: proofs decide. No owner, no upgrade, no calls that give control away. The chain is bound by the commitment of the anchored set,
/// which has its variant and chain id. Proof bytes are malleable: they identify nothing, statements do.
contract FinalityClient {
    /// No contract stands at this verifier's address.
    error VerifierMissing(uint256 index);
    /// There is no verifier of this index.
    error VerifierUnknown(uint256 index);
    /// This verifier, or the registry where the index is the number of verifiers, takes development keys.
    error DevelopmentKey(uint256 index);
    /// The anchor names no trusted set, or another signing set.
    error AnchorInvalid();
    /// Two final blocks of one height were shown: nothing is accepted any more.
    error Frozen();
    /// The proof starts from another set than the trusted one: of another chain, or made before the set changed.
    error TrustedSetMismatch();
    /// Another set sealed the block, and on this chain a header does not prove such a change.
    error SigningSetChanged();
    /// Nothing shows that the keys of the signing set belong to its members.
    error SigningSetNotRegistered();
    /// The block is not above the newest accepted one.
    error HeightNotAbove(uint64 newest);
    /// The block is earlier than the newest accepted one.
    error TimeWentBack(uint64 newest);
    /// The trusted set was not confirmed for longer than the trusting period.
    error TrustExpired();
    /// The block is ahead of this chain's clock.
    error TimeInFuture();
    /// The registry does not know the set as the trusted one with more keys.
    error NotAnExtension();
    /// The first statement was not accepted, or the second is no other block of its height.
    error NoConflict();

    event BlockAccepted(uint64 indexed height, bytes32 indexed blockHash, bytes32 stateRoot, uint256 trustedSet);
    event TrustedSetExtended(uint256 indexed oldSet, uint256 indexed newSet);
    event ConflictShown(uint64 indexed height, bytes32 firstBlockHash, bytes32 secondBlockHash);

    /// How far ahead of this chain's clock a block may be, where a trusting period is enforced.
    uint256 private constant CLOCK_DRIFT_SECONDS = 600;

    ValidatorSetRegistry public immutable registry;
    /// Whether honest validators of the chain compare a header's list with their own before they seal (Besu does).
    bool public immutable headerListAuthenticated;
    /// How long the trusted set may be relied on after the time of the newest block; 0: without end.
    uint64 public immutable trustingPeriodSeconds;

    IFinalityVerifier[] private _verifiers;

    /// Commitment of the set that the next block must be proved from.
    uint256 public trustedSet;
    /// Of the newest accepted block; at first those of the anchor.
    uint64 public height;
    uint64 public time;
    bool public frozen;
    bytes32 public blockHash;
    bytes32 public stateRoot;

    /// Hash of the statement that was accepted for a height, 0 where none was.
    mapping(uint64 height => bytes32 statementHash) private _accepted;

    /// @param verifiers Exported verifiers of finality circuits of the chain's variant, one a tier. Check VERIFICATION_KEY_HASH of each.
    /// @param anchor Where to start: trustedSet and signingSet are the commitment of the anchored set, which must be registered by people who know its keys;
    /// height, time and, if known, block hash and state root are of a block that is final for sure. nextSet is 0
    constructor(
        IFinalityVerifier[] memory verifiers,
        ValidatorSetRegistry registry_,
        Statement memory anchor,
        bool headerListAuthenticated_,
        uint64 trustingPeriodSeconds_,
        bool allowDevelopmentKeys
    ) {
        for (uint256 i = 0; i < verifiers.length; i++) {
            if (address(verifiers[i]).code.length == 0) revert VerifierMissing(i);
            if (!allowDevelopmentKeys && verifiers[i].DEVELOPMENT_KEY()) revert DevelopmentKey(i);
            _verifiers.push(verifiers[i]);
        }
        if (address(registry_).code.length == 0) revert VerifierMissing(verifiers.length);
        if (!allowDevelopmentKeys && registry_.allowsDevelopmentKeys()) revert DevelopmentKey(verifiers.length);
        if (anchor.trustedSet == 0 || anchor.signingSet != anchor.trustedSet || anchor.nextSet != 0) revert AnchorInvalid();
        registry = registry_;
        headerListAuthenticated = headerListAuthenticated_;
        trustingPeriodSeconds = trustingPeriodSeconds_;
        trustedSet = anchor.trustedSet;
        height = anchor.height;
        time = anchor.time;
        blockHash = anchor.blockHash;
        stateRoot = anchor.stateRoot;
        // A second block of the anchor's height is a conflict, as one of any accepted height.
        if (anchor.blockHash != 0) _accepted[anchor.height] = _hash(anchor);
    }

    function verifier(uint256 index) public view returns (IFinalityVerifier) {
        if (index >= _verifiers.length) revert VerifierUnknown(index);
        return _verifiers[index];
    }

    /// Whether this statement was accepted: height, time, block hash and state root of a final block may be relied on. Always false once frozen.
    function isFinal(Statement calldata statement) external view returns (bool) {
        return !frozen && _accepted[statement.height] == _hash(statement);
    }

    /// Accepts a block, or reverts with the first check that fails, last of all with the verifier's error.
    /// @param index Which verifier: that of the circuit that the document names
    /// @param proof As `zkfinality export calldata` has it
    function accept(uint256 index, uint256[10] calldata proof, Statement calldata statement) external {
        if (frozen) revert Frozen();
        if (statement.trustedSet != trustedSet) revert TrustedSetMismatch();
        _requireSigningSet(statement);
        if (statement.height <= height) revert HeightNotAbove(height);
        if (statement.time < time) revert TimeWentBack(time);
        _requireInPeriod(time, statement.time);
        verifier(index).verifyProof(proof, FinalityStatement.pack(statement));

        trustedSet = statement.signingSet;
        height = statement.height;
        time = statement.time;
        blockHash = statement.blockHash;
        stateRoot = statement.stateRoot;
        _accepted[statement.height] = _hash(statement);
        emit BlockAccepted(statement.height, statement.blockHash, statement.stateRoot, statement.signingSet);
    }

    /// Puts the trusted set with more keys known in its place. The registry has verified the registration.
    function extend(uint256 newSet) external {
        if (frozen) revert Frozen();
        uint256 oldSet = trustedSet;
        if (newSet == oldSet || !registry.isExtension(oldSet, newSet)) revert NotAnExtension();
        trustedSet = newSet;
        emit TrustedSetExtended(oldSet, newSet);
    }

    /// Freezes the contract where a block of an accepted height has a valid proof beside the accepted one: from a set that had a say there, within the
    /// trusting period of that height.
    /// @param first As it was accepted, or the anchor
    /// @param second Another block of its height, with its verifier's index and its proof
    function showConflict(
        Statement calldata first,
        uint256 index,
        uint256[10] calldata proof,
        Statement calldata second
    ) external {
        if (frozen) revert Frozen();
        if (
            _accepted[first.height] != _hash(first) || second.height != first.height
                || second.blockHash == first.blockHash
        ) revert NoConflict();
        if (second.trustedSet != first.trustedSet && second.trustedSet != first.signingSet) revert TrustedSetMismatch();
        _requireSigningSet(second);
        _requireInPeriod(first.time, first.time);
        verifier(index).verifyProof(proof, FinalityStatement.pack(second));

        frozen = true;
        emit ConflictShown(first.height, first.blockHash, second.blockHash);
    }

    function _requireSigningSet(Statement calldata statement) private view {
        if (statement.signingSet == statement.trustedSet) return;
        if (!headerListAuthenticated) revert SigningSetChanged();
        if (!registry.isRegistered(statement.signingSet)) revert SigningSetNotRegistered();
    }

    /// @param since When the trusting period began
    /// @param blockTime Of the block to accept
    function _requireInPeriod(uint256 since, uint256 blockTime) private view {
        if (trustingPeriodSeconds == 0) return;
        if (block.timestamp > since + trustingPeriodSeconds) revert TrustExpired();
        if (blockTime > block.timestamp + CLOCK_DRIFT_SECONDS) revert TimeInFuture();
    }

    function _hash(Statement memory statement) private pure returns (bytes32) {
        return keccak256(abi.encode(statement));
    }
}
