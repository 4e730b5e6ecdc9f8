pragma circom 2.2.0;

include "lib/hash/KeccakConstants.circom";

/// @title KeccakLength
/// @notice Marks the bytes of a message of variable length, and the block that pad10*1 closes.
/// @param MAX_BYTES the longest message
/// @input length [0, MAX_BYTES] enforced here.
/// @output inside[MAX_BYTES] {binary} 1 for i < length.
/// @output last[MAX_BYTES \ 136 + 1] {binary} one-hot: the block in which the padding ends, length \ 136.
/// @soundness With inside[−1] = 1 and inside[MAX_BYTES] = 0, every step inside[i−1] − inside[i] is 0 or 1 and the steps
///   add up to 1, so exactly one is 1: ones, then zeros. Their sum is the length.
/// @cost MAX_BYTES + 1 rows, and one for the sum and each block.
template KeccakLength(MAX_BYTES) {
    var RATE = keccakRateBytes();
    var BLOCKS = MAX_BYTES \ RATE + 1;
    signal input length;
    signal output {binary} inside[MAX_BYTES];
    signal output {binary} last[BLOCKS];

    var total = 0;
    var before = 1;
    for (var i = 0; i < MAX_BYTES; i++) {
        // SOUND: the steps and the sum below leave one value.
        inside[i] <-- i < length ? 1 : 0;
        (before - inside[i]) * (1 - before + inside[i]) === 0;
        before = inside[i];
        total += inside[i];
    }
    before * (1 - before) === 0;
    total === length;

    for (var b = 0; b < BLOCKS; b++) {
        var begun = 1;
        var passed = 0;
        if (b > 0) {
            begun = inside[RATE * b - 1];
        }
        if (RATE * (b + 1) <= MAX_BYTES) {
            passed = inside[RATE * (b + 1) - 1];
        }
        last[b] <== begun - passed;
    }
}
