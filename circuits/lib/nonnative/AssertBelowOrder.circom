pragma circom 2.2.0;

include "lib/curve/Secp256k1Constants.circom";
include "lib/lookup/ChunkWidth.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title AssertBelowOrder
/// @notice The integer value = Σ value_i·2^(64i) is below n, the order of secp256k1.
/// @param C chunk bits, 0 for bits
/// @input value[4] limbs, allowed [0, 2^limbBits(C)); requires: range-checked by the owner. Honest: 64-bit limbs
/// @input chPole z of LookupPole, 0 for bits
/// @output chInverse[…], looked[…] as in RangeCheck
/// @soundness limbs of `gap` in [0, 2^limbBits(C)) with value + gap = n - 1: modulo r because gap_0 is defined so; modulo B², B = 2^64, because the
///            one-chunk carry is (the equation holds over the integers: both sides are below 2^150). Both sides are below 2^259 < B²·r, so they
///            are equal as integers, and gap >= 0
/// @cost 4 limbs and 1 chunk: 21 rows at C = 13, 17 at C = 16, 257 at C = 0
template AssertBelowOrder(C) {
    var c = chunkBits(C);
    var B = 1 << 64;
    var LIMB_CHUNKS = chunkCount(C, 64);
    var CHUNKS = 4 * LIMB_CHUNKS + 1;
    var LOOKED = lookedCount(C, CHUNKS);
    signal input value[4];
    signal input chPole;
    signal output chInverse[LOOKED];
    signal output looked[LOOKED];

    if (C == 0) {
        chInverse[0] <== 0;
        // SOUND: not used.
        looked[0] <-- 0;
    }
    var N[4] = secp256k1Order();
    var shift = secp256k1InverseLimbBase();
    var difference[8] = [N[0] - 1 - value[0], N[1] - value[1], N[2] - value[2], N[3] - value[3], 0, 0, 0, 0];
    var hint[9] = hintCarry(difference);
    var gap[4];
    signal gapUpper[3];
    gap[0] = difference[0];
    for (var i = 1; i < 4; i++) {
        // SOUND: range-checked below and tied to value by the definition of gap[0]; digits are unique for an honest value.
        gapUpper[i - 1] <-- hint[i];
        gap[i] = gapUpper[i - 1];
        gap[0] += (difference[i] - gap[i]) * (1 << (64 * i));
    }
    var ranged[5] = [gap[0], gap[1], gap[2], gap[3], (gap[0] - difference[0] + (gap[1] - difference[1]) * B) * shift * shift];

    signal upper[4][LIMB_CHUNKS - 1];
    var row = 0;
    var chunk[CHUNKS];
    for (var v = 0; v < 5; v++) {
        var lowest = ranged[v];
        var chunks = v < 4 ? LIMB_CHUNKS : 1;
        for (var k = 1; k < chunks; k++) {
            // SOUND: the chunk rows below bound every digit of ranged[v].
            upper[v][k - 1] <-- (ranged[v] >> (c * k)) & ((1 << c) - 1);
            lowest -= upper[v][k - 1] * (1 << (c * k));
            chunk[row + k] = upper[v][k - 1];
        }
        chunk[row] = lowest;
        row += chunks;
    }
    // One division serves all hints: denominators multiplied up, then taken off one by one.
    var product[CHUNKS + 1];
    var inverse[CHUNKS];
    product[0] = 1;
    for (var i = 0; i < CHUNKS; i++) product[i + 1] = product[i] * (chPole - chunk[i]);
    var running = C == 0 ? 0 : 1 / product[CHUNKS];
    for (var i = CHUNKS - 1; i >= 0; i--) {
        inverse[i] = running * product[i];
        running *= chPole - chunk[i];
    }
    for (var i = 0; i < CHUNKS; i++) {
        if (C == 0) {
            chunk[i] * (chunk[i] - 1) === 0;
        } else {
            // SOUND: the row below.
            chInverse[i] <-- inverse[i];
            chInverse[i] * (chPole - chunk[i]) === 1;
            // SOUND: counted only.
            looked[i] <-- chunk[i];
        }
    }
}
