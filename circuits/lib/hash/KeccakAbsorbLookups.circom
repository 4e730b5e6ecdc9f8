pragma circom 2.2.0;

include "lib/hash/KeccakTables.circom";
include "lib/hash/KeccakLookups.circom";
include "lib/hash/KeccakPermutationLookups.circom";

/// Elements that hold the lookups of `KeccakAbsorbLookups`.
function keccakAbsorbPacked() {
    return keccakPacked(17 * keccakChunks(2, 64)) + keccakPacked(keccakPermutationLookups());
}

/// @title KeccakAbsorbLookups
/// @notice One block of Keccak-256: exclusive or of the block into the state, then the permutation.
/// @input state[25], block[17] requires: lanes Σ bit·8^z.
/// @input chPole, chX, chX2 the pole x^E (`LookupPole`, LOG_E ≥ 24), x and x²; requires: computed so from the challenge x.
/// @output out[25] lanes in the same form.
/// @output chSum, looked[…] of the lookups.
/// @soundness state + block has digits 0..2; its chunks of seven digits (the highest has one) are looked up for their
///   parities. The chunks add up to it, so they are its digits: see `KeccakPermutationLookups`.
/// @cost 374 rows beside the permutation.
template KeccakAbsorbLookups() {
    var CHUNKS = keccakChunks(keccakParityTag(), 64);
    signal input state[25];
    signal input block[17];
    signal input chPole;
    signal input chX;
    signal input chX2;
    signal output out[25];
    signal output chSum;
    signal output looked[keccakAbsorbPacked()];

    component permutation = KeccakPermutationLookups();
    component lookups = KeccakLookups(17 * CHUNKS, keccakParityTag());
    // SOUND: the lookups, and the row that adds the keys up.
    signal key[17][CHUNKS];
    signal image[17][CHUNKS];
    for (var l = 0; l < 25; l++) {
        if (l < 17) {
            var value = state[l] + block[l];
            var keys = 0;
            var images = 0;
            for (var j = 0; j < CHUNKS; j++) {
                key[l][j] <-- (value >> (21 * j)) & ((1 << 21) - 1);
                image[l][j] <-- keccakImage(keccakParityTag(), key[l][j]);
                keys += key[l][j] * (1 << (21 * j));
                images += image[l][j] * (1 << (21 * j));
                lookups.key[CHUNKS * l + j] <== key[l][j];
                lookups.image[CHUNKS * l + j] <== image[l][j];
            }
            keys === value;
            permutation.lane[l] <== images;
        } else {
            permutation.lane[l] <== state[l];
        }
    }
    lookups.chPole <== chPole;
    lookups.chX <== chX;
    lookups.chX2 <== chX2;
    permutation.chPole <== chPole;
    permutation.chX <== chX;
    permutation.chX2 <== chX2;
    out <== permutation.out;
    chSum <== lookups.chSum + permutation.chSum;
    var own = keccakPacked(17 * CHUNKS);
    var PACKED = keccakAbsorbPacked();
    for (var i = 0; i < PACKED; i++) {
        if (i < own) {
            looked[i] <== lookups.looked[i];
        } else {
            looked[i] <== permutation.looked[i - own];
        }
    }
}
