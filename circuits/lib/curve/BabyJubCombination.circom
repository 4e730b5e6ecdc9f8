pragma circom 2.2.0;

include "lib/curve/BabyJubConstants.circom";

/// @title BabyJubCombination
/// @notice baseScalar · B − pointScalar · P with B = BASE8, the generator of the subgroup of prime order l: both multiples on one chain of
///   doublings (Straus 1964).
/// @input baseScalar [0, l) enforced here
/// @input pointScalar any field element, read as its integer in [0, r); a fraction 2^-123 of them has no witness (see below)
/// @input u, v P in Montgomery form; requires: on the curve, of order l; P = B and P = −B are refused here
/// @output x, y the result, in Edwards form
/// @soundness Write G for −P and O2, O4 for the points of order 2 and 4.
///   Digits. 250 signs e_0 … e_249 and a bit b stand for N = Σ e_i·2^i − 1 + b, any integer in [−2^250, 2^250), and for N + t·l with
///   t = 1 where e_249 = −1, else 0. Its range is [0, 2^250) with t = 0 and [l − 2^250, l) with t = 1: the whole of [0, l) and nothing else. So
///   baseScalar < l, and pointScalar = H − (0 or r) with H = N + t·l + q·l in [0, 8·l), q in [0, 8), where 8·l − r < 2^126. If H ≥ r then
///   q = 7, t = 1 and N ≥ −2^126, so digits 125 to 248 are all 1: refused, which costs completeness for 2^-123 of all scalars. A residue that
///   has digits with either t has the same multiple with both.
///   Choice. A step adds e·G + f·B: one of ±S, ±D, S = G + B, D = G − B. With scale = (S.u − D.u)/(S.v − D.v) and sign = ±scale, the row
///   sign·chosenV = chosenU + offset, offset = scale·S.v − S.u = scale·D.v − D.u, leaves exactly these four. S ≠ ±D because 2·B and
///   2·G are not neutral, so S.u ≠ D.u and scale is neither 0 nor free. chosenV = e·(S.v + D.v)/2 + f·(S.v − D.v)/2, so the sums of sign
///   and of chosenV give both scalars.
///   Chords. T ← 2·T + Q as (T + Q) + T. Odd digits take Q from S + O2, D + O2 and even ones from S, D; T is a sum with O2 before an even digit
///   and without before an odd one. So of T and Q exactly one lies outside the subgroup, T ≠ ±Q whatever the scalars and P are, and no slope is
///   free. The second slope is unique too: T + Q = T never, T + Q = −T only if 2·T + Q is neutral, where the row asks 0 = 2·T.v; T.v = 0
///   only for T = O2, and then 2·T + Q = Q. So a chain through the neutral point has no witness; honest scalars meet one with chance 2^-240,
///   and only who knows the logarithm of P to B can steer towards one. G meets B + O2 alike. The last two sums add a point with O2 to one
///   without, and one with O4 to one with O2. The end lies beside the subgroup by an element of order 4, so it has u ≠ 0 and is
///   never neutral; u ≠ −1 because 168696 is no square.
/// @cost 2,038 non-linear constraints: 8 for each of 249 digits, 3 for the first, 43 around them
template BabyJubCombination() {
    signal input baseScalar;
    signal input pointScalar;
    signal input u;
    signal input v;
    signal output x;
    signal output y;

    var ORDER = babyJubOrder();
    var HALF = 1 << 250;
    // Where digit 249 is negative it stands for l − 2^249: its weight and this constant say so.
    var CARRY = ORDER / 2;
    var FIRST_COUNTED = 125;

    // S and D with O2 (index 1), then without (index 0).
    var shifted[2] = babyJubBase8PlusO2();
    signal pairU[2][2];
    signal pairV[2][2];
    signal pairSlope[2];
    signal ratio[2];
    for (var k = 0; k < 2; k++) {
        var ordinate = k == 0 ? shifted[1] : -shifted[1];
        // SOUND: the chord through −P and ±B + O2, unique because one lies in the subgroup and the other does not
        pairSlope[k] <-- (-v - ordinate) / (u - shifted[0]);
        pairSlope[k] * (u - shifted[0]) === -v - ordinate;
        pairU[1][k] <== pairSlope[k] * pairSlope[k] - 168698 - u - shifted[0];
        pairV[1][k] <== pairSlope[k] * (u - pairU[1][k]) + v;
        // SOUND: unique by the next line, which P = ±B cannot satisfy; (u, v) + O2 = (1/u, −v/u²)
        pairU[0][k] <-- 1 / pairU[1][k];
        pairU[0][k] * pairU[1][k] === 1;
        ratio[k] <== pairV[1][k] * pairU[0][k];
        pairV[0][k] <== -ratio[k] * pairU[0][k];
    }
    signal scale[2];
    signal scaleSquared[2];
    signal product[2];
    for (var k = 0; k < 2; k++) {
        // SOUND: unique and not 0, see above
        scale[k] <-- (pairU[k][0] - pairU[k][1]) / (pairV[k][0] - pairV[k][1]);
        scale[k] * (pairV[k][0] - pairV[k][1]) === pairU[k][0] - pairU[k][1];
        scaleSquared[k] <== scale[k] * scale[k];
        product[k] <== scale[k] * pairV[k][0];
    }

    // The lowest digits, and the quotient of pointScalar by l.
    var rest = pointScalar % ORDER;
    var pointDigits = rest < HALF ? rest + HALF : rest + HALF - ORDER;
    var baseDigits = baseScalar < HALF ? baseScalar + HALF : baseScalar + HALF - ORDER;
    var quotient = pointScalar \ ORDER;
    signal q[3];
    for (var i = 0; i < 3; i++) {
        // SOUND: binary by the next line, determined by the digits
        q[i] <-- (quotient >> i) & 1;
        q[i] * (q[i] - 1) === 0;
    }
    // SOUND: binary by the next line, determined by the other digits
    signal pointLowest <-- pointDigits & 1;
    pointLowest * (pointLowest - 1) === 0;
    // SOUND: binary by the next line, determined by the other digits
    signal baseLowest <-- baseDigits & 1;
    baseLowest * (baseLowest - 1) === 0;

    signal chosenU[250];
    signal chosenV[250];
    signal sign[250];
    signal slope[249];
    signal middleU[249];
    signal nextSlope[249];
    signal sumU[249];
    signal sumV[249];
    var accU;
    var accV;
    var signs[2] = [0, 0];
    var ordinates[2] = [0, 0];
    var negative[2] = [0, 0];
    for (var i = 249; i >= 0; i--) {
        var kind = i % 2;
        var e = (pointDigits >> (i + 1)) & 1;
        var f = (baseDigits >> (i + 1)) & 1;
        // SOUND: one of the four points by the next three lines; which one is a matter of the digits, see above
        chosenU[i] <-- e == f ? pairU[kind][0] : pairU[kind][1];
        chosenV[i] <-- (e + f - 1) * pairV[kind][0] + (e - f) * pairV[kind][1];
        sign[i] <-- (2 * e - 1) * scale[kind];
        (chosenU[i] - pairU[kind][0]) * (chosenU[i] - pairU[kind][1]) === 0;
        sign[i] * sign[i] === scaleSquared[kind];
        sign[i] * chosenV[i] === chosenU[i] + product[kind] - pairU[kind][0];

        var weight = i == 249 ? (1 << 249) - CARRY : 1 << i;
        signs[kind] += sign[i] * weight;
        ordinates[kind] += chosenV[i] * weight;
        if (i >= FIRST_COUNTED && i < 249) {
            negative[kind] += scale[kind] - sign[i];
        }
        if (i == 249) {
            accU = chosenU[i];
            accV = chosenV[i];
        } else {
            // SOUND: the chord through T and Q, unique because T ≠ ±Q
            slope[i] <-- (chosenV[i] - accV) / (chosenU[i] - accU);
            slope[i] * (chosenU[i] - accU) === chosenV[i] - accV;
            middleU[i] <== slope[i] * slope[i] - 168698 - chosenU[i] - accU;
            // SOUND: the chord through T and T + Q, unique because they are neither equal nor opposite
            nextSlope[i] <-- 2 * accV / (accU - middleU[i]) - slope[i];
            (slope[i] + nextSlope[i]) * (accU - middleU[i]) === 2 * accV;
            sumU[i] <== nextSlope[i] * nextSlope[i] - 168698 - accU - middleU[i];
            sumV[i] <== nextSlope[i] * (accU - sumU[i]) - accV;
            accU = sumU[i];
            accV = sumV[i];
        }
    }

    // The digits of each scalar, those at even places first.
    // SOUND: unique by the next line, scale ≠ 0
    signal pointEven <-- signs[0] / scale[0];
    pointEven * scale[0] === signs[0];
    var pointOdd = pointScalar + 1 - pointLowest - CARRY - (q[0] + 2 * q[1] + 4 * q[2]) * ORDER - pointEven;
    pointOdd * scale[1] === signs[1];
    signal meanEven <== pointEven * (pairV[0][0] + pairV[0][1]);
    signal meanOdd <== pointOdd * (pairV[1][0] + pairV[1][1]);
    // SOUND: unique by the next line, the two ordinates differ
    signal baseEven <-- (2 * ordinates[0] - meanEven) / (pairV[0][0] - pairV[0][1]);
    baseEven * (pairV[0][0] - pairV[0][1]) === 2 * ordinates[0] - meanEven;
    var baseOdd = baseScalar + 1 - baseLowest - CARRY - baseEven;
    baseOdd * (pairV[1][0] - pairV[1][1]) === 2 * ordinates[1] - meanOdd;

    // Twice the number of negative digits of pointScalar from 125 to 248: not 0.
    signal counted[2];
    for (var k = 0; k < 2; k++) {
        // SOUND: unique by the next line, scale ≠ 0
        counted[k] <-- negative[k] / scale[k];
        counted[k] * scale[k] === negative[k];
    }
    // SOUND: unique by the next line, which a sum of 0 cannot satisfy
    signal inverse <-- 1 / (counted[0] + counted[1]);
    inverse * (counted[0] + counted[1]) === 1;

    // Lowest digits: where that of pointScalar is 0 take S + O2 away, else add O2; then mend B and add O4.
    signal bothZero <== (1 - pointLowest) * (1 - baseLowest);
    signal mendU <== (1 - pointLowest) * pairU[1][0];
    signal mendV <== (pointLowest - 1) * pairV[1][0];
    var none[2] = babyJubO4PlusBase8(0);
    var more[2] = babyJubO4PlusBase8(1);
    var less[2] = babyJubO4PlusBase8(-1);
    var isMore = 1 - pointLowest - bothZero;
    var isLess = 1 - baseLowest - bothZero;
    var addU = mendU;
    var addV = mendV;
    signal mendSlope[2];
    signal endU[2];
    signal endV[2];
    for (var k = 0; k < 2; k++) {
        // SOUND: the chord through two points, unique because of their parts outside the subgroup, see above
        mendSlope[k] <-- (addV - accV) / (addU - accU);
        mendSlope[k] * (addU - accU) === addV - accV;
        endU[k] <== mendSlope[k] * mendSlope[k] - 168698 - addU - accU;
        endV[k] <== mendSlope[k] * (accU - endU[k]) - accV;
        accU = endU[k];
        accV = endV[k];
        addU = none[0] + isMore * (more[0] - none[0]) + isLess * (less[0] - none[0]);
        addV = none[1] + isMore * (more[1] - none[1]) + isLess * (less[1] - none[1]);
    }

    // The result is the end of the chain plus O4, (x', y') + O4 = (y'/√a, −√a·x') with x' = u/v, y' = (u − 1)/(u + 1).
    var root = babyJubRoot();
    assert(root * root == 168700);
    // SOUND: unique by the next line, u ≠ −1
    x <-- (accU - 1) / (root * (accU + 1));
    root * x * (accU + 1) === accU - 1;
    // SOUND: unique by the next line, v ≠ 0
    y <-- -root * accU / accV;
    y * accV === -root * accU;
}
