pragma circom 2.2.0;

include "lib/bits/AssertBitsAtMost.circom";
include "lib/bits/Num2Bits.circom";
include "lib/curve/BabyJubAdd.circom";
include "lib/curve/BabyJubConstants.circom";
include "lib/curve/BabyJubFixedBaseTable.circom";
include "lib/curve/BabyJubFromMontgomery.circom";

/// @title BabyJubMultiplyBase
/// @notice scalar · BASE8, BASE8 being EIP-2494's generator of the subgroup of prime order l.
/// @input scalar [0, l) enforced here
/// @output x, y the product, in Edwards form
/// @soundness 83 windows of three signed digits ±1 in Montgomery form. Before window i the sum is T·B with T odd, |T| < 8^i, and the window adds
///   D·8^i·B with D odd, |D| ≤ 7; |T| + |D|·8^i < 8^83 < l, so the two points are never equal, opposite or neutral and the chord is unique.
///   The last two digits could reach ±l and are added with the complete law.
/// @cost 732 non-linear constraints (251 digits, 60 for the bound, 166 look-ups, 246 additions, 9 for the top), 3 linear
template BabyJubMultiplyBase() {
    signal input scalar;
    signal output x;
    signal output y;

    var table[8 * 83] = babyJubFixedWindows();
    var top[8] = babyJubFixedTop();

    signal {binary} bits[251] <== Num2Bits(251)(scalar);
    AssertBitsAtMost(251, babyJubOrder() - 1)(bits);

    signal chosen[83];
    signal chosenSigned[83];
    signal slope[82];
    signal sumU[82];
    signal sumV[82];
    var accU;
    var accV;
    for (var i = 0; i < 83; i++) {
        var e0 = 2 * bits[3 * i] - 1;
        var e1 = 2 * bits[3 * i + 1] - 1;
        var e2 = 2 * bits[3 * i + 2] - 1;
        chosen[i] <== (e0 + table[8 * i] * e2) * (e1 + table[8 * i + 1] * e2);
        chosenSigned[i] <== chosen[i] * e2;
        var u = table[8 * i + 2] + table[8 * i + 3] * chosen[i];
        var v = table[8 * i + 4] * e0 + table[8 * i + 5] * e1 + table[8 * i + 6] * e2 + table[8 * i + 7] * chosenSigned[i];
        if (i == 0) {
            accU = u;
            accV = v;
        } else {
            // SOUND: the slope of the chord, unique because u ≠ accU (see above)
            slope[i - 1] <-- (v - accV) / (u - accU);
            slope[i - 1] * (u - accU) === v - accV;
            sumU[i - 1] <== slope[i - 1] * slope[i - 1] - 168698 - accU - u;
            sumV[i - 1] <== slope[i - 1] * (accU - sumU[i - 1]) - accV;
            accU = sumU[i - 1];
            accV = sumV[i - 1];
        }
    }

    signal both <== bits[249] * bits[250];
    component low = BabyJubFromMontgomery();
    low.u <== sumU[81];
    low.v <== sumV[81];
    component sum = BabyJubAdd();
    sum.x1 <== low.x;
    sum.y1 <== low.y;
    sum.x2 <== top[0] + (top[2] - top[0]) * bits[249] + (top[4] - top[0]) * bits[250] + (top[0] - top[2] - top[4] + top[6]) * both;
    sum.y2 <== top[1] + (top[3] - top[1]) * bits[249] + (top[5] - top[1]) * bits[250] + (top[1] - top[3] - top[5] + top[7]) * both;
    x <== sum.x;
    y <== sum.y;
}
