pragma circom 2.2.0;

include "lib/bits/AssertBits.circom";
include "lib/bits/Num2Bits.circom";

/// @title IsLessThan
/// @notice Whether a < b, both range-checked here.
/// @param N width of both, at most 252
/// @input a [0, 2^N) enforced here
/// @input b [0, 2^N) enforced here
/// @output out {binary}: 1 if a < b, else 0
/// @soundness a − b + 2^N lies in (0, 2^(N+1)), so its digit N tells a ≥ b; nothing wraps below 2^253
/// @cost 3·N + 1 non-linear constraints, 3 linear
template IsLessThan(N) {
    assert(N >= 1 && N <= 252);
    signal input a;
    signal input b;
    signal output {binary} out;

    AssertBits(N)(a);
    AssertBits(N)(b);
    component difference = Num2Bits(N + 1);
    difference.in <== a - b + (1 << N);
    for (var i = 0; i < N; i++) {
        _ <== difference.out[i];
    }
    out <== 1 - difference.out[N];
}
