pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";

/// @title AssertCanonicalSplit
/// @notice Enforces that two numbers are the low digits and the rest of a field element's representative below r.
/// @param LOW_BITS width of the low part, 1 to 28: 2^28 divides r − 1
/// @input high [0, (r − 1)/2^LOW_BITS] enforced here
/// @input low [0, 2^LOW_BITS) enforced here, and 0 where high = (r − 1)/2^LOW_BITS, hence high·2^LOW_BITS + low < r over the integers
/// @soundness Write M for (r − 1)/2^LOW_BITS and W for 253 − LOW_BITS, so 2^W ≤ M + 1 ≤ 2^(W + 1). A number of W binary digits plus
///   0 or M + 1 − 2^W reaches all of [0, M] and nothing else. high·2^LOW_BITS + low exceeds r − 1 exactly where high = M and low > 0,
///   which the last row refuses.
/// @cost 255 non-linear constraints
template AssertCanonicalSplit(LOW_BITS) {
    assert(LOW_BITS >= 1 && LOW_BITS <= 28);
    signal input high;
    signal input low;

    var WIDTH = 253 - LOW_BITS;
    var MOST = (-1) >> LOW_BITS;
    var TOP = MOST + 1 - (1 << WIDTH);

    AssertBits(LOW_BITS)(low);

    // SOUND: binary by the next line; high is the same number with either
    signal isTop <-- high >= (1 << WIDTH) ? 1 : 0;
    isTop * (isTop - 1) === 0;
    signal upper[WIDTH - 1];
    var lowest = high - isTop * TOP;
    for (var i = 1; i < WIDTH; i++) {
        // SOUND: binary by the next line; below r, so these are the digits of high − isTop·TOP
        upper[i - 1] <-- ((high - isTop * TOP) >> i) & 1;
        upper[i - 1] * (upper[i - 1] - 1) === 0;
        lowest -= upper[i - 1] * (1 << i);
    }
    lowest * (lowest - 1) === 0;

    // SOUND: unique where high < M; where high = M it is free and multiplies 0
    signal quotient <-- high != MOST ? low / (MOST - high) : 0;
    quotient * (MOST - high) === low;
}
