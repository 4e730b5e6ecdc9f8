pragma circom 2.2.0;

include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AssertZeroModP.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title Secp256k1AddUnchecked
/// @notice Affine addition with the slope as a hint: λ(x2 - x1) = y2 - y1, x3 = λ² - x1 - x2, y3 = λ(x1 - x3) - y1. Three reductions.
/// @param C chunk bits, 0 for bits
/// @input x1[4], x2[4] limbs, allowed [0, U), U = 2^limbBits(C); requires: range-checked, x1 ≢ x2 modulo p (else the slope is free)
/// @input y1[4], y2[4] limbs, allowed (-U, U); requires: range-checked
/// @input chPole z of LookupPole, 0 for bits
/// @output x3[4], y3[4] limbs, allowed [0, U) enforced here; honest: canonical. Unique modulo p
/// @output chSum Σ 1/(z - chunk) over all chunks
/// @output looked[…] the chunks, for counting only
/// @soundness three times AssertZeroModP: WEIGHT 1 each, since |x2 - x1|, |x1 - x3|, λ < U limb by limb; LINEAR 2, 3, 2
/// @cost C = 13: 114 rows and 1 linear; C = 16: 96 + 1; C = 0: 1,281
template Secp256k1AddUnchecked(C) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var RANGES = lookedCount(C, 12 * LIMB_CHUNKS);
    var ZERO = lookedCount(C, chunksModP(C, 1, 3));
    signal input x1[4];
    signal input y1[4];
    signal input x2[4];
    signal input y2[4];
    signal input chPole;
    signal output x3[4];
    signal output y3[4];
    signal output chSum;
    signal output looked[RANGES + 3 * ZERO];

    var dx[4];
    var dy[4];
    var minusSum[4];
    var back[4];
    var minusY[4];
    for (var j = 0; j < 4; j++) {
        dx[j] = x2[j] - x1[j];
        dy[j] = y2[j] - y1[j];
        minusSum[j] = -x1[j] - x2[j];
        minusY[j] = -y1[j];
    }
    signal slope[4];
    // SOUND: slope, x3 and y3 are range-checked by `range` and fixed modulo p by `zero`, given x1 ≢ x2.
    slope <-- hintDivideModP(dy, dx);
    x3 <-- hintMultiplyAddModP(slope, slope, minusSum);
    for (var j = 0; j < 4; j++) {
        back[j] = x1[j] - x3[j];
    }
    // SOUND: as above.
    y3 <-- hintMultiplyAddModP(slope, back, minusY);

    component range = RangeCheck(C, 12, LIMB_CHUNKS);
    component zero[3];
    zero[0] = AssertZeroModP(C, 1, [1], 1, 2, [1, -1], 3, 0);
    zero[1] = AssertZeroModP(C, 1, [1], 1, 3, [-1, -1, -1], 3, 0);
    zero[2] = AssertZeroModP(C, 1, [1], 1, 2, [-1, -1], 3, 0);
    for (var i = 0; i < 4; i++) {
        var atSlope = 0;
        var atDx = 0;
        var atBack = 0;
        for (var j = 0; j < 4; j++) {
            atSlope += slope[j] * foldPoint(i, j);
            atDx += dx[j] * foldPoint(i, j);
            atBack += back[j] * foldPoint(i, j);
        }
        zero[0].product[0][i] <== atSlope * atDx;
        zero[1].product[0][i] <== atSlope * atSlope;
        zero[2].product[0][i] <== atSlope * atBack;
        range.value[i] <== slope[i];
        range.value[4 + i] <== x3[i];
        range.value[8 + i] <== y3[i];
    }
    zero[0].linear <== [y1, y2];
    zero[1].linear <== [x1, x2, x3];
    zero[2].linear <== [y1, y3];
    range.chPole <== chPole;

    var sum = 0;
    for (var i = 0; i < RANGES; i++) {
        sum += range.chInverse[i];
        looked[i] <-- range.looked[i];
    }
    for (var k = 0; k < 3; k++) {
        zero[k].chPole <== chPole;
        for (var i = 0; i < ZERO; i++) {
            sum += zero[k].chInverse[i];
            looked[RANGES + k * ZERO + i] <-- zero[k].looked[i];
        }
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of Secp256k1AddUnchecked.
function lookedSecp256k1Add(C) {
    return lookedCount(C, 12 * chunkCount(C, 64)) + 3 * lookedCount(C, chunksModP(C, 1, 3));
}
