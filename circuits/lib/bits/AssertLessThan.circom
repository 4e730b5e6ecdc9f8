pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";

/// @title AssertLessThan
/// @notice Enforces a < b, both range-checked here.
/// @param N width of both, at most 252
/// @input a [0, 2^N) enforced here
/// @input b [0, 2^N) enforced here
/// @soundness b − a − 1 lies in (−2^N, 2^N); a negative one is above r − 2^N ≥ 2^N and does not fit in N digits
/// @cost 3·N non-linear constraints, 1 linear
template AssertLessThan(N) {
    assert(N >= 1 && N <= 252);
    signal input a;
    signal input b;

    AssertBits(N)(a);
    AssertBits(N)(b);
    AssertBits(N)(b - a - 1);
}
