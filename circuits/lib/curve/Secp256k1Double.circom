pragma circom 2.2.0;

include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AssertZeroModP.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title Secp256k1Double
/// @notice Affine doubling with the slope as a hint: 2λy = 3x², x3 = λ² - 2x, y3 = λ(x - x3) - y. Complete on the curve: it has no point of
///         order two, so y ≢ 0.
/// @param C chunk bits, 0 for bits
/// @input x[4], y[4] limbs, allowed [0, U), U = 2^limbBits(C); requires: range-checked, a point of the curve
/// @input chPole z of LookupPole, 0 for bits
/// @output x3[4], y3[4] limbs, allowed [0, U) enforced here; honest: canonical. Unique modulo p
/// @output chSum, looked[…] as in Secp256k1AddUnchecked
/// @soundness three times AssertZeroModP: WEIGHT 5 (2λy - 3x²), 1, 1; LINEAR 0, 3, 2
/// @cost C = 13: 118 rows and 1 linear; C = 16: 100 + 1; C = 0: 1,289
template Secp256k1Double(C) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var RANGES = lookedCount(C, 12 * LIMB_CHUNKS);
    var SLOPE = lookedCount(C, chunksModP(C, 5, 3));
    var ZERO = lookedCount(C, chunksModP(C, 1, 3));
    var LOOKED[3] = [SLOPE, ZERO, ZERO];
    signal input x[4];
    signal input y[4];
    signal input chPole;
    signal output x3[4];
    signal output y3[4];
    signal output chSum;
    signal output looked[RANGES + SLOPE + 2 * ZERO];

    var twiceY[4];
    var minusTwiceX[4];
    var back[4];
    var minusY[4];
    var none[4] = [0, 0, 0, 0];
    for (var j = 0; j < 4; j++) {
        twiceY[j] = 2 * y[j];
        minusTwiceX[j] = -2 * x[j];
        minusY[j] = -y[j];
    }
    var square[4] = hintMultiplyAddModP(x, x, none);
    for (var j = 0; j < 4; j++) {
        square[j] = 3 * square[j];
    }
    signal slope[4];
    // SOUND: slope, x3 and y3 are range-checked by `range` and fixed modulo p by `zero`, since y ≢ 0.
    slope <-- hintDivideModP(square, twiceY);
    x3 <-- hintMultiplyAddModP(slope, slope, minusTwiceX);
    for (var j = 0; j < 4; j++) {
        back[j] = x[j] - x3[j];
    }
    // SOUND: as above.
    y3 <-- hintMultiplyAddModP(slope, back, minusY);

    component range = RangeCheck(C, 12, LIMB_CHUNKS);
    component zero[3];
    zero[0] = AssertZeroModP(C, 2, [2, -3], 5, 1, [0], 3, 0);
    zero[1] = AssertZeroModP(C, 1, [1], 1, 2, [-2, -1], 3, 0);
    zero[2] = AssertZeroModP(C, 1, [1], 1, 2, [-1, -1], 3, 0);
    for (var i = 0; i < 4; i++) {
        var atSlope = 0;
        var atX = 0;
        var atY = 0;
        var atBack = 0;
        for (var j = 0; j < 4; j++) {
            atSlope += slope[j] * foldPoint(i, j);
            atX += x[j] * foldPoint(i, j);
            atY += y[j] * foldPoint(i, j);
            atBack += back[j] * foldPoint(i, j);
        }
        zero[0].product[0][i] <== atSlope * atY;
        zero[0].product[1][i] <== atX * atX;
        zero[1].product[0][i] <== atSlope * atSlope;
        zero[2].product[0][i] <== atSlope * atBack;
        range.value[i] <== slope[i];
        range.value[4 + i] <== x3[i];
        range.value[8 + i] <== y3[i];
    }
    zero[0].linear <== [x];
    zero[1].linear <== [x, x3];
    zero[2].linear <== [y, y3];
    range.chPole <== chPole;

    var sum = 0;
    for (var i = 0; i < RANGES; i++) {
        sum += range.chInverse[i];
        looked[i] <-- range.looked[i];
    }
    var at = RANGES;
    for (var k = 0; k < 3; k++) {
        zero[k].chPole <== chPole;
        for (var i = 0; i < LOOKED[k]; i++) {
            sum += zero[k].chInverse[i];
            looked[at + i] <-- zero[k].looked[i];
        }
        at += LOOKED[k];
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of Secp256k1Double.
function lookedSecp256k1Double(C) {
    return lookedCount(C, 12 * chunkCount(C, 64)) + lookedCount(C, chunksModP(C, 5, 3)) + 2 * lookedCount(C, chunksModP(C, 1, 3));
}
