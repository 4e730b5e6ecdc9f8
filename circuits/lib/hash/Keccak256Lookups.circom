pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";
include "lib/hash/KeccakTables.circom";
include "lib/hash/KeccakMessageLookups.circom";
include "lib/hash/KeccakPermutationLookups.circom";
include "lib/hash/KeccakAbsorbLookups.circom";
include "lib/hash/KeccakDigestLookups.circom";

/// Elements that hold the lookups of `Keccak256Lookups`.
function keccak256Packed(MAX_BYTES) {
    return keccakPacked(MAX_BYTES + 1) + keccakPacked(keccakPermutationLookups())
        + (MAX_BYTES \ keccakRateBytes()) * keccakAbsorbPacked() + keccakPacked(32);
}

/// @title Keccak256Lookups
/// @notice Keccak-256 (the padding of Ethereum, not of SHA-3) of a message of variable length, with lookups. The same
///   message and digest as `Keccak256Bits`, at a third of the rows beside the table.
/// @param MAX_BYTES the longest message
/// @input bytes[MAX_BYTES] [0, 256), zero from `length` on; both enforced here.
/// @input length [0, MAX_BYTES] enforced here.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output digest[32] bytes, in the order in which a digest is written.
/// @output chSum, looked[…] of the lookups. requires: the top template balances them with `KeccakTable`.
/// @soundness As the templates it is made of. Blocks after the last are computed and ignored: `last` is one-hot.
/// @cost 28,727 rows for the first block, 29,102 for each further one, 5 a byte, about 23 a block and 72 more.
template Keccak256Lookups(MAX_BYTES) {
    var BLOCKS = MAX_BYTES \ keccakRateBytes() + 1;
    var PERMUTATION_PACKED = keccakPacked(keccakPermutationLookups());
    var ABSORB_PACKED = keccakAbsorbPacked();
    signal input bytes[MAX_BYTES];
    signal input length;
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output digest[32];
    signal output chSum;
    signal output looked[keccak256Packed(MAX_BYTES)];

    component message = KeccakMessageLookups(MAX_BYTES);
    message.bytes <== bytes;
    message.length <== length;
    message.chPole <== chPole;
    message.chX <== chX;
    message.chX2 <== chX2;
    _ <== message.inside;
    var total = message.chSum;
    var n = 0;
    for (var i = 0; i < keccakPacked(MAX_BYTES + 1); i++) {
        looked[n] <== message.looked[i];
        n++;
    }

    component first = KeccakPermutationLookups();
    component next[BLOCKS - 1];
    signal selected[BLOCKS][4];
    for (var l = 0; l < 25; l++) {
        if (l < 17) {
            first.lane[l] <== message.block[0][l];
        } else {
            first.lane[l] <== 0;
        }
    }
    first.chPole <== chPole;
    first.chX <== chX;
    first.chX2 <== chX2;
    total += first.chSum;
    for (var i = 0; i < PERMUTATION_PACKED; i++) {
        looked[n] <== first.looked[i];
        n++;
    }
    for (var l = 0; l < 4; l++) {
        selected[0][l] <== message.last[0] * first.out[l];
    }
    for (var b = 1; b < BLOCKS; b++) {
        next[b - 1] = KeccakAbsorbLookups();
        if (b == 1) {
            next[b - 1].state <== first.out;
        } else {
            next[b - 1].state <== next[b - 2].out;
        }
        next[b - 1].block <== message.block[b];
        next[b - 1].chPole <== chPole;
        next[b - 1].chX <== chX;
        next[b - 1].chX2 <== chX2;
        total += next[b - 1].chSum;
        for (var i = 0; i < ABSORB_PACKED; i++) {
            looked[n] <== next[b - 1].looked[i];
            n++;
        }
        for (var l = 0; l < 4; l++) {
            selected[b][l] <== selected[b - 1][l] + message.last[b] * (next[b - 1].out[l]);
        }
    }

    // A digest is read off the first four lanes of a state.
    for (var l = 4; l < 25; l++) {
        if (BLOCKS == 1) {
            _ <== first.out[l];
        } else {
            _ <== next[BLOCKS - 2].out[l];
        }
    }
    component digested = KeccakDigestLookups();
    digested.lane <== selected[BLOCKS - 1];
    digested.chPole <== chPole;
    digested.chX <== chX;
    digested.chX2 <== chX2;
    digest <== digested.digest;
    chSum <== total + digested.chSum;
    for (var i = 0; i < keccakPacked(32); i++) {
        looked[n] <== digested.looked[i];
        n++;
    }
}
