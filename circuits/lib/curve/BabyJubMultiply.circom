pragma circom 2.2.0;

include "lib/curve/BabyJubAdd.circom";
include "lib/curve/BabyJubConstants.circom";
include "lib/curve/BabyJubFromMontgomery.circom";
include "lib/curve/BabyJubToMontgomery.circom";

/// How many maximal runs of the digit `digit` there are among the N digits of `value`, below the highest digit of the other kind.
function runsBelowOther(N, value, digit) {
    var runs = 0;
    var seenOther = 0;
    var inRun = 0;
    for (var i = N - 1; i >= 0; i--) {
        if ((value >> i) & 1 != digit) {
            seenOther = 1;
            inRun = 0;
        } else if (seenOther == 1 && inRun == 0) {
            runs++;
            inRun = 1;
        }
    }
    return runs;
}

/// @title BabyJubMultiply
/// @notice scalar · P for a field element, read as its integer in [0, r), and a point of the subgroup of prime order l.
/// @input scalar any field element but a fraction 2^-121 of them, for which no witness exists (see below)
/// @input x1, y1 requires: on the curve, of order l or neutral; the neutral point is refused here
/// @output x, y the product, in Edwards form
/// @soundness The scalar is written g = (scalar mod l) + 3·l, so that the leading digits never vanish, with g in [3·l, 4·l − (8·l − r)) and
///   scalar = g − 3·l + q·l, q in [0, 8). Over the integers the right side lies in [0, r), so it is the canonical scalar: q and g are
///   unique. The two bounds on g are checked on its digits above 2^128 and are stricter by at most 2^128 each, which costs completeness for
///   2^-121 of all scalars and never soundness.
///   Digits are held as ±v, v ≠ 0 the Montgomery ordinate of P: w² = v² has these two roots only. Their weighted sum is v·Σ ± 2^i.
///   From 3·P on each step is 2·T ± P as (T ± P) + T. With T = k·P, k odd and k = floor(g/2^i) or one more, k lies strictly between consecutive
///   multiples of l by more than 1 at every level: (3·l, 4·l)/2^i holds none for i ≥ 0. So T ≠ ±P, and T ± P ≠ ±T unless the result is
///   neutral, which leaves 0 = 2·(ordinate of T) and is refused: no slope is ever free.
/// @cost 1,591 non-linear constraints: 6 for each of 251 digits, 61 for the bounds, 24 around them
template BabyJubMultiply() {
    signal input scalar;
    signal input x1;
    signal input y1;
    signal output x;
    signal output y;

    var ORDER = babyJubOrder();
    var LOW = 128;
    var HIGH = 124;
    // Bounds on digits 128 to 251 of g; digit 252 is always 1.
    var LEAST = ((3 * ORDER - 1) >> LOW) + 1 - (1 << HIGH);
    var MOST = ((-4 * ORDER) >> LOW) - 1 - (1 << HIGH);
    var LEAST_RUNS = runsBelowOther(HIGH, LEAST, 1);
    var MOST_RUNS = runsBelowOther(HIGH, MOST, 0);

    signal u;
    signal v;
    (u, v) <== BabyJubToMontgomery()(x1, y1);
    signal vv <== v * v;

    // The triple: the tangent at P, then the chord through P.
    signal uu <== u * u;
    // SOUND: unique by the next line, v ≠ 0
    signal tangent <-- (3 * uu + 2 * 168698 * u + 1) / (2 * v);
    tangent * 2 * v === 3 * uu + 2 * 168698 * u + 1;
    signal doubleU <== tangent * tangent - 168698 - 2 * u;
    // SOUND: unique by the next line, 2·P ≠ ±P
    signal chord <-- 2 * v / (u - doubleU) - tangent;
    (tangent + chord) * (u - doubleU) === 2 * v;
    signal tripleU <== chord * chord - 168698 - u - doubleU;
    signal tripleV <== chord * (u - tripleU) - v;

    // Digits of g and the quotient q.
    var quotient = scalar \ ORDER;
    var g = scalar % ORDER + 3 * ORDER;
    signal q[3];
    for (var i = 0; i < 3; i++) {
        // SOUND: binary by the next line; q is unique, see above
        q[i] <-- (quotient >> i) & 1;
        q[i] * (q[i] - 1) === 0;
    }
    // SOUND: binary by the next line; the digits of g are unique, see above
    signal lowest <-- g & 1;
    lowest * (lowest - 1) === 0;

    signal digit[251];
    signal slope[251];
    signal middleU[251];
    signal nextSlope[251];
    signal accU[252];
    signal accV[252];
    accU[251] <== tripleU;
    accV[251] <== tripleV;
    var weighted = 0;
    for (var i = 250; i >= 0; i--) {
        // SOUND: v or −v by the next line; which one is unique, see above
        digit[i] <-- (g >> (i + 1)) & 1 == 1 ? v : -v;
        digit[i] * digit[i] === vv;
        weighted += digit[i] * (1 << i);

        // SOUND: the chord through T and ±P, unique because T ≠ ±P
        slope[i] <-- (digit[i] - accV[i + 1]) / (u - accU[i + 1]);
        slope[i] * (u - accU[i + 1]) === digit[i] - accV[i + 1];
        middleU[i] <== slope[i] * slope[i] - 168698 - u - accU[i + 1];
        // SOUND: the chord through T and T ± P, unique because they are neither equal nor opposite
        nextSlope[i] <-- 2 * accV[i + 1] / (accU[i + 1] - middleU[i]) - slope[i];
        (slope[i] + nextSlope[i]) * (accU[i + 1] - middleU[i]) === 2 * accV[i + 1];
        accU[i] <== nextSlope[i] * nextSlope[i] - 168698 - accU[i + 1] - middleU[i];
        accV[i] <== nextSlope[i] * (accU[i + 1] - accU[i]) - accV[i + 1];
    }
    // g = 2^252 + 2^251 − 1 + lowest + Σ ± 2^i
    v * (scalar + (3 - q[0] - 2 * q[1] - 4 * q[2]) * ORDER - (1 << 252) - (1 << 251) + 1 - lowest) === weighted;

    // g ≥ 3·l: where a digit is 0 under a 1 of LEAST, some higher digit is 1 over a 0 of LEAST. All scaled by 2·v.
    signal leastQuotient[LEAST_RUNS];
    var above = 0;
    var seen = 0;
    var zeros = 0;
    var run = 0;
    for (var i = HIGH - 1; i >= 0; i--) {
        if ((LEAST >> i) & 1 == 0) {
            seen = 1;
            above += v + digit[LOW - 1 + i];
        } else {
            zeros += v - digit[LOW - 1 + i];
            if (i == 0 || (LEAST >> (i - 1)) & 1 == 0) {
                if (seen == 0) {
                    zeros === 0;
                } else {
                    // SOUND: unique where above ≠ 0; where it is 0 the hint is free and has no effect
                    leastQuotient[run] <-- above != 0 ? zeros / above : 0;
                    leastQuotient[run] * above === zeros;
                    run++;
                }
                zeros = 0;
            }
        }
    }
    // g < 4·l − (8·l − r): where a digit is 1 under a 0 of MOST, some higher digit is 0 over a 1 of MOST.
    signal mostQuotient[MOST_RUNS];
    var below = 0;
    var ones = 0;
    seen = 0;
    run = 0;
    for (var i = HIGH - 1; i >= 0; i--) {
        if ((MOST >> i) & 1 == 1) {
            seen = 1;
            below += v - digit[LOW - 1 + i];
        } else {
            ones += v + digit[LOW - 1 + i];
            if (i == 0 || (MOST >> (i - 1)) & 1 == 1) {
                if (seen == 0) {
                    ones === 0;
                } else {
                    // SOUND: unique where below ≠ 0; where it is 0 the hint is free and has no effect
                    mostQuotient[run] <-- below != 0 ? ones / below : 0;
                    mostQuotient[run] * below === ones;
                    run++;
                }
                ones = 0;
            }
        }
    }

    // The chain gave (g − lowest + 1)·P: take (1 − lowest)·P away.
    signal correctionX <== (lowest - 1) * x1;
    signal correctionY <== 1 + (1 - lowest) * (y1 - 1);
    component product = BabyJubFromMontgomery();
    product.u <== accU[0];
    product.v <== accV[0];
    (x, y) <== BabyJubAdd()(product.x, product.y, correctionX, correctionY);
}
