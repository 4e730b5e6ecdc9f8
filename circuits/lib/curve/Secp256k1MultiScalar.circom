pragma circom 2.2.0;

include "lib/curve/Secp256k1AddChain.circom";
include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1Double.circom";
include "lib/curve/Secp256k1WindowTable.circom";
include "lib/lookup/SumInBlocks.circom";

/// @title Secp256k1MultiScalar
/// @notice 2^128·O + Σ_t SIGN[t]·k_t·P_t for k_t = Σ_w (2·digit[t][w] - 15)·16^w, with one chain of doublings for all (Straus). O is a constant
///         offset point of unknown logarithm.
/// @param C chunk bits, 0 for bits
/// @param T number of points
/// @param WINDOWS[T] digits used of each scalar, 1 to 33
/// @param SIGN[T] 1 or -1
/// @input multipleX[T][8][4], multipleY[T][8][4] odd multiples of each point; requires: constrained, limbs in [0, 2^limbBits(C)), on the curve
/// @input digit[T][33] [0, 16) enforced here for the digits used; the others are ignored
/// @input chX, chPole as in Secp256k1WindowTable
/// @output x[4], y[4] limbs of the sum, allowed [0, 2^limbBits(C)); honest: canonical
/// @output nonZero product over all additions; requires: the owner enforces nonZero ≠ 0, without which slopes are free
/// @output chSum, looked[…] as in Secp256k1AddUnchecked
/// @soundness with nonZero ≠ 0 no addition met equal or opposite points, so every step is the group law. The offset serves completeness
///            alone: without it the first addition would start at infinity. A chain that meets equal x has no witness
/// @cost C = 13: 94 for each digit (addition and non-equality 85, lookup 9), 36 for each chain of at most 15 additions, 119 for each of
///       128 doublings, 85 a table
template Secp256k1MultiScalar(C, T, WINDOWS, SIGN) {
    var TOP = 33;
    for (var t = 0; t < T; t++) {
        assert(WINDOWS[t] >= 1 && WINDOWS[t] <= TOP);
    }
    var LOOKED = lookedSecp256k1MultiScalar(C, T, WINDOWS);
    var MAX = multiScalarChain();
    var DOUBLES = 4 * (TOP - 1);
    var DOUBLE = lookedSecp256k1Double(C);
    // Chains of additions in each window: points(w) of them, at most MAX in a chain.
    var CHAINS = 0;
    for (var w = 0; w < TOP; w++) {
        CHAINS += (multiScalarPoints(T, WINDOWS, w) + MAX - 1) \ MAX;
    }
    signal input multipleX[T][8][4];
    signal input multipleY[T][8][4];
    signal input digit[T][TOP];
    signal input chX;
    signal input chPole;
    signal output x[4];
    signal output y[4];
    signal output nonZero;
    signal output chSum;
    signal output looked[LOOKED];

    component select[T];
    for (var t = 0; t < T; t++) {
        select[t] = Secp256k1WindowTable(C, WINDOWS[t], SIGN[t]);
        select[t].multipleX <== multipleX[t];
        select[t].multipleY <== multipleY[t];
        for (var w = 0; w < WINDOWS[t]; w++) {
            select[t].digit[w] <== digit[t][w];
        }
        for (var w = WINDOWS[t]; w < TOP; w++) {
            _ <== digit[t][w];
        }
        select[t].chX <== chX;
        select[t].chPole <== chPole;
    }

    signal sumX[CHAINS + DOUBLES + 1][4];
    signal sumY[CHAINS + DOUBLES + 1][4];
    signal factor[CHAINS + 1];
    sumX[0] <== secp256k1OffsetX();
    sumY[0] <== secp256k1OffsetY();
    factor[0] <== 1;
    component chain[CHAINS];
    component double[DOUBLES];
    signal chStep[CHAINS + DOUBLES];
    var seen[LOOKED];
    var c = 0;
    var d = 0;
    var at = 0;
    for (var w = TOP - 1; w >= 0; w--) {
        for (var i = 0; i < 4 && w < TOP - 1; i++) {
            double[d] = Secp256k1Double(C);
            double[d].x <== sumX[c + d];
            double[d].y <== sumY[c + d];
            double[d].chPole <== chPole;
            sumX[c + d + 1] <== double[d].x3;
            sumY[c + d + 1] <== double[d].y3;
            chStep[c + d] <== double[d].chSum;
            for (var k = 0; k < DOUBLE + hintZero(chPole); k++) {
                seen[at + k] = double[d].looked[k];
            }
            at += DOUBLE;
            d += 1;
        }
        var points = multiScalarPoints(T, WINDOWS, w);
        var added = 0;
        var position = 0;
        for (var t = 0; t < T; t++) {
            if (w < WINDOWS[t]) {
                if (position == 0) {
                    chain[c] = Secp256k1AddChain(C, points - added < MAX ? points - added : MAX);
                    chain[c].x <== sumX[c + d];
                    chain[c].y <== sumY[c + d];
                    chain[c].factor <== factor[c];
                    chain[c].chPole <== chPole;
                }
                chain[c].pointX[position] <== select[t].x[w];
                chain[c].pointY[position] <== select[t].y[w];
                added += 1;
                position += 1;
                if (position == MAX || added == points) {
                    sumX[c + d + 1] <== chain[c].outX;
                    sumY[c + d + 1] <== chain[c].outY;
                    factor[c + 1] <== chain[c].nonZero;
                    chStep[c + d] <== chain[c].chSum;
                    var length = lookedSecp256k1AddChain(C, position);
                    for (var k = 0; k < length + hintZero(chPole); k++) {
                        seen[at + k] = chain[c].looked[k];
                    }
                    at += length;
                    c += 1;
                    position = 0;
                }
            }
        }
    }
    // SOUND: counted only.
    looked <-- seen;
    x <== sumX[CHAINS + DOUBLES];
    y <== sumY[CHAINS + DOUBLES];
    nonZero <== factor[CHAINS];
    if (C == 0) {
        chSum <== 0;
    } else {
        chSum <== SumInBlocks(CHAINS + DOUBLES)(chStep);
    }
}

/// Points in one chain of additions.
function multiScalarChain() {
    return 15;
}

/// Points that window w adds.
function multiScalarPoints(T, WINDOWS, w) {
    var points = 0;
    for (var t = 0; t < T; t++) {
        if (w < WINDOWS[t]) {
            points += 1;
        }
    }
    return points;
}

/// Length of `looked` of Secp256k1MultiScalar.
function lookedSecp256k1MultiScalar(C, T, WINDOWS) {
    var total = 4 * 32 * lookedSecp256k1Double(C);
    for (var w = 0; w < 33; w++) {
        var points = multiScalarPoints(T, WINDOWS, w);
        while (points > 0) {
            var count = points < multiScalarChain() ? points : multiScalarChain();
            total += lookedSecp256k1AddChain(C, count);
            points -= count;
        }
    }
    return total;
}
