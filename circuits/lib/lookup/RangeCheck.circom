pragma circom 2.2.0;

include "lib/lookup/ChunkWidth.circom";

/// @title RangeCheck
/// @notice Checks N values to be below 2^(c·CHUNKS), c = chunkBits(C): by bits (C = 0) or by lookups of C-bit chunks. The upper chunks are
///         wires, the lowest one is the expression value - Σ upper chunks, so that no row is spent on the recomposition.
/// @param C bits of a chunk, 0 for bits; see ChunkWidth
/// @param N number of values
/// @param CHUNKS chunks of each value; c·CHUNKS <= 250
/// @input value[N] [0, 2^(c·CHUNKS)) enforced here (with lookups: once the balance of the top template holds)
/// @input chPole z of LookupPole; 0 for bits
/// @output chInverse[…] 1/(z - chunk) of all chunks, for the owner to sum; none for bits
/// @output looked[…] the chunks, for counting multiplicities only: constrained nowhere, costs nothing
/// @soundness chunk·(chunk - 1) = 0, or chInverse·(z - chunk) = 1 with the balance; the sum of ranged chunks is an integer below 2^250, no wrap
/// @cost N·CHUNKS rows
template RangeCheck(C, N, CHUNKS) {
    var c = chunkBits(C);
    assert(C <= 16 && CHUNKS >= 1 && c * CHUNKS <= 250);
    var LOOKED = lookedCount(C, N * CHUNKS);
    signal input value[N];
    signal input chPole;
    signal output chInverse[LOOKED];
    signal output looked[LOOKED];

    if (C == 0) {
        chInverse[0] <== 0;
        // SOUND: not used.
        looked[0] <-- 0;
    }
    signal upper[N][CHUNKS - 1];
    var chunk[N * CHUNKS];
    for (var n = 0; n < N; n++) {
        var lowest = value[n];
        for (var k = 1; k < CHUNKS; k++) {
            // SOUND: the chunk row below bounds it, and the lowest chunk too; digits in base 2^c are then unique.
            upper[n][k - 1] <-- (value[n] >> (c * k)) & ((1 << c) - 1);
            lowest -= upper[n][k - 1] * (1 << (c * k));
            chunk[n * CHUNKS + k] = upper[n][k - 1];
        }
        chunk[n * CHUNKS] = lowest;
    }
    // One division serves all hints: denominators multiplied up, then taken off one by one.
    var product[N * CHUNKS + 1];
    var inverse[N * CHUNKS];
    product[0] = 1;
    for (var i = 0; i < N * CHUNKS; i++) product[i + 1] = product[i] * (chPole - chunk[i]);
    var running = C == 0 ? 0 : 1 / product[N * CHUNKS];
    for (var i = N * CHUNKS - 1; i >= 0; i--) {
        inverse[i] = running * product[i];
        running *= chPole - chunk[i];
    }
    for (var i = 0; i < N * CHUNKS; i++) {
        if (C == 0) {
            chunk[i] * (chunk[i] - 1) === 0;
        } else {
            // SOUND: the row below.
            chInverse[i] <-- inverse[i];
            chInverse[i] * (chPole - chunk[i]) === 1;
            // SOUND: counted only; the balance holds for the right multiplicities alone.
            looked[i] <-- chunk[i];
        }
    }
}
