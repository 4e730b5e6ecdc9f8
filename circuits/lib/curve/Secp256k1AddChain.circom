pragma circom 2.2.0;

include "lib/lookup/RangeCheck.circom";
include "lib/nonnative/AccumulateNonZeroModP.circom";
include "lib/nonnative/AssertZeroModP.circom";
include "lib/nonnative/BigIntHints.circom";

/// @title Secp256k1AddChain
/// @notice Adds COUNT points to a sum, one after the other, and reduces y only once, at the end.
///
/// Step k: λ_k·(a_k - x_k) = b_k - Y_k for the point (a_k, b_k), x_{k+1} = λ_k² - x_k - a_k, Y_{k+1} = V_k - Y_k with V_k = λ_k·(x_k - x_{k+1}).
/// Y_k = ±y ∓ V_0 ± … is a sum of products that are rows already, and AssertZeroModP takes any number of products under one quotient: an
/// intermediate y needs no limbs, no quotient and no carry, 34 of 114 rows at C = 13.
///
/// @param C chunk bits, 0 for bits
/// @param COUNT number of points, 1 to 15: the carry of 15 products still takes 8 chunks of 13 bits
/// @input x[4], y[4] limbs of the sum so far, allowed [0, U), U = 2^limbBits(C); requires: range-checked, on the curve
/// @input pointX[COUNT][4] allowed [0, U), pointY[COUNT][4] allowed (-U, U); requires: range-checked, on the curve
/// @input factor accumulator of AccumulateNonZeroModP
/// @input chPole z of LookupPole, 0 for bits
/// @output outX[4], outY[4] limbs of the new sum, allowed [0, U) enforced here; honest: canonical. Unique modulo p
/// @output nonZero the accumulator over all steps; requires: the owner enforces nonZero ≠ 0, without which slopes are free
/// @output chSum, looked[…] as in RangeCheck, summed
/// @soundness with x_k ≢ a_k every λ_k is unique, and by induction x_{k+1} and Y_{k+1} are those of the sum. WEIGHT k + 1 in step k (|a_k - x_k|,
///            |x_k - x_{k+1}|, λ_k < U limb by limb) and COUNT at the end, LINEAR 3
/// @cost C = 13: 85 rows a step (addition 80, non-equality 4, sum 1), then 36; C = 16: 72 and 30; C = 0: 865 and 420
template Secp256k1AddChain(C, COUNT) {
    assert(COUNT >= 1 && COUNT <= 15);
    var LIMB_CHUNKS = chunkCount(C, 64);
    var RANGES = lookedCount(C, 4 * LIMB_CHUNKS);
    var ABSCISSA = lookedCount(C, chunksModP(C, 1, 3));
    signal input x[4];
    signal input y[4];
    signal input pointX[COUNT][4];
    signal input pointY[COUNT][4];
    signal input factor;
    signal input chPole;
    signal output outX[4];
    signal output outY[4];
    signal output nonZero;
    signal output chSum;
    signal output looked[lookedSecp256k1AddChain(C, COUNT)];

    signal abscissa[COUNT + 1][4];
    signal slope[COUNT][4];
    // V_k at the four fold points.
    signal ordinate[COUNT][4];
    signal product[COUNT][4];
    signal square[COUNT][4];
    component range[2 * COUNT + 1];
    component slopeZero[COUNT];
    component abscissaZero[COUNT];
    component distinct[COUNT];
    signal chStep[COUNT + 1];
    abscissa[0] <== x;
    // Canonical y of the sum before step k, for hints only.
    var ordinateHint[4] = y;
    // Signs of V_0 … V_{k-1} and of y in Y_k.
    var signs[COUNT + 1];
    var signOfY = 1;
    var at = 0;
    for (var k = 0; k < COUNT; k++) {
        var dx[4];
        var dy[4];
        var minusSum[4];
        var back[4];
        for (var j = 0; j < 4; j++) {
            dx[j] = pointX[k][j] - abscissa[k][j];
            dy[j] = pointY[k][j] - ordinateHint[j];
            minusSum[j] = -abscissa[k][j] - pointX[k][j];
        }
        // SOUND: slope and abscissa are range-checked by `range` and fixed modulo p by the two assertions, given `distinct`.
        slope[k] <-- hintDivideModP(dy, dx);
        abscissa[k + 1] <-- hintMultiplyAddModP(slope[k], slope[k], minusSum);
        for (var j = 0; j < 4; j++) {
            back[j] = abscissa[k][j] - abscissa[k + 1][j];
            minusSum[j] = -ordinateHint[j];
        }
        ordinateHint = hintMultiplyAddModP(slope[k], back, minusSum);

        distinct[k] = AccumulateNonZeroModP(C);
        distinct[k].a <== abscissa[k];
        distinct[k].b <== pointX[k];
        if (k == 0) {
            distinct[k].accumulator <== factor;
        } else {
            distinct[k].accumulator <== distinct[k - 1].out;
        }

        // λ_k·(a_k - x_k) + Y_k - b_k ≡ 0: the new product stands at position k, after V_0 … V_{k-1}.
        signs[k] = 1;
        slopeZero[k] = AssertZeroModP(C, k + 1, signs, k + 1, 2, [signOfY, -1], 3, 0);
        abscissaZero[k] = AssertZeroModP(C, 1, [1], 1, 3, [-1, -1, -1], 3, 0);
        for (var i = 0; i < 4; i++) {
            var atSlope = 0;
            var atDx = 0;
            var atBack = 0;
            for (var j = 0; j < 4; j++) {
                atSlope += slope[k][j] * foldPoint(i, j);
                atDx += dx[j] * foldPoint(i, j);
                atBack += back[j] * foldPoint(i, j);
            }
            product[k][i] <== atSlope * atDx;
            square[k][i] <== atSlope * atSlope;
            ordinate[k][i] <== atSlope * atBack;
            for (var m = 0; m < k; m++) {
                slopeZero[k].product[m][i] <== ordinate[m][i];
            }
            slopeZero[k].product[k][i] <== product[k][i];
            abscissaZero[k].product[0][i] <== square[k][i];
        }
        slopeZero[k].linear <== [y, pointY[k]];
        abscissaZero[k].linear <== [abscissa[k], pointX[k], abscissa[k + 1]];
        slopeZero[k].chPole <== chPole;
        abscissaZero[k].chPole <== chPole;
        for (var h = 0; h < 2; h++) {
            range[2 * k + h] = RangeCheck(C, 4, LIMB_CHUNKS);
            range[2 * k + h].chPole <== chPole;
        }
        range[2 * k].value <== slope[k];
        range[2 * k + 1].value <== abscissa[k + 1];

        var sum = 0;
        for (var h = 0; h < 2; h++) {
            for (var i = 0; i < RANGES; i++) {
                sum += range[2 * k + h].chInverse[i];
                looked[at + i] <-- range[2 * k + h].looked[i];
            }
            at += RANGES;
        }
        for (var i = 0; i < ABSCISSA; i++) {
            sum += abscissaZero[k].chInverse[i];
            looked[at + i] <-- abscissaZero[k].looked[i];
        }
        at += ABSCISSA;
        var chunks = lookedCount(C, chunksModP(C, k + 1, 3));
        for (var i = 0; i < chunks; i++) {
            sum += slopeZero[k].chInverse[i];
            looked[at + i] <-- slopeZero[k].looked[i];
        }
        at += chunks;
        chStep[k] <== C == 0 ? 0 : sum;

        // Y_{k+1} = V_k - Y_k
        for (var m = 0; m < k; m++) {
            signs[m] = -signs[m];
        }
        signOfY = -signOfY;
    }
    outX <== abscissa[COUNT];
    nonZero <== distinct[COUNT - 1].out;

    // SOUND: range-checked, and Y_COUNT - outY ≡ 0 below.
    outY <-- ordinateHint;
    range[2 * COUNT] = RangeCheck(C, 4, LIMB_CHUNKS);
    range[2 * COUNT].value <== outY;
    range[2 * COUNT].chPole <== chPole;
    component last = AssertZeroModP(C, COUNT, signs, COUNT, 2, [signOfY, -1], 3, 0);
    last.product <== ordinate;
    last.linear <== [y, outY];
    last.chPole <== chPole;
    var sum = 0;
    for (var i = 0; i < RANGES; i++) {
        sum += range[2 * COUNT].chInverse[i];
        looked[at + i] <-- range[2 * COUNT].looked[i];
    }
    at += RANGES;
    for (var i = 0; i < lookedCount(C, chunksModP(C, COUNT, 3)); i++) {
        sum += last.chInverse[i];
        looked[at + i] <-- last.looked[i];
    }
    chStep[COUNT] <== C == 0 ? 0 : sum;
    var total = 0;
    for (var k = 0; k <= COUNT; k++) {
        total += chStep[k];
    }
    chSum <== C == 0 ? 0 : total;
}

/// Length of `looked` of Secp256k1AddChain.
function lookedSecp256k1AddChain(C, COUNT) {
    var ranges = lookedCount(C, 4 * chunkCount(C, 64));
    var total = ranges + lookedCount(C, chunksModP(C, COUNT, 3));
    for (var k = 0; k < COUNT; k++) {
        total += 2 * ranges + lookedCount(C, chunksModP(C, 1, 3)) + lookedCount(C, chunksModP(C, k + 1, 3));
    }
    return total;
}
