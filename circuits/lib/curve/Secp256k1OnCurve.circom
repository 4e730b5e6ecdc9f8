pragma circom 2.2.0;

include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AssertZeroModP.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title Secp256k1OnCurve
/// @notice y² ≡ x³ + 7 modulo p. No point has x ≡ 0 (7 is no square) and none has y ≡ 0 (the order is odd), and the
///         point at infinity has no coordinates: what passes has order n.
/// @param C chunk bits, 0 for bits
/// @input x[4], y[4] limbs, allowed [0, U), U = 2^limbBits(C); requires: range-checked by the owner
/// @input chPole z of LookupPole, 0 for bits
/// @output chSum Σ 1/(z - chunk) over all chunks
/// @output looked[…] the chunks, for counting only
/// @soundness x² ≡ square and y² - square·x - 7 ≡ 0 by AssertZeroModP: WEIGHT 1 and 2, LINEAR 1
/// @cost C = 13: 60 rows and 1 linear; C = 16: 52 + 1; C = 0: 604
template Secp256k1OnCurve(C) {
    var LIMB_CHUNKS = chunkCount(C, 64);
    var RANGES = lookedCount(C, 4 * LIMB_CHUNKS);
    var SQUARE = lookedCount(C, chunksModP(C, 1, 1));
    var EQUATION = lookedCount(C, chunksModP(C, 2, 1));
    signal input x[4];
    signal input y[4];
    signal input chPole;
    signal output chSum;
    signal output looked[RANGES + SQUARE + EQUATION];

    var none[4] = [0, 0, 0, 0];
    signal square[4];
    // SOUND: range-checked by `range`, unique modulo p by `squared`.
    square <-- hintMultiplyAddModP(x, x, none);
    component range = RangeCheck(C, 4, LIMB_CHUNKS);
    component squared = AssertZeroModP(C, 1, [1], 1, 1, [-1], 1, 0);
    component equation = AssertZeroModP(C, 2, [1, -1], 2, 1, [0], 1, -7);
    for (var i = 0; i < 4; i++) {
        var atX = 0;
        var atY = 0;
        var atSquare = 0;
        for (var j = 0; j < 4; j++) {
            atX += x[j] * foldPoint(i, j);
            atY += y[j] * foldPoint(i, j);
            atSquare += square[j] * foldPoint(i, j);
        }
        squared.product[0][i] <== atX * atX;
        equation.product[0][i] <== atY * atY;
        equation.product[1][i] <== atSquare * atX;
    }
    squared.linear <== [square];
    equation.linear <== [square];
    range.value <== square;
    range.chPole <== chPole;
    squared.chPole <== chPole;
    equation.chPole <== chPole;

    var sum = 0;
    for (var i = 0; i < RANGES; i++) {
        sum += range.chInverse[i];
        looked[i] <-- range.looked[i];
    }
    for (var i = 0; i < SQUARE; i++) {
        sum += squared.chInverse[i];
        looked[RANGES + i] <-- squared.looked[i];
    }
    for (var i = 0; i < EQUATION; i++) {
        sum += equation.chInverse[i];
        looked[RANGES + SQUARE + i] <-- equation.looked[i];
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of Secp256k1OnCurve.
function lookedSecp256k1OnCurve(C) {
    return lookedCount(C, 4 * chunkCount(C, 64)) + lookedCount(C, chunksModP(C, 1, 1)) + lookedCount(C, chunksModP(C, 2, 1));
}
