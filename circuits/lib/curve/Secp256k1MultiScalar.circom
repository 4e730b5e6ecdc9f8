pragma circom 2.2.0;

include "lib/curve/Secp256k1AddUnchecked.circom";
include "lib/curve/Secp256k1Constants.circom";
include "lib/curve/Secp256k1Double.circom";
include "lib/curve/Secp256k1WindowTable.circom";
include "lib/lookup/SumInBlocks.circom";
include "lib/nonnative/AccumulateNonZeroModP.circom";

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
/// @cost C = 13: 128 for each digit (addition 115, non-equality 4, lookup 9), 119 for each of 128 doublings, 85 a table
template Secp256k1MultiScalar(C, T, WINDOWS, SIGN) {
    var TOP = 33;
    var ADDS = 0;
    for (var t = 0; t < T; t++) {
        assert(WINDOWS[t] >= 1 && WINDOWS[t] <= TOP);
        ADDS += WINDOWS[t];
    }
    var DOUBLES = 4 * (TOP - 1);
    var ADD = lookedSecp256k1Add(C);
    var DOUBLE = lookedSecp256k1Double(C);
    signal input multipleX[T][8][4];
    signal input multipleY[T][8][4];
    signal input digit[T][TOP];
    signal input chX;
    signal input chPole;
    signal output x[4];
    signal output y[4];
    signal output nonZero;
    signal output chSum;
    signal output looked[ADDS * ADD + DOUBLES * DOUBLE];

    component select[T];
    for (var t = 0; t < T; t++) {
        select[t] = Secp256k1WindowTable(C, WINDOWS[t], SIGN[t]);
        select[t].multipleX <== multipleX[t];
        select[t].multipleY <== multipleY[t];
        for (var w = 0; w < WINDOWS[t]; w++) {
            select[t].digit[w] <== digit[t][w];
        }
        select[t].chX <== chX;
        select[t].chPole <== chPole;
    }

    signal sumX[ADDS + DOUBLES + 1][4];
    signal sumY[ADDS + DOUBLES + 1][4];
    signal factor[ADDS + 1];
    sumX[0] <== secp256k1OffsetX();
    sumY[0] <== secp256k1OffsetY();
    factor[0] <== 1;
    component add[ADDS];
    component distinct[ADDS];
    component double[DOUBLES];
    signal chStep[ADDS + DOUBLES];
    var a = 0;
    var d = 0;
    var at = 0;
    for (var w = TOP - 1; w >= 0; w--) {
        for (var i = 0; i < 4 && w < TOP - 1; i++) {
            double[d] = Secp256k1Double(C);
            double[d].x <== sumX[a + d];
            double[d].y <== sumY[a + d];
            double[d].chPole <== chPole;
            sumX[a + d + 1] <== double[d].x3;
            sumY[a + d + 1] <== double[d].y3;
            chStep[a + d] <== double[d].chSum;
            for (var k = 0; k < DOUBLE; k++) {
                looked[at + k] <-- double[d].looked[k];
            }
            at += DOUBLE;
            d += 1;
        }
        for (var t = 0; t < T; t++) {
            if (w < WINDOWS[t]) {
                distinct[a] = AccumulateNonZeroModP(C);
                distinct[a].a <== sumX[a + d];
                distinct[a].b <== select[t].x[w];
                distinct[a].accumulator <== factor[a];
                factor[a + 1] <== distinct[a].out;
                add[a] = Secp256k1AddUnchecked(C);
                add[a].x1 <== sumX[a + d];
                add[a].y1 <== sumY[a + d];
                add[a].x2 <== select[t].x[w];
                add[a].y2 <== select[t].y[w];
                add[a].chPole <== chPole;
                sumX[a + d + 1] <== add[a].x3;
                sumY[a + d + 1] <== add[a].y3;
                chStep[a + d] <== add[a].chSum;
                for (var k = 0; k < ADD; k++) {
                    looked[at + k] <-- add[a].looked[k];
                }
                at += ADD;
                a += 1;
            }
        }
    }
    x <== sumX[ADDS + DOUBLES];
    y <== sumY[ADDS + DOUBLES];
    nonZero <== factor[ADDS];
    if (C == 0) {
        chSum <== 0;
    } else {
        chSum <== SumInBlocks(ADDS + DOUBLES)(chStep);
    }
}

/// Length of `looked` of Secp256k1MultiScalar with that many digits in all.
function lookedSecp256k1MultiScalar(C, DIGITS) {
    return DIGITS * lookedSecp256k1Add(C) + 4 * 32 * lookedSecp256k1Double(C);
}
