pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";
include "lib/bits/AssertNonZero.circom";

/// @title AssertTwoThirds
/// @notice Quorum rule 1: 3·signedPower > 2·totalPower over the integers, and totalPower > 0.
/// @param POWER_BITS width of each sum, at most 250
/// @input signedPower requires: in [0, 2^POWER_BITS), no signer counted twice
/// @input totalPower requires: in [0, 2^POWER_BITS), the sum of the committed set; not 0 enforced here
/// @soundness 3·signed − 2·total − 1 lies in (−2^(POWER_BITS + 1) − 1, 2^(POWER_BITS + 2)); a negative one is above r − 2^252 and does
///   not fit in POWER_BITS + 2 digits, so nothing wraps
/// @cost POWER_BITS + 3 non-linear constraints, 1 linear
template AssertTwoThirds(POWER_BITS) {
    assert(POWER_BITS >= 1 && POWER_BITS <= 250);
    signal input signedPower;
    signal input totalPower;

    AssertNonZero()(totalPower);
    AssertBits(POWER_BITS + 2)(3 * signedPower - 2 * totalPower - 1);
}
