pragma circom 2.2.0;

include "lib/hash/Keccak256Lookups.circom";

/// Elements that hold the lookups of DigestsIbft1.
function digestsIbft1Packed(MAX_BYTES) {
    return keccak256Packed(MAX_BYTES) + keccak256Packed(33);
}

/// @title DigestsIbft1
/// @notice The two hashes of an IBFT 1.0 header: the block hash keccak(header), and what committed seals sign, keccak(block hash ‖ 0x02).
/// @param MAX_BYTES longest header
/// @input bytes[MAX_BYTES], length [0, 256), zero from `length` on, [0, MAX_BYTES]: enforced here
/// @input chPole, chX, chX2 see KeccakLookups
/// @output blockHash[32], sealedHash[32] bytes
/// @output chSum, looked[…] see KeccakTable
/// @soundness as Keccak256Lookups; the second message is the first digest, byte by byte, and the constant 2
/// @cost a permutation for each block of the header and one more
template DigestsIbft1(MAX_BYTES) {
    var HEADER = keccak256Packed(MAX_BYTES);
    var COMMIT = keccak256Packed(33);
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output blockHash[32];
    signal output sealedHash[32];
    signal output chSum;
    signal output looked[HEADER + COMMIT];

    component header = Keccak256Lookups(MAX_BYTES);
    header.bytes <== bytes;
    header.length <== length;
    header.chPole <== chPole;
    header.chX <== chX;
    header.chX2 <== chX2;
    blockHash <== header.digest;

    component commit = Keccak256Lookups(33);
    for (var i = 0; i < 32; i++) commit.bytes[i] <== header.digest[i];
    commit.bytes[32] <== 2;
    commit.length <== 33;
    commit.chPole <== chPole;
    commit.chX <== chX;
    commit.chX2 <== chX2;
    sealedHash <== commit.digest;

    chSum <== header.chSum + commit.chSum;
    for (var i = 0; i < HEADER; i++) looked[i] <== header.looked[i];
    for (var i = 0; i < COMMIT; i++) looked[HEADER + i] <== commit.looked[i];
}
