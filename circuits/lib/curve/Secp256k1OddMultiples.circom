pragma circom 2.2.0;

include "lib/curve/Secp256k1AddUnchecked.circom";
include "lib/curve/Secp256k1Double.circom";

/// @title Secp256k1OddMultiples
/// @notice The points P, 3P, 5P, …, 15P: the magnitudes of a signed 4-bit window.
/// @param C chunk bits, 0 for bits
/// @input x[4], y[4] limbs of P, allowed [0, 2^limbBits(C)); requires: range-checked, on the curve (Secp256k1OnCurve)
/// @input chPole z of LookupPole, 0 for bits
/// @output multipleX[8][4], multipleY[8][4] limbs of (2m + 1)·P, allowed [0, 2^limbBits(C)) enforced here
/// @output chSum, looked[…] as in Secp256k1AddUnchecked
/// @soundness P has the prime order n > 17, so (2m - 1)·P ≠ ±2P for m <= 7 and no addition is exceptional
/// @cost one doubling and seven additions: 916 rows and 9 linear at C = 13; 772 + 9 at C = 16
template Secp256k1OddMultiples(C) {
    var ADD = lookedSecp256k1Add(C);
    var DOUBLE = lookedSecp256k1Double(C);
    signal input x[4];
    signal input y[4];
    signal input chPole;
    signal output multipleX[8][4];
    signal output multipleY[8][4];
    signal output chSum;
    signal output looked[DOUBLE + 7 * ADD];

    component twice = Secp256k1Double(C);
    twice.x <== x;
    twice.y <== y;
    twice.chPole <== chPole;
    multipleX[0] <== x;
    multipleY[0] <== y;
    var sum = twice.chSum;
    for (var i = 0; i < DOUBLE; i++) {
        looked[i] <-- twice.looked[i];
    }
    component add[7];
    for (var m = 0; m < 7; m++) {
        add[m] = Secp256k1AddUnchecked(C);
        add[m].x1 <== multipleX[m];
        add[m].y1 <== multipleY[m];
        add[m].x2 <== twice.x3;
        add[m].y2 <== twice.y3;
        add[m].chPole <== chPole;
        multipleX[m + 1] <== add[m].x3;
        multipleY[m + 1] <== add[m].y3;
        sum += add[m].chSum;
        for (var i = 0; i < ADD; i++) {
            looked[DOUBLE + m * ADD + i] <-- add[m].looked[i];
        }
    }
    chSum <== C == 0 ? 0 : sum;
}

/// Length of `looked` of Secp256k1OddMultiples.
function lookedSecp256k1OddMultiples(C) {
    return lookedSecp256k1Double(C) + 7 * lookedSecp256k1Add(C);
}
