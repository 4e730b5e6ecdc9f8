pragma circom 2.2.0;

include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AssertZeroModP.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title MultiplyModP
/// @notice out ≡ a·b modulo secp256k1's p.
/// @param C chunk bits, 0 for bits
/// @input a[4], b[4] limbs, allowed [0, 2^limbBits(C)); requires: range-checked by the owner
/// @input chPole z of LookupPole, 0 for bits
/// @output out[4] limbs, allowed [0, 2^limbBits(C)) enforced here; honest: the remainder in [0, p). Not canonical by itself
/// @output chSum Σ 1/(z - chunk) over all chunks
/// @output looked[…] the chunks, for counting only
/// @soundness AssertZeroModP with one product (WEIGHT 1) and one linear term (LINEAR 1)
/// @cost C = 13: 4 + 20 + 14 = 38 rows and a linear one for the sum; C = 16: 32 + 1; C = 0: 427
template MultiplyModP(C) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var A = lookedCount(C, 4 * LIMB_CHUNKS);
    var Z = lookedCount(C, chunksModP(C, 1, 1));
    signal input a[4];
    signal input b[4];
    signal input chPole;
    signal output out[4];
    signal output chSum;
    signal output looked[A + Z];

    // SOUND: range-checked and tied by `zero` below: out ≡ a·b is unique modulo p.
    out <-- hintMultiply(a, b, secp256k1PrimeComplement());
    component range = RangeCheck(C, 4, LIMB_CHUNKS);
    range.value <== out;
    range.chPole <== chPole;

    component zero = AssertZeroModP(C, 1, [1], 1, 1, [-1], 1, 0);
    for (var i = 0; i < 4; i++) {
        var atA = 0;
        var atB = 0;
        for (var j = 0; j < 4; j++) {
            atA += a[j] * foldPoint(i, j);
            atB += b[j] * foldPoint(i, j);
        }
        zero.product[0][i] <== atA * atB;
        zero.linear[0][i] <== out[i];
    }
    zero.chPole <== chPole;

    var sum = 0;
    for (var i = 0; i < A; i++) {
        sum += range.chInverse[i];
        looked[i] <-- range.looked[i];
    }
    for (var i = 0; i < Z; i++) {
        sum += zero.chInverse[i];
        looked[A + i] <-- zero.looked[i];
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of MultiplyModP.
function lookedMultiplyModP(C) {
    return lookedCount(C, 4 * chunkCount(C, 64)) + lookedCount(C, chunksModP(C, 1, 1));
}
